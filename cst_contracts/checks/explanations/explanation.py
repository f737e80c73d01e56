"""The parts of an explanation."""

from msgspec import Struct


class Advice(Struct, frozen=True):
    """What helps with a finding: why it matters, how it is found, how to fix it, and an example.

    The example is a few lines of a contract, of SQL, or of what the finding shows.
    """

    why: str
    found: str
    fix: str
    example: str


class Explanation(Struct, frozen=True):
    """An advice, and before it one sentence that says what its subject means."""

    meaning: str
    why: str
    found: str
    fix: str
    example: str
