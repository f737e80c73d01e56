"""Runs the gate over contract files from beginning to end, for doors without a test runner."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.engine.session.versions import built_with, installed_versions, require_matching
from cst_contracts.errors import EngineMismatch
from cst_contracts.files.contracts import contract_lines
from cst_contracts.files.revision import revision_of
from cst_contracts.files.snapshots import snapshot_name
from cst_contracts.gate.clock import Begun, begin
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.gate import Gate, Selected
from cst_contracts.gate.memory import peak_memory
from cst_contracts.gate.observer import Blind, Observer
from cst_contracts.gate.orphans import Orphans, settle_orphans
from cst_contracts.gate.project import Project
from cst_contracts.gate.result import RunResult, further_failures
from cst_contracts.gate.seen import Seen
from cst_contracts.gate.selection import Invalid, contract_paths, select, unmatched
from cst_contracts.gate.snapshots import Accepting, FolderSnapshots, NoSnapshots, SnapshotStore
from cst_contracts.progress import Progress
from cst_contracts.report.lines import Line, line
from cst_contracts.report.manifest_file import MemoryTaken, PromiseRecord, RunEntry
from cst_contracts.report.observed import Observed, observed
from cst_contracts.report.promise import invalid_record


def run(
    project: Project,
    paths: Sequence[Path],
    patterns: Sequence[str] = (),
    session: object = None,
    *,
    update_snapshots: bool = False,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """`paths` are the contract files; all contracts of the project's folders are known beside them.
    `session` is a SessionContext of the caller's own; `progress` hears how far the reading of rows has
    come."""
    files = ContractFiles(project.root, project.evolution)
    chosen = tuple(select(files, paths, patterns))
    selected = [each for each in chosen if isinstance(each, Selected)]
    invalid = tuple(each.file for each in chosen if isinstance(each, Invalid))
    contracts, unread = _known(files, project, paths)
    observer = _observer(project, contracts, unread, session, progress)
    tables = [each for each in contracts if isinstance(each, TableContract)]
    gate = Gate(observer, selected, tables, now or datetime.now().astimezone(), invalid)
    accepted: dict[str, list[Line]] = {}
    store = _snapshots(project, update=update_snapshots)
    snapshots = Accepting(store, accepted, [each.contract for each in selected])
    begun = begin()
    records = tuple(_records(gate, chosen, snapshots))
    orphans = _orphans(project, paths, patterns, update=update_snapshots)
    # Of a file that is no contract, nobody knows what a pattern may name.
    mistyped = () if invalid else unmatched(patterns, files.known(paths)[0])
    return RunResult(
        promises=records,
        observed=observed_by(observer, [each.contract for each in selected], invalid),
        plans=tuple(map(str, observer.plans())),
        failures=(*mistyped, *further_failures(records), *orphans.left),
        invalid=invalid,
        run=_entry(project, begun, patterns),
        memory=MemoryTaken(limit=project.memory, peak=peak_memory()),
        sources=pointed_sources(project.root, records),
        accepted=written_lines(accepted, orphans.removed),
    )


def written_lines(
    accepted: Mapping[str, Iterable[Line]], removed: Iterable[str]
) -> tuple[Line, ...]:
    """What a run has done to snapshot files; `accepted` is by contract file."""
    changed = (each for file in sorted(accepted) for each in accepted[file])
    return (*changed, *map(line, removed))


def pointed_sources(root: Path, records: Sequence[PromiseRecord]) -> dict[str, list[str]]:
    """The lines of the contract files in which something was found, by file."""
    files = dict.fromkeys(record.contract for record in records if record.code is not None)
    return {file: contract_lines(root / file) for file in files}


def _entry(project: Project, begun: Begun, patterns: Sequence[str]) -> RunEntry:
    revision = revision_of(project.root)
    return RunEntry(
        started=begun.started,
        duration=begun.seconds(),
        options=project.options,
        keyword=" or ".join(patterns),
        deselected=0,
        root=project.root.as_posix(),
        lake=project.shown_lake,
        commit=revision.commit,
        branch=revision.branch,
    )


def observed_by(
    observer: Observer, contracts: Iterable[Contract], invalid: Iterable[str]
) -> Observed:
    """What was answered so far, as entries of the manifest. Never looks."""
    seen = Seen(observer.seen())
    return observed(seen.session(), seen.tables(), seen.catalogs(), contracts, invalid)


def _known(
    files: ContractFiles, project: Project, paths: Sequence[Path]
) -> tuple[list[Contract], list[str]]:
    """All of the folders, selected or not: one contract's view may be another's table."""
    return files.known(dict.fromkeys((*contract_paths(project.contracts), *paths)))


def _records(
    gate: Gate, chosen: Iterable[Selected | Invalid], snapshots: SnapshotStore
) -> Iterable[PromiseRecord]:
    for each in chosen:
        match each:
            case Selected():
                yield gate.judge(each, snapshots).record
            case Invalid(file=file, error=error):
                yield invalid_record(file, error.problems)


def _observer(
    project: Project,
    contracts: Sequence[Contract],
    unread: Sequence[str],
    session: object,
    progress: Progress | None,
) -> Observer:
    try:
        require_matching(installed_versions(), built_with())
    except EngineMismatch as error:
        return Blind(str(error))
    # Loads datafusion and deltalake, of which a mismatched pair must not be loaded.
    from cst_contracts.gate.opening import open_observer  # noqa: PLC0415

    return open_observer(project, contracts, unread, session, "`session` is", progress=progress)


def _orphans(
    project: Project, paths: Sequence[Path], patterns: Sequence[str], *, update: bool
) -> Orphans:
    """None where the run did not look at everything that the folders of contracts hold."""
    if project.snapshots is None or patterns:
        return Orphans()
    if not set(paths).issuperset(contract_paths(project.contracts)):
        return Orphans()
    return settle_orphans(project.root, project.contracts, project.snapshots, update=update)


def _snapshots(project: Project, *, update: bool) -> SnapshotStore:
    folder = project.snapshots
    if folder is None:
        return NoSnapshots()

    def file_of(contract: str) -> Path:
        return folder / snapshot_name(project.within_contracts(project.root / contract))

    return FolderSnapshots(folder, file_of, update=update)
