"""What came of a run, as a value: reports are made of it, and never look."""

from enum import IntEnum

from msgspec import Struct

from cst_contracts.errors import CstContractsError
from cst_contracts.facts import CatalogFacts, SeenTable, SessionFacts
from cst_contracts.report.manifest_file import Outcome, PromiseRecord


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
        super().__init__("\n".join([*lines, *result.failures]) or "no promise was looked at")


class RunResult(Struct, frozen=True):
    """`promises` has a record for each selected promise, in the order of contracts and of their lines.

    `session` is None where it could not be looked at. `plans` tell how rows were measured. `failures` are
    further reasons for which the run is red, a sentence each.
    """

    promises: tuple[PromiseRecord, ...]
    session: SessionFacts | None = None
    tables: tuple[SeenTable, ...] = ()
    catalogs: tuple[CatalogFacts, ...] = ()
    plans: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[PromiseRecord, ...]:
        """The promises that make the run red."""
        return tuple(record for record in self.promises if record.failed)

    @property
    def exit_code(self) -> ExitCode:
        if self.invalid:
            return ExitCode.INVALID
        looked_at = {Outcome.KEPT, Outcome.BROKEN, Outcome.VACUOUS, Outcome.WAIVED}
        if not any(record.outcome in looked_at for record in self.promises):
            return ExitCode.NOT_RUN
        return ExitCode.BROKEN if self.failed or self.failures else ExitCode.KEPT

    def raise_for_broken(self) -> None:
        """Raises BrokenPromises where the run is not green."""
        if not self.ok:
            raise BrokenPromises(self)

    @property
    def ok(self) -> bool:
        return self.exit_code is ExitCode.KEPT
