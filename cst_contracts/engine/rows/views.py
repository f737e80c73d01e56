"""Runs views: the rows of each are read once for all that is asked of it, and so is what it is made of."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext

import pyarrow as pa
from datafusion import DataFrame
from msgspec import Struct, field

from cst_contracts.contract.model import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
    ViewContract,
)
from cst_contracts.datatypes import top_level
from cst_contracts.engine.access.undeclared import rows_undeclared
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.rows.elements import ElementPart, ElementTally
from cst_contracts.engine.rows.measure import Part, Scanning
from cst_contracts.engine.rows.meter import UNWATCHED, Meter
from cst_contracts.engine.rows.nulls import NULLS
from cst_contracts.engine.rows.plan import Scanned
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.rules import RULES, fields_named_in
from cst_contracts.engine.rows.scan import scan
from cst_contracts.engine.rows.values import VALUES
from cst_contracts.engine.rows.view_columns import is_made_of_columns, lists_of_table, rows_of_view
from cst_contracts.engine.rows.view_comparison import view_difference
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.once import Once
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.settings import one_partition
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import Basis, RowCount, Trouble, ViewRun
from cst_contracts.needs import AnyRowNeed, NullsNeed, RuleNeed, ValuesNeed
from cst_contracts.sql.selects import count_differing


class _Read(Struct, frozen=True):
    """The rows of a relation, the elements of its list and map columns, the values of extracted ones, and
    what they answer."""

    rows: RowCount
    elements: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)
    results: Results = field(default_factory=dict)


class Run(Struct, frozen=True):
    """What one reading of a view shows, and what it answers in passing."""

    facts: ViewRun
    results: Results


class Views:
    """`needs` are what is asked of each relation: nulls, values and rules are answered while a view runs.
    `verify_data`: all of its columns are read, whoever looks at them."""

    def __init__(
        self,
        access: RowAccess,
        needs: Mapping[str, Collection[AnyRowNeed]],
        meter: Meter = UNWATCHED,
        *,
        verify_data: bool = False,
    ) -> None:
        self._access = access
        self._needs = needs
        self._meter = meter
        self._verify_data = verify_data
        self._runs: Once[str, Run] = Once()
        self._reads: Once[str, _Read] = Once()

    def run(self, view: ViewContract) -> Run:
        """Raises IntrospectionError."""
        return self._runs.get(view.name, lambda _: self._run(view))

    def _run(self, view: ViewContract) -> Run:
        read = self._read(view.name)
        try:
            absent = tuple(name for name, values in read.values.items() if not values)
            differing = view_difference(self._access.registry, view)
            facts = ViewRun(read.rows, self._promised(view), self._changed(view), absent, differing)
            return Run(facts, read.results)
        except IntrospectionError as error:
            # Its own rows could be read: what they are compared with is missing, and it is told here.
            cause = f"its rows cannot be compared with {view.of}: {error.reason}"
            raise IntrospectionError(cause, relation=view.name) from error

    def _promised(self, view: ViewContract) -> int | None:
        """How many rows the view should have; None where nothing tells."""
        match view.definition:
            case Expand(column=column) | Explode(column=column):
                return self._read(view.of).elements.get(column)
            case Extract() | Pack() | Flatten():
                return self._read(view.of).rows.rows
            case Sql():
                return None

    def _changed(self, view: ViewContract) -> int | None:
        """How many rows differ of a view that flattens what another has packed: they should be the raw
        columns, row for row."""
        packed = self._access.registry.relations.views.get(view.of)
        flat = view.definition
        if not isinstance(flat, Flatten) or packed is None:
            return None
        pack = packed.definition
        if not isinstance(pack, Pack) or pack.struct != flat.column:
            return None
        names = [*(name for name in view.keep if name != pack.struct), *pack.fields]
        return self._differing(names, packed.of, view.name)

    def _differing(self, columns: Collection[str], table: str, view: str) -> int:
        context = self._access.session_with(view)
        spills = self._access.may_spill(context, [table, view])
        with looking_at(view), one_partition(context) if spills else nullcontext():
            found = table_of(context.sql(count_differing(tuple(columns), table, view)))
            return int(found.column(0)[0].as_py() or 0)

    def _read(self, relation: str) -> _Read:
        return self._reads.get(relation, self._read_rows)

    def _read_rows(self, relation: str) -> _Read:
        with self._meter.reading(relation):
            few = self._read_few(relation)
            return self._read_all(relation) if few is None else few

    def _read_few(self, relation: str) -> _Read | None:
        """None where all must be read, and where less cannot be: to read all tells why."""
        try:
            asked = self._looked_at(relation)
            return None if asked is None else self._scanned(relation, *asked)
        except IntrospectionError as error:
            if error.trouble is Trouble.SLOW:
                raise
            return None

    def _looked_at(self, relation: str) -> tuple[DataFrame, list[str]] | None:
        """Rows with the columns that somebody looks at, where no others need be computed."""
        if self._verify_data:
            return None
        view = self._access.registry.relations.views.get(relation)
        lists = self._taken_apart(relation)
        if view is None:
            frame = lists_of_table(self._access, relation, lists) if lists else None
            there = (
                [] if frame is None else [name for name in lists if name in frame.schema().names]
            )
            return None if frame is None or not there else (frame, there)
        if not is_made_of_columns(self._access, view):
            return None
        with looking_at(relation):
            schema = live_schema(self._access.session_with(relation), relation)
        tops = {
            *lists,
            *self._extracted(relation),
            *(top_level(need.path) for need in self._nulls(relation)),
            *(top_level(need.path) for need in self._values(relation)),
        }
        read = [name for name in schema.names if name in tops]
        rules = [need.rule for need in self._rules(relation)]
        ruled = [name for rule in rules for name in fields_named_in(schema, rule)]
        frame = rows_of_view(self._access, view, {*read, *ruled})
        return frame, read or list(frame.schema().names[:1])

    def _read_all(self, relation: str) -> _Read:
        """All columns of a view: the engine never computes one that nobody reads."""
        context = self._access.session_with(relation)
        with looking_at(relation):
            frame = rows_undeclared(context, relation)
            names = list(frame.schema().names)
        if relation in self._access.registry.relations.views:
            return self._scanned(relation, frame, names)
        lists = [name for name in self._taken_apart(relation) if name in names]
        if lists:
            return self._scanned(relation, frame, lists)
        return _Read(self._access.row_count(relation))

    def _scanned(self, relation: str, frame: DataFrame, columns: Sequence[str]) -> _Read:
        lists = tuple(name for name in self._taken_apart(relation) if name in columns)
        with looking_at(relation):
            schema = pa.schema(frame.schema())
        read = pa.schema([schema.field(name) for name in columns])
        scanning = Scanning(frame, read, relation)
        extracted = tuple(name for name in self._extracted(relation) if name in columns)
        elements = ElementPart(tuple(columns), lists, extracted)
        nulls = NULLS.parts([Scanned(need, "") for need in self._nulls(relation)], scanning)
        values = VALUES.parts([Scanned(need, "") for need in self._values(relation)], scanning)
        rules = RULES.parts([Scanned(need, "") for need in self._rules(relation)], scanning)
        stored: list[Part] = [*nulls, *values]
        try:
            return self._tallied(relation, frame, elements, [*stored, *rules])
        except IntrospectionError:
            if not rules:
                raise
        # A rule may fail on a row that the view itself has: it is asked again, alone.
        return self._tallied(relation, frame, elements, stored)

    def _tallied(
        self, relation: str, frame: DataFrame, elements: ElementPart, parts: Sequence[Part]
    ) -> _Read:
        with looking_at(relation):
            counted, *tallies = scan(frame, [elements, *parts], meter=self._meter)
        results: Results = {}
        for tally in tallies:
            results.update(tally.answers())
        if not isinstance(counted, ElementTally):
            raise AssertionError(f"{relation} was not counted")
        rows = RowCount(counted.rows, Basis.SCAN)
        return _Read(rows, counted.elements, counted.values, results)

    def _nulls(self, relation: str) -> list[NullsNeed]:
        needs = self._needs.get(relation, ())
        return [need for need in needs if isinstance(need, NullsNeed)]

    def _values(self, relation: str) -> list[ValuesNeed]:
        needs = self._needs.get(relation, ())
        return [need for need in needs if isinstance(need, ValuesNeed)]

    def _rules(self, relation: str) -> list[RuleNeed]:
        return [need for need in self._needs.get(relation, ()) if isinstance(need, RuleNeed)]

    def _extracted(self, relation: str) -> list[str]:
        """The columns that a view makes of the entries of maps."""
        view = self._access.registry.relations.views.get(relation)
        match view:
            case ViewContract(definition=Extract(entries=entries)):
                return [key for _, key in entries]
            case _:
                return []

    def _taken_apart(self, relation: str) -> list[str]:
        """The columns whose elements are rows of some view."""
        columns: dict[str, None] = {}
        for view in self._access.registry.relations.views.values():
            match view.definition:
                case Expand(column=column) | Explode(column=column) if view.of == relation:
                    columns[column] = None
                case Expand() | Explode() | Extract() | Pack() | Flatten() | Sql():
                    pass
        return list(columns)
