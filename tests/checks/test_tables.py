"""Is the table there, with rows, with the promised fields in their order and no others?"""

import pyarrow as pa
import pytest
from cst_contracts.checks.evaluate import evaluate

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Vacuous,
    Verdict,
)
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import IntrospectionError, TableMissing
from cst_contracts.facts import Basis, NullCount, OrderingFacts, TableFacts, ValueFacts
from cst_contracts.location import Location

TEXT = """\
table: t
source: {format: parquet, location: t, partitioned_by: [p], ordered_by: [a]}
fields:
  - {name: a, type: int64, nullable: false}
  - {name: b, type: string}
  - {name: c, type: double}
"""
A, B, C, P = (pa.field(name, type_) for name, type_ in zip(
    "abcp", (pa.int64(), pa.string(), pa.float64(), pa.string()), strict=True
))  # fmt: skip
TABLE_PLACE, FIELDS_PLACE = Location("contracts/t.yaml", 1, 1), Location("contracts/t.yaml", 3, 1)


def judged(text: str, id_: str, observation: Observation) -> Verdict:
    checks = {check.id: check for check in plan(parse_contract(text.encode(), "contracts/t.yaml"))}
    return evaluate(checks[id_], observation)


def table(
    *fields: pa.Field, rows: int | None = None, hive: frozenset[str] = frozenset()
) -> TableFacts:
    basis = None if rows is None else Basis.STATISTICS
    return TableFacts(
        "t", "parquet", pa.schema(fields), rows=rows, rows_basis=basis, hive_partitions=hive
    )


def test_a_table_that_is_there_is_kept() -> None:
    assert judged(TEXT, "table", Observation(table=table(A))) == Kept(Basis.SCHEMA)


def test_a_missing_table_is_red_with_where_it_was_looked_for() -> None:
    error = TableMissing("no file", table="t", location="lake/t")
    assert judged(TEXT, "table", Observation(table=error)) == Broken(
        (
            Finding(
                FindingCode.TABLE_MISSING,
                TABLE_PLACE,
                "t",
                "a table that the engine can read at lake/t",
                "no file",
                "check `source`, the lake root (--cst-lake), or the session that the project supplies",
            ),
        ),
        Basis.SCHEMA,
    )


def test_a_damaged_table_is_red_and_not_missing() -> None:
    verdict = judged(TEXT, "table", Observation(table=IntrospectionError("bad footer", table="t")))
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code, finding.observed) == (FindingCode.TABLE_UNREADABLE, "bad footer")
    assert (finding.place, finding.promised) == (TABLE_PLACE, "a table that the engine can read")


def test_a_table_made_of_a_broken_one_is_undecided_by_that_one() -> None:
    verdict = judged(TEXT, "table", Observation(table=TableMissing("no file", table="origin")))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("origin", "table")
    assert (verdict.finding.code, verdict.finding.subject) == (FindingCode.TABLE_UNREADABLE, "t")


def test_without_a_session_the_table_is_undecided_and_nothing_else_is_red_for_it() -> None:
    verdict = judged(TEXT, "table", Observation(table=IntrospectionError("the hook raised")))
    assert isinstance(verdict, Undecided)
    assert verdict.cause is None
    assert verdict.finding.code is FindingCode.SESSION_UNREADABLE
    assert (verdict.finding.promised, verdict.finding.observed) == (
        "a session to look at",
        "the hook raised",
    )


@pytest.mark.parametrize(
    "id_",
    ["rows", "fields", "field[a]", "partition[p]", "order[declared]", "nulls[a]"],
)
@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (TableMissing("gone", table="t"), Cause("t", "table")),
        (IntrospectionError("gone", table="origin"), Cause("origin", "table")),
        (IntrospectionError("gone"), Cause("t", "table")),
    ],
    ids=["missing", "origin", "session"],
)
def test_every_other_check_of_an_unreadable_table_names_the_red_one(
    id_: str, error: IntrospectionError, cause: Cause
) -> None:
    verdict = judged(TEXT, id_, Observation(table=error, values=error))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == cause
    finding = verdict.finding
    assert (finding.code, finding.subject) == (FindingCode.TABLE_UNREADABLE, "t")
    observed = "origin: gone" if error.table == "origin" else "gone"
    assert (finding.promised, finding.observed) == ("a table that can be looked at", observed)


def test_rows_are_kept_with_their_number_and_what_counted_them() -> None:
    assert judged(TEXT, "rows", Observation(table=table(A, rows=3))) == Kept(Basis.STATISTICS, 3)
    read = ValueFacts(3, Basis.SCAN)
    observation = Observation(table=table(A, rows=3), values=read)
    assert judged(TEXT, "rows", observation) == Kept(Basis.SCAN, 3)


@pytest.mark.parametrize("allowed", [False, True])
def test_an_empty_table_is_vacuous_and_fine_only_where_the_contract_says_so(
    *, allowed: bool
) -> None:
    text = (
        TEXT.replace("ordered_by: [a]", "ordered_by: [a], allow_empty: true") if allowed else TEXT
    )
    assert judged(text, "rows", Observation(table=table(A, rows=0))) == Vacuous(
        Finding(
            FindingCode.EMPTY_TABLE,
            TABLE_PLACE,
            "t",
            "at least one row",
            "0 rows",
            "" if allowed else "write `allow_empty: true` under `source` if an empty table is fine",
        ),
        allowed,
        Basis.STATISTICS,
    )


@pytest.mark.parametrize(("counted", "read"), [(5, 4), (0, 4), (5, 0)])
def test_a_count_that_the_rows_do_not_bear_out_is_red(counted: int, read: int) -> None:
    observation = Observation(table=table(A, rows=counted), values=ValueFacts(read, Basis.SCAN))
    verdict = judged(TEXT, "rows", observation)
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code, finding.place) == (FindingCode.ROW_COUNT_DISAGREES, TABLE_PLACE)
    assert finding.promised == f"count(*) = {counted}, as the engine answers it"
    assert finding.observed == f"{read} rows read"
    assert (verdict.basis, verdict.rows) == (Basis.SCAN, read)


def test_rows_that_cannot_be_read_are_red_and_the_nulls_point_there() -> None:
    unread = IntrospectionError("page checksum", table="t")
    observation = Observation(table=table(A, rows=3), values=unread)
    rows, nulls = judged(TEXT, "rows", observation), judged(TEXT, "nulls[a]", observation)
    assert isinstance(rows, Broken)
    (finding,) = rows.findings
    assert (finding.code, finding.promised, finding.observed) == (
        FindingCode.TABLE_UNREADABLE,
        "rows that can be read",
        "page checksum",
    )
    assert isinstance(nulls, Undecided)
    assert nulls.cause == Cause("t", "rows")


def test_exactly_the_promised_fields_are_kept() -> None:
    assert judged(TEXT, "fields", Observation(table=table(A, B, C))) == Kept(Basis.SCHEMA)
    assert judged(TEXT, "fields", Observation(table=table(A, B, C, P))) == Kept(Basis.SCHEMA)


@pytest.mark.parametrize("type_", [pa.int64(), pa.list_(pa.struct([A]))])
def test_a_field_that_nobody_promised_is_red_unless_extra_ones_are_allowed(
    type_: pa.DataType,
) -> None:
    observation = Observation(table=table(A, B, C, pa.field("x", type_)))
    verdict = judged(TEXT, "fields", observation)
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code, finding.place) == (FindingCode.FIELD_UNPROMISED, FIELDS_PLACE)
    assert (finding.subject, finding.promised) == ("t.x", "no such field")
    assert finding.observed.startswith("x: ")
    allowing = TEXT + "extra_fields: allow\n"
    assert judged(allowing, "fields", observation) == Kept(Basis.SCHEMA)


def test_extra_fields_of_one_name_are_each_told() -> None:
    twice = (pa.field("x", pa.int8()), pa.field("x", pa.int16()))
    verdict = judged(TEXT, "fields", Observation(table=table(A, B, C, *twice)))
    assert isinstance(verdict, Broken)
    assert [finding.observed for finding in verdict.findings] == ["x: int8", "x: int16"]


def test_another_order_is_red_unless_any_is_fine() -> None:
    observation = Observation(table=table(B, A, C))
    assert judged(TEXT, "fields", observation) == Broken(
        (
            Finding(
                FindingCode.FIELD_ORDER,
                FIELDS_PLACE,
                "t",
                "a, b, c",
                "b, a, c",
                "write `field_order: any` if the order does not matter to readers",
            ),
        ),
        Basis.SCHEMA,
    )
    assert judged(TEXT + "field_order: any\n", "fields", observation) == Kept(Basis.SCHEMA)


def test_a_missing_field_puts_no_other_out_of_order() -> None:
    assert judged(TEXT, "fields", Observation(table=table(A, C))) == Kept(Basis.SCHEMA)


def test_a_hive_partition_field_has_no_place_among_the_stored_ones() -> None:
    text = TEXT.replace("fields:\n", "fields:\n  - {name: p, type: string}\n")
    hive = table(A, B, C, P, hive=frozenset("p"))
    assert judged(text, "fields", Observation(table=hive)) == Kept(Basis.SCHEMA)
    assert judged(text, "field[p]", Observation(table=hive)) == Kept(Basis.SCHEMA)
    stored = table(A, B, C, P)
    assert isinstance(judged(text, "fields", Observation(table=stored)), Broken)
    assert isinstance(judged(text, "field[p]", Observation(table=stored)), Broken)


@pytest.mark.parametrize(
    "id_",
    ["table", "rows", "fields", "field[a]", "partition[p]", "order[declared]", "nulls[a]"],
)
def test_a_check_without_what_it_looks_at_is_a_bug_and_no_verdict(id_: str) -> None:
    with pytest.raises(AssertionError, match="was evaluated without"):
        judged(TEXT, id_, Observation())


def test_a_table_whose_promises_all_hold_is_all_kept() -> None:
    certain = pa.field("a", pa.int64(), nullable=False)
    ordering = OrderingFacts(planned=(), supplied=False)
    facts = TableFacts("t", "parquet", pa.schema([certain, B, C]), rows=2, ordering=ordering)
    values = ValueFacts(2, Basis.SCAN, {"a": NullCount(2, 0)})
    observation = Observation(table=facts, values=values)
    ids = ("table", "rows", "fields", "field[a]", "field[b]", "field[c]", "nulls[a]")
    assert {type(judged(TEXT, id_, observation)) for id_ in ids} == {Kept}
