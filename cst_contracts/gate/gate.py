"""The gate: selected checks, judged by what one observer answers."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from cst_contracts.checks.check import INVALID_CHECK, Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.slow import not_waited_for
from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.checks.waivers import waive
from cst_contracts.contract.model import Contract, Severity, TableContract
from cst_contracts.gate.answers import RunAnswers
from cst_contracts.gate.consumers import concerned
from cst_contracts.gate.observer import Observer
from cst_contracts.gate.snapshots import SnapshotStore
from cst_contracts.report.denominators import denominator
from cst_contracts.report.manifest_file import PromiseRecord
from cst_contracts.report.promise import promise_record

#: A waiver that does not hold fails whatever it is about.
_OF_WAIVERS = frozenset({FindingCode.WAIVER_EXPIRED, FindingCode.WAIVER_UNUSED})


class Selected(Struct, frozen=True):
    """A check that a run looks at, and the contract that makes the promise."""

    contract: Contract
    check: Check


class Judgement(Struct, frozen=True):
    """`failed`: the run is red for it. `cause` is what is red elsewhere in the run for an undecided one."""

    verdict: Verdict
    failed: bool
    record: PromiseRecord
    cause: Cause | None = None


class Gate:
    """`contracts` are all of the project, selected or not. `invalid` are files whose only check says that
    they are no contracts. `now` has a time zone, in which waivers expire at the end of their last day."""

    def __init__(
        self,
        observer: Observer,
        selected: Sequence[Selected],
        contracts: Sequence[TableContract],
        now: datetime,
        invalid: Iterable[str] = (),
    ) -> None:
        self.observer = observer
        self._contracts = tuple(contracts)
        self._now = now
        self._checks = {Cause(file, INVALID_CHECK) for file in invalid}
        self._checks.update(Cause(each.contract.name, each.check.id) for each in selected)
        observer.prepare(need for each in selected for need in each.check.needs())

    def judge(self, selected: Selected, snapshots: SnapshotStore) -> Judgement:
        contract, check = selected.contract, selected.check
        answers = RunAnswers(self.observer, self._contracts, snapshots, self._now)
        verdict = check.judge(answers)
        if answers.slow:
            verdict = not_waited_for(verdict, answers.slow)
        verdict = self._waived(contract, check, verdict)
        cause = self._selected_cause(verdict)
        failed = fails(verdict, check.severity, cause)
        fewest = None
        # Only what is kept has asked for all of its answers: of others, to look for them may be to measure.
        if isinstance(verdict, Kept) and verdict.rows is not None:
            fewest = denominator(check, answers, verdict.rows)
        readers = concerned(contract, check, self._contracts) if failed else ()
        record = promise_record(
            contract, check, verdict, failed=failed, decided_by=fewest, consumers=readers
        )
        return Judgement(verdict, failed, record, cause)

    def _waived(self, contract: Contract, check: Check, verdict: Verdict) -> Verdict:
        waiver = next((each for each in contract.waivers if each.check == check.id), None)
        return verdict if waiver is None else waive(check, verdict, waiver, self._now.date())

    def _selected_cause(self, verdict: Verdict) -> Cause | None:
        """None where nothing that this run looks at will be red for it."""
        match verdict:
            case Undecided(cause=Cause() as cause) if cause in self._checks:
                return cause
            case _:
                return None


def fails(verdict: Verdict, severity: Severity, cause: Cause | None) -> bool:
    """`cause` is the undecided verdict's, where that check runs in this session and will be red for it."""
    match verdict:
        case Kept() | Waived():
            return False
        case Broken(findings=findings):
            waived = any(finding.code in _OF_WAIVERS for finding in findings)
            return waived or severity is Severity.ERROR
        case Vacuous(allowed=allowed):
            return not allowed
        case Undecided():
            return cause is None
