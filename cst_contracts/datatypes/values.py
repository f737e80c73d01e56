"""What text means as a value of an Arrow type, exactly, and which types have values that compare."""

import re
from collections.abc import Callable
from datetime import time
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc


class Family(StrEnum):
    """Types whose values can be written in a contract, and how these compare."""

    TEXT = "text"
    BYTES = "bytes"
    NUMBER = "numbers"
    FLAG = "booleans"
    TIME = "times"


_WHOLE = re.compile(r"[+-]?[0-9]{1,80}")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,80}(?:\.[0-9]{0,80})?|\.[0-9]{1,80})(?:[eE][+-]?[0-9]{1,4})?"
)
_ENDLESS = re.compile(r"([+-]?)\.?(inf|nan)", re.IGNORECASE)
_BYTES = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")


def value_type(type_: pa.DataType) -> pa.DataType:
    """The type of what a field holds, however it is encoded."""
    encoded = pa.types.is_dictionary(type_) or pa.types.is_run_end_encoded(type_)
    return value_type(type_.value_type) if encoded else type_


def family(type_: pa.DataType) -> Family | None:
    """None for types whose values cannot be written, or do not compare."""
    plain = value_type(type_)
    return next((each for each, is_of in _FAMILIES if is_of(plain)), None)


def value_of(text: str, type_: pa.DataType) -> pa.Scalar:
    """The value of the type that the text is, with nothing rounded but to the next float. Raises ValueError
    where the type has no such value."""
    plain = value_type(type_)
    try:
        return _read(text, plain)
    except (pa.ArrowException, OverflowError, InvalidOperation) as error:
        raise ValueError(text) from error


def written_value(value: pa.Scalar) -> str:
    """How a contract writes a value of a type that has a family; the opposite of `value_of`."""
    match family(value.type):
        case Family.BYTES:
            return f"0x{value.as_py().hex()}"
        case Family.FLAG | Family.TIME:
            return str(value.cast(pa.string()).as_py())
        case Family.TEXT | Family.NUMBER:
            return str(value.as_py())
        case None:
            raise TypeError(f"a contract writes no value of type {value.type}")


def values_wanted(type_: pa.DataType) -> str:
    """What to write for a value of the type, in words."""
    plain = value_type(type_)
    match family(plain):
        case Family.NUMBER if pa.types.is_integer(plain):
            least, most = _bounds(plain)
            return f"a whole number from {least} to {most}"
        case Family.NUMBER if pa.types.is_decimal(plain):
            return f"a number of at most {plain.precision} digits, {plain.scale} of them after the point"
        case Family.NUMBER:
            return "a number"
        case Family.TEXT:
            return "text"
        case Family.BYTES:
            return "bytes as `0x` and hexadecimal digits, such as `0x00ff`"
        case Family.FLAG:
            return "`true` or `false`"
        case Family.TIME:
            return f"a value such as `{_example(plain)}`"
        case None:
            return "nothing"


def _read(text: str, type_: pa.DataType) -> pa.Scalar:
    match family(type_):
        case Family.TEXT:
            return pa.scalar(text, type_)
        case Family.BYTES:
            return pa.scalar(bytes.fromhex(_matched(_BYTES, text)[1]), type_)
        case Family.NUMBER:
            return _number(text, type_)
        case Family.FLAG if text in ("true", "false"):
            return pa.scalar(text == "true")
        case Family.TIME:
            return _time(text, type_)
        case Family.FLAG | None:
            raise ValueError(text)


def _number(text: str, type_: pa.DataType) -> pa.Scalar:
    if pa.types.is_integer(type_):
        return pa.scalar(int(_matched(_WHOLE, text)[0]), type_)
    if pa.types.is_decimal(type_):
        return pa.scalar(Decimal(_matched(_NUMBER, text)[0]), type_)
    endless = _ENDLESS.fullmatch(text)
    if endless is not None:
        return pa.scalar(float(endless[1] + endless[2]), type_)
    value = pa.scalar(float(_matched(_NUMBER, text)[0]), type_)
    if value.as_py() in (float("inf"), float("-inf")):
        raise ValueError(text)
    return value


def _time(text: str, type_: pa.DataType) -> pa.Scalar:
    if pa.types.is_time(type_):
        written = time.fromisoformat(text)
        value = pa.scalar(written, type_)
        if value.as_py() != written:  # pyarrow drops the zone, and what is finer than the unit
            raise ValueError(text)
        return value
    return pa.scalar(text).cast(type_)


def is_less(one: pa.Scalar, other: pa.Scalar) -> bool:
    """Of two values of one type that has an order, neither of them null or NaN."""
    less, more = (_comparable(pa.array([each])) for each in (one, other))
    return bool(pc.less(less, more)[0].as_py())


def _comparable(values: pa.Array) -> pa.Array:
    """pyarrow does not compare half floats, nor views of text or bytes."""
    if pa.types.is_float16(values.type):
        return values.cast(pa.float32())
    return values.cast(pa.binary()) if values.type in _VIEWS else values


_VIEWS = (pa.string_view(), pa.binary_view())


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return found


def _bounds(type_: pa.DataType) -> tuple[int, int]:
    bits = type_.bit_width
    if pa.types.is_unsigned_integer(type_):
        return 0, int(2**bits - 1)
    return -int(2 ** (bits - 1)), int(2 ** (bits - 1) - 1)


def _example(type_: pa.DataType) -> str:
    if pa.types.is_date(type_):
        return "2026-01-31"
    if pa.types.is_time(type_):
        return "12:30:00"
    return "2026-01-31T12:30:00" + ("" if type_.tz is None else "Z")


def _is_text(type_: pa.DataType) -> bool:
    return type_ in (pa.string(), pa.large_string(), pa.string_view())


def _is_bytes(type_: pa.DataType) -> bool:
    plain = type_ in (pa.binary(), pa.large_binary(), pa.binary_view())
    return plain or bool(pa.types.is_fixed_size_binary(type_))


def _is_number(type_: pa.DataType) -> bool:
    of_point = pa.types.is_floating(type_) or pa.types.is_decimal(type_)
    return bool(of_point or pa.types.is_integer(type_))


def _is_time(type_: pa.DataType) -> bool:
    return bool(pa.types.is_date(type_) or pa.types.is_time(type_) or pa.types.is_timestamp(type_))


_FAMILIES: tuple[tuple[Family, Callable[[pa.DataType], bool]], ...] = (
    (Family.TEXT, _is_text),
    (Family.BYTES, _is_bytes),
    (Family.NUMBER, _is_number),
    (Family.FLAG, pa.types.is_boolean),
    (Family.TIME, _is_time),
)
