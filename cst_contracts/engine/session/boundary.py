"""Whatever an engine throws, as one IntrospectionError."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from cst_contracts.engine.session.trouble import IntrospectionError

#: Engine errors can carry thousands of characters of debug text; the cause comes first.
_LONGEST_CAUSE = 400
#: deltalake colours the arrows between its causes.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def looking_at(table: str | None, location: str | None = None) -> Iterator[None]:
    """The one boundary behind which engine errors, panics included, become IntrospectionError."""
    try:
        yield
    except IntrospectionError:
        raise
    except Exception as error:
        raise IntrospectionError(cause_of(error), relation=table, location=location) from error
    except BaseException as error:
        # A panic in Rust is raised as a BaseException whose class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        cause = f"the engine panicked: {cause_of(error)}"
        raise IntrospectionError(cause, relation=table, location=location) from error


def cause_of(error: BaseException) -> str:
    told = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    text = " ".join(_COLOUR.sub("", told).split())
    for noise in ("DataFusion error: ", "FFI error: ", "External error: "):
        text = text.replace(noise, "")
    text = text or type(error).__name__
    return text if len(text) <= _LONGEST_CAUSE else f"{text[:_LONGEST_CAUSE]}…"
