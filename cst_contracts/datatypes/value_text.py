"""A value to short text for people: whatever its type, and however far beyond what Python can hold."""

import pyarrow as pa

from cst_contracts.datatypes import same_type

_LONGEST = 60


def told_value(value: pa.Scalar) -> str:
    return _cut(_text(value))


def quoted_value(value: pa.Scalar | None) -> str:
    """Text in quotes; what is not there is NULL."""
    if value is None or not value.is_valid:
        return "NULL"
    return _cut(repr(value.as_py()) if same_type(value.type, pa.string()) else _text(value))


def _text(value: pa.Scalar) -> str:
    try:
        return str(value.as_py())
    except (ValueError, OverflowError):  # a time that is finer or further away than Python's are
        return str(pa.repeat(value, 1).to_string(skip_new_lines=True))[1:-1].strip()


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
