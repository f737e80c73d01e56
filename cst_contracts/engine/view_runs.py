"""Views to what running them shows: each is read in full, once a process, and so is what its rows are
made of."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from datafusion import DataFrame, Expr, col
from msgspec import Struct, field

from cst_contracts.contract.model import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    RuleContract,
    Sql,
    ViewContract,
)
from cst_contracts.datatypes import is_list
from cst_contracts.engine.catalog import LiveCatalog
from cst_contracts.engine.counts import planned_rule
from cst_contracts.engine.failure import looking_at
from cst_contracts.engine.measure import count_nulls
from cst_contracts.engine.remembered import remembered
from cst_contracts.engine.session import live_schema
from cst_contracts.engine.sql import count_differing, identifier, select, select_all
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import RuleCount, ValueFacts, ViewRun


class _Read(Struct, frozen=True):
    """The rows of a relation, and what its list and map columns hold in all of them."""

    values: ValueFacts
    elements: Mapping[str, int]
    rules: Mapping[str, RuleCount] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.values.rows


class ViewRuns:
    """Of the views of a catalog; a result is a run, or the error that stands in its way."""

    def __init__(
        self,
        catalog: LiveCatalog,
        null_paths: Mapping[str, Sequence[str]],
        rules: Mapping[str, Sequence[RuleContract]],
    ) -> None:
        self._catalog = catalog
        self._null_paths = null_paths
        self._rules = rules
        self._runs: dict[str, ViewRun | IntrospectionError] = {}
        self._reads: dict[str, _Read | IntrospectionError] = {}

    def run(self, view: ViewContract) -> ViewRun | IntrospectionError:
        return remembered(self._runs, view.name, lambda: self._run(view))

    def _run(self, view: ViewContract) -> ViewRun:
        read = self._read(view.name)
        try:
            return ViewRun(read.values, self._promised(view), self._changed(view), read.rules)
        except IntrospectionError as error:
            # Its own rows could be read: what they are compared with is missing, and it is told here.
            cause = f"its rows cannot be compared with {view.of}: {error.cause}"
            raise IntrospectionError(cause, table=view.name) from error

    def _promised(self, view: ViewContract) -> int | None:
        match view.definition:
            case Expand(column=column) | Explode(column=column):
                return self._read(view.of).elements.get(column)
            case Extract() | Pack() | Flatten():
                return self._read(view.of).rows
            case Sql():
                return None

    def _changed(self, view: ViewContract) -> int | None:
        """What is packed and flattened again is the raw columns, row for row."""
        packed = self._catalog.relations.views.get(view.of)
        match view.definition, packed:
            case Flatten(column=column), ViewContract(
                definition=Pack(struct=struct, fields=fields)
            ) if column == struct:
                names = [*(name for name in view.keep if name != struct), *fields]
                return self._differing(names, packed.of, view.name)
            case _:
                return None

    def _differing(self, columns: Collection[str], table: str, view: str) -> int:
        context = self._catalog.session_with(view)
        with looking_at(view):
            found = context.sql(count_differing(tuple(columns), table, view)).to_arrow_table()
            return int(found.column(0)[0].as_py() or 0)

    def _read(self, relation: str) -> _Read:
        read = remembered(self._reads, relation, lambda: self._read_rows(relation))
        if isinstance(read, IntrospectionError):
            raise read
        return read

    def _read_rows(self, relation: str) -> _Read:
        """A view is read with all of its columns: one that is left out is never computed."""
        context = self._catalog.session_with(relation)
        with looking_at(relation):
            names = set(live_schema(context, relation).names)
        taken_apart = [name for name in self._taken_apart(relation) if name in names]
        if relation in self._catalog.relations.views:
            query = select_all(relation)
        elif taken_apart:
            query = select(taken_apart, relation)
        else:
            counted = self._catalog.row_count(relation)
            if isinstance(counted, IntrospectionError):
                raise counted
            return _Read(ValueFacts(*counted), {})
        with looking_at(relation):
            frame = context.sql(query)
        rules = self._planned_rules(frame, relation)
        try:
            return self._tallied(relation, frame, taken_apart, rules)
        except IntrospectionError:
            if not rules:
                raise
        # A rule may fail on a row that the view itself has: it is asked again, alone.
        return self._tallied(relation, frame, taken_apart, {})

    def _planned_rules(self, frame: DataFrame, relation: str) -> dict[RuleContract, Expr]:
        planned: dict[RuleContract, Expr] = {}
        for rule in self._rules.get(relation, ()):
            try:
                planned[rule] = planned_rule(frame, relation, rule)
            except IntrospectionError:
                continue  # asked alone, it tells why
        return planned

    def _tallied(
        self,
        relation: str,
        frame: DataFrame,
        taken_apart: Sequence[str],
        rules: Mapping[RuleContract, Expr],
    ) -> _Read:
        elements, broken = dict.fromkeys(taken_apart, 0), dict.fromkeys(rules, 0)
        with looking_at(relation):
            schema = pa.schema(frame.schema())
            columns = [col(identifier(name)) for name in schema.names]
            held = [
                expression.alias(f"__cst_rule{n}") for n, expression in enumerate(rules.values())
            ]
            stream = (
                frame.select(*columns, *held).execute_stream() if held else frame.execute_stream()
            )
            batches = (batch.to_pyarrow() for batch in stream)
            paths = self._null_paths.get(relation, ())
            values = count_nulls(schema, _tallied(batches, elements, broken), paths)
        counts = {rule.sql: RuleCount(values.rows, false) for rule, false in broken.items()}
        return _Read(values, elements, counts)

    def _taken_apart(self, relation: str) -> list[str]:
        """The columns whose elements are rows of some view."""
        columns: dict[str, None] = {}
        for view in self._catalog.relations.views.values():
            match view.definition:
                case Expand(column=column) | Explode(column=column) if view.of == relation:
                    columns[column] = None
                case _:
                    pass
        return list(columns)


def _tallied(
    batches: Iterable[pa.RecordBatch], elements: dict[str, int], broken: dict[RuleContract, int]
) -> Iterator[pa.RecordBatch]:
    """The last columns are the rules'."""
    for batch in batches:
        for name in elements:
            elements[name] += _elements(batch.column(name))
        for rule, held in zip(
            broken, batch.columns[batch.num_columns - len(broken) :], strict=True
        ):
            broken[rule] += held.false_count
        yield batch


def _elements(array: pa.Array) -> int:
    """A null holds none."""
    if pa.types.is_map(array.type):
        array = array.cast(pa.list_(array.type.field(0)))
    if not is_list(array.type):
        return 0
    return int(pc.sum(pc.list_value_length(array)).as_py() or 0)
