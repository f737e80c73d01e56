"""A document of another tool, which remembers what of it somebody has taken, so that the rest can be told."""

from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 60


class Given:
    """One mapping of it. `path` is where it stands, as `schema[0].properties[2]`."""

    def __init__(self, data: Mapping[str, Any], path: str = "") -> None:
        self.data = data
        self.path = path
        self._taken: set[str] = set()
        self._inner: list[Given] = []
        self._lost: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def peek(self, key: str) -> Any:
        return self.data.get(key)

    def take(self, key: str) -> Any:
        """The value, None where there is none. It counts as mapped from now on."""
        self._taken.add(key)
        return self.data.get(key)

    def untake(self, key: str) -> None:
        """Some of the value is left after all."""
        self._taken.discard(key)

    def text(self, key: str) -> str:
        """Taken where it is text, else empty."""
        return str(self.take(key)) if isinstance(self.data.get(key), str) else ""

    def lose(self, what: str) -> None:
        """Tells of something that was taken, and has no place after all."""
        self._lost.append(what)

    def flag(self, key: str) -> bool:
        """Taken where it is true or false."""
        return self.take(key) is True if isinstance(self.data.get(key), bool) else False

    def take_if(self, key: str, *expected: str | int) -> bool:
        """Taken where it is one of the values that say nothing more."""
        found = key in self.data and self.data[key] in expected
        if found:
            self._taken.add(key)
        return found

    def below(self, key: str) -> "Given | None":
        value = self.data.get(key)
        return self._entered(key, value, self._at(key)) if isinstance(value, Mapping) else None

    def each(self, key: str) -> list["Given"]:
        """The mappings of a list; what else is in it counts as not mapped."""
        values = self.data.get(key)
        if not isinstance(values, list) or not all(isinstance(each, Mapping) for each in values):
            return []
        self._taken.add(key)
        return [
            self._entered(key, value, f"{self._at(key)}[{number}]")
            for number, value in enumerate(values)
        ]

    def left(self) -> Iterator[str]:
        """What nobody has taken, by paths."""
        yield from (f"{self.path}: {_shown(each)}" for each in self._lost)
        for key, value in self.data.items():
            if key not in self._taken:
                entries = value if isinstance(value, list) else [value]
                yield from (f"{self._at(str(key))}: {_shown(each)}" for each in entries)
        for each in self._inner:
            yield from each.left()

    def _entered(self, key: str, value: Mapping[str, Any], path: str) -> "Given":
        self._taken.add(key)
        known = next((each for each in self._inner if each.path == path), None)
        if known is not None:
            return known
        self._inner.append(Given(value, path))
        return self._inner[-1]

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def _shown(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
