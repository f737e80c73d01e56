"""Takes the places of one machine out of texts, so that the same run reads the same elsewhere."""

from collections.abc import Iterable

from msgspec import Struct


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
        """The text with every place named from its root. Longer names that begin alike stay."""
        for root in self.roots:
            if root in text:
                text = _replaced(text, root)
        return text


def _replaced(text: str, root: str) -> str:
    first, *others = text.split(root)
    parts = [first]
    for other in others:
        if other.startswith("/") and other[1:2].strip():
            parts.append(other[1:])
        elif not other or not (other[0].isalnum() or other[0] in "-_."):
            parts.append(f".{other.removeprefix('/')}")
        else:
            parts.append(f"{root}{other}")
    return "".join(parts)
