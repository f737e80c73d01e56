"""Tells changes in lines of text: what changed, from what to what, and what that means for readers."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from msgspec import Struct

from cst_contracts.drift.changes import (
    Change,
    ContractAdded,
    ContractRemoved,
    OrderingChanged,
    PartitioningChanged,
    SettingChange,
    SettingChanged,
    SettingDeparted,
    SettingRestored,
    TableRenamed,
)
from cst_contracts.drift.compatibility import classify, rule_of
from cst_contracts.drift.fields import (
    SCHEMA,
    ArrowTypeChanged,
    FieldAdded,
    FieldMoved,
    FieldRemoved,
    FieldRenamed,
    MetadataChanged,
    NullabilityChanged,
    TypeChanged,
)
from cst_contracts.drift.functions import (
    DeterminismChanged,
    FunctionAdded,
    FunctionChange,
    FunctionRemoved,
    FunctionShadowed,
    FunctionUnshadowed,
    KindChanged,
    ReturnsChanged,
    SignatureAdded,
    SignatureRemoved,
)
from cst_contracts.drift.promises import (
    PromiseAdded,
    PromiseChange,
    PromiseChanged,
    PromiseRemoved,
)
from cst_contracts.drift.rule import Compatibility, Rule
from cst_contracts.drift.snapshot import ReaderSnapshot
from cst_contracts.drift.views import (
    CallsChanged,
    DefinitionChanged,
    PlanChanged,
    ReadingChanged,
    ViewAdded,
    ViewChange,
    ViewFieldChanged,
    ViewRemoved,
)
from cst_contracts.facts import Signature

#: An engine upgrade brings functions and overloads by the hundred: so many are told by name.
_NAMED = 5
#: Of a plan's line, from shortly before it differs.
_LONGEST, _LEAD = 100, 20

_SEVERITY = list(Compatibility)


class Told(Struct, frozen=True):
    """A line of text, what the changes that it tells mean for readers, and the rule that says so. `rule` is
    empty of what is no change of a schema, a view or a session."""

    line: str
    compatibility: Compatibility
    rule: str = ""


class Weighed(Struct, frozen=True):
    """One change in words, or several of one kind, with its rule."""

    what: str
    rule: Rule

    @property
    def told(self) -> Told:
        compatibility = self.rule.readers
        return Told(f"{self.what} ({compatibility})", compatibility, self.rule.id)


def tell(changes: Sequence[Change]) -> tuple[str, ...]:
    """The lines of all changes; what breaks comes first."""
    return tuple(told.line for told in by_severity(weigh(changes)))


def by_severity(told: Iterable[Told]) -> list[Told]:
    return sorted(told, key=lambda each: _SEVERITY.index(each.compatibility))


def weigh(changes: Sequence[Change]) -> Iterator[Told]:
    return (each.told for each in weighed(changes))


def weighed(changes: Sequence[Change]) -> Iterator[Weighed]:
    """One for each change, but for functions and overloads that come by the hundred with an upgrade."""
    added = [change for change in changes if isinstance(change, FunctionAdded)]
    gained = [change for change in changes if isinstance(change, SignatureAdded)]
    folded = {id(change) for few in (added, gained) if len(few) > _NAMED for change in few}
    for change in changes:
        if id(change) not in folded:
            yield Weighed(_told(change), rule_of(change))
    for few, what in ((added, "functions added"), (gained, "overloads added, of")):
        if len(few) > _NAMED:
            yield Weighed(_many(few, what), rule_of(few[0]))


def _many(changes: Sequence[FunctionAdded | SignatureAdded], what: str) -> str:
    names = list(dict.fromkeys(change.name for change in changes))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(changes)} {what}: {', '.join(map(_shown, names[:_NAMED]))}{more}"


def describe(change: Change) -> str:
    """One change in one line."""
    return f"{_told(change)} ({classify(change)})"


def line_of(change: Change) -> str:
    """One change in one line, without its class."""
    return _told(change)


def plan_difference(before: Sequence[str], after: Sequence[str]) -> str:
    """The first line that differs, cut to where it does, and how many more there are."""
    if not before or not after:
        return "absent → present" if after else "present → absent"
    same = _shared(before, after)
    old, new = before[same:], after[same:]
    alike = _shared(old[::-1], new[::-1])
    old, new = old[: len(old) - alike], new[: len(new) - alike]
    was, now = (lines[0].strip() if lines else "" for lines in (old, new))
    start = max(_shared(was, now) - _LEAD, 0)
    further = max(len(old), len(new)) - 1
    more = f", and {further} more line{'s' if further > 1 else ''}" if further else ""
    return f"{_window(was, start)} → {_window(now, start)}{more}"


def _shared(before: Sequence[str], after: Sequence[str]) -> int:
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _window(line: str, start: int) -> str:
    if not line:
        return "nothing"
    shown = line[start : start + _LONGEST]
    before, after = "…" if start else "", "…" if start + _LONGEST < len(line) else ""
    return _quoted(f"{before}{shown}{after}")


def _told(change: Change) -> str:
    match change:
        case TableRenamed(before, after):
            return f"table: {_shown(before)} → {_shown(after)}"
        case PartitioningChanged(before_names, after_names):
            return f"partitioned by: {_listed(before_names)} → {_listed(after_names)}"
        case OrderingChanged(before_terms, after_terms):
            return f"ordered by: {_listed(before_terms)} → {_listed(after_terms)}"
        case ContractAdded(name):
            return f"{_shown(name)}: promised from now on"
        case ContractRemoved(name):
            return f"{_shown(name)}: promised no more"
        case PromiseAdded() | PromiseRemoved() | PromiseChanged():
            return _promise_told(change)
        case FieldAdded() | FieldRemoved() | TypeChanged() | NullabilityChanged():
            return _field_told(change)
        case FieldRenamed(path, renamed):
            return f"{_shown(path)}: renamed {_shown(renamed)}"
        case MetadataChanged(path, before_metadata, after_metadata):
            entries = ", ".join(_entries_told(dict(before_metadata), dict(after_metadata)))
            of = "the schema" if path == SCHEMA else _shown(path)
            return f"{of}: metadata {entries}"
        case ArrowTypeChanged(path, arrow_before, arrow_after):
            words = (
                _shown(each) if each is not None else "untold"
                for each in (arrow_before, arrow_after)
            )
            return f"{_shown(path)}: as the engine calls it {' → '.join(words)}"
        case FieldMoved(path, anchor_before, anchor_after):
            return f"{_shown(path)}: moved, {_after(anchor_before)} → {_after(anchor_after)}"
        case SettingDeparted() | SettingRestored() | SettingChanged():
            return _setting_told(change)
        case ViewAdded() | ViewRemoved() | ViewFieldChanged() | PlanChanged() | CallsChanged():
            return _view_told(change)
        case DefinitionChanged() | ReadingChanged():
            return _view_told(change)
        case FunctionAdded() | FunctionRemoved() | KindChanged() | DeterminismChanged():
            return _function_told(change)
        case SignatureAdded() | SignatureRemoved() | ReturnsChanged():
            return _function_told(change)
        case FunctionShadowed() | FunctionUnshadowed():
            return _function_told(change)


def _field_told(change: FieldAdded | FieldRemoved | TypeChanged | NullabilityChanged) -> str:
    path = _shown(change.path)
    match change:
        case FieldAdded(type=type_text, nullable=nullable):
            return f"{path}: absent → {_declared(type_text, nullable=nullable)}"
        case FieldRemoved(type=type_text, nullable=nullable):
            return f"{path}: {_declared(type_text, nullable=nullable)} → absent"
        case TypeChanged(before=before, after=after):
            return f"{path}: {_shown(before)} → {_shown(after)}"
        case NullabilityChanged(nullable=nullable):
            return f"{path}: not null → nullable" if nullable else f"{path}: nullable → not null"


def _promise_told(change: PromiseChange) -> str:
    subject = _subject(change)
    match change:
        case PromiseChanged(gained=gained, lost=lost) if gained or lost:
            told = (
                *(f"+ {_shown(each)}" for each in gained),
                *(f"- {_shown(each)}" for each in lost),
            )
            return f"{_shown(subject)}: {', '.join(told)}"
        case PromiseAdded(promised=promised):
            return f"{_shown(subject)}: absent → {_shown(promised)}"
        case PromiseRemoved(promised=promised):
            return f"{_shown(subject)}: {_shown(promised)} → absent"
        case PromiseChanged(before=before, after=after):
            return f"{_shown(subject)}: {_shown(before)} → {_shown(after)}"


def _subject(change: PromiseChange) -> str:
    """`enum of status`, `keys order_id`."""
    if change.clause.startswith("field "):
        return f"{change.clause.removeprefix('field ')} of {change.name}"
    return " ".join(filter(None, (change.clause, change.name)))


def _view_told(change: ViewChange) -> str:
    match change:
        case ViewAdded(name):
            return f"view {_shown(name)}: absent → present"
        case ViewRemoved(name):
            return f"view {_shown(name)}: present → absent"
        case ViewFieldChanged(view, field_change):
            return f"view {_shown(view)}: {_told(field_change)}"
        case DefinitionChanged(name, was, now):
            return f"view {_shown(name)}: {plan_difference([was], [now])}"
        case CallsChanged(view, before, after):
            return f"{_of(view)}calls {_listed(before)} → {_listed(after)}"
        case ReadingChanged(query, was_read, now_read):
            return f"query {_shown(query)}: {_reading(was_read)} → {_reading(now_read)}"
        case PlanChanged(view, before, after):
            return f"{_of(view)}plan {plan_difference(before, after)}"


def _reading(query: ReaderSnapshot | None) -> str:
    if query is None:
        return "absent"
    calls = f", calls {_listed(query.functions)}" if query.functions else ""
    return f"reads {_listed(query.reads)}{calls}"


def _of(view: str | None) -> str:
    return "" if view is None else f"view {_shown(view)}: "


def _function_told(change: FunctionChange) -> str:
    match change:
        case FunctionShadowed(name):
            return f"function {_shown(name)}: the engine's own → another in its place"
        case FunctionUnshadowed(name):
            return f"function {_shown(name)}: another in its place → the engine's own"
        case KindChanged(name, before, after):
            return f"function {_shown(name)}: {_shown(before)} → {_shown(after)}"
        case FunctionAdded() | FunctionRemoved() | DeterminismChanged():
            return _overload_told(change)
        case SignatureAdded() | SignatureRemoved() | ReturnsChanged():
            return _overload_told(change)


def _overload_told(
    change: FunctionAdded
    | FunctionRemoved
    | DeterminismChanged
    | SignatureAdded
    | SignatureRemoved
    | ReturnsChanged,
) -> str:
    function = f"{_shown(change.kind)} function {_shown(change.name)}"
    match change:
        case FunctionAdded():
            return f"{function}: absent → present"
        case FunctionRemoved():
            return f"{function}: present → absent"
        case DeterminismChanged(deterministic=True):
            return f"{function}: volatile → deterministic"
        case DeterminismChanged():
            return f"{function}: deterministic → volatile"
        case SignatureAdded(signature=signature):
            return f"{function}: gained {_signature(signature)}"
        case SignatureRemoved(signature=signature):
            return f"{function}: lost {_signature(signature)}"
        case ReturnsChanged(arguments=arguments, before=before, after=after):
            returned = f"{_shown(before or 'unknown')} → {_shown(after or 'unknown')}"
            return f"{function}: ({', '.join(map(_shown, arguments))}) returns {returned}"


def _setting_told(change: SettingChange) -> str:
    match change:
        case SettingDeparted(name, value):
            return f"setting {_shown(name)}: the engine's default → {_value(value)}"
        case SettingRestored(name, value):
            return f"setting {_shown(name)}: {_value(value)} → the engine's default"
        case SettingChanged(name, before, after):
            return f"setting {_shown(name)}: {_value(before)} → {_value(after)}"


def _declared(type_text: str, *, nullable: bool) -> str:
    return _shown(type_text) if nullable else f"{_shown(type_text)} not null"


def _entries_told(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield f"{_shown(key)}: {_entry(before, key)} → {_entry(after, key)}"


def _entry(metadata: dict[str, str], key: str) -> str:
    return _quoted(metadata[key]) if key in metadata else "absent"


def _after(anchor: str | None) -> str:
    return "first" if anchor is None else f"after {_shown(anchor)}"


def _signature(signature: Signature) -> str:
    arguments = ", ".join(map(_shown, signature.arguments))
    return f"({arguments}) → {_shown(signature.returns or 'unknown')}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(_shown, names)) if names else "nothing"


def _value(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


def _shown(text: str) -> str:
    return text if text and text.isprintable() else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else ascii(text)
