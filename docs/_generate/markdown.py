"""Writes Markdown: headings that can be linked to, tables, fences."""

from collections.abc import Iterable, Sequence


def heading(level: int, text: str, label: str) -> str:
    """`label` is what other pages link to."""
    return f"({label})=\n{'#' * level} {text}\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def fence(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


def code(text: str) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
