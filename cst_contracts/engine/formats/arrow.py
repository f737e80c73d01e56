"""Arrow IPC files: typed, without statistics."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import list_table
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.storage.hive import hive_facts, partition_types
from cst_contracts.engine.storage.stored import Capabilities, Storage
from cst_contracts.facts import SortTerm, StoredOrdering
from cst_contracts.sql.external_tables import external_source
from cst_contracts.sql.names import table_name


class ArrowFormat:
    """The schema is the files' own."""

    capabilities = Capabilities(suffix=".arrow", magic=b"ARROW1")

    def open(self, opening: Opening) -> Opened:
        listed = list_table(opening, self.capabilities, ".arrow")
        context, table = opening.context, opening.table
        context.sql(external_source(table, SourceFormat.ARROW, listed.location, {}))
        schema = live_schema(context, table)
        types = partition_types(opening.source.partitioned_by, opening.promised)
        partitions = hive_facts(listed.files, schema, types)
        storage = Storage(
            location=opening.url,
            schema=schema,
            files=listed.urls,
            partitions=partitions,
            hive_partitions=frozenset(partition.name for partition in partitions),
            format=SourceFormat.ARROW,
            capabilities=self.capabilities,
            beside=listed.beside,
            engine_url=listed.location,
        )
        return Opened(SourceFormat.ARROW.value, opening.supplied, storage)

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        return context.read_arrow(url, file_extension="")

    def declare_partitions(
        self,
        context: SessionContext,
        table: str,
        storage: Storage,
        types: Mapping[str, pa.DataType],
    ) -> None:
        context.register_arrow(
            table_name(table),
            storage.engine_url,
            file_extension=storage.engine_suffix,
            table_partition_cols=list(types.items()),
        )

    def declare_order(
        self, context: SessionContext, table: str, storage: Storage, terms: Sequence[SortTerm]
    ) -> None:
        context.sql(external_source(table, SourceFormat.ARROW, storage.engine_url, {}, terms))

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        return ()
