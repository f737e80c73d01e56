"""Answers every question about relations and the session from one live DataFusion session."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, TypeVar

from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.engine.looks.catalogs import catalog_facts
from cst_contracts.engine.looks.constraints import enforcement_facts
from cst_contracts.engine.looks.declared import declared_facts
from cst_contracts.engine.looks.diagnostics import relation_diagnostics
from cst_contracts.engine.looks.effects import setting_effects
from cst_contracts.engine.looks.files import files_facts
from cst_contracts.engine.looks.footers import footers_facts
from cst_contracts.engine.looks.functions import function_inventory, probe_function
from cst_contracts.engine.looks.interop import exchange
from cst_contracts.engine.looks.ordering import (
    claimed_orders,
    is_registered_in_order,
    ordering_facts,
    register_in_order,
)
from cst_contracts.engine.looks.partitions import declared_partition
from cst_contracts.engine.looks.policies import pruning_facts, statistics_facts
from cst_contracts.engine.looks.queries import query_facts
from cst_contracts.engine.looks.query_plans import query_plan, view_reads
from cst_contracts.engine.looks.session import session_facts
from cst_contracts.engine.looks.sources import source_facts
from cst_contracts.engine.looks.tables import table_facts
from cst_contracts.engine.looks.unbounded import unbounded_facts
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.answering import RowAnswers
from cst_contracts.engine.rows.measures import MEASURES
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.rows.plan import RowPlan
from cst_contracts.engine.rows.query_runs import query_run
from cst_contracts.engine.rows.second_look import SecondLook
from cst_contracts.engine.session.secrets import told
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import waiting_at_most
from cst_contracts.facts import (
    CouldNotLook,
    FunctionProbe,
    OrderingFacts,
    QueryFacts,
    QueryPlan,
    RowOrder,
    SessionFacts,
    SortTerm,
)
from cst_contracts.needs import (
    AnyNeed,
    AnyRowNeed,
    CatalogNeed,
    DeclaredNeed,
    DiagnosticsNeed,
    EffectsNeed,
    EnforcementNeed,
    ExchangeNeed,
    FilesNeed,
    FootersNeed,
    FunctionNeed,
    Need,
    OrderClaimsNeed,
    OrderNeed,
    OrderPlanNeed,
    PartitionTypeNeed,
    PruningNeed,
    QueryPlanNeed,
    QueryRunNeed,
    RowCountNeed,
    RowsReadNeed,
    SchemaNeed,
    SessionNeed,
    SourceNeed,
    StatisticsNeed,
    StreamNeed,
    UnboundedNeed,
    ViewQueryNeed,
    ViewReadsNeed,
    ViewRunNeed,
)

A = TypeVar("A")


class DataFusionObserver:
    """Each question is answered once, when somebody asks it; whoever asks again gets the same answer.

    Questions about rows that were prepared before the first of them is asked are measured together.
    """

    def __init__(self, registry: Registry, how: MeasuringOptions) -> None:
        self._registry = registry
        self._rows = RowAnswers(registry, replace(how, samples=0))
        self._samples = how.samples
        self._seconds = how.query_seconds
        rows = RowAnswers(registry, how)
        self._second_look = SecondLook(partial(_ask, self._rows), rows.prepare, partial(_ask, rows))
        self._prepared: set[AnyNeed] = set()
        self._row_needs: dict[str, list[AnyRowNeed]] = {}
        self._answers: dict[AnyNeed, Any] = {}

    def prepare(self, needs: Iterable[AnyNeed]) -> None:
        """Looks at nothing."""
        for need in needs:
            if need not in self._prepared:
                self._prepared.add(need)
                self._rows.prepare(need)
                if isinstance(need, AnyRowNeed):
                    self._row_needs.setdefault(need.relation, []).append(need)

    def is_prepared(self, need: AnyNeed) -> bool:
        return need in self._prepared

    def answer(self, need: Need[A]) -> A | CouldNotLook:
        """Trouble of the engine becomes a value here, and nowhere else."""
        if need not in self._answers:
            try:
                with self._bounded():
                    self._answers[need] = told(self._look(need))
            except IntrospectionError as error:
                self._answers[need] = error.answer
        answer: A | CouldNotLook = self._answers[need]
        return answer

    def seen(self) -> Mapping[AnyNeed, Any]:
        """All answers so far, in the order in which they were asked for."""
        return self._answers

    def plans(self) -> Sequence[RowPlan]:
        """How each relation's rows were measured, as far as they were."""
        return self._rows.plans()

    def whole_session(self) -> tuple[SessionContext, list[CouldNotLook]]:
        """The session with all relations of the contracts in it, and why some are not. Tables of ours are
        registered with the order that is promised of them, where it is true."""
        for name, source in self._registry.relations.sources.items():
            if source.ordered_by and not source.unbounded:
                terms = (
                    SortTerm(each.field, each.descending, each.nulls_first)
                    for each in source.ordered_by
                )
                self.answer(OrderPlanNeed(name, tuple(terms)))
        with self._bounded():
            context, errors = self._registry.whole_session()
        return context, [error.answer for error in errors]

    def _bounded(self) -> AbstractContextManager[None]:
        return nullcontext() if self._seconds is None else waiting_at_most(self._seconds)

    def order_plan(self, need: OrderPlanNeed) -> OrderingFacts | None:
        """A table of ours is registered with the promised order once its rows have been measured to be in it:
        DataFusion 55 believes a declared order, and answers wrong where it is not true."""
        registry = self._registry
        if not is_registered_in_order(registry, need.relation):
            return ordering_facts(registry, need)
        refused = self._refused_order(need)
        if refused is None:
            register_in_order(registry, need.relation, need.terms)
        facts = ordering_facts(registry, need)
        return None if facts is None else replace(facts, refused=refused)

    def _refused_order(self, need: OrderPlanNeed) -> str | None:
        match self.answer(OrderNeed(need.relation, need.terms)):
            case CouldNotLook(reason=reason):
                return f"nobody could measure it: {reason}"
            case RowOrder(rows=rows, violations=violations):
                return f"{violations} of {rows} rows are out of it" if violations else None

    def _look(self, need: AnyNeed) -> Any:
        if type(need) in _RELATION_LOOKS:
            return _RELATION_LOOKS[type(need)](self._registry, need)
        if isinstance(need, AnyRowNeed):
            return self._row_fact(need)
        if type(need) in _ROW_LOOKS:
            return _ask(self._rows, need)
        return _SESSION_LOOKS[type(need)](self, need)

    def _row_fact(self, need: AnyRowNeed) -> Any:
        """The rows of a stream come only once: of those that break a promise, none is found again."""
        counted = _ask(self._rows, need)
        if not self._samples or self._registry.promises_stream(need.relation):
            return counted
        siblings = self._row_needs.get(need.relation, ())
        return self._second_look.with_rows(need, counted, siblings)

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

    def planned(self, need: ViewQueryNeed | QueryPlanNeed) -> QueryFacts | QueryPlan | None:
        """What a view or a query asks for. A call in it may have the name of any function: of the engine's
        own where the session hides its own."""
        try:
            functions = self.session_facts().functions
        except IntrospectionError:
            functions = function_inventory(self._registry.scratch)
        names = [function.name for function in functions]
        if isinstance(need, QueryPlanNeed):
            return query_plan(self._registry, need, names)
        return query_facts(self._registry, need.relation, names)


_RELATION_LOOKS: Mapping[type[AnyNeed], Callable[[Registry, Any], Any]] = {
    SchemaNeed: lambda registry, need: table_facts(registry, need.relation),
    FilesNeed: files_facts,
    FootersNeed: footers_facts,
    SourceNeed: source_facts,
    OrderClaimsNeed: claimed_orders,
    PartitionTypeNeed: declared_partition,
    DiagnosticsNeed: lambda registry, need: relation_diagnostics(registry, need.relation),
    UnboundedNeed: lambda registry, need: unbounded_facts(registry, need.relation),
    DeclaredNeed: declared_facts,
    EnforcementNeed: enforcement_facts,
    StatisticsNeed: statistics_facts,
    PruningNeed: pruning_facts,
    QueryRunNeed: query_run,
    ExchangeNeed: exchange,
    ViewReadsNeed: view_reads,
    SessionNeed: lambda registry, _: session_facts(registry.context),
    EffectsNeed: lambda registry, _: setting_effects(registry.context),
    CatalogNeed: lambda registry, need: catalog_facts(registry, need.catalog),
}
_ROW_LOOKS: Mapping[type[AnyNeed], Callable[[RowAnswers, Any], Any]] = {
    RowCountNeed: RowAnswers.count,
    RowsReadNeed: RowAnswers.read,
    **dict.fromkeys(MEASURES, RowAnswers.answer),
    ViewRunNeed: RowAnswers.view_run,
    StreamNeed: RowAnswers.stream,
}


def _ask(rows: RowAnswers, need: AnyNeed) -> Any:
    return _ROW_LOOKS[type(need)](rows, need)


_SESSION_LOOKS: Mapping[type[AnyNeed], Callable[[DataFusionObserver, Any], Any]] = {
    FunctionNeed: DataFusionObserver.function_probe,
    OrderPlanNeed: DataFusionObserver.order_plan,
    **dict.fromkeys((ViewQueryNeed, QueryPlanNeed), DataFusionObserver.planned),
}
