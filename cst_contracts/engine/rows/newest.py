"""The measure of freshness: the latest time in a field, read from the rows and believed from no footer."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import Expr
from msgspec import Struct

from cst_contracts.engine.rows.measure import Keeping, Measure, Scanning
from cst_contracts.engine.rows.plan import Answer, Queried, Scannable, Scanned
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.engine.rows.value_reading import read_values
from cst_contracts.facts import NewestValue
from cst_contracts.needs import AnyRowNeed, NewestNeed

#: Python's times have no more than microseconds, which is fine for an age.
_TIME = pa.timestamp("us")


class NewestPart(Struct, frozen=True):
    """One field, as it is stored."""

    need: NewestNeed

    @property
    def needs(self) -> tuple[NewestNeed, ...]:
        return (self.need,)

    @property
    def fields(self) -> Sequence[str]:
        return (self.need.field,)

    @property
    def columns(self) -> Sequence[Expr]:
        return ()

    @property
    def placed(self) -> bool:
        return False

    @property
    def keeping(self) -> Keeping:
        return Keeping(("newest", self.need.field), (self.need.field,))

    def tallies(self, number: int) -> Sequence["NewestTally"]:
        return [NewestTally(self.need) for _ in range(number)]

    def restored(self, data: bytes) -> "NewestTally":
        rows, newest = msgspec.msgpack.decode(data, type=tuple[int, datetime | None])
        return NewestTally(self.need, rows, newest)

    def apart(self) -> Sequence["NewestPart"]:
        return (self,)

    def settled(self, tally: "NewestTally") -> Mapping[AnyRowNeed, NewestValue]:
        return tally.answers()


class NewestTally(Struct):
    """The greatest value so far, and how many rows have one."""

    need: NewestNeed
    rows: int = 0
    newest: datetime | None = None

    def add(self, stretch: Stretch) -> None:
        column = stretch.column(self.need.field)
        self.rows += len(column) - column.null_count
        self._take(_latest(column))

    def merge(self, other: "NewestTally") -> None:
        self.rows += other.rows
        self._take(other.newest)

    def _take(self, other: datetime | None) -> None:
        if other is not None:
            self.newest = other if self.newest is None else max(self.newest, other)

    def answers(self) -> Mapping[AnyRowNeed, NewestValue]:
        return {self.need: NewestValue(self.rows, self.newest)}

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode((self.rows, self.newest))

    def apart(self) -> Sequence[bytes]:
        return (self.to_bytes(),)

    def take(self, data: bytes, file: str) -> None:  # noqa: ARG002 - it has no places
        self.merge(NewestPart(self.need).restored(data))


def _latest(column: pa.Array) -> datetime | None:
    """None where no slot has a value. Raises what pyarrow raises for a time beyond what Python can hold."""
    greatest = pc.max(column)
    zone = getattr(greatest.type, "tz", None)
    value = greatest.cast(pa.timestamp("us", zone) if zone else _TIME, safe=False).as_py()
    return value if isinstance(value, datetime) else None


class NewestMeasure(Measure[NewestNeed]):
    """A scan meets every value; footers know a greatest one, and nothing says that they are right."""

    def paths_read(self, need: NewestNeed) -> Sequence[str]:
        return (need.path,)

    def plan(
        self,
        needs: Sequence[NewestNeed],
        scannable: Scannable,
        planned: Sequence[Answer],  # noqa: ARG002 - it depends on no other measure
    ) -> Sequence[Answer]:
        return [
            Scanned(need, need.field)
            if need.field in scannable.schema.names and need.field not in scannable.partitions
            else Queried(need, f"no file has {need.field}")
            for need in needs
        ]

    def paths(self, answers: Sequence[Answer], schema: pa.Schema) -> Sequence[str]:  # noqa: ARG002
        return [need.path for need in _scanned(answers)]

    def parts(
        self,
        answers: Sequence[Answer],
        scanning: Scanning,  # noqa: ARG002
    ) -> Sequence[NewestPart]:
        return [NewestPart(need) for need in _scanned(answers)]

    def in_portions(self, need: NewestNeed) -> Answer:
        return Scanned(need, need.field)

    def by_query(self, needs: Sequence[NewestNeed], queries: Queries) -> Results:
        """Every value is read: an aggregate would be answered by statistics."""
        return read_values(needs, queries, _parts)

    def violations(self, fact: NewestValue) -> int:  # noqa: ARG002
        """No row breaks it: the one that would keep it is missing."""
        return 0

    def looked_at(self, fact: NewestValue) -> int:
        return fact.rows


NEWEST = NewestMeasure()


def _parts(schema: pa.Schema, needs: tuple[NewestNeed, ...]) -> list[NewestPart]:  # noqa: ARG001
    return [NewestPart(need) for need in needs]


def _scanned(answers: Sequence[Answer]) -> list[NewestNeed]:
    needs = (answer.need for answer in answers if isinstance(answer, Scanned))
    return [need for need in needs if isinstance(need, NewestNeed)]
