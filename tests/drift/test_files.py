"""What a change of a promise about data files asks: more than before, less, or something else."""

import pytest

from cst_contracts.contract.parse import parse_contract
from cst_contracts.drift.contracts import contract_changes
from cst_contracts.drift.places import place_of_change
from cst_contracts.drift.promises import PromiseAdded, PromiseChanged, PromiseRemoved
from cst_contracts.drift.tightness import Direction
from cst_contracts.location import Location

TEXT = """\
table: t
source:
  format: parquet
  location: t
  ordered_by: [a]
  files:
    {files}
fields: [{{name: a, type: int64}}, {{name: b, type: string}}]
"""


def changes(before: str, after: str) -> list[object]:
    old, new = (parse_contract(TEXT.format(files=each).encode(), "t") for each in (before, after))
    return list(contract_changes(old, new))


@pytest.mark.parametrize(
    ("before", "after", "went"),
    [
        ("statistics: [a]", "statistics: [a, b]", Direction.TIGHTENED),
        ("statistics: [a]", "statistics: true", Direction.TIGHTENED),
        ("page_index: [a, b]", "page_index: [b]", Direction.LOOSENED),
        ("bloom_filters: [a]", "bloom_filters: [b]", Direction.CHANGED),
        ("codec: {a: zstd}", "codec: zstd", Direction.TIGHTENED),
        ("codec: {a: zstd, b: lz4}", "codec: {a: zstd}", Direction.LOOSENED),
        ("codec: zstd", "codec: lz4", Direction.CHANGED),
        ("encodings: {a: plain}", "encodings: {a: dictionary}", Direction.CHANGED),
        ("bytes: {at_least: 1MB}", "bytes: {at_least: 1kB}", Direction.LOOSENED),
        ("bytes: {at_least: 1MB}", "bytes: {at_least: 1MB, at_most: 1GB}", Direction.TIGHTENED),
        ("bytes: {at_least: 1MB}", "bytes: {at_most: 1GB}", Direction.CHANGED),
        ("row_group_rows: {at_most: 9}", "row_group_rows: {at_most: 8}", Direction.TIGHTENED),
    ],
)
def test_a_promise_is_tightened_where_what_keeps_it_kept_the_old_one(
    before: str, after: str, went: Direction
) -> None:
    (change,) = changes(before, after)
    trait = before.partition(":")[0]
    assert isinstance(change, PromiseChanged)
    assert (change.clause, change.name, change.direction) == ("source files", trait, went)
    assert f"{trait}: {change.before}" == before
    assert f"{trait}: {change.after}" == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("codec: {a: zstd, b: lz4}", "codec: {b: lz4, a: zstd}"),
        ("bytes: {at_least: 1MB}", "bytes: {at_least: 1000kB}"),
        ("sorting_columns: true", "sorting_columns: true"),
    ],
)
def test_what_promises_the_same_is_no_change(before: str, after: str) -> None:
    assert changes(before, after) == []


def test_a_promise_that_comes_or_goes_is_told_at_its_own_line() -> None:
    before = parse_contract(TEXT.format(files="codec: zstd").encode(), "before")
    after = parse_contract(TEXT.format(files="sorting_columns: true").encode(), "after")
    gone, came = contract_changes(before, after)
    assert gone == PromiseRemoved("source files", "codec", "zstd")
    assert came == PromiseAdded("source files", "sorting_columns", "true")
    assert place_of_change(came, before, after).location == Location("after", 7, 5)
    assert place_of_change(gone, before, after).location == Location("before", 7, 5)
