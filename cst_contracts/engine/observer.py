"""Answers every question about relations and the session from one live DataFusion session."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.contract.model import ViewContract
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.looks.catalogs import catalog_facts
from cst_contracts.engine.looks.constraints import enforcement_facts
from cst_contracts.engine.looks.diagnostics import relation_diagnostics
from cst_contracts.engine.looks.effects import setting_effects
from cst_contracts.engine.looks.functions import function_inventory, probe_function
from cst_contracts.engine.looks.ordering import ordering_facts
from cst_contracts.engine.looks.partitions import declared_partition
from cst_contracts.engine.looks.policies import pruning_facts, statistics_facts
from cst_contracts.engine.looks.queries import query_facts
from cst_contracts.engine.looks.session import session_facts
from cst_contracts.engine.looks.tables import table_facts
from cst_contracts.engine.looks.unbounded import unbounded_facts
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.measurements import Measurements, Measuring
from cst_contracts.engine.rows.null_tally import ValueFacts
from cst_contracts.engine.rows.plan import RowPlan
from cst_contracts.engine.rows.view_runs import Run, ViewRuns
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import (
    CouldNotLook,
    FunctionProbe,
    KeyCount,
    NullCount,
    QueryFacts,
    ReferenceCount,
    RowCount,
    RowOrder,
    RuleCount,
    SessionFacts,
    StreamFacts,
    Trouble,
    ViewRun,
)
from cst_contracts.needs import (
    AnyNeed,
    AnyRowNeed,
    CatalogNeed,
    DiagnosticsNeed,
    EffectsNeed,
    EnforcementNeed,
    FunctionNeed,
    KeyNeed,
    Need,
    NullsNeed,
    OrderNeed,
    OrderPlanNeed,
    PartitionTypeNeed,
    PruningNeed,
    ReferenceNeed,
    RowCountNeed,
    RowsReadNeed,
    RuleNeed,
    SchemaNeed,
    SessionNeed,
    StatisticsNeed,
    StreamNeed,
    UnboundedNeed,
    ViewQueryNeed,
    ViewRunNeed,
)

A = TypeVar("A")


class DataFusionObserver:
    """Each question is answered once, when somebody asks it; whoever asks again gets the same answer.

    Questions about rows that were prepared before the first of them is asked are measured together.
    """

    def __init__(self, registry: Registry, how: Measuring) -> None:
        self._registry = registry
        self._rows = _Rows(registry, how)
        self._prepared: set[AnyNeed] = set()
        self._answers: dict[AnyNeed, Any] = {}

    def prepare(self, needs: Iterable[AnyNeed]) -> None:
        """Looks at nothing."""
        for need in needs:
            if need not in self._prepared:
                self._prepared.add(need)
                self._rows.prepare(need)

    def is_prepared(self, need: AnyNeed) -> bool:
        return need in self._prepared

    def answer(self, need: Need[A]) -> A | CouldNotLook:
        """Trouble of the engine becomes a value here, and nowhere else."""
        if need not in self._answers:
            try:
                self._answers[need] = self._look(need)
            except IntrospectionError as error:
                self._answers[need] = error.answer
        answer: A | CouldNotLook = self._answers[need]
        return answer

    def seen(self) -> Mapping[AnyNeed, Any]:
        """All answers so far, in the order in which they were asked for."""
        return self._answers

    def plans(self) -> Sequence[RowPlan]:
        """How each relation's rows were measured, as far as they were."""
        return self._rows.measurements.plans()

    def whole_session(self) -> tuple[SessionContext, list[CouldNotLook]]:
        """The session with all relations of the contracts in it, and why some are not."""
        context, errors = self._registry.whole_session()
        return context, [error.answer for error in errors]

    def _look(self, need: AnyNeed) -> Any:
        if type(need) in _RELATION_LOOKS:
            return _RELATION_LOOKS[type(need)](self._registry, need)
        if type(need) in _ROW_LOOKS:
            return _ROW_LOOKS[type(need)](self._rows, need)
        return _SESSION_LOOKS[type(need)](self, need)

    def session_facts(self) -> SessionFacts:
        """Raises IntrospectionError."""
        match self.answer(SessionNeed()):
            case SessionFacts() as facts:
                return facts
            case CouldNotLook() as trouble:
                raise IntrospectionError.of(trouble)

    def function_probe(self, need: FunctionNeed) -> FunctionProbe | None:
        functions = self.session_facts().functions
        return probe_function(self._registry.context, need.function, functions)

    def view_query(self, need: ViewQueryNeed) -> QueryFacts | None:
        """A call may have the name of any function: of the engine's own where the session hides its own."""
        try:
            functions = self.session_facts().functions
        except IntrospectionError:
            functions = function_inventory(self._registry.scratch)
        names = [function.name for function in functions]
        return query_facts(self._registry, need.relation, names)


class _Rows:
    """Which reading of a relation's rows answers a question about them."""

    def __init__(self, registry: Registry, how: Measuring) -> None:
        self._registry = registry
        self._how = how
        self._access = RowAccess(registry)
        self._wanted: dict[str, dict[AnyRowNeed, None]] = {}
        self._views: dict[str, ViewContract] = {}
        self._view_runs: ViewRuns | None = None
        self.measurements = Measurements(self._access, self._wanted, how)

    def prepare(self, need: AnyNeed) -> None:
        match need:
            case NullsNeed() | KeyNeed() | ReferenceNeed() | RuleNeed() | OrderNeed():
                self._wanted.setdefault(need.relation, {})[need] = None
            case ViewRunNeed(view=view):
                self._views[view.name] = view

    def count(self, need: RowCountNeed) -> RowCount:
        """A view's rows cost what its query costs, so they are not counted twice."""
        if self._registry.open(need.relation).format == "view" or need.relation in self._views:
            try:
                read = self.read(need) or self._run(need.relation)
            except IntrospectionError:
                read = None  # whoever counts again is told why, if it cannot be counted
            match read:
                case RowCount():
                    return read
                case Run(facts=facts):
                    return facts.rows
                case None:
                    pass
        return self._access.row_count(need.relation)

    def read(self, need: RowCountNeed | RowsReadNeed) -> RowCount | None:
        paths = self._null_paths(need.relation)
        if not paths:
            return None
        values = self._null_values(need.relation, paths)
        return RowCount(values.rows, values.basis)

    def nulls(self, need: NullsNeed) -> NullCount:
        if self._registry.promises_stream(need.relation):
            values = self._streamed(need)
        else:
            paths = dict.fromkeys((*self._null_paths(need.relation), need.path))
            values = self._null_values(need.relation, tuple(paths))
        if not isinstance(values, ValueFacts) or need.path not in values.nulls:
            reason = f"it has no field {need.path} to count in"
            raise IntrospectionError(reason, relation=need.relation, trouble=Trouble.FIELD)
        return replace(values.nulls[need.path], rows=values.rows)

    def measure(
        self, need: KeyNeed | ReferenceNeed | RuleNeed | OrderNeed
    ) -> KeyCount | ReferenceCount | RuleCount | RowOrder:
        if self._registry.promises_stream(need.relation):
            return self._known(self._streamed(need))
        counted = self._counted_in_passing(need)
        return (
            self._known(self.measurements.answer(need.relation, need))
            if counted is None
            else counted
        )

    def view_run(self, need: ViewRunNeed) -> ViewRun:
        self._views.setdefault(need.view.name, need.view)
        return self._runs().run(need.view).facts

    def stream(self, need: StreamNeed) -> StreamFacts:
        read = self.measurements.stream(need.relation)
        if isinstance(read, IntrospectionError):
            raise read
        return read.facts

    def _streamed(self, need: AnyRowNeed) -> Any:
        read = self.measurements.stream(need.relation)
        if isinstance(read, IntrospectionError):
            raise read
        if need not in read.answers:
            reason = f"its rows have come, and nobody has asked for {need} before"
            raise IntrospectionError(reason, relation=need.relation)
        return read.answers[need]

    def _known(self, answer: Any) -> Any:
        if isinstance(answer, IntrospectionError):
            raise answer
        return answer

    def _counted_in_passing(self, need: AnyRowNeed) -> RuleCount | None:
        """A view that its own check reads is not read a second time, but to show violating rows."""
        if not isinstance(need, RuleNeed):
            return None
        run = self._try_run(need.relation)
        count = None if run is None else run.rules.get(need.rule.sql)
        return None if count is None or (count.violations and self._how.samples) else count

    def _null_values(self, relation: str, paths: Sequence[str]) -> ValueFacts:
        run = self._try_run(relation)
        if run is not None and set(paths) <= set(self._null_paths(relation)):
            broken = any(count.nulls for count in run.values.nulls.values())
            if not (broken and self._how.samples):
                return run.values
        values = self.measurements.values(relation, paths)
        if isinstance(values, IntrospectionError):
            raise values
        return values

    def _null_paths(self, relation: str) -> tuple[str, ...]:
        needs = self._wanted.get(relation, ())
        return tuple(need.path for need in needs if isinstance(need, NullsNeed))

    def _try_run(self, relation: str) -> Run | None:
        """None where the view cannot be run, too: to measure it tells why."""
        try:
            return self._run(relation)
        except IntrospectionError:
            return None

    def _run(self, relation: str) -> Run | None:
        """None for what is no view whose check is selected."""
        view = self._views.get(relation)
        return None if view is None else self._runs().run(view)

    def _runs(self) -> ViewRuns:
        if self._view_runs is None:
            rules = {
                name: [need.rule for need in needs if isinstance(need, RuleNeed)]
                for name, needs in self._wanted.items()
            }
            paths = {name: self._null_paths(name) for name in self._views}
            verify = self._how.verify_data
            self._view_runs = ViewRuns(self._access, paths, rules, verify_data=verify)
        return self._view_runs


_RELATION_LOOKS: Mapping[type[AnyNeed], Callable[[Registry, Any], Any]] = {
    SchemaNeed: lambda registry, need: table_facts(registry, need.relation),
    OrderPlanNeed: ordering_facts,
    PartitionTypeNeed: declared_partition,
    DiagnosticsNeed: lambda registry, need: relation_diagnostics(registry, need.relation),
    UnboundedNeed: lambda registry, need: unbounded_facts(registry, need.relation),
    EnforcementNeed: enforcement_facts,
    StatisticsNeed: statistics_facts,
    PruningNeed: pruning_facts,
    SessionNeed: lambda registry, _: session_facts(registry.context),
    EffectsNeed: lambda registry, _: setting_effects(registry.context),
    CatalogNeed: lambda registry, need: catalog_facts(registry, need.catalog),
}
_ROW_LOOKS: Mapping[type[AnyNeed], Callable[[_Rows, Any], Any]] = {
    RowCountNeed: _Rows.count,
    RowsReadNeed: _Rows.read,
    NullsNeed: _Rows.nulls,
    KeyNeed: _Rows.measure,
    ReferenceNeed: _Rows.measure,
    RuleNeed: _Rows.measure,
    OrderNeed: _Rows.measure,
    ViewRunNeed: _Rows.view_run,
    StreamNeed: _Rows.stream,
}
_SESSION_LOOKS: Mapping[type[AnyNeed], Callable[[DataFusionObserver, Any], Any]] = {
    FunctionNeed: DataFusionObserver.function_probe,
    ViewQueryNeed: DataFusionObserver.view_query,
}
