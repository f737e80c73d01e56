"""Registers a table that may be empty and that nobody has written yet: a folder without a data file."""

import pyarrow as pa

from cst_contracts.engine.formats.format import Format, Opened, Opening
from cst_contracts.engine.storage.hive import partition_types
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.sql.names import table_name


def may_be_empty(opening: Opening, format_: Format) -> bool:
    """Where nothing at all lies at the location, the contract may as well name a wrong one. A store without
    folders cannot tell. A log has a schema before there are rows."""
    folder = not is_local(opening.url) or local_path(opening.url).is_dir()
    return opening.source.allow_empty and not format_.capabilities.has_log and folder


def open_empty(opening: Opening, format_: Format) -> Opened:
    """With the promised fields and no row, so that views and references have something to read."""
    folders = partition_types(opening.source.partitioned_by, opening.promised)
    names = set(opening.promised.names)
    partitions = (
        pa.field(each.name, folders.get(each.name, pa.string()))
        for each in opening.source.partitioned_by
        if each.name not in names
    )
    schema = pa.schema([*opening.promised, *partitions])
    batch = pa.RecordBatch.from_pylist([], schema=schema)
    opening.context.register_record_batches(table_name(opening.table), [[batch]])
    storage = Storage(
        location=opening.url,
        schema=schema,
        files=(),
        partitions=(),
        format=opening.source.format,
        capabilities=format_.capabilities,
    )
    return Opened(opening.source.format.value, opening.supplied, storage)
