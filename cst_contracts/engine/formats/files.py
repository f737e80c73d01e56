"""CSV, JSON and Arrow files to a registration of what the engine finds in them.

Text has no types: those that the engine infers from all rows count, and where a contract promises another
that the engine can read every value as, that one. So no type of a contract is taken over that the values
have not borne out. Cells without text are null; of decimals the engine cuts the digits that do not fit.
"""

from collections.abc import Sequence

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.contract.model import PartitionContract, SourceFormat
from cst_contracts.engine.formats.opening import (
    OPTIONS,
    SUFFIXES,
    header,
    read_file,
    register_typed,
)
from cst_contracts.engine.formats.text_types import (
    Rule,
    any_text,
    candidates,
    in_promised_order,
    json_value,
    retyped,
)
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.hive import hive_facts, partition_types, refuse_mixed
from cst_contracts.engine.storage.listing import StoredFile, data_files, engine_url, skipped_files
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import file_name, is_local, local_path
from cst_contracts.facts import Trouble
from cst_contracts.sql.external_tables import external_source
from cst_contracts.sql.names import identifier, table_name

_RULES: dict[SourceFormat, Rule] = {
    SourceFormat.CSV: any_text,
    SourceFormat.JSON: json_value,
}


def register_files(
    context: SessionContext,
    table: str,
    url: str,
    format_: SourceFormat,
    partitioned_by: Sequence[PartitionContract],
    promised: pa.Schema,
) -> Storage:
    """Raises IntrospectionError; TableMissing for no file."""
    with looking_at(table, url):
        _refuse_pipe(table, url)
        files = data_files(url, SUFFIXES[format_])
        if not files:
            cause = f"no {SUFFIXES[format_]} file there"
            raise IntrospectionError(cause, relation=table, location=url, trouble=Trouble.MISSING)
        if format_ is SourceFormat.CSV:
            _refuse_other_headers(files)
        refuse_mixed(table, url, files, partitioned_by)
        location = engine_url(url, files)
        context.sql(external_source(table, format_, location, OPTIONS.get(format_, {})))
        schema = live_schema(context, table)
        partitions = hive_facts(files, schema, partition_types(partitioned_by, promised))
        hive = frozenset(partition.name for partition in partitions)
        if format_ in _RULES:
            stored = pa.schema([field for field in schema if field.name not in hive])
            folders = [field for field in schema if field.name in hive]
            urls = [file.url for file in files]
            schema = pa.schema([*borne_out(stored, promised, format_, urls), *folders])
            context.deregister_table(table_name(table))
            names = [field.name for field in folders]
            register_typed(context, table, format_, location, schema, names)
        return Storage(
            location=url,
            schema=schema,
            files=tuple(file.url for file in files),
            partitions=partitions,
            hive_partitions=hive,
            format=format_,
            skipped=skipped_files(url, SUFFIXES[format_]),
        )


def _refuse_pipe(table: str, url: str) -> None:
    """Opened as a file that ends, it would be waited for without end."""
    if is_local(url) and local_path(url).is_fifo():
        cause = "it is a named pipe; write `unbounded: true` beside its location"
        raise IntrospectionError(cause, relation=table, location=url)


def _refuse_other_headers(files: Sequence[StoredFile]) -> None:
    """The engine reads CSV by position, and would put one field's values under another's name."""
    first, *others = files
    names = header(first.url)
    for other in others:
        if header(other.url) != names:
            here, there = file_name(first.url), file_name(other.url)
            raise ValueError(f"{other.relative or there} has another header than {here}")


def borne_out(
    inferred: pa.Schema, promised: pa.Schema, format_: SourceFormat, urls: Sequence[str]
) -> pa.Schema:
    """Of text files: the inferred schema, with the promised types that all values can be read as.

    Raises what the engine raises where it cannot read them as what it inferred itself.
    """
    rule = _RULES[format_]
    is_json = format_ is SourceFormat.JSON
    stored = in_promised_order(inferred, promised) if is_json else inferred
    wanted = candidates(stored, promised, rule)
    accepted = frozenset(wanted)
    if not _readable(urls, format_, retyped(stored, promised, rule, accepted)):
        accepted = frozenset()
        for path in wanted:
            more = accepted | {path}
            if _readable(urls, format_, retyped(stored, promised, rule, more)):
                accepted = more
    schema = retyped(stored, promised, rule, accepted)
    if not accepted:
        _read(urls, format_, schema)  # the engine infers text where numbers and text are mixed
    return schema


def _readable(urls: Sequence[str], format_: SourceFormat, schema: pa.Schema) -> bool:
    try:
        with looking_at(None):
            _read(urls, format_, schema)
    except IntrospectionError:
        return False
    return True


def _read(urls: Sequence[str], format_: SourceFormat, schema: pa.Schema) -> None:
    """All values of all rows. Raises what the engine raises."""
    context = open_session({})
    names = [identifier(name) for name in schema.names]
    for url in urls:
        frame = read_file(context, format_, url, schema)
        for _ in frame.select(*names).execute_stream():
            pass
