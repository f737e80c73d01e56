"""Registers text files under the types that all of their values can be read as.

Text has no types: those that the engine infers from all rows count, and where a contract promises another
that the engine can read every value as, that one. So no type of a contract is taken over that the values
have not borne out. Cells without text are null; of decimals the engine cuts the digits that do not fit.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import Listed
from cst_contracts.engine.formats.text_types import Rule, candidates, retyped
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.hive import hive_facts, partition_types
from cst_contracts.engine.storage.stored import Capabilities, Storage
from cst_contracts.sql.external_tables import external_source
from cst_contracts.sql.names import identifier, table_name

#: The engine infers from the first thousand rows, and fails at the first row that does not fit.
ALL_ROWS = {"format.schema_infer_max_rec": "9223372036854775807"}


class TextFormat(Protocol):
    """What CSV and JSON do each in its own way. `options` are those of CREATE EXTERNAL TABLE."""

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def options(self) -> Mapping[str, str]: ...

    @property
    def rule(self) -> Rule:
        """Whether values of an inferred type may stand for a promised one."""

    def stored_order(self, inferred: pa.Schema, promised: pa.Schema) -> pa.Schema:
        """The inferred schema in the order in which its fields are told."""

    def read_file(
        self, context: SessionContext, url: str, schema: pa.Schema | None
    ) -> DataFrame: ...

    def register(
        self, context: SessionContext, table: str, url: str, schema: pa.Schema, folders: pa.Schema
    ) -> None:
        """Under the types of a schema, and of the hive partitions that folders are named for."""


def open_text(format_: TextFormat, opening: Opening, listed: Listed) -> Opened:
    """Raises what the engine raises."""
    context, table, promised = opening.context, opening.table, opening.promised
    source = opening.source
    context.sql(external_source(table, source.format, listed.location, format_.options))
    inferred = live_schema(context, table)
    types = partition_types(source.partitioned_by, promised)
    partitions = hive_facts(listed.files, inferred, types)
    hive = frozenset(partition.name for partition in partitions)
    stored = pa.schema([field for field in inferred if field.name not in hive])
    folders = pa.schema([field for field in inferred if field.name in hive])
    schema = borne_out(stored, promised, format_, listed.urls)
    context.deregister_table(table_name(table))
    format_.register(context, table, listed.location, schema, folders)
    storage = Storage(
        location=opening.url,
        schema=pa.schema([*schema, *folders]),
        files=listed.urls,
        partitions=partitions,
        hive_partitions=hive,
        format=source.format,
        capabilities=format_.capabilities,
        beside=listed.beside,
        engine_url=listed.location,
    )
    return Opened(source.format.value, opening.supplied, storage)


def borne_out(
    inferred: pa.Schema, promised: pa.Schema, format_: TextFormat, urls: Sequence[str]
) -> pa.Schema:
    """The inferred schema of text files, with the promised types that all values can be read as.

    Raises what the engine raises where it cannot read them as what it inferred itself.
    """
    rule = format_.rule
    stored = format_.stored_order(inferred, promised)
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


def _readable(urls: Sequence[str], format_: TextFormat, schema: pa.Schema) -> bool:
    try:
        with looking_at(None):
            _read(urls, format_, schema)
    except IntrospectionError:
        return False
    return True


def _read(urls: Sequence[str], format_: TextFormat, schema: pa.Schema) -> None:
    """All values of all rows. Raises what the engine raises."""
    context = open_session({})
    names = [identifier(name) for name in schema.names]
    for url in urls:
        frame = format_.read_file(context, url, schema)
        for _ in frame.select(*names).execute_stream():
            pass
