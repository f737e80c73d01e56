"""Contract, Delta log and session, node by node; and how the latter two may differ."""

from collections.abc import Sequence

import pyarrow as pa
import pytest
from support.answers import judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.delta.tolerances import TOLERANCES
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Verdict
from cst_contracts.facts import PartitionFacts, TableFacts
from cst_contracts.needs import EnforcementNeed, SchemaNeed

TEXT = """\
table: t
source: {format: delta, location: t}
extra_fields: allow
fields:
  - {name: a, type: int64}
"""


def judged(
    log: pa.Schema, session: pa.Schema, partitions: Sequence[str] = (), text: str = TEXT
) -> Verdict:
    found = tuple(PartitionFacts(name, log.field(name).type, values=0) for name in partitions)
    facts = TableFacts("t", "delta", session, stored_schema=log, partitions=found)
    return judged_by(text, "delta[parity]", {SchemaNeed("t"): facts})


def red(verdict: Verdict) -> list[Finding]:
    return list(verdict.findings) if isinstance(verdict, Broken) else []


def required(name: str, type_: pa.DataType) -> pa.Field:
    return pa.field(name, type_, nullable=False)


def listed(type_: pa.DataType, name: str = "element") -> pa.DataType:
    return pa.list_(pa.field(name, type_))


MAP = pa.map_(pa.string(), pa.int64())
#: Row of the table to what the log and the session have under it.
EXAMPLES: dict[str, list[tuple[pa.Field, pa.Field]]] = {
    "string layouts": [
        (pa.field("x", pa.string()), pa.field("x", pa.string_view())),
        (pa.field("x", listed(pa.string())), pa.field("x", listed(pa.large_string()))),
    ],
    "binary layouts": [
        (pa.field("x", pa.binary()), pa.field("x", pa.binary_view())),
        (pa.field("x", pa.binary()), pa.field("x", pa.binary(16))),
    ],
    "dictionary encoding": [
        (pa.field("x", pa.string()), pa.field("x", pa.dictionary(pa.uint16(), pa.string_view()))),
        (pa.field("x", pa.int64()), pa.field("x", pa.dictionary(pa.int8(), pa.int64()))),
    ],
    "list layouts and element names": [
        (pa.field("x", listed(pa.int8())), pa.field("x", listed(pa.int8(), "item"))),
        (pa.field("x", listed(pa.int8())), pa.field("x", pa.large_list(pa.int8()))),
        (pa.field("x", listed(pa.int8())), pa.field("x", pa.list_(pa.int8(), 3))),
    ],
    "names of a map's entries": [
        (
            pa.field("x", MAP),
            pa.field("x", pa.map_(required("k", pa.string()), pa.field("v", pa.int64()))),
        )
    ],
    "timestamp units, and the names of UTC": [
        (pa.field("x", pa.timestamp("us", "UTC")), pa.field("x", pa.timestamp("ns", "+00:00"))),
        (pa.field("x", pa.timestamp("us")), pa.field("x", pa.timestamp("ms"))),
    ],
    "nullability of partition fields": [(pa.field("p", pa.string()), required("p", pa.string()))],
    "nullability of map keys": [],  # pyarrow makes no map whose keys may be null
    "position of partition fields": [],  # see the test of it below
}


def test_every_row_of_the_table_is_shown() -> None:
    assert list(EXAMPLES) == [row.name for row in TOLERANCES]


@pytest.mark.parametrize(
    ("log", "session"),
    [pair for pairs in EXAMPLES.values() for pair in pairs],
    ids=[f"{name}-{index}" for name, pairs in EXAMPLES.items() for index in range(len(pairs))],
)
def test_a_tolerated_difference_is_none(log: pa.Field, session: pa.Field) -> None:
    partitions = ["p"] if log.name == "p" else []
    a = pa.field("a", pa.int64())
    assert red(judged(pa.schema([a, log]), pa.schema([a, session]), partitions)) == []


def test_partition_fields_may_stand_last() -> None:
    a, p, z = (pa.field(name, pa.int64()) for name in "apz")
    log, session = pa.schema([p, a, z]), pa.schema([a, z, p])
    assert red(judged(log, session, ["p"])) == []
    assert [each.subject for each in red(judged(log, session))] == ["t.p"]


@pytest.mark.parametrize(
    ("log", "session", "path"),
    [
        (pa.field("x", pa.int64()), pa.field("x", pa.int32()), "t.x"),
        (pa.field("x", pa.string()), pa.field("x", pa.binary()), "t.x"),
        (pa.field("x", pa.timestamp("us")), pa.field("x", pa.timestamp("us", "UTC")), "t.x"),
        (
            pa.field("x", pa.timestamp("us", "UTC")),
            pa.field("x", pa.timestamp("us", "Europe/Paris")),
            "t.x",
        ),
        (pa.field("x", pa.int64()), pa.field("x", pa.dictionary(pa.int8(), pa.string())), "t.x"),
        (pa.field("x", pa.int64()), required("x", pa.int64()), "t.x"),
        (pa.field("x", listed(pa.int64())), pa.field("x", listed(pa.int8())), "t.x[]"),
        (pa.field("x", MAP), pa.field("x", pa.map_(pa.string(), pa.int8())), "t.x{}.value"),
        (
            pa.field("x", pa.struct([pa.field("y", pa.int8())])),
            pa.field("x", pa.struct([required("y", pa.int8())])),
            "t.x.y",
        ),
        (
            pa.field("x", pa.struct([pa.field("y", pa.int8())])),
            pa.field("x", pa.struct([pa.field("y", pa.int8()), pa.field("z", pa.int8())])),
            "t.x.z",
        ),
    ],
)
def test_any_other_difference_is_red_at_its_node(
    log: pa.Field, session: pa.Field, path: str
) -> None:
    a = pa.field("a", pa.int64())
    (finding,) = red(judged(pa.schema([a, log]), pa.schema([a, session])))
    assert (finding.code, finding.subject) == (FindingCode.LOG_DIFFERS, path)
    assert finding.promised == "in the contract nothing"


def test_a_field_that_moved_says_where_it_stands() -> None:
    a, b = pa.field("a", pa.int64()), pa.field("b", pa.int64())
    (finding,) = red(judged(pa.schema([a, b]), pa.schema([b, a])))
    assert finding.observed == "in the Delta log int64; in the session int64, before a"


def test_where_log_and_session_agree_the_fields_answer_for_the_contract() -> None:
    other = pa.schema([pa.field("a", pa.string())])
    verdict = judged(other, other)
    assert isinstance(verdict, Kept)
    (note,) = verdict.notes
    assert (note.code, note.promised) == (FindingCode.LOG_DIFFERS, "as the contract has a")


@pytest.mark.parametrize(
    ("clauses", "names", "noted"),
    [
        ("", ["a", "more"], None),
        ("extra_fields: forbid\n", ["a", "more"], "as the contract has more"),
        ("field_order: any\n", ["b", "a"], None),
        ("field_order: strict\n", ["b", "a"], "as the contract has b"),
    ],
)
def test_what_the_contract_allows_is_no_difference_from_it(
    clauses: str, names: list[str], noted: str | None
) -> None:
    allowed = "" if "extra_fields" in clauses else "extra_fields: allow\n"
    promised = [name for name in ("a", "b") if name in names]
    fields = "".join(f"  - {{name: {name}, type: int64}}\n" for name in promised)
    head = TEXT.partition("extra_fields")[0]
    both = pa.schema([pa.field(name, pa.int64()) for name in names])
    verdict = judged(both, both, text=f"{head}{allowed}{clauses}fields:\n{fields}")
    assert isinstance(verdict, Kept)
    notes = [each.promised for each in verdict.notes if each.code is FindingCode.LOG_DIFFERS]
    assert notes == ([] if noted is None else [noted])


def test_a_table_whose_log_nobody_knows_is_undecided() -> None:
    facts = TableFacts("t", "session", pa.schema([]))
    answers = {SchemaNeed("t"): facts, EnforcementNeed("t", ()): None}
    for id_ in ("delta[parity]", "delta[constraints]"):
        verdict = judged_by(TEXT, id_, answers)
        assert isinstance(verdict, Undecided)
        assert verdict.finding.code is FindingCode.NOT_CHECKABLE
