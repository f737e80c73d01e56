"""What the engine does to the fields of single data files, weighed as drift from the file to the table."""

from collections.abc import Collection, Sequence

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.field_files import FilesPromise
from cst_contracts.checks.verdict import Finding
from cst_contracts.checks.wording import Promise, counted, finding, some
from cst_contracts.contract.model import Evolution
from cst_contracts.datatypes import parse_type
from cst_contracts.drift.compatibility import rule_of
from cst_contracts.drift.evolution import is_red
from cst_contracts.drift.fields import (
    ArrowTypeChanged,
    FieldChange,
    FieldMoved,
    FieldRemoved,
    FieldRenamed,
    TypeChanged,
)
from cst_contracts.drift.snapshot import type_text
from cst_contracts.facts import Adapted, Adapting, FilesFacts

#: What is told at the field that is read; the rest is told of all fields together.
_OF_ONE_FIELD = frozenset({Adapting.CAST, Adapting.RECASED})


class Adaptations(Struct, frozen=True):
    """Findings about what the engine adapts: those that are red, and those that are only told."""

    red: tuple[Finding, ...] = ()
    told: tuple[Finding, ...] = ()


NOTHING_ADAPTED = Adaptations()


def field_adaptations(
    check: Promise, path: str, files: FilesFacts, promise: FilesPromise | None
) -> Adaptations:
    """Of one field or of a node below one."""
    found = (each for each in files.adapted.get(path, ()) if each.how in _OF_ONE_FIELD)
    return _weighed(check, [(path, each) for each in found], files, promise)


def table_adaptations(
    check: Promise, promised: Collection[str], files: FilesFacts, promise: FilesPromise | None
) -> Adaptations:
    """Of what has no check of its own: what is dropped or moved, and the nodes that nobody promises."""
    found = [
        (path, each)
        for path, adapted in files.adapted.items()
        for each in adapted
        if each.how not in _OF_ONE_FIELD or path not in promised
    ]
    return _weighed(check, found, files, promise)


class _Weighed(Struct, frozen=True):
    """One thing that is done to some files; fields to which the same is done are told together."""

    how: Adapting
    words: str
    rule: str
    red: bool
    files: tuple[str, ...]


def _weighed(
    check: Promise,
    found: Sequence[tuple[str, Adapted]],
    files: FilesFacts,
    promise: FilesPromise | None,
) -> Adaptations:
    if promise is None:
        return NOTHING_ADAPTED
    alike: dict[_Weighed, list[str]] = {}
    red_as_a_whole = frozenset(files.strangers if promise.forbids_missing else ())
    for path, each in found:
        held = tuple(file for file in each.files if file not in red_as_a_whole)
        if held and not (promise.log and _is_time_of_log(each)):
            alike.setdefault(_weigh(path, replace(each, files=held), promise), []).append(path)
    told = [
        (each.red, _finding(check, each, paths, files, promise)) for each, paths in alike.items()
    ]
    return Adaptations(
        tuple(finding for red, finding in told if red),
        tuple(finding for red, finding in told if not red),
    )


def _is_time_of_log(each: Adapted) -> bool:
    """A Delta log has one kind of time, in µs; Spark stores it as INT96, which has no unit."""
    sides = (each.stored, each.read) if each.how is Adapting.CAST else ()
    return bool(sides) and all(pa.types.is_timestamp(parse_type(side)) for side in sides)


def _weigh(path: str, each: Adapted, promise: FilesPromise) -> _Weighed:
    change = _change(path, each)
    rule = rule_of(change)
    class_ = f"{rule.id} ({rule.change_class})"
    return _Weighed(each.how, _words(each), class_, _is_red(each, change, promise), each.files)


def _change(path: str, each: Adapted) -> FieldChange:
    """As if the file's schema had become the table's."""
    match each.how:
        case Adapting.CAST:
            before, after = (type_text(parse_type(side)) for side in (each.stored, each.read))
            return TypeChanged(path, before, after)
        case Adapting.DROPPED:
            return FieldRemoved(path, each.stored, nullable=True)
        case Adapting.RECASED:
            return FieldRenamed(each.stored, path, each.read)
        case Adapting.MOVED:
            return FieldMoved(path, each.stored, each.read)
        case Adapting.RESPELLED:
            return ArrowTypeChanged(path, each.stored, each.read)


def _is_red(each: Adapted, change: FieldChange, promise: FilesPromise) -> bool:
    """Where no `evolution` is written, what reads files of before wrongly or not at all. A place is no matter
    to an engine that looks for names, unless the fields are frozen. A file that calls a field otherwise lacks
    it."""
    evolution = promise.evolution
    if each.how is Adapting.RESPELLED:
        return False
    if each.how is Adapting.RECASED and promise.forbids_missing:
        return True
    if evolution is None:
        return each.how is not Adapting.MOVED and rule_of(change).breaks_writers
    if each.how is Adapting.MOVED and evolution.overall not in (None, Evolution.FREEZE):
        return False
    return is_red(change, evolution)


def _words(each: Adapted) -> str:
    match each.how:
        case Adapting.CAST:
            return f"{each.stored}, read as {each.read},"
        case Adapting.DROPPED:
            return "not read, since the table has no such field,"
        case Adapting.RECASED:
            return f"called {each.stored}, which is another name to the engine, and null"
        case Adapting.MOVED:
            return "at another place"
        case Adapting.RESPELLED:
            return f"{each.stored}, read as {each.read}, which counts as the same,"


_CODES = {
    Adapting.CAST: FindingCode.CAST_IN_FILES,
    Adapting.DROPPED: FindingCode.DROPPED_IN_FILES,
    Adapting.RECASED: FindingCode.RECASED_IN_FILES,
    Adapting.MOVED: FindingCode.MOVED_IN_FILES,
    Adapting.RESPELLED: FindingCode.RESPELLED_IN_FILES,
}
_PROMISED = {
    Adapting.CAST: "the table's type in every file",
    Adapting.DROPPED: "no field in a file that is not read",
    Adapting.RECASED: "the table's name in every file",
    Adapting.MOVED: "the table's order of fields in every file",
    Adapting.RESPELLED: "the same spelling of a type in every file",
}
_HINT = "write the files again as the table is, or say with `evolution` that this is meant"
_RECASED_HINT = (
    "write the files again with the table's spelling; where null is meant, say so with `missing_in_files: "
    "allow` under `source` and with `evolution`"
)


def _finding(
    check: Promise,
    each: _Weighed,
    paths: Sequence[str],
    files: FilesFacts,
    promise: FilesPromise,
) -> Finding:
    where = f"{some(each.files)}, {len(each.files)} of {counted(files.files, 'file')}"
    observed = f"{some(paths)} {each.words} in {where}: {each.rule}"
    hint = _hint(each.how, promise) if each.red else ""
    return finding(check, _CODES[each.how], _PROMISED[each.how], observed, hint)


def _hint(how: Adapting, promise: FilesPromise) -> str:
    """`evolution` has no say in what is forbidden as missing."""
    forbidden = how is Adapting.RECASED and promise.forbids_missing
    return _RECASED_HINT if forbidden else _HINT
