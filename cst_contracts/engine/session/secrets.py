"""Takes out of texts what nobody but a store may read: users, passwords and queries of URLs, what the
environment fills in for `${NAME}`, and the keys of stores."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.urls import without_credentials

T = TypeVar("T")


_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: Shorter values would be found in the midst of words that have nothing to do with them.
_SHORT = 3
#: No key of a store that guards anything is shorter.
_LEAST_KEY = 16
_KEY = "<redacted>"
#: What this process has filled in or signs with, and what stands in its place in all that it says.
_hidden: dict[str, str] = {}


def filled(text: str, environment: Mapping[str, str]) -> str:
    """The text with its `${NAME}` from the environment; from now on, nobody is told what they stood for.
    Raises KeyError with a name that the environment has not."""
    if "${" not in text:
        return text
    for name in dict.fromkeys(_NAME.findall(text)):
        if environment[name]:
            _hide(environment[name], f"${{{name}}}")
    return _NAME.sub(lambda found: environment[found[1]], text)


def hide_key(key: str | None) -> None:
    """From now on, nobody is told the key."""
    if key is not None and len(key) >= _LEAST_KEY:
        _hide(key, _KEY)


def redacted(text: str) -> str:
    """The text, its URLs without user, password and query, and with nothing that is hidden."""
    bare = text
    for value in sorted(_hidden, key=len, reverse=True):
        if value in bare:
            bare = _without(bare, value)
    return without_credentials(bare)


def told(answer: T) -> T:
    """The answer with all its texts redacted, where this process has anything to hide."""
    return cast(T, _told(answer)) if _hidden else answer


def _told(value: object) -> object:
    if type(value) is str:
        return redacted(value)
    if isinstance(value, Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        found = {name: _told(each) for name, each in fields.items()}
        changed = {name: each for name, each in found.items() if each is not fields[name]}
        return replace(value, **changed) if changed else value
    if type(value) in (tuple, list, frozenset, set):
        return _of_items(value)
    if type(value) is dict:
        return {_told(key): _told(each) for key, each in value.items()}
    return value


def _of_items(values: Any) -> object:
    """The values themselves where nothing in them changes."""
    found = [_told(each) for each in values]
    same = all(new is old for new, old in zip(found, values, strict=True))
    return values if same else type(values)(found)


def _hide(value: str, instead: str) -> None:
    for each in (value, quote(value), quote(value, safe="")):
        _hidden.setdefault(each, instead)


def _without(text: str, value: str) -> str:
    if len(value) >= _SHORT:
        return text.replace(value, _hidden[value])
    whole = rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])"
    return re.sub(whole, lambda _: _hidden[value], text)
