"""Arrow IPC files: typed, without statistics."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.contract.model import SourceFormat
from cst_contracts.datatypes import child_path, print_type
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import Listed, list_table
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.adapters import FilesOfSchema, adapted
from cst_contracts.engine.storage.file_schemas import common_metadata, compared, grouped
from cst_contracts.engine.storage.hive import FOLDER_TYPE, hive_facts, partition_types
from cst_contracts.engine.storage.places import each_of, place_of
from cst_contracts.engine.storage.stored import Capabilities, Storage
from cst_contracts.engine.storage.urls import is_local, local_name
from cst_contracts.facts import Adapted, Adapting, FilesFacts, SortTerm, StoredOrdering, Trouble
from cst_contracts.sql.external_tables import external_source
from cst_contracts.sql.names import table_name


class ArrowFormat:
    """The schema is the files' own."""

    capabilities = Capabilities((".arrow",), magic=b"ARROW1")

    def open(self, opening: Opening) -> Opened:
        listed = list_table(opening, self.capabilities, ".arrow")
        context, table = opening.context, opening.table
        with looking_at(table, opening.url):
            self._register(opening, listed)
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

    def _register(self, opening: Opening, listed: Listed) -> None:
        """DataFusion 55 reads Arrow files by position under one schema: of files that differ in metadata it
        infers none, and where one lacks a field it reads none of them."""
        schema, keys = None, [(key, FOLDER_TYPE) for key in listed.partition_keys]
        if len(listed.files) > 1:
            names = (file.relative for file in listed.files)
            schemas = each_of(listed.urls, self.file_schema)
            groups = grouped(zip(names, schemas, strict=True))
            _refuse_lacking(opening, compared(groups))
            refuse_adapted(opening, groups, groups[0].schema)
            schema = common_metadata(groups, groups[0].schema)
        opening.context.register_arrow(
            table_name(opening.table),
            listed.location,
            schema=schema,
            file_extension=".arrow" if listed.location.endswith("/") else "",
            table_partition_cols=keys,
        )

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        return context.read_arrow(url, file_extension="")

    def file_schema(self, url: str) -> pa.Schema:
        if is_local(url):
            with pa.memory_map(local_name(url)) as file:
                return pa.ipc.open_file(file).schema
        filesystem, path = place_of(url)
        with filesystem.open_input_file(path) as file:
            return pa.ipc.open_file(file).schema

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


def refuse_adapted(opening: Opening, groups: Sequence[FilesOfSchema], read: pa.Schema) -> None:
    """Raises IntrospectionError for the first field that is otherwise in some file. DataFusion 55 casts
    nothing in Arrow files, so that no query reads such a table; and of two fields of one type that have
    changed places it gives the one's values for those of the other."""
    for path, found in adapted(groups, read).items():
        for each in found:
            words = _words_of_adapted(each)
            if words:
                raise _unlike(opening, path, words)
    for group in groups:
        for mine, theirs in zip(read, group.schema, strict=False):
            words = _words_of_place(mine, theirs, ", ".join(group.files[:3]))
            if words:
                raise _unlike(opening, child_path("", mine.name), words)


def _words_of_place(mine: pa.Field, theirs: pa.Field, files: str) -> str:
    """Nothing where the engine reads at this place what is meant."""
    if mine.name != theirs.name:
        return f"stands at another place in {files}"
    if mine.type.equals(theirs.type, check_metadata=True):
        return ""
    told, stored = print_type(mine.type), print_type(theirs.type)
    if told == stored:
        return f"has other metadata inside in {files}"
    return f"is {stored} in {files}, and {told} in the table"


def _words_of_adapted(each: Adapted) -> str:
    """Nothing of what stands behind all that the engine reads."""
    files = ", ".join(each.files[:3])
    match each.how:
        case Adapting.MOVED:
            return f"stands at another place in {files}"
        case Adapting.CAST | Adapting.RESPELLED:
            return f"is {each.stored} in {files}, and {each.read} in the table"
        case Adapting.DROPPED | Adapting.RECASED:
            return ""


def _unlike(opening: Opening, path: str, words: str) -> IntrospectionError:
    return IntrospectionError(
        f"{path} {words}, and the engine reads Arrow files by position and casts nothing",
        relation=opening.table,
        location=opening.url,
        trouble=Trouble.FILE_TYPES,
        names=(path,),
    )


def _refuse_lacking(opening: Opening, files: FilesFacts) -> None:
    """Raises IntrospectionError with the first field that some file lacks."""
    for path, names in files.lacking.items():
        raise IntrospectionError(
            f"{path} is missing in {', '.join(names[:3])}, and the engine reads Arrow files by position",
            relation=opening.table,
            location=opening.url,
            trouble=Trouble.FILE_LACKS,
            names=(path,),
        )
