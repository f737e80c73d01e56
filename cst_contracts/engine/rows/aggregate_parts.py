"""Aggregates that several machines compute together, each of the rows that it has.

The engine's plan of an aggregate is a projection over an aggregation. Each machine gives parts of the values
of the latter, by group, or the rows themselves where a value follows from no parts. What is put together of
them has the columns that an aggregation of all rows would have had, so that the plan's own projection tells
of which groups the aggregate is true.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import DataFrame, Expr, SessionContext, col, lit
from msgspec import Struct

from cst_contracts.contract.model import AggregateContract
from cst_contracts.engine.rows.aggregate_values import Unparted, Value, is_dealt, value_of
from cst_contracts.engine.rows.aggregates import MOST_NAMED, Asked, asked_in
from cst_contracts.engine.rows.key_tally import hash_of
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.bounds import refuse_deep
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.schema import make_schema
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import Trouble
from cst_contracts.sql.aggregates import HELD, ROWS, counted_groups
from cst_contracts.sql.names import identifier, name_parts, table_name

_BUCKET = "__cst_bucket"
_SIGNED = {
    pa.uint8(): pa.int8(),
    pa.uint16(): pa.int16(),
    pa.uint32(): pa.int32(),
    pa.uint64(): pa.int64(),
}


class Groups(Struct, frozen=True):
    """What is told of some of the groups: of how many the aggregate is false or NULL, with the largest of
    these, and what its condition aggregates of all rows in one group, where it is not true."""

    rows: int
    groups: int
    false: int
    null: int
    largest_false: pa.Table
    largest_null: pa.Table
    values: pa.Table | None


class PartedAggregate:
    """An aggregate of a relation's rows, of which `schema` has the fields. Methods raise IntrospectionError,
    and so does making one whose text is no aggregate."""

    def __init__(self, relation: str, aggregate: AggregateContract, schema: pa.Schema) -> None:
        self.relation, self._aggregate = relation, aggregate
        self._schema = pa.schema([field.with_nullable(True) for field in schema])  # noqa: FBT003
        refuse_deep(aggregate.sql, relation, Trouble.RULE)
        self._context = open_believing_nothing()
        with looking_at(relation):
            make_schema(self._context, relation)
            self._register([])
        self._asked: Asked = asked_in(self._context, relation, aggregate, self._schema)

    @property
    def per(self) -> Sequence[str]:
        """The fields whose values make the groups; none where all rows are one."""
        return self._aggregate.per

    @property
    def fields(self) -> tuple[str, ...]:
        """Those that it may read."""
        return self._asked.fields

    @property
    def columns(self) -> list[str]:
        """What is read of each row: one field, where all that counts is how many rows there are."""
        return list(self.fields) or self._schema.names[:1]

    @cached_property
    def why_whole(self) -> str | None:
        """Why one machine has to compute it of all rows; None where several can do so together."""
        for each in self._values:
            if isinstance(each, Unparted) and not (self.per and self.dealt_by):
                return f"{self._shown(each.name)} of all rows does not follow from that of parts"
        if not self.per and len(self._apart) > 1:
            return "different values of several expressions do not meet in one place"
        return None

    @property
    def is_small(self) -> bool:
        """Whether what is sent of rows is of their groups, and not the rows themselves."""
        return not self._is_of_rows

    @cached_property
    def dealt_by(self) -> Sequence[str]:
        """The columns by whose values all that has to meet gets into the same bucket; where there are none,
        all of it is in one."""
        if not self.per:
            return list(self._apart)
        schema = self.part([]).schema
        return [each for each in self.per if is_dealt(schema.field(each).type)]

    def part(self, batches: Iterable[pa.RecordBatch]) -> pa.Table:
        """What is sent of these rows: of their groups the parts of what is aggregated, or they themselves."""
        with looking_at(self.relation):
            held = [batch.cast(self._read) for batch in batches]
            if self._is_of_rows:
                return pa.Table.from_batches(held, self._read)
            self._register(held)
            return table_of(
                self._rows().aggregate(self._groups(), self._parts(lambda each: each.of_rows()))
            )

    def buckets(self, part: pa.Table, number: int) -> Iterator[tuple[int, pa.Table]]:
        """What is sent, in so many buckets: what has to meet is in the same one."""
        if number == 1 or not self.dealt_by:
            yield 0, part
            return
        with looking_at(self.relation):
            values = [_hashable(part.column(name)) for name in self.dealt_by]
            names = [f"__cst_d{at}" for at in range(len(values))]
            bucket = ((hash_of(names) % lit(number)) + lit(number)) % lit(number)
            together = pa.table([*part.columns, *values], [*part.column_names, *names])
            frame = _frame(together).with_column(_BUCKET, bucket).drop(*names)
            dealt = table_of(frame.sort(col(_BUCKET).sort()))
        of_rows = dealt.column(_BUCKET).to_numpy()
        bounds = np.searchsorted(of_rows, np.arange(number + 1))
        groups = dealt.drop_columns([_BUCKET])
        for at, (start, end) in enumerate(pairwise(bounds.tolist())):
            if end > start:
                yield at, groups.slice(start, end - start)

    def merged(self, parts: Sequence[pa.Table]) -> pa.Table:
        """What would have been sent of all rows that the parts are of."""
        together = pa.concat_tables(parts)
        if self._is_of_rows:
            return together
        with looking_at(self.relation):
            names = [*self.per, *self._apart]
            frame = _frame(together).aggregate(
                _columns(names), self._parts(lambda each: each.of_parts())
            )
            return table_of(frame).cast(together.schema)

    def of_groups(self, merged: pa.Table) -> pa.Table:
        """The parts of what is aggregated, by group, of all in a bucket."""
        with looking_at(self.relation):
            if self._is_of_rows:
                self._register(merged.to_batches())
                return table_of(self._aggregated())
            per = _columns(self.per)
            return table_of(
                _frame(merged).aggregate(per, self._parts(lambda each: each.of_group()))
            )

    def together(self, buckets: Sequence[pa.Table]) -> pa.Table:
        """The same of all rows in one group, of what was told of each bucket, of which there may be none."""
        found = pa.concat_tables([self.of_groups(self.part([])), *buckets])
        with looking_at(self.relation):
            return table_of(
                _frame(found).aggregate([], self._parts(lambda each: each.of_buckets()))
            )

    def told(self, found: pa.Table) -> Groups:
        """Of groups that are whole, of the parts of what is aggregated."""
        with looking_at(self.relation):
            return self._told(self._whole(found))

    def _whole(self, found: pa.Table) -> pa.Table:
        """What is aggregated itself, by group."""
        if self._is_of_rows:
            return found
        schema = pa.schema(self._aggregated().schema())
        values = [each.whole() for each in self._parted]
        frame = _frame(found).select(*_columns(self.per), *values)
        return table_of(frame).cast(schema)

    def _told(self, whole: pa.Table) -> Groups:
        held = table_of(self._with_held(whole))
        of_groups = held.column(HELD)
        false, null = pc.sum(pc.invert(of_groups)).as_py() or 0, of_groups.null_count
        rows: int = pc.sum(held.column(ROWS)).as_py() or 0
        frame = _frame(held)
        return Groups(
            rows,
            held.num_rows,
            false,
            null,
            self._largest(frame.filter(~col(HELD))),
            self._largest(frame.filter(col(HELD).is_null())),
            None if self.per or not false + null else self._computed(whole),
        )

    def largest(self, found: Sequence[pa.Table]) -> pa.Table:
        """The first few of the groups in these tables, which have their values and how many rows each has."""
        with looking_at(self.relation):
            return self._largest(_frame(pa.concat_tables(found)))

    def _largest(self, groups: DataFrame) -> pa.Table:
        values = _columns(self.per)
        order = [each.sort(ascending=True, nulls_first=False) for each in values]
        sizes = col(ROWS).sort(ascending=False, nulls_first=True)
        return table_of(groups.sort(sizes, *order).limit(MOST_NAMED).select(*values, col(ROWS)))

    def _computed(self, whole: pa.Table) -> pa.Table:
        """What the condition itself aggregates."""
        return whole.select(pa.schema(self._asked.aggregated().schema()).names)

    def _with_held(self, whole: pa.Table) -> DataFrame:
        """The values that make each group, how many rows it has, and whether the condition holds of it."""
        alias = name_parts(self.relation)[-1]
        context = SessionContext()
        context.register_record_batches(identifier(alias), [_batches(whole)])
        projected = [Expr(each) for each in self._plan().to_variant().projections()]
        per = _columns(self.per)
        return context.table(identifier(alias)).select(*per, *projected)

    @cached_property
    def _read(self) -> pa.Schema:
        return pa.schema([self._schema.field(name) for name in self.columns])

    @cached_property
    def _values(self) -> Sequence[Value | Unparted]:
        variant = self._aggregation().to_variant()
        with looking_at(self.relation):
            rows = self._rows()
            return [value_of(variant, Expr(each), rows) for each in variant.aggregate_exprs()]

    @cached_property
    def _is_of_rows(self) -> bool:
        return any(isinstance(each, Unparted) for each in self._values)

    @cached_property
    def _apart(self) -> Mapping[str, Expr]:
        """By their columns, the values that stand apart in parts of one group."""
        return {name: value for each in self._parted for name, value in each.apart().items()}

    @property
    def _parted(self) -> Sequence[Value]:
        return [each for each in self._values if not isinstance(each, Unparted)]

    def _parts(self, stage: Callable[[Value], Sequence[Expr]]) -> list[Expr]:
        return [expression for each in self._parted for expression in stage(each)]

    def _shown(self, name: str) -> str:
        return name.replace(f"{name_parts(self.relation)[-1]}.", "")

    def _rows(self) -> DataFrame:
        """What is aggregated, of the rows that are registered."""
        (below,) = self._aggregation().inputs()
        return self._context.create_dataframe_from_logical_plan(below)

    def _aggregated(self) -> DataFrame:
        """The values that are aggregated, of the rows that are registered."""
        return self._context.create_dataframe_from_logical_plan(self._aggregation())

    def _groups(self) -> list[Expr]:
        """What the groups of parts have in common."""
        per = map(Expr, self._aggregation().to_variant().group_by_exprs())
        return [*per, *(value.alias(name) for name, value in self._apart.items())]

    def _aggregation(self) -> Any:
        """The node of the plan that aggregates: what stands between it and the projection is refused."""
        (below,) = self._plan().inputs()
        return below

    def _plan(self) -> Any:
        """Over the rows that are registered."""
        aggregate = self._aggregate
        query = counted_groups(self._asked.rows, aggregate.sql, aggregate.per)
        return self._context.sql(query).logical_plan()

    def _register(self, batches: Sequence[pa.RecordBatch]) -> None:
        name = table_name(self.relation)
        self._context.deregister_table(name)
        rows = pa.Table.from_batches(batches, None if batches else self._schema)
        self._context.register_record_batches(name, [_batches(rows)])


def _frame(table: pa.Table) -> DataFrame:
    """In a session of its own: one session would hold each table to its end."""
    return open_believing_nothing().create_dataframe([_batches(table)])


def _hashable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """DataFusion 55 takes some dictionaries for longer than they are where it hashes them, and hashes no
    unsigned numbers: signed ones of the same width are other numbers, and as far apart."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    signed = _SIGNED.get(column.type)
    return column if signed is None else column.cast(signed, safe=False)


def _columns(names: Iterable[str]) -> list[Expr]:
    return [col(identifier(name)) for name in names]


def _batches(table: pa.Table) -> list[pa.RecordBatch]:
    """At least one, of which the engine learns the schema."""
    return table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
