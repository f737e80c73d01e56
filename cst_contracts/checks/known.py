"""Answers of which some are known before anybody is asked."""

from collections.abc import Mapping
from typing import Any, TypeVar

from cst_contracts.facts import CouldNotLook
from cst_contracts.needs import Answers, AnyNeed, Need

A = TypeVar("A")


class Known:
    """Answers, with those that are `known` in front: nobody is asked for them."""

    def __init__(self, known: Mapping[AnyNeed, Any], others: Answers) -> None:
        self._known, self._others = known, others

    def __getitem__(self, need: Need[A], /) -> A | CouldNotLook:
        if need not in self._known:
            return self._others[need]
        answer: A | CouldNotLook = self._known[need]
        return answer

    def if_asked(self, need: Need[A], /) -> A | CouldNotLook | None:
        return self[need] if need in self._known else self._others.if_asked(need)
