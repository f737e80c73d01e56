"""Is a view of the contract usable, and does it have the promised fields?"""

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa
import pytest
from cst_contracts.checks.evaluate import evaluate
from cst_contracts.checks.model import ViewUsable

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Verdict,
)
from cst_contracts.contract.parse import parse_contract
from cst_contracts.datatypes import parse_type
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, NullCount, TableFacts, ValueFacts, ViewRun
from cst_contracts.location import Location

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


def judged(
    observed: TableFacts | IntrospectionError,
    id_: str = "view[v]",
    text: str = TEXT,
    nulls: Mapping[str, int] = MappingProxyType({}),
    run: ViewRun | IntrospectionError | None = None,
) -> Verdict:
    """With 7 rows read, where the view promises its fields not null; `nulls` counts by path."""
    checks = {check.id: check for check in plan(parse_contract(text.encode(), "contracts/t.yaml"))}
    check = checks[id_]
    assert isinstance(check, ViewUsable)
    counts = {each.field.path: NullCount(7, nulls.get(each.field.path, 0)) for each in check.nulls}
    values = ValueFacts(7, Basis.SCAN, counts) if check.nulls else None
    return evaluate(check, Observation(table=observed, values=values, view=run))


def view(*fields: pa.Field, rows: int | None = None) -> TableFacts:
    basis = None if rows is None else Basis.SCAN
    return TableFacts("v", "view", pa.schema(fields), rows=rows, rows_basis=basis)


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
    assert judged(view(pa.field("z", pa.null())), "view[w]") == Kept(Basis.PLAN)


def test_a_view_that_cannot_be_made_is_red() -> None:
    verdict = judged(IntrospectionError("no field named a", table="v"))
    finding = Finding(
        FindingCode.VIEW_UNUSABLE, V_PLACE, "v", "a view that runs", "no field named a"
    )
    assert verdict == Broken((finding,), Basis.PLAN)


@pytest.mark.parametrize(
    ("error", "code", "cause"),
    [
        (IntrospectionError("x", table="t"), FindingCode.VIEW_UNUSABLE, Cause("t", "table")),
        (IntrospectionError("x", table="u"), FindingCode.VIEW_UNUSABLE, Cause("u", "table")),
        (IntrospectionError("x", table="v"), FindingCode.VIEW_UNUSABLE, Cause("t", "view[v]")),
        (IntrospectionError("x"), FindingCode.SESSION_UNREADABLE, Cause("t", "table")),
    ],
    ids=["own-table", "other-table", "other-view", "session"],
)
def test_a_view_of_something_red_is_undecided_by_it(
    error: IntrospectionError, code: FindingCode, cause: Cause
) -> None:
    verdict = judged(error, "view[w]")
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
    assert (note.code, note.subject, note.place) == (
        FindingCode.DECLARED_NULLABLE,
        "v.a",
        A_PLACE,
    )


def test_an_extra_child_is_red_at_the_struct_that_has_it() -> None:
    more = S.with_type(parse_type("struct<x: int8, u: int8 not null, z: int8>"))
    verdict = judged(view(A, more, M))
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.place, finding.subject, finding.observed) == (S_PLACE, "v.s", "s.z: int8")


def test_a_view_without_an_observation_is_a_bug_and_no_verdict() -> None:
    (check,) = [
        check
        for check in plan(parse_contract(TEXT.encode(), "contracts/t.yaml"))
        if check.id == "view[v]"
    ]
    with pytest.raises(AssertionError, match=r"view\[v\] was evaluated without an observation"):
        evaluate(check, Observation())


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


def ran(
    rows: int, promised: int | None = None, changed: int | None = None
) -> ViewRun | IntrospectionError:
    return ViewRun(ValueFacts(rows, Basis.SCAN), promised, changed)


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
        ("view[p]", (SPAN,), IntrospectionError("Cast error", table="p"),
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
    run: ViewRun | IntrospectionError,
    told: tuple[str, str, str],
) -> None:
    verdict = judged(view(*fields), id_, MADE, run=run)
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code.value, finding.promised, finding.observed) == told
    assert finding.place.line == 3 + ["view[e]", "view[x]", "view[p]", "view[f]"].index(id_) + 1
