"""Is what was observed of a table or a session what was accepted as its snapshot?"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from support.answers import WithSnapshot, checks_of

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.drift.codec import decode, encode
from cst_contracts.drift.snapshot import SeenRelation, TableSnapshot, table_snapshot
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    FieldDiagnostic,
    FieldRead,
    FunctionFacts,
    OrderingFacts,
    QueryFacts,
    QueryPlan,
    SessionFacts,
    SnapshotComparison,
    SnapshotMatch,
    SortTerm,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    DiagnosticsNeed,
    OrderPlanNeed,
    QueryPlanNeed,
    SchemaNeed,
    SessionNeed,
    SnapshotsKeptNeed,
    ViewQueryNeed,
)

TABLE = """\
table: t
source: {format: parquet, location: t, ordered_by: [a]}
fields: [{name: a, type: int64}]
views: [{name: v, sql: SELECT a FROM t}]
"""
SESSION = "session: s\nfunctions: [f]\n"
PLACE = Location("contracts/t.yaml", 1, 1)
SCHEMA = pa.schema([("a", pa.int64())])
TERMS = (SortTerm("a"),)
UPDATE = "run pytest with --snapshot-update, and commit the file"
SAME = SnapshotComparison(SnapshotMatch.SAME, "t.json")
KNOWN: Mapping[Any, object] = {
    SchemaNeed("t"): TableFacts("t", "parquet", SCHEMA),
    ViewQueryNeed("t"): None,
    SchemaNeed("v"): TableFacts("v", "view", SCHEMA),
    ViewQueryNeed("v"): QueryFacts(("Projection: t.a",), ("upper",)),
    OrderPlanNeed("t", TERMS): OrderingFacts(TERMS, supplied=False),
    SnapshotsKeptNeed(): True,
    DiagnosticsNeed("t"): (FieldDiagnostic("a", "Int64", "Int64", nullable=True),),
    SessionNeed(): SessionFacts({"x": "1"}, (FunctionFacts("f", "scalar", deterministic=True),)),
}


def judged(
    comparison: SnapshotComparison | CouldNotLook = SAME,
    *,
    id_: str = "snapshot[schema]",
    **changed: object,
) -> tuple[Verdict, WithSnapshot]:
    """`changed` answers, by the name of the relation that a schema is asked of."""
    own = {SchemaNeed(name): answer for name, answer in changed.items()}
    return with_answers({**KNOWN, **own}, comparison, id_)


def with_answers(
    known: Mapping[Any, object],
    comparison: SnapshotComparison | CouldNotLook = SAME,
    id_: str = "snapshot[schema]",
) -> tuple[Verdict, WithSnapshot]:
    store = WithSnapshot(known, comparison)
    text = TABLE if id_ == "snapshot[schema]" else SESSION
    return checks_of(text)[id_].judge(store), store


def observed(store: WithSnapshot) -> TableSnapshot:
    (need,) = store.observed
    assert need.contract == "contracts/t.yaml"
    snapshot = decode(need.observed)
    assert isinstance(snapshot, TableSnapshot)
    return snapshot


def only_finding(verdict: Verdict) -> Finding:
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert finding.place == PLACE
    return finding


@pytest.mark.parametrize("match", [SnapshotMatch.SAME, SnapshotMatch.WRITTEN])
@pytest.mark.parametrize("id_", ["snapshot[schema]", "snapshot[functions]"])
def test_what_was_accepted_before_or_now_is_kept(id_: str, match: SnapshotMatch) -> None:
    verdict, _ = judged(SnapshotComparison(match, "t.json"), id_=id_)
    assert verdict == Kept(Basis.SCHEMA)


def test_a_table_is_held_against_its_snapshot_with_order_views_and_the_engines_words() -> None:
    _, store = judged()
    snapshot = observed(store)
    assert snapshot.ordered_by == ("a asc nulls last",)
    assert [node.arrow_type for node in snapshot.fields] == ["Int64"]
    assert [(view.name, view.query.functions) for view in snapshot.views] == [("v", ("upper",))]


def test_where_no_snapshot_is_kept_the_engine_is_not_asked_for_its_words() -> None:
    none = SnapshotComparison(SnapshotMatch.NOT_KEPT, "")
    verdict, store = with_answers({**KNOWN, SnapshotsKeptNeed(): False}, none)
    assert DiagnosticsNeed("t") not in store.asked
    assert isinstance(verdict, Vacuous)
    assert (verdict.allowed, verdict.rows) == (True, None)
    assert (verdict.finding.code.value, verdict.finding.observed) == (
        "snapshot-missing",
        "this project has no snapshot folder",
    )


def test_words_and_order_that_cannot_be_had_are_left_out() -> None:
    unknown = CouldNotLook("no", "t")
    known = {**KNOWN, DiagnosticsNeed("t"): unknown, OrderPlanNeed("t", TERMS): unknown}
    verdict, store = with_answers(known)
    assert verdict == Kept(Basis.SCHEMA)
    assert [node.arrow_type for node in observed(store).fields] == [None]
    assert observed(store).ordered_by == ()


def test_a_snapshot_that_nobody_has_accepted_is_red() -> None:
    finding = only_finding(judged(SnapshotComparison(SnapshotMatch.MISSING, "t.json"))[0])
    assert (finding.code.value, finding.subject, finding.promised, finding.hint) == (
        "snapshot-missing",
        "t",
        "an accepted snapshot t.json",
        UPDATE,
    )


def text_of(*fields: tuple[str, pa.DataType]) -> str:
    view = SeenRelation(
        TableFacts("v", "view", SCHEMA), QueryFacts(("Projection: t.a",), ("upper",))
    )
    seen = SeenRelation(
        TableFacts("t", "parquet", pa.schema(fields)),
        diagnostics=(FieldDiagnostic("a", "Int64", "Int64", nullable=True),),
        ordering=OrderingFacts(TERMS, supplied=False),
    )
    snapshot = table_snapshot(seen, [view])
    assert isinstance(snapshot, TableSnapshot)
    return encode(snapshot)


def different(before: str) -> SnapshotComparison:
    return SnapshotComparison(SnapshotMatch.DIFFERENT, "t.json", before)


def test_what_drifted_is_red_change_by_change() -> None:
    before = text_of(("a", pa.int64()), ("b", pa.int8()), ("c", pa.int8()))
    verdict, _ = judged(different(before))
    assert isinstance(verdict, Broken)
    assert verdict.violations == 2
    assert {finding.code.value for finding in verdict.findings} == {"snapshot-differs"}
    assert {finding.promised for finding in verdict.findings} == {"as in t.json"}
    lines = " ".join(finding.observed for finding in verdict.findings)
    assert "b" in lines
    assert "c" in lines


def test_the_same_facts_in_another_spelling_are_red_and_no_change() -> None:
    verdict, _ = judged(different(text_of(("a", pa.int64())) + "\n"))
    finding = only_finding(verdict)
    assert isinstance(verdict, Broken)
    assert verdict.violations is None
    assert (finding.promised, finding.observed) == (
        "t.json as this version writes it",
        "the same facts in another spelling",
    )


@pytest.mark.parametrize(
    ("comparison", "name"),
    [
        (different("no JSON"), "t.json"),
        (CouldNotLook("syrupy is disabled", location="t.json"), "t.json"),
        (CouldNotLook("syrupy is disabled"), "the snapshot"),
    ],
    ids=["text", "file", "store"],
)
def test_a_snapshot_that_cannot_be_compared_is_undecided(
    comparison: SnapshotComparison | CouldNotLook, name: str
) -> None:
    verdict, _ = judged(comparison)
    assert isinstance(verdict, Undecided)
    assert verdict.cause is None
    assert (verdict.finding.code.value, verdict.finding.promised) == (
        "snapshot-unreadable",
        f"{name} can be compared",
    )


def test_a_table_that_cannot_be_read_is_told_by_its_own_check_and_no_view_is_run() -> None:
    verdict, store = judged(t=CouldNotLook("gone", "t", trouble=Trouble.MISSING))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "table")
    assert store.asked == [SchemaNeed("t")]


READ = f"{TABLE}queries: [{{name: q, sql: SELECT upper(a) AS u FROM t}}]\n"


def read(plan: QueryPlan | CouldNotLook, accepted: str | None = None) -> tuple[Verdict, str]:
    """What comes of a reader's query that is planned so, and the snapshot that is observed."""
    check = checks_of(READ)["snapshot[schema]"]
    (need,) = (each for each in check.needs() if isinstance(each, QueryPlanNeed))
    comparison = (
        SAME
        if accepted is None
        else SnapshotComparison(SnapshotMatch.DIFFERENT, "t.json", accepted)
    )
    store = WithSnapshot({**KNOWN, need: plan}, comparison)
    verdict = check.judge(store)
    return verdict, store.observed[0].observed if store.observed else ""


def test_what_a_readers_query_scans_and_calls_is_remembered() -> None:
    reads = (FieldRead("u", "s.x"), FieldRead("t", "a"))
    verdict, text = read(QueryPlan(reads, ("upper",)))
    assert isinstance(verdict, Kept)
    assert '{"name": "q", "functions": ["upper"], "reads": ["a", "u.s.x"]}' in text
    now, _ = read(QueryPlan(reads[1:], ()), text)
    assert isinstance(now, Broken)
    assert [each.observed for each in now.findings] == [
        "query q: reads a, u.s.x, calls upper → reads a (compatible)"
    ]


def test_a_query_that_cannot_be_planned_leaves_the_snapshot_undecided() -> None:
    verdict, _ = read(CouldNotLook("no such field", "t"))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "query[q]")
    assert verdict.finding.code is FindingCode.QUERY_UNPLANNED


def test_a_view_that_does_not_run_leaves_the_snapshot_undecided() -> None:
    verdict, store = judged(v=CouldNotLook("no field a", "v"))
    assert isinstance(verdict, Undecided)
    assert (verdict.finding.code.value, verdict.cause) == ("view-unusable", Cause("t", "view[v]"))
    assert store.observed == []
    verdict, _ = with_answers({**KNOWN, ViewQueryNeed("v"): CouldNotLook("no plan", "v")})
    assert isinstance(verdict, Undecided)


def test_a_schema_that_names_a_field_twice_is_undecided() -> None:
    twice = pa.schema([("a", pa.int8()), ("a", pa.int16())])
    verdict, _ = judged(t=TableFacts("t", "parquet", twice))
    assert isinstance(verdict, Undecided)
    assert (verdict.finding.code.value, verdict.finding.observed) == (
        "table-unreadable",
        "its schema has two fields a",
    )


def test_a_session_that_cannot_be_read_is_undecided() -> None:
    known = {SessionNeed(): CouldNotLook("information_schema is off")}
    verdict, _ = with_answers(known, id_="snapshot[functions]")
    off = "information_schema is off"
    code = FindingCode.SESSION_UNREADABLE
    assert verdict == Undecided(Finding(code, PLACE, "the session", "a session", off))


def test_functions_under_the_names_of_the_engines_own_are_told_where_nobody_promises_them() -> None:
    known = {SessionNeed(): SessionFacts({}, (), shadowed=("upper",))}
    kept, _ = with_answers(known, id_="snapshot[functions]")
    assert isinstance(kept, Kept)
    assert [note.code.value for note in kept.notes] == ["shadowed-function"]
    none = SnapshotComparison(SnapshotMatch.NOT_KEPT, "")
    vacuous, _ = with_answers(known, none, id_="snapshot[functions]")
    assert isinstance(vacuous, Vacuous)
    assert vacuous.finding.observed.startswith("this project has no snapshot folder; the session")
    missing = SnapshotComparison(SnapshotMatch.MISSING, "t.json")
    broken, _ = with_answers(known, missing, id_="snapshot[functions]")
    assert only_finding(broken).code.value == "snapshot-missing"
