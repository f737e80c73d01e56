"""Nodes and grammar to forms, reporting every place where the file leaves the grammar."""

import re
from datetime import date, datetime
from typing import TypeAlias

from cst_contracts.contract.forms import Form, Items, Pairs, Value
from cst_contracts.contract.grammar import RECORDS
from cst_contracts.contract.kinds import (
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
)
from cst_contracts.contract.nodes import Mapping, Node, Scalar, Sequence
from cst_contracts.contract.scalars import surprise
from cst_contracts.contract.wording import listed, nearest, shown
from cst_contracts.errors import Problem
from cst_contracts.location import Location

Problems: TypeAlias = list[Problem]

_KEY_KIND = TextKind("a name")
_NUMBER = re.compile("0|[1-9][0-9]{0,18}")


def read_record(node: Mapping, record: Record, problems: Problems) -> Form:
    values: dict[str, Value] = {}
    places: dict[str, Location] = {}
    guessed: set[str] = set()
    for key, value in node.entries:
        known = record.keys.get(key.text)
        if known is None:
            guessed.add(_report_unknown(key, record, problems))
            continue
        places[key.text] = key.place
        read = _read(value, known.kind, f"`{known.name}`", problems)
        if read is not None:
            values[key.text] = read
    form = Form(node.place, values, places)
    for key_name, known in record.keys.items():
        if known.required and key_name not in places and key_name not in guessed:
            _report_missing(form, record, key_name, problems)
    _check_exactly_one(form, record, guessed, problems)
    _check_at_least_one(node, record, guessed, problems)
    for condition in record.conditions:
        _check_condition(form, record, condition, guessed, problems)
    return form


def _report_unknown(key: Scalar, record: Record, problems: Problems) -> str:
    """The key that was meant; empty where none comes near."""
    meant = nearest(key.text, record.keys)
    if meant:
        instead = f"did you mean `{meant}`?"
    elif key.text.endswith((">", "]", ")")):
        instead = "quote a type that has a comma in it"
    else:
        instead = f"known here: {listed(record.keys, 'and')}"
    problems.append(Problem(key.place, f"unknown key {shown(key.text)}", instead))
    return meant or ""


def _report_missing(form: Form, record: Record, key: str, problems: Problems) -> None:
    what = f"this {record.noun} has no `{key}`"
    problems.append(Problem(form.place, what, f"add `{key}: {record.keys[key].example}`"))


def _check_exactly_one(form: Form, record: Record, guessed: set[str], problems: Problems) -> None:
    written = [key for key in form.key_places if key in record.exactly_one]
    if record.exactly_one and not written and not guessed.intersection(record.exactly_one):
        what = f"this {record.noun} says none of {listed(record.exactly_one, 'and')}"
        problems.append(Problem(form.place, what, "add one of them"))
    for extra in written[1:]:
        what = f"`{extra}` beside `{written[0]}`"
        instead = f"keep one of {listed(record.exactly_one)}"
        problems.append(Problem(form.key_places[extra], what, instead))


def _check_at_least_one(
    node: Mapping, record: Record, guessed: set[str], problems: Problems
) -> None:
    says = {key.text for key, value in node.entries if not _is_empty(value)} | guessed
    if record.at_least_one and not says.intersection(record.at_least_one):
        what = f"this {record.noun} promises nothing that can be checked"
        problems.append(Problem(node.place, what, f"add {listed(record.at_least_one)}"))


def _is_empty(node: Node) -> bool:
    match node:
        case Sequence():
            return not node.items
        case Mapping():
            return not node.entries
        case Scalar():
            return False


def _check_condition(
    form: Form, record: Record, condition: Condition, guessed: set[str], problems: Problems
) -> None:
    if condition.key not in form.key_places:
        return
    if condition.choices and form.words(condition.key) not in condition.choices:
        return
    for key in condition.needs:
        if key not in form.key_places and key not in guessed:
            _report_missing(form, record, key, problems)
    for refusal in condition.refuses:
        if _meets(form, refusal):
            place = form.key_places[refusal.key]
            problems.append(Problem(place, refusal.what, refusal.instead))


def _meets(form: Form, refusal: Refusal) -> bool:
    if refusal.only_true:
        return form.flag(refusal.key, default=False)
    return refusal.key in form.key_places


def _read(node: Node, kind: Kind, subject: str, problems: Problems) -> Value | None:
    match kind:
        case TextKind():
            return _read_text(node, kind, subject, problems)
        case FlagKind():
            return _read_flag(node, kind, subject, problems)
        case RecordKind() if isinstance(node, Mapping):
            return read_record(node, RECORDS[kind.record], problems)
        case ChoiceKind():
            return _read_choice(node, kind, subject, problems)
        case ListKind():
            return _read_list(node, kind, subject, problems)
        case EitherKind():
            return _read_either(node, kind, subject, problems)
        case PairsKind():
            return _read_pairs(node, kind, subject, problems)
        case SettingKind():
            return _read_setting(node, kind, subject, problems)
        case DayKind():
            return _read_day(node, kind, subject, problems)
        case MomentKind():
            return _read_moment(node, kind, subject, problems)
        case NumberKind():
            return _read_number(node, kind, subject, problems)
        case RecordKind():
            keys = [key.name for key in RECORDS[kind.record].keys.values() if key.required]
            wanted = f"a mapping with {listed(keys, 'and')}" if keys else kind.wanted
            _refuse(node, wanted, subject, problems)
            return None


def _refuse(node: Node, wanted: str, subject: str, problems: Problems) -> None:
    problems.append(Problem(node.place, f"{subject} {_found(node)}", f"write {wanted}"))


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


def _read_text(node: Node, kind: TextKind, subject: str, problems: Problems) -> Scalar | None:
    """Ill-formed text is told and still returned, so that what refers to it is not told as well."""
    if not isinstance(node, Scalar):
        _refuse(node, kind.wanted, subject, problems)
        return None
    fits = _fits(node.text, kind)
    read_as = surprise(node.text) if node.plain else None
    if read_as and node.text:
        instead = f'quote it: "{node.text}"' if fits else f"write {kind.wanted}"
        _report_surprise(node, read_as, instead, subject, problems)
    elif read_as or not fits:
        _refuse(node, kind.wanted, subject, problems)
    return node if node.text or not read_as else None


def _fits(text: str, kind: TextKind) -> bool:
    if kind.pattern is None:
        return kind.may_be_empty or text != ""
    return re.fullmatch(kind.pattern, text) is not None


def _report_surprise(
    node: Scalar, read_as: str, instead: str, subject: str, problems: Problems
) -> None:
    what = f"{subject} is {shown(node.text)} without quotes, which YAML reads as {read_as}"
    problems.append(Problem(node.place, what, instead))


def _read_flag(node: Node, kind: FlagKind, subject: str, problems: Problems) -> bool | None:
    if isinstance(node, Scalar) and node.plain and node.text in {"true", "false"}:
        return node.text == "true"
    _refuse(node, kind.wanted, subject, problems)
    return None


def _read_choice(node: Node, kind: ChoiceKind, subject: str, problems: Problems) -> Scalar | None:
    if not isinstance(node, Scalar):
        _refuse(node, listed(kind.choices), subject, problems)
        return None
    if node.text in kind.choices:
        return node
    meant = nearest(node.text, kind.choices)
    if meant is None or not node.text:
        _refuse(node, listed(kind.choices), subject, problems)
        return None
    what = f"{subject} is {shown(node.text)}"
    problems.append(Problem(node.place, what, f"did you mean `{meant}`?"))
    return None


def _read_list(node: Node, kind: ListKind, subject: str, problems: Problems) -> Items | None:
    if not isinstance(node, Sequence):
        _refuse(node, kind.wanted, subject, problems)
        return None
    if len(node.items) < kind.least:
        what = f"{subject} is an empty list"
        problems.append(Problem(node.place, what, f"write {kind.entry} in it"))
    read = (_read(item, kind.item, kind.entry, problems) for item in node.items)
    return Items(tuple(value for value in read if value is not None), node.place)


def _read_either(node: Node, kind: EitherKind, subject: str, problems: Problems) -> Value | None:
    if isinstance(node, Scalar) and not (node.plain and not node.text):
        return _read(node, kind.short, subject, problems)
    wanted_node = Mapping if isinstance(kind.long, RecordKind) else Sequence
    if not isinstance(node, wanted_node):
        _refuse(node, kind.wanted, subject, problems)
        return None
    return _read(node, kind.long, subject, problems)


def _read_pairs(node: Node, kind: PairsKind, subject: str, problems: Problems) -> Pairs | None:
    if not isinstance(node, Mapping):
        _refuse(node, kind.wanted, subject, problems)
        return None
    count = len(node.entries)
    if count < kind.least or (kind.most is not None and count > kind.most):
        bound = f"exactly {kind.least}" if kind.least == kind.most else f"at least {kind.least}"
        what = f"{subject} has {count} keys" if count else f"{subject} is an empty mapping"
        problems.append(Problem(node.place, what, f"write {bound}"))
    entries: list[tuple[Scalar, Value]] = []
    for key, value in node.entries:
        _read_text(key, _KEY_KIND, f"a key of {subject}", problems)
        read = _read(value, kind.value, shown(key.text), problems)
        if read is not None:
            entries.append((key, read))
    return Pairs(tuple(entries))


def _read_setting(node: Node, kind: SettingKind, subject: str, problems: Problems) -> Scalar | None:
    if not isinstance(node, Scalar) or (node.plain and not node.text):
        _refuse(node, kind.wanted, subject, problems)
        return None
    if node.plain and not re.fullmatch(kind.plain, node.text) and (said := surprise(node.text)):
        _report_surprise(node, said, f'quote it: "{node.text}"', subject, problems)
    return node


def _read_day(node: Node, kind: DayKind, subject: str, problems: Problems) -> date | None:
    if isinstance(node, Scalar) and re.fullmatch(kind.pattern, node.text):
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            _refuse(node, "a day that the calendar has", subject, problems)
            return None
    _refuse(node, kind.wanted, subject, problems)
    return None


def _read_moment(node: Node, kind: MomentKind, subject: str, problems: Problems) -> datetime | None:
    if isinstance(node, Scalar) and re.fullmatch(kind.pattern, node.text):
        try:
            return datetime.fromisoformat(node.text)
        except ValueError:
            _refuse(node, "a time that the calendar has", subject, problems)
            return None
    _refuse(node, kind.wanted, subject, problems)
    return None


def _read_number(node: Node, kind: NumberKind, subject: str, problems: Problems) -> int | None:
    if isinstance(node, Scalar) and node.plain and _NUMBER.fullmatch(node.text):
        number = int(node.text)
        if number <= kind.most:
            return number
    _refuse(node, kind.wanted, subject, problems)
    return None
