"""The measure of spread: the least and the greatest value at a path, and which different ones there are."""

from collections.abc import Mapping, Sequence, Set
from functools import cached_property

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import Expr
from msgspec import Struct, field

from cst_contracts.datatypes import TypeNode, child_nodes, top_level
from cst_contracts.datatypes.values import value_of, value_type, written_value
from cst_contracts.engine.rows.measure import Measure, Scanning
from cst_contracts.engine.rows.null_walk import columns_of, decoded
from cst_contracts.engine.rows.offences import comparable
from cst_contracts.engine.rows.plan import Answer, Queried, Scannable, Scanned
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.engine.rows.value_reading import having_paths, read_values
from cst_contracts.engine.rows.value_tally import type_at, values_at
from cst_contracts.facts import ValueSpread
from cst_contracts.needs import AnyRowNeed, SpreadNeed


class SpreadPart(Struct, frozen=True, dict=True):
    """Of all paths together, so that the arrays below a field are walked once."""

    schema: pa.Schema
    needs: tuple[SpreadNeed, ...]

    @cached_property
    def fields(self) -> Sequence[str]:
        return columns_of(self.schema, [need.path for need in self.needs])

    @property
    def columns(self) -> Sequence[Expr]:
        return ()

    @property
    def placed(self) -> bool:
        return False

    @property
    def keeping(self) -> None:
        """Only a proposal asks, once."""

    def tallies(self, number: int) -> Sequence["SpreadTally"]:
        return [self._tally(_Spreads([_Spread() for _ in self.needs])) for _ in range(number)]

    def restored(self, data: bytes) -> "SpreadTally":
        return self._tally(msgspec.msgpack.decode(data, type=_Spreads))

    def apart(self) -> Sequence["SpreadPart"]:
        return [SpreadPart(self.schema, (need,)) for need in self.needs]

    def settled(self, tally: "SpreadTally") -> Mapping[AnyRowNeed, ValueSpread]:
        return tally.answers()

    def _tally(self, spreads: "_Spreads") -> "SpreadTally":
        tops = {node.name: node for node in child_nodes("", pa.struct(list(self.schema)))}
        return SpreadTally(self.needs, self.schema, [tops[name] for name in self.fields], spreads)


class _Spread(Struct):
    """Of one need, with values as a contract writes them. `different` is None once there are too many."""

    values: int = 0
    nans: int = 0
    least: str | None = None
    greatest: str | None = None
    different: set[str] | None = field(default_factory=set)


class _Spreads(Struct):
    """What travels of a tally: spreads in the order of the needs."""

    needs: list[_Spread]
    rows: int = 0


class SpreadTally:
    """`tops` are the fields of the schema that hold the paths."""

    def __init__(
        self,
        needs: Sequence[SpreadNeed],
        schema: pa.Schema,
        tops: Sequence[TypeNode],
        spreads: _Spreads,
    ) -> None:
        self._needs, self._tops, self._spreads = needs, tops, spreads
        self._by_path = {
            need.path: (need, type_at(schema, need.path), spread)
            for need, spread in zip(needs, spreads.needs, strict=True)
        }

    def add(self, stretch: Stretch) -> None:
        self._spreads.rows += stretch.batch.num_rows
        for node in self._tops:
            for path, array in values_at(node, stretch.column(node.name), self._by_path):
                need, type_, spread = self._by_path[path]
                _merge(spread, _spread_of(comparable(decoded(array)), need.most), need, type_)

    def merge(self, other: "SpreadTally") -> None:
        self._spreads.rows += other._spreads.rows
        for two, (need, type_, one) in zip(
            other._spreads.needs, self._by_path.values(), strict=True
        ):
            _merge(one, two, need, type_)

    def answers(self) -> Mapping[AnyRowNeed, ValueSpread]:
        return {
            need: ValueSpread(
                spread.values,
                spread.nans,
                spread.least,
                spread.greatest,
                None if spread.different is None else _in_order(spread.different, type_),
                rows=self._spreads.rows,
            )
            for need, type_, spread in self._by_path.values()
        }

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode(self._spreads)


def _spread_of(array: pa.Array, most: int) -> _Spread:
    """Of values in a type that Arrow's functions take."""
    held = array.drop_null()
    values = len(held)
    if pa.types.is_floating(held.type):
        held = held.filter(pc.invert(pc.is_nan(held)))
    if not len(held):
        return _Spread(values, values)
    ends = pc.min_max(held)
    different = held.unique()
    return _Spread(
        values,
        values - len(held),
        written_value(ends["min"]),
        written_value(ends["max"]),
        {written_value(each) for each in different} if len(different) <= most else None,
    )


def _merge(one: _Spread, two: _Spread, need: SpreadNeed, type_: pa.DataType) -> None:
    one.values += two.values
    one.nans += two.nans
    ends = _in_order({one.least, one.greatest, two.least, two.greatest} - {None}, type_)
    one.least, one.greatest = (ends[0], ends[-1]) if ends else (None, None)
    if one.different is not None and two.different is not None:
        one.different |= two.different
    else:
        one.different = None
    if one.different is not None and len(one.different) > need.most:
        one.different = None


def _in_order(written: Set[str | None], type_: pa.DataType) -> tuple[str, ...]:
    """Values as they compare, and not as their texts do."""
    texts = sorted(each for each in written if each is not None)
    values = comparable(pa.array([value_of(each, type_) for each in texts], value_type(type_)))
    return tuple(texts[index] for index in pc.array_sort_indices(values).to_pylist())


class SpreadMeasure(Measure[SpreadNeed]):
    """A scan meets every value; footers know least and greatest ones, and not which others there are."""

    def paths_read(self, need: SpreadNeed) -> Sequence[str]:
        return (need.path,)

    def plan(
        self,
        needs: Sequence[SpreadNeed],
        scannable: Scannable,
        planned: Sequence[Answer],  # noqa: ARG002 - it depends on no other measure
    ) -> Sequence[Answer]:
        known = having_paths(needs, scannable.schema)
        return [
            Scanned(need, top_level(need.path))
            if need in known
            else Queried(need, "no file has the field")
            for need in needs
        ]

    def paths(self, answers: Sequence[Answer], schema: pa.Schema) -> Sequence[str]:  # noqa: ARG002
        return [need.path for need in _scanned(answers)]

    def parts(self, answers: Sequence[Answer], scanning: Scanning) -> Sequence[SpreadPart]:
        return _parts(scanning.schema, having_paths(_scanned(answers), scanning.schema))

    def in_portions(self, need: SpreadNeed) -> Answer:
        return Scanned(need, need.path)

    def by_query(self, needs: Sequence[SpreadNeed], queries: Queries) -> Results:
        return read_values(needs, queries, _parts)

    def violations(self, fact: ValueSpread) -> int:  # noqa: ARG002
        """Nothing is promised of it."""
        return 0

    def looked_at(self, fact: ValueSpread) -> int:
        return fact.values


SPREAD = SpreadMeasure()


def _parts(schema: pa.Schema, needs: tuple[SpreadNeed, ...]) -> list[SpreadPart]:
    return [SpreadPart(schema, needs)] if needs else []


def _scanned(answers: Sequence[Answer]) -> list[SpreadNeed]:
    needs = (answer.need for answer in answers if isinstance(answer, Scanned))
    return [need for need in needs if isinstance(need, SpreadNeed)]
