"""Snapshots whose contract is gone: told after a run over everything, and removed by an update of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cst_contracts.drift.codec import is_snapshot
from cst_contracts.files.contracts import list_contracts
from cst_contracts.files.snapshots import delete_snapshot, list_snapshots, orphans, read_snapshot
from cst_contracts.pytest_plugin.manifest import ProcessFacts
from cst_contracts.pytest_plugin.options import Options, options_of
from cst_contracts.report.promise import PromiseRecord


def orphan_lines(
    config: pytest.Config,
    processes: Sequence[ProcessFacts],
    records: Sequence[PromiseRecord],
    *,
    complete: bool,
) -> Iterator[str]:
    """A line for each orphan that stays. `complete`: every process of the run has reported."""
    options = options_of(config)
    everything = complete and _ran_everything(options, processes, records)
    if not everything or _flag(config, "disable_unused_snapshots"):
        return
    contracts = [file.relative_to(options.contracts) for file in list_contracts(options.contracts)]
    for name in orphans(list_snapshots(options.snapshots), contracts):
        text = read_snapshot(options.snapshots / name)
        if text is None or not is_snapshot(text):
            continue  # another program's file
        update = _flag(config, "update_snapshots")
        if update and not _flag(config, "no_cleanup"):
            delete_snapshot(options.snapshots, name)
        elif not _flag(config, "warn_unused_snapshots"):
            yield (
                f"{options.snapshots.name}/{name} is an orphan: its contract is gone; "
                "`--snapshot-update` over everything removes it"
            )


def _flag(config: pytest.Config, name: str) -> bool:
    """One of syrupy's; not set where syrupy is disabled."""
    return bool(config.getoption(name, default=None))


def _ran_everything(
    options: Options, processes: Sequence[ProcessFacts], records: Sequence[PromiseRecord]
) -> bool:
    """Every contract file of the folder was collected, and every one of its promises told."""
    collected = {Path(file) for process in processes for file in process.files}
    deselected = any(process.deselected for process in processes)
    selected = max((process.selected for process in processes), default=0)
    everything = collected.issuperset(list_contracts(options.contracts)) and bool(collected)
    return everything and not deselected and len(records) >= selected > 0
