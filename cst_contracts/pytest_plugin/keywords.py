"""Check ids to what pytest's `-k` can read: its grammar has no braces, commas or arrows."""

_READABLE = str.maketrans(dict.fromkeys("{},→", ":"))


def keyword(text: str) -> str:
    """The same for an id and for an expression that names it; twice is as good as once."""
    return text.translate(_READABLE)
