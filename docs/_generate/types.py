"""The Arrow types that a contract can name, and how a Delta log and a session may differ in them."""

from collections.abc import Iterable

from _generate.markdown import code, table
from cst_contracts.checks.delta.tolerances import TOLERANCES
from cst_contracts.datatypes.names import (
    DECIMAL_PRECISION,
    NESTED_NAMES,
    PLAIN_TYPES,
    TEMPORAL_UNITS,
)


def types_markdown() -> str:
    """A table of the words that a type is spelled with."""
    same: dict[str, list[str]] = {}
    for name, type_ in PLAIN_TYPES.items():
        same.setdefault(str(type_), []).append(name)
    rows = [
        (
            "plain; a comma parts spellings of one type",
            _listed("; ", map(_spellings, same.values())),
        ),
        ("with a unit", _listed("; ", (f"`{name}[{unit}]`" for name, unit in _units()))),
        ("timestamps with a zone", "`timestamp[us, tz=UTC]`, `timestamp[ms, tz=Europe/Berlin]`"),
        ("dates", "`date32`, `date64`"),
        ("decimals", _listed("; ", (f"`{name}(10, 2)`" for name in DECIMAL_PRECISION))),
        ("binary of a fixed size", "`fixed_size_binary[16]`"),
        ("nested", _listed(", ", map(code, NESTED_NAMES))),
    ]
    return table(("kind", "spellings"), rows)


def tolerances_markdown() -> str:
    """A table of the differences between a Delta log and a session that are not red."""
    rows = [(each.name, each.aspect.value, each.reason) for each in TOLERANCES]
    return table(("difference", "of the", "why it is legitimate"), rows)


def _units() -> Iterable[tuple[str, str]]:
    return ((name, unit) for name, units in TEMPORAL_UNITS.items() for unit in units)


def _spellings(names: Iterable[str]) -> str:
    return ", ".join(map(code, names))


def _listed(separator: str, words: Iterable[str]) -> str:
    return separator.join(words)
