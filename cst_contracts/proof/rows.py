"""The rows of a table as Python values, which can be changed at any depth before they become Arrow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import TypeNode, child_nodes, child_path, is_list, leads_to, top_level
from cst_contracts.proof.columns import Value


class Slot(Struct, frozen=True):
    """One place that holds a value. `row` is the number of the row that it is in, `at` tells slots of one row
    apart: below the same list, slots of two paths with one `at` belong to one element."""

    row: int
    at: tuple[int, ...]
    value: Value
    put: Callable[[Value], None]


class Rows(Struct, frozen=True):
    """The schema, and the values of each column, one a row."""

    schema: pa.Schema
    columns: Mapping[str, list[Value]]

    @property
    def count(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def table(self) -> pa.Table:
        arrays = [_array(self.columns[each.name], each.type) for each in self.schema]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def copy(self) -> "Rows":
        """Of which values can be put elsewhere, without a change here."""
        return Rows(self.schema, deepcopy(dict(self.columns)))

    def take(self, rows: Sequence[int]) -> "Rows":
        """The rows of these numbers, in this sequence; one may come twice."""
        return Rows(
            self.schema,
            {
                name: deepcopy([values[row] for row in rows])
                for name, values in self.columns.items()
            },
        )

    def slots(self, path: str) -> Iterator[Slot]:
        """All places of a path, nulls too. There is none below a null, and none in an empty list."""
        name = top_level(path)
        values = self.columns[name]
        node = TypeNode(child_path("", name), name, self.schema.field(name))
        for row, value in enumerate(values):
            yield from _slots(node, path, row, (), value, _putting(values, row))


def _slots(
    node: TypeNode,
    path: str,
    row: int,
    at: tuple[int, ...],
    value: Value,
    put: Callable[[Value], None],
) -> Iterator[Slot]:
    if node.path == path:
        yield Slot(row, at, value, put)
        return
    type_ = node.field.type
    if value is None:
        return
    below = next(each for each in child_nodes(node.path, type_) if leads_to(each.path, path))
    if is_list(type_):
        for index, each in enumerate(value):
            yield from _slots(below, path, row, (*at, index), each, _putting(value, index))
    elif pa.types.is_map(type_):
        side = 0 if below.path.endswith(".key") else 1
        for index, pair in enumerate(value):
            inside = _putting_side(value, index, side)
            yield from _slots(below, path, row, (*at, index), pair[side], inside)
    else:
        yield from _slots(below, path, row, at, value[below.name], _putting(value, below.name))


def _putting(values: Any, key: int | str) -> Callable[[Value], None]:
    def put(value: Value) -> None:
        values[key] = value

    return put


def _putting_side(
    pairs: list[tuple[Value, Value]], index: int, side: int
) -> Callable[[Value], None]:
    def put(value: Value) -> None:
        key, old = pairs[index]
        pairs[index] = (value, old) if side == 0 else (key, value)

    return put


def _array(values: list[Value], type_: pa.DataType) -> pa.Array:
    if isinstance(type_, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(type_, _array(values, type_.storage_type))
    return _with_nulls_below(pa.array(values, type_))


def _with_nulls_below(array: pa.Array) -> pa.Array:
    """Below a struct that is null, pyarrow puts zeros, and DataFusion 55 takes `st['a']` for them: rows that
    are read from Parquet have nulls there."""
    if not pa.types.is_struct(array.type) or not array.type.num_fields:
        return array
    children = [_with_nulls_below(each) for each in array.flatten()]
    return pa.StructArray.from_arrays(children, fields=list(array.type), mask=array.is_null())
