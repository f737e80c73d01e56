"""Tallies the values that are not as promised, at any depth, with the first rows that hold one.

Where a value stands in a dictionary, the dictionary is judged, and rows are looked at only where one of its
entries offends.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec
import numpy as np
import pyarrow as pa
from datafusion import Expr
from msgspec import Struct, field
from msgspec.structs import replace

from cst_contracts.contract.model import LimitKind
from cst_contracts.datatypes import TypeNode, child_nodes, find_node, leads_to
from cst_contracts.engine.rows.frequent import Frequent
from cst_contracts.engine.rows.measure import Keeping
from cst_contracts.engine.rows.null_walk import children_of, columns_of, decoded
from cst_contracts.engine.rows.offences import Offends, comparable, offends
from cst_contracts.engine.rows.places import Places
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.facts import ValueCount
from cst_contracts.needs import AnyRowNeed, ValuesNeed


class ValuePart(Struct, frozen=True, dict=True):
    """Of all paths together, so that the arrays below a field are walked once."""

    schema: pa.Schema
    needs: tuple[ValuesNeed, ...]
    samples: int = 0

    @cached_property
    def fields(self) -> Sequence[str]:
        return columns_of(self.schema, [need.path for need in self.needs])

    @property
    def columns(self) -> Sequence[Expr]:
        return ()

    @property
    def placed(self) -> bool:
        return self.samples > 0

    @property
    def keeping(self) -> Keeping | None:
        """Offending values are counted by their text, of a field that may be shown."""
        if len(self.needs) > 1:
            return None
        (need,) = self.needs
        limit = need.limit.kind, msgspec.to_builtins(need.limit)
        return Keeping(("values", need.path, limit, need.told, self.samples))

    def tallies(self, number: int) -> Sequence["ValueTally"]:
        return [self._tally(self._counts()) for _ in range(number)]

    def restored(self, data: bytes) -> "ValueTally":
        return self._tally(msgspec.msgpack.decode(data, type=_Counts))

    def apart(self) -> Sequence["ValuePart"]:
        return [ValuePart(self.schema, (need,), self.samples) for need in self.needs]

    def settled(self, tally: "ValueTally") -> Mapping[AnyRowNeed, ValueCount]:
        return tally.answers()

    def _counts(self) -> "_Counts":
        return _Counts([_Count(Places(self.samples)) for _ in self.needs])

    def _tally(self, counts: "_Counts") -> "ValueTally":
        tops = {node.name: node for node in child_nodes("", pa.struct(list(self.schema)))}
        return ValueTally(self.needs, [tops[name] for name in self.fields], counts)


class _Count(Struct):
    """Of one need."""

    places: Places
    values: int = 0
    violations: int = 0
    frequent: Frequent = field(default_factory=Frequent)

    def in_order(self) -> "_Count":
        """The same, whoever met which value first."""
        return replace(self, places=self.places.few(), frequent=self.frequent.in_order())


class _Counts(Struct):
    """What travels of a tally: counts in the order of the needs."""

    needs: list[_Count]
    rows: int = 0


class ValueTally:
    """Counts by need. `tops` are the fields that hold the paths."""

    def __init__(
        self, needs: Sequence[ValuesNeed], tops: Sequence[TypeNode], counts: _Counts
    ) -> None:
        self._needs, self._tops, self._counts = needs, tops, counts
        self._by_path: dict[str, list[int]] = {}
        for number, need in enumerate(needs):
            self._by_path.setdefault(need.path, []).append(number)
        self._judges: dict[tuple[int, pa.DataType], Offends] = {}
        schema = pa.schema([node.field for node in tops])
        self._types = [type_at(schema, need.path) for need in needs]
        #: Paths whose texts are not worth being gathered in a dictionary: nearly each row has one of its own.
        self._various: set[str] = set()

    def add(self, stretch: Stretch) -> None:
        self._counts.rows += stretch.batch.num_rows
        for node in self._tops:
            for path, array in values_at(node, stretch.column(node.name), self._by_path):
                self._add_values(stretch, path, array)

    def merge(self, other: "ValueTally") -> None:
        self._merge(other._counts)

    def _merge(self, other: _Counts) -> None:
        self._counts.rows += other.rows
        for one, two in zip(self._counts.needs, other.needs, strict=True):
            one.values += two.values
            one.violations += two.violations
            one.frequent.merge(two.frequent)
            one.places.merge(two.places)

    def take(self, data: bytes, file: str) -> None:
        counts = msgspec.msgpack.decode(data, type=_Counts)
        for count in counts.needs:
            count.places = count.places.within(file)
        self._merge(counts)

    def answers(self) -> Mapping[AnyRowNeed, ValueCount]:
        numbered = zip(self._needs, self._counts.needs, strict=True)
        return {
            need: ValueCount(
                count.values,
                count.violations,
                count.frequent.first() if need.told else None,
                count.frequent.others if need.told else None,
                samples=count.places.samples(),
                rows=self._counts.rows,
            )
            for need, count in numbered
        }

    def to_bytes(self) -> bytes:
        return _encoded(self._counts)

    def apart(self) -> Sequence[bytes]:
        rows = self._counts.rows
        return [_encoded(_Counts([each.in_order()], rows)) for each in self._counts.needs]

    def offending_rows(self, batch: pa.RecordBatch, most: int) -> list[int]:
        """Of a single need: the first rows that hold a value that is not as promised."""
        return self._rows(0, batch, most)

    def _add_values(self, stretch: Stretch, path: str, array: pa.Array) -> None:
        encoded = self._encoded(path, array)
        for number in self._by_path[path]:
            count = self._counts.needs[number]
            flags = self._flags(number, encoded)
            count.values += len(encoded) - encoded.null_count
            violations = 0 if flags is None else flags.true_count
            if not violations:
                continue
            count.violations += violations
            if self._needs[number].told:
                count.frequent.add(decoded(encoded.filter(flags)))
            if count.places.most:
                count.places.add(stretch, self._offending(number, stretch.batch, flags))

    def _encoded(self, path: str, array: pa.Array) -> pa.Array:
        """Comparable, and with a dictionary where that spares work: one that has no null in it."""
        if isinstance(array, pa.DictionaryArray):
            entries = array.dictionary
            if len(entries) <= len(array) and not entries.null_count:
                return comparable(array)
        plain = comparable(decoded(array))
        if path in self._various or not len(plain) or not self._is_dear(path):
            return plain
        encoded = plain.dictionary_encode()
        if 2 * len(encoded.dictionary) <= len(encoded):
            return encoded
        self._various.add(path)
        return plain

    def _is_dear(self, path: str) -> bool:
        """Whether it takes longer to judge a value than to find it in a dictionary."""
        return any(
            self._needs[number].limit.kind is LimitKind.PATTERN for number in self._by_path[path]
        )

    def _flags(self, number: int, array: pa.Array) -> pa.Array | None:
        """Which values offend; None where not even an entry of the dictionary does."""
        if not isinstance(array, pa.DictionaryArray):
            return self._judged(number, array)
        entries = self._judged(number, array.dictionary)
        return entries.take(array.indices) if entries.true_count else None

    def _judged(self, number: int, array: pa.Array) -> pa.Array:
        key = number, array.type
        if key not in self._judges:
            limit = self._needs[number].limit
            self._judges[key] = offends(limit, self._types[number], array.type)
        return self._judges[key](array)

    def _offending(self, number: int, batch: pa.RecordBatch, flags: pa.Array) -> Iterable[int]:
        """The rows of flags; of what lies in lists, looked for by halving."""
        path = self._needs[number].path
        if any(path == node.path for node in self._tops):
            known = flags.fill_null(fill_value=False).to_numpy(zero_copy_only=False)
            return np.flatnonzero(known)
        return self._rows(number, batch, self._counts.needs[number].places.most)

    def _rows(self, number: int, batch: pa.RecordBatch, most: int) -> list[int]:
        if not self._offends(number, batch):
            return []
        if batch.num_rows == 1:
            return [0]
        half = batch.num_rows // 2
        first = self._rows(number, batch.slice(0, half), most)
        if len(first) >= most:
            return first
        rest = self._rows(number, batch.slice(half), most - len(first))
        return [*first, *(half + index for index in rest)]

    def _offends(self, number: int, batch: pa.RecordBatch) -> bool:
        path = self._needs[number].path
        node = next(node for node in self._tops if leads_to(node.path, path))
        column = batch.column(batch.schema.get_field_index(node.name))
        ((_, array),) = values_at(node, column, (path,))
        return bool(self._judged(number, comparable(decoded(array))).true_count)


def _encoded(counts: _Counts) -> bytes:
    return msgspec.msgpack.encode(counts)


def type_at(schema: pa.Schema, path: str) -> pa.DataType:
    node = find_node(schema, path)
    if node is None:
        raise KeyError(path)
    return node.field.type


def values_at(
    node: TypeNode, array: pa.Array, paths: Collection[str]
) -> Iterator[tuple[str, pa.Array]]:
    """The arrays of those paths that lie at a node or below it. What has a null parent is null, too."""
    if node.path in paths:
        yield node.path, array
    if any(path != node.path and leads_to(node.path, path) for path in paths):
        for child, below, _ in children_of(node, decoded(array)):
            yield from values_at(child, below, paths)
