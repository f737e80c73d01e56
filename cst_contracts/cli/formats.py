"""The option `--format`, of verbs that tell problems or findings."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class Format(StrEnum):
    """How findings are written to standard output."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def format_option(help_text: str) -> Callable[[Command], Command]:
    return click.option(
        "--format",
        "form",
        type=click.Choice([each.value for each in Format]),
        default=Format.TEXT.value,
        show_default=True,
        callback=lambda _context, _parameter, value: Format(value),
        help=help_text,
    )
