"""The verdict of a check whose question took longer to answer than a query may take."""

from typing import TypeVar

from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.facts import CouldNotLook, Trouble
from cst_contracts.needs import Answers, Need

A = TypeVar("A")

_HINT = (
    "allow more (pytest: `--cst-query-seconds`, command line: `--query-seconds`), or ask less of the engine: "
    "a rule over fewer fields, a view that joins less"
)


def judge_in_time(check: Check, answers: Answers) -> Verdict:
    """As the check judges, but that nothing is broken for what was not waited for: it is undecided."""
    heard = _Heard(answers)
    verdict = check.judge(heard)
    match verdict:
        case Broken(findings=findings) if heard.explains(*findings):
            return Undecided(_slow(findings[0]))
        case Undecided(finding=found) if heard.explains(found):
            return replace(verdict, finding=_slow(found))
        case Broken() | Undecided() | Kept() | Vacuous() | Waived():
            return verdict


class _Heard:
    """Answers that remember what took too long."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._slow: set[str] = set()

    def __getitem__(self, need: Need[A], /) -> A | CouldNotLook:
        return self._remember(self._answers[need])

    def if_asked(self, need: Need[A], /) -> A | CouldNotLook | None:
        return self._remember(self._answers.if_asked(need))

    def explains(self, *findings: Finding) -> bool:
        """Whether each of them tells of nothing else."""
        return all(any(reason in each.observed for reason in self._slow) for each in findings)

    def _remember(self, answer: A) -> A:
        if isinstance(answer, CouldNotLook) and answer.trouble is Trouble.SLOW:
            self._slow.add(answer.reason)
        return answer


def _slow(found: Finding) -> Finding:
    return replace(found, code=FindingCode.QUERY_TOO_SLOW, hint=_HINT)
