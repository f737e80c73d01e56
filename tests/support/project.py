"""A small project of a user's, checked by the Python API: a lake, contracts, and what came of them."""

from collections import Counter
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

from cst_contracts.api import check
from cst_contracts.gate.result import RunResult
from cst_contracts.report.lines import plain
from cst_contracts.report.manifest_file import PromiseRecord


class Project:
    """The folder `contracts`, and the lake `lake`, in one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lake = path / "lake"

    def write(self, contracts: Mapping[str, str] | None = None, **more: str) -> None:
        """Texts of contracts by name."""
        for name, text in {**(contracts or {}), **more}.items():
            file = self.path / "contracts" / f"{name}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def check(self, *select: str, **options: Any) -> RunResult:
        """All that is in `contracts`, or what is selected. Snapshots are compared where the project keeps
        some or begins to, as from every door."""
        with chdir(self.path):
            if Path("snapshots").is_dir() or options.get("update_snapshots"):
                options.setdefault("snapshots", "snapshots")
            return check(**{"lake": self.lake, "select": select, **options})


def counts(result: RunResult) -> dict[str, int]:
    """How many promises came out how, and how many of them make the run red."""
    outcomes = Counter(each.outcome.value for each in result.promises)
    return {**outcomes, "red": len(result.failed)}


def promise(result: RunResult, check: str, subject: str | None = None) -> PromiseRecord:
    (found,) = [
        each for each in result.promises if each.check == check and subject in (None, each.subject)
    ]
    return found


def red(result: RunResult) -> dict[tuple[str, str], tuple[str, ...]]:
    """By subject and check, the codes of all that was found."""
    return {
        (each.subject, each.check): tuple(found.code.value for found in each.findings)
        for each in result.failed
    }


def summary(result: RunResult) -> list[str]:
    return [plain(line) for line in result.summary()]
