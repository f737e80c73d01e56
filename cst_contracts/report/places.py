"""Takes the places of one machine out of texts, so that the same run reads the same elsewhere."""

import re
from collections.abc import Iterable

from msgspec import Struct

#: Not in the middle of a longer path; and not the beginning of a longer name.
_BEFORE, _AFTER = r"(?<![\w/.-])", r"(?![\w-]|\.\w)"


class Places(Struct, frozen=True):
    """Absolute folders and URLs that texts may name: the project's root, and the lake's.

    What lies below one of them is named by its path from there; the folder itself is `.`.
    """

    roots: tuple[str, ...] = ()

    @classmethod
    def of(cls, roots: Iterable[str]) -> "Places":
        """Folders as the disk has them, or URLs; the longest is looked for first."""
        spelled = {each.rstrip("/") for each in roots} - {""}
        urls = {f"file://{each}" for each in spelled if each.startswith("/")}
        return cls(tuple(sorted(spelled | urls, key=lambda each: (-len(each), each))))

    def relative(self, text: str) -> str:
        """The text with every place named from its root."""
        if not any(root in text for root in self.roots):
            return text
        root = "|".join(map(re.escape, self.roots))
        return re.sub(f"{_BEFORE}(?:{root})(?:(?P<below>/(?=[\\w.=-]))|/?{_AFTER})", _named, text)


def _named(place: re.Match[str]) -> str:
    return "" if place["below"] else "."
