"""Puts together, where a run ends, what its processes have done and seen."""

from collections.abc import Sequence

import pytest
from msgspec import Struct, field

from cst_contracts.checks.check import INVALID_CHECK
from cst_contracts.files.revision import revision_of
from cst_contracts.gate.clock import Begun
from cst_contracts.gate.gate import Gate
from cst_contracts.gate.memory import peak_memory
from cst_contracts.gate.observer import Blind
from cst_contracts.gate.orphans import Orphans
from cst_contracts.gate.result import RunResult, further_failures
from cst_contracts.gate.run import observed_by, pointed_sources, written_lines
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.pytest_plugin.state import SELECTION, Selection, project_of
from cst_contracts.report.lines import Line
from cst_contracts.report.manifest_file import MemoryTaken, PromiseRecord, RunEntry
from cst_contracts.report.observed import Observed, merged


class ProcessFacts(Struct, frozen=True):
    """What one process of a run has done and seen; as JSON, it travels from a worker to the controller.

    `collected` contract files were come to. `opened`: somebody has asked for the session.
    """

    collected: int = 0
    files: list[str] = field(default_factory=list)
    promises: list[PromiseRecord] = field(default_factory=list)
    deselected: int = 0
    deselected_invalid: list[str] = field(default_factory=list)
    observed: Observed = Observed()
    accepted: dict[str, list[Line]] = field(default_factory=dict)
    plans: list[str] = field(default_factory=list)
    opened: bool = False
    peak_memory: int | None = None


def process_facts(config: pytest.Config, gate: Gate | None) -> ProcessFacts:
    selection = config.stash[SELECTION]
    options = options_of(config)
    wanted = options.reported or bool(options.against)
    return ProcessFacts(
        collected=len(selection.collected),
        files=sorted(str(file) for file in selection.files),
        promises=selection.promises,
        deselected=selection.deselected,
        deselected_invalid=list(selection.deselected_invalid),
        observed=_observed(selection, gate) if wanted else Observed(),
        accepted=selection.accepted,
        opened=gate is not None,
        plans=[] if gate is None else [str(plan) for plan in gate.observer.plans()],
        peak_memory=peak_memory(),
    )


def _observed(selection: Selection, gate: Gate | None) -> Observed:
    contracts = [each.contract for each in selection.checks]
    invalid = [each.contract for each in selection.promises if each.check == INVALID_CHECK]
    return observed_by(
        Blind("nobody looked") if gate is None else gate.observer, contracts, invalid
    )


def result_of(
    config: pytest.Config,
    processes: Sequence[ProcessFacts],
    records: Sequence[PromiseRecord],
    orphans: Orphans,
) -> RunResult:
    """What all processes of the run have done and seen."""
    peaks = [process.peak_memory for process in processes if process.peak_memory is not None]
    return RunResult(
        promises=tuple(records),
        observed=merged(process.observed for process in processes),
        plans=tuple(sorted({plan for process in processes for plan in process.plans})),
        failures=(*further_failures(records), *orphans.left),
        memory=MemoryTaken(limit=options_of(config).memory, peak=max(peaks, default=None)),
        sources=pointed_sources(config.rootpath, records),
        accepted=written_lines(
            {file: lines for process in processes for file, lines in process.accepted.items()},
            orphans.removed,
        ),
    )


def run_entry(
    config: pytest.Config, begun: Begun, processes: Sequence[ProcessFacts], status: int
) -> RunEntry:
    """`status` is pytest's exit status so far. The command line is left out: it may hold a password."""
    options, revision = options_of(config), revision_of(config.rootpath)
    project = project_of(config, options, options.lake or str(config.rootpath))
    return RunEntry(
        started=begun.started,
        duration=begun.seconds(),
        exit_status=status,
        options=project.options,
        keyword=config.getoption("keyword", default="") or "",
        markers=config.getoption("markexpr", default="") or "",
        deselected=max((process.deselected for process in processes), default=0),
        root=config.rootpath.as_posix(),
        lake=None if options.lake is None else project.shown_lake,
        commit=revision.commit,
        branch=revision.branch,
    )
