"""CSV files: text without types, read by position under a header."""

import csv
import io
from collections.abc import Mapping, Sequence

import pyarrow as pa
from datafusion import CsvReadOptions, DataFrame, SessionContext, col
from datafusion.expr import SortExpr
from pyarrow.fs import FileSystem

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import list_table
from cst_contracts.engine.formats.text_files import ALL_ROWS, open_text
from cst_contracts.engine.formats.text_types import Rule, any_text
from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.engine.storage.stored import Capabilities, Storage
from cst_contracts.engine.storage.urls import file_name, is_local, local_path
from cst_contracts.facts import SortTerm, StoredOrdering
from cst_contracts.sql.external_tables import external_source
from cst_contracts.sql.names import identifier, table_name


class CsvFormat:
    """The first record of each file names the fields."""

    capabilities = Capabilities(suffix=".csv", is_text=True, names_file_of_row=True)
    by_position = True
    options: Mapping[str, str] = {"format.has_header": "true", **ALL_ROWS}
    rule: Rule = staticmethod(any_text)

    def open(self, opening: Opening) -> Opened:
        listed = list_table(opening, self.capabilities, ".csv")
        _refuse_other_headers(listed.files)
        return open_text(self, opening, listed)

    def stored_order(self, inferred: pa.Schema, promised: pa.Schema) -> pa.Schema:
        return inferred

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        options = CsvReadOptions(schema=schema, file_extension="")
        return context.read_csv(url, options=options)

    def register(
        self, context: SessionContext, table: str, url: str, schema: pa.Schema, folders: pa.Schema
    ) -> None:
        options = CsvReadOptions(
            schema=schema,
            file_extension=".csv" if url.endswith("/") else "",
            table_partition_cols=[(field.name, field.type) for field in folders],
        )
        context.register_csv(table_name(table), url, options=options)

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
        options = CsvReadOptions(
            schema=storage.file_schema,
            file_extension=storage.engine_suffix,
            table_partition_cols=folders,
            file_sort_order=[list(map(_sort_expression, terms))],
        )
        context.register_csv(table_name(table), storage.engine_url, options=options)

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        return ()


def _sort_expression(term: SortTerm) -> SortExpr:
    ascending = not term.descending
    return col(identifier(term.field)).sort(ascending=ascending, nulls_first=term.nulls_first)


def _refuse_other_headers(files: Sequence[StoredFile]) -> None:
    """The engine reads CSV by position, and would put one field's values under another's name."""
    first, *others = files
    names = header(first.url)
    for other in others:
        if header(other.url) != names:
            here, there = file_name(first.url), file_name(other.url)
            raise ValueError(f"{other.relative or there} has another header than {here}")


def header(url: str) -> tuple[str, ...]:
    """The first record of a CSV file. Raises what the store raises, and UnicodeDecodeError."""
    if is_local(url):
        with local_path(url).open(encoding="utf-8", newline="") as text:
            return tuple(next(csv.reader(text), ()))
    filesystem, path = FileSystem.from_uri(url)
    with io.TextIOWrapper(filesystem.open_input_file(path), "utf-8", newline="") as text:
        return tuple(next(csv.reader(text), ()))
