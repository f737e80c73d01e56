"""What went wrong with a file → its row of `parse_errors`."""

from typing import NamedTuple

from cst_contracts.extract.identity import FileIdentity
from cst_contracts.extract.nodes import Attrs
from cst_contracts.extract.places import error_place
from cst_contracts.extract.schema import COLUMN_UNIT, LINE_BASE
from cst_contracts.extract.text import storable


class ParseError(NamedTuple):
    """Lines count from 1; `raw_column` counts code points from 0, `editor_column` from 1."""

    file_id: str
    path: str
    file_sha256: str | None
    error_type: str
    message: str
    raw_line: int | None
    raw_column: int | None
    editor_line: int | None
    editor_column: int | None
    context: str | None
    line_base: int
    col_unit: str
    end_exclusive: bool
    meta: Attrs


class NestingError(Exception):
    """Source that is nested deeper than Python itself accepts; LibCST's parser could crash."""


class WorkerDiedError(Exception):
    """The process that read the file did not come back."""


def parse_error(
    identity: FileIdentity, stage: str, error: BaseException, data: bytes | None = None
) -> ParseError:
    """`stage` says how far the file came: read, parse, metadata, scopes or tables.

    With the bytes of the file, an error of the parser has its place.
    """
    cause = _cause(error)
    at = error_place(cause, data)
    return ParseError(
        *identity.common,
        error_type=type(cause).__name__,
        message=_message(cause),
        raw_line=at.raw_line,
        raw_column=at.raw_column,
        editor_line=at.editor_line,
        editor_column=at.editor_column,
        context=None if at.context is None else storable(at.context),
        line_base=LINE_BASE,
        col_unit=COLUMN_UNIT,
        end_exclusive=True,
        meta=(("stage", stage),),
    )


def _cause(error: BaseException) -> BaseException:
    """LibCST's clean-up fails in its own ways when a recursion ends; the recursion is the cause."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, RecursionError):
            return at
        at = at.__context__
    return error


def _message(error: BaseException) -> str:
    # An exception may hold a node as its argument, and printing a deep tree fails once more.
    texts = [text for text in error.args if isinstance(text, str)]
    return storable(": ".join(texts))
