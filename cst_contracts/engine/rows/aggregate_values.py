"""Each value that an aggregate computes, written so that several machines can compute it together.

Each machine aggregates its own rows to parts, which stand in columns. Parts of a group are put together to
parts of the same columns, as often as need be; at the end a value is computed of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa
from datafusion import DataFrame, Expr, col, lit
from datafusion import functions as f
from msgspec import Struct

from cst_contracts.engine.rows.written_keys import is_writable
from cst_contracts.sql.names import identifier

#: By the name of a function, what makes its value for all rows of its values for parts of them.
_OF_PARTS: Mapping[str, Callable[[Expr], Expr]] = {
    "count": f.sum,
    "sum": f.sum,
    "min": f.min,
    "max": f.max,
    "bool_and": f.bool_and,
    "bool_or": f.bool_or,
}
#: Of these, a value that is met twice is one.
_IDEMPOTENT = frozenset(_OF_PARTS) - {"count", "sum"}
_OF_DISTINCT: Mapping[str, Callable[..., Expr]] = {"count": f.count, "sum": f.sum}
#: The engine divides decimals of this type as its `avg` divides by a count.
_COUNTED = pa.decimal128(20, 0)


class Value(Protocol):
    """`name` is the column's in what the engine aggregates of all rows."""

    @property
    def name(self) -> str: ...

    def apart(self) -> Mapping[str, Expr]:
        """What stands apart in parts of one group, by its column."""

    def of_rows(self) -> Sequence[Expr]:
        """The parts that are aggregated of rows."""

    def of_parts(self) -> Sequence[Expr]:
        """The same columns, of parts that have in common what stands apart."""

    def of_group(self) -> Sequence[Expr]:
        """Parts of which nothing stands apart any more."""

    def of_buckets(self) -> Sequence[Expr]:
        """The same columns, of parts that have nothing in common that stood apart."""

    def whole(self) -> Expr:
        """The value itself."""


class Additive(Struct, frozen=True):
    """A value that follows from the same function's values of parts."""

    name: str
    function: str
    aggregated: Expr

    def apart(self) -> Mapping[str, Expr]:
        return {}

    def of_rows(self) -> Sequence[Expr]:
        return (self.aggregated.alias(self.name),)

    def of_parts(self) -> Sequence[Expr]:
        found = _OF_PARTS[self.function](_column(self.name))
        # Of no parts there are no rows either, and no sum of their number.
        whole = f.coalesce(found, lit(0)) if self.function == "count" else found
        return (whole.alias(self.name),)

    of_group = of_buckets = of_parts

    def whole(self) -> Expr:
        return _column(self.name)


class Mean(Struct, frozen=True):
    """An average, which follows from a sum and a count."""

    name: str
    type: pa.DataType
    argument: Expr

    @property
    def _count(self) -> str:
        return f"__cst_counted {self.name}"

    def apart(self) -> Mapping[str, Expr]:
        return {}

    def of_rows(self) -> Sequence[Expr]:
        """Whole numbers are added up as the engine's `avg` does it, which cannot overflow."""
        is_decimal = pa.types.is_decimal(self.type)
        added = self.argument if is_decimal else self.argument.cast(pa.float64())
        return f.sum(added).alias(self.name), f.count(self.argument).alias(self._count)

    def of_parts(self) -> Sequence[Expr]:
        return tuple(f.sum(_column(each)).alias(each) for each in (self.name, self._count))

    of_group = of_buckets = of_parts

    def whole(self) -> Expr:
        counted = _COUNTED if pa.types.is_decimal(self.type) else pa.float64()
        mean = _column(self.name) / _column(self._count).cast(counted)
        return mean.cast(self.type).alias(self.name)


class Distinct(Struct, frozen=True):
    """What is counted or added up of different values, which stand apart."""

    name: str
    function: str
    argument: Expr

    @property
    def _values(self) -> str:
        """Which those of the same argument share. DataFusion 55 names `x` and `CAST(x AS int)` alike in a
        schema; their canonical names differ."""
        return f"__cst_apart {self.argument.canonical_name()}"

    def apart(self) -> Mapping[str, Expr]:
        return {self._values: self.argument}

    def of_rows(self) -> Sequence[Expr]:
        return ()

    of_parts = of_rows

    def of_group(self) -> Sequence[Expr]:
        found = _OF_DISTINCT[self.function](_column(self._values), distinct=True)
        return (found.alias(self.name),)

    def of_buckets(self) -> Sequence[Expr]:
        return (f.sum(_column(self.name)).alias(self.name),)

    def whole(self) -> Expr:
        return _column(self.name)


class Unparted(Struct, frozen=True):
    """A value that follows from no parts: all rows of a group have to meet."""

    name: str


def is_dealt(type_: pa.DataType) -> bool:
    """Whether equal values are alike and have the same hash, whatever a dictionary of them is like."""
    return (
        is_writable(type_) or pa.types.is_decimal128(type_) or pa.types.is_fixed_size_binary(type_)
    )


def value_of(aggregation: Any, aggregated: Expr, rows: DataFrame) -> Value | Unparted:
    """Of one value that a node of the engine's plan aggregates of these rows."""
    name, function = aggregated.schema_name(), aggregation.agg_func_name(aggregated.expr)
    is_distinct = aggregated.to_variant().is_distinct()
    if function in (_IDEMPOTENT if is_distinct else _OF_PARTS):
        return Additive(name, function, aggregated)
    arguments = [Expr(each) for each in aggregation.aggregation_arguments(aggregated.expr)]
    # The plan tells of a filter, or an order, only in the name.
    distinct = "DISTINCT " if is_distinct else ""
    if [f"{function}({distinct}{each.schema_name()})" for each in arguments] != [name]:
        return Unparted(name)
    (argument,) = arguments
    if is_distinct:
        (type_,) = pa.schema(rows.select(argument).schema()).types
        is_counted = function in _OF_DISTINCT and is_dealt(type_)
        return Distinct(name, function, argument) if is_counted else Unparted(name)
    (type_,) = pa.schema(rows.aggregate([], [aggregated]).schema()).types
    is_mean = function == "avg" and (pa.types.is_float64(type_) or pa.types.is_decimal128(type_))
    return Mean(name, type_, argument) if is_mean else Unparted(name)


def _column(name: str) -> Expr:
    return col(identifier(name))
