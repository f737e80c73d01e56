"""Says what to write instead of what a contract file has, in the names that its author uses.

Nothing here decides whether something is wrong: `reading.py` does, and asks here for the words.
"""

import json
import re
from collections.abc import Iterable
from collections.abc import Sequence as Many
from decimal import Decimal
from string import Template

from msgspec import Struct

from cst_contracts.contract.clauses.clause import SESSION, TABLE
from cst_contracts.contract.grammar import RECORDS
from cst_contracts.contract.kinds import (
    ARROW_TYPE,
    AmountKind,
    ChoiceKind,
    DayKind,
    EitherKind,
    FlagKind,
    Foreign,
    Key,
    Kind,
    ListKind,
    MomentKind,
    NumberKind,
    PairsKind,
    Record,
    RecordKind,
    SettingKind,
    TextKind,
    ValueKind,
)
from cst_contracts.contract.nodes import Mapping, Node, Scalar, Sequence
from cst_contracts.contract.type_text import read_type
from cst_contracts.contract.wording import listed, nearest

UNKNOWN = "…"
_LONGEST = 60
_NEEDS_QUOTES = re.compile(r"""^[\s\-?:,\[\]{}#&*!|>'"%@`]|[,\[\]{}]|:\s|\s#|\s$|:$""")
_WORD_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])|[-\s]")
_FRACTION = re.compile(r"0?\.[0-9]{1,8}")
_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "on", "1"), "true"),
    **dict.fromkeys(("false", "no", "n", "off", "0"), "false"),
}


class Hint(Struct, frozen=True):
    """What to write. `means` are the keys of the same mapping that the author is taken to have meant."""

    instead: str
    means: frozenset[str] = frozenset()


def unknown_key_hint(
    entry: tuple[Scalar, Node], node: Mapping, record: Record, around: Many[Mapping]
) -> Hint:
    """What to write instead of an entry of `node` whose key `record` does not know."""
    key, value = entry
    meant = nearest(key.text, record.keys)
    return (
        _foreign(key, value, record, (*around, node))
        or _typed_pair(node, record)
        or _elsewhere(key.text, record)
        or (Hint(f"did you mean `{meant}`?", frozenset({meant})) if meant else None)
        or _pair(node, record)
        or _unquoted(key)
        or Hint(f"known here: {listed(record.keys, 'and')}")
    )


def missing_key_hint(key: Key, around: Many[Mapping]) -> str:
    """What to add where a key is missing; the mapping that lacks it is the last of `around`."""
    written = _filled(key.suggestion or key.example, {}, around)
    of_kind = f", {key.kind.wanted}" if written == UNKNOWN else ""
    return f"add `{key.name}: {written}`{of_kind}"


def foreign_hint(key: Scalar, value: Node, record: Record) -> Hint | None:
    """What to write for a key of another language, where that is known."""
    return _foreign(key, value, record, ())


def value_hint(node: Node, kind: Kind, bullet: str = "") -> str:
    """What to write instead of a value that is not of the kind. `bullet` is what stands before an item."""
    written = _replacement(node, kind)
    return f"write {_wanted(kind) if written is None else f'`{bullet}{written}`'}"


def written(node: Node) -> str:
    """The node as YAML in one line, or `…` where it would be long."""
    text = _flow(node)
    return text if len(text) <= _LONGEST else UNKNOWN


def _wanted(kind: Kind) -> str:
    if isinstance(kind, RecordKind) and (required := RECORDS[kind.record].required):
        return f"a mapping with {listed(required, 'and')}"
    return kind.wanted


def _flow(node: Node) -> str:
    match node:
        case Sequence():
            return f"[{', '.join(map(_flow, node.items))}]"
        case Mapping():
            entries = (f"{_flow(key)}: {_flow(value)}" for key, value in node.entries)
            return f"{{{', '.join(entries)}}}"
        case Scalar():
            return _scalar(node)


def _scalar(node: Scalar) -> str:
    if node.plain and not node.text:
        return UNKNOWN
    return _text(node.text)


def _text(text: str) -> str:
    if text.isprintable() and text and not _NEEDS_QUOTES.search(text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _foreign(key: Scalar, value: Node, record: Record, around: Many[Mapping]) -> Hint | None:
    name = _WORD_BREAK.sub("_", key.text).lower()
    for foreign in record.foreign:
        if name in foreign.keys:
            instead = _filled(_template(foreign, value), _values(value), around)
            return Hint(instead, frozenset(filter(None, [foreign.means])))
    return None


def _template(foreign: Foreign, value: Node) -> str:
    is_false = isinstance(value, Scalar) and _FLAGS.get(value.text.lower()) == "false"
    return foreign.if_false if is_false and foreign.if_false else foreign.instead


def _filled(template: str, values: dict[str, str], around: Many[Mapping]) -> str:
    """The template with `values` and with what the nearest mappings around say under their keys."""
    names = Template(template).get_identifiers()
    found = {name: values.get(name) or _said(name, around) or UNKNOWN for name in names}
    return Template(template).substitute(found)


def _said(name: str, around: Many[Mapping]) -> str | None:
    for mapping in reversed(around):
        for key, value in mapping.entries:
            if key.text == name:
                return written(value)
    return None


def _values(value: Node) -> dict[str, str]:
    """What templates may say of the value of a foreign key."""
    items = value.items if isinstance(value, Sequence) else (value,)
    names = [item.text for item in items if isinstance(item, Scalar) and item.text]
    nested = isinstance(value, Sequence) and any(isinstance(item, Sequence) for item in items)
    as_list = written(value) if isinstance(value, Sequence) else f"[{written(value)}]"
    fields = f"the field{'s' * (len(names) > 1)} {listed(names, 'and')}" if names else "each field"
    return {
        "value": written(value),
        "list": as_list,
        "keys": as_list if nested else f"[{as_list}]",
        "fields": fields,
    }


def _typed_pair(node: Mapping, record: Record) -> Hint | None:
    """Reads `{order_id: int64}` as a field's name and type, which is how other languages write them."""
    if len(record.required) != 2 or record.keys[record.required[1]].kind != ARROW_TYPE:
        return None
    value = node.entries[0][1]
    is_type = isinstance(value, Scalar) and read_type(value, []) is not None
    return _pair(node, record) if is_type else None


def _pair(node: Mapping, record: Record) -> Hint | None:
    """Suggests `{name: order_id, type: int64}` for `{order_id: int64}`."""
    if len(node.entries) != 1 or len(record.required) != 2:
        return None
    key, value = node.entries[0]
    if not isinstance(value, Scalar):
        return None
    return Hint(f"write `{_pair_text(key, value, record)}`", frozenset(record.required))


def _pair_text(key: Scalar, value: Node, record: Record) -> str:
    first, second = record.required
    return f"{{{first}: {written(key)}, {second}: {written(value)}}}"


def _elsewhere(key: str, record: Record) -> Hint | None:
    """Says where a key belongs that the language knows: in a mapping below, at the top, in another file."""
    at_top = record is RECORDS[TABLE] or record is RECORDS[SESSION]
    other = SESSION if record is RECORDS[TABLE] else TABLE
    if at_top and key in RECORDS[other].keys:
        return Hint(f"write it in a {other} contract, in a file of its own")
    below = [
        name
        for name, known in record.keys.items()
        if any(key in RECORDS[each].keys for each in _records_of(known.kind))
    ]
    if below:
        return Hint(f"write it under {listed(below)}")
    top = RECORDS[TABLE].keys.get(key)
    if not at_top and top is not None and not isinstance(top.kind, TextKind):
        return Hint(f"write `{key}:` at the top level of the contract")
    return None


def _records_of(kind: Kind) -> Iterable[str]:
    """The mappings that may stand in a value of the kind."""
    match kind:
        case RecordKind():
            return (kind.record,)
        case ListKind():
            return _records_of(kind.item)
        case EitherKind():
            return _records_of(kind.long)
        case PairsKind() | TextKind() | ChoiceKind() | FlagKind() | NumberKind():
            return ()
        case DayKind() | MomentKind() | SettingKind() | AmountKind() | ValueKind():
            return ()


def _unquoted(key: Scalar) -> Hint | None:
    if key.text.endswith((">", "]", ")")):
        return Hint("quote a type that has a comma in it")
    return None


def _replacement(node: Node, kind: Kind) -> str | None:
    """The author's own value in the shape of the kind, as far as that can be told."""
    match kind:
        case ListKind():
            return _as_list(node, kind)
        case RecordKind():
            return _as_record(node, RECORDS[kind.record])
        case PairsKind():
            return _as_pairs(node)
        case FlagKind():
            return _FLAGS.get(node.text.lower()) if isinstance(node, Scalar) else None
        case TextKind():
            return _as_text(node, kind)
        case EitherKind():
            return _replacement(node, kind.short)
        case AmountKind():
            return _as_share(node)
        case ChoiceKind() | NumberKind() | DayKind() | MomentKind() | SettingKind():
            return None
        case ValueKind():
            return None


def _as_list(node: Node, kind: ListKind) -> str | None:
    match node:
        case Scalar():
            item = _replacement(node, kind.item) if node.text else None
            return f"[{item or written(node)}]" if node.text else None
        case Mapping():
            records = tuple(_records_of(kind.item))
            return _records_as_list(node, RECORDS[records[0]]) if records else None
        case Sequence():
            return None


def _records_as_list(node: Mapping, record: Record) -> str | None:
    """A list for the one item that was written without it, or for pairs of its two required keys."""
    if any(key.text in record.keys for key, _ in node.entries):
        return f"[{written(node)}]"
    if len(record.required) != 2 or not node.entries:
        return None
    pairs = ", ".join(_pair_text(key, value, record) for key, value in node.entries)
    first = _pair_text(*node.entries[0], record)
    return f"[{pairs}]" if len(pairs) <= _LONGEST else f"[{first}, {UNKNOWN}]"


def _as_record(node: Node, record: Record) -> str | None:
    match node:
        case Scalar() if node.text:
            return _record_of_one(node, record)
        case Sequence(items=(Mapping() as only,)):
            return written(only)
        case Scalar() | Sequence() | Mapping():
            return None


def _record_of_one(node: Scalar, record: Record) -> str | None:
    """The mapping that says `node` under the key that a lone value is taken for."""
    keys = sorted(
        record.keys.values(), key=lambda key: (key.name != record.short, not key.required)
    )
    own = next((key for key in keys if _is_of(node.text, key.kind)), None)
    if own is None:
        return None
    needed = {*record.required, *_needed_with(own.name, node.text, record)} - {own.name}
    said = {own.name: written(node)} | {name: _stand_in(record.keys[name]) for name in needed}
    entries = (f"{name}: {said[name]}" for name in record.keys if name in said)
    return f"{{{', '.join(entries)}}}"


def _needed_with(key: str, value: str, record: Record) -> Iterable[str]:
    for condition in record.conditions:
        if condition.key == key and (not condition.choices or value in condition.choices):
            yield from condition.needs


def _stand_in(key: Key) -> str:
    return key.example if key.suggestion is None else UNKNOWN


def _is_of(text: str, kind: Kind) -> bool:
    match kind:
        case TextKind():
            return kind.fits(text)
        case ChoiceKind():
            return text in kind.choices
        case NumberKind():
            return text.isdecimal()
        case DayKind() | MomentKind() | AmountKind():
            return re.fullmatch(kind.pattern, text) is not None
        case FlagKind() | SettingKind() | ListKind() | PairsKind() | RecordKind() | EitherKind():
            return False
        case ValueKind():
            return False


def _as_pairs(node: Node) -> str | None:
    """Suggests `{a: 1, b: 2}` for `[{a: 1}, {b: 2}]`, and `{a: …, b: …}` for `[a, b]`."""
    if not isinstance(node, Sequence) or not node.items:
        return None
    entries: list[str] = []
    for item in node.items:
        if isinstance(item, Mapping):
            entries += (f"{written(key)}: {written(value)}" for key, value in item.entries)
        elif isinstance(item, Scalar):
            entries.append(f"{written(item)}: {UNKNOWN}")
    text = f"{{{', '.join(entries)}}}"
    return text if len(text) <= _LONGEST else None


def _as_share(node: Node) -> str | None:
    """Suggests `5%` for `0.05`, which is how other languages write a share."""
    if not isinstance(node, Scalar) or not _FRACTION.fullmatch(node.text):
        return None
    percent = f"{(Decimal(node.text) * 100).normalize():f}"
    return f"{percent}%"


def _as_text(node: Node, kind: TextKind) -> str | None:
    match node:
        case Scalar():
            repaired = kind.repaired(node.text)
            return repaired if repaired is None or repaired.isprintable() else _text(repaired)
        case Sequence(items=(Scalar() as only,)) if only.text and kind.fits(only.text):
            return written(only)
        case Sequence() | Mapping():
            return None
