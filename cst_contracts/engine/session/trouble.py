"""The errors of the engine room: somebody tried to look, and something stood in the way."""

from collections.abc import Sequence
from typing import Self

from cst_contracts.engine.session.secrets import redacted
from cst_contracts.errors import CstContractsError
from cst_contracts.facts import CouldNotLook, Trouble


class Refused(OSError, ValueError):
    """Raised where an engine would misread, or be waited for too long: the words are this package's own.

    `looking_at` turns it into an IntrospectionError of this trouble."""

    def __init__(self, reason: str, trouble: Trouble = Trouble.UNREADABLE) -> None:
        self.trouble = trouble
        super().__init__(reason)


class IntrospectionError(CstContractsError):
    """Raised inside the engine only: the observer turns it into the answer `CouldNotLook`."""

    def __init__(
        self,
        reason: str,
        *,
        relation: str | None = None,
        location: str | None = None,
        trouble: Trouble = Trouble.UNREADABLE,
        names: Sequence[str] = (),
    ) -> None:
        where = None if location is None else redacted(location)
        self.answer = CouldNotLook(redacted(reason), relation, where, trouble, tuple(names))
        super().__init__(self.answer.sentence)

    @classmethod
    def of(cls, answer: CouldNotLook) -> Self:
        """Raises again, as the same answer, what was kept as a value."""
        error = cls(
            answer.reason,
            relation=answer.relation,
            location=answer.location,
            trouble=answer.trouble,
            names=answer.names,
        )
        error.answer = answer
        return error

    @property
    def reason(self) -> str:
        return self.answer.reason

    @property
    def relation(self) -> str | None:
        """None where it is the session that could not be looked at."""
        return self.answer.relation

    @property
    def location(self) -> str | None:
        return self.answer.location

    @property
    def trouble(self) -> Trouble:
        return self.answer.trouble
