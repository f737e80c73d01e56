"""Of tables that are made up, a cluster gives each answer and each verdict that one machine gives.

Elsewhere a naive reader says what one machine has to answer. Many tables lie in one lake, so that one session
of the cluster is asked for all of them. `CST_EXAMPLES=10` makes ten such lakes where a run of the suite makes
one, and `CST_CLUSTER=sc://host:port` asks another cluster than the one that the suite starts.
"""

import os
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from datafusion import SessionConfig, SessionContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scenarios.differential.test_aggregates import AGGREGATES, AT
from scenarios.differential.test_oracle import (
    KEYS,
    PARTITION_KEYS,
    PARTITION_VALUES,
    REFERENCES,
    RULES,
    TERM,
    VALUES,
    How,
    as_seen,
    contract_of,
    needs_of,
    tops,
    values_of,
)
from support.gate import MEMORY, judge
from support.lakes import Lake, lakes, register_as_project, write_lake
from support.rows import table_contract
from support.tables import DELTA, PARQUET, Made, made_tables, write

from cst_contracts.checks.check import Group
from cst_contracts.contract.model import AggregateContract
from cst_contracts.engine.rows.plan import RowPlan
from cst_contracts.gate.project import LEAST_MEMORY
from cst_contracts.needs import AggregateNeed, AnyRowNeed

T = TypeVar("T")
#: Fields of which groups are made.
GROUPED = ["t", "b", "a", "w", "y", "d", "f"]
EXAMPLES = int(os.environ.get("CST_EXAMPLES", "1"))
WAYS = [
    How(MEMORY, samples=3, verify_data=False),
    How(LEAST_MEMORY, samples=1, verify_data=True),
    How(MEMORY, samples=2, verify_data=False, proofs=True),
]
#: Rows of such a session have no places, and which of them are the first is another matter each time.
WAYS_OF_SESSIONS = [each._replace(samples=0) for each in WAYS]


class Asked(NamedTuple):
    """A table that was made up, its contract, and what else is asked of it."""

    table: Made | Lake
    contract: str
    needs: Sequence[AnyRowNeed]

    def named(self, number: int) -> "Asked":
        """For a lake of several: the table `t` and its folder have a number."""
        text = self.contract.replace("table: t", f"table: t{number}")
        text = text.replace("location: t", f"location: {number}/t")
        return Asked(
            self.table, text, [replace(each, relation=f"t{number}") for each in self.needs]
        )

    def write(self, folder: Path) -> None:
        if isinstance(self.table, Lake):
            write_lake(self.table, folder)
        else:
            write(self.table, folder)

    @property
    def is_sent(self) -> bool:
        """Something is asked of the cluster. Of a table of the project's own session, nothing need be."""
        if isinstance(self.table, Lake):
            return self.table.session is None and any(self.table.seen.values())
        return any(self.table.files.values())


@st.composite
def asked(draw: st.DrawFn, tables: st.SearchStrategy[Made | Lake]) -> Asked:
    table = draw(tables)
    made = as_seen(table) if isinstance(table, Lake) else table
    known = [paths for paths in (*KEYS, *PARTITION_KEYS) if tops(paths) <= set(made.names)]
    keys = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique_by=tuple))
    rules = draw(st.lists(st.sampled_from(list(RULES)), min_size=1, max_size=4, unique=True))
    more = [PARTITION_VALUES[made.types["p"]]] if "p" in made.types else []
    values = draw(values_of([*VALUES, *more]))
    per = draw(st.lists(st.sampled_from(GROUPED), max_size=2, unique=True))
    aggregate = AggregateContract("it", draw(st.sampled_from(list(AGGREGATES))), AT, tuple(per))
    terms = draw(st.lists(TERM, max_size=3, unique_by=lambda term: term.field))
    text = contract_of(
        made, [draw(st.sampled_from(REFERENCES))], rules, partitioned="p" in made.types
    )
    # In what order rows of a session of the project's own have to be, nobody says.
    ordered = () if isinstance(table, Lake) else terms
    wanted = [*needs_of(made, keys, ordered, values), AggregateNeed("t", aggregate)]
    return Asked(table, text, wanted)


def drawn(strategy: st.SearchStrategy[T], number: int) -> list[T]:
    """Each of its own, since Hypothesis bounds how much it makes at a time. The simplest is left out."""
    found: list[T] = []

    @settings(
        max_examples=number + 1,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(strategy)
    def collect(each: T) -> None:
        found.append(each)

    collect()
    return found[1:]


KINDS: Mapping[str, st.SearchStrategy[Asked]] = {
    "parquet": asked(made_tables(PARQUET)),
    "delta": asked(made_tables(DELTA)),
    "lakes of others": asked(lakes().filter(lambda lake: lake.session is None)),
    "session of the project": asked(lakes().filter(lambda lake: lake.session is not None)),
}


@pytest.mark.parametrize(
    ("kind", "tables", "ways"),
    [
        ("parquet", 4, WAYS),
        ("delta", 2, WAYS[1:]),
        ("lakes of others", 2, WAYS[2:]),
        ("session of the project", 2, WAYS_OF_SESSIONS),
    ],
)
def test_every_answer_is_that_of_one_machine(
    cluster: str, tmp_path: Path, kind: str, tables: int, ways: Sequence[How]
) -> None:
    made = iter(drawn(KINDS[kind], tables * EXAMPLES))
    for lake, how in zip(range(EXAMPLES), cycle(ways), strict=False):
        compare(list(islice(made, tables)), how, tmp_path / str(lake), cluster)


def compare(tables: Sequence[Asked], how: How, lake: Path, cluster: str) -> None:
    """All that is told of all tables, each of which lies in a folder of its own."""
    named = [each.named(number) for number, each in enumerate(tables)]
    for number, each in enumerate(named):
        folder = lake / str(number)
        folder.mkdir(parents=True)
        each.write(folder)
    here, there = (Told.by(named, how, lake, address) for address in ("", cluster))
    assert len(there.plans) >= sum(each.is_sent for each in tables)
    different = [
        f"{key}\n  here:  {found}\n  there: {there.answers[key]}"
        for key, found in here.answers.items()
        if there.answers[key] != found
    ]
    assert not different, "\n".join([f"{how}", *different])


class Told(NamedTuple):
    """Answers by needs and verdicts by promises, and the plans of which a cluster found something."""

    answers: Mapping[Any, Any]
    plans: Sequence[RowPlan]

    @classmethod
    def by(cls, tables: Sequence[Asked], how: How, lake: Path, cluster: str) -> "Told":
        contracts = [table_contract(each.contract) for each in tables]
        wanted = [need for each in tables for need in each.needs]
        session = session_with(tables, lake)
        observer = how.observing(lake, contracts, wanted, session, cluster=cluster)
        judged = judge(contracts, observer, lambda check: check.group is not Group.SNAPSHOT)
        answers = {need: observer.answer(need) for need in wanted}
        plans = [each for each in observer.plans() if isinstance(each, RowPlan)]
        sent = [each for each in plans if each.sent is not None and each.sent.needs]
        return cls({**judged.judgements, **observer.seen(), **answers}, sent)


def session_with(tables: Sequence[Asked], lake: Path) -> SessionContext | None:
    """The project's own, with those that are of such a session."""
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    own = [(number, each.table) for number, each in enumerate(tables)]
    found = [(number, each) for number, each in own if isinstance(each, Lake) and each.session]
    for number, each in found:
        register_as_project(each, lake / str(number), session, f"t{number}")
    return session if found else None
