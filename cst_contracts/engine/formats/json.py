"""JSON lines: one object a line, read by name."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pyarrow as pa
from datafusion import DataFrame, SessionContext
from msgspec import Struct

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.dialects import dialect_of, with_compression
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import list_table
from cst_contracts.engine.formats.text_files import ALL_ROWS, INFER_ROWS, open_text
from cst_contracts.engine.formats.text_types import Rule, in_promised_order, json_value
from cst_contracts.engine.session.settings import texts_as_strings
from cst_contracts.engine.storage.stored import PLAIN, Capabilities, Dialect, Storage
from cst_contracts.facts import SortTerm, StoredOrdering
from cst_contracts.sql.external_tables import external_source, external_typed
from cst_contracts.sql.names import table_name
from cst_contracts.sql.types import sql_type


class JsonFormat(Struct, frozen=True):
    """Fields have no order of their own: they are told in the promised one.

    The methods are those of the protocol `Format`.
    """

    dialect: Dialect = PLAIN
    format: ClassVar[SourceFormat] = SourceFormat.JSON
    capabilities: ClassVar[Capabilities] = Capabilities(
        with_compression((".json", ".jsonl", ".ndjson")),
        is_text=True,
        names_file_of_row=True,
    )
    by_position: ClassVar[bool] = False
    tells_text: ClassVar[bool] = True

    @property
    def rule(self) -> Rule:
        return json_value

    @property
    def options(self) -> Mapping[str, str]:
        compression = self.dialect.compression
        return ALL_ROWS if compression is None else {**ALL_ROWS, "format.compression": compression}

    def open(self, opening: Opening) -> Opened:
        listed = list_table(opening, self.capabilities, ".json")
        dialect = dialect_of(opening.source.options, listed.files, self.capabilities.suffixes, ())
        return open_text(JsonFormat(dialect), opening, listed)

    def untyped(self, url: str) -> pa.Schema | None:
        return None

    def stored_order(self, inferred: pa.Schema, promised: pa.Schema) -> pa.Schema:
        return in_promised_order(inferred, promised)

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        return context.read_json(
            url,
            schema=schema,
            schema_infer_max_records=INFER_ROWS,
            file_extension="",
            file_compression_type=self.dialect.compression,
        )

    def register(
        self,
        context: SessionContext,
        table: str,
        url: str,
        schema: pa.Schema | None,
        folders: pa.Schema,
    ) -> None:
        context.register_json(
            table_name(table),
            url,
            schema=schema,
            schema_infer_max_records=INFER_ROWS,
            file_extension=self.dialect.ending if url.endswith("/") else "",
            table_partition_cols=[(field.name, field.type) for field in folders],
            file_compression_type=self.dialect.compression,
        )

    def file_schema(self, url: str) -> pa.Schema | None:
        return None

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
        """DataFusion 55 takes an order of JSON files only in SQL, which has no words for some types and takes
        no quoted name of a partition; fields are then read as what the engine infers."""
        url = storage.engine_url
        types = {field.name: sql_type(field.type) for field in storage.schema}
        columns = {name: type_.text for name, type_ in types.items() if type_ is not None}
        if len(columns) < len(types) or storage.hive_partitions:
            context.sql(external_source(table, SourceFormat.JSON, url, self.options, terms))
            return
        with texts_as_strings(context):
            context.sql(external_typed(table, SourceFormat.JSON, url, columns, self.options, terms))

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        return ()
