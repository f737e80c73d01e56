"""Finds the changes between two versions of a contract, in the words in which drift is told, too."""

from collections.abc import Iterable, Iterator

from cst_contracts.contract.model import (
    Contract,
    FieldContract,
    FieldOrder,
    SessionContract,
    SourceContract,
    Sql,
    TableContract,
    ViewContract,
)
from cst_contracts.datatypes import print_type
from cst_contracts.drift.changes import (
    Change,
    ContractAdded,
    ContractRemoved,
    OrderingChanged,
    PartitioningChanged,
    TableRenamed,
)
from cst_contracts.drift.fields import (
    SCHEMA,
    FieldChange,
    FieldMoved,
    Metadata,
    MetadataChanged,
    field_changes,
)
from cst_contracts.drift.files import file_changes
from cst_contracts.drift.promises import (
    PromiseAdded,
    PromiseChanged,
    PromiseRemoved,
    part_changes,
    promise_changes,
)
from cst_contracts.drift.snapshot import NodeSnapshot, type_text
from cst_contracts.drift.spelling import listed_parts, parts, spelled
from cst_contracts.drift.tightness import part_direction
from cst_contracts.drift.views import DefinitionChanged, ViewAdded, ViewFieldChanged, ViewRemoved
from cst_contracts.facts import SortTerm


def contract_changes(before: Contract | None, after: Contract | None) -> tuple[Change, ...]:
    """The changes from one version of a contract to the next, None where there is none.

    What nobody promises is left out: versions, descriptions, owners, consumers and waivers.
    """
    return tuple(_contract_changes(before, after))


def _contract_changes(before: Contract | None, after: Contract | None) -> Iterator[Change]:
    match before, after:
        case TableContract(), TableContract():
            yield from _table_changes(before, after)
        case SessionContract(), SessionContract():
            if before.name != after.name:
                yield TableRenamed(before.name, after.name)
            yield from promise_changes(before, after)
        case _:
            if before is not None:
                yield ContractRemoved(before.name)
            if after is not None:
                yield ContractAdded(after.name)


def _table_changes(before: TableContract, after: TableContract) -> Iterator[Change]:
    if before.name != after.name:
        yield TableRenamed(before.name, after.name)
    ordered = before.field_order is FieldOrder.STRICT
    yield from _field_changes(before.fields, after.fields, ordered=ordered)
    if _partitions(before.source) != _partitions(after.source):
        yield PartitioningChanged(_partitions(before.source), _partitions(after.source))
    if _ordering(before.source) != _ordering(after.source):
        yield OrderingChanged(_ordering(before.source), _ordering(after.source))
    if _metadata(before) != _metadata(after):
        yield MetadataChanged(SCHEMA, _metadata(before), _metadata(after))
    yield from promise_changes(before, after)
    yield from file_changes(before.source, after.source)
    yield from _view_changes(before.views, after.views, ordered=ordered)


def _field_changes(
    before: Iterable[FieldContract], after: Iterable[FieldContract], *, ordered: bool
) -> Iterator[FieldChange]:
    """Without moves where the sequence of the fields was no promise."""
    old, new = _nodes(before), _nodes(after)
    exact = {path for path, field in old.items() if field.exact and path in new and new[path].exact}
    changes = field_changes(
        *(
            [_node(field, exact=field.path in exact) for field in fields.values()]
            for fields in (old, new)
        )
    )
    return (change for change in changes if ordered or not isinstance(change, FieldMoved))


def _nodes(fields: Iterable[FieldContract]) -> dict[str, FieldContract]:
    return {node.path: node for field in fields for node in field.walk()}


def _node(field: FieldContract, *, exact: bool) -> NodeSnapshot:
    return NodeSnapshot(
        path=field.path,
        type=_exact_text(field) if exact else type_text(field.type),
        nullable=field.nullable,
        metadata=tuple(sorted(field.metadata)),
    )


def _exact_text(field: FieldContract) -> str:
    """The type alone, without what is below it: those are nodes of their own."""
    text = print_type(field.type)
    return text.partition("<")[0] if field.children else text


def _partitions(source: SourceContract | None) -> tuple[str, ...]:
    if source is None:
        return ()
    return tuple(
        each.name if each.type is None else f"{each.name}: {print_type(each.type)}"
        for each in source.partitioned_by
    )


def _ordering(source: SourceContract | None) -> tuple[str, ...]:
    if source is None:
        return ()
    return tuple(
        str(SortTerm(term.field, term.descending, term.nulls_first)) for term in source.ordered_by
    )


def _metadata(contract: TableContract) -> Metadata:
    return tuple(sorted((each.key, each.value) for each in contract.metadata))


def _view_changes(
    before: Iterable[ViewContract], after: Iterable[ViewContract], *, ordered: bool
) -> Iterator[Change]:
    old, new = ({view.name: view for view in views} for views in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield ViewRemoved(name)
        elif name not in old:
            yield ViewAdded(name)
        else:
            yield from _one_view_changes(old[name], new[name], ordered=ordered)


def _one_view_changes(
    before: ViewContract, after: ViewContract, *, ordered: bool
) -> Iterator[Change]:
    name = before.name
    if before.fields and after.fields:
        for change in _field_changes(before.fields, after.fields, ordered=ordered):
            yield ViewFieldChanged(name, change)
    elif before.fields:
        yield PromiseRemoved("view fields", name, _names(before.fields))
    elif after.fields:
        yield PromiseAdded("view fields", name, _names(after.fields))
    if definition(before) != definition(after):
        yield DefinitionChanged(name, definition(before), definition(after))
    yield from part_changes("view reads", name, "reads", before.reads, after.reads)
    if before.allow_empty != after.allow_empty:
        was, now = before.allow_empty, after.allow_empty
        went = part_direction("allow_empty", was, now)
        yield PromiseChanged("view allow_empty", name, spelled(was), spelled(now), went)


def _names(fields: Iterable[FieldContract]) -> str:
    return ", ".join(field.path for field in fields)


def definition(view: ViewContract) -> str:
    """A view as it is written, on one line: what it makes, of which relation, and what it keeps."""
    match view.definition:
        case Sql(query=query):
            return " ".join(query.split())
        case made:
            kind = type(made).__name__.lower()
            said = {kind: listed_parts(parts(made)), "of": view.of, "keep": view.keep}
            return listed_parts(said)
