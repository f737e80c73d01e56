"""Is a view of the contract usable, and does it have the promised fields?"""

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa
import pytest
from msgspec.structs import replace
from support.answers import Answered, checks_of

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.checks.views import ViewUsable
from cst_contracts.datatypes import parse_type
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    NullCount,
    QueryFacts,
    RowCount,
    RowDifference,
    SessionFacts,
    TableFacts,
    Trouble,
    ViewRun,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AnyNeed,
    NullsNeed,
    RowCountNeed,
    SchemaNeed,
    SessionNeed,
    ViewQueryNeed,
    ViewRunNeed,
)

TEXT = """\
table: t
fields:
  - {name: a, type: int64}
views:
  - name: v
    sql: SELECT a FROM t
    fields:
      - {name: a, type: int64, nullable: false}
      - {name: s, type: struct, fields: [{name: x, type: int8}, {name: u, type: int8, nullable: false}]}
      - {name: m, type: string, metadata: {unit: byte}}
  - {name: w, sql: SELECT a FROM v}
"""
V_PLACE, A_PLACE = Location("contracts/t.yaml", 5, 5), Location("contracts/t.yaml", 8, 9)
S_PLACE = Location("contracts/t.yaml", 9, 9)
A = pa.field("a", pa.int64(), nullable=False)
S = pa.field("s", parse_type("struct<x: int8, u: int8 not null>"))
M = pa.field("m", pa.string(), metadata={"unit": "byte"})


RUN = ViewRun(RowCount(7, Basis.SCAN))


def judged(
    observed: TableFacts | CouldNotLook,
    id_: str = "view[v]",
    text: str = TEXT,
    nulls: Mapping[str, int | CouldNotLook] = MappingProxyType({}),
    run: ViewRun | CouldNotLook = RUN,
    session: SessionFacts | CouldNotLook | None = None,
    query: QueryFacts | None = None,
    rows: int | CouldNotLook | None = None,
) -> Verdict:
    """With 7 rows read; `nulls` counts by path, 0 where it says nothing. `rows` are the table's, where these
    are asked for."""
    check = checks_of(text)[id_]
    assert isinstance(check, ViewUsable)
    name = check.view.name
    known: dict[AnyNeed, object] = {
        SchemaNeed(name): observed,
        SessionNeed(): SessionFacts({}, ()) if session is None else session,
        ViewQueryNeed(name): query,
        ViewRunNeed(name, check.view): run,
    }
    if rows is not None:
        known[RowCountNeed("t")] = RowCount(rows, Basis.SCAN) if isinstance(rows, int) else rows
    for each in check.output.nulls:
        found = nulls.get(each.field.path, 0)
        count = NullCount(7, found, rows=7) if isinstance(found, int) else found
        known[NullsNeed(name, each.field.path)] = count
    return check.judge(Answered(known))


def view(*fields: pa.Field) -> TableFacts:
    return TableFacts("v", "view", pa.schema(fields))


def codes(verdict: Verdict) -> list[tuple[str, str]]:
    assert isinstance(verdict, Broken)
    return [(finding.code.value, finding.subject) for finding in verdict.findings]


def test_a_view_with_its_promised_fields_and_no_null_is_kept() -> None:
    assert judged(view(A, S, M)) == Kept(Basis.SCAN, 7)


def test_a_null_where_a_view_promises_none_is_red() -> None:
    verdict = judged(view(A, S, M), nulls={"s.u": 2})

    assert codes(verdict) == [("null-values", "v.s.u")]
    assert isinstance(verdict, Broken)
    assert (verdict.findings[0].place, verdict.findings[0].observed) == (
        Location("contracts/t.yaml", 9, 65),
        "2 nulls among 7",
    )


def test_a_view_that_promises_no_fields_may_have_any() -> None:
    assert judged(view(pa.field("z", pa.null())), "view[w]") == Kept(Basis.SCAN, 7)


def test_a_view_that_cannot_be_made_is_red() -> None:
    verdict = judged(CouldNotLook("no field named a", "v"))
    finding = Finding(
        FindingCode.VIEW_UNUSABLE, V_PLACE, "v", "a view that runs", "no field named a"
    )
    assert verdict == Broken((finding,), Basis.PLAN)


@pytest.mark.parametrize(
    ("trouble", "code", "cause"),
    [
        (CouldNotLook("x", "t"), FindingCode.VIEW_UNUSABLE, Cause("t", "table")),
        (CouldNotLook("x", "u"), FindingCode.VIEW_UNUSABLE, Cause("u", "table")),
        (CouldNotLook("x", "v"), FindingCode.VIEW_UNUSABLE, Cause("t", "view[v]")),
        (CouldNotLook("x"), FindingCode.SESSION_UNREADABLE, Cause("t", "table")),
    ],
    ids=["own-table", "other-table", "other-view", "session"],
)
def test_a_view_of_something_red_is_undecided_by_it(
    trouble: CouldNotLook, code: FindingCode, cause: Cause
) -> None:
    verdict = judged(trouble, "view[w]")
    assert isinstance(verdict, Undecided)
    assert (verdict.finding.code, verdict.cause) == (code, cause)
    assert verdict.finding.place == Location("contracts/t.yaml", 11, 5)


def test_a_missing_field_of_a_view_is_red_at_its_own_line() -> None:
    verdict = judged(view(S, M))
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code, finding.place) == (FindingCode.FIELD_MISSING, A_PLACE)
    assert (finding.subject, finding.promised, finding.observed) == (
        "v.a",
        "a: int64",
        "absent; there are s, m",
    )


SWAPPED = S.with_type(parse_type("struct<u: int8 not null, x: int8>"))
SHORT, NULLABLE = (
    S.with_type(parse_type("struct<u: int8 not null>")),
    S.with_type(parse_type("struct<x: int8, u: int8>")),
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((A.with_type(pa.int8()), S, M), [("type-mismatch", "v.a")]),
        ((A.with_nullable(nullable=True), S, M), [("declared-nullable", "v.a")]),
        ((A, NULLABLE, M), [("declared-nullable", "v.s.u")]),
        ((A, SHORT, M), [("field-missing", "v.s.x")]),
        ((A, S.with_type(pa.int8()), M), [("type-mismatch", "v.s")]),
        ((A, SWAPPED, M), [("field-position", "v.s.x")]),
        ((A, S, M.remove_metadata()), [("metadata-mismatch", "v.m")]),
        ((A, S, M, pa.field("z", pa.int8())), [("field-unpromised", "v.z")]),
        ((S, A, M), [("field-position", "v.s"), ("field-order", "v")]),
        ((S,), [("field-missing", "v.a"), ("field-missing", "v.m")]),
    ],
    ids=[
        *("leaf", "flag", "nested-flag", "nested-missing", "kind", "nested-order"),
        *("metadata", "extra", "order", "missing"),
    ],
)
def test_a_views_fields_are_checked_like_a_tables(
    fields: tuple[pa.Field, ...], expected: list[tuple[str, str]]
) -> None:
    assert codes(judged(view(*fields), text=f"{TEXT}nullability: strict\n")) == expected


@pytest.mark.parametrize(
    ("clause", "fields"),
    [
        ("extra_fields: allow", (A, S, M, pa.field("z", pa.int8()))),
        ("field_order: any", (M, SWAPPED, A)),
    ],
)
def test_what_a_contract_allows_its_table_it_allows_its_views(
    clause: str, fields: tuple[pa.Field, ...]
) -> None:
    assert isinstance(judged(view(*fields)), Broken)
    assert judged(view(*fields), text=f"{TEXT}{clause}\n") == Kept(Basis.SCAN, 7)


def test_under_values_a_views_flag_is_told_and_not_red() -> None:
    verdict = judged(
        view(A.with_nullable(nullable=True), S, M), text=f"{TEXT}nullability: values\n"
    )
    assert isinstance(verdict, Kept)
    (note,) = verdict.notes
    assert (note.code, note.subject) == (FindingCode.DECLARED_NULLABLE, "v")
    assert note.observed == "declared nullable by the session's schema: 1 field, a"


def test_an_extra_child_is_red_at_the_struct_that_has_it() -> None:
    more = S.with_type(parse_type("struct<x: int8, u: int8 not null, z: int8>"))
    verdict = judged(view(A, more, M))
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.place, finding.subject, finding.observed) == (S_PLACE, "v.s", "s.z: int8")


def test_nulls_that_nobody_counted_in_a_field_that_is_there_leave_the_view_undecided() -> None:
    uncounted = CouldNotLook("no such field", "v", trouble=Trouble.FIELD)
    verdict = judged(view(A, S, M), nulls={"s.u": uncounted})
    assert isinstance(verdict, Undecided)
    assert verdict.cause is None, "no other check is red for it"
    assert (verdict.finding.code, verdict.finding.subject) == (FindingCode.FIELD_MISSING, "v.s.u")


def test_nulls_that_nobody_counted_are_not_told_beside_what_is_broken() -> None:
    uncounted = CouldNotLook("no such field", "v", trouble=Trouble.FIELD)
    assert codes(judged(view(S, M), nulls={"a": uncounted})) == [("field-missing", "v.a")]


def test_a_view_whose_rows_cannot_be_read_for_nulls_is_red() -> None:
    verdict = judged(view(A, S, M), nulls={"a": CouldNotLook("page checksum", "v")})
    finding = Finding(
        FindingCode.VIEW_UNUSABLE, V_PLACE, "v", "rows that can be read", "page checksum"
    )
    assert verdict == Broken((finding,), Basis.SCAN)


@pytest.mark.parametrize("allowed", [False, True])
def test_a_view_without_a_row_has_nothing_to_count(*, allowed: bool) -> None:
    text = TEXT.replace(
        "type: struct, fields: [{name: x, type: int8}, {name: u,",
        "type: list<struct>, fields: [{name: x, type: int8}, {name: u,",
    )
    check = checks_of(text)["view[v]"]
    assert isinstance(check, ViewUsable)
    elements = pa.field("s", parse_type("list<struct<x: int8, u: int8 not null>>"))
    known: dict[AnyNeed, object] = {
        SchemaNeed("v"): view(A, elements, M),
        SessionNeed(): SessionFacts({}, ()),
        ViewQueryNeed("v"): None,
        ViewRunNeed("v", check.view): ViewRun(RowCount(0, Basis.SCAN)),
        NullsNeed("v", "a"): NullCount(0, 0),
        NullsNeed("v", "s[].u"): NullCount(0, 0),
    }
    verdict = replace(check, allow_empty=allowed).judge(Answered(known))
    assert isinstance(verdict, Vacuous)
    assert (verdict.finding.code.value, verdict.finding.subject) == ("nothing-to-count", "v")
    assert verdict.allowed is allowed


@pytest.mark.parametrize(
    ("clause", "hint"),
    [("", "write `allow_empty: true` at the view if that is fine"), (", allow_empty: true", "")],
)
def test_where_a_view_may_hold_nothing_nobody_says_how_to_write_that(
    clause: str, hint: str
) -> None:
    text = TEXT.replace("sql: SELECT a FROM v", f"sql: SELECT a FROM v{clause}")
    empty = ViewRun(RowCount(0, Basis.SCAN))
    verdict = judged(view(pa.field("z", pa.null())), "view[w]", text, run=empty)
    assert isinstance(verdict, Vacuous)
    assert (verdict.finding.hint, verdict.allowed) == (hint, not hint)


@pytest.mark.parametrize(
    ("rows", "cause"),
    [(0, Cause("t", "rows")), (3, None), (CouldNotLook("gone", "t"), None), (None, None)],
)
def test_a_view_without_a_row_is_undecided_by_a_table_without_one(
    rows: int | CouldNotLook | None, cause: Cause | None
) -> None:
    """A table of which nobody knows that it is empty is not why the view is."""
    empty = ViewRun(RowCount(0, Basis.SCAN))
    verdict = judged(view(pa.field("z", pa.null())), "view[w]", run=empty, rows=rows)
    assert isinstance(verdict, Undecided if cause else Vacuous)
    assert (verdict.finding.code, verdict.finding.subject, verdict.finding.observed) == (
        FindingCode.NOTHING_TO_COUNT,
        "w",
        "0 rows",
    )
    if isinstance(verdict, Undecided):
        assert verdict.cause == cause


def test_a_view_that_calls_a_function_under_the_name_of_the_engines_own_is_red() -> None:
    session = SessionFacts({}, (), shadowed=("upper",))
    query = QueryFacts((), ("lower", "upper"))
    verdict = judged(view(A, S, M), session=session, query=query)
    assert codes(verdict) == [("shadowed-function", "v")]
    assert isinstance(verdict, Broken)
    finding = verdict.findings[0]
    assert (finding.place, finding.promised, finding.observed, finding.hint) == (
        V_PLACE,
        "the engine's own `upper`",
        "the session has another function in place of the engine's own `upper`",
        "register yours under a name that the engine does not use",
    )


def test_a_view_that_calls_a_function_that_is_not_there_says_which() -> None:
    trouble = CouldNotLook("Invalid function", "v", trouble=Trouble.FUNCTION, names=("span",))
    verdict = judged(trouble)
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code, finding.promised, finding.place) == (
        FindingCode.FUNCTION_MISSING,
        "a function `span` in the session",
        V_PLACE,
    )


MADE = """\
table: t
fields: [{name: a, type: int64}, {name: b, type: int64}, {name: m, type: "map<string, string>"}]
views:
  - {name: e, expand: m, keep: [a]}
  - {name: x, extract: {m: k}, keep: [a]}
  - {name: p, pack: {span: [a, b]}}
  - {name: f, flatten: span, of: p}
"""
KEY, VALUE = pa.field("attr_key", pa.string()), pa.field("attr_value", pa.string())
SPAN = pa.field("span", parse_type("struct<a: int64, b: int64>"))
RENAMED = pa.field("span", parse_type("struct<a: int64, end: int64>"))


def ran(rows: int, promised: int | None = None, changed: int | None = None) -> ViewRun:
    return ViewRun(RowCount(rows, Basis.SCAN), promised, changed)


@pytest.mark.parametrize(
    ("id_", "fields", "run"),
    [
        ("view[e]", (A, KEY, VALUE), ran(5, 5)),
        ("view[x]", (A, pa.field("k", pa.string())), ran(5, 5)),
        ("view[p]", (SPAN,), ran(5, 5)),
        ("view[f]", (A, pa.field("b", pa.int64())), ran(5, 5, 0)),
    ],
)
def test_a_view_that_keeps_the_count_is_kept(
    id_: str, fields: tuple[pa.Field, ...], run: ViewRun
) -> None:
    assert judged(view(*fields), id_, MADE, run=run) == Kept(Basis.SCAN, 5)


@pytest.mark.parametrize(
    ("id_", "fields", "run", "told"),
    [
        ("view[e]", (A, KEY, VALUE), ran(4, 5),
         ("view-rows", "5 rows, one for each entry of t.m", "4 rows")),
        ("view[x]", (A, pa.field("k", pa.string())), ran(6, 5),
         ("view-rows", "5 rows, one for each row of t", "6 rows")),
        ("view[f]", (A, pa.field("b", pa.int64())), ran(5, 5, 2),
         ("spans-changed", "the raw columns again, as p has packed them", "2 rows differ")),
        ("view[p]", (SPAN,),
         ViewRun(RowCount(5, Basis.SCAN), 5, differing=RowDifference(1, 2)),
         ("view-differs", "the rows that its definition in the contract makes",
          "1 row missing, 2 rows too many")),
        ("view[p]", (SPAN,), CouldNotLook("Cast error", "p"),
         ("view-unusable", "a view that runs over all of its rows", "Cast error")),
        ("view[p]", (RENAMED,), ran(5, 5),
         ("view-columns", "columns span.a, span.b", "no span.b; there are span<a, end>")),
        ("view[e]", (A, KEY, pa.field("val", pa.string())), ran(5, 5),
         ("view-columns", "columns a, attr_key, attr_value",
          "no attr_value; there are a, attr_key, val")),
    ],
)  # fmt: skip
def test_what_running_a_view_shows_is_red_at_the_view(
    id_: str,
    fields: tuple[pa.Field, ...],
    run: ViewRun | CouldNotLook,
    told: tuple[str, str, str],
) -> None:
    verdict = judged(view(*fields), id_, MADE, run=run)
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code.value, finding.promised, finding.observed) == told
    assert finding.place.line == 3 + ["view[e]", "view[x]", "view[p]", "view[f]"].index(id_) + 1
