"""Parquet files that cannot be read as one table to the field and the two files that are to blame."""

from collections.abc import Sequence

import pyarrow as pa

from cst_contracts.datatypes import DifferenceKind, child_path, type_differences
from cst_contracts.engine.storage.footers import footer
from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.engine.storage.urls import file_name

_NAMED = 3  # of the files that are damaged


def damaged(files: Sequence[StoredFile]) -> str | None:
    """The files whose footers cannot be read; None where all can."""
    names = [file.relative for file in files if not _has_footer(file)]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}" if names else None


def disagreement(files: Sequence[StoredFile]) -> str | None:
    """None where the footers agree, or one of them cannot be read. The engine names no file."""
    first: dict[str, tuple[pa.DataType, str]] = {}
    for file in files:
        try:
            schema = footer(file.url).schema.to_arrow_schema()
        except (OSError, pa.ArrowException):
            return None
        for field in schema:
            known, where = first.setdefault(field.name, (field.type, file.url))
            for each in type_differences(known, field.type, path=child_path("", field.name)):
                if each.kind is DifferenceKind.TYPE:
                    here = f"{each.observed} in {file_name(file.url)}"
                    return f"{each.path} is {each.promised} in {file_name(where)} and {here}"
    return None


def _has_footer(file: StoredFile) -> bool:
    try:
        footer(file.url)
    except (OSError, pa.ArrowException):
        return False
    return True
