"""The vocabulary of the grammar: kinds of value, the keys of a mapping, and whole mappings (records)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.contract.wording import listed

# Repairs are for slips in names and versions, and take long where white space runs on.
_LONGEST_REPAIRED = 200


class TextKind(Struct, frozen=True):
    """Text that `pattern` matches as a whole; `wanted` says in words what fits.

    Patterns keep to what regular expressions mean in Python and in JSON Schema alike. `repairs` are
    tried in turn on text that does not match: the first result that does is what a message suggests.
    """

    wanted: str = "text"
    pattern: str | None = None
    may_be_empty: bool = False
    repairs: tuple[tuple[str, str], ...] = ()

    def fits(self, text: str) -> bool:
        if self.pattern is None:
            return self.may_be_empty or text != ""
        return re.fullmatch(self.pattern, text) is not None

    def repaired(self, text: str) -> str | None:
        """The text as its author is likely to have meant it, if that can be told."""
        for pattern, replacement in self.repairs if len(text) <= _LONGEST_REPAIRED else ():
            repaired = re.sub(pattern, replacement, text)
            if repaired != text and self.fits(repaired):
                return repaired
        return None


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
    """A setting's value as text. What `plain` matches needs no quotes, though YAML reads no text."""

    wanted: str = "text, a whole number, `true` or `false`"
    plain: str = r"0|-?[1-9][0-9]*|true|false"


class AmountKind(Struct, frozen=True):
    """A count, or a share of something."""

    wanted: str = "a count such as `10`, or a share below 100% such as `0.1%`"
    pattern: str = r"0|[1-9][0-9]{0,17}|[0-9]{1,2}(\.[0-9]{1,6})?%"


class ValueKind(Struct, frozen=True):
    """A value of some field's type, as text: what fits depends on the type."""

    wanted: str = "one value: text, a number, a date, `true` or `false`"


class ChoiceKind(Struct, frozen=True):
    choices: tuple[str, ...]

    @property
    def wanted(self) -> str:
        return listed(self.choices)


class ListKind(Struct, frozen=True):
    """A list of values of one kind. `entry` names one item in messages."""

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
    """A mapping that the grammar describes under the name `record`."""

    record: str
    wanted: str = "a mapping"


class EitherKind(Struct, frozen=True):
    """A short spelling and a long one, told apart by whether a scalar, a list or a mapping stands there."""

    short: TextKind | ChoiceKind | FlagKind | ListKind
    long: RecordKind | PairsKind | ListKind
    wanted: str


ScalarKind: TypeAlias = (
    TextKind
    | FlagKind
    | NumberKind
    | DayKind
    | MomentKind
    | SettingKind
    | AmountKind
    | ValueKind
    | ChoiceKind
)
Kind: TypeAlias = ScalarKind | ListKind | PairsKind | RecordKind | EitherKind
Default: TypeAlias = bool | str | tuple[()] | None


class Key(Struct, frozen=True):
    """One key of a mapping.

    `example` is a value as it would be written in a contract. `default` is what leaving the key out
    means; None says that nothing is promised then. `suggestion` takes the place of the example in a
    message about a missing key: `$name` in it stands for what the author wrote under the key `name`
    of the same mapping or of one around it.
    """

    name: str
    kind: Kind
    description: str
    example: str
    required: bool = False
    default: Default = None
    suggestion: str | None = None


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


class Foreign(Struct, frozen=True):
    """Keys that other languages have for something, and what to write for it in this one.

    `instead` may hold what `hints.py` fills in: `$value`, `$list`, `$keys`, `$fields`, and `$name` for
    what is written under the key `name`. `if_false` takes its place where the value is `false`.
    `means` is the key of the same mapping that stands for it, if one does: then that key is not told
    to be missing as well.
    """

    keys: tuple[str, ...]
    instead: str
    means: str = ""
    if_false: str = ""


class Record(Struct, frozen=True):
    """A mapping with known keys.

    `exactly_one` and `at_least_one` name keys; empty values do not count for the latter. `short` is the
    key that a lone value in place of the mapping is taken for, if it is not the first that fits.
    """

    noun: str
    description: str
    keys: Mapping[str, Key]
    exactly_one: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    short: str = ""

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys.values() if key.required)


def keys_by_name(*keys: Key) -> Mapping[str, Key]:
    return MappingProxyType({key.name: key for key in keys})


def required_key(
    name: str, kind: Kind, description: str, example: str, suggestion: str | None = None
) -> Key:
    return Key(name, kind, description, example, required=True, suggestion=suggestion)


def choice_of(choices: type[StrEnum]) -> ChoiceKind:
    return ChoiceKind(tuple(choices))


TEXT = TextKind()
PROSE = TextKind(may_be_empty=True)
NAME = TextKind("a name")
PLACE = TextKind("a path or a URI")
FLAG = FlagKind()
AMOUNT = AmountKind()
_NAME_PART = r'[^\s."\x00-\x1f]([^."\x00-\x1f]*[^\s."\x00-\x1f])?'
TABLE_NAME = TextKind(
    "a name such as `table`, `schema.table` or `catalog.schema.table`",
    rf"{_NAME_PART}(\.{_NAME_PART}){{0,2}}",
    repairs=((r'["\x00-\x1f]|^[\s.]+|[\s.]+$', ""), (r"[\s.]*\.[\s.]*", ".")),
)
SEMANTIC_VERSION = TextKind(
    "a semantic version such as `1.10.0`",
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(-(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
    r"(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?",
    repairs=(
        (r"^[vV]?([0-9]+)$", r"\1.0.0"),
        (r"^[vV]?([0-9]+\.[0-9]+)$", r"\1.0"),
        (r"^[vV](.*)$", r"\1"),
    ),
)
TIME_SPAN = TextKind("a time span such as `24h` or `7d`", r"[1-9][0-9]{0,5}[smhdw]")
ZONE = TextKind("a time zone such as `UTC` or `Europe/Berlin`")
ARROW_TYPE = TextKind("an Arrow type such as `int64` or `list<string>`")
SQL = TextKind("SQL text", r"[\s\S]*\S[\s\S]*")
WORDS = TextKind("words", r"[\s\S]*\S[\s\S]*")
CHECK_ID = TextKind("a check id such as `fields` or `rule[name]`", r"[a-z]+(\[[^\n]+\])?")
FINGERPRINT = TextKind('a fingerprint such as `"5f1c09ab"`', r"[0-9a-f]{8}")
FIELD_NAME = TextKind("a field name")
FIELD_NAMES = ListKind(FIELD_NAME, "a field name", least=1, wanted="a list of field names")
