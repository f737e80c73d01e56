"""What one pytest process keeps of a run."""

from pathlib import Path

import pytest
from msgspec import Struct, field

from cst_contracts.checks.model import INVALID_CHECK, Check
from cst_contracts.contract.model import Contract
from cst_contracts.pytest_plugin.opening import open_live
from cst_contracts.pytest_plugin.run import Run
from cst_contracts.pytest_plugin.wanted import wanted_by
from cst_contracts.report.promise import PromiseRecord


class Selection(Struct):
    """The checks that this process may run, and whether all that was collected was also selected.

    `promises` has a record for each selected item, in order, as if none had run.
    """

    checks: list[tuple[Contract, Check]] = field(default_factory=list)
    promises: list[PromiseRecord] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    deselected: int = 0
    deselected_invalid: list[str] = field(default_factory=list)


SELECTION = pytest.StashKey[Selection]()
_RUN = pytest.StashKey[Run]()


def run_of(config: pytest.Config) -> Run:
    """Opened by the first item that runs."""
    if _RUN not in config.stash:
        selection = config.stash[SELECTION]
        invalid = [
            record.contract for record in selection.promises if record.check == INVALID_CHECK
        ]
        wanted = wanted_by(selection.checks)
        config.stash[_RUN] = Run(open_live(config, wanted), selection.checks, wanted, invalid)
    return config.stash[_RUN]


def opened_run(config: pytest.Config) -> Run | None:
    return config.stash.get(_RUN, None)
