"""What a contract may promise of data files, and what it is told where it may not."""

import pytest

from cst_contracts.contract.clauses.files import (
    BoundsPromise,
    ClaimsPromise,
    ColumnsPromise,
    ColumnWanted,
    FilePromise,
    FileTrait,
)
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract

TEXT = """\
table: t
source:
  format: {format}
  location: t
  partitioned_by: [repo]
  ordered_by: [repo, {{field: a, direction: desc}}]
  files: {files}
fields:
  - {{name: repo, type: string}}
  - {{name: a, type: int64}}
  - {{name: x.y, type: string}}
  - {{name: refs, type: "list<struct<id: string>>"}}
"""


def promises(files: str, format_: str = "parquet") -> dict[FileTrait, FilePromise]:
    contract = parse_contract(TEXT.format(files=files, format=format_).encode(), "t.yaml")
    source = getattr(contract, "source", None)
    assert source is not None
    return {each.trait: each for each in source.files}


def refused(files: str, format_: str = "parquet") -> list[str]:
    with pytest.raises(InvalidContract) as error:
        promises(files, format_)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("files", "columns", "spelled"),
    [
        ("{codec: zstd}", [("", "zstd")], "zstd"),
        (
            "{codec: {a: zstd, refs: lz4}}",
            [("a", "zstd"), ("refs", "lz4")],
            "{a: zstd, refs: lz4}",
        ),
        ("{encodings: {a: dictionary}}", [("a", "dictionary")], "{a: dictionary}"),
        ("{statistics: true}", [("", "there")], "true"),
        ("{bloom_filters: ['refs[].id']}", [("refs[].id", "there")], "[refs[].id]"),
        ("{page_index: [a, x.y]}", [("a", "there"), ('"x.y"', "there")], '[a, "x.y"]'),
    ],
)
def test_columns_are_all_or_those_that_are_named(
    files: str, columns: list[tuple[str, str]], spelled: str
) -> None:
    ((trait, promise),) = promises(files).items()
    assert isinstance(promise, ColumnsPromise)
    assert promise.columns == tuple(ColumnWanted(*each) for each in columns)
    assert promise.place.line == 7
    assert str(promise) == spelled
    assert trait in files


@pytest.mark.parametrize(
    ("files", "least", "most"),
    [
        ("{row_group_rows: {at_most: 1000000}}", None, 1_000_000),
        ("{row_group_rows: {at_least: 2, at_most: 2}}", 2, 2),
        ("{bytes: {at_least: 1MB, at_most: 2GiB}}", 1_000_000, 2 * 1024**3),
        ("{bytes: {at_most: 12kB}}", None, 12_000),
        ("{bytes: {at_least: 700B}}", 700, None),
    ],
)
def test_bounds_count_rows_or_bytes(files: str, least: int | None, most: int | None) -> None:
    (promise,) = promises(files).values()
    assert isinstance(promise, BoundsPromise)
    assert (promise.least, promise.most) == (least, most)
    assert str(promise) in files


def test_footers_have_to_name_what_a_file_can_be_ordered_by() -> None:
    (promise,) = promises("{sorting_columns: true}", "delta").values()
    assert isinstance(promise, ClaimsPromise)
    assert [(term.field, term.descending) for term in promise.terms] == [("a", True)]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ("{}", "this file layout promises nothing that can be checked; add `codec`"),
        ("{statistics: false}", "7:11: `statistics: false` promises nothing; write `statistics: t"),
        ("{codec: zip}", "`codec` is `zip`; "),
        ("{codec: {a: zstdd}}", "`a` is `zstdd`; did you mean `zstd`?"),
        ("{codec: {}}", "`codec` is an empty mapping; write at least 1"),
        ("{statistics: [b]}", "7:24: `b` is no promised field; promised are"),
        ("{page_index: [a, a]}", "field `a` is written twice"),
        ("{statistics: [repo]}", "`repo` is a partition field, which no data file holds; leave"),
        ("{row_group_rows: {}}", "this range of row counts promises nothing"),
        ("{row_group_rows: {at_least: 3, at_most: 2}}", "of at least 3 and at most 2; exchange"),
        ("{bytes: {at_least: 1MB, at_most: 1kB}}", "of at least 1MB and at most 1kB; exchange"),
        ("{bytes: {at_least: 1 MB}}", "`at_least` is `1 MB`; write `1MB`"),
        ("{bytes: {at_least: 1000}}", "write `1000B`"),
        ("{compression: zstd}", "unknown key `compression`; write `codec: zstd`"),
    ],
)
def test_what_promises_nothing_or_makes_no_sense_is_refused(files: str, told: str) -> None:
    problems = refused(files)
    # An empty mapping promises nothing to what is around it, either.
    assert len(problems) == 1 + files.endswith(" {}}")
    assert any(told in problem for problem in problems)


def test_sorting_columns_need_an_order_of_rows() -> None:
    text = TEXT.format(files="{sorting_columns: true}", format="parquet")
    text = text.replace("ordered_by: [repo, {field: a, direction: desc}]", "ordered_by: [repo]")
    with pytest.raises(InvalidContract) as error:
        parse_contract(text.encode(), "t.yaml")
    (problem,) = error.value.problems
    assert str(problem) == (
        "t.yaml:7:11: `sorting_columns` without an order of rows that a file can have; "
        "write `ordered_by` under `source`, or leave `sorting_columns` out"
    )


@pytest.mark.parametrize("format_", ["csv", "json", "arrow"])
def test_formats_without_footers_refuse_the_clause(format_: str) -> None:
    (problem,) = refused("{codec: zstd}", format_)
    assert problem == (
        "t.yaml:7:3: `files` beside a format whose files have no footers; "
        "leave `files` out, or write `format: parquet` or `format: delta`"
    )
