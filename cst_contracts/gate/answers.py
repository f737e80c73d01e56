"""What the checks of a run are judged by: the observer's answers, and what the project itself knows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from cst_contracts.contract.model import TableContract
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import CouldNotLook, Trouble
from cst_contracts.gate.observer import Observer
from cst_contracts.gate.snapshots import SnapshotStore
from cst_contracts.needs import ContractsNeed, Need, NowNeed, SnapshotNeed, SnapshotsKeptNeed

A = TypeVar("A")


class RunAnswers:
    """Questions about the project's own files are answered here, all others by the observer. `slow` is why
    answers are missing that were not waited for, of those that have been asked for."""

    def __init__(
        self,
        observer: Observer,
        contracts: tuple[TableContract, ...],
        snapshots: SnapshotStore,
        now: datetime,
    ) -> None:
        self.slow: set[str] = set()
        self._observer = observer
        self._own: dict[type[Need[Any]], Callable[[Any], Any]] = {
            ContractsNeed: lambda _: contracts,
            NowNeed: lambda _: now,
            SnapshotsKeptNeed: lambda _: snapshots.kept,
            SnapshotNeed: lambda need: _compared(snapshots, need),
        }

    def __getitem__(self, need: Need[A], /) -> A | CouldNotLook:
        if type(need) in self._own:
            own: A | CouldNotLook = self._own[type(need)](need)
            return own
        answer = self._observer.answer(need)
        if isinstance(answer, CouldNotLook) and answer.trouble is Trouble.SLOW:
            self.slow.add(answer.reason)
        return answer

    def if_asked(self, need: Need[A], /) -> A | CouldNotLook | None:
        return self[need] if self._observer.is_prepared(need) else None


def _compared(snapshots: SnapshotStore, need: SnapshotNeed) -> Any:
    try:
        return snapshots.compare(need.contract, need.observed)
    except SnapshotError as error:
        return CouldNotLook(str(error))
