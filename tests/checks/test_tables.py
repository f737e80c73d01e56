"""Is the table there, with rows, with the promised fields in their order and no others?"""

import pyarrow as pa
import pytest
from msgspec.structs import replace
from support.answers import judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    DeclaredFacts,
    FilesFacts,
    NullCount,
    RowCount,
    SortTerm,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AnyNeed,
    DeclaredNeed,
    FilesNeed,
    NullsNeed,
    RowCountNeed,
    RowsReadNeed,
    SchemaNeed,
)

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
A = A.with_nullable(nullable=False)
TABLE_PLACE, FIELDS_PLACE = Location("contracts/t.yaml", 1, 1), Location("contracts/t.yaml", 3, 1)


MISSING = CouldNotLook("no file", "t", location="lake/t", trouble=Trouble.MISSING)


def judged(
    text: str,
    id_: str,
    observed: TableFacts | CouldNotLook,
    rows: int | CouldNotLook | None = None,
    read: int | CouldNotLook | None = None,
) -> Verdict:
    """`rows`: as metadata count them. `read`: as whoever looked for nulls has met them; None: nobody did."""
    known: dict[AnyNeed, object] = {SchemaNeed("t"): observed, FilesNeed("t"): FilesFacts(1)}
    if rows is not None:
        known[RowCountNeed("t")] = count(rows, Basis.STATISTICS)
        known[RowsReadNeed("t")] = None if read is None else count(read, Basis.SCAN)
    return judged_by(text, id_, known)


def count(rows: int | CouldNotLook, basis: Basis) -> RowCount | CouldNotLook:
    return RowCount(rows, basis) if isinstance(rows, int) else rows


def table(*fields: pa.Field, hive: frozenset[str] = frozenset()) -> TableFacts:
    return TableFacts("t", "parquet", pa.schema(fields), hive_partitions=hive)


def test_a_table_that_is_there_is_kept() -> None:
    assert judged(TEXT, "table", table(A)) == Kept(Basis.SCHEMA)


A_ASC, B_DESC = SortTerm("a"), SortTerm("b", descending=True)


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (DeclaredFacts(("a", "p"), (("a", "b"),), ((A_ASC,),)), None),
        (DeclaredFacts(("a", "b", "c")), "NOT NULL of b, c"),
        (DeclaredFacts((), (("b", "a"), ("a",))), "that a is unique"),
        (
            DeclaredFacts(("b",), (("b",),)),
            "NOT NULL of b; that b is unique",
        ),
    ],
)
def test_what_a_registration_declares_and_nobody_promised_is_told(
    declared: DeclaredFacts, told: str | None
) -> None:
    known = {SchemaNeed("t"): table(A), DeclaredNeed("t"): declared}
    verdict = judged_by(f"{TEXT}keys: [[a, b]]\n", "table", known)
    finding = Finding(
        FindingCode.DECLARED_UNPROMISED,
        TABLE_PLACE,
        "t",
        "nothing declared that nobody promises",
        f"the session believes {told}, and answers by it",
        "promise it, so that it is measured, or leave it out where the table is registered",
    )
    assert verdict == Kept(Basis.SCHEMA, notes=(finding,) if told else ())


def test_an_order_that_is_declared_and_not_promised_is_told() -> None:
    text = TEXT.replace(", ordered_by: [a]", "")
    declared = DeclaredFacts(orders=((A_ASC,), (B_DESC, A_ASC)))
    known = {SchemaNeed("t"): table(A), DeclaredNeed("t"): declared}
    verdict = judged_by(text, "table", known)
    assert isinstance(verdict, Kept)
    assert [note.observed for note in verdict.notes] == [
        "the session believes the order a asc nulls last; "
        "the order b desc nulls last, a asc nulls last, and answers by it"
    ]


def test_a_missing_table_is_red_with_where_it_was_looked_for() -> None:
    assert judged(TEXT, "table", MISSING) == Broken(
        (
            Finding(
                FindingCode.TABLE_MISSING,
                TABLE_PLACE,
                "t",
                "a table that the engine can read at lake/t",
                "no file",
                "check `source`, the lake root (--lake, pytest's --cst-lake), or the session that the "
                "project supplies",
            ),
        ),
        Basis.SCHEMA,
    )


def test_a_damaged_table_is_red_and_not_missing() -> None:
    verdict = judged(TEXT, "table", CouldNotLook("bad footer", "t"))
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code, finding.observed) == (FindingCode.TABLE_UNREADABLE, "bad footer")
    assert (finding.place, finding.promised) == (TABLE_PLACE, "a table that the engine can read")


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        (Trouble.ENGINE, "the cause is in the engine's words"),
        (Trouble.EMPTY_FILE, "write the file again"),
        (Trouble.FILE_GONE, "bring the file back"),
        (Trouble.LAYOUT, "move them to where the other files lie"),
    ],
)
def test_only_what_the_engine_says_is_called_its_words(kind: Trouble, hint: str) -> None:
    verdict = judged(TEXT, "table", CouldNotLook("this and that", "t", trouble=kind))
    assert isinstance(verdict, Broken)
    assert verdict.findings[0].hint.startswith(hint)


def test_a_table_made_of_a_broken_one_is_undecided_by_that_one() -> None:
    verdict = judged(TEXT, "table", replace(MISSING, relation="origin"))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("origin", "table")
    assert (verdict.finding.code, verdict.finding.subject) == (FindingCode.TABLE_UNREADABLE, "t")


def test_without_a_session_the_table_is_undecided_and_nothing_else_is_red_for_it() -> None:
    verdict = judged(TEXT, "table", CouldNotLook("the hook raised"))
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
    ("trouble", "cause"),
    [
        (CouldNotLook("gone", "t", trouble=Trouble.MISSING), Cause("t", "table")),
        (CouldNotLook("gone", "t", trouble=Trouble.VERSION_ABSENT), Cause("t", "delta[as_of]")),
        (CouldNotLook("gone", "origin"), Cause("origin", "table")),
        (CouldNotLook("gone"), Cause("t", "table")),
    ],
    ids=["missing", "version", "origin", "session"],
)
def test_every_other_check_of_an_unreadable_table_names_the_red_one(
    id_: str, trouble: CouldNotLook, cause: Cause
) -> None:
    verdict = judged(TEXT, id_, trouble)
    assert isinstance(verdict, Undecided)
    assert verdict.cause == cause
    finding = verdict.finding
    assert (finding.code, finding.subject) == (FindingCode.TABLE_UNREADABLE, "t")
    observed = "origin: gone" if trouble.relation == "origin" else "gone"
    assert (finding.promised, finding.observed) == ("a table that can be looked at", observed)


def test_rows_are_kept_with_their_number_and_what_counted_them() -> None:
    assert judged(TEXT, "rows", table(A), 3) == Kept(Basis.STATISTICS, 3)
    assert judged(TEXT, "rows", table(A), 3, 3) == Kept(Basis.SCAN, 3)


@pytest.mark.parametrize("allowed", [False, True])
def test_an_empty_table_is_vacuous_and_fine_only_where_the_contract_says_so(
    *, allowed: bool
) -> None:
    text = (
        TEXT.replace("ordered_by: [a]", "ordered_by: [a], allow_empty: true") if allowed else TEXT
    )
    assert judged(text, "rows", table(A), 0) == Vacuous(
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
    verdict = judged(TEXT, "rows", table(A), counted, read)
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code, finding.place) == (FindingCode.ROW_COUNT_DISAGREES, TABLE_PLACE)
    assert finding.promised == f"count(*) = {counted}, as the engine answers it"
    assert finding.observed == f"{read} rows read"
    assert (verdict.basis, verdict.rows) == (Basis.SCAN, read)


def test_rows_that_cannot_be_read_are_red_and_the_nulls_point_there() -> None:
    unread = CouldNotLook("page checksum", "t")
    for rows in (judged(TEXT, "rows", table(A), 3, unread), judged(TEXT, "rows", table(A), unread)):
        assert isinstance(rows, Broken)
        (finding,) = rows.findings
        assert (finding.code, finding.promised, finding.observed) == (
            FindingCode.TABLE_UNREADABLE,
            "rows that can be read",
            "page checksum",
        )
    known = {SchemaNeed("t"): table(A), NullsNeed("t", "a"): unread}
    nulls = judged_by(TEXT, "nulls[a]", known)
    assert isinstance(nulls, Undecided)
    assert nulls.cause == Cause("t", "rows")


def test_exactly_the_promised_fields_are_kept() -> None:
    assert judged(TEXT, "fields", table(A, B, C)) == Kept(Basis.SCHEMA)
    assert judged(TEXT, "fields", table(A, B, C, P)) == Kept(Basis.SCHEMA)


@pytest.mark.parametrize("type_", [pa.int64(), pa.list_(pa.struct([A]))])
def test_a_field_that_nobody_promised_is_red_unless_extra_ones_are_allowed(
    type_: pa.DataType,
) -> None:
    observed = table(A, B, C, pa.field("x", type_))
    verdict = judged(TEXT, "fields", observed)
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code, finding.place) == (FindingCode.FIELD_UNPROMISED, FIELDS_PLACE)
    assert (finding.subject, finding.promised) == ("t.x", "no such field")
    assert finding.observed.startswith("x: ")
    allowing = TEXT + "extra_fields: allow\n"
    assert judged(allowing, "fields", observed) == Kept(Basis.SCHEMA)


def test_extra_fields_of_one_name_are_each_told() -> None:
    twice = (pa.field("x", pa.int8()), pa.field("x", pa.int16()))
    verdict = judged(TEXT, "fields", table(A, B, C, *twice))
    assert isinstance(verdict, Broken)
    assert [finding.observed for finding in verdict.findings] == ["x: int8", "x: int16"]


def test_another_order_is_red_unless_any_is_fine() -> None:
    observed = table(B, A, C)
    assert judged(TEXT, "fields", observed) == Broken(
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
    assert judged(TEXT + "field_order: any\n", "fields", observed) == Kept(Basis.SCHEMA)


def test_a_missing_field_puts_no_other_out_of_order() -> None:
    assert judged(TEXT, "fields", table(A, C)) == Kept(Basis.SCHEMA)


def test_a_hive_partition_field_has_no_place_among_the_stored_ones() -> None:
    text = TEXT.replace("fields:\n", "fields:\n  - {name: p, type: string}\n")
    hive = table(A, B, C, P, hive=frozenset("p"))
    assert judged(text, "fields", hive) == Kept(Basis.SCHEMA)
    assert judged(text, "field[p]", hive) == Kept(Basis.SCHEMA)
    stored = table(A, B, C, P)
    assert isinstance(judged(text, "fields", stored), Broken)
    assert isinstance(judged(text, "field[p]", stored), Broken)


def test_a_table_whose_promises_all_hold_is_all_kept() -> None:
    certain = pa.field("a", pa.int64(), nullable=False)
    known: dict[AnyNeed, object] = {
        SchemaNeed("t"): table(certain, B, C),
        FilesNeed("t"): FilesFacts(1),
        RowCountNeed("t"): RowCount(2, Basis.STATISTICS),
        RowsReadNeed("t"): RowCount(2, Basis.SCAN),
        NullsNeed("t", "a"): NullCount(2, 0, rows=2),
    }
    ids = ("table", "rows", "fields", "field[a]", "field[b]", "field[c]", "nulls[a]")
    assert {type(judged_by(TEXT, id_, known)) for id_ in ids} == {Kept}


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.MISSING, "table-missing"),
        (Trouble.UNDEFINED, "table-missing"),
        (Trouble.DELTA_FOLDER, "delta-read-as-parquet"),
        (Trouble.FEATURE, "feature-unsupported"),
        (Trouble.LAYOUT, "table-unreadable"),
    ],
)
def test_what_stands_in_the_way_has_a_code_of_its_own(trouble: Trouble, code: str) -> None:
    verdict = judged(TEXT, "table", CouldNotLook("why", "t", trouble=trouble))
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.code.value, finding.place, finding.observed) == (code, TABLE_PLACE, "why")


def test_a_table_that_a_file_nobody_can_read_may_define_is_told_by_that_file() -> None:
    trouble = CouldNotLook("no", "t", trouble=Trouble.UNDEFINED, names=("contracts/u.yaml",))
    verdict = judged(TEXT, "table", trouble)
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("contracts/u.yaml", "contract")


def test_files_that_nobody_reads_are_red() -> None:
    skipped = ("a/x.parquet", "b/y.parquet", "c/z.parquet", "d/w.parquet")
    verdict = judged(TEXT, "table", replace(table(A), skipped=skipped))
    assert isinstance(verdict, Broken)
    (red,) = verdict.findings
    assert (red.code, red.place, red.observed) == (
        FindingCode.FILES_UNREAD,
        TABLE_PLACE,
        "nobody reads a/x.parquet, b/y.parquet, c/z.parquet and 1 more",
    )


def test_files_that_are_meant_to_be_left_unread_and_are_read_are_red() -> None:
    verdict = judged(TEXT, "table", replace(table(A), ignored=("x.parquet",)))
    assert isinstance(verdict, Broken)
    (red,) = verdict.findings
    assert (red.code, red.place, red.observed) == (
        FindingCode.FILES_IGNORED,
        TABLE_PLACE,
        "the engine reads x.parquet",
    )
