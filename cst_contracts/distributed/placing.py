"""Decides which answers a cluster finds: this is the one place that does."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from cst_contracts.datatypes import find_node, top_level
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.aggregate_parts import PartedAggregate
from cst_contracts.engine.rows.aggregates import fields_named
from cst_contracts.engine.rows.elsewhere import Referred
from cst_contracts.engine.rows.key_queries import comparable_types
from cst_contracts.engine.rows.measures import measure_of
from cst_contracts.engine.rows.plan import (
    Answer,
    Compared,
    Enumerated,
    Hashed,
    Ordered,
    Proved,
    Queried,
    Scanned,
)
from cst_contracts.engine.rows.rules import fields_named_in
from cst_contracts.engine.rows.written_keys import is_writable
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.needs import AggregateNeed, AnyRowNeed, ReferenceNeed, RuleNeed

_BY_QUERY = "a query of its own is no part of the scan"


def why_here(answer: Answer, files: ScannableFiles, referred: Referred) -> str | None:
    """Why this machine finds an answer; None where the cluster does.

    Only tables whose files alone are their rows get here: streams, text, views, and Delta tables that need
    their log are asked by queries.
    """
    match answer:
        case Scanned() | Compared() | Hashed():
            return _in_folders(_fields_read(answer.need, files), files)
        case Queried(need=ReferenceNeed() as need):
            return _of_reference(need, files, referred(need))
        case Queried(need=AggregateNeed() as need):
            return _of_aggregate(need, files)
        case Proved() | Enumerated() | Queried() | Ordered():
            return _BY_QUERY
        case _:
            assert_never(answer)


def _of_reference(
    need: ReferenceNeed, files: ScannableFiles, there: ScannableFiles | None
) -> str | None:
    reference = need.reference
    if there is None:
        return f"{reference.table} has no files that can be scanned"
    in_folders = _in_folders(map(top_level, reference.fields), files)
    in_folders = in_folders or _in_folders(map(top_level, reference.to), there)
    return in_folders or _of_types(need, files, there)


def _of_aggregate(need: AggregateNeed, files: ScannableFiles) -> str | None:
    """One that is no aggregate is refused here, which tells why."""
    in_folders = _in_folders(fields_named(files.schema.names, need.aggregate), files)
    if in_folders is not None:
        return in_folders
    try:
        return PartedAggregate(need.relation, need.aggregate, files.schema).why_whole
    except IntrospectionError:
        return "the engine refuses it"


def _of_types(need: ReferenceNeed, files: ScannableFiles, there: ScannableFiles) -> str | None:
    """Keys meet as bytes, which tell nothing of what a cast would make equal."""
    for path, other in zip(need.reference.fields, need.reference.to, strict=True):
        one, two = find_node(files.schema, path), find_node(there.schema, other)
        if one is None or two is None:
            return f"no file has {path if one is None else other}"
        types = one.field.type, two.field.type
        if not all(map(is_writable, types)) or not comparable_types(*types):
            return f"equal values of {path} and {other} need not be stored alike"
    return None


def _in_folders(names: Iterable[str], files: ScannableFiles) -> str | None:
    """What is null is told to a task where the engine here can tell it, too."""
    read = [name for name in names if name in files.null_folders]
    return f"the engine cannot read all values of {', '.join(read)}" if read else None


def _fields_read(need: AnyRowNeed, files: ScannableFiles) -> Sequence[str]:
    if isinstance(need, RuleNeed):
        return fields_named_in(files.schema, need.rule)
    return [top_level(path) for path in measure_of(need).paths_read(need)]
