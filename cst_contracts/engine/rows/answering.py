"""Decides which reading of a relation's rows answers a question about them."""

from collections.abc import Sequence
from typing import TypeAlias

from msgspec.structs import replace

from cst_contracts.contract.model import ViewContract
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.asked import Answered
from cst_contracts.engine.rows.measurements import Measurements, Measuring
from cst_contracts.engine.rows.null_tally import ValueFacts
from cst_contracts.engine.rows.view_runs import Run, ViewRuns
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import (
    KeyCount,
    NullCount,
    ReferenceCount,
    RowCount,
    RowOrder,
    RuleCount,
    StreamFacts,
    Trouble,
    ViewRun,
)
from cst_contracts.needs import (
    AnyNeed,
    AnyRowNeed,
    KeyNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RowCountNeed,
    RowsReadNeed,
    RuleNeed,
    StreamNeed,
    ViewRunNeed,
)

Measured: TypeAlias = KeyCount | ReferenceCount | RuleCount | RowOrder


class RowAnswers:
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
        if isinstance(need, AnyRowNeed):
            self._wanted.setdefault(need.relation, {})[need] = None
        elif isinstance(need, ViewRunNeed):
            self._views[need.view.name] = need.view

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

    def measure(self, need: KeyNeed | ReferenceNeed | RuleNeed | OrderNeed) -> Measured:
        if self._registry.promises_stream(need.relation):
            return self._known(self._streamed(need))
        counted = self._counted_in_passing(need)
        if counted is not None:
            return counted
        return self._known(self.measurements.answer(need.relation, need))

    def view_run(self, need: ViewRunNeed) -> ViewRun:
        self._views.setdefault(need.view.name, need.view)
        return self._runs().run(need.view).facts

    def stream(self, need: StreamNeed) -> StreamFacts:
        read = self.measurements.stream(need.relation)
        if isinstance(read, IntrospectionError):
            raise read
        return read.facts

    def _streamed(self, need: AnyRowNeed) -> Answered:
        read = self.measurements.stream(need.relation)
        if isinstance(read, IntrospectionError):
            raise read
        if need not in read.answers:
            reason = f"its rows have come, and nobody has asked for {need} before"
            raise IntrospectionError(reason, relation=need.relation)
        return read.answers[need]

    def _known(self, answer: Answered) -> Measured:
        if isinstance(answer, IntrospectionError):
            raise answer
        if isinstance(answer, ValueFacts):
            raise AssertionError("counts of nulls answer no other question")
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
