"""Puts text into Markdown so that nothing in it is taken for markup."""

import re

#: What would end a cell of a table or begin markup of its own.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")

_CODE = re.compile(r"(`[^`]+`)")


def escaped(text: str) -> str:
    """Text on one line, as it stands."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def prose(text: str) -> str:
    """A sentence on one line, in which what stands between back-ticks is code."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(
        code(part[1:-1]) if at % 2 else _MARKUP.sub(r"\\\1", part) for at, part in enumerate(parts)
    )


def code(text: str) -> str:
    """As code on one line, whatever back-ticks are in it."""
    plain = " ".join(text.split())
    longest = max((len(run) for run in re.findall(r"`+", plain)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def code_in_table(text: str) -> str:
    """As code in a cell of a table, which a bar would end in code, too."""
    return code(text).replace("|", r"\|")
