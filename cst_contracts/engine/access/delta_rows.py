"""Joins to the data files of a Delta table the fields that only its log knows, with nothing NOT NULL."""

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from datafusion import DataFrame

from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.formats.delta.log import added_files
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.sql.names import identifier
from cst_contracts.sql.selects import FILE_OF_ROW, beside_files

if TYPE_CHECKING:
    from deltalake import DeltaTable

_PARTITION = "partition."


def with_log_fields(source: ScannableFiles, opened: "DeltaTable") -> DataFrame | None:
    """Its partition fields, and those that no file has yet, beside the files' own. None where the log names
    files in another way than we know. Raises IntrospectionError."""
    storage = source.storage
    with looking_at(source.table, storage.location):
        wanted = [field for field in storage.schema if field.name not in source.schema.names]
        values = _values_by_file(storage.location, opened)
        if not values.keys() >= set(storage.files):
            return None
        columns = [pa.array([_name_in_store(url) for url in storage.files], pa.string())]
        for field in wanted:
            found = [values[url].get(field.name) for url in storage.files]
            columns.append(pa.array(found).cast(field.type))
        names = [FILE_OF_ROW, *(field.name for field in wanted)]
        log = f"__cst_log_of_{source.table}"
        source.context.register_record_batches(identifier(log), [[pa.record_batch(columns, names)]])
        in_log = [field.name for field in wanted]
        in_files = [name for name in storage.schema.names if name not in in_log]
        return source.context.sql(beside_files(source.table, in_files, log, in_log))


def _values_by_file(location: str, opened: "DeltaTable") -> dict[str, dict[str, object]]:
    """By the files' URLs."""
    added = added_files(location, opened)
    rows = added.select(
        [name for name in added.column_names if name == "path" or name.startswith(_PARTITION)]
    ).to_pylist()
    return {
        row.pop("path"): {name.removeprefix(_PARTITION): value for name, value in row.items()}
        for row in rows
    }


def _name_in_store(url: str) -> str:
    """The file's name as the engine's `input_file_name()` gives it."""
    return unquote(urlsplit(url).path).lstrip("/")
