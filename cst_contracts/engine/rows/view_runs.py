"""Views to what running them shows: the rows of each are read once a process, and so is what they are made
of."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext

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
from cst_contracts.datatypes import is_list, top_level
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.rows.counts import planned_rule
from cst_contracts.engine.rows.null_tally import ValueFacts, count_nulls
from cst_contracts.engine.rows.rule_by_batch import mentioned
from cst_contracts.engine.rows.view_columns import lists_of_table, rows_of_view
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.once import Once
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.settings import one_partition
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import RowCount, RuleCount, ViewRun
from cst_contracts.sql.names import identifier, table_name
from cst_contracts.sql.selects import count_differing


class _Read(Struct, frozen=True):
    """The rows of a relation, and what its list and map columns hold in all of them."""

    values: ValueFacts
    elements: Mapping[str, int]
    rules: Mapping[str, RuleCount] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.values.rows


class Run(Struct, frozen=True):
    """What one reading of a view shows, and what it answers in passing: nulls by path, rules by SQL."""

    facts: ViewRun
    values: ValueFacts
    rules: Mapping[str, RuleCount]


class ViewRuns:
    """Of the views of a catalog; a result is a run, or the error that stands in its way. `verify_data`: all
    of their columns are read, whoever looks at them."""

    def __init__(
        self,
        access: RowAccess,
        null_paths: Mapping[str, Sequence[str]],
        rules: Mapping[str, Sequence[RuleContract]],
        *,
        verify_data: bool = False,
    ) -> None:
        self._access = access
        self._verify_data = verify_data
        self._null_paths = null_paths
        self._rules = rules
        self._runs: Once[str, Run] = Once()
        self._reads: Once[str, _Read] = Once()

    def run(self, view: ViewContract) -> Run:
        """Raises IntrospectionError."""
        return self._runs.get(view.name, lambda _: self._run(view))

    def _run(self, view: ViewContract) -> Run:
        read = self._read(view.name)
        rows = RowCount(read.rows, read.values.basis)
        try:
            facts = ViewRun(rows, self._promised(view), self._changed(view))
            return Run(facts, read.values, read.rules)
        except IntrospectionError as error:
            # Its own rows could be read: what they are compared with is missing, and it is told here.
            cause = f"its rows cannot be compared with {view.of}: {error.reason}"
            raise IntrospectionError(cause, relation=view.name) from error

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
        packed = self._access.registry.relations.views.get(view.of)
        match view.definition, packed:
            case Flatten(column=column), ViewContract(
                definition=Pack(struct=struct, fields=fields)
            ) if column == struct:
                names = [*(name for name in view.keep if name != struct), *fields]
                return self._differing(names, packed.of, view.name)
            case _:
                return None

    def _differing(self, columns: Collection[str], table: str, view: str) -> int:
        context = self._access.session_with(view)
        spills = self._access.may_spill(context, [table, view])
        with looking_at(view), one_partition(context) if spills else nullcontext():
            found = context.sql(count_differing(tuple(columns), table, view)).to_arrow_table()
            return int(found.column(0)[0].as_py() or 0)

    def _read(self, relation: str) -> _Read:
        return self._reads.get(relation, self._read_rows)

    def _read_rows(self, relation: str) -> _Read:
        few = self._read_few(relation)
        return self._read_all(relation) if few is None else few

    def _read_few(self, relation: str) -> _Read | None:
        """None where all must be read, and where less cannot be: to read all tells why."""
        try:
            asked = self._asked_for(relation)
            return None if asked is None else self._tallied(relation, *asked)
        except IntrospectionError:
            return None

    def _asked_for(self, relation: str) -> tuple[DataFrame, list[str]] | None:
        """Rows with the columns that somebody looks at, where no others need be computed."""
        if self._verify_data:
            return None
        view, apart = (
            self._access.registry.relations.views.get(relation),
            self._taken_apart(relation),
        )
        if view is None:
            return (lists_of_table(self._access, relation, apart), apart) if apart else None
        if not self._access.is_made_of_columns(view):
            return None
        with looking_at(relation):
            schema = live_schema(self._access.session_with(relation), relation)
        tops = {*apart, *map(top_level, self._null_paths.get(relation, ()))}
        read = [name for name in schema.names if name in tops]
        ruled = [name for rule in self._rules.get(relation, ()) for name in mentioned(schema, rule)]
        frame = rows_of_view(self._access, view, {*read, *ruled})
        return frame, read or list(frame.schema().names[:1])

    def _read_all(self, relation: str) -> _Read:
        """A column that is left out is never computed."""
        context = self._access.session_with(relation)
        if relation in self._access.registry.relations.views:
            with looking_at(relation):
                frame = context.table(table_name(relation))
                return self._tallied(relation, frame, list(frame.schema().names))
        with looking_at(relation):
            names = set(live_schema(context, relation).names)
        apart = [name for name in self._taken_apart(relation) if name in names]
        if apart:
            with looking_at(relation):
                return self._tallied(relation, context.table(table_name(relation)), apart)
        counted = self._access.row_count(relation)
        return _Read(ValueFacts(counted.rows, counted.basis), {})

    def _tallied(self, relation: str, frame: DataFrame, columns: Sequence[str]) -> _Read:
        rules = self._planned_rules(frame, relation)
        try:
            return self._counted(relation, frame, columns, rules)
        except IntrospectionError:
            if not rules:
                raise
        # A rule may fail on a row that the view itself has: it is asked again, alone.
        return self._counted(relation, frame, columns, {})

    def _planned_rules(self, frame: DataFrame, relation: str) -> dict[RuleContract, Expr]:
        planned: dict[RuleContract, Expr] = {}
        for rule in self._rules.get(relation, ()):
            try:
                planned[rule] = planned_rule(frame, relation, rule)
            except IntrospectionError:
                continue  # asked alone, it tells why
        return planned

    def _counted(
        self,
        relation: str,
        frame: DataFrame,
        columns: Sequence[str],
        rules: Mapping[RuleContract, Expr],
    ) -> _Read:
        apart = [name for name in self._taken_apart(relation) if name in columns]
        elements, broken = dict.fromkeys(apart, 0), dict.fromkeys(rules, 0)
        with looking_at(relation):
            read = [col(identifier(name)) for name in columns]
            held = [
                expression.alias(f"__cst_rule{n}") for n, expression in enumerate(rules.values())
            ]
            selected = frame.select(*read, *held)
            schema = pa.schema(list(pa.schema(selected.schema()))[: len(read)])
            batches = (batch.to_pyarrow() for batch in selected.execute_stream())
            paths = self._null_paths.get(relation, ())
            values = count_nulls(schema, _tallied(batches, elements, broken), paths)
        counts = {rule.sql: RuleCount(values.rows, false) for rule, false in broken.items()}
        return _Read(values, elements, counts)

    def _taken_apart(self, relation: str) -> list[str]:
        """The columns whose elements are rows of some view."""
        columns: dict[str, None] = {}
        for view in self._access.registry.relations.views.values():
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
