"""What comes of every promise about rows is what a naive judge makes of what a naive reader counts.

Of flat and nested tables, Parquet and Delta: bounds (`at_most`, `max_nulls`), severities, and
what is vacuous. Each kind of promise is met kept, broken and vacuous, and kept within a bound if it has one.

`CST_EXAMPLES=40` makes forty times as many tables as a run of the suite does.
"""

import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from support.gate import Promises, judge, observer_of, parsed
from support.row_oracle import (
    Row,
    key_count,
    nulls,
    out_of_order,
    reference_count,
    rows_of,
    rule_count,
    value_count,
)
from support.tables import DELTA, PARQUET, TYPES, Made, made_tables, write

from cst_contracts.checks.check import Check
from cst_contracts.checks.verdict import Broken, Finding, Kept
from cst_contracts.datatypes import print_type
from cst_contracts.facts import SortTerm
from cst_contracts.report.manifest_file import Outcome
from cst_contracts.report.promise import findings_of

#: What is said of one promise, as a contract writes it.
Said: TypeAlias = Mapping[str, Any]
NULLED = ["n", "t", "s", "s.x", "s.i.y", "l", "l[].id", "l[].k[].v", "m"]
#: By the path: the kind of the check, how it is written, and which values it forbids.
LIMITS: list[tuple[str, str, Said, Callable[[Any], bool]]] = [
    ("t", "enum", {"enum": ["", "a", "ä"]}, lambda each: each not in {"", "a", "ä"}),
    ("b", "enum", {"enum": [True]}, lambda each: not each),
    ("l[].id", "enum", {"enum": ["a"]}, lambda each: each != "a"),
    ("n", "range", {"minimum": -1, "exclusive_maximum": 1}, lambda each: not -1 <= each < 1),
    ("f", "range", {"minimum": 0}, lambda each: math.isnan(each) or each < 0),
    ("a", "range", {"maximum": date(1970, 1, 1)}, lambda each: each.year > 1970),
    ("s.x", "range", {"minimum": 0}, lambda each: each < 0),
    ("l[].n", "range", {"exclusive_minimum": -1}, lambda each: each <= -1),
    ("t", "pattern", {"pattern": "[ab]"}, lambda each: not re.search("[ab]", each)),
    ("s.i.y", "pattern", {"pattern": "^.?$"}, lambda each: not re.search(r"^.?\Z", each)),
    ("y", "length", {"max_length": 1}, lambda each: len(each) > 1),
    ("s.i.y", "length", {"min_length": 1}, lambda each: not each),
]
KEYS = [["n"], ["t", "n"], ["s.x"], ["l[].id"], ["l[].k[].v"], ["m{}.key"]]
REFERENCES = [(["n"], ["s.x"]), (["t"], ["l[].id"]), (["l[].k[].v"], ["n"])]
RULES: dict[str, Callable[[Row], bool | None]] = {
    "n < 1": lambda row: None if row["n"] is None else row["n"] < 1,
    "t IS NOT NULL": lambda row: row["t"] is not None,
    "cardinality(l) > 0": lambda row: None if row["l"] is None else len(row["l"]) > 0,
}
AGGREGATES: dict[str, Callable[[Sequence[int]], bool | None]] = {
    "max(n) < 2": lambda found: max(found) < 2 if found else None,
    "count(n) >= 2": lambda found: len(found) >= 2,
}
BROKEN_AS = {
    "nulls": "null-values",
    "unique": "duplicate-keys",
    "reference": "dangling-references",
    "rule": "rule-violated",
    "enum": "value-not-listed",
    "range": "value-out-of-range",
    "pattern": "pattern-not-found",
    "length": "value-length",
    "aggregate": "aggregate-violated",
    "freshness": "rows-stale",
    "order": "rows-out-of-order",
}
#: Of which some may be broken.
BOUNDED = frozenset(BROKEN_AS) - {"aggregate", "freshness", "order"}
#: None where no bound is written, and nothing is tolerated.
BOUNDS = st.one_of(
    st.none(),
    st.integers(1, 5),
    st.sampled_from(["0%", "20%", "33.3%", "33.4%", "50%", "66.6%", "66.7%", "99.9%"]),
)
ORDER = ["n", "t"]
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Promised(NamedTuple):
    """Bounds and severities, of which each promise has one by its name; the others are numbers of what is
    promised, in the lists above."""

    bounds: Sequence[Any]
    severities: Sequence[str]
    key: int = 0
    reference: int = 0
    rule: int = 0
    aggregate: int = 0
    per: bool = False
    hours: int = 24
    allow_empty: bool = False

    def bound(self, of: str) -> Any:
        return self.bounds[sum(of.encode()) % len(self.bounds)]

    def severity(self, of: str) -> str:
        return self.severities[sum(of.encode()) % len(self.severities)]

    def may(self, of: str, key: str = "at_most") -> dict[str, Any]:
        """What is written beside what a promise is about."""
        bound = self.bound(of)
        return {"severity": self.severity(of)} | ({} if bound is None else {key: bound})


class Expected(NamedTuple):
    """`violations` where the verdict counts some; `code` of the first finding that is not about null keys."""

    outcome: Outcome
    code: str | None
    violations: int | None
    failed: bool


class Counted(NamedTuple):
    violations: int
    looked_at: int


class Told(NamedTuple):
    """One promise: the check's id, where in the contract its severity is written, what there is to count, and
    whether a bound may be written there, too."""

    check: str
    of: str
    counted: Counted
    bounded: bool = True

    @property
    def kind(self) -> str:
        return self.check.partition("[")[0]


def expected(promised: Promised, told: Told, rows: int) -> Expected:
    kind, counted = told.kind, told.counted
    if not rows and not promised.allow_empty:
        return Expected(Outcome.UNDECIDED, "empty-table", None, failed=True)
    if not rows:
        code = "nothing-to-count" if kind == "nulls" else "empty-table"
        return Expected(Outcome.VACUOUS, code, None, failed=False)
    if not counted.looked_at:
        failed = not promised.allow_empty
        return Expected(Outcome.VACUOUS, "nothing-to-count", None, failed=failed)
    if not counted.violations:
        return Expected(Outcome.KEPT, None, None, failed=False)
    if told.bounded and is_within(counted, promised.bound(told.of)):
        return Expected(Outcome.KEPT, "violations-tolerated", counted.violations, failed=False)
    fails = kind not in BOUNDED or promised.severity(told.of) == "error"
    counts = None if kind == "freshness" else counted.violations
    return Expected(Outcome.BROKEN, BROKEN_AS[kind], counts, failed=fails)


def is_within(counted: Counted, bound: Any) -> bool:
    if bound is None:
        return False
    if isinstance(bound, int):
        return counted.violations <= bound
    share = Fraction(Decimal(bound.removesuffix("%"))) / 100
    return Fraction(counted.violations, counted.looked_at) <= share


# A contract that says it


def text_of(made: Made, promised: Promised) -> str:
    """As JSON, which is YAML, with dates as words."""
    paths, to = REFERENCES[promised.reference]
    zone = {} if made.types["w"].tz else {"zone": "UTC"}
    source = {"format": made.format, "location": "t", "allow_empty": promised.allow_empty}
    allowed = {"missing_in_files": "allow"} if made.format == PARQUET else {}
    written = {
        "table": "t",
        "source": {**source, **allowed, "ordered_by": ORDER},
        "fields": [field(name, type_, name, promised) for name, type_ in made.types.items()],
        "keys": [{"fields": key, **promised.may(named(key))} for key in keys(promised)],
        "references": [{"fields": paths, "table": "t", "to": to, **promised.may(named(paths))}],
        "rules": [{"name": "r", "sql": sql(RULES, promised.rule), **promised.may("r")}],
        "aggregates": [aggregate(promised)],
        "freshness": {"field": "w", "within": f"{promised.hours}h", **zone},
    }
    return json.dumps(written, default=str, ensure_ascii=False)


def field(name: str, type_: pa.DataType, path: str, promised: Promised) -> dict[str, Any]:
    """Spelled out as far as structs and lists of structs go."""
    own: dict[str, Any] = {}
    for at, _, limit, _ in LIMITS:
        own |= limit if at == path else {}
    bounds = promised.may(path) if own else {}
    if path in NULLED:
        bounds |= {"severity": promised.severity(path)}
        bounds |= {"nullable": False} if is_required(path) else promised.may(path, "max_nulls")
    said = {"name": name, **own, **bounds}
    element = type_.value_type if is_list(type_) else type_
    if not isinstance(element, pa.StructType):
        return {**said, "type": print_type(type_)}
    below = f"{path}[]" if is_list(type_) else path
    fields = [field(each.name, each.type, f"{below}.{each.name}", promised) for each in element]
    return {**said, "type": "list<struct>" if is_list(type_) else "struct", "fields": fields}


def is_list(type_: pa.DataType) -> bool:
    return isinstance(type_, pa.ListType | pa.LargeListType)


def is_required(path: str) -> bool:
    """Half of the paths say `nullable: false`, which tolerates nothing; the others say how many."""
    return NULLED.index(path) % 2 == 0


def named(paths: Sequence[str]) -> str:
    return ",".join(paths)


def keys(promised: Promised) -> list[list[str]]:
    return [KEYS[promised.key], KEYS[(promised.key + 1) % len(KEYS)]]


def sql(several: Mapping[str, Any], number: int) -> str:
    return list(several)[number % len(several)]


def aggregate(promised: Promised) -> dict[str, Any]:
    per = {"per": ["b"]} if promised.per else {}
    return {"name": "g", "sql": sql(AGGREGATES, promised.aggregate), **per}


# What a naive judge makes of it


def naive(made: Made, promised: Promised) -> dict[str, Expected]:
    rows = sum(map(len, made.files.values()))
    return {each.check: expected(promised, each, rows) for each in counted(made, promised)}


def counted(made: Made, promised: Promised) -> Iterator[Told]:
    yield from fields_counted(made, promised)
    yield from bounded_counted(made, promised)
    yield Told("aggregate[g]", "", groups(made, promised), bounded=False)
    yield Told("freshness[w]", "", newest(made, promised), bounded=False)
    terms = [SortTerm(each, descending=False, nulls_first=False) for each in ORDER]
    rows = sum(map(len, made.files.values()))
    wrong = Counted(len(out_of_order(made.files, terms)), rows)
    yield Told("order[measured]", "", wrong, bounded=False)


def fields_counted(made: Made, promised: Promised) -> Iterator[Told]:
    for path in NULLED:
        bounded = promised.bound(path) is not None
        if is_required(path) or bounded:
            values, found, _ = nulls(made.files, path)
            bounded = not is_required(path)
            yield Told(f"nulls[{path}]", path, Counted(found, values), bounded)
    for path, kind, _, offends in LIMITS:
        held = value_count(made.files, path, offends)
        yield Told(f"{kind}[{path}]", path, Counted(held.violations, held.values))


def bounded_counted(made: Made, promised: Promised) -> Iterator[Told]:
    for paths in keys(promised):
        key = key_count(made.files, paths)
        yield Told(f"unique[{named(paths)}]", named(paths), Counted(key.duplicates, key.rows))
    paths, to = REFERENCES[promised.reference]
    met = reference_count(made.files, paths, to)
    check = f"reference[{named(paths)}→t.{named(to)}]"
    yield Told(check, named(paths), Counted(met.dangling, met.rows))
    holds = rule_count(made.files, RULES[sql(RULES, promised.rule)])
    looked_at = holds.rows if holds.known else 0
    yield Told("rule[r]", "r", Counted(holds.violations, looked_at))


def groups(made: Made, promised: Promised) -> Counted:
    """Nothing is looked at where it is NULL of every group."""
    by: dict[Any, list[int]] = {} if promised.per else {None: []}
    for _, row in rows_of(made.files):
        held = by.setdefault(row["b"] if promised.per else None, [])
        held.extend([] if row["n"] is None else [row["n"]])
    found = [AGGREGATES[sql(AGGREGATES, promised.aggregate)](each) for each in by.values()]
    return Counted(found.count(False), len(found) - found.count(None))


def newest(made: Made, promised: Promised) -> Counted:
    times = [row["w"].replace(tzinfo=UTC) for _, row in rows_of(made.files) if row["w"] is not None]
    stale = bool(times) and NOW - max(times) > timedelta(hours=promised.hours)
    return Counted(int(stale), len(times))


# The two beside each other

PROMISED = st.builds(
    Promised,
    st.lists(BOUNDS, min_size=7, max_size=7),
    st.lists(st.sampled_from(["error", "warn"]), min_size=5, max_size=5),
    *(st.integers(0, len(each) - 1) for each in (KEYS, REFERENCES, RULES, AGGREGATES)),
    st.booleans(),
    st.sampled_from([23, 24, 25]),
    st.booleans(),
)
STRICT = Promised([None], ["error"])


def row(**values: Any) -> Row:
    return dict.fromkeys(TYPES) | values


SOUND = row(
    t="a", n=0, f=0.5, b=True, y=b"", d=Decimal("0.10"), w=datetime(2026, 1, 1, tzinfo=UTC),
    a=date(1970, 1, 1), s={"x": 0, "i": {"y": "a"}}, l=[{"id": "a", "n": 0, "k": [{"v": 0}]}], m=[("a", 0)],
)  # fmt: skip
ODD = row(
    t="Z", n=-2, f=math.nan, b=False, y=b"ab", w=datetime(1969, 1, 1, tzinfo=UTC), a=date(9999, 12, 31),
    s={"x": -1, "i": {"y": ""}}, l=[{"id": "Z", "n": -2, "k": [{"v": 5}]}, {"id": "Z", "n": 3, "k": None}],
)  # fmt: skip
LATE = {**ODD, "n": 2, "s": {"x": None, "i": {"y": "ab"}}, "l": [], "w": None}


def table(*rows: Row) -> Made:
    types = {name: several[0] for name, several in TYPES.items()}
    return Made(PARQUET, {"0.parquet": list(rows)}, types)


def answered(made: Made, promised: Promised) -> dict[str, Expected]:
    contracts = parsed([text_of(made, promised)])
    with tempfile.TemporaryDirectory() as folder:
        write(made, Path(folder))
        observer = observer_of(contracts, folder, samples=1)
        return found_of(judge(contracts, observer, is_about_rows, NOW).of("t"))


def is_about_rows(check: Check) -> bool:
    of_plans = {"order[declared]", "order[plan]"}
    return check.id.partition("[")[0] in BROKEN_AS and check.id not in of_plans


def found_of(promises: Promises) -> dict[str, Expected]:
    found: dict[str, Expected] = {}
    for check, each in promises.judgements.items():
        codes = [code for code in map(code_of, findings_of(each.verdict)) if code != "null-keys"]
        verdict = each.verdict
        violations = verdict.violations if isinstance(verdict, Kept | Broken) else None
        outcome = promises.outcomes[check]
        found[check] = Expected(outcome, codes[0] if codes else None, violations, each.failed)
    return found


def code_of(finding: Finding) -> str:
    return finding.code.value


@pytest.mark.parametrize("format_", [PARQUET, DELTA])
def test_each_verdict_is_a_naive_judges(format_: str) -> None:
    met: set[tuple[str, Outcome, bool]] = set()

    @settings(
        max_examples=5 * int(os.environ.get("CST_EXAMPLES", "1")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # to shrink takes minutes
    )
    @example(table(SOUND), STRICT)
    @example(table(SOUND, ODD, ODD, LATE), STRICT)
    @example(table(SOUND, ODD, ODD, LATE), Promised(["99.9%"], ["error"]))
    @example(table(SOUND, ODD, ODD, LATE), Promised([1, 2, 3], ["error", "warn"], hours=23))
    @example(table(SOUND, ODD, ODD, LATE), Promised(["25%", "50%"], ["warn", "error"]))
    @example(table(row(), row()), STRICT)
    @given(made_tables(PARQUET), PROMISED)
    def compare(drawn: Made, promised: Promised) -> None:
        made = as_format(drawn, format_)
        wanted = naive(made, promised)
        found = answered(made, promised)
        assert found.keys() == wanted.keys()
        wrong = {
            check: (found[check], each) for check, each in wanted.items() if found[check] != each
        }
        assert not wrong, wrong
        met.update(
            (check.partition("[")[0], each.outcome, bool(each.code))
            for check, each in found.items()
        )

    compare()
    for kind in BROKEN_AS:
        assert {(kind, Outcome.KEPT, False), (kind, Outcome.BROKEN, True)} <= met, kind
        assert kind == "order" or (kind, Outcome.VACUOUS, True) in met, kind
        assert kind not in BOUNDED or (kind, Outcome.KEPT, True) in met, kind


def as_format(made: Made, format_: str) -> Made:
    """Where one file requires a field that another lacks, DataFusion 55 refuses the missing values; a Delta
    table is one file of the types that Delta has."""
    if format_ == PARQUET:
        return replace(made, required=frozenset())
    rows = [held for part in made.files.values() for held in part]
    types = {name: several[0] for name, several in TYPES.items()}
    zoned = [
        held if held["w"] is None else {**held, "w": held["w"].replace(tzinfo=UTC)} for held in rows
    ]
    return Made(DELTA, {"0.delta": zoned}, types)
