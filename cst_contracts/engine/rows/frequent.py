"""Counts how often each offending value is met, as far as there are not too many different ones."""

from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct, field

from cst_contracts.datatypes.value_text import quoted_value

#: More different values are not held in memory, and none of them is told.
_MOST = 10_000
#: So many are told.
_TOLD = 5


class Frequent(Struct):
    """Values as text, each with how often it was met. What comes of it depends on no order of rows: `many`
    says that there are more different ones than are held, and then none is."""

    counts: dict[str, int] = field(default_factory=dict)
    many: bool = False

    def add(self, values: pa.Array) -> None:
        if self.many:
            return
        for each in pc.value_counts(values):
            self._count(_text(each["values"]), each["counts"].as_py())
        self._keep_few()

    def merge(self, other: "Frequent") -> None:
        self.many = self.many or other.many
        for text, count in other.counts.items():
            self._count(text, count)
        self._keep_few()

    def in_order(self) -> "Frequent":
        """The same, whichever value was met first."""
        return Frequent(dict(sorted(self.counts.items())), self.many)

    def first(self) -> tuple[tuple[str, int], ...]:
        """The most frequent, of those that are met as often in the order of their text."""
        ordered = sorted(self.counts.items(), key=lambda each: (-each[1], each[0]))
        return tuple((text.partition("\0")[0], count) for text, count in ordered[:_TOLD])

    @property
    def others(self) -> int | None:
        """How many different ones are not among the first; None: too many to know."""
        return None if self.many else max(0, len(self.counts) - _TOLD)

    def _count(self, text: str, count: int) -> None:
        self.counts[text] = self.counts.get(text, 0) + count

    def _keep_few(self) -> None:
        if self.many or len(self.counts) > _MOST:
            self.many = True
            self.counts.clear()


def _text(value: pa.Scalar) -> str:
    """Short, and after a NUL a digest of what is long, so that two of them stay two."""
    told = quoted_value(value)
    if not told.endswith("…"):
        return told
    whole = value.as_py()
    digest = blake2b(whole if isinstance(whole, bytes) else str(whole).encode(), digest_size=8)
    return f"{told}\0{digest.hexdigest()}"
