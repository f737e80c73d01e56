"""Finds the delimiter of CSV files in their header, where the contract names none."""

from collections.abc import Sequence

from msgspec.structs import replace

from cst_contracts.engine.formats.text_faults import first_record
from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.engine.storage.stored import Dialect

#: Beside the comma. Spaces are no delimiter here: they stand in names, too.
_OTHERS = (";", "\t", "|")


def with_delimiter(dialect: Dialect, files: Sequence[StoredFile], names: Sequence[str]) -> Dialect:
    """The dialect with the delimiter at which the header splits into the promised `names`: the comma where
    it does, or where none does. Only the header is asked; values are never looked at."""
    if not files or not names or _splits(dialect, files[0], names):
        return dialect
    for delimiter in _OTHERS:
        found = replace(dialect, delimiter=delimiter, delimiter_found=True)
        if _splits(found, files[0], names):
            return found
    return dialect


def _splits(dialect: Dialect, file: StoredFile, names: Sequence[str]) -> bool:
    record = first_record(file.url, dialect)
    return record is None or (len(record) > 1 and set(names) <= set(record))
