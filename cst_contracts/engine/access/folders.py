"""Gives hive partitions their promised types, and their null, wherever rows are asked.

DataFusion 55 reads the text of folders' names. Where it is told a type it casts each name as it stands, and
`__HIVE_DEFAULT_PARTITION__`, which names no value, fails the query; therefore the names are cast after it.
Texts that it reads as a dictionary become texts, since it hashes some dictionaries as what they do not hold.
"""

from collections.abc import Mapping

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.datatypes import same_type
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.facts import PartitionFacts
from cst_contracts.sql.names import HIVE_NULL
from cst_contracts.sql.selects import select_typed
from cst_contracts.sql.types import sql_type


def typed_rows(context: SessionContext, table: str, storage: Storage) -> DataFrame | None:
    """The rows of a table that the session reads as it finds it.

    None where the names of folders are read as they should be; or cannot be, for which the partition's own
    promise is red. Raises what the engine raises.
    """
    types = _types(storage)
    if not types:
        return None
    return context.sql(select_typed(table, live_schema(context, table).names, types))


def _types(storage: Storage) -> Mapping[str, str]:
    found = {
        each.name: _type(each)
        for each in storage.partitions
        if each.name in storage.hive_partitions
    }
    return {name: type_ for name, type_ in found.items() if type_ is not None}


def _type(partition: PartitionFacts) -> str | None:
    has_null = HIVE_NULL in partition.unparsed
    if set(partition.unparsed) - {HIVE_NULL}:
        return None
    if partition.wanted is None or same_type(partition.wanted, partition.type):
        return "VARCHAR" if has_null or pa.types.is_dictionary(partition.type) else None
    found = sql_type(partition.wanted)
    return None if found is None else found.text
