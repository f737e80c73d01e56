"""Promises about how data files are written, by what the footers were found to say."""

import pyarrow as pa
import pytest
from support.answers import checks_of, judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.files import FilesKept
from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous, Verdict
from cst_contracts.facts import (
    Basis,
    ColumnChunks,
    CouldNotLook,
    FileFooter,
    FooterGroup,
    FootersFacts,
    SortTerm,
    TableFacts,
)
from cst_contracts.location import Location
from cst_contracts.needs import FootersNeed, SchemaNeed

TEXT = """\
table: t
source:
  format: parquet
  location: t
  ordered_by: [a]
  allow_empty: {empty}
  files:
    {files}
fields:
  - {{name: a, type: int64}}
  - {{name: s, type: "struct<x: string, y: string>"}}
"""
LINE = Location("contracts/t.yaml", 8, 5)
CLAIMED = (SortTerm("a"),)
FOOTERS = (
    FileFooter("1", (FooterGroup(4, CLAIMED), FooterGroup(1, CLAIMED)), 100),
    FileFooter("2", (FooterGroup(5, CLAIMED),), 200),
)


def verdict(
    files: str,
    *chunks: ColumnChunks,
    footers: tuple[FileFooter, ...] = FOOTERS,
    empty: bool = False,
    trouble: CouldNotLook | None = None,
) -> Verdict:
    text = TEXT.format(files=files, empty=str(empty).lower())
    id_ = f"files[{files.partition(':')[0]}]"
    check = checks_of(text)[id_]
    assert isinstance(check, FilesKept)
    schema = TableFacts("t", "parquet", pa.schema([]))
    facts = trouble or FootersFacts(footers, chunks)
    needs = {SchemaNeed("t"): schema, FootersNeed("t", check.asked): facts}
    assert set(check.needs()) == set(needs)
    return judged_by(text, id_, needs)


def chunks(
    trait: str, path: str, *found: str, untold: str = "", count: int = 3, file: str = "1"
) -> ColumnChunks:
    return ColumnChunks(trait, path, found, untold, count, file, 0)


def red(verdict: Verdict, rows: int = 10) -> list[tuple[FindingCode, str, str]]:
    assert isinstance(verdict, Broken)
    assert (verdict.basis, verdict.rows) == (Basis.STATISTICS, rows)
    assert {finding.place for finding in verdict.findings} == {LINE}
    assert {finding.subject for finding in verdict.findings} == {"t"}
    return [(each.code, each.promised, each.observed) for each in verdict.findings]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ("codec: zstd", chunks("codec", "a", "zstd")),
        ("codec: {s: zstd}", chunks("codec", "s.x", "zstd")),
        ("encodings: {a: dictionary}", chunks("encodings", "a", "dictionary", "plain")),
        ("encodings: {a: plain}", chunks("encodings", "a", "plain")),
        ("statistics: true", chunks("statistics", "s.x")),
        ("bloom_filters: [a]", chunks("bloom_filters", "a")),
        ("page_index: [a]", chunks("page_index", "a")),
        ("row_group_rows: {at_least: 4, at_most: 5}", chunks("codec", "a", "lz4")),
        ("bytes: {at_least: 100B, at_most: 200B}", chunks("codec", "a", "lz4")),
        ("sorting_columns: true", chunks("codec", "a", "lz4")),
    ],
)
def test_a_promise_is_kept_for_all_rows_that_the_footers_tell_of(
    files: str, found: ColumnChunks
) -> None:
    assert verdict(files, found) == Kept(Basis.STATISTICS, 10)


@pytest.mark.parametrize(
    ("files", "found", "code", "promised", "observed"),
    [
        (
            "codec: zstd",
            [chunks("codec", "a", "zstd"), chunks("codec", "s.x", "snappy", file="2")],
            FindingCode.FILE_CODEC,
            "zstd",
            "s.x: snappy in 3 column chunks of 6, the first in 2, row group 0",
        ),
        (
            "encodings: {a: dictionary}",
            [chunks("encodings", "a", "plain", count=1)],
            FindingCode.FILE_ENCODING,
            "dictionary",
            "a: plain in 1 column chunk of 1, the first in 1, row group 0",
        ),
        (
            "statistics: true",
            [chunks("statistics", "a", "statistics"), chunks("statistics", "s.x", "statistics")],
            FindingCode.FILE_STATISTICS,
            "null count, least and greatest value",
            "a, s.x: no statistics in 6 column chunks of 6, the first in 1, row group 0",
        ),
        (
            "bloom_filters: [a]",
            [chunks("bloom_filters", "a", "bloom filter")],
            FindingCode.FILE_BLOOM_FILTER,
            "a bloom filter",
            "a: no bloom filter in 3 column chunks of 3, the first in 1, row group 0",
        ),
        (
            "page_index: [s]",
            [chunks("page_index", "s.y", "column index", "offset index")],
            FindingCode.FILE_PAGE_INDEX,
            "column index and offset index",
            "s.y: no column index and no offset index in 3 column chunks of 3, the first in 1, row group 0",
        ),
    ],
)
def test_columns_that_are_written_otherwise_are_red_with_file_row_group_and_column(
    files: str, found: list[ColumnChunks], code: FindingCode, promised: str, observed: str
) -> None:
    assert red(verdict(files, *found)) == [(code, promised, observed)]


def test_what_is_said_of_a_field_below_goes_before_what_is_said_of_the_one_above() -> None:
    found = (chunks("codec", "s.x", "zstd"), chunks("codec", "s.y", "zstd"))
    ((_, promised, observed),) = red(verdict("codec: {s: zstd, s.y: snappy}", *found))
    assert (promised, observed.partition(" in ")[0]) == ("snappy", "s.y: zstd")


@pytest.mark.parametrize(
    ("files", "code", "promised", "observed"),
    [
        (
            "row_group_rows: {at_least: 5}",
            FindingCode.FILE_ROW_GROUPS,
            "at least 5 rows",
            "1, row group 0 has 4 rows",
        ),
        (
            "row_group_rows: {at_most: 3}",
            FindingCode.FILE_ROW_GROUPS,
            "at most 3 rows",
            "2, row group 0 has 5 rows, and 1 more have more than promised",
        ),
        (
            "bytes: {at_least: 1MB}",
            FindingCode.FILE_BYTES,
            "at least 1000000 bytes",
            "1 has 100 bytes, and 1 more have fewer than promised",
        ),
        ("bytes: {at_most: 150B}", FindingCode.FILE_BYTES, "at most 150 bytes", "2 has 200 bytes"),
    ],
)
def test_what_is_furthest_beyond_a_bound_is_named(
    files: str, code: FindingCode, promised: str, observed: str
) -> None:
    assert red(verdict(files)) == [(code, promised, observed)]


def test_both_bounds_may_be_broken() -> None:
    told = red(verdict("bytes: {at_least: 150B, at_most: 160B}"))
    assert [promised for _, promised, _ in told] == ["at least 150 bytes", "at most 160 bytes"]


@pytest.mark.parametrize(
    ("terms", "told"),
    [((), "no order"), ((SortTerm("a", descending=True),), "a desc nulls last")],
)
def test_a_footer_that_names_no_order_or_another_is_red(
    terms: tuple[SortTerm, ...], told: str
) -> None:
    more = (*FOOTERS, FileFooter("3", (FooterGroup(1, terms),)))
    assert red(verdict("sorting_columns: true", footers=more), rows=11) == [
        (
            FindingCode.FILE_ORDER,
            "a asc nulls last",
            f"{told} of 1 row group of 4, the first in 3, row group 0",
        )
    ]


@pytest.mark.parametrize(
    ("files", "found", "told"),
    [
        (
            "codec: zstd",
            chunks("codec", "a", untold="nobody knows it"),
            "a: nothing that is known in 3 column chunks of 3, the first in 1, row group 0; nobody knows it",
        ),
        (
            "encodings: {a: plain}",
            chunks("encodings", "a", "dictionary", "plain"),
            "a: dictionary and plain in 3 column chunks of 3, the first in 1, row group 0; a footer does "
            "not tell whether only the dictionary is plain",
        ),
        (
            "statistics: [a]",
            chunks("statistics", "a", "least and greatest", untold="all may be NaN"),
            "a: no least and greatest in 3 column chunks of 3, the first in 1, row group 0; all may be NaN",
        ),
    ],
)
def test_what_footers_do_not_tell_is_undecided_and_named(
    files: str, found: ColumnChunks, told: str
) -> None:
    undecided = verdict(files, found)
    assert isinstance(undecided, Undecided)
    assert (undecided.finding.code, undecided.cause) == (FindingCode.NOT_CHECKABLE, None)
    assert undecided.finding.observed == told


def test_what_is_broken_goes_before_what_nobody_can_tell() -> None:
    found = (chunks("codec", "a", untold="nobody knows it"), chunks("codec", "s.x", "snappy"))
    ((code, _, observed),) = red(verdict("codec: zstd", *found))
    assert (code, observed.partition(" in ")[0]) == (FindingCode.FILE_CODEC, "s.x: snappy")


def test_a_column_that_no_file_has_is_undecided_for_its_field() -> None:
    undecided = verdict("statistics: [a]", chunks("statistics", "s.x"))
    assert isinstance(undecided, Undecided)
    assert (undecided.finding.observed, undecided.cause) == (
        "no file has it",
        Cause("t", "field[a]"),
    )


def test_a_file_that_is_no_longer_listed_has_no_known_size() -> None:
    undecided = verdict("bytes: {at_least: 1B}", footers=(FileFooter("1", FOOTERS[0].groups),))
    assert isinstance(undecided, Undecided)
    assert undecided.finding.observed == "1 is no longer listed"


@pytest.mark.parametrize("footers", [(), (FileFooter("1", (), 50),)])
def test_files_without_rows_promise_nothing(footers: tuple[FileFooter, ...]) -> None:
    undecided = verdict("codec: zstd", footers=footers)
    assert isinstance(undecided, Undecided)
    assert undecided.cause == Cause("t", "rows")
    vacuous = verdict("codec: zstd", footers=footers, empty=True)
    assert isinstance(vacuous, Vacuous)
    assert vacuous.allowed
    assert vacuous.finding.code is FindingCode.EMPTY_TABLE


def test_footers_that_cannot_be_read_are_undecided() -> None:
    undecided = verdict("codec: zstd", trouble=CouldNotLook("torn", "t"))
    assert isinstance(undecided, Undecided)
    assert (undecided.finding.observed, undecided.cause) == ("torn", None)
