"""A JSON document to values of the expected shape, or to a SnapshotError with the place."""

import json
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.errors import SnapshotError

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

REGENERATE = "regenerate it with `pytest --snapshot-update`"


class Part(Struct, frozen=True):
    """One value of the document in `file`; `path` leads to it, as `fields[3].nullable`. `way_out` is what
    to do about a wrong one."""

    file: str
    path: str
    value: Json
    way_out: str = REGENERATE

    def members(self) -> dict[str, "Part"]:
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        prefix = f"{self.path}." if self.path else ""
        return {
            self._text(name): Part(self.file, f"{prefix}{name}", value, self.way_out)
            for name, value in self.value.items()
        }

    def record(self, *names: str) -> tuple["Part", ...]:
        """The members of an object that has these and no others."""
        members = self.members()
        if members.keys() != set(names):
            wrong = sorted(members.keys() ^ set(names))[0]
            raise self.refusal(f"an object of {', '.join(names)}", f"wrong {json.dumps(wrong)}")
        return tuple(members[name] for name in names)

    def member(self, name: str) -> "Part":
        """Of an object that may have others."""
        members = self.members()
        if name not in members:
            raise self.refusal(f"an object with {json.dumps(name)}", "none")
        return members[name]

    def elements_of(self, name: str) -> tuple["Part", ...]:
        """Of a member that an earlier release does not write."""
        member = self.members().get(name)
        return () if member is None else member.elements()

    def elements(self) -> tuple["Part", ...]:
        if not isinstance(self.value, list):
            raise self.refusal("an array")
        return tuple(
            Part(self.file, f"{self.path}[{index}]", element, self.way_out)
            for index, element in enumerate(self.value)
        )

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.refusal("a string")
        return self._text(self.value)

    def text_or_null(self) -> str | None:
        return None if self.value is None else self.text()

    def texts(self) -> tuple[str, ...]:
        return tuple(element.text() for element in self.elements())

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.refusal("true or false")
        return self.value

    def refusal(self, expected: str, found: str | None = None) -> SnapshotError:
        place = f"{self.file}: {self.path}" if self.path else self.file
        return SnapshotError(
            f"{place}: expected {expected}, found {found or _kind(self.value)}; {self.way_out}"
        )

    def _text(self, text: str) -> str:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self.refusal("text", "half of a surrogate pair")
        return text


def parse(text: str, file: str, way_out: str = REGENERATE) -> Part:
    """The whole document, in which no object names a member twice."""
    try:
        return Part(file, "", json.loads(text, object_pairs_hook=_object), way_out)
    except json.JSONDecodeError as error:
        place = f"{file}:{error.lineno}:{error.colno}"
        raise SnapshotError(f"{place}: not JSON ({error.msg}); {way_out}") from error
    except RecursionError as error:
        raise SnapshotError(f"{file}: nested too deeply; {way_out}") from error
    except ValueError as error:
        raise SnapshotError(f"{file}: {error}; {way_out}") from error


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"member {json.dumps(twice)} stands twice in one object")
    return members


def _kind(value: Json) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
        case None:
            return "null"
        case _:
            shown = json.dumps(value)
            return shown if len(shown) <= 40 else f"{shown[:40]}…"
