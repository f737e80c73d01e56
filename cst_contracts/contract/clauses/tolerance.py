"""How many violations leave a promise kept: a count, or a share of what was looked at.

Every clause about rows or values has it under a key of its own, most under `at_most`.
"""

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import AMOUNT, Foreign, Key


class Tolerance(Struct, frozen=True):
    """`percent` of what was looked at or, where that is None, a `count`."""

    count: int = 0
    percent: Decimal | None = None

    def allows(self, violations: int, looked_at: int) -> bool:
        """Exactly: no share is rounded."""
        if self.percent is None:
            return violations <= self.count
        return 100 * violations <= Fraction(self.percent) * looked_at

    def __str__(self) -> str:
        return str(self.count) if self.percent is None else f"{self.percent}%"


NOTHING_TOLERATED = Tolerance()

#: What other languages call it.
FOREIGN_TOLERANCE = Foreign(
    ("threshold", "tolerance", "max_violations", "max_failures", "error_if", "mostly"),
    "write `at_most: 10` for a count, or `at_most: 0.1%` for a share",
)

MAX_NULLS = Key(
    "max_nulls",
    AMOUNT,
    "How many of its values may be null: a count, or a share of those whose parents are there. What is "
    "within it is kept, with a note.",
    "12%",
)
FOREIGN_MAX_NULLS = Foreign(
    ("max_null_share", "max_missing", "missing_percent", "null_percent", "null_threshold"),
    "write `max_nulls: 12%` for a share, or `max_nulls: 10` for a count",
)


def at_most_key(violations: str) -> Key:
    """The key `at_most` of a promise that `violations` break, as in "rows for which it is false"."""
    return Key(
        "at_most",
        AMOUNT,
        f"How many {violations} leave it kept, with a note: a count, or a share of those looked at.",
        "0.1%",
    )


def tolerance_of(form: Form, key: str = "at_most") -> Tolerance:
    """What is written under the key; nothing is tolerated where it is left out."""
    return written_tolerance(form, key) or NOTHING_TOLERATED


def written_tolerance(form: Form, key: str) -> Tolerance | None:
    text = form.optional(key)
    if text is None:
        return None
    if text.endswith("%"):
        return Tolerance(percent=Decimal(text.removesuffix("%")))
    return Tolerance(int(text))
