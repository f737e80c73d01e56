"""Says what is wrong with a text file that the engine cannot read: which file, which line, and what to do.

DataFusion 55 names neither file nor line of most of it. Only a file that could not be read comes here.
"""

import csv
import io
import json
from collections.abc import Iterator

import pyarrow as pa

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.dialects import uncompressed
from cst_contracts.engine.storage.places import place_of
from cst_contracts.engine.storage.stored import Dialect

#: Of a file; what lies behind is told in the engine's own words.
_MOST_BYTES = 64 * 1024**2


def first_record(url: str, dialect: Dialect) -> tuple[str, ...] | None:
    """Of a CSV file; None where nothing here can decompress it. Raises what the store raises. Bytes that are
    no UTF-8 are replaced: reading the file tells where they are."""
    with _stored(url) as stored:
        opened = uncompressed(stored, dialect)
        if opened is None:
            return None
        with io.TextIOWrapper(opened, "utf-8-sig", "replace", newline="") as text:
            return tuple(next(_records(text, dialect), ()))


def text_fault(url: str, format_: SourceFormat, dialect: Dialect) -> str | None:
    """None where the text is as it should be, as far as it was looked at."""
    with _stored(url) as stored:
        opened = uncompressed(stored, dialect)
        data = None if opened is None else opened.read(_MOST_BYTES)
    if data is None:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if error.start > _MOST_BYTES - 4:
            return None  # cut within a character
        return f"line {line} is not UTF-8 (byte 0x{data[error.start]:02x}); write the file as UTF-8"
    return _json_fault(text) if format_ is SourceFormat.JSON else _csv_fault(text, dialect)


def _json_fault(text: str) -> str | None:
    if text.startswith("\ufeff"):
        return "it starts with a byte order mark; write it as UTF-8 without one"
    for number, line in enumerate(io.StringIO(text), 1):
        if line.strip() and (why := _no_object(line)) is not None:
            return f"line {number} {why}; one object a line is wanted (JSON lines)"
    return None


def _no_object(line: str) -> str | None:
    if line.lstrip().startswith("["):
        return "starts an array"
    try:
        value = json.loads(line, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        if line.strip() == "{" or error.pos >= len(line.rstrip()):
            return "ends before its object does"
        return f"is no JSON (column {error.pos + 1})"
    except RecursionError:
        return "is nested too deep to be read"
    except _NoJsonError as error:
        return f"holds {error}, which is no JSON"
    return None if isinstance(value, dict) else "is no JSON object"


class _NoJsonError(ValueError):
    """A word that Python's reader knows, and JSON does not."""


def _refuse(word: str) -> None:
    raise _NoJsonError(word)


def _csv_fault(text: str, dialect: Dialect) -> str | None:
    records = _records(io.StringIO(text.removeprefix("\ufeff")), dialect)
    first = next(records, [])
    for number, record in enumerate(records, 2):
        if record and len(record) != len(first):
            what = "the header" if dialect.header else "the first record"
            return f"record {number} has {len(record)} values, and {what} has {len(first)}"
    return None


def _records(text: io.TextIOBase, dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quote)


def _stored(url: str) -> pa.NativeFile:
    filesystem, path = place_of(url)
    return filesystem.open_input_file(path)
