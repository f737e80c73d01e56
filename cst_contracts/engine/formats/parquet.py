"""Parquet files to a registration that declares nothing, and what their footers say."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import pyarrow as pa
from datafusion import SessionContext
from pyarrow.fs import FileSystem, FileType

from cst_contracts.contract.model import PartitionContract
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.settings import few_threads
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.disagreement import damaged, disagreement
from cst_contracts.engine.storage.hive import hive_facts, partition_types, refuse_mixed
from cst_contracts.engine.storage.listing import StoredFile, data_files, engine_url, skipped_files
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.facts import Trouble
from cst_contracts.sql.external_tables import external_folder

#: To ask a session what it is set to takes as long as to read the footers of this many.
_MANY_FILES = 8


def register_parquet(
    context: SessionContext,
    table: str,
    url: str,
    promised: Sequence[PartitionContract],
    fields: pa.Schema | None = None,
    *,
    pruning: bool = True,
) -> Storage:
    """Registers `table` as the engine finds it. Raises IntrospectionError; TableMissing for no file."""
    with looking_at(table, url):
        _refuse_delta(table, url)
        files = data_files(url, ".parquet")
        if not files:
            raise IntrospectionError(
                "no Parquet file there", relation=table, location=url, trouble=Trouble.MISSING
            )
        refuse_mixed(table, url, files, promised)
        taken = engine_url(url, files)
        many = is_local(url) and len(files) > _MANY_FILES
        with _naming_files(table, url, files), few_threads(context) if many else nullcontext():
            context.sql(external_folder(table, taken, pruning=pruning))
        schema = live_schema(context, table)
        partitions = hive_facts(files, schema, partition_types(promised, fields or pa.schema([])))
        return Storage(
            location=url,
            schema=schema,
            files=tuple(file.url for file in files),
            partitions=partitions,
            hive_partitions=frozenset(partition.name for partition in partitions),
            skipped=skipped_files(url, ".parquet"),
            engine_url=taken,
        )


@contextmanager
def _naming_files(table: str, url: str, files: Sequence[StoredFile]) -> Iterator[None]:
    """The engine does not say which of a folder's files it could not read."""
    try:
        with looking_at(table, url):
            yield
    except IntrospectionError as error:
        if unreadable := damaged(files):
            cause = f"{unreadable} cannot be read: {error.reason}"
        elif told := disagreement(files):
            cause = f"its files are of several types: {told}"
        else:
            raise
        raise IntrospectionError(cause, relation=table, location=url) from error


def _refuse_delta(table: str, url: str) -> None:
    """Under a Delta table lie the files of its past, too. A partition's folder is part of the table."""
    folder = _delta_folder(url)
    if folder is not None:
        cause = f"{folder} is a Delta table: its files hold rows that its log no longer has"
        raise IntrospectionError(cause, relation=table, location=url, trouble=Trouble.DELTA_FOLDER)


def _delta_folder(url: str) -> str | None:
    if not is_local(url):
        filesystem, path = FileSystem.from_uri(url)
        log = filesystem.get_file_info(f"{path.rstrip('/')}/_delta_log")
        return url if log.type is FileType.Directory else None
    folder = local_path(url)
    while not (folder / "_delta_log").is_dir():
        if "=" not in folder.name:
            return None
        folder = folder.parent
    return str(folder)
