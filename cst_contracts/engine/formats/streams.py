"""Unbounded sources (a CSV or JSON file, or a named pipe) to a registration, and what its plan says.

Nothing can be inferred from what has not come yet, so the engine is told the promised fields, and nothing of
them is believed: what the rows hold is seen when they are read (`streams`).
"""

from collections.abc import Sequence

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.contract.model import SourceContract, SourceFormat
from cst_contracts.engine.formats.csv import CsvFormat
from cst_contracts.engine.formats.format import Stream
from cst_contracts.engine.formats.formats import format_of
from cst_contracts.engine.formats.json import JsonFormat
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError, Refused
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.facts import SortTerm, Trouble
from cst_contracts.sql.external_tables import external_stream
from cst_contracts.sql.types import sql_type


def register_stream(
    context: SessionContext, table: str, url: str, source: SourceContract, fields: pa.Schema
) -> Stream:
    """Raises IntrospectionError; TableMissing where nothing is there."""
    with looking_at(table, url):
        stream = stream_at(table, url, source.format, fields)
        declare_stream(context, table, stream)
        return stream


def stream_at(table: str, url: str, format_: SourceFormat, fields: pa.Schema) -> Stream:
    with looking_at(table, url):
        if not is_local(url):
            raise Refused("the engine opens unbounded sources on this machine only")
        path = local_path(url)
        if not path.exists():
            raise IntrospectionError(
                "no file or pipe there", relation=table, location=url, trouble=Trouble.MISSING
            )
        if path.is_dir():
            raise Refused("it is a folder; an unbounded source is one file or named pipe")
        return Stream(path, format_, fields, pipe=path.is_fifo())


def declare_stream(
    context: SessionContext, table: str, stream: Stream, order: Sequence[SortTerm] = ()
) -> None:
    """With nothing declared NOT NULL. JSON is read by name, so that fields can be left out."""
    found = {field.name: sql_type(field.type) for field in stream.fields}
    unspeakable = [name for name, type_ in found.items() if type_ is None]
    if unspeakable and text_format(stream.format).by_position:
        cause = f"SQL has no word for the type of {', '.join(unspeakable)}"
        raise IntrospectionError(cause, relation=table)
    columns = {name: type_.text for name, type_ in found.items() if type_ is not None}
    context.sql(external_stream(table, stream.format, columns, str(stream.path), order))


def text_format(format_: SourceFormat) -> CsvFormat | JsonFormat:
    """The format of an unbounded source. Raises ValueError for one whose files must end to be read."""
    found = format_of(format_)
    if not isinstance(found, CsvFormat | JsonFormat):
        raise Refused(f"no {format_} file can be read before it ends")
    return found
