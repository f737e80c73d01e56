"""Which lake root a verb works with: the option's, else the one that pytest's configuration names."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from cst_contracts.files.pytest_settings import pytest_setting

lake_option = click.option(
    "--lake",
    metavar="PATH_OR_URI",
    help="Lake root that the contracts' locations are relative to (default: `cst_lake` of pytest's "
    "configuration, else the working directory).",
)


def lake_root(given: str | None, places: Sequence[str] = ()) -> str | None:
    """None where nothing says which. The working directory's own configuration is read, which is what pytest
    reads when it is started there. It says nothing about `places` of which one lies elsewhere."""
    if given is not None:
        return given
    configured = configured_lake()
    if configured is None or not all(_is_below(place, configured) for place in places):
        return None
    return configured


def configured_lake() -> str | None:
    setting = pytest_setting(Path.cwd(), "cst_lake")
    return None if setting is None else setting.value or None


def same_lake(one: str, other: str) -> bool:
    return _whole(one) == _whole(other)


def _is_below(place: str, lake: str) -> bool:
    return f"{_whole(place)}/".startswith(f"{_whole(lake)}/")


def _whole(place: str) -> str:
    """Links as they are; without a slash at the end."""
    return place.rstrip("/") if "://" in place else os.path.normpath(Path.cwd() / place)
