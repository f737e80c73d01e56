"""A type name and the parameters after it to a `pa.DataType` that has no children."""

import re
from collections.abc import Callable

import pyarrow as pa

from cst_contracts.datatypes.names import DECIMAL_PRECISION, PLAIN_TYPES, TEMPORAL_UNITS
from cst_contracts.datatypes.scanner import Scanner, shown

MAX_INT32 = 2**31 - 1

_INTEGER = re.compile(r"-?[0-9]{1,10}")
_UNIT = re.compile(r"[a-z]+")
_TIME_ZONE = re.compile(r"(?:tz\s*=\s*)?([^\]\s]+)")

_DECIMALS: dict[str, Callable[[int, int], pa.DataType]] = {
    "decimal": pa.decimal128,
    "decimal32": pa.decimal32,
    "decimal64": pa.decimal64,
    "decimal128": pa.decimal128,
    "decimal256": pa.decimal256,
}


def parse_leaf(word: str, scanner: Scanner) -> pa.DataType | None:
    """The type without children that the word starts; None where it starts no such type."""
    if word in PLAIN_TYPES:
        return PLAIN_TYPES[word]
    if word in TEMPORAL_UNITS:
        return _temporal(word, scanner)
    if word in DECIMAL_PRECISION:
        return _decimal(word, scanner)
    match word:
        case "date32" | "date64":
            return _date(word, scanner)
        case "fixed_size_binary":
            return pa.binary(parse_size(scanner))
        case _:
            return None


def _date(word: str, scanner: Scanner) -> pa.DataType:
    if scanner.take("["):
        scanner.expect("day" if word == "date32" else "ms")
        scanner.expect("]")
    return pa.date32() if word == "date32" else pa.date64()


def _temporal(word: str, scanner: Scanner) -> pa.DataType:
    units = TEMPORAL_UNITS[word]
    instead = "write " + ", ".join(f"`{word}[{unit}]`" for unit in units[:-1])
    instead += f" or `{word}[{units[-1]}]`"
    if not scanner.take("["):
        raise scanner.error(f"{word} without a unit", instead)
    start = scanner.skip_space()
    unit = scanner.expect_match(_UNIT, "a unit", instead).group()
    if unit not in units:
        raise scanner.error(f"{shown(unit)} is no unit of {word}", instead, start)
    zone = None
    if word == "timestamp" and scanner.take(","):
        zone = scanner.expect_match(_TIME_ZONE, "a time zone", "write `tz=UTC`")[1]
    scanner.expect("]")
    match word:
        case "time32":
            return pa.time32(unit)
        case "time64":
            return pa.time64(unit)
        case "duration":
            return pa.duration(unit)
        case _:
            return pa.timestamp(unit, zone)


def _decimal(word: str, scanner: Scanner) -> pa.DataType:
    most = DECIMAL_PRECISION[word]
    scanner.expect("(")
    precision = parse_integer(scanner, f"the precision of {word}", 1, most)
    scale = 0
    if scanner.take(","):
        scale = parse_integer(scanner, f"the scale of {word}", -MAX_INT32, MAX_INT32)
    scanner.expect(")")
    return _DECIMALS[word](precision, scale)


def parse_size(scanner: Scanner) -> int:
    scanner.expect("[")
    size = parse_integer(scanner, "the size", 0, MAX_INT32)
    scanner.expect("]")
    return size


def parse_integer(scanner: Scanner, noun: str, least: int, most: int) -> int:
    instead = f"write an integer from {least} to {most}"
    start = scanner.skip_space()
    written = scanner.expect_match(_INTEGER, noun, instead).group()
    if not least <= int(written) <= most:
        raise scanner.error(f"{written} cannot be {noun}", instead, start)
    return int(written)
