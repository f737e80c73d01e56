"""What contracts are to be written for: tables by where they lie, or by their names in a session."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct

from cst_contracts.contract.clauses.field import FieldContract
from cst_contracts.contract.model import (
    SourceContract,
    SourceFormat,
    TableContract,
    TextOptions,
)
from cst_contracts.engine.relations.found import FoundTable
from cst_contracts.location import Location

#: What no part of a table's name may hold, or what no shell, SQL or file system likes in one.
_REFUSED = re.compile(r'[."\x00-\x1f]+')
_NO_FILE_NAME = re.compile(r"[^\w=-]+")
_ENDINGS = re.compile(r"(\.(parquet|csv|json|jsonl|ndjson|arrow))?(\.(gz|bz2|xz|zst))?$")


class Source(Struct, frozen=True):
    """A table to be looked at. `format` and `location` are None of one that a session has."""

    name: str
    format: SourceFormat | None = None
    location: str | None = None

    @property
    def told(self) -> str:
        return self.name if self.location is None else self.location


class Draft(Struct, frozen=True):
    """A source, and what a first look has found that its contract has to say for it to be read.

    `ignore` are files in its folder that nobody reads, `delimiter` is that of text without a comma.
    """

    source: Source
    ignore: tuple[str, ...] = ()
    delimiter: str | None = None

    def contract(self) -> TableContract:
        """Promises no field: only enough for the table to be opened."""
        place = Location(self.source.told, 1, 1)
        fields: tuple[FieldContract, ...] = ()
        return TableContract(
            self.source.name, self.source.told, place, fields, place, source=self._source(place)
        )

    def _source(self, place: Location) -> SourceContract | None:
        if self.source.format is None:
            return None
        return SourceContract(
            self.source.format,
            place,
            self.source.location,
            options=TextOptions(delimiter=self.delimiter),
            ignore=self.ignore,
        )


def stored_sources(found: Iterable[tuple[str, FoundTable]], lake: str) -> tuple[Source, ...]:
    """`found` are tables, each with the URL of the folder that was looked through. `lake` is the URL that
    locations are relative to. No two have the same name, or the same name in other case."""
    taken: set[str] = set()
    return tuple(
        Source(_free(_name(table, root), table, taken), table.format, _location(table.url, lake))
        for root, table in found
    )


def file_name(table: str) -> str:
    """Of the contract: letters of other languages stay as they are."""
    return f"{_NO_FILE_NAME.sub('_', table).strip('_') or 'table'}.yaml"


def folder_url(folder: Path) -> str:
    """Links are not resolved: what lies in a lake is named as the lake has it."""
    return f"{Path(os.path.normpath(folder.absolute())).as_uri().rstrip('/')}/"


def _name(table: FoundTable, root: str) -> str:
    """The folders on the way to it are its schema."""
    parts = [part for part in unquote(table.url.removeprefix(root)).split("/") if part]
    if not parts:  # the folder itself
        parts = [unquote(table.url.rstrip("/").rpartition("/")[2])]
    if not table.url.endswith("/"):
        parts[-1] = _ENDINGS.sub("", parts[-1])
    *above, name = (_part(part) for part in parts)
    return f"{'_'.join(above)}.{name}" if above else name


def _part(text: str) -> str:
    return _REFUSED.sub("_", text).strip() or "table"


def _free(name: str, table: FoundTable, taken: set[str]) -> str:
    """By its format where several tables would be called alike, and then by number."""
    numbered = (f"{name}_{table.format}_{number}" for number in range(2, len(taken) + 3))
    free = next(
        each
        for each in (name, f"{name}_{table.format}", *numbered)
        if file_name(each).casefold() not in taken
    )
    taken.add(file_name(free).casefold())
    return free


def _location(url: str, lake: str) -> str:
    """Relative to the lake; a URL where it lies elsewhere."""
    if not url.startswith(lake):
        return url
    return unquote(url.removeprefix(lake)).rstrip("/") or "."
