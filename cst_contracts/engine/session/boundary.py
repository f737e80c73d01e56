"""Whatever an engine throws, as one IntrospectionError in words for people."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import gettempdir

from cst_contracts.engine.session.trouble import IntrospectionError, Refused
from cst_contracts.facts import Trouble

#: Engine errors can carry thousands of characters of debug text; the cause comes first.
_LONGEST_CAUSE = 400
#: deltalake colours the arrows between its causes.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: Rust's own notation of values, as in `SchemaError(FieldNotFound { … }, Some(""))` or `ParserError("…")`.
_DEBUG = re.compile(r'(?:^|(?<=: ))(?:[A-Z]\w*\()+(?=[A-Z]\w* \{|")')
#: What a layer that hands an error on has put before it once more, as in `Parquet error: Parquet error: …`.
_TWICE = re.compile(r"(\b[A-Z]\w* error: )\1+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NAMED = re.compile(r'name: "((?:[^"\\]|\\.)*)"')
#: Stacks without symbols.
_STACK = re.compile(
    r"\s*(?:stack backtrace:|(?:\d+: )?<unknown>|note: run with `RUST_BACKTRACE).*$", re.S
)
_DOUBLED = re.compile(
    r"DuplicateQualifiedField|DuplicateUnqualifiedField|duplicate (?:un)?qualified field"
)
#: What the system, the engine and numpy say of a disk that is full; numpy does not even say that it is one.
_FULL = re.compile(r"No space left on device|^\d+ requested and \d+ written$")
#: DataFusion 55 takes a store that nobody has registered for a bug of its own.
_STORELESS = re.compile(r"No suitable object store found for (\S+?)\. See")
#: An error that Python code raised within a query of the engine's.
_PYTHON = re.compile(r"Python error PyErr \{ type: .*?, value: \w+\((['\"])(.*?)\1\).*", re.S)
#: DataFusion 55 takes an Arrow file that was cut short for a bug of its own, and asks to report it.
_NO_ARROW = re.compile(
    r"Failed to parse Arrow file as .*? File format error: (.*?)\.? Stream format"
)
_ABSENT = re.compile(r'FieldNotFound \{ field: Column \{ .*? name: "([^"]*)"')
_DOUBLED_NAME = re.compile(r"field name (?:\S+\.)?\"?([^\s\"]+)\"?")


@contextmanager
def looking_at(table: str | None, location: str | None = None) -> Iterator[None]:
    """The one boundary behind which engine errors, panics included, become IntrospectionError."""
    try:
        yield
    except IntrospectionError:
        raise
    except Refused as error:
        raise IntrospectionError(
            cause_of(error), relation=table, location=location, trouble=error.trouble
        ) from error
    except Exception as error:
        raise _of_engine(cause_of(error), table, location) from error
    except BaseException as error:
        # A panic in Rust is raised as a BaseException whose class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        cause = f"the engine panicked: {cause_of(error)}"
        raise _of_engine(cause, table, location) from error


def _of_engine(cause: str, table: str | None, location: str | None) -> IntrospectionError:
    return IntrospectionError(cause, relation=table, location=location, trouble=Trouble.ENGINE)


def cause_of(error: BaseException) -> str:
    told = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    text = " ".join(_STACK.sub("", _COLOUR.sub("", told)).split())
    for noise in ("DataFusion error: ", "FFI error: ", "External error: "):
        text = text.replace(noise, "")
    text = _TWICE.sub(r"\1", text)
    text = _in_words(text) or type(error).__name__
    return text if len(text) <= _LONGEST_CAUSE else f"{text[:_LONGEST_CAUSE]}…"


def _in_words(text: str) -> str:
    """DataFusion 55 tells some errors in Rust's notation of values: what people need of it are the texts in
    quotes."""
    if _FULL.search(text):
        return f"no space is left on the disk of {gettempdir()}, where queries spill; set TMPDIR to another"
    if _DOUBLED.search(text):
        named = _NAMED.search(text) or _DOUBLED_NAME.search(text)
        return f"two fields are called {named[1]}" if named else "two fields have one name"
    if storeless := _STORELESS.search(text):
        return f"the session knows no store for {storeless[1]}; register it there (`register_object_store`)"
    if raised := _PYTHON.search(text):
        return raised[2]
    if arrow := _NO_ARROW.search(text):
        return f"it is no Arrow file, or was cut short: {arrow[1]}"
    if absent := _ABSENT.search(text):
        return f"there is no field {absent[1]}"
    debug = _DEBUG.search(text)
    if debug is None:
        return text
    quoted = [each for each in _QUOTED.findall(text[debug.start() :]) if each]
    words = ", ".join(each.replace('\\"', '"').replace("\\n", " ") for each in quoted)
    return f"{text[: debug.start()]}{words}" if words else text
