"""Answers that a test gives, in the place of an observer."""

from collections.abc import Mapping
from typing import Any, TypeVar

from cst_contracts.checks.check import Check
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Verdict
from cst_contracts.contract.parse import parse_contract
from cst_contracts.facts import CouldNotLook
from cst_contracts.needs import AnyNeed, Need

A = TypeVar("A")


class Answered:
    """The given answers, and which questions were asked. Any other question is a mistake, and a KeyError."""

    def __init__(self, answers: Mapping[AnyNeed, Any]) -> None:
        self._answers = answers
        self.asked: list[AnyNeed] = []

    def __getitem__(self, need: Need[A], /) -> A | CouldNotLook:
        self.asked.append(need)
        answer: A | CouldNotLook = self._answers[need]
        return answer

    def if_asked(self, need: Need[A], /) -> A | CouldNotLook | None:
        return self._answers.get(need)


def checks_of(text: str) -> dict[str, Check]:
    """The checks of a contract named `contracts/t.yaml`, by id."""
    return {check.id: check for check in plan(parse_contract(text.encode(), "contracts/t.yaml"))}


def judged_by(text: str, id_: str, answers: Mapping[AnyNeed, Any]) -> Verdict:
    return checks_of(text)[id_].judge(Answered(answers))
