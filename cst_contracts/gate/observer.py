"""The port that an engine fits: whoever answers the questions of checks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from cst_contracts.facts import CouldNotLook
from cst_contracts.needs import AnyNeed, Need

if TYPE_CHECKING:
    from datafusion import SessionContext

A = TypeVar("A")


class Observer(Protocol):
    """Answers each question once."""

    def prepare(self, needs: Iterable[AnyNeed]) -> None:
        """Says what will be asked, so that it can be looked at together. Looks at nothing."""

    def is_prepared(self, need: AnyNeed) -> bool: ...

    def answer(self, need: Need[A]) -> A | CouldNotLook: ...

    def seen(self) -> Mapping[AnyNeed, Any]:
        """What was answered so far, in order. Never looks."""

    def plans(self) -> Sequence[object]:
        """How rows were measured, each to be printed. Never looks."""

    def whole_session(self) -> "tuple[SessionContext, list[CouldNotLook]] | CouldNotLook":
        """The live session with all relations of the contracts in it, and why some are not."""


class Blind:
    """Answers every question with the one reason for which there is no session to look at."""

    def __init__(self, reason: str) -> None:
        self._trouble = CouldNotLook(reason)

    def prepare(self, needs: Iterable[AnyNeed]) -> None:
        """Nothing will be looked at."""

    def is_prepared(self, need: AnyNeed) -> bool:
        return False

    def answer(self, need: Need[A]) -> A | CouldNotLook:
        return self._trouble

    def seen(self) -> Mapping[AnyNeed, Any]:
        return {}

    def plans(self) -> Sequence[object]:
        return ()

    def whole_session(self) -> CouldNotLook:
        return self._trouble
