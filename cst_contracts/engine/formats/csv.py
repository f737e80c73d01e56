"""CSV files: text without types, read by position under a header."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

import pyarrow as pa
from datafusion import CsvReadOptions, DataFrame, SessionContext, col
from datafusion.expr import SortExpr
from msgspec import Struct

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.delimiters import with_delimiter
from cst_contracts.engine.formats.dialects import dialect_of, with_compression
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import list_table
from cst_contracts.engine.formats.text_faults import first_record
from cst_contracts.engine.formats.text_files import ALL_ROWS, INFER_ROWS, open_text
from cst_contracts.engine.formats.text_types import Rule, any_text
from cst_contracts.engine.session.trouble import Refused
from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.engine.storage.stored import PLAIN, Capabilities, Dialect, Storage
from cst_contracts.facts import SortTerm, StoredOrdering
from cst_contracts.sql.names import identifier, table_name


class CsvFormat(Struct, frozen=True):
    """The first record of each file names the fields, unless the contract says that there is no header.

    The methods are those of the protocol `Format`.
    """

    dialect: Dialect = PLAIN
    format: ClassVar[SourceFormat] = SourceFormat.CSV
    capabilities: ClassVar[Capabilities] = Capabilities(
        with_compression((".csv",)), is_text=True, names_file_of_row=True
    )
    by_position: ClassVar[bool] = True
    tells_text: ClassVar[bool] = False

    @property
    def rule(self) -> Rule:
        return any_text

    @property
    def options(self) -> Mapping[str, str]:
        """A record that holds a line's end within quotes is read whole only by one thread a file."""
        dialect = self.dialect
        told = {
            "format.has_header": str(dialect.header).lower(),
            "format.delimiter": dialect.delimiter,
            "format.quote": dialect.quote,
            "format.newlines_in_values": "true",
            **ALL_ROWS,
        }
        return (
            told
            if dialect.compression is None
            else {
                **told,
                "format.compression": dialect.compression,
            }
        )

    def open(self, opening: Opening) -> Opened:
        listed = list_table(opening, self.capabilities, ".csv")
        endings = self.capabilities.suffixes
        folders = set(listed.partition_keys)
        names = [name for name in opening.promised.names if name not in folders]
        dialect = dialect_of(opening.source.options, listed.files, endings, names)
        if opening.source.options.delimiter is None and dialect.header:
            dialect = with_delimiter(dialect, listed.files, names)
        _refuse_other_headers(listed.files, dialect)
        return open_text(CsvFormat(dialect), opening, listed)

    def untyped(self, url: str) -> pa.Schema | None:
        first = first_record(url, self.dialect)
        if first is None:
            return None
        names = first if self.dialect.header else [f"column_{n + 1}" for n in range(len(first))]
        return pa.schema([pa.field(name, pa.string()) for name in names])

    def stored_order(self, inferred: pa.Schema, promised: pa.Schema) -> pa.Schema:
        """By position; without a header, the fields are called as they are promised."""
        names = (*self.dialect.names, *inferred.names[len(self.dialect.names) :])
        return pa.schema(
            [field.with_name(name) for field, name in zip(inferred, names, strict=False)]
        )

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        return context.read_csv(url, options=self._reading(schema, ""))

    def register(
        self,
        context: SessionContext,
        table: str,
        url: str,
        schema: pa.Schema | None,
        folders: pa.Schema,
    ) -> None:
        ending = self.dialect.ending if url.endswith("/") else ""
        options = self._reading(schema, ending, [(field.name, field.type) for field in folders])
        context.register_csv(table_name(table), url, options=options)

    def _reading(
        self,
        schema: pa.Schema | None,
        ending: str,
        folders: Sequence[tuple[str, pa.DataType]] = (),
        orders: Sequence[list[SortExpr]] = (),
    ) -> CsvReadOptions:
        dialect = self.dialect
        return CsvReadOptions(
            schema=schema,
            file_extension=ending,
            table_partition_cols=list(folders),
            has_header=dialect.header,
            delimiter=dialect.delimiter,
            quote=dialect.quote,
            newlines_in_values=True,
            schema_infer_max_records=INFER_ROWS,
            file_compression_type=dialect.compression or "",
            file_sort_order=list(orders),
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
        hive = storage.hive_partitions
        folders = [(each.name, each.type) for each in storage.schema if each.name in hive]
        order = list(map(_sort_expression, terms))
        options = self._reading(storage.file_schema, storage.engine_suffix, folders, [order])
        context.register_csv(table_name(table), storage.engine_url, options=options)

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        return ()


def _sort_expression(term: SortTerm) -> SortExpr:
    ascending = not term.descending
    return col(identifier(term.field)).sort(ascending=ascending, nulls_first=term.nulls_first)


def _refuse_other_headers(files: Sequence[StoredFile], dialect: Dialect) -> None:
    """The engine reads CSV by position, and would put one field's values under another's name."""
    first, *others = files
    names = first_record(first.url, dialect)
    if names is None or not dialect.header:
        return
    twice = [shown for shown, count in Counter(names).items() if count > 1]
    if twice:
        raise Refused(f"the header of {first.relative} has the name {twice[0]} twice")
    for other in others:
        if first_record(other.url, dialect) != names:
            raise Refused(f"{other.relative} has another header than {first.relative}")
