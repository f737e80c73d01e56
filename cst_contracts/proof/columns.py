"""Draws the values of one column, to any depth, by one choice for all values of a node."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
from msgspec import Struct, field

from cst_contracts.datatypes import child_nodes, is_list
from cst_contracts.proof.choices import Choices
from cst_contracts.proof.pools import Pool, pool_of

#: A value as Python has it: a struct is a dict, a list a list, a map a list of pairs; a time is a number.
Value: TypeAlias = Any

#: Bytes from here on choose null, which is one value in eight.
_NULL = 224
_LONGEST = 3


class Drawing(Struct, frozen=True):
    """How values are drawn. `pools` are those of paths that are not drawn from their type's own; `solid` are
    paths that are drawn without nulls, though they may have some, and of `loose` ones all may be null."""

    choices: Choices
    pools: Mapping[str, Pool] = field(default_factory=dict)
    plain: bool = False
    solid: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()

    def column(self, path: str, column: pa.Field, count: int) -> list[Value]:
        """The first value is neither null nor empty, as deep as it goes: of each path, but for the loose
        ones, there is something to look at."""
        if count == 0:
            return []
        values = self._present(path, column.type, count)
        if column.nullable and path not in self.solid and not pa.types.is_null(column.type):
            chosen = self.choices.bytes(count)
            for index in range(int(path not in self.loose), count):
                if chosen[index] >= _NULL:
                    values[index] = None
        return values

    def _present(self, path: str, type_: pa.DataType, count: int) -> list[Value]:
        if isinstance(type_, pa.BaseExtensionType):
            return self._present(path, type_.storage_type, count)
        if pa.types.is_struct(type_):
            return self._structs(path, type_, count)
        if pa.types.is_map(type_):
            return self._maps(path, type_, count)
        if is_list(type_):
            return self._lists(path, type_, count)
        return self._leaves(path, type_, count)

    def _structs(self, path: str, type_: pa.StructType, count: int) -> list[Value]:
        nodes = child_nodes(path, type_)
        columns = [self.column(node.path, node.field, count) for node in nodes]
        names = [node.name for node in nodes]
        if not names:
            return [{} for _ in range(count)]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def _lists(self, path: str, type_: pa.DataType, count: int) -> list[Value]:
        (node,) = child_nodes(path, type_)
        lengths = (
            [type_.list_size] * count
            if pa.types.is_fixed_size_list(type_)
            else self._lengths(count)
        )
        elements = self.column(node.path, node.field, sum(lengths))
        return list(_parts(elements, lengths))

    def _maps(self, path: str, type_: pa.MapType, count: int) -> list[Value]:
        key, value = child_nodes(path, type_)
        lengths = self._lengths(count)
        keys = self._keys(key.path, type_.key_type, lengths)
        values = self.column(value.path, value.field, sum(lengths))
        return [
            list(zip(some, others, strict=True))
            for some, others in zip(keys, _parts(values, [len(each) for each in keys]), strict=True)
        ]

    def _keys(self, path: str, type_: pa.DataType, lengths: list[int]) -> list[list[Value]]:
        """Of one map, all different. `lengths` become what could be made."""
        pool = self.pools.get(path) or _keys_of(type_, plain=self.plain)
        chosen = self.choices.bytes(len(lengths))
        most = len(pool.values)
        found = []
        for index, length in enumerate(lengths):
            lengths[index] = min(length, most)
            first = chosen[index] if index else 0
            found.append([pool.values[(first + n) % most] for n in range(lengths[index])])
        return found

    def _lengths(self, count: int) -> list[int]:
        chosen = self.choices.bytes(count)
        return [max(1, each % 4) if not index else each % 4 for index, each in enumerate(chosen)]

    def _leaves(self, path: str, type_: pa.DataType, count: int) -> list[Value]:
        values = (self.pools.get(path) or pool_of(type_, plain=self.plain)).values
        most = len(values)
        return [values[each % most] for each in self.choices.bytes(count)]


def _keys_of(type_: pa.DataType, *, plain: bool) -> Pool:
    """Of keys that are no leaves there is only one value to be sure of."""
    if type_.num_fields and not pa.types.is_dictionary(type_):
        return Pool(tuple(_only(type_)))
    return pool_of(type_, plain=plain)


def _only(type_: pa.DataType) -> Iterator[Value]:
    if pa.types.is_struct(type_):
        yield {each.name: next(_only(each.type)) for each in type_}
    elif type_.num_fields:
        yield []
    else:
        yield pool_of(type_).values[0]


def _parts(values: Sequence[Value], lengths: Sequence[int]) -> Iterator[list[Value]]:
    start = 0
    for length in lengths:
        yield list(values[start : start + length])
        start += length
