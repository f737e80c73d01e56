"""Rows of a file are compared with their neighbours, however their columns are encoded."""

from collections.abc import Sequence

import pyarrow as pa
import pytest

from cst_contracts.engine.rows.order_tally import OrderPart
from cst_contracts.engine.rows.scan import InOrder, tally
from cst_contracts.facts import Misplaced, RowOrder, SortTerm
from cst_contracts.needs import OrderNeed

BY_A = OrderNeed("t", (SortTerm("a"),))


def order_of_file(file: str, batches: Sequence[pa.RecordBatch]) -> RowOrder:
    (found,) = tally([batches], [OrderPart(BY_A, BY_A.terms)], in_order=InOrder(file))
    order = found.answers()[BY_A]
    assert isinstance(order, RowOrder)
    return order


def encoded(values: list[int | None], how: str) -> pa.Array:
    plain = pa.array(values, pa.int64())
    match how:
        case "run-end":
            ends = pa.array(range(1, len(values) + 1), pa.int32())
            return pa.RunEndEncodedArray.from_arrays(ends, plain)
        case "dictionary":
            return plain.dictionary_encode()
        case "extension":
            return pa.ExtensionArray.from_storage(pa.opaque(pa.int64(), "n", "tests"), plain)
        case _:
            return plain


@pytest.mark.parametrize("how", ["plain", "run-end", "dictionary", "extension"])
def test_a_column_of_any_encoding_is_compared_by_its_values(how: str) -> None:
    batches = [
        pa.record_batch({"a": encoded([1, 2, 2], how)}),
        pa.record_batch({"a": encoded([1, 5, None, 4], how)}),
    ]
    found = order_of_file("f", batches)
    assert (found.rows, found.violations) == (7, 2)
    assert [(each.file, each.row) for each in found.examples] == [("f", 3), ("f", 6)]
    assert found.examples[0] == Misplaced("f", 3, "(2)", "(1)")


def test_rows_that_stand_in_order_are_told_so() -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([3, 5], pa.int32()), pa.array([1, 2]))
    found = order_of_file("f", [pa.record_batch({"a": runs})])
    assert (found.rows, found.violations, found.examples) == (5, 0, ())


@pytest.mark.parametrize("type_", [pa.binary(), pa.binary_view()])
def test_short_values_are_compared_by_every_bit(type_: pa.DataType) -> None:
    """A view holds these in place of a number, as which none is equal to another one."""
    zero, nans = bytes(8), [b"\xff" * 7 + last for last in (b"\x7f", b"\xff")]
    values = [b"text" + each for each in (bytes(7) + b"\x80", zero, *nans, nans[1])]
    found = order_of_file("f", [pa.record_batch({"a": pa.array(values, type_)})])
    assert (found.rows, [each.row for each in found.examples]) == (5, [1])
