"""The measure of aggregates: of how many groups of rows an expression is false, and which ones these are."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
from datafusion import DataFrame, SessionContext
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.model import AggregateContract
from cst_contracts.datatypes import child_path
from cst_contracts.datatypes.value_text import quoted_value
from cst_contracts.engine.access.scannable import REDACTED
from cst_contracts.engine.rows.measure import Measure
from cst_contracts.engine.rows.plan import Answer, Queried, Scannable
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results, attempt
from cst_contracts.engine.rows.rule_tally import refuse_folded_names
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.bounds import refuse_deep
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import batches_of, plan_of, table_of
from cst_contracts.facts import AggregateCount, Others, RowGroup, ShownRows, Trouble
from cst_contracts.needs import AggregateNeed
from cst_contracts.sql.aggregates import (
    condition_of_groups,
    counted_groups,
    largest_groups,
    rows_of_columns,
)
from cst_contracts.sql.names import name_parts, table_name

#: Of the groups for which an aggregate is not true, so many are named.
MOST_NAMED = 5
_UNAGGREGATED = re.compile(r'column "(?:[^".]+\.)*([^"]+)" must appear')
_WORD = re.compile(r'"((?:[^"]|"")*)"|(\w+)')
_INSTEAD = "write what is true of every row under `rules`"


class AggregateMeasure(Measure[AggregateNeed]):
    """No scan answers by parts: the rows of a group have to meet, and what is computed of them may be
    anything. Statistics are not believed: every value is read."""

    def paths_read(self, need: AggregateNeed) -> Sequence[str]:
        """And maybe more: every word of the expression may be a field's name."""
        quoted, words = _words(need.aggregate.sql)
        return [child_path("", name) for name in sorted({*need.aggregate.per, *quoted, *words})]

    def plan(
        self,
        needs: Sequence[AggregateNeed],
        scannable: Scannable,  # noqa: ARG002
        planned: Sequence[Answer],  # noqa: ARG002
    ) -> Sequence[Answer]:
        return [Queried(need, "the rows of each group have to meet") for need in needs]

    def by_query(self, needs: Sequence[AggregateNeed], queries: Queries) -> Results:
        """Each alone: one that cannot be computed spoils no other."""
        return {need: attempt(partial(_counted, need.aggregate, queries)) for need in needs}

    def violations(self, fact: AggregateCount) -> int:  # noqa: ARG002
        """No row breaks it by itself, so that there are none to show."""
        return 0

    def looked_at(self, fact: AggregateCount) -> int:
        return fact.groups


AGGREGATES = AggregateMeasure()


def without_hidden(fact: AggregateCount, shown: ShownRows) -> AggregateCount:
    """What may be told: a group is named by no value that is hidden, and nothing is told that is computed
    of one."""
    names = [name for group in (*fact.false, *fact.null) for name, _ in group.values]
    hidden = {name for name in (*names, *fact.fields) if _is_hidden(name, shown)}
    return replace(
        fact,
        false=tuple(_redacted(group, hidden) for group in fact.false),
        null=tuple(_redacted(group, hidden) for group in fact.null),
        computed=() if hidden.intersection(fact.fields) else fact.computed,
    )


def _is_hidden(name: str, shown: ShownRows) -> bool:
    known = {field.name: field.sensitive for field in shown.fields}
    return known.get(name, shown.others is Others.REDACTED)


def _redacted(group: RowGroup, hidden: Iterable[str]) -> RowGroup:
    told = tuple((name, REDACTED if name in hidden else value) for name, value in group.values)
    return replace(group, values=told)


class Asked(Struct, frozen=True):
    """An aggregate with the rows that it is asked of; `fields` are those that it may read."""

    context: SessionContext
    relation: str
    aggregate: AggregateContract
    rows: str
    fields: tuple[str, ...]

    def planned(self) -> DataFrame:
        """The condition alone, by group. Raises IntrospectionError where it is no boolean aggregate."""
        try:
            with looking_at(self.relation):
                query = condition_of_groups(self.rows, self.aggregate.sql, self.aggregate.per)
                frame = self.context.sql(query)
                type_ = pa.schema(frame.schema()).field(0).type
                plan_of(frame)
        except IntrospectionError as error:
            if error.trouble is Trouble.SLOW:
                raise
            bare = _UNAGGREGATED.search(error.reason)
            told = f"{bare[1]} stands outside of an aggregate; {_INSTEAD}" if bare else error.reason
            raise self._refusal(told) from error
        if not any(_aggregations(frame.logical_plan())):
            raise self._refusal(f"it aggregates nothing; {_INSTEAD}")
        if not pa.types.is_boolean(type_):
            raise self._refusal(f"it is of type {type_}, not bool")
        return frame

    def _refusal(self, reason: str) -> IntrospectionError:
        return IntrospectionError(reason, relation=self.relation, trouble=Trouble.RULE)

    def count(self) -> AggregateCount:
        """Group by group as they come, so that no number of groups is held. The engine counts no groups:
        DataFusion 55 drops a count over a subquery that footers answer."""
        rows = groups = false = null = 0
        query = counted_groups(self.rows, self.aggregate.sql, self.aggregate.per)
        for batch in batches_of(self.context.sql(query)):
            sizes, held = batch.columns
            rows += sum(sizes.to_pylist())
            groups += len(held)
            false += held.false_count
            null += held.null_count
        return AggregateCount(rows, groups, false, null, fields=self.fields)

    def largest(self, *, null: bool) -> tuple[RowGroup, ...]:
        per = self.aggregate.per
        query = largest_groups(self.rows, self.aggregate.sql, per, null=null, most=MOST_NAMED)
        return named_groups(table_of(self.context.sql(query)), per)

    def aggregated(self) -> DataFrame:
        """The values that are aggregated in it, by group."""
        node = next(_aggregations(self.planned().logical_plan()))
        return self.context.create_dataframe_from_logical_plan(node)


def named_groups(found: pa.Table, per: Sequence[str]) -> tuple[RowGroup, ...]:
    """The groups by their values in `per`, which stand in the first columns; in the last is how many rows
    each has."""
    *values, sizes = found.columns
    return tuple(
        RowGroup(
            tuple(
                (name, quoted_value(column[row])) for name, column in zip(per, values, strict=True)
            ),
            sizes[row].as_py(),
        )
        for row in range(found.num_rows)
    )


def named_values(found: pa.Table, relation: str) -> tuple[tuple[str, str], ...]:
    """What is aggregated of all rows together, by what the engine's planner calls it."""
    qualifier = f"{name_parts(relation)[-1]}."
    return tuple(
        (name.replace(qualifier, "").replace("(Int64(1))", "(*)"), quoted_value(column[0]))
        for name, column in zip(found.column_names, found.columns, strict=True)
    )


def _counted(aggregate: AggregateContract, queries: Queries) -> AggregateCount:
    asked = _asked(aggregate, queries)
    with queries.spilling([asked.context], queries.relation), looking_at(queries.relation):
        count = asked.count()
        if aggregate.per:
            return replace(
                count,
                false=asked.largest(null=False) if count.violations else (),
                null=asked.largest(null=True) if count.unknown else (),
            )
        not_true = count.violations or count.unknown
        if not not_true:
            return count
        return replace(count, computed=named_values(table_of(asked.aggregated()), asked.relation))


def _asked(aggregate: AggregateContract, queries: Queries) -> Asked:
    """Raises IntrospectionError where the text is no expression, or none of aggregates."""
    relation = queries.relation
    refuse_deep(aggregate.sql, relation, Trouble.RULE)
    context = queries.session(_stored_fields(aggregate, queries))
    with looking_at(relation):
        schema = queries.schema(context)
    declares = queries.held is None and queries.access.opened(relation).supplied
    return asked_in(context, relation, aggregate, schema, declares=declares)


def asked_in(
    context: SessionContext,
    relation: str,
    aggregate: AggregateContract,
    schema: pa.Schema,
    *,
    declares: bool = False,
) -> Asked:
    """Of the relation's rows in a session, which `declares` more of them than whether they may be null.
    Raises IntrospectionError where the text is no expression, or none of aggregates."""
    with looking_at(relation):
        frame = context.table(table_name(relation))
    refuse_folded_names(frame, relation, aggregate.sql)
    try:
        with looking_at(relation):
            # As an expression, so that it can be nothing else and names no other relation.
            frame.parse_sql_expr(aggregate.sql)
    except IntrospectionError as error:
        raise IntrospectionError(error.reason, relation=relation, trouble=Trouble.RULE) from error
    fields = fields_named(schema.names, aggregate)
    read = fields or schema.names[:1]
    undeclared = [name for name in read if declares or not schema.field(name).nullable]
    rows = rows_of_columns(relation, read, undeclared)
    asked = Asked(context, relation, aggregate, rows, tuple(fields))
    asked.planned()
    return asked


def _stored_fields(aggregate: AggregateContract, queries: Queries) -> list[str]:
    """The paths of the fields that it may read, of a table of which storage tells them; else none."""
    if queries.held is not None:
        return []
    storage = queries.access.opened(queries.relation).storage
    names = [] if storage is None else fields_named(storage.schema.names, aggregate)
    return [child_path("", name) for name in names]


def fields_named(names: Iterable[str], aggregate: AggregateContract) -> list[str]:
    """Of these, those that may be meant: their name stands in the text, or they make the groups."""
    quoted, words = _words(aggregate.sql)
    meant = {*aggregate.per, *quoted}
    return [name for name in names if name in meant or name.casefold() in words]


def _words(sql: str) -> tuple[set[str], set[str]]:
    """What stands in double quotes, and all words, folded."""
    found = _WORD.findall(sql)
    quoted = {each.replace('""', '"') for each, _ in found if each}
    return quoted, {word.casefold() for _, word in found if word}


def _aggregations(plan: Any) -> Iterator[Any]:
    """The nodes of a logical plan that aggregate something, past its subqueries; none below a window, which
    would be of the groups."""
    variant = plan.to_variant()
    match type(variant).__name__:
        case "Aggregate":
            if variant.aggregate_exprs():
                yield plan
        case "Projection":
            for below in plan.inputs():
                yield from _aggregations(below)
        case _:
            return
