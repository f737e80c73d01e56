"""Says when a pytest run was one over everything, so that a snapshot without a contract is an orphan."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from cst_contracts.files.contracts import list_contracts
from cst_contracts.gate.orphans import Orphans, settle_orphans
from cst_contracts.pytest_plugin.manifest import ProcessFacts
from cst_contracts.pytest_plugin.options import Options, options_of


def orphans_of(
    config: pytest.Config, processes: Sequence[ProcessFacts], *, answered: int, complete: bool
) -> Orphans:
    """`answered` promises had a verdict. `complete`: every process of the run has reported.

    As syrupy's own options say, orphans are removed, are red, or are left alone.
    """
    options = options_of(config)
    everything = complete and _ran_everything(options, processes, answered)
    if not everything or _flag(config, "disable_unused_snapshots"):
        return Orphans()
    update = _flag(config, "update_snapshots") and not _flag(config, "no_cleanup")
    if not update and _flag(config, "warn_unused_snapshots"):
        return Orphans()
    return settle_orphans(config.rootpath, (options.contracts,), options.snapshots, update=update)


def _flag(config: pytest.Config, name: str) -> bool:
    """One of syrupy's; not set where syrupy is disabled."""
    return bool(config.getoption(name, default=None))


def _ran_everything(options: Options, processes: Sequence[ProcessFacts], answered: int) -> bool:
    """Every contract file of the folder was collected, and every one of its promises has a verdict."""
    collected = {Path(file) for process in processes for file in process.files}
    deselected = any(process.deselected for process in processes)
    selected = max((len(process.promises) for process in processes), default=0)
    everything = collected.issuperset(list_contracts(options.contracts)) and bool(collected)
    return everything and not deselected and answered >= selected > 0
