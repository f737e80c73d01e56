"""What came of proving a contract, as values: a proof for each way to break a promise, and the score."""

from enum import StrEnum

from msgspec import Struct

from cst_contracts.location import Location


class Outcome(StrEnum):
    """What came of one attempt to break a promise."""

    KILLED = "killed"
    """The promise was red, with its code and line, and no other that does not hang on it."""
    SURVIVED = "survived"
    """Nothing that was tried turns the promise red, or it turns others red, too."""
    UNBREAKABLE = "unbreakable"
    """The format or the contract itself leave no way to break it; named, and not counted."""
    UNKEPT = "unkept"
    """No data were found that keep the promise: it contradicts another, or asks for what nobody can make."""


class Proof(Struct, frozen=True):
    """`what` was changed to break the check, and `why` that came to nothing."""

    check: str
    place: Location
    outcome: Outcome
    what: str
    why: str


class Score(Struct, frozen=True):
    """The proofs of a contract, in the order of its checks. `name` is that of its table or session."""

    file: str
    name: str
    proofs: tuple[Proof, ...]

    def of(self, outcome: Outcome) -> tuple[Proof, ...]:
        return tuple(proof for proof in self.proofs if proof.outcome is outcome)

    @property
    def counted(self) -> int:
        """How many attempts count."""
        return len(self.proofs) - len(self.of(Outcome.UNBREAKABLE))

    @property
    def killed(self) -> int:
        return len(self.of(Outcome.KILLED))

    @property
    def complete(self) -> bool:
        """Whether every promise that can be broken was; a contract without any proves nothing."""
        return self.counted == self.killed > 0

    @property
    def percent(self) -> int:
        """Rounded down, so that a hundred means all."""
        return 100 * self.killed // self.counted if self.counted else 0
