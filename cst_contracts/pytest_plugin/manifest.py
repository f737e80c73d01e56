"""What the processes of a run have seen, gathered where the manifest is written."""

import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import Struct, field

from cst_contracts import __version__
from cst_contracts.checks.check import INVALID_CHECK
from cst_contracts.engine.session.versions import installed_versions
from cst_contracts.files.contracts import contract_lines
from cst_contracts.files.manifests import write_manifest_text
from cst_contracts.files.revision import revision_of
from cst_contracts.gate.gate import Gate
from cst_contracts.gate.memory import peak_memory
from cst_contracts.gate.seen import Seen
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.pytest_plugin.state import SELECTION, Selection
from cst_contracts.report.manifest import manifest_of, manifest_text
from cst_contracts.report.manifest_file import MemoryTaken, PromiseRecord, RunEntry
from cst_contracts.report.observed import Observed, merged, observed
from cst_contracts.report.places import Places


class ProcessFacts(Struct, frozen=True):
    """What one process of a run has done and seen; as JSON, it travels from a worker to the controller."""

    files: list[str] = field(default_factory=list)
    promises: list[PromiseRecord] = field(default_factory=list)
    deselected: int = 0
    deselected_invalid: list[str] = field(default_factory=list)
    observed: Observed = Observed()
    plans: list[str] = field(default_factory=list)
    peak_memory: int | None = None


class Begun(Struct, frozen=True):
    """When the run began: by the clock, and by one that nobody sets."""

    started: datetime
    ticks: float


def begin() -> Begun:
    return Begun(datetime.now(UTC), time.monotonic())


def process_facts(config: pytest.Config, gate: Gate | None) -> ProcessFacts:
    selection = config.stash[SELECTION]
    wanted = options_of(config).manifest is not None
    return ProcessFacts(
        files=sorted(str(file) for file in selection.files),
        promises=selection.promises,
        deselected=selection.deselected,
        deselected_invalid=list(selection.deselected_invalid),
        observed=_observed(selection, gate) if wanted else Observed(),
        plans=[] if gate is None else [str(plan) for plan in gate.observer.plans()],
        peak_memory=peak_memory(),
    )


def _observed(selection: Selection, gate: Gate | None) -> Observed:
    seen = Seen({} if gate is None else gate.observer.seen())
    contracts = (each.contract for each in selection.checks)
    invalid = (each.contract for each in selection.promises if each.check == INVALID_CHECK)
    return observed(seen.session(), seen.tables(), seen.catalogs(), contracts, invalid)


def write_manifest(
    file: Path,
    config: pytest.Config,
    processes: Sequence[ProcessFacts],
    records: Sequence[PromiseRecord],
    run: RunEntry,
) -> None:
    """Raises ManifestError where the file cannot be written."""
    versions = {
        "cst_contracts": __version__,
        **installed_versions(),
        "python": platform.python_version(),
    }
    peaks = [process.peak_memory for process in processes if process.peak_memory is not None]
    manifest = manifest_of(
        versions,
        merged(process.observed for process in processes),
        records,
        run=run,
        memory=MemoryTaken(limit=options_of(config).memory, peak=max(peaks, default=None)),
        sources=_sources(config, records),
        places=Places.of(filter(None, (run.root, run.lake))),
    )
    write_manifest_text(file, manifest_text(manifest))


def run_entry(
    config: pytest.Config, begun: Begun, processes: Sequence[ProcessFacts], status: int
) -> RunEntry:
    """`status` is pytest's exit status so far. The command line is left out: it may hold a password."""
    options, revision = options_of(config), revision_of(config.rootpath)
    return RunEntry(
        started=begun.started,
        duration=round(time.monotonic() - begun.ticks, 3),
        exit_status=status,
        options={
            "samples": options.samples,
            "verify_data": options.verify_data,
            "stream_rows": options.stream_rows,
            "stream_seconds": options.stream_seconds,
        },
        keyword=config.getoption("keyword", default="") or "",
        markers=config.getoption("markexpr", default="") or "",
        deselected=max((process.deselected for process in processes), default=0),
        root=config.rootpath.as_posix(),
        lake=_lake(options.lake),
        commit=revision.commit,
        branch=revision.branch,
    )


def _lake(lake: str | None) -> str | None:
    """A URL without its user, who may have a password, and its query, which may be a key."""
    if lake is None or "://" not in lake:
        return None if lake is None else Path(os.path.normpath(lake)).as_posix()
    scheme, _, rest = lake.partition("://")
    authority, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _sources(config: pytest.Config, records: Sequence[PromiseRecord]) -> dict[str, list[str]]:
    """By contract file, its lines, where something was found."""
    files = dict.fromkeys(record.contract for record in records if record.code is not None)
    return {file: contract_lines(config.rootpath / file) for file in files}
