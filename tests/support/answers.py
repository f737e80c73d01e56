"""Answers that a test gives, in the place of an observer."""

from collections.abc import Mapping
from typing import Any, TypeVar

from cst_contracts.checks.check import Check
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Verdict
from cst_contracts.contract.parse import parse_contract
from cst_contracts.facts import CouldNotLook, DeclaredFacts, SessionFacts, SnapshotComparison
from cst_contracts.needs import AnyNeed, DeclaredNeed, Need, SessionNeed, SnapshotNeed

A = TypeVar("A")


_QUIET: Mapping[type[AnyNeed], Any] = {
    DeclaredNeed: DeclaredFacts(),
    SessionNeed: SessionFacts({}, ()),
}


class Answered:
    """The given answers, and which questions were asked. Any other question is a mistake, and a KeyError, but
    for those of `_QUIET`: of a session of ours, in which nothing is declared."""

    def __init__(self, answers: Mapping[Any, Any]) -> None:
        self._answers = answers
        self.asked: list[AnyNeed] = []

    def __getitem__(self, need: Need[A], /) -> A | CouldNotLook:
        self.asked.append(need)
        if need not in self._answers and type(need) in _QUIET:
            quiet: A | CouldNotLook = _QUIET[type(need)]
            return quiet
        answer: A | CouldNotLook = self._answers[need]
        return answer

    def if_asked(self, need: Need[A], /) -> A | CouldNotLook | None:
        return self._answers.get(need)


class WithSnapshot(Answered):
    """The given answers, and what comes of holding any observed snapshot against the accepted one.
    `observed` are those that were held against it."""

    def __init__(
        self, answers: Mapping[Any, Any], comparison: SnapshotComparison | CouldNotLook
    ) -> None:
        super().__init__(answers)
        self._comparison: Any = comparison
        self.observed: list[SnapshotNeed] = []

    def __getitem__(self, need: Need[A], /) -> A | CouldNotLook:
        if not isinstance(need, SnapshotNeed):
            return super().__getitem__(need)
        self.observed.append(need)
        answer: A | CouldNotLook = self._comparison
        return answer


def checks_of(text: str) -> dict[str, Check]:
    """The checks of a contract named `contracts/t.yaml`, by id."""
    return {check.id: check for check in plan(parse_contract(text.encode(), "contracts/t.yaml"))}


def judged_by(text: str, id_: str, answers: Mapping[Any, Any]) -> Verdict:
    return checks_of(text)[id_].judge(Answered(answers))
