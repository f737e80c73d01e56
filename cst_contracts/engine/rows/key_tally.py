"""Tallies the hashes of a key, and looks the few equal ones up exactly.

Hashes are what travels of a key: equal values have equal hashes, wherever they were made.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from struct import Struct as Layout
from typing import ClassVar, Self, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import DataFrame, Expr, col
from datafusion import functions as f
from msgspec import Struct

from cst_contracts.datatypes import top_level
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.hashes import Equal, Hashes, Room
from cst_contracts.engine.rows.measure import Keeping
from cst_contracts.engine.rows.stretches import FILE, ROW, Stretch
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import batches_of
from cst_contracts.facts import KeyCount, RowPlace, Sample
from cst_contracts.needs import AnyRowNeed, KeyNeed
from cst_contracts.sql.keys import PLACES, flattened, key_column
from cst_contracts.sql.names import identifier

_Value: TypeAlias = tuple[object, ...]
#: Beyond these, duplicates are no few rows to look up: a query that may spill counts them.
MOST_HASHES, _MOST_ROWS = 2_000, 200_000


def hash_of(columns: Sequence[str]) -> Expr:
    return f.spark.xxhash64(*(col(identifier(name)) for name in columns))


def without_value(columns: Sequence[str]) -> Expr:
    first, *others = (col(identifier(name)).is_null() for name in columns)
    for other in others:
        first = first | other
    return first


class KeyPart(Struct, frozen=True):
    """The key's values are in `hashed` columns of what is scanned. The rows of equal hashes are looked up in
    `files`. `number` tells it from the other keys of a scan."""

    need: KeyNeed
    hashed: tuple[str, ...]
    room: int
    files: ScannableFiles
    number: int = 0
    samples: int = 0

    @property
    def needs(self) -> tuple[KeyNeed, ...]:
        return (self.need,)

    @property
    def fields(self) -> Sequence[str]:
        return ()

    @property
    def columns(self) -> Sequence[Expr]:
        return (
            hash_of(self.hashed).alias(f"__cst_hash{self.number}"),
            without_value(self.hashed).alias(f"__cst_missing{self.number}"),
        )

    @property
    def placed(self) -> bool:
        return False

    @property
    def keeping(self) -> Keeping:
        """Of hashes of few possible values, the values can be told."""
        fields = tuple(top_level(path) for path in self.need.paths)
        return Keeping(("key", self.need.paths, self.hashed), fields, KeptHashes.size)

    def tallies(self, number: int) -> Sequence["KeyTally"]:
        room = Room(self.room)
        return [KeyTally(self, Hashes(room)) for _ in range(number)]

    def restored(self, data: bytes) -> "KeyTally":
        incomplete, hashes = msgspec.msgpack.decode(data, type=tuple[int, bytes])
        (tally,) = self.tallies(1)
        tally.hashes.add_bytes(hashes)
        tally.hashes.incomplete = incomplete
        return tally

    def apart(self) -> Sequence["KeyPart"]:
        return (self,)

    def settled(self, tally: "KeyTally") -> Mapping[AnyRowNeed, KeyCount]:
        equal = tally.equal()
        if equal is None:
            return {}
        if not equal.hashes:
            return tally.answers()
        paths = self.need.paths
        rows, columns = key_rows(self.files, paths, placed=True)
        duplicates = look_up(rows, columns, equal, self.samples)
        samples = tuple(Sample(place, ()) for place in duplicates.places)
        hashes = tally.hashes
        return {self.need: KeyCount(hashes.complete, duplicates.rows, hashes.incomplete, samples)}


class KeyTally:
    """Proves by itself only that a key is unique."""

    def __init__(self, part: KeyPart, hashes: Hashes) -> None:
        self.hashes = hashes
        self._part = part
        self._equal: Equal | None = None
        self._compared = False

    def add(self, stretch: Stretch) -> None:
        number = self._part.number
        self.hashes.add(
            stretch.column(f"__cst_hash{number}"), stretch.column(f"__cst_missing{number}")
        )

    def merge(self, other: "KeyTally") -> None:
        self.hashes.merge(other.hashes)

    def equal(self) -> Equal | None:
        """The hashes that several rows have; None where they are too many to look up. No row can be added
        any more."""
        if not self._compared:
            found = self.hashes.repeated(_MOST_ROWS)
            self._equal = None if found is None or len(found.hashes) > MOST_HASHES else found
            self._compared = True
        return self._equal

    def answers(self) -> Mapping[AnyRowNeed, KeyCount]:
        equal = self.equal()
        if equal is None or equal.hashes:
            return {}
        return {self._part.need: KeyCount(self.hashes.complete, 0, self.hashes.incomplete)}

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode((self.hashes.incomplete, self.hashes.to_bytes()))

    def apart(self) -> Sequence[bytes]:
        """Counts and sorted hashes. Raises IntrospectionError where these are more than may be held."""
        hashes = self.hashes
        if hashes.complete > self._part.room:
            reason = f"its {hashes.complete} keys in one file are more than memory may be taken for"
            raise IntrospectionError(reason, relation=self._part.need.relation)
        found = np.sort(np.frombuffer(hashes.to_bytes(), np.int64))
        return (KeptHashes(hashes.complete, hashes.incomplete).data + found.tobytes(),)

    def take(self, data: bytes, file: str) -> None:  # noqa: ARG002 - a hash has no place
        kept = KeptHashes.of(data)
        self.hashes.add(pa.array(kept.hashes(data)), None)
        self.hashes.incomplete += kept.incomplete


class KeptHashes(Struct, frozen=True):
    """How many rows of a file have all values of a key, and how many have not. The hashes of the former
    follow, eight bytes each."""

    complete: int
    incomplete: int
    size: ClassVar[int] = 16

    @classmethod
    def of(cls, data: bytes) -> Self:
        return cls(*_COUNTS.unpack_from(data))

    @property
    def data(self) -> bytes:
        return _COUNTS.pack(self.complete, self.incomplete)

    def hashes(self, data: bytes) -> npt.NDArray[np.int64]:
        """Of all that was kept, in order."""
        return np.frombuffer(data, np.int64, self.complete, self.size)


_COUNTS = Layout("<qq")


def key_rows(
    files: ScannableFiles, paths: Sequence[str], *, placed: bool
) -> tuple[DataFrame, list[str]]:
    """One row per key, with the row's place where that is wanted, and the names of the key's columns."""
    query = key_query(files, paths, placed=placed)
    return files.context.sql(query), [key_column(index) for index in range(len(paths))]


def key_query(files: ScannableFiles, paths: Sequence[str], *, placed: bool = False) -> str:
    return flattened(files.schema, files.table, paths, PLACES if placed else {})


class Duplicates(Struct, frozen=True):
    """`rows` more than there are keys; `places` of the first rows that share a key, those of a key
    together."""

    rows: int
    places: tuple[RowPlace, ...] = ()


def look_up(keys: DataFrame, columns: Sequence[str], equal: Equal, samples: int) -> Duplicates:
    """Equal hashes may be of other keys. `keys` has the rows' places beside the key's columns. Raises what
    the engine raises."""
    found = _having(keys, columns, pa.array(equal.hashes, pa.int64()))
    count = Counter(value for _, value in found)
    duplicates = sum(rows - 1 for rows in count.values())
    if not samples:
        return Duplicates(duplicates)
    return Duplicates(duplicates, tuple(_together(found, count)[:samples]))


def _together(
    found: Sequence[tuple[RowPlace, _Value]], count: Mapping[_Value, int]
) -> list[RowPlace]:
    """The places of values that several rows have. All of a value stand where the first of them does: who
    looks at one row wants to see those with which it clashes. A row that has several such values, as one of a
    list has, stands with the first of them."""
    first: dict[_Value, RowPlace] = {}
    for place, value in found:
        first[value] = min(place, first.get(value, place))
    stands: dict[RowPlace, RowPlace] = {}
    for place, value in found:
        if count[value] > 1:
            stands[place] = min(first[value], stands.get(place, place))
    return sorted(stands, key=lambda place: (stands[place], place))


def _having(
    keys: DataFrame, columns: Sequence[str], hashes: pa.Int64Array
) -> list[tuple[RowPlace, _Value]]:
    """The rows of these hashes. Past a filter, DataFusion 55 may no longer know where a row stands,
    therefore they are picked out here."""
    named = [col(name) for name in (FILE, ROW, *map(identifier, columns))]
    last = hash_of(columns).alias("h"), without_value(columns).alias("m")
    rows: list[tuple[RowPlace, _Value]] = []
    for batch in batches_of(keys.select(*named, *last)):
        files, numbers, *values, hashed, missing = batch.columns
        found = pc.and_not(pc.is_in(hashed, hashes), missing)
        if not found.true_count:
            continue
        indices = list(map(int, np.flatnonzero(found.to_numpy(zero_copy_only=False))))
        picked = [[array[at].as_py() for at in indices] for array in map(_plain, values)]
        places = [RowPlace(files[at].as_py(), numbers[at].as_py()) for at in indices]
        rows.extend(zip(places, zip(*picked, strict=True), strict=True))
    return rows


def _plain(column: pa.Array) -> pa.Array:
    """Times as integers: not all have a Python value, and some have that of their neighbours."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date64(column.type):
        return column.cast(pa.int64())
    return column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
