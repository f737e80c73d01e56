"""What a contract file says once it keeps to the grammar: values under known keys, with their places."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar

from msgspec import Struct

from cst_contracts.contract.kinds import Record
from cst_contracts.contract.nodes import Scalar
from cst_contracts.location import Location

_T = TypeVar("_T")
_Choice = TypeVar("_Choice", bound=StrEnum)


class Pairs(Struct, frozen=True):
    entries: tuple[tuple[Scalar, "Value"], ...]


class Items(Struct, frozen=True):
    items: tuple["Value", ...]
    place: Location


class Form(Struct, frozen=True):
    """A mapping that was read by its record, with one method for each kind of value.

    Ill-formed values are absent from `values`; `key_places` has their keys all the same. What is absent
    has the default that the record names.
    """

    place: Location
    values: Mapping[str, "Value"]
    key_places: Mapping[str, Location]
    record: Record

    def value(self, key: str, kind: type[_T]) -> _T | None:
        value = self.values.get(key)
        return value if isinstance(value, kind) else None

    def text(self, key: str) -> Scalar | None:
        return self.value(key, Scalar)

    def words(self, key: str) -> str:
        """The text under a key, or its default; empty where it has neither."""
        text = self.text(key)
        return text.text if text else str(self.record.keys[key].default or "")

    def optional(self, key: str) -> str | None:
        text = self.text(key)
        return text.text if text else None

    def flag(self, key: str) -> bool:
        value = self.value(key, bool)
        return self.record.keys[key].default is True if value is None else value

    def choice(self, key: str, choices: type[_Choice]) -> _Choice:
        """One of the choices of a key that has a default."""
        return choices(self.words(key))

    def items(self, key: str) -> tuple["Value", ...]:
        value = self.value(key, Items)
        return value.items if value else ()

    def forms(self, key: str) -> tuple["Form", ...]:
        return tuple(item for item in self.items(key) if isinstance(item, Form))

    def texts(self, key: str) -> tuple[Scalar, ...]:
        value = self.values.get(key)
        return () if value is None else texts(value)

    def named(self, key: str, name: str) -> tuple["Named", ...]:
        """The items that are a name, or a form that says its name under the key `name`."""
        items = ((item, _name(item, name)) for item in self.items(key))
        return tuple(
            Named(text, item.place, item if isinstance(item, Form) else None)
            for item, text in items
            if text and isinstance(item, Form | Scalar)
        )

    def pairs(self, key: str) -> tuple[tuple[Scalar, "Value"], ...]:
        pairs = self.value(key, Pairs)
        return pairs.entries if pairs else ()


class Named(Struct, frozen=True):
    """An item of a list that has a name. `form` is None where the name is all that is written."""

    name: Scalar
    place: Location
    form: Form | None


Value: TypeAlias = Scalar | bool | int | date | datetime | Items | Pairs | Form


def texts(value: Value) -> tuple[Scalar, ...]:
    """The texts of a list; or the one text that may stand for a list of one."""
    if isinstance(value, Scalar):
        return (value,)
    items = value.items if isinstance(value, Items) else ()
    return tuple(item for item in items if isinstance(item, Scalar))


def _name(item: Value, key: str) -> Scalar | None:
    if isinstance(item, Form):
        return item.text(key)
    return item if isinstance(item, Scalar) else None
