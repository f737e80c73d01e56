"""The words in which a language of mappings is described: kinds of value, keys, records."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct


class TextKind(Struct, frozen=True):
    """Text that `pattern` matches as a whole; `wanted` says so in words.

    Patterns keep to what regular expressions mean in Python and in JSON Schema alike.
    """

    wanted: str = "text"
    pattern: str | None = None
    may_be_empty: bool = False


class FlagKind(Struct, frozen=True):
    wanted: str = "`true` or `false`"


class NumberKind(Struct, frozen=True):
    wanted: str = "a whole number"
    most: int = 2**63 - 1


class DayKind(Struct, frozen=True):
    wanted: str = "a date such as `2027-01-31`"
    pattern: str = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


class MomentKind(Struct, frozen=True):
    wanted: str = "a time with its zone, such as `2026-01-31T00:00:00Z`"
    pattern: str = (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
        r"(Z|[+-][0-9]{2}:[0-9]{2})"
    )


class SettingKind(Struct, frozen=True):
    """A setting's value as text; what `plain` matches may go without quotes though it is no text
    to YAML."""

    wanted: str = "text, a whole number, `true` or `false`"
    plain: str = r"0|-?[1-9][0-9]*|true|false"


class ChoiceKind(Struct, frozen=True):
    choices: tuple[str, ...]


class ListKind(Struct, frozen=True):
    """`entry` names one item in messages."""

    item: "Kind"
    entry: str
    least: int = 0
    wanted: str = "a list"


class PairsKind(Struct, frozen=True):
    """A mapping whose keys are the author's own names."""

    value: "Kind"
    entry: str
    least: int = 0
    most: int | None = None
    wanted: str = "a mapping"


class RecordKind(Struct, frozen=True):
    """A mapping that `RECORDS` describes under this name."""

    record: str
    wanted: str = "a mapping"


class EitherKind(Struct, frozen=True):
    """A short spelling and a long one, told apart by whether a scalar stands there."""

    short: TextKind
    long: RecordKind | ListKind
    wanted: str


ScalarKind: TypeAlias = (
    TextKind | FlagKind | NumberKind | DayKind | MomentKind | SettingKind | ChoiceKind
)
Kind: TypeAlias = ScalarKind | ListKind | PairsKind | RecordKind | EitherKind


class Key(Struct, frozen=True):
    """`example` is what to write under a required key that is missing."""

    name: str
    kind: Kind
    description: str
    required: bool = False
    default: bool | str | None = None
    example: str = "…"


class Refusal(Struct, frozen=True):
    """A key that has no place here; with `only_true`, only where it says `true`."""

    key: str
    what: str
    instead: str
    only_true: bool = False


class Condition(Struct, frozen=True):
    """What holds where `key` is written, or where it has one of `choices`."""

    key: str
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    refuses: tuple[Refusal, ...] = ()


class Record(Struct, frozen=True):
    """`exactly_one` and `at_least_one` name keys; empty values do not count for the latter."""

    noun: str
    description: str
    keys: Mapping[str, Key]
    exactly_one: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


def keys_by_name(*keys: Key) -> Mapping[str, Key]:
    return MappingProxyType({key.name: key for key in keys})


def required_key(name: str, kind: Kind, description: str, example: str) -> Key:
    return Key(name, kind, description, required=True, example=example)


def choice_of(choices: type[StrEnum]) -> ChoiceKind:
    return ChoiceKind(tuple(choices))


TEXT = TextKind()
PROSE = TextKind(may_be_empty=True)
FLAG = FlagKind()
_NAME_PART = r'[^\s."\x00-\x1f]([^."\x00-\x1f]*[^\s."\x00-\x1f])?'
TABLE_NAME = TextKind(
    "a table name such as `cst_refs`, `schema.cst_refs` or `catalog.schema.cst_refs`",
    rf"{_NAME_PART}(\.{_NAME_PART}){{0,2}}",
)
SEMANTIC_VERSION = TextKind(
    "a semantic version such as `1.10.0`",
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(-(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
    r"(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?",
)
ARROW_TYPE = TextKind("an Arrow type such as `int64` or `list<string>`")
SQL = TextKind("SQL text", r"[\s\S]*\S[\s\S]*")
WORDS = TextKind("words", r"[\s\S]*\S[\s\S]*")
CHECK_ID = TextKind("a check id such as `fields` or `rule[name]`", r"[a-z]+(\[[^\n]+\])?")
FIELD_NAME = TextKind("a field name")
FIELD_NAMES = ListKind(FIELD_NAME, "a field name", least=1, wanted="a list such as `[file_id]`")
