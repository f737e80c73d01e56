"""Reads nodes by the grammar as forms, and tells every place where the file leaves the grammar."""

import re
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.forms import Form, Items, Pairs, Value
from cst_contracts.contract.grammar import RECORDS
from cst_contracts.contract.hints import missing_key_hint, unknown_key_hint, value_hint
from cst_contracts.contract.kinds import (
    NAME,
    AmountKind,
    ChoiceKind,
    Condition,
    DayKind,
    EitherKind,
    FlagKind,
    Kind,
    ListKind,
    MomentKind,
    NumberKind,
    PairsKind,
    Record,
    RecordKind,
    Refusal,
    SettingKind,
    TextKind,
    ValueKind,
)
from cst_contracts.contract.nodes import Mapping, Node, Scalar, Sequence
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.scalars import surprise
from cst_contracts.contract.wording import listed, nearest, shown
from cst_contracts.errors import Problem
from cst_contracts.location import Location

_NUMBER = re.compile("0|[1-9][0-9]{0,18}")


class _Reading(Struct, frozen=True):
    """Where a value is read: the mappings around it, outermost first, and what stands before an item."""

    problems: Problems
    around: tuple[Mapping, ...] = ()
    bullet: str = ""

    def report(self, place: Location, what: str, instead: str) -> None:
        self.problems.append(Problem(place, what, instead))

    def refuse(self, node: Node, wanted: str, subject: str) -> None:
        self.report(node.place, f"{subject} {_found(node)}", f"write {wanted}")

    def refuse_kind(self, node: Node, kind: Kind, subject: str) -> None:
        instead = value_hint(node, kind, self.bullet)
        self.report(node.place, f"{subject} {_found(node)}", instead)

    def within(self, node: Mapping) -> "_Reading":
        return _Reading(self.problems, (*self.around, node))

    def of_items(self, node: Sequence) -> "_Reading":
        return replace(self, bullet="" if node.flow else "- ")


def read_contract(node: Mapping, record: Record, problems: Problems) -> Form:
    """The form of the mapping that a whole contract is."""
    return _read_record(node, record, _Reading(problems))


def _read_record(node: Mapping, record: Record, reading: _Reading) -> Form:
    values: dict[str, Value] = {}
    places: dict[str, Location] = {}
    meant: set[str] = set()
    inside = reading.within(node)
    for key, value in node.entries:
        known = record.keys.get(key.text)
        if known is None:
            hint = unknown_key_hint((key, value), node, record, reading.around)
            reading.report(key.place, f"unknown key {shown(key.text)}", hint.instead)
            meant |= hint.means
            continue
        places[key.text] = key.place
        read = _read(value, known.kind, f"`{known.name}`", inside)
        if read is not None:
            values[key.text] = read
    form = Form(node.place, values, places, record)
    written = meant.union(places)
    for name in record.required:
        if name not in written:
            _report_missing(form, name, inside)
    _check_exactly_one(form, meant, reading)
    _check_at_least_one(node, record, meant, reading)
    for condition in record.conditions:
        _check_condition(form, condition, written, inside)
    return form


def _report_missing(form: Form, key: str, inside: _Reading) -> None:
    instead = missing_key_hint(form.record.keys[key], inside.around)
    inside.report(form.place, f"this {form.record.noun} has no `{key}`", instead)


def _check_exactly_one(form: Form, meant: set[str], reading: _Reading) -> None:
    record = form.record
    written = [key for key in form.key_places if key in record.exactly_one]
    if record.exactly_one and not written and not meant.intersection(record.exactly_one):
        what = f"this {record.noun} says none of {listed(record.exactly_one, 'and')}"
        reading.report(form.place, what, "add one of them")
    for extra in written[1:]:
        what = f"`{extra}` beside `{written[0]}`"
        reading.report(form.key_places[extra], what, f"keep one of {listed(record.exactly_one)}")


def _check_at_least_one(node: Mapping, record: Record, meant: set[str], reading: _Reading) -> None:
    says = {key.text for key, value in node.entries if not _is_empty(value)} | meant
    if record.at_least_one and not says.intersection(record.at_least_one):
        what = f"this {record.noun} promises nothing that can be checked"
        reading.report(node.place, what, f"add {listed(record.at_least_one)}")


def _is_empty(node: Node) -> bool:
    match node:
        case Sequence():
            return not node.items
        case Mapping():
            return not node.entries
        case Scalar():
            return False


def _check_condition(form: Form, condition: Condition, written: set[str], inside: _Reading) -> None:
    if condition.key not in form.key_places:
        return
    if condition.choices and form.words(condition.key) not in condition.choices:
        return
    for key in condition.needs:
        if key not in written:
            _report_missing(form, key, inside)
    for refusal in condition.refuses:
        if _meets(form, refusal):
            place = form.key_places[refusal.key]
            inside.report(place, refusal.what, refusal.instead)


def _meets(form: Form, refusal: Refusal) -> bool:
    if refusal.only_true:
        return form.flag(refusal.key)
    return refusal.key in form.key_places


def _read(node: Node, kind: Kind, subject: str, reading: _Reading) -> Value | None:
    match kind:
        case TextKind():
            return _read_text(node, kind, subject, reading)
        case FlagKind():
            return _read_flag(node, kind, subject, reading)
        case RecordKind() if isinstance(node, Mapping):
            return _read_record(node, RECORDS[kind.record], reading)
        case ChoiceKind():
            return _read_choice(node, kind, subject, reading)
        case ListKind():
            return _read_list(node, kind, subject, reading)
        case EitherKind():
            return _read_either(node, kind, subject, reading)
        case PairsKind():
            return _read_pairs(node, kind, subject, reading)
        case SettingKind():
            return _read_setting(node, kind, subject, reading)
        case AmountKind():
            return _read_amount(node, kind, subject, reading)
        case ValueKind():
            return _read_value(node, kind, subject, reading)
        case DayKind():
            return _read_day(node, kind, subject, reading)
        case MomentKind():
            return _read_moment(node, kind, subject, reading)
        case NumberKind():
            return _read_number(node, kind, subject, reading)
        case RecordKind():
            reading.refuse_kind(node, kind, subject)
            return None


def _found(node: Node) -> str:
    match node:
        case Sequence():
            return "is a list"
        case Mapping():
            return "is a mapping"
        case Scalar() if node.text:
            return f"is {shown(node.text)}" if node.plain else f"is the text {shown(node.text)}"
        case Scalar():
            return "has no value" if node.plain else "is empty text"


def _read_text(node: Node, kind: TextKind, subject: str, reading: _Reading) -> Scalar | None:
    """Reports ill-formed text and returns it all the same, so that what refers to it is not reported, too."""
    if not isinstance(node, Scalar):
        reading.refuse_kind(node, kind, subject)
        return None
    fits = kind.fits(node.text)
    read_as = surprise(node.text) if node.plain else None
    if read_as and node.text:
        instead = f'quote it: "{node.text}"' if fits else value_hint(node, kind)
        _report_surprise(node, read_as, instead, subject, reading)
    elif read_as or not fits:
        reading.refuse_kind(node, kind, subject)
    return node if node.text or not read_as else None


def _report_surprise(
    node: Scalar, read_as: str, instead: str, subject: str, reading: _Reading
) -> None:
    what = f"{subject} is {shown(node.text)} without quotes, which YAML reads as {read_as}"
    reading.report(node.place, what, instead)


def _read_flag(node: Node, kind: FlagKind, subject: str, reading: _Reading) -> bool | None:
    if isinstance(node, Scalar) and node.plain and node.text in {"true", "false"}:
        return node.text == "true"
    reading.refuse_kind(node, kind, subject)
    return None


def _read_choice(node: Node, kind: ChoiceKind, subject: str, reading: _Reading) -> Scalar | None:
    if not isinstance(node, Scalar):
        reading.refuse_kind(node, kind, subject)
        return None
    if node.text in kind.choices:
        return node
    meant = nearest(node.text, kind.choices)
    if meant is None or not node.text:
        reading.refuse_kind(node, kind, subject)
        return None
    what = f"{subject} is {shown(node.text)}"
    reading.report(node.place, what, f"did you mean `{meant}`?")
    return None


def _read_list(node: Node, kind: ListKind, subject: str, reading: _Reading) -> Items | None:
    if not isinstance(node, Sequence):
        reading.refuse_kind(node, kind, subject)
        return None
    if len(node.items) < kind.least:
        what = f"{subject} is an empty list"
        reading.report(node.place, what, f"write {kind.entry} in it")
    items = reading.of_items(node)
    read = (_read(item, kind.item, kind.entry, items) for item in node.items)
    return Items(tuple(value for value in read if value is not None), node.place)


def _read_either(node: Node, kind: EitherKind, subject: str, reading: _Reading) -> Value | None:
    for spelling in (kind.short, kind.long):
        if _may_be(node, spelling):
            return _read(node, spelling, subject, reading)
    reading.refuse_kind(node, kind, subject)
    return None


def _may_be(
    node: Node, kind: TextKind | ChoiceKind | FlagKind | ListKind | PairsKind | RecordKind
) -> bool:
    match kind:
        case TextKind() | ChoiceKind() | FlagKind():
            return isinstance(node, Scalar) and not (node.plain and not node.text)
        case ListKind():
            return isinstance(node, Sequence)
        case RecordKind() | PairsKind():
            return isinstance(node, Mapping)


def _read_pairs(node: Node, kind: PairsKind, subject: str, reading: _Reading) -> Pairs | None:
    if not isinstance(node, Mapping):
        reading.refuse_kind(node, kind, subject)
        return None
    count = len(node.entries)
    if count < kind.least or (kind.most is not None and count > kind.most):
        bound = f"exactly {kind.least}" if kind.least == kind.most else f"at least {kind.least}"
        what = f"{subject} has {count} keys" if count else f"{subject} is an empty mapping"
        reading.report(node.place, what, f"write {bound}")
    entries: list[tuple[Scalar, Value]] = []
    for key, value in node.entries:
        _read_text(key, NAME, f"a key of {subject}", reading)
        read = _read(value, kind.value, shown(key.text), reading)
        if read is not None:
            entries.append((key, read))
    return Pairs(tuple(entries))


def _read_setting(node: Node, kind: SettingKind, subject: str, reading: _Reading) -> Scalar | None:
    if not isinstance(node, Scalar) or (node.plain and not node.text):
        reading.refuse_kind(node, kind, subject)
        return None
    if node.plain and not re.fullmatch(kind.plain, node.text) and (said := surprise(node.text)):
        _report_surprise(node, said, f'quote it: "{node.text}"', subject, reading)
    return node


def _read_amount(node: Node, kind: AmountKind, subject: str, reading: _Reading) -> Scalar | None:
    if isinstance(node, Scalar) and re.fullmatch(kind.pattern, node.text):
        return node
    reading.refuse_kind(node, kind, subject)
    return None


def _read_value(node: Node, kind: ValueKind, subject: str, reading: _Reading) -> Scalar | None:
    """Whether a plain scalar is what it seems to be, the type of its field decides."""
    if isinstance(node, Scalar) and not (node.plain and surprise(node.text) == "no value"):
        return node
    reading.refuse_kind(node, kind, subject)
    return None


def _read_day(node: Node, kind: DayKind, subject: str, reading: _Reading) -> date | None:
    if isinstance(node, Scalar) and re.fullmatch(kind.pattern, node.text):
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            reading.refuse(node, "a day that the calendar has", subject)
            return None
    reading.refuse_kind(node, kind, subject)
    return None


def _read_moment(node: Node, kind: MomentKind, subject: str, reading: _Reading) -> datetime | None:
    if isinstance(node, Scalar) and re.fullmatch(kind.pattern, node.text):
        try:
            return datetime.fromisoformat(node.text)
        except ValueError:
            reading.refuse(node, "a time that the calendar has", subject)
            return None
    reading.refuse_kind(node, kind, subject)
    return None


def _read_number(node: Node, kind: NumberKind, subject: str, reading: _Reading) -> int | None:
    if isinstance(node, Scalar) and node.plain and _NUMBER.fullmatch(node.text):
        number = int(node.text)
        if number <= kind.most:
            return number
    reading.refuse_kind(node, kind, subject)
    return None
