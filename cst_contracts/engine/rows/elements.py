"""Counts rows, the elements that their lists and maps hold, of which a view may make rows, and values."""

from collections.abc import Mapping, Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import Expr
from msgspec import Struct, field

from cst_contracts.datatypes import is_list
from cst_contracts.engine.rows.results import RowFact
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.needs import AnyRowNeed


class ElementPart(Struct, frozen=True):
    """Answers no need. All of the `fields` are read; the elements of those in `lists` are counted, and the
    values of those in `extracted`."""

    fields: tuple[str, ...]
    lists: tuple[str, ...]
    extracted: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[AnyRowNeed, ...]:
        return ()

    @property
    def columns(self) -> Sequence[Expr]:
        return ()

    @property
    def placed(self) -> bool:
        return False

    @property
    def keeping(self) -> None:
        """They answer no promise."""

    def tallies(self, number: int) -> Sequence["ElementTally"]:
        return [
            ElementTally(dict.fromkeys(self.lists, 0), dict.fromkeys(self.extracted, 0))
            for _ in range(number)
        ]

    def restored(self, data: bytes) -> "ElementTally":
        return msgspec.msgpack.decode(data, type=ElementTally)

    def apart(self) -> Sequence["ElementPart"]:
        return (self,)

    def settled(self, tally: "ElementTally") -> Mapping[AnyRowNeed, RowFact]:
        return tally.answers()


class ElementTally(Struct):
    """By column, how many elements there are, and how many values."""

    elements: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    rows: int = 0

    def add(self, stretch: Stretch) -> None:
        self.rows += stretch.batch.num_rows
        for name in self.elements:
            self.elements[name] += _elements(stretch.column(name))
        for name in self.values:
            column = stretch.column(name)
            self.values[name] += len(column) - column.null_count

    def merge(self, other: "ElementTally") -> None:
        self.rows += other.rows
        for name, number in other.elements.items():
            self.elements[name] += number
        for name, number in other.values.items():
            self.values[name] += number

    def answers(self) -> Mapping[AnyRowNeed, RowFact]:
        return {}

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode(self)


def _elements(array: pa.Array) -> int:
    """A null holds none."""
    if pa.types.is_map(array.type):
        array = array.cast(pa.list_(array.type.field(0)))
    if not is_list(array.type):
        return 0
    return int(pc.sum(pc.list_value_length(array)).as_py() or 0)
