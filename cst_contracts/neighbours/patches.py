"""What one document says beyond another, as a value that travels, and is put back."""

from collections.abc import Mapping, Sequence
from typing import Any

from cst_contracts.neighbours.documents import Document

#: The keys that the other document has, and this one has not.
_WITHOUT = "without"
#: Lists whose entries are sets: only those are told that the other has not.
_SETS = frozenset({"keys", "references"})
#: Lists whose entries have names.
_NAMED = frozenset({"rules", "aggregates"})


def patch(whole: Mapping[str, Any], base: Mapping[str, Any]) -> Document:
    """What `patched` makes the whole of the base with; empty where they are alike."""
    found: Document = {}
    for key, value in whole.items():
        if key not in base:
            found[key] = value
        elif base[key] != value and (said := _difference(key, value, base[key])):
            found[key] = said
    gone = [key for key in base if key not in whole]
    return {**found, _WITHOUT: gone} if gone else found


def _difference(key: str, value: Any, other: Any) -> Any:
    match value, other:
        case Mapping(), Mapping():
            return patch(value, other)
        case list(), list() if key in _SETS and all(each in value for each in other):
            return [each for each in value if each not in other]
        case list(), list() if key in _NAMED and _names(other) <= _names(value):
            return patch(_by_name(value), _by_name(other))
        case _:
            return value


def patched(base: Mapping[str, Any], change: Mapping[str, Any]) -> Document:
    gone = change.get(_WITHOUT, [])
    made = {key: value for key, value in base.items() if key not in gone}
    for key, value in change.items():
        if key != _WITHOUT:
            made[key] = _together(key, made.get(key), value)
    return made


def _together(key: str, value: Any, change: Any) -> Any:
    match value, change:
        case Mapping(), Mapping():
            return patched(value, change)
        case list(), list() if key in _SETS:
            return [*value, *(each for each in change if each not in value)]
        case list(), Mapping() if key in _NAMED:
            entries = patched(_by_name(value), change)
            return [{"name": name, **entry} for name, entry in entries.items()]
        case _:
            return change


def _names(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    return {*_by_name(entries)}


def _by_name(entries: Sequence[Mapping[str, Any]]) -> dict[str, Document]:
    return {
        each["name"]: {key: value for key, value in each.items() if key != "name"}
        for each in entries
    }
