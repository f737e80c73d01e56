"""What came of a run, as a value: reports are made of it, and never look."""

import platform
from collections.abc import Mapping, Sequence
from enum import IntEnum
from os import PathLike
from pathlib import Path

import pyarrow as pa
from msgspec import Struct, field

from cst_contracts import __version__
from cst_contracts.checks.wording import some
from cst_contracts.engine.session.versions import installed_versions
from cst_contracts.errors import CstContractsError
from cst_contracts.gate.manifests import load_manifest
from cst_contracts.report.lines import Line
from cst_contracts.report.manifest import manifest_of, manifest_text
from cst_contracts.report.manifest_file import (
    Manifest,
    MemoryTaken,
    PromiseRecord,
    RunEntry,
)
from cst_contracts.report.observed import Observed
from cst_contracts.report.places import Places
from cst_contracts.report.reports import report_text
from cst_contracts.report.results import results
from cst_contracts.report.summary import looked_at_nothing, red_for_nothing, summary_lines


class ExitCode(IntEnum):
    """What a program that starts the gate may rely on. Where several hold, the greatest counts."""

    KEPT = 0
    """Every selected promise was looked at, and none failed."""
    BROKEN = 1
    """A promise failed, or something else about the run is red."""
    NOT_RUN = 2
    """Nothing could be looked at: no contract, no promise selected, no session."""
    INVALID = 3
    """A file is no contract of this language."""


class BrokenPromises(CstContractsError):
    """A run that is not green, with a line for each reason."""

    def __init__(self, result: "RunResult") -> None:
        self.result = result
        lines = [
            f"{each.place}: {each.check} of {each.subject}: {each.observed}"
            for each in result.failed
        ]
        super().__init__("\n".join([*lines, *result.failures]))


class RunResult(Struct, frozen=True):
    """`promises` has a record for each selected promise, in the order of contracts and of their lines.

    `observed` is what was seen of the session and of tables. `plans` tell how rows were measured.
    `failures` are further reasons for which the run is red, a sentence each. `invalid` are the files that
    are no contracts. `sources` are the lines of contract files that findings point to, by file. `accepted`
    are lines about the snapshot files that the run has written or removed.
    """

    promises: tuple[PromiseRecord, ...]
    observed: Observed = Observed()
    plans: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    run: RunEntry | None = None
    memory: MemoryTaken | None = None
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    accepted: tuple[Line, ...] = ()

    @property
    def failed(self) -> tuple[PromiseRecord, ...]:
        """The promises that make the run red."""
        return tuple(record for record in self.promises if record.failed)

    @property
    def exit_code(self) -> ExitCode:
        """What a program that ends with this run would tell the shell."""
        if self.invalid:
            return ExitCode.INVALID
        if looked_at_nothing(self.promises):
            return ExitCode.NOT_RUN
        return ExitCode.BROKEN if self.failed or self.failures else ExitCode.KEPT

    @property
    def ok(self) -> bool:
        """Whether promises were looked at, and nothing is red."""
        return self.exit_code is ExitCode.KEPT

    def raise_for_broken(self) -> None:
        """Raises BrokenPromises where the run is not green."""
        if not self.ok:
            raise BrokenPromises(self)

    def summary(self, width: int = 80, *, verbose: bool = False) -> tuple[Line, ...]:
        """The run in a line a table, the red ones first, in lines of at most `width` columns. `verbose`: with
        the reasons why promises are vacuous and allowed to be."""
        return tuple(summary_lines(self.promises, width, verbose=verbose))

    def manifest(self) -> Manifest:
        """All that was promised and observed, as the values that a manifest file holds."""
        roots = () if self.run is None else filter(None, (self.run.root, self.run.lake))
        return manifest_of(
            {
                "cst_contracts": __version__,
                **installed_versions(),
                "python": platform.python_version(),
            },
            self.observed,
            self.promises,
            run=self.run,
            memory=self.memory,
            sources=self.sources,
            places=Places.of(roots),
        )

    def manifest_json(self) -> str:
        """The text of a manifest file."""
        return manifest_text(self.manifest())

    def report(self, name: str, against: Sequence[str | PathLike[str]] = ()) -> str:
        """The text of a report, such as `sarif`. `against` are manifests of earlier runs, of which `html` and
        `markdown` say what moved since. Raises CstContractsError where there is no such report or file."""
        earlier = [load_manifest(Path(each)) for each in against]
        return report_text(name, self.manifest(), earlier)

    def results(self) -> pa.Table:
        """A row a promise, with its run's time and commit, as `--results` writes them."""
        return results(self.manifest())


def further_failures(records: Sequence[PromiseRecord]) -> tuple[str, ...]:
    """Why a run is red whose promises are not."""
    if looked_at_nothing(records):
        return ("no promise was looked at: this run says nothing about the tables",)
    if causes := red_for_nothing(records):
        named = some([f"{each.check} of {each.subject}" for each in causes])
        return (f"promises were skipped for something red that did not run itself: {named}",)
    return ()
