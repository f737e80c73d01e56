"""Registers text files under the types that all of their values can be read as.

Text has no types: those that the engine infers from all rows count, and where a contract promises another
that the engine can read every value as, that one. So no type of a contract is taken over that the values
have not borne out. Cells without text are null; of decimals the engine cuts the digits that do not fit.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.listed_files import Listed
from cst_contracts.engine.formats.text_faults import text_fault
from cst_contracts.engine.formats.text_types import Rule, candidates, retyped, times_in
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.hive import FOLDER_TYPE, hive_facts, partition_types
from cst_contracts.engine.storage.stored import Capabilities, Dialect, Storage
from cst_contracts.sql.names import identifier, table_name

#: The engine infers from the first thousand rows, and fails at the first row that does not fit.
INFER_ROWS = 2**63 - 1
ALL_ROWS = {"format.schema_infer_max_rec": str(INFER_ROWS)}


class TextFormat(Protocol):
    """What CSV and JSON do each in its own way. `options` are those of CREATE EXTERNAL TABLE."""

    @property
    def format(self) -> SourceFormat: ...

    @property
    def dialect(self) -> Dialect: ...

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def options(self) -> Mapping[str, str]: ...

    @property
    def tells_text(self) -> bool:
        """Whether a value of its own says that it is text, and no number."""

    @property
    def rule(self) -> Rule:
        """Whether values of an inferred type may stand for a promised one."""

    def untyped(self, url: str) -> pa.Schema | None:
        """The fields of a file, all of them text; None where only the engine can tell them."""

    def stored_order(self, inferred: pa.Schema, promised: pa.Schema) -> pa.Schema:
        """The inferred schema in the order in which its fields are told."""

    def read_file(
        self, context: SessionContext, url: str, schema: pa.Schema | None
    ) -> DataFrame: ...

    def register(
        self,
        context: SessionContext,
        table: str,
        url: str,
        schema: pa.Schema | None,
        folders: pa.Schema,
    ) -> None:
        """Under the types of a schema, or those that the engine infers, and of the hive partitions that
        folders are named for."""


def open_text(format_: TextFormat, opening: Opening, listed: Listed) -> Opened:
    """Raises what the engine raises."""
    try:
        with looking_at(opening.table, opening.url):
            return _opened(format_, opening, listed)
    except IntrospectionError as error:
        reason = _file_at_fault(format_, listed) or error.reason
        raise IntrospectionError(
            reason, relation=opening.table, location=opening.url, trouble=error.trouble
        ) from error


def _file_at_fault(format_: TextFormat, listed: Listed) -> str | None:
    """The first file that the engine cannot read alone, and why: it names none of several itself."""
    context = open_believing_nothing(stores=listed.urls)
    for file in listed.files:
        try:
            with looking_at(None):
                untyped = format_.untyped(file.url)
                for _ in format_.read_file(context, file.url, untyped).execute_stream():
                    pass
        except IntrospectionError as error:
            fault = text_fault(file.url, format_.format, format_.dialect)
            return f"{file.relative}: {fault or error.reason}"
    return None


def _infer(format_: TextFormat, opening: Opening, listed: Listed, keys: pa.Schema) -> None:
    """DataFusion 55 infers from chunks that it cuts at any line's end, within quotes, too: where that fails,
    all values are text until it is known what they can be read as."""
    context, table, location = opening.context, opening.table, listed.location
    try:
        with looking_at(table, opening.url):
            format_.register(context, table, location, None, keys)
    except IntrospectionError:
        untyped = format_.untyped(listed.urls[0])
        if untyped is None:
            raise
        format_.register(context, table, location, untyped, keys)


def _opened(format_: TextFormat, opening: Opening, listed: Listed) -> Opened:
    context, table, promised = opening.context, opening.table, opening.promised
    source = opening.source
    keys = pa.schema([(key, FOLDER_TYPE) for key in listed.partition_keys])
    _infer(format_, opening, listed, keys)
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
        dialect=format_.dialect,
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
    if format_.tells_text or not accepted:
        # DataFusion 55 infers text where numbers and text are mixed, and reads a number as a time where it is
        # told to, therefore all that may be a time is read as the text that it was inferred to be.
        untimed = accepted - times_in(promised)
        _read(urls, format_, retyped(stored, promised, rule, untimed))
    return retyped(stored, promised, rule, accepted)


def _readable(urls: Sequence[str], format_: TextFormat, schema: pa.Schema) -> bool:
    try:
        with looking_at(None):
            _read(urls, format_, schema)
    except IntrospectionError:
        return False
    return True


def _read(urls: Sequence[str], format_: TextFormat, schema: pa.Schema) -> None:
    """All values of all rows. Raises what the engine raises."""
    context = open_believing_nothing(stores=urls)
    names = [identifier(name) for name in schema.names]
    for url in urls:
        frame = format_.read_file(context, url, schema)
        for _ in frame.select(*names).execute_stream():
            pass
