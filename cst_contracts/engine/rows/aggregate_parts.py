"""Aggregates that several machines compute together, each of the rows that it has.

The engine's plan of an aggregate is a projection over an aggregation. Each machine gives the values of the
latter, by group. What is put together of them has the columns that an aggregation of all rows would have had,
so that the plan's own projection tells of which groups the aggregate is true.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import DataFrame, Expr, SessionContext, col, lit
from datafusion import functions as f
from msgspec import Struct

from cst_contracts.contract.model import AggregateContract
from cst_contracts.engine.rows.aggregates import MOST_NAMED, Asked, asked_in
from cst_contracts.engine.rows.key_tally import hash_of
from cst_contracts.engine.rows.written_keys import is_writable
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.bounds import refuse_deep
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.schema import make_schema
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import Trouble
from cst_contracts.sql.aggregates import HELD, ROWS, counted_groups
from cst_contracts.sql.names import identifier, name_parts, table_name

_BUCKET = "__cst_bucket"
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


class Groups(Struct, frozen=True):
    """What is told of some of the groups: of how many the aggregate is false or NULL, with the largest of
    these, and what was aggregated where all rows are in one group."""

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
        self._relation, self._aggregate = relation, aggregate
        self._schema = pa.schema([field.with_nullable(True) for field in schema])  # noqa: FBT003
        refuse_deep(aggregate.sql, relation, Trouble.RULE)
        self._context = open_believing_nothing()
        with looking_at(relation):
            make_schema(self._context, relation)
            self._register([])
        self._asked: Asked = asked_in(self._context, relation, aggregate, self._schema)

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
        """Why one machine has to compute it of all rows; None where several can compute parts of it."""
        variant = self._aggregation().to_variant()
        for each in variant.aggregate_exprs():
            name = variant.agg_func_name(each)
            allowed = _IDEMPOTENT if each.to_variant().is_distinct() else _OF_PARTS
            if name not in allowed:
                told = each.schema_name().replace(f"{name_parts(self._relation)[-1]}.", "")
                return f"{told} of all rows does not follow from that of parts"
        return None

    def part(self, batches: Iterable[pa.RecordBatch]) -> pa.Table:
        """The values that are aggregated of these rows, by group."""
        with looking_at(self._relation):
            held = [batch.cast(self._read) for batch in batches]
            self._register(held)
            return table_of(self._context.create_dataframe_from_logical_plan(self._aggregation()))

    def buckets(self, part: pa.Table, number: int) -> Iterator[tuple[int, pa.Table]]:
        """The groups of a part, those of equal values in the same bucket of so many."""
        per = self._aggregate.per
        named = [each for each in per if is_writable(part.schema.field(each).type)]
        if number == 1 or not named:
            yield 0, part
            return
        with looking_at(self._relation):
            bucket = ((hash_of(named) % lit(number)) + lit(number)) % lit(number)
            frame = self._frame(part).with_column(_BUCKET, bucket)
            dealt = table_of(frame.sort(col(_BUCKET).sort()))
        of_rows = dealt.column(_BUCKET).to_numpy()
        bounds = np.searchsorted(of_rows, np.arange(number + 1))
        groups = dealt.drop_columns([_BUCKET])
        for at, (start, end) in enumerate(pairwise(bounds.tolist())):
            if end > start:
                yield at, groups.slice(start, end - start)

    def merged(self, parts: Sequence[pa.Table]) -> pa.Table:
        """The values of all rows that the parts are of, by group."""
        together = pa.concat_tables(parts)
        per = [col(identifier(name)) for name in self._aggregate.per]
        with looking_at(self._relation):
            values = [
                _OF_PARTS[function](col(identifier(name))).alias(name)
                for name, function in self._functions.items()
            ]
            frame = self._frame(together).aggregate(per, values)
            return table_of(frame).cast(together.schema)

    def told(self, merged: pa.Table) -> Groups:
        """Of groups that are whole."""
        with looking_at(self._relation):
            return self._told(merged)

    def _told(self, merged: pa.Table) -> Groups:
        held = table_of(self._with_held(merged))
        of_groups = held.column(HELD)
        false, null = pc.sum(pc.invert(of_groups)).as_py() or 0, of_groups.null_count
        rows: int = pc.sum(held.column(ROWS)).as_py() or 0
        frame = self._frame(held)
        return Groups(
            rows,
            held.num_rows,
            false,
            null,
            self._largest(frame.filter(~col(HELD))),
            self._largest(frame.filter(col(HELD).is_null())),
            None if self._aggregate.per or not false + null else merged,
        )

    def largest(self, found: Sequence[pa.Table]) -> pa.Table:
        """The first few of the groups in these tables, which have their values and how many rows each has."""
        with looking_at(self._relation):
            return self._largest(self._frame(pa.concat_tables(found)))

    def _largest(self, groups: DataFrame) -> pa.Table:
        values = [col(identifier(name)) for name in self._aggregate.per]
        order = [each.sort(ascending=True, nulls_first=False) for each in values]
        sizes = col(ROWS).sort(ascending=False, nulls_first=True)
        return table_of(groups.sort(sizes, *order).limit(MOST_NAMED).select(*values, col(ROWS)))

    def computed(self, merged: pa.Table) -> pa.Table:
        """What the condition itself aggregates."""
        return merged.select(pa.schema(self._asked.aggregated().schema()).names)

    def _with_held(self, merged: pa.Table) -> DataFrame:
        """The values that make each group, how many rows it has, and whether the condition holds of it."""
        alias = name_parts(self._relation)[-1]
        context = SessionContext()
        context.register_record_batches(identifier(alias), [_batches(merged)])
        projected = [Expr(each) for each in self._plan().to_variant().projections()]
        per = [col(identifier(name)) for name in self._aggregate.per]
        return context.table(identifier(alias)).select(*per, *projected)

    @cached_property
    def _read(self) -> pa.Schema:
        return pa.schema([self._schema.field(name) for name in self.columns])

    @cached_property
    def _functions(self) -> Mapping[str, str]:
        """By the names of what is aggregated, the functions."""
        variant = self._aggregation().to_variant()
        return {
            each.schema_name(): variant.agg_func_name(each) for each in variant.aggregate_exprs()
        }

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
        name = table_name(self._relation)
        self._context.deregister_table(name)
        rows = pa.Table.from_batches(batches, None if batches else self._schema)
        self._context.register_record_batches(name, [_batches(rows)])

    def _frame(self, table: pa.Table) -> DataFrame:
        return self._context.create_dataframe([_batches(table)])


def _batches(table: pa.Table) -> list[pa.RecordBatch]:
    """At least one, of which the engine learns the schema."""
    return table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
