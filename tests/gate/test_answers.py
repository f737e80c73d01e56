"""Which answers a check has been given, and which of them nobody waited for."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from cst_contracts.facts import Basis, CouldNotLook, RowCount, Trouble
from cst_contracts.gate.answers import RunAnswers
from cst_contracts.gate.observer import Blind
from cst_contracts.gate.snapshots import NoSnapshots
from cst_contracts.needs import AnyNeed, Need, RowCountNeed

A = TypeVar("A")
ROWS = RowCountNeed("t")
SLOW = CouldNotLook("it took longer than 5 s", "t", trouble=Trouble.SLOW)


class Answering(Blind):
    """Of one answer to everything; all or nothing was prepared."""

    def __init__(self, answer: Any, *, prepared: bool = True) -> None:
        super().__init__("nothing is here")
        self._answer, self._prepared = answer, prepared

    def is_prepared(self, need: AnyNeed) -> bool:  # noqa: ARG002
        return self._prepared

    def answer(self, need: Need[A]) -> A | CouldNotLook:  # noqa: ARG002
        answer: A | CouldNotLook = self._answer
        return answer


def answers(observer: Answering) -> RunAnswers:
    return RunAnswers(observer, (), NoSnapshots(), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("known", [False, True])
def test_what_took_too_long_is_remembered(known: bool) -> None:  # noqa: FBT001
    given = answers(Answering(SLOW))
    assert not given.slow

    assert (given.if_asked(ROWS) if known else given[ROWS]) == SLOW

    assert given.slow == {SLOW.reason}


@pytest.mark.parametrize(
    "answer", [RowCount(3, Basis.SCAN), CouldNotLook(SLOW.reason, "t"), CouldNotLook("gone", "t")]
)
def test_other_answers_are_not(answer: Any) -> None:
    given = answers(Answering(answer))

    assert given[ROWS] == answer

    assert not given.slow


def test_what_was_not_prepared_is_not_asked_for() -> None:
    given = answers(Answering(SLOW, prepared=False))

    assert given.if_asked(ROWS) is None
    assert not given.slow
