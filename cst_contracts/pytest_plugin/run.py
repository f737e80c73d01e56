"""One observation a process: what the items of a run need looked at, and their verdicts."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, overload

import pytest
from msgspec.structs import replace

from cst_contracts.checks.evaluate import evaluate
from cst_contracts.checks.model import (
    INVALID_CHECK,
    CatalogReconciled,
    Check,
    DeltaConstraints,
    DeltaParity,
    FieldKept,
    FieldsComplete,
    FunctionAvailable,
    FunctionsSnapshot,
    KeyUnique,
    NoNulls,
    OrderDeclared,
    OrderMeasured,
    OrderPlanned,
    PartitionKept,
    PolicyEffective,
    ReferencesExist,
    RowsPresent,
    RuleHolds,
    SchemaSnapshot,
    SettingEffective,
    SourceUnbounded,
    TablePresent,
    VersionRead,
    ViewUsable,
)
from cst_contracts.checks.needs import OrderNeed, needs_of
from cst_contracts.checks.rows import RowCheck
from cst_contracts.checks.verdict import Broken, Cause, Observation, Undecided, Verdict
from cst_contracts.checks.waivers import waive
from cst_contracts.contract.model import Contract, SettingContract, ViewContract
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import (
    KeyCount,
    NullCount,
    ReferenceCount,
    RowOrder,
    RuleCount,
    SessionFacts,
    TableFacts,
    ValueFacts,
    ViewRun,
)
from cst_contracts.pytest_plugin.drifting import keeps_snapshots, snapshot_verdict
from cst_contracts.pytest_plugin.streaming import streamed
from cst_contracts.pytest_plugin.wanted import Wanted
from cst_contracts.report.manifest import catalog_json, session_json, setting_json, table_json

if TYPE_CHECKING:
    from datafusion import SessionContext

    from cst_contracts.engine.live import Live
    from cst_contracts.engine.rows.measurements import Measurements


class Run:
    """`selected` are the checks that this session runs, with their contracts; `invalid` the files whose
    only item says that they are none. Where no session could be opened, the error stands in its place."""

    def __init__(
        self,
        live: "Live | IntrospectionError",
        selected: Iterable[tuple[Contract, Check]],
        wanted: Wanted,
        invalid: Iterable[str] = (),
    ) -> None:
        self._live = live
        self._wanted = wanted
        self._settings: list[tuple[str, SettingContract]] = []
        self._views: dict[str, ViewContract] = {}
        self._selected = {Cause(file, INVALID_CHECK) for file in invalid}
        for contract, check in selected:
            self._selected.add(Cause(contract.name, check.id))
            if isinstance(check, SettingEffective):
                self._settings.append((contract.file, check.setting))
            if isinstance(check, ViewUsable):
                self._views[check.view.name] = check.view
        self._view_runs = (
            None
            if isinstance(live, IntrospectionError)
            else live.view_runs(
                {name: wanted.null_paths(name) for name in self._views},
                {name: wanted.rules(name) for name in self._views},
            )
        )

    def verdict(self, item: pytest.Function, contract: Contract, check: Check) -> Verdict:
        match check:
            case SchemaSnapshot() | FunctionsSnapshot():
                kept = keeps_snapshots(item.config)
                observation = self.observe(check, diagnosed=kept)
                verdict = snapshot_verdict(item, check, observation, kept=kept)
                return waived(contract, check, verdict)
            case _:
                return self.judge(contract, check)

    def judge(self, contract: Contract, check: Check) -> Verdict:
        """Of any check but a snapshot, which takes an item to compare."""
        observation = self.observe(check)
        verdict = evaluate(check, observation)
        match check, verdict:
            case ((OrderDeclared() | OrderPlanned()), Broken()):
                measured = self._rows_in_order(check)
                verdict = evaluate(check, replace(observation, measured=measured))
            case _:
                pass
        return waived(contract, check, verdict)

    def _rows_in_order(self, check: OrderDeclared | OrderPlanned) -> RowOrder | None:
        """As far as this run measures it: a broken declaration is told with what the rows are like."""
        needs = (need for need in self._wanted.needs.get(check.table, ()))
        need = next((each for each in needs if isinstance(each, OrderNeed)), None)
        if need is None or isinstance(self._live, IntrospectionError):
            return None
        if self._live.catalog.promises_stream(check.table):
            return None  # its rows are not read for this
        answer = self._live.measurements.answer(check.table, need)
        return answer if isinstance(answer, RowOrder) else None

    def selected_cause(self, verdict: Verdict) -> Cause | None:
        """What is red elsewhere in this session for an undecided verdict; None: nothing tells."""
        match verdict:
            case Undecided(cause=Cause() as cause) if cause in self._selected:
                return cause
            case _:
                return None

    def observe(self, check: Check, *, diagnosed: bool = False) -> Observation:
        """What the check needs looked at, and no more. `diagnosed`: a snapshot is compared, which takes
        the engine's word on each node."""
        if isinstance(self._live, IntrospectionError):
            error = self._live
            return Observation(table=error, values=error, session=error, catalog=error)
        live, catalog = self._live, self._live.catalog
        if (streaming := streamed(live, check)) is not None:
            return streaming
        match check:
            case (
                TablePresent(table=table)
                | FieldKept(table=table)
                | FieldsComplete(table=table)
                | PartitionKept(table=table)
                | OrderDeclared(table=table)
                | OrderPlanned(table=table)
                | SourceUnbounded(table=table)
                | VersionRead(table=table)
                | DeltaParity(table=table)
            ):
                return Observation(table=catalog.facts(table))
            case DeltaConstraints(table=table, rules=rules):
                facts = catalog.facts(table)
                return Observation(table=facts, enforcement=catalog.enforcement(table, rules))
            case SchemaSnapshot(table=table, views=views):
                # A view's query may cost more than its table: where that is red, none is run.
                facts = catalog.facts(table)
                seen = () if isinstance(facts, IntrospectionError) else views
                told = self._diagnosed(facts) if diagnosed else facts
                return Observation(table=told, views=tuple(map(catalog.facts, seen)))
            case ViewUsable(view=view, nulls=nulls):
                facts, session = catalog.facts(view.name), catalog.session()
                run = self._view_run(view.name) if isinstance(facts, TableFacts) else None
                values = self._values(live, view.name) if nulls else None
                return Observation(table=facts, values=values, session=session, view=run)
            case RowsPresent(table=table):
                return self._rows(live, table)
            case NoNulls(table=table):
                return Observation(table=catalog.facts(table), values=self._values(live, table))
            case OrderMeasured() | KeyUnique() | ReferencesExist() | RuleHolds():
                return self._measured(live, check)
            case PolicyEffective(table=table, policy=policy):
                return Observation(
                    table=catalog.facts(table), policy=catalog.policy(table, policy.name)
                )
            case FunctionAvailable(function=function):
                probe = catalog.probe(function)
                probes = {} if probe is None else {function.name: probe}
                return Observation(session=catalog.session(), probes=probes)
            case SettingEffective():
                return Observation(session=catalog.session(), effects=catalog.effects())
            case FunctionsSnapshot():
                return Observation(session=catalog.session())
            case CatalogReconciled(catalog=mounted):
                return Observation(catalog=catalog.mounted(mounted), contracts=catalog.contracts())

    def whole_session(self) -> "tuple[SessionContext, list[IntrospectionError]]":
        """Raises IntrospectionError where no session could be opened."""
        if isinstance(self._live, IntrospectionError):
            raise self._live
        return self._live.catalog.whole_session()

    def session_json(self) -> dict[str, Any] | None:
        """None where the session could not be looked at."""
        if isinstance(self._live, IntrospectionError):
            return None
        session = self._live.catalog.session()
        return None if isinstance(session, IntrospectionError) else session_json(session)

    def required_settings_json(self) -> list[dict[str, Any]]:
        """Promised and effective, of the settings that this run's contracts promise."""
        if isinstance(self._live, IntrospectionError):
            return [setting_json(file, setting, None) for file, setting in self._settings]
        session = self._live.catalog.session() if self._settings else None
        known = session.settings if isinstance(session, SessionFacts) else {}
        return [
            setting_json(file, setting, known.get(setting.name)) for file, setting in self._settings
        ]

    def tables_json(self) -> list[dict[str, Any]]:
        """Of the tables that this run has looked at."""
        if isinstance(self._live, IntrospectionError):
            return []
        live = self._live
        return [
            table_json(self._diagnosed(facts), self._rows_seen(live, facts.name))
            for facts in live.catalog.looked_at()
        ]

    def plans(self) -> list[str]:
        """How each relation's rows were measured."""
        if isinstance(self._live, IntrospectionError):
            return []
        return [str(plan) for plan in self._live.measurements.plans()]

    def _rows_seen(self, live: "Live", relation: str) -> int | None:
        """As far as anybody has counted."""
        if live.catalog.promises_stream(relation):
            return live.measurements.stream_rows(relation)
        counted, values = live.catalog.rows_seen(relation), self._values(live, relation)
        return values.rows if counted is None and isinstance(values, ValueFacts) else counted

    def catalogs_json(self) -> list[dict[str, Any]]:
        """Of the artifact roots that this run has looked at."""
        if isinstance(self._live, IntrospectionError):
            return []
        return [catalog_json(facts) for facts in self._live.catalog.mounts_seen()]

    @overload
    def _diagnosed(self, facts: TableFacts) -> TableFacts: ...

    @overload
    def _diagnosed(
        self, facts: TableFacts | IntrospectionError
    ) -> TableFacts | IntrospectionError: ...

    def _diagnosed(self, facts: TableFacts | IntrospectionError) -> TableFacts | IntrospectionError:
        """With what the engine says of each node; without, where it cannot: a snapshot then tells."""
        if isinstance(facts, IntrospectionError) or isinstance(self._live, IntrospectionError):
            return facts
        match self._live.catalog.diagnostics(facts.name):
            case IntrospectionError():
                return facts
            case diagnostics:
                return replace(facts, diagnostics=diagnostics)

    def _measured(self, live: "Live", check: RowCheck) -> Observation:
        """Nothing is measured in a table that cannot be read, or that has no rows."""
        table = check.table
        observation = self._rows(live, table)
        match observation.table:
            case TableFacts(rows=int(rows)) if rows:
                return replace(observation, measured=self._measurement(live.measurements, check))
            case _:
                return observation

    def _measurement(
        self, measurements: "Measurements", check: RowCheck
    ) -> KeyCount | ReferenceCount | RuleCount | RowOrder | IntrospectionError:
        ((relation, need),) = needs_of(check)
        match check, self._view_run(relation):
            case RuleHolds(rule=rule), ViewRun(rules=rules) if rule.sql in rules:
                if not (rules[rule.sql].violations and measurements.shows_samples):
                    return rules[rule.sql]
            case _:
                pass
        answered = measurements.answer(relation, need)
        if isinstance(answered, ValueFacts):
            raise AssertionError(f"{check.id} was answered with counts of nulls")
        return answered

    def _values(self, live: "Live", table: str) -> ValueFacts | IntrospectionError | None:
        paths = self._wanted.null_paths(table)
        if not paths:
            return None
        # A view that its own check reads is not read a second time for its nulls, but to show some.
        match self._view_run(table):
            case ViewRun(values=values) if not (
                live.measurements.shows_samples and any(map(_is_broken, values.nulls.values()))
            ):
                return values
            case _:
                return live.measurements.values(table, paths)

    def _view_run(self, table: str) -> ViewRun | IntrospectionError | None:
        """None for what is no view whose check is selected."""
        view = self._views.get(table)
        return None if view is None or self._view_runs is None else self._view_runs.run(view)

    def _rows(self, live: "Live", table: str) -> Observation:
        """A view's rows cost what its query costs, so they are not counted twice."""
        facts, values = live.catalog.facts(table), self._values(live, table)
        match facts, values:
            case IntrospectionError(), _:
                return Observation(table=facts)
            case TableFacts(format="view"), ValueFacts(rows=rows, basis=basis):
                return Observation(table=replace(facts, rows=rows, rows_basis=basis), values=values)
            case TableFacts(), _:
                match self._view_run(table):
                    case ViewRun(values=read):
                        facts = replace(facts, rows=read.rows, rows_basis=read.basis)
                        return Observation(table=facts, values=values)
                    case _:
                        counted = live.catalog.row_count(table)
                if isinstance(counted, IntrospectionError):
                    return Observation(table=facts, values=counted)
                rows, basis = counted
                return Observation(table=replace(facts, rows=rows, rows_basis=basis), values=values)


def waived(contract: Contract, check: Check, verdict: Verdict) -> Verdict:
    waiver = next((each for each in contract.waivers if each.check == check.id), None)
    return verdict if waiver is None else waive(check, verdict, waiver, date.today())


def _is_broken(count: NullCount) -> bool:
    return bool(count.nulls)
