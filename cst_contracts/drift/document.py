"""Reads JSON text as typed values, and says in one sentence what is wrong with it, and where."""

import json
import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from cst_contracts.errors import CstContractsError

T = TypeVar("T")
_AT = re.compile(r" - at (?:`key` in )?`\$\.?(?P<path>.*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`$", re.DOTALL)
_TYPES = re.compile(r"`([^`]*)`")
_WORDS = {
    "array": "an array",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "null": "null",
    "object": "an object",
    "str": "a string",
}


class Document(Struct, frozen=True):
    """The JSON text of a file.

    Whatever is wrong is raised as `error`, with the file's name in front and `way_out` behind: what the
    reader may do about it.
    """

    text: str
    file: str
    way_out: str
    error: type[CstContractsError]

    def members(self) -> dict[str, Any]:
        """The members of the object that the whole text is, of any shape below that.

        Refused are texts that are no JSON, and objects that name one member twice: a merge that went
        wrong leaves such files, and JSON readers take the last member in silence.
        """
        try:
            whole = json.loads(self.text, object_pairs_hook=_each_once)
        except json.JSONDecodeError as error:
            raise self._error(f":{error.lineno}:{error.colno}: not JSON ({error.msg})") from error
        except RecursionError as error:
            raise self._error(": nested too deeply") from error
        except _TwiceError as error:
            raise self._error(f": {error}") from error
        if not isinstance(whole, dict):
            raise self.refusal("", f"expected an object, found {_kind(whole)}")
        return whole

    def read(self, shape: type[T]) -> T:
        """The whole text as a value of `shape`; call `members` first, whose errors tell more."""
        try:
            return msgspec.json.decode(self.text.encode(), type=shape)
        except msgspec.DecodeError as error:  # of which a ValidationError is one
            raise self._error(_sentence(str(error))) from error

    def refusal(self, path: str, what: str) -> CstContractsError:
        """The error to raise for the value that `path` leads to, as `fields[3].nullable`."""
        return self._error(f": {path}: {what}" if path else f": {what}")

    def _error(self, what: str) -> CstContractsError:
        return self.error(f"{self.file}{what}; {self.way_out}")


class _TwiceError(ValueError):
    pass


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _TwiceError(f"member {json.dumps(twice)} stands twice in one object")
    return members


def _kind(value: object) -> str:
    return "an array" if isinstance(value, list) else json.dumps(value)


def _sentence(message: str) -> str:
    """msgspec's message in this project's words, with the place in front."""
    at = _AT.search(message)
    place = f": {at['path']}" if at and at["path"] else ""
    what = _AT.sub("", message)
    missing = _MISSING.fullmatch(what)
    if missing is not None:
        return f"{place}: {json.dumps(missing['name'])} is missing"
    what = _TYPES.sub(_type_words, what).replace(", got ", ", found ")
    return f"{place}: {what if what.startswith('JSON') else what[:1].lower() + what[1:]}"


def _type_words(types: re.Match[str]) -> str:
    return " or ".join(_WORDS.get(each, f"`{each}`") for each in types[1].split(" | "))
