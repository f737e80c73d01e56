"""The first places of violating rows, whichever thread meets them first."""

from collections.abc import Iterable

from msgspec import Struct, field

from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.facts import RowPlace, Sample


class Places(Struct):
    """The first `most` places in the order of files and rows."""

    most: int
    found: list[RowPlace] = field(default_factory=list)

    def add(self, stretch: Stretch, indices: Iterable[int]) -> None:
        if not self.most:
            return
        for index, _ in zip(indices, range(self.most), strict=False):
            self.found.append(stretch.place(int(index)))
        self._keep_first(4 * self.most)

    def merge(self, other: "Places") -> None:
        self.found.extend(other.found)
        self._keep_first(self.most)

    def few(self) -> "Places":
        """The same without what is not among the first."""
        return Places(self.most, self.first())

    def within(self, file: str) -> "Places":
        """The same in a file of which nobody knew the name."""
        return Places(self.most, [RowPlace(file, each.row) for each in self.found])

    def first(self) -> list[RowPlace]:
        return sorted(self.found)[: self.most]

    def samples(self) -> tuple[Sample, ...]:
        """Rows by their places alone."""
        return tuple(Sample(place, ()) for place in self.first())

    def _keep_first(self, room: int) -> None:
        if len(self.found) > room:
            self.found = self.first()
