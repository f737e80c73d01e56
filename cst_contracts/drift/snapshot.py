"""Says what a snapshot remembers of a table or a session, and in which spelling.

Types that count as the same, such as `Utf8` and `Utf8View`, are spelled the same: which of them a session
shows differs with its version and its settings.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import TypeNode, print_type, walk_nodes
from cst_contracts.datatypes.nodes import is_list
from cst_contracts.facts import (
    CouldNotLook,
    FieldDiagnostic,
    FunctionFacts,
    OrderingFacts,
    QueryFacts,
    QueryPlan,
    SessionFacts,
    Signature,
    TableFacts,
)

MACHINE_SETTINGS = frozenset(
    {
        # One value a machine: the number of its cores.
        "datafusion.execution.planning_concurrency",
        "datafusion.execution.target_partitions",
        # Its time zone, where sessions take it from the surroundings.
        "datafusion.execution.time_zone",
        # Its memory and disks, and what a deployment grants of them.
        "datafusion.runtime.file_statistics_cache_limit",
        "datafusion.runtime.list_files_cache_limit",
        "datafusion.runtime.list_files_cache_ttl",
        "datafusion.runtime.max_spill_merge_fan_in",
        "datafusion.runtime.max_temp_directory_size",
        "datafusion.runtime.memory_limit",
        "datafusion.runtime.metadata_cache_limit",
        "datafusion.runtime.temp_directory",
    }
)
"""Settings that tell where a session runs, not what it is: they never enter a snapshot."""

_EXTENSION_NAME = "ARROW:extension:name"
_CONTAINERS = frozenset({"List", "FixedSizeList", "Map", "Struct"})
_STRINGS = frozenset({pa.string(), pa.large_string(), pa.string_view()})
_BINARIES = frozenset({pa.binary(), pa.large_binary(), pa.binary_view()})


class NodeSnapshot(Struct, frozen=True):
    """One field of a schema, or one node below a field.

    `arrow_type` is the engine's own word for the type; None where the engine was not asked. Of a list, map
    or struct, both are the kind alone: its children are nodes, too.
    """

    path: str
    type: str
    nullable: bool
    metadata: tuple[tuple[str, str], ...] = ()
    arrow_type: str | None = None


class QuerySnapshot(Struct, frozen=True):
    """What a view asks for: the functions that it calls, and its logical plan, a line each."""

    functions: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()


class ViewSnapshot(Struct, frozen=True):
    """What is remembered of a view."""

    name: str
    fields: tuple[NodeSnapshot, ...]
    query: QuerySnapshot = QuerySnapshot()


class ReaderSnapshot(Struct, frozen=True):
    """What is remembered of a reader's query: the functions that it calls, and the fields that its plan
    scans, in order; those of other tables have the tables' names before them."""

    name: str
    functions: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


class TableSnapshot(Struct, frozen=True):
    """What is remembered of a table, and of the views and the readers' queries of its contract, which are in
    order of their names.

    `fields` holds every node in schema order, parents first, each path once. `metadata` is the schema's own.
    `query` is empty for what is
    no view.
    """

    table: str
    fields: tuple[NodeSnapshot, ...]
    partitioned_by: tuple[str, ...] = ()
    ordered_by: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    query: QuerySnapshot = QuerySnapshot()
    views: tuple[ViewSnapshot, ...] = ()
    queries: tuple[ReaderSnapshot, ...] = ()


class SessionSnapshot(Struct, frozen=True):
    """Functions in order of name and kind, settings in order of name: `sorted_session` makes it.

    `settings` are those that differ from the engine's defaults; None is a setting set to nothing.
    `shadowed` are the engine's own functions whose names stand for others.
    """

    functions: tuple[FunctionFacts, ...]
    settings: tuple[tuple[str, str | None], ...]
    shadowed: tuple[str, ...] = ()


Snapshot: TypeAlias = TableSnapshot | SessionSnapshot


class SeenRelation(Struct, frozen=True):
    """What was seen of a table or a view. `query` is None for what is no view, `ordering` where nobody
    promises or can tell an order; `diagnostics` are empty where the engine was not asked."""

    table: TableFacts
    query: QueryFacts | None = None
    diagnostics: tuple[FieldDiagnostic, ...] = ()
    ordering: OrderingFacts | None = None


def table_snapshot(
    seen: SeenRelation,
    views: Iterable[SeenRelation] = (),
    queries: Mapping[str, QueryPlan] = MappingProxyType({}),
) -> TableSnapshot | CouldNotLook:
    """`queries` are the plans of readers' queries by their names.

    A table whose partitions or order nobody looked at counts as one that has none. A schema that has one
    path twice cannot be told: the answer is then what stood in the way.
    """
    in_order = sorted(views, key=lambda view: view.table.name)
    repeated = next(filter(None, map(_repeated_node, (seen, *in_order))), None)
    if repeated is not None:
        return repeated
    ordering = seen.ordering
    return TableSnapshot(
        table=seen.table.name,
        fields=_nodes(seen),
        partitioned_by=tuple(partition.name for partition in seen.table.partitions or ()),
        ordered_by=() if ordering is None else tuple(map(str, ordering.planned)),
        metadata=_entries(seen.table.schema.metadata),
        query=_query(seen),
        views=tuple(ViewSnapshot(view.table.name, _nodes(view), _query(view)) for view in in_order),
        queries=tuple(_reader(seen.table.name, name, queries[name]) for name in sorted(queries)),
    )


def _reader(table: str, name: str, plan: QueryPlan) -> ReaderSnapshot:
    own = (
        each.path if each.relation == table else f"{each.relation}.{each.path}"
        for each in plan.reads
    )
    return ReaderSnapshot(name, plan.functions, tuple(sorted(own)))


def _query(seen: SeenRelation) -> QuerySnapshot:
    if seen.query is None:
        return QuerySnapshot()
    return QuerySnapshot(seen.query.functions, seen.query.plan)


def session_snapshot(facts: SessionFacts) -> SessionSnapshot:
    defaults = facts.default_settings
    changed = (
        (name, value)
        for name, value in facts.settings.items()
        if name not in MACHINE_SETTINGS and (name not in defaults or defaults[name] != value)
    )
    return sorted_session(facts.functions, changed, facts.shadowed)


def sorted_session(
    functions: Iterable[FunctionFacts],
    settings: Iterable[tuple[str, str | None]],
    shadowed: Iterable[str] = (),
) -> SessionSnapshot:
    """A session's snapshot, in order; functions that are listed twice become one, with all signatures."""
    in_order = sorted(functions, key=_function_key)
    return SessionSnapshot(
        functions=tuple(
            _merged(name, kind, tuple(same))
            for (name, kind), same in groupby(in_order, key=_function_key)
        ),
        settings=tuple(sorted(settings, key=lambda setting: setting[0])),
        shadowed=tuple(sorted(set(shadowed))),
    )


def _function_key(function: FunctionFacts) -> tuple[str, str]:
    return function.name, function.kind


def _merged(name: str, kind: str, same: tuple[FunctionFacts, ...]) -> FunctionFacts:
    signatures = {signature for function in same for signature in function.signatures}
    return FunctionFacts(
        name=name,
        kind=kind,
        deterministic=all(function.deterministic for function in same),
        signatures=tuple(sorted(signatures, key=_signature_key)),
    )


def _signature_key(signature: Signature) -> tuple[tuple[str, ...], bool, str]:
    return signature.arguments, signature.returns is not None, signature.returns or ""


def _repeated_node(seen: SeenRelation) -> CouldNotLook | None:
    table, paths = seen.table, Counter(node.path for node in walk_nodes(seen.table.schema))
    for path, times in paths.items():
        if times > 1:
            reason = f"its schema has two fields {path}"
            return CouldNotLook(reason, relation=table.name, location=table.location)
    return None


def _nodes(seen: SeenRelation) -> tuple[NodeSnapshot, ...]:
    told = {each.path: own_type(each.audit_type) for each in seen.diagnostics}
    nodes = walk_nodes(seen.table.schema)
    return tuple(node_snapshot(node, told.get(node.path)) for node in nodes)


def own_type(audit_type: str) -> str:
    """An engine's type without the children of a list, map or struct, which are nodes of their own."""
    kind, _, _ = audit_type.partition("(")
    return kind if kind in _CONTAINERS else audit_type


def node_snapshot(node: TypeNode, arrow_type: str | None = None) -> NodeSnapshot:
    """The node alone, without what is below it, and with types that count as the same spelled the same."""
    return NodeSnapshot(
        path=node.path,
        type=type_text(node.field.type),
        nullable=node.field.nullable,
        metadata=_metadata(node.field),
        arrow_type=arrow_type,
    )


def _metadata(field: pa.Field) -> tuple[tuple[str, str], ...]:
    entries = dict(_entries(field.metadata))
    # Arrow moves the name from the metadata into the type where this process registered the type.
    if isinstance(field.type, pa.BaseExtensionType):
        entries[_EXTENSION_NAME] = field.type.extension_name
    return tuple(sorted(entries.items()))


def _entries(metadata: Mapping[bytes, bytes] | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_text(key), _text(value)) for key, value in (metadata or {}).items()))


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "backslashreplace")


def type_text(data_type: pa.DataType) -> str:
    """The type in one spelling for all that the contract language takes for the same."""
    types = pa.types
    if isinstance(data_type, pa.BaseExtensionType):
        return type_text(data_type.storage_type)
    if types.is_dictionary(data_type):
        return _dictionary_text(data_type.value_type)
    if types.is_struct(data_type):
        return "struct"
    if types.is_map(data_type):
        return "map"
    if types.is_fixed_size_list(data_type):
        return f"fixed_size_list[{data_type.list_size}]"
    if is_list(data_type):
        return "list"
    return _leaf_text(data_type)


def _dictionary_text(values: pa.DataType) -> str:
    """Nested values are spelled out: a dictionary's children have no entries of their own."""
    return print_type(values) if pa.types.is_nested(values) else _leaf_text(values)


def _leaf_text(data_type: pa.DataType) -> str:
    if data_type in _STRINGS:
        return "string"
    if data_type in _BINARIES:
        return "binary"
    return print_type(data_type)
