"""What a contract file says, once it is known to keep to the grammar: values under known keys."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeAlias, TypeVar

from msgspec import Struct

from cst_contracts.contract.nodes import Scalar
from cst_contracts.location import Location

_T = TypeVar("_T")


class Pairs(Struct, frozen=True):
    entries: tuple[tuple[Scalar, "Value"], ...]


class Items(Struct, frozen=True):
    items: tuple["Value", ...]
    place: Location


class Form(Struct, frozen=True):
    """A mapping read by its record. Ill-formed values are absent; `key_places` has their keys."""

    place: Location
    values: Mapping[str, "Value"]
    key_places: Mapping[str, Location]

    def value(self, key: str, kind: type[_T]) -> _T | None:
        value = self.values.get(key)
        return value if isinstance(value, kind) else None

    def text(self, key: str) -> Scalar | None:
        return self.value(key, Scalar)

    def words(self, key: str, default: str = "") -> str:
        text = self.text(key)
        return text.text if text else default

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.value(key, bool)
        return default if value is None else value

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
    """`form` is None where the name is all that is written."""

    name: Scalar
    place: Location
    form: Form | None


Value: TypeAlias = Scalar | bool | int | date | datetime | Items | Pairs | Form


def texts(value: Value) -> tuple[Scalar, ...]:
    """Of a list, or of the one text that may stand for a list of one."""
    match value:
        case Scalar():
            return (value,)
        case Items(items):
            return tuple(item for item in items if isinstance(item, Scalar))
        case _:
            return ()


def _name(item: Value, key: str) -> Scalar | None:
    if isinstance(item, Form):
        return item.text(key)
    return item if isinstance(item, Scalar) else None
