"""Is a table a source without an end, and what do the rows that were read tell of the others?"""

import pyarrow as pa
import pytest
from support.answers import WithSnapshot, checks_of, judged_by

from cst_contracts.checks.streams import OfRowsRead
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.contract.model import Severity
from cst_contracts.facts import (
    AggregateCount,
    Basis,
    CouldNotLook,
    KeyCount,
    NullCount,
    ReferenceCount,
    RuleCount,
    SnapshotComparison,
    SnapshotMatch,
    StreamFacts,
    TableFacts,
    Trouble,
    UnboundedFacts,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AggregateNeed,
    AnyNeed,
    KeyNeed,
    NullsNeed,
    OrderNeed,
    OrderPlanNeed,
    ReferenceNeed,
    RowCountNeed,
    RuleNeed,
    SchemaNeed,
    SnapshotsKeptNeed,
    StreamNeed,
    UnboundedNeed,
    ViewQueryNeed,
)

TEXT = """\
table: t
source: {format: csv, location: t, unbounded: true, ordered_by: [a]}
fields: [{name: a, type: int64, nullable: false}]
keys: [[a]]
references: [{fields: [a], table: u, to: [b]}]
rules: [{name: positive, sql: a > 0, severity: warn}]
aggregates: [{name: some, sql: count(*) > 0}]
views: [{name: v, sql: SELECT a FROM t}]
functions: [f]
"""
PLACE = Location("contracts/t.yaml", 2, 1)
DECLARED, READ = pa.schema([("a", pa.string())]), pa.schema([("a", pa.int64())])
FACTS = TableFacts("t", "csv", DECLARED)
CUT = "the first 5 rows were read"
NOTE = ("stream-cut", f"only {CUT}")
LATER = f"only {CUT}; what comes later may repeat, or point at what is not there"


def unbounded(facts: UnboundedFacts | CouldNotLook, text: str = TEXT) -> Verdict:
    return judged_by(text, "unbounded", {SchemaNeed("t"): FACTS, UnboundedNeed("t"): facts})


def only_finding(verdict: Verdict) -> Finding:
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.place.line, finding.subject) == (2, "t")
    return finding


def test_a_pipe_without_an_end_is_kept_and_a_file_is_told() -> None:
    assert unbounded(UnboundedFacts(infinite=True, pipe=True)) == Kept(Basis.PLAN)
    for pipe, observed in (
        (False, "a file, which ends"),
        (None, "nobody can tell what lies there"),
    ):
        verdict = unbounded(UnboundedFacts(infinite=True, pipe=pipe))
        assert isinstance(verdict, Kept)
        (note,) = verdict.notes
        assert (note.code.value, note.observed) == ("not-a-pipe", observed)
        assert note.hint == "write `fifo: true` where only a pipe will do"


def test_a_file_where_a_pipe_is_promised_is_red() -> None:
    text = TEXT.replace("unbounded: true", "unbounded: true, fifo: true")
    finding = only_finding(unbounded(UnboundedFacts(infinite=True, pipe=False), text))
    assert (finding.code.value, finding.promised) == ("not-a-pipe", "a named pipe")


def test_a_plan_that_reads_a_source_that_ends_is_red() -> None:
    finding = only_finding(unbounded(UnboundedFacts(infinite=False, pipe=True)))
    assert (finding.code.value, finding.promised, finding.observed) == (
        "not-unbounded",
        "a source without an end",
        "the plan reads a source that ends",
    )


def test_an_unbounded_table_that_cannot_be_looked_at_is_undecided() -> None:
    gone = CouldNotLook("gone", "t")
    for verdict in (unbounded(gone), judged_by(TEXT, "unbounded", {SchemaNeed("t"): gone})):
        assert isinstance(verdict, Undecided)
        assert verdict.cause == Cause("t", "table")


READING = {
    *("rows", "fields", "field[a]", "nulls[a]", "unique[a]", "reference[a→u.b]"),
    *("rule[positive]", "order[measured]", "snapshot[schema]", "aggregate[some]"),
}


def test_the_checks_that_look_at_rows_or_fields_are_of_the_rows_read() -> None:
    checks = checks_of(TEXT)
    assert {id_ for id_, each in checks.items() if isinstance(each, OfRowsRead)} == READING
    for check in checks.values():
        if isinstance(check, OfRowsRead):
            inner = check.check
            assert (check.place, check.group) == (inner.place, inner.group)
            assert not any(isinstance(need, RowCountNeed) for need in check.needs())
            assert check.needs()[:2] == (SchemaNeed("t"), StreamNeed("t"))
    assert checks["rule[positive]"].severity is Severity.WARN
    bounded = checks_of(TEXT.replace("unbounded: true, ", ""))
    assert not any(isinstance(each, OfRowsRead) for each in bounded.values())


def judged(id_: str, read: StreamFacts | CouldNotLook, answer: object = None) -> Verdict:
    """`answer`: to the check's own question about the rows."""
    check = checks_of(TEXT)[id_]
    known: dict[AnyNeed, object] = {SchemaNeed("t"): FACTS, StreamNeed("t"): read}
    for need in check.needs():
        match need:
            case NullsNeed() | KeyNeed() | ReferenceNeed() | RuleNeed() | OrderNeed():
                known[need] = answer
            case AggregateNeed():
                known[need] = answer
            case OrderPlanNeed() | ViewQueryNeed():
                known[need] = None
            case SnapshotsKeptNeed():
                known[need] = True
            case _:
                pass
    return check.judge(WithSnapshot(known, SnapshotComparison(SnapshotMatch.SAME, "t.json")))


def seen(rows: int, cut: str | None = None) -> StreamFacts:
    return StreamFacts(rows, READ, cut)


@pytest.mark.parametrize(
    ("id_", "answer", "rows", "note"),
    [
        ("fields", None, None, NOTE),
        ("field[a]", None, None, NOTE),
        ("rows", None, 5, NOTE),
        ("nulls[a]", NullCount(5, 0, rows=5), 5, NOTE),
        ("unique[a]", KeyCount(5, 0, 0), 5, ("stream-cut", LATER)),
        ("reference[a→u.b]", ReferenceCount(5, 0), 5, ("stream-cut", LATER)),
        ("rule[positive]", RuleCount(5, 0), 5, NOTE),
    ],
)
def test_what_the_rows_that_came_keep_is_kept_by_those_only(
    id_: str, answer: object, rows: int | None, note: tuple[str, str]
) -> None:
    whole, cut = judged(id_, seen(5), answer), judged(id_, seen(5, CUT), answer)
    assert isinstance(whole, Kept)
    assert isinstance(cut, Kept)
    flags = ["declared-nullable"] if id_ == "fields" else []
    assert [each.code.value for each in whole.notes] == flags
    assert (cut.rows, cut.basis, whole.basis) == (rows, Basis.SCAN, Basis.SCAN)
    last = cut.notes[-1]
    assert (last.code.value, last.observed) == note
    assert (last.subject, last.promised) == ("t", "all rows")


def test_what_is_broken_by_the_rows_that_came_is_broken() -> None:
    verdict = judged("rule[positive]", seen(5, CUT), RuleCount(5, 2))
    assert only_finding_code(verdict) == "rule-violated"


@pytest.mark.parametrize("violations", [0, 1])
def test_an_aggregate_of_the_rows_that_came_tells_nothing_of_all(violations: int) -> None:
    count = AggregateCount(5, 1, violations, 0)
    assert isinstance(judged("aggregate[some]", seen(5), count), Broken if violations else Kept)
    cut = judged("aggregate[some]", seen(5, CUT), count)
    assert isinstance(cut, Undecided)
    assert (cut.finding.code.value, cut.finding.observed) == (
        "stream-cut",
        f"only {CUT}; an aggregate is of all rows together",
    )


def only_finding_code(verdict: Verdict) -> str:
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    return finding.code.value


def test_where_no_row_came_in_time_nothing_is_decided() -> None:
    rows = judged("rows", seen(0, "nothing came for 2 s"))
    assert isinstance(rows, Undecided)
    assert (rows.finding.code.value, rows.finding.observed, rows.cause) == (
        "stream-silent",
        "none came: nothing came for 2 s",
        None,
    )
    nulls = judged("nulls[a]", seen(0, "nothing came for 2 s"), NullCount(0, 0))
    assert isinstance(nulls, Undecided)
    assert nulls.cause == Cause("t", "rows")


def test_keys_that_are_all_null_in_the_rows_that_came_prove_nothing() -> None:
    verdict = judged("unique[a]", seen(5, CUT), KeyCount(0, 0, 5))
    assert isinstance(verdict, Undecided)
    assert (verdict.finding.code.value, verdict.cause) == ("nothing-to-count", Cause("t", "rows"))


@pytest.mark.parametrize("id_", sorted(READING))
def test_rows_that_cannot_be_read_are_told_by_the_rows_check(id_: str) -> None:
    verdict = judged(id_, CouldNotLook("line 3 is no JSON", "t", trouble=Trouble.STREAM))
    if id_ == "rows":
        assert only_finding_code(verdict) == "table-unreadable"
        return
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "rows")


@pytest.mark.parametrize("id_", sorted(READING))
def test_an_unbounded_table_that_is_not_there_is_told_by_its_own_check(id_: str) -> None:
    gone = CouldNotLook("gone", "t", trouble=Trouble.MISSING)
    verdict = judged_by(TEXT, id_, {SchemaNeed("t"): gone})
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "table")


def test_a_snapshot_of_an_unbounded_table_is_of_what_was_read_and_of_no_view() -> None:
    verdict = judged("snapshot[schema]", seen(5, CUT))
    assert verdict == Kept(Basis.SCHEMA)
    check = checks_of(TEXT)["snapshot[schema]"]
    assert SchemaNeed("v") not in check.needs()
