"""One observation a process: what the items of a run need looked at, and their verdicts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from cst_contracts.checks.evaluate import evaluate
from cst_contracts.checks.model import (
    Cause,
    Check,
    FieldKept,
    FieldsComplete,
    FunctionAvailable,
    FunctionsSnapshot,
    NoNulls,
    NotCheckable,
    Observation,
    OrderDeclared,
    PartitionKept,
    RowsPresent,
    SchemaSnapshot,
    SettingEffective,
    TablePresent,
    Undecided,
    Verdict,
    ViewUsable,
)
from cst_contracts.checks.waivers import waive
from cst_contracts.contract.model import Contract
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import TableFacts, ValueFacts
from cst_contracts.pytest_plugin.drifting import snapshot_verdict
from cst_contracts.report.manifest import session_json, table_json

if TYPE_CHECKING:
    from cst_contracts.engine.catalog import LiveCatalog


class Run:
    """`selected` are the checks that this session runs, with their contracts. Where no session could be
    opened, the error stands in the catalog's place."""

    def __init__(
        self,
        catalog: "LiveCatalog | IntrospectionError",
        selected: Iterable[tuple[Contract, Check]],
    ) -> None:
        self._catalog = catalog
        self._null_paths: dict[str, list[str]] = {}
        self._selected: set[Cause] = set()
        for contract, check in selected:
            self._selected.add(Cause(contract.name, check.id))
            if isinstance(check, NoNulls):
                paths = self._null_paths.setdefault(check.table, [])
                paths.append(check.field.path)

    def verdict(self, item: pytest.Function, contract: Contract, check: Check) -> Verdict:
        match check:
            case SchemaSnapshot() | FunctionsSnapshot():
                verdict = snapshot_verdict(item, check, self.observe(check))
                return waived(contract, check, verdict)
            case _:
                return self.judge(contract, check)

    def judge(self, contract: Contract, check: Check) -> Verdict:
        """Of any check but a snapshot, which takes an item to compare."""
        return waived(contract, check, evaluate(check, self.observe(check)))

    def selected_cause(self, verdict: Verdict) -> Cause | None:
        """What is red elsewhere in this session for an undecided verdict; None: nothing tells."""
        match verdict:
            case Undecided(cause=Cause() as cause) if cause in self._selected:
                return cause
            case _:
                return None

    def observe(self, check: Check) -> Observation:
        """What the check needs looked at, and no more."""
        catalog = self._catalog
        if isinstance(catalog, IntrospectionError):
            return Observation(table=catalog, values=catalog, session=catalog)
        match check:
            case (
                TablePresent(table=table)
                | FieldKept(table=table)
                | FieldsComplete(table=table)
                | PartitionKept(table=table)
                | OrderDeclared(table=table)
                | SchemaSnapshot(table=table)
            ):
                return Observation(table=catalog.facts(table))
            case ViewUsable(view=view):
                return Observation(table=catalog.facts(view.name))
            case RowsPresent(table=table):
                return self._rows(catalog, table)
            case NoNulls(table=table):
                return Observation(table=catalog.facts(table), values=self._values(catalog, table))
            case FunctionAvailable(function=function):
                probe = catalog.probe(function)
                probes = {} if probe is None else {function.name: probe}
                return Observation(session=catalog.session(), probes=probes)
            case SettingEffective() | FunctionsSnapshot():
                return Observation(session=catalog.session())
            case NotCheckable():
                return Observation()

    def session_json(self) -> dict[str, Any] | None:
        """None where the session could not be looked at."""
        if isinstance(self._catalog, IntrospectionError):
            return None
        session = self._catalog.session()
        return None if isinstance(session, IntrospectionError) else session_json(session)

    def tables_json(self) -> list[dict[str, Any]]:
        """Of the tables that this run has looked at."""
        if isinstance(self._catalog, IntrospectionError):
            return []
        return [
            table_json(facts, self._catalog.rows_seen(facts.name))
            for facts in self._catalog.looked_at()
        ]

    def _values(self, catalog: "LiveCatalog", table: str) -> ValueFacts | IntrospectionError | None:
        paths = self._null_paths.get(table)
        return None if paths is None else catalog.values(table, paths)

    def _rows(self, catalog: "LiveCatalog", table: str) -> Observation:
        """A view's rows cost what its query costs, so they are not counted twice."""
        facts, values = catalog.facts(table), self._values(catalog, table)
        match facts, values:
            case IntrospectionError(), _:
                return Observation(table=facts)
            case TableFacts(format="view"), ValueFacts(rows=rows, basis=basis):
                return Observation(table=replace(facts, rows=rows, rows_basis=basis), values=values)
            case TableFacts(), _:
                counted = catalog.row_count(table)
                if isinstance(counted, IntrospectionError):
                    return Observation(table=facts, values=counted)
                rows, basis = counted
                return Observation(table=replace(facts, rows=rows, rows_basis=basis), values=values)


def waived(contract: Contract, check: Check, verdict: Verdict) -> Verdict:
    waiver = next((each for each in contract.waivers if each.check == check.id), None)
    return verdict if waiver is None else waive(check, verdict, waiver, date.today())
