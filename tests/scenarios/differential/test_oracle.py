"""Every answer of a measurement equals a naive reader's: counts and places, whatever the format.

Lakes as others write them are among the tables: with typed partitions, strays, metadata that differ from
file to file, fields that some files lack, and statistics that lie, read by sessions of ours and of the
project's own.

`CST_EXAMPLES=40` makes forty times as many tables as a run of the suite does.
"""

import math
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from support.gate import MEMORY
from support.lakes import Lake, lakes, session_of_project, write_lake
from support.row_oracle import (
    Row,
    key_count,
    nulls,
    out_of_order,
    reference_count,
    rule_count,
    samples,
    value_count,
)
from support.rows import (
    NOT_FOUND,
    needs,
    observing,
    scan_in_batches,
    table_contract,
    without_values,
)
from support.tables import ARROW, CSV, DELTA, JSON, PARQUET, Made, made_tables, write

from cst_contracts.contract.model import Limit, Matching, OfLength, OneOf, RuleContract, Within
from cst_contracts.datatypes import print_type
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    NullCount,
    RowOrder,
    RowPlace,
    RuleCount,
    SortTerm,
    ValueCount,
)
from cst_contracts.gate.observer import Observer
from cst_contracts.gate.project import LEAST_MEMORY
from cst_contracts.needs import (
    AnyRowNeed,
    KeyNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RuleNeed,
    ValuesNeed,
)

#: In place of a format: a session of the project's own gives the rows.
OWN_SESSION = "own session"
PATHS = [
    *("p", "t", "n", "f", "b", "y", "d", "w", "a", "s", "s.x", "s.i", "s.i.y"),
    *("l", "l[]", "l[].id", "l[].n", "l[].k", "l[].k[]", "l[].k[].v"),
    *("m", "m{}.key", "m{}.value"),
]
KEYS = [
    *(["t"], ["n"], ["f"], ["b"], ["y"], ["d"], ["w"], ["a"], ["t", "n"], ["a", "w", "b"]),
    *(["s.x"], ["s.i.y"], ["n", "s.x"], ["l[].id"], ["l[].n"], ["l[].id", "l[].n"]),
    *(["t", "l[].n"], ["s.x", "l[].id"], ["l[].k[].v"], ["m{}.key"], ["m{}.key", "m{}.value"]),
]
Reference: TypeAlias = tuple[list[str], list[str]]
REFERENCES: list[Reference] = [
    (["t"], ["l[].id"]),
    (["l[].id", "l[].n"], ["t", "n"]),
    (["n"], ["s.x"]),
    (["l[].k[].v"], ["n"]),
    (["s.i.y"], ["t"]),
    (["m{}.key", "m{}.value"], ["t", "n"]),
]
RULES: dict[str, tuple[str, Callable[[Row], bool | None]]] = {
    "n < 2": ("n", lambda row: None if row["n"] is None else row["n"] < 2),
    "n IS NOT NULL": ("n", lambda row: row["n"] is not None),
    "t IS NOT NULL": ("t", lambda row: row["t"] is not None),
    "t <> 'a' OR n IS NULL": (
        "tn",
        lambda row: (
            True
            if row["n"] is None or row["t"] not in (None, "a")
            else None
            if row["t"] is None
            else False
        ),
    ),
    "b": ("b", lambda row: row["b"]),
    "f IS NULL OR f = f": ("f", lambda _: True),
    "s IS NOT NULL": ("s", lambda row: row["s"] is not None),
    "cardinality(l) > 0 OR l IS NULL": ("l", lambda row: row["l"] is None or len(row["l"]) > 0),
    "w IS NOT NULL AND a IS NOT NULL": (
        "wa",
        lambda row: row["w"] is not None and row["a"] is not None,
    ),
}
Values: TypeAlias = tuple[str, Limit, Callable[[Any], bool]]
#: By the path: a limit, and which values it forbids.
VALUES: list[Values] = [
    ("t", OneOf(("", "a", "ä", "🦀")), lambda each: each not in {"", "a", "ä", "🦀"}),
    ("t", Matching("^[a-zä]?$"), lambda each: not re.search(r"^[a-zä]?\Z", each)),
    ("t", Matching("[ab]"), lambda each: not re.search("[ab]", each)),
    ("t", OfLength(1, 1), lambda each: len(each) != 1),
    ("t", Within("Z", "ä", upper_open=True), lambda each: not b"Z" <= each.encode() < "ä".encode()),
    ("n", Within("-1", "1", upper_open=True), lambda each: not -1 <= each < 1),
    ("n", OneOf(("0", "2")), lambda each: each not in {0, 2}),
    ("f", Within("0"), lambda each: math.isnan(each) or each < 0),
    ("f", Within(None, "inf", upper_open=True), lambda each: not each < math.inf),
    ("f", OneOf(("0", ".nan", "1.5")), math.isinf),
    ("b", OneOf(("true",)), lambda each: not each),
    ("y", OfLength(None, 1), lambda each: len(each) > 1),
    ("y", OneOf(("0x", "0x00")), lambda each: each not in {b"", b"\x00"}),
    ("y", Within("0x01", "0xff00"), lambda each: not b"\x01" <= each <= b"\xff\x00"),
    ("d", Within("0.1", "99999999.98"), lambda each: not 0 < each < 99999999),
    ("d", OneOf(("0.1", "-1")), lambda each: each > 1),
    ("a", Within("1970-01-01", lower_open=True), lambda each: each.year <= 1970),
    ("a", OneOf(("0001-01-01",)), lambda each: each.year > 1),
    ("w", Within("1970-01-01T00:00:00Z"), lambda each: each.year < 1970),
    ("w", OneOf(("2026-01-01T01:00:00+01:00",)), lambda each: each.year != 2026),
    ("s.x", Within("0"), lambda each: each < 0),
    ("s.i.y", OfLength(1), lambda each: each == ""),
    ("l[].id", OneOf(("a",)), lambda each: each != "a"),
    ("l[].n", Within("-1", lower_open=True), lambda each: each <= -1),
    ("l[].k[].v", OneOf(("1", "2")), lambda each: each not in {1, 2}),
    ("m{}.key", OfLength(1), lambda each: each == ""),
    ("m{}.value", Within(None, "1"), lambda each: each > 1),
]


def limit_for(made: Made, path: str, limit: Limit) -> Limit:
    """Times that are stored without a zone are compared with such."""
    if path != "w" or made.types["w"].tz is not None:
        return limit
    if isinstance(limit, OneOf):
        return OneOf(("2026-01-01T00:00:00",))
    return Within("1970-01-01T00:00:00")


def contract_of(
    made: Made, references: Sequence[Reference], rules: Sequence[str], *, partitioned: bool = False
) -> str:
    stored = PARQUET if made.format == OWN_SESSION else made.format
    fields = "\n".join(f'  - {{name: {n}, type: "{print_type(t)}"}}' for n, t in made.types.items())
    return f"""table: t
source: {{format: {stored}, location: t{", partitioned_by: [p]" if partitioned else ""}}}
fields:
{fields}
references:{references_of(made, references) or " []"}
rules:{rules_of(made, rules) or " []"}
"""


def tops(paths: Sequence[str]) -> set[str]:
    return {path[0] for path in paths}


def references_of(made: Made, references: Sequence[Reference]) -> str:
    return "".join(
        f"\n  - {{fields: {paths}, table: t, to: {to}}}".replace("'", '"')
        for paths, to in references
        if tops([*paths, *to]) <= set(made.names)
    )


def rules_of(made: Made, rules: Sequence[str]) -> str:
    return "".join(
        f'\n  - {{name: r{number}, sql: "{sql}"}}'
        for number, sql in enumerate(rules)
        if set(RULES[sql][0]) <= set(made.names)
    )


class How(NamedTuple):
    memory: int
    samples: int
    verify_data: bool
    proofs: bool = False

    def observing(self, folder: Path, *arguments: Any, cluster: str | None = None) -> Observer:
        """With `proofs` they are kept of a first look, so that a second one finds them."""
        options = {**self._asdict(), "cluster": cluster}
        del options["proofs"]
        if not self.proofs:
            return observing(folder, *arguments, **options)
        kept = folder / ("proofs of a cluster" if cluster else "proofs")
        contracts, wanted, *session = arguments
        first = observing(folder, contracts, wanted, *session, **options, proofs=kept)
        for need in (*wanted, *(each for contract in contracts for each in needs(contract))):
            first.answer(need)
        return observing(folder, contracts, wanted, *session, **options, proofs=kept)


@st.composite
def ways(draw: st.DrawFn) -> How:
    return How(
        memory=draw(st.sampled_from([MEMORY, LEAST_MEMORY])),
        samples=draw(st.sampled_from([0, 1, 3])),
        verify_data=draw(st.booleans()),
        proofs=draw(st.sampled_from([False, False, False, True])),
    )


def values_of(known: Sequence[Values]) -> st.SearchStrategy[list[Values]]:
    numbers = st.lists(st.integers(0, len(known) - 1), min_size=1, max_size=3, unique=True)
    return numbers.map(lambda drawn: [known[at] for at in drawn])


TERM = st.builds(SortTerm, st.sampled_from(list("tnfbydwa")), st.booleans(), st.booleans())


def needs_of(
    made: Made,
    keys: Sequence[Sequence[str]],
    terms: Sequence[SortTerm],
    values: Sequence[Values],
) -> list[AnyRowNeed]:
    known = set(made.names)
    found: list[AnyRowNeed] = [NullsNeed("t", path) for path in PATHS if path[0] in known]
    found += [KeyNeed("t", tuple(paths)) for paths in keys if tops(paths) <= known]
    found += [need for need, _ in value_needs(made, values)]
    return [*found, OrderNeed("t", tuple(terms))] if terms else found


def value_needs(
    made: Made, values: Sequence[Values]
) -> list[tuple[ValuesNeed, Callable[[Any], bool]]]:
    """Each with what it forbids."""
    return [
        (ValuesNeed("t", path, limit_for(made, path, limit)), offends)
        for path, limit, offends in values
        if path[0] in made.names
    ]


class Compared:
    """The answers, each to what is expected of it; all that differ are told together."""

    def __init__(
        self, measured: Observer, made: Made, how: How, *, statistics_lie: bool = False
    ) -> None:
        self._lied_to = statistics_lie
        self._measured, self._made = measured, made
        self._most = how.samples if made.format in (PARQUET, DELTA) else 0
        self._how = how
        self.wrong: list[tuple[Any, Any, Any]] = []

    def compare(self, need: Any, found: Any, expected: Any) -> None:
        if found != expected:
            self.wrong.append((str(need), found, expected))

    def answer(self, need: Any) -> Any:
        return self._unplaced(without_values(self._measured.answer(need), keep=NOT_FOUND))

    def _unplaced(self, answer: Any) -> Any:
        """deltalake makes the files' names up; of text and Arrow files no row's place is known."""
        if self._made.format == PARQUET or isinstance(answer, CouldNotLook):
            return answer
        told = self._named if self._made.format == DELTA else self._without_samples
        return told(answer)

    def _without_samples(self, answer: Any) -> Any:
        """There are some where there are violations, and none that was not found again."""
        counts = ("duplicates", "dangling", "violations", "nulls")
        broken = next(getattr(answer, name) for name in counts if hasattr(answer, name))
        wanted = self._how.samples and broken and not isinstance(answer, RowOrder)
        if bool(answer.samples) != bool(wanted) or len(answer.samples) > self._how.samples:
            self.wrong.append((answer, broken, wanted))
        if any(name == "not found again" for each in answer.samples for name, _ in each.values):
            self.wrong.append((answer, broken, "a row"))
        return replace(answer, samples=())

    def _named(self, answer: Any) -> Any:
        (file,) = self._made.files
        places = [RowPlace(file, each.place.row) for each in answer.samples if each.place]
        return replace(answer, samples=samples(set(places), len(places)))

    def nulls(self) -> None:
        for path in PATHS:
            if path[0] in self._made.names:
                count = self.answer(NullsNeed("t", path))
                if not isinstance(count, NullCount):
                    self.wrong.append((path, count, nulls(self._made.files, path)))
                    continue
                values, found, places = nulls(self._made.files, path)
                told = samples(set(places), self._most)
                self.compare(
                    path, (count.values, count.nulls, count.samples), (values, found, told)
                )

    def keys(self, keys: Sequence[Sequence[str]]) -> None:
        for paths in keys:
            if tops(paths) <= set(self._made.names):
                need = KeyNeed("t", tuple(paths))
                expected = key_count(self._made.files, paths, self._most)
                self.compare(need, self.answer(need), expected)

    def references(self, contract: Any) -> None:
        for reference in contract.references:
            need = ReferenceNeed("t", reference)
            expected = reference_count(self._made.files, reference.fields, reference.to, self._most)
            self.compare(need, self.answer(need), expected)

    def values(self, values: Sequence[Values]) -> None:
        for need, offends in value_needs(self._made, values):
            expected = value_count(self._made.files, need.path, offends, self._most)
            self.compare((need.path, need.limit), self._of_ranges(need, expected), expected)

    def rules(self, rules: Sequence[RuleContract]) -> None:
        for rule in rules:
            need = RuleNeed("t", rule)
            expected = rule_count(self._made.files, RULES[rule.sql][1], self._most)
            self.compare(rule.sql, self._of_ranges(need, expected), expected)

    def _of_ranges(self, need: RuleNeed | ValuesNeed, expected: RuleCount | ValueCount) -> object:
        """The answer, as a scan would give it: footers are believed here, and those that lie are."""
        found: object = self.answer(need)
        if not isinstance(found, RuleCount | ValueCount) or self._how.verify_data:
            return found
        if found.basis is not Basis.STATISTICS:
            return found
        return expected if self._lied_to else replace(found, basis=Basis.SCAN)

    def order(self, terms: Sequence[SortTerm]) -> None:
        if not terms:
            return
        known = tuple(terms)
        order = self.answer(OrderNeed("t", known))
        if not isinstance(order, RowOrder):
            self.wrong.append((known, order, "an order"))
            return
        places = out_of_order(self._made.files, known)
        rows = sum(map(len, self._made.files.values()))
        found = (order.rows, order.violations, order.samples, bool(order.examples))
        expected = (rows, len(places), samples(set(places), self._most), bool(places))
        self.compare(known, found, expected)


@pytest.mark.parametrize(
    ("format_", "tables"), [(PARQUET, 60), (DELTA, 30), (ARROW, 20), (JSON, 20), (CSV, 20)]
)
def test_every_answer_is_that_of_a_naive_reader(format_: str, tables: int) -> None:
    @settings(
        max_examples=tables * int(os.environ.get("CST_EXAMPLES", "1")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # to shrink takes minutes
    )
    @given(data=st.data())
    def compare(data: st.DataObject) -> None:
        compare_made(format_, data)

    compare()


def compare_made(format_: str, data: st.DataObject) -> None:
    made = data.draw(made_tables(format_))
    how = data.draw(ways())
    drawn = data.draw(st.lists(TERM, min_size=1, max_size=3, unique_by=lambda term: term.field))
    terms = tuple(term for term in drawn if term.field in made.names)
    keys = data.draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique_by=tuple))
    reference = data.draw(st.sampled_from(REFERENCES))
    rules = data.draw(st.lists(st.sampled_from(list(RULES)), min_size=1, max_size=4, unique=True))
    values = data.draw(values_of(VALUES))
    batch = data.draw(st.sampled_from([2, 32_768]))
    with tempfile.TemporaryDirectory() as folder:
        write(made, Path(folder))
        contract = table_contract(contract_of(made, [reference], rules))
        wanted = needs_of(made, keys, terms, values)
        measured = how.observing(Path(folder), [contract], wanted)
        scan_in_batches(measured, "t", batch)
        compared = Compared(measured, made, how)
        compared.nulls()
        compared.keys(keys)
        compared.references(contract)
        compared.rules(contract.rules)
        compared.values(values)
        compared.order(terms)
        assert not compared.wrong, compared.wrong


def test_every_answer_about_a_lake_as_others_write_it_is_that_of_a_naive_reader() -> None:
    @settings(
        max_examples=30 * int(os.environ.get("CST_EXAMPLES", "1")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(data=st.data())
    def compare(data: st.DataObject) -> None:
        compare_lake(data.draw(lakes()), data)

    compare()


#: What is true of a partition field `p`, beside what is true of the fields in the files.
PARTITION_KEYS = [["p"], ["p", "n"], ["t", "p"]]
PARTITION_VALUES: dict[pa.DataType, Values] = {
    pa.int32(): ("p", Within("1"), lambda each: each < 1),
    pa.string(): ("p", OneOf(("a", "ä b")), lambda each: each == "01"),
    pa.date32(): ("p", Within("2000-01-01"), lambda each: each.year < 2000),
}


def compare_lake(lake: Lake, data: st.DataObject) -> None:
    made = as_seen(lake)
    how = data.draw(ways())
    known = [paths for paths in (*KEYS, *PARTITION_KEYS) if tops(paths) <= set(made.names)]
    keys = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique_by=tuple))
    reference = data.draw(st.sampled_from(REFERENCES))
    rules = data.draw(st.lists(st.sampled_from(list(RULES)), min_size=1, max_size=4, unique=True))
    more = [PARTITION_VALUES[made.types["p"]]] if "p" in made.types else []
    values = data.draw(values_of([*VALUES, *more]))
    with tempfile.TemporaryDirectory() as folder:
        write_lake(lake, Path(folder))
        contract = table_contract(
            contract_of(made, [reference], rules, partitioned="p" in made.types)
        )
        session = session_of_project(lake, Path(folder))
        wanted = needs_of(made, keys, (), values)
        measured = how.observing(Path(folder), [contract], wanted, session)
        compared = Compared(measured, made, how, statistics_lie=lake.lies)
        compared.nulls()
        compared.keys(keys)
        compared.references(contract)
        compared.rules(contract.rules)
        compared.values(values)
        assert not compared.wrong, compared.wrong


def as_seen(lake: Lake) -> Made:
    """The table as its readers see it. What a session of the project's own gives has no places in files."""
    format_ = lake.made.format if lake.session is None else OWN_SESSION
    return Made(format_, lake.seen, lake.types)


#: Rows before the others of a stream: what comes late is in another portion than what types were found in.
_EARLY = 9_000


@pytest.mark.parametrize("format_", [JSON, CSV])
def test_every_answer_about_a_stream_is_that_of_a_naive_reader(format_: str) -> None:
    @settings(
        max_examples=8 * int(os.environ.get("CST_EXAMPLES", "1")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(data=st.data())
    def compare(data: st.DataObject) -> None:
        compare_stream(format_, data)

    compare()


def compare_stream(format_: str, data: st.DataObject) -> None:
    """One file without an end that the engine knows of, whose first row comes many times."""
    made = data.draw(made_tables(format_))
    name = min(made.files)
    first, *others = made.files[name]
    made = Made(format_, {name: [*[first] * _EARLY, *others]}, made.types)
    keys = data.draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique_by=tuple))
    rules = data.draw(st.lists(st.sampled_from(list(RULES)), min_size=1, max_size=3, unique=True))
    values = data.draw(values_of(VALUES))
    how = How(MEMORY, samples=0, verify_data=False)
    with tempfile.TemporaryDirectory() as folder:
        write(made, Path(folder))
        text = contract_of(made, [], rules)
        source = f"location: t/{name}, unbounded: true"
        contract = table_contract(text.replace("location: t", source, 1))
        measured = how.observing(Path(folder), [contract], needs_of(made, keys, (), values))
        compared = Compared(measured, made, how)
        compared.nulls()
        compared.keys(keys)
        compared.rules(contract.rules)
        compared.values(values)
        assert not compared.wrong, compared.wrong
