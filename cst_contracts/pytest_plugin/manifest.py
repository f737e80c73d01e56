"""The facts that a process looked at, made ready to travel, and merged into one manifest."""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, field

from cst_contracts import __version__
from cst_contracts.checks.settings import SettingEffective
from cst_contracts.engine.session.versions import installed_versions
from cst_contracts.facts import SessionFacts
from cst_contracts.files.manifests import write_manifest_text
from cst_contracts.gate.gate import Gate
from cst_contracts.gate.memory import peak_memory
from cst_contracts.gate.seen import Seen
from cst_contracts.pytest_plugin.state import SELECTION, Selection
from cst_contracts.report.manifest import (
    MemoryTaken,
    catalog_json,
    manifest_json,
    manifest_text,
    session_json,
    setting_json,
    table_json,
)
from cst_contracts.report.promise import PromiseRecord


class ProcessFacts(Struct, frozen=True):
    """Strings, numbers, lists and dicts only: under xdist it crosses from a worker to the controller."""

    files: list[str] = field(default_factory=list)
    promises: list[PromiseRecord] = field(default_factory=list)
    deselected: int = 0
    deselected_invalid: list[str] = field(default_factory=list)
    session: dict[str, Any] | None = None
    required_settings: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    catalogs: list[dict[str, Any]] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    peak_memory: int | None = None


def process_facts(config: pytest.Config, gate: Gate | None) -> ProcessFacts:
    selection = config.stash[SELECTION]
    seen = Seen({} if gate is None else gate.observer.seen())
    session = seen.session()
    tables = [table for table in seen.tables() if table.facts is not None]
    return ProcessFacts(
        files=sorted(str(file) for file in selection.files),
        promises=selection.promises,
        deselected=selection.deselected,
        deselected_invalid=list(selection.deselected_invalid),
        session=None if session is None else session_json(session),
        required_settings=_settings(selection, session),
        tables=[table_json(table) for table in tables],
        catalogs=[catalog_json(facts) for facts in seen.catalogs()],
        plans=[] if gate is None else [str(plan) for plan in gate.observer.plans()],
        peak_memory=peak_memory(),
    )


def _settings(selection: Selection, session: SessionFacts | None) -> list[dict[str, Any]]:
    """Promised and effective, of the settings that this run's contracts promise."""
    known = {} if session is None else session.settings
    return [
        setting_json(each.contract.file, check.setting, known.get(check.setting.name))
        for each in selection.checks
        if isinstance(check := each.check, SettingEffective)
    ]


def write_manifest(
    file: Path, memory: int, processes: Sequence[ProcessFacts], records: Sequence[PromiseRecord]
) -> None:
    """Several processes may have looked at one table: all saw the same, but not all counted its rows.

    Raises CstContractsError where the file cannot be written.
    """
    tables: dict[str, dict[str, Any]] = {}
    for process in processes:
        for table in process.tables:
            known = tables.setdefault(table["table"], table)
            if known["rows"] is None:
                known["rows"] = table["rows"]
    session = next((process.session for process in processes if process.session is not None), None)
    versions = {
        "cst_contracts": __version__,
        **installed_versions(),
        "python": platform.python_version(),
    }
    required = next((each.required_settings for each in processes if each.required_settings), [])
    catalogs = {each["contract"]: each for process in processes for each in process.catalogs}
    peaks = [process.peak_memory for process in processes if process.peak_memory is not None]
    taken = MemoryTaken(limit=memory, peak=max(peaks, default=None))
    manifest = manifest_json(
        versions, session, list(tables.values()), records, required, list(catalogs.values()), taken
    )
    write_manifest_text(file, manifest_text(manifest))
