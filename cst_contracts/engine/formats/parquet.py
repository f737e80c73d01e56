"""Parquet files: typed, with footers that tell what is in them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from urllib.parse import unquote

import pyarrow as pa
from datafusion import DataFrame, SessionContext
from pyarrow.fs import FileType

from cst_contracts.contract.model import EvolutionContract, SourceFormat
from cst_contracts.datatypes import find_node, parse_type, print_type, same_type
from cst_contracts.drift.evolution import is_frozen, is_red
from cst_contracts.drift.fields import TypeChanged
from cst_contracts.drift.rule import ChangeKind
from cst_contracts.drift.snapshot import type_text
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import Listed, list_table
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.settings import few_threads
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.adapters import FilesOfSchema
from cst_contracts.engine.storage.disagreement import damaged, disagreement
from cst_contracts.engine.storage.file_schemas import common_metadata, grouped
from cst_contracts.engine.storage.footers import footer, footers, stored_orderings
from cst_contracts.engine.storage.hive import FOLDER_TYPE, hive_facts, partition_types
from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.engine.storage.places import info_of
from cst_contracts.engine.storage.stored import PARQUET, Storage
from cst_contracts.engine.storage.uniting import united
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.facts import SortTerm, StoredOrdering, Trouble
from cst_contracts.sql.external_tables import external_folder
from cst_contracts.sql.names import table_name

#: To ask a session what it is set to takes as long as to read the footers of this many.
_MANY_FILES = 8
#: What DataFusion 55 says where it infers no schema, though it reads the files under one that it is given.
_IN_THE_WAY = ("due to conflicting metadata", "Found mixed partition values on disk")


class ParquetFormat:
    """A folder of files, or one file, registered as the engine finds it."""

    capabilities = PARQUET

    def open(self, opening: Opening) -> Opened:
        context, table, url = opening.context, opening.table, opening.url
        _refuse_delta(table, url)
        listed = list_table(opening, self.capabilities, "Parquet")
        many = is_local(url) and len(listed.files) > _MANY_FILES
        with (
            _naming_files(opening, listed.files),
            few_threads(context) if many else nullcontext(),
        ):
            _register(opening, listed)
        schema = live_schema(context, table)
        types = partition_types(opening.source.partitioned_by, opening.promised)
        partitions = hive_facts(listed.files, schema, types)
        storage = Storage(
            location=url,
            schema=schema,
            files=listed.urls,
            partitions=partitions,
            hive_partitions=frozenset(partition.name for partition in partitions),
            beside=listed.beside,
            engine_url=listed.location,
            pruning=opening.source.pruning,
        )
        return Opened(SourceFormat.PARQUET.value, opening.supplied, storage)

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        return context.read_parquet(url, file_extension="")

    def file_schema(self, url: str) -> pa.Schema | None:
        return footer(url).schema.to_arrow_schema()

    def declare_partitions(
        self,
        context: SessionContext,
        table: str,
        storage: Storage,
        types: Mapping[str, pa.DataType],
    ) -> None:
        context.register_parquet(
            table_name(table),
            storage.engine_url,
            file_extension=storage.engine_suffix,
            table_partition_cols=list(types.items()),
        )

    def declare_order(
        self, context: SessionContext, table: str, storage: Storage, terms: Sequence[SortTerm]
    ) -> None:
        pruning = storage.pruning
        context.sql(external_folder(table, storage.engine_url, pruning=pruning, order=terms))

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        return stored_orderings(storage)


def _register(opening: Opening, listed: Listed) -> None:
    """Raises what the engine raises.

    DataFusion 55 infers no schema where files differ in key/value metadata, nor for a partitioned folder in
    which any other file lies, nor where a field has several types; given a schema, it reads all of them.
    """
    context, table = opening.context, opening.table
    pruning = opening.source.pruning
    try:
        context.sql(external_folder(table, listed.location, pruning=pruning))
        return
    except ValueError as error:
        schema = _given(opening, listed, error)
        if schema is None:
            raise
    _declare(opening, listed, schema)


def _given(opening: Opening, listed: Listed, refusal: ValueError) -> pa.Schema | None:
    """The schema under which the files are read of which the engine infers none. None where they are no table
    under any; raises what the engine raises."""
    if not any(words in str(refusal) for words in _IN_THE_WAY):
        return _of_several_types(opening, listed)
    try:
        found = _without_metadata(opening, listed)
    except ValueError:
        schema = _of_several_types(opening, listed)
        if schema is None:
            raise
        return schema
    return common_metadata(_own_schemas(listed), found)


def _without_metadata(opening: Opening, listed: Listed) -> pa.Schema:
    """What the engine finds itself, once it leaves metadata out."""
    context, table = opening.context, opening.table
    keys = _folder_fields(listed)
    context.register_parquet(
        table_name(table),
        listed.location,
        table_partition_cols=keys,
        file_extension=_suffix(listed),
        skip_metadata=True,
    )
    names = {key for key, _ in keys}
    found = [field for field in live_schema(context, table) if field.name not in names]
    context.deregister_table(table_name(table))
    return pa.schema(found)


def _of_several_types(opening: Opening, listed: Listed) -> pa.Schema | None:
    """None where files of several types are not meant to be read as one table."""
    if opening.united is None or not (opening.supplied or _may_differ(opening.evolution)):
        return None
    try:
        groups = _own_schemas(listed)
    except (OSError, pa.ArrowException):
        return None  # whoever tells which file cannot be read tells what is wrong with it
    schema = united(groups, opening.united, partial(_allows, opening.evolution))
    return None if schema is None else common_metadata(groups, schema)


def _may_differ(evolution: EvolutionContract | None) -> bool:
    return evolution is not None and not is_frozen(ChangeKind.TYPES, evolution)


def _allows(evolution: EvolutionContract | None, path: str, stored: str, read: str) -> bool:
    before, after = (type_text(parse_type(each)) for each in (stored, read))
    return evolution is None or not is_red(TypeChanged(path, before, after), evolution)


def _are_meant(opening: Opening, path: str, types: Sequence[pa.DataType]) -> bool:
    """Whether `evolution` allows that a field has these types in the files, so that it is not for them that
    they are no table."""
    node = None if opening.united is None else find_node(opening.united, path)
    if node is None or not _may_differ(opening.evolution):
        return False
    wanted = node.field.type
    return all(
        same_type(each, wanted)
        or _allows(opening.evolution, path, print_type(each), print_type(wanted))
        for each in types
    )


def _own_schemas(listed: Listed) -> tuple[FilesOfSchema, ...]:
    names = (file.relative for file in listed.files)
    schemas = (each.schema.to_arrow_schema() for each in footers(listed.urls))
    return grouped(zip(names, schemas, strict=True))


def _declare(opening: Opening, listed: Listed, schema: pa.Schema) -> None:
    opening.context.register_parquet(
        table_name(opening.table),
        listed.location,
        table_partition_cols=_folder_fields(listed),
        file_extension=_suffix(listed),
        parquet_pruning=opening.source.pruning,
        skip_metadata=False,
        schema=schema,
    )


def _folder_fields(listed: Listed) -> list[tuple[str, pa.DataType]]:
    return [(key, FOLDER_TYPE) for key in listed.partition_keys]


def _suffix(listed: Listed) -> str:
    return ".parquet" if listed.location.endswith("/") else ""


@contextmanager
def _naming_files(opening: Opening, files: Sequence[StoredFile]) -> Iterator[None]:
    """The engine does not say which of a folder's files it could not read."""
    table, url = opening.table, opening.url
    try:
        with looking_at(table, url):
            yield
    except IntrospectionError as error:
        if unreadable := damaged(files):
            cause = f"{unreadable} cannot be read: {error.reason}"
        elif (found := disagreement(files, partial(_are_meant, opening))) is not None:
            raise IntrospectionError(
                f"its files are of several types: {found.reason}",
                relation=table,
                location=url,
                trouble=Trouble.FILE_TYPES,
                names=(found.path,),
            ) from error
        else:
            raise
        raise IntrospectionError(
            cause, relation=table, location=url, trouble=error.trouble
        ) from error


def _refuse_delta(table: str, url: str) -> None:
    """Under a Delta table lie the files of its past, too. A partition's folder is part of the table."""
    folder = _delta_folder(url)
    if folder is not None:
        cause = f"{folder} is a Delta table: its files hold rows that its log no longer has"
        raise IntrospectionError(cause, relation=table, location=url, trouble=Trouble.DELTA_FOLDER)


def _delta_folder(url: str) -> str | None:
    folder = url.rstrip("/")
    while info_of(f"{folder}/_delta_log").type is not FileType.Directory:
        above, _, name = folder.rpartition("/")
        if "=" not in unquote(name):
            return None
        folder = above
    return str(local_path(folder)) if is_local(url) else folder
