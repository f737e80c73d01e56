"""JSON lines: one object a line, read by name."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import list_table
from cst_contracts.engine.formats.text_files import ALL_ROWS, open_text
from cst_contracts.engine.formats.text_types import Rule, in_promised_order, json_value
from cst_contracts.engine.session.settings import texts_as_strings
from cst_contracts.engine.storage.stored import Capabilities, Storage
from cst_contracts.facts import SortTerm, StoredOrdering
from cst_contracts.sql.external_tables import external_source, external_typed
from cst_contracts.sql.names import table_name
from cst_contracts.sql.types import sql_type


class JsonFormat:
    """Fields have no order of their own: they are told in the promised one."""

    capabilities = Capabilities(suffix=".json", is_text=True, names_file_of_row=True)
    by_position = False
    options: Mapping[str, str] = ALL_ROWS
    rule: Rule = staticmethod(json_value)

    def open(self, opening: Opening) -> Opened:
        return open_text(self, opening, list_table(opening, self.capabilities, ".json"))

    def stored_order(self, inferred: pa.Schema, promised: pa.Schema) -> pa.Schema:
        return in_promised_order(inferred, promised)

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        return context.read_json(url, schema=schema, file_extension="")

    def register(
        self, context: SessionContext, table: str, url: str, schema: pa.Schema, folders: pa.Schema
    ) -> None:
        context.register_json(
            table_name(table),
            url,
            schema=schema,
            file_extension=".json" if url.endswith("/") else "",
            table_partition_cols=[(field.name, field.type) for field in folders],
        )

    def declare_partitions(
        self,
        context: SessionContext,
        table: str,
        storage: Storage,
        types: Mapping[str, pa.DataType],
    ) -> None:
        folders = pa.schema(list(types.items()))
        self.register(context, table, storage.engine_url, storage.file_schema, folders)

    def declare_order(
        self, context: SessionContext, table: str, storage: Storage, terms: Sequence[SortTerm]
    ) -> None:
        """DataFusion 55 takes an order of JSON files only in SQL, which has no words for some types and takes no
        quoted name of a partition; fields are then read as what the engine infers."""
        url = storage.engine_url
        types = {field.name: sql_type(field.type) for field in storage.schema}
        columns = {name: type_.text for name, type_ in types.items() if type_ is not None}
        if len(columns) < len(types) or storage.hive_partitions:
            context.sql(external_source(table, SourceFormat.JSON, url, self.options, terms))
            return
        with texts_as_strings(context):
            context.sql(external_typed(table, SourceFormat.JSON, url, columns, terms))

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        return ()
