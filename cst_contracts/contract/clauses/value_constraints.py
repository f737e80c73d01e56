"""What a field says of its values without SQL: which ones there may be, in what range, and how long.

The keys stand at the field whose values they are about. A type such as `list<string>` has values that no
field of the contract stands for: what is said of them stands under `elements`, `map_keys` or `map_values`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import ClassVar, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from cst_contracts.contract.clauses.tolerance import (
    FOREIGN_TOLERANCE,
    NOTHING_TOLERATED,
    Tolerance,
    at_most_key,
    tolerance_of,
)
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    Foreign,
    Key,
    ListKind,
    NumberKind,
    Record,
    RecordKind,
    TextKind,
    ValueKind,
    keys_by_name,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.scalars import surprise
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import is_list, print_type
from cst_contracts.datatypes.values import (
    Family,
    family,
    is_less,
    value_of,
    value_type,
    values_wanted,
)
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class LimitKind(StrEnum):
    """What is promised of the values of a path; also the first word of the check's id."""

    ENUM = "enum"
    RANGE = "range"
    PATTERN = "pattern"
    LENGTH = "length"


class OneOf(Struct, frozen=True):
    """Each value is one of these, written as in the contract."""

    values: tuple[str, ...]
    kind: ClassVar[LimitKind] = LimitKind.ENUM


class Within(Struct, frozen=True):
    """Each value lies between two bounds, written as in the contract; None where there is none. A bound that
    is `open` is no value itself."""

    lower: str | None = None
    upper: str | None = None
    lower_open: bool = False
    upper_open: bool = False
    kind: ClassVar[LimitKind] = LimitKind.RANGE

    @property
    def bounds(self) -> Iterator[tuple[str, str]]:
        """Those that there are, each with the key that writes it."""
        if self.lower is not None:
            yield "exclusive_minimum" if self.lower_open else "minimum", self.lower
        if self.upper is not None:
            yield "exclusive_maximum" if self.upper_open else "maximum", self.upper


class Matching(Struct, frozen=True):
    """A regular expression of RE2 is found somewhere in each value."""

    pattern: str
    kind: ClassVar[LimitKind] = LimitKind.PATTERN


class OfLength(Struct, frozen=True):
    """Each text has so many characters (Unicode code points), or each binary value so many bytes."""

    least: int | None = None
    most: int | None = None
    kind: ClassVar[LimitKind] = LimitKind.LENGTH


Limit: TypeAlias = OneOf | Within | Matching | OfLength


class ValueConstraint(Struct, frozen=True):
    """A limit of the values of one path, the line that says so, and how many values may be beyond it."""

    limit: Limit
    place: Location
    tolerance: Tolerance = NOTHING_TOLERATED


_BOUNDS = ("minimum", "exclusive_minimum", "maximum", "exclusive_maximum")
_LENGTHS = ("min_length", "max_length")
#: By key, the types that have what it is about.
_GOES_WITH: Mapping[str, tuple[Family, ...]] = {
    "enum": tuple(Family),
    **dict.fromkeys(_BOUNDS, (Family.NUMBER, Family.TIME, Family.TEXT, Family.BYTES)),
    "pattern": (Family.TEXT,),
    **dict.fromkeys(_LENGTHS, (Family.TEXT, Family.BYTES)),
}
_BELOW = ("elements", "map_keys", "map_values")

CONSTRAINT_KEYS: tuple[Key, ...] = (
    Key(
        "enum",
        ListKind(ValueKind(), "a value", least=1),
        "The values that there may be; null is none of them, and is kept.",
        "[LOAD, STORE, DEL]",
    ),
    Key("minimum", ValueKind(), "The least value that there may be.", "0"),
    Key("maximum", ValueKind(), "The greatest value that there may be.", "100"),
    Key("exclusive_minimum", ValueKind(), "What every value is greater than.", "0"),
    Key("exclusive_maximum", ValueKind(), "What every value is less than.", "100"),
    Key(
        "pattern",
        TextKind("a regular expression"),
        "A regular expression (RE2) that is found in every text; `^` and `$` stand for its ends.",
        "'^[a-z_]+$'",
    ),
    Key("min_length", NumberKind(), "The least number of characters, or of bytes.", "1"),
    Key("max_length", NumberKind(), "The greatest number of characters, or of bytes.", "64"),
    at_most_key("values that are not as said here"),
    Key(
        "elements",
        RecordKind("inner"),
        "What the elements of a list may be, where no `fields` spell them out.",
        "{min_length: 1}",
    ),
    Key(
        "map_keys",
        RecordKind("inner"),
        "What the keys of a map may be.",
        "{enum: [origin, line]}",
    ),
    Key(
        "map_values",
        RecordKind("inner"),
        "What the values of a map may be, where no `fields` spell them out.",
        "{max_length: 64}",
    ),
)

CONSTRAINT_FOREIGN: tuple[Foreign, ...] = (
    FOREIGN_TOLERANCE,
    Foreign(
        (
            "allowed_values",
            "accepted_values",
            "valid_values",
            "values",
            "one_of",
            "isin",
            "choices",
        ),
        "write `enum: $list`",
    ),
    Foreign(("min", "ge", "gte", "min_value"), "write `minimum: $value`"),
    Foreign(("max", "le", "lte", "max_value"), "write `maximum: $value`"),
    Foreign(("gt",), "write `exclusive_minimum: $value`"),
    Foreign(("lt",), "write `exclusive_maximum: $value`"),
    Foreign(("regex", "regexp", "matches"), "write `pattern: $value`"),
    Foreign(("length", "size"), "write `min_length: $value` and `max_length: $value`"),
)

INNER = Record(
    "mapping",
    "What the values inside of a list or a map may be.",
    keys_by_name(*CONSTRAINT_KEYS),
    at_least_one=tuple(key.name for key in CONSTRAINT_KEYS if key.name != "at_most"),
    foreign=CONSTRAINT_FOREIGN,
)

#: By the way down from the field: empty for itself, `[]` for a list's elements, `{}.key` for a map's keys.
Constraints: TypeAlias = Mapping[str, tuple[ValueConstraint, ...]]


def read_constraints(form: Form, type_: pa.DataType, problems: Problems) -> Constraints:
    """What a field's form says of its values and of those inside of them, as far as the type has them."""
    return dict(_read(form, type_, "", problems))


def _read(
    form: Form, type_: pa.DataType, way: str, problems: Problems
) -> Iterator[tuple[str, tuple[ValueConstraint, ...]]]:
    refused = {key for key in _GOES_WITH if _refuse_type(form, key, type_, problems)}
    own = tuple(_limits(form, type_, refused, problems))
    if own:
        yield way, own
    elif "at_most" in form.key_places and not refused:
        instead = "write it beside `enum`, `minimum` or another of what a value may be"
        problems.append(Problem(form.key_places["at_most"], "`at_most` of nothing", instead))
    for key in _BELOW:
        inner = form.value(key, Form)
        if inner is not None:
            step = _step(key, type_)
            if step is None:
                _refuse_step(form, key, type_, problems)
            else:
                yield from _read(inner, step[1], way + step[0], problems)


def _step(key: str, type_: pa.DataType) -> tuple[str, pa.DataType] | None:
    """The way to what a key of a type is about, and its type; None where the type has nothing of the kind."""
    plain = value_type(type_)
    if key == "elements" and is_list(plain):
        return "[]", plain.value_type
    if key == "map_keys" and pa.types.is_map(plain):
        return "{}.key", plain.key_type
    if key == "map_values" and pa.types.is_map(plain):
        return "{}.value", plain.item_type
    return None


def _refuse_step(form: Form, key: str, type_: pa.DataType, problems: Problems) -> None:
    has = "lists have elements" if key == "elements" else "maps have keys and values"
    what = f"`{key}` beside type {shown(print_type(type_))}"
    problems.append(Problem(form.key_places[key], what, f"leave it out: only {has}"))


def _refuse_type(form: Form, key: str, type_: pa.DataType, problems: Problems) -> bool:
    """Whether the type has nothing that the key is about."""
    if key not in form.key_places or family(type_) in _GOES_WITH[key]:
        return False
    what = f"`{key}` beside type {shown(print_type(type_))}"
    problems.append(Problem(form.key_places[key], what, _instead_of(key, type_)))
    return True


def _instead_of(key: str, type_: pa.DataType) -> str:
    plain = value_type(type_)
    if is_list(plain):
        return f"write `elements: {{{key}: …}}`, which is about each element"
    if pa.types.is_map(plain):
        return f"write it under `map_keys` or `map_values`, as in `map_keys: {{{key}: …}}`"
    if pa.types.is_struct(plain):
        return "write it at a field of the struct, under `fields`"
    *front, last = _GOES_WITH[key]
    families = f"{', '.join(front)} and {last}" if front else last
    return f"leave it out, or write a rule: it goes with {families}"


def _limits(
    form: Form, type_: pa.DataType, refused: set[str], problems: Problems
) -> Iterator[ValueConstraint]:
    said = {key: place for key, place in form.key_places.items() if key not in refused}
    tolerance = tolerance_of(form)
    if "enum" in said:
        values = tuple(_values(form.texts("enum"), type_, problems))
        yield ValueConstraint(OneOf(values), said["enum"], tolerance)
    bounds = [key for key in _BOUNDS if key in said]
    if bounds:
        within = _within(form, bounds, type_, problems)
        yield ValueConstraint(within, said[bounds[0]], tolerance)
    pattern = form.text("pattern") if "pattern" in said else None
    if pattern is not None:
        _refuse_pattern(pattern, problems)
        yield ValueConstraint(Matching(pattern.text), said["pattern"], tolerance)
    lengths = [key for key in _LENGTHS if key in said]
    if lengths:
        yield ValueConstraint(_of_length(form, problems), said[lengths[0]], tolerance)


def _values(written: tuple[Scalar, ...], type_: pa.DataType, problems: Problems) -> Iterator[str]:
    refuse_repeats(written, "value", problems)
    for each in written:
        if read_value(each, type_, problems) is not None:
            yield each.text


def read_value(written: Scalar, type_: pa.DataType, problems: Problems) -> pa.Scalar | None:
    """The value that a text is; reports a problem and returns None where the type has no such value."""
    of_text = family(type_) is Family.TEXT
    if of_text and written.plain and (said := surprise(written.text)):
        what = f"{shown(written.text)} without quotes, which YAML reads as {said}"
        problems.append(Problem(written.place, what, f'quote it: "{written.text}"'))
        return None
    try:
        return value_of(written.text, type_)
    except ValueError:
        what = f"{shown(written.text)} is no value of type {shown(print_type(type_))}"
        problems.append(Problem(written.place, what, f"write {values_wanted(type_)}"))
        return None


def _within(form: Form, keys: list[str], type_: pa.DataType, problems: Problems) -> Within:
    bounds = {key: _bound(form, key, type_, problems) for key in keys}
    for pair in (("minimum", "exclusive_minimum"), ("maximum", "exclusive_maximum")):
        if set(pair) <= set(keys):
            what = f"`{pair[1]}` beside `{pair[0]}`"
            problems.append(Problem(form.key_places[pair[1]], what, "keep one of them"))
    lower = bounds.get("minimum") or bounds.get("exclusive_minimum")
    upper = bounds.get("maximum") or bounds.get("exclusive_maximum")
    within = Within(
        None if lower is None else lower[0],
        None if upper is None else upper[0],
        lower_open="minimum" not in keys and "exclusive_minimum" in keys,
        upper_open="maximum" not in keys and "exclusive_maximum" in keys,
    )
    if lower is not None and upper is not None and _is_nothing(lower[1], upper[1], within):
        place = form.key_places[next(key for key in keys if "maximum" in key)]
        what = f"no value lies between {shown(lower[0])} and {shown(upper[0])}"
        problems.append(Problem(place, what, "write a greater maximum"))
    return within


def _bound(
    form: Form, key: str, type_: pa.DataType, problems: Problems
) -> tuple[str, pa.Scalar] | None:
    written = form.text(key)
    value = None if written is None else read_value(written, type_, problems)
    if written is None or value is None:
        return None
    if pa.types.is_floating(value_type(type_)) and value.as_py() != value.as_py():
        problems.append(Problem(written.place, "NaN is no bound", "write a number"))
        return None
    return written.text, value


def _is_nothing(lower: pa.Scalar, upper: pa.Scalar, within: Within) -> bool:
    if within.lower_open or within.upper_open:
        return not is_less(lower, upper)
    return is_less(upper, lower)


def _refuse_pattern(pattern: Scalar, problems: Problems) -> None:
    try:
        pc.match_substring_regex(pa.array([""]), pattern=pattern.text)
    except (pa.ArrowInvalid, UnicodeError) as error:
        why = str(error).removeprefix("Invalid regular expression: ")
        what = f"{shown(pattern.text)} is no regular expression: {why}"
        instead = "write one that RE2 knows: it has no look-around and no back-references"
        problems.append(Problem(pattern.place, what, instead))


def _of_length(form: Form, problems: Problems) -> OfLength:
    least, most = (form.value(key, int) for key in _LENGTHS)
    if least is not None and most is not None and least > most:
        what = f"no length lies between {least} and {most}"
        problems.append(
            Problem(form.key_places["max_length"], what, "write a greater `max_length`")
        )
    return OfLength(least, most)
