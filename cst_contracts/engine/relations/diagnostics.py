"""A relation to what the engine says of its schema: one row for each field and each node below one.

Types and metadata are asked of the engine over a row of nulls that stands for no row of the relation: it
is there for an empty relation too, and nothing is read. `audit_type` is the type after an `arrow_cast`
to what engines change in passing: string and binary views, large types, list views, a list's child name
and the metadata below a field are gone from it.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.contract.diagnostics import ALL_DIAGNOSTICS, diagnostics_of
from cst_contracts.datatypes import TypeNode, child_nodes, is_list
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import has_table, live_schema, make_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import FieldDiagnostic
from cst_contracts.sql.names import identifier, literal, table_name
from cst_contracts.sql.selects import select

_AT_ONCE = 20  # nodes in one query
_SCHEMA = pa.schema(
    [
        pa.field("table_name", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("arrow_type", pa.string(), nullable=False),
        pa.field("audit_type", pa.string(), nullable=False),
        pa.field("nullable", pa.bool_(), nullable=False),
        pa.field("metadata", pa.map_(pa.string(), pa.string()), nullable=False),
    ]
)


def register_diagnostics(context: SessionContext, beside: SessionContext, table: str) -> None:
    """Asks the engine once, and keeps what it says under a name of its own: so it costs nothing to ask
    again. Raises IntrospectionError."""
    name = diagnostics_of(table)
    with looking_at(name):
        _refuse_taken(context, name)
        make_schema(context, name)
        rows = list(_told(context, beside, table))
        batch = pa.RecordBatch.from_pylist(rows, schema=_SCHEMA)
        context.register_record_batches(table_name(name), [[batch]])


def register_all_diagnostics(context: SessionContext, tables: Iterable[str]) -> None:
    """Registers the view of all relations, whose own are there. Raises IntrospectionError."""
    with looking_at(ALL_DIAGNOSTICS):
        _refuse_taken(context, ALL_DIAGNOSTICS)
        each = [select(_SCHEMA.names, diagnostics_of(table)) for table in tables]
        if not each:
            raise IntrospectionError("no relation could be opened", relation=ALL_DIAGNOSTICS)
        context.sql(f"CREATE VIEW {ALL_DIAGNOSTICS} AS {' UNION ALL '.join(each)}")


def read_diagnostics(context: SessionContext, table: str) -> tuple[FieldDiagnostic, ...]:
    """What is told of one relation, in schema order. Raises IntrospectionError."""
    name = diagnostics_of(table)
    with looking_at(name):
        rows = context.sql(select(_SCHEMA.names, name)).to_arrow_table().to_pylist()
    return tuple(
        FieldDiagnostic(
            path=row["path"],
            arrow_type=row["arrow_type"],
            audit_type=row["audit_type"],
            nullable=row["nullable"],
            metadata=tuple(row["metadata"]),
        )
        for row in sorted(rows, key=itemgetter("position"))
    )


def _refuse_taken(context: SessionContext, name: str) -> None:
    if has_table(context, name):
        cause = "the session has a relation of this name, which is that of the schema diagnostics"
        raise IntrospectionError(cause, relation=name)


class _Asked(Struct, frozen=True):
    """A node of the table's `column`, `at` this place of it; `cast` is where its audit is read off."""

    column: int
    node: TypeNode
    at: str
    cast: str


def _told(context: SessionContext, beside: SessionContext, table: str) -> Iterator[dict[str, Any]]:
    """A few nodes at once: what the engine needs to plan one grows faster than the number of nodes, and
    what it needs for the relation itself comes on top each time."""
    schema = live_schema(context, table)
    nodes = [
        (column, node, at)
        for column, top in enumerate(child_nodes("", pa.struct(list(schema))))
        for node, at in _expressions(top, f"__f{column}")
    ]
    texts = _texts(beside, (_audited(node.field.type) for _, node, _ in nodes if _is_cast(node)))
    asked = [_Asked(column, node, at, _cast(node, at, texts)) for column, node, at in nodes]
    for start in range(0, len(asked), _AT_ONCE):
        part = asked[start : start + _AT_ONCE]
        (row,) = context.sql(_question(table, schema, part)).to_arrow_table().to_pylist()
        for index, each in enumerate(part):
            arrow_type = row[f"arrow_{index}"]
            yield {
                "table_name": table,
                "path": each.node.path,
                "position": start + index,
                "arrow_type": arrow_type,
                "audit_type": row.get(f"audit_{index}", arrow_type),
                "nullable": each.node.field.nullable,
                "metadata": row[f"metadata_{index}"],
            }


def _question(table: str, schema: pa.Schema, asked: Sequence[_Asked]) -> str:
    """A row with the answers for each node; without an audit where nothing is cast."""
    answers: list[str] = []
    for index, each in enumerate(asked):
        answers.append(f"arrow_typeof({each.at}) AS arrow_{index}")
        answers.append(f"arrow_metadata({each.at}) AS metadata_{index}")
        if each.cast != each.at:
            answers.append(f"arrow_typeof({each.cast}) AS audit_{index}")
    named = {each.column: identifier(schema.names[each.column]) for each in asked}
    none = f"SELECT {', '.join(named.values())} FROM {table_name(table)} LIMIT 0"
    firsts = (f"first_value({name}) AS __f{column}" for column, name in named.items())
    row = f"SELECT {', '.join(firsts)} FROM ({none}) AS __none"
    return f"SELECT {', '.join(answers)} FROM ({row}) AS __row"


def _expressions(node: TypeNode, at: str) -> Iterator[tuple[TypeNode, str]]:
    yield node, at
    for child in child_nodes(node.path, node.field.type):
        yield from _expressions(child, _below(node, child, at))


def _below(node: TypeNode, child: TypeNode, at: str) -> str:
    if child.path == f"{node.path}[]":
        return f"{at}[1]"
    if pa.types.is_map(node.field.type):
        side = "map_keys" if child.path.endswith("{}.key") else "map_values"
        return f"{side}({at})[1]"
    return f"get_field({at}, {literal(child.name)})"


def _cast(node: TypeNode, at: str, texts: dict[pa.DataType, str]) -> str:
    text = texts.get(_audited(node.field.type)) if _is_cast(node) else None
    return at if text is None else f"arrow_cast({at}, {literal(text)})"


def _is_cast(node: TypeNode) -> bool:
    """Of a nested type, equality does not see all that is left out."""
    audited = _audited(node.field.type)
    return audited != node.field.type or bool(child_nodes(node.path, audited))


def _texts(beside: SessionContext, types: Iterable[pa.DataType]) -> dict[pa.DataType, str]:
    """The engine's own spelling of types, which `arrow_cast` reads. Unions it does not read."""
    asked = [type_ for type_ in dict.fromkeys(types) if not _holds_union(type_)]
    if not asked:
        return {}
    fields = [pa.field(str(index), type_) for index, type_ in enumerate(asked)]
    empty = pa.record_batch([pa.array([], type_) for type_ in asked], schema=pa.schema(fields))
    beside.register_record_batches("__cst_types", [[empty]])
    try:
        described = beside.sql("DESCRIBE __cst_types").to_arrow_table()
    finally:
        beside.deregister_table("__cst_types")
    return dict(zip(asked, described.column("data_type").to_pylist(), strict=True))


def _holds_union(type_: pa.DataType) -> bool:
    return bool(pa.types.is_union(type_)) or any(
        _holds_union(node.field.type) for node in child_nodes("", type_)
    )


def _audited(type_: pa.DataType) -> pa.DataType:
    """Field metadata is left out on the way: `arrow_cast` reads none."""
    types = pa.types
    if isinstance(type_, pa.BaseExtensionType):
        return _audited(type_.storage_type)
    if types.is_large_string(type_) or types.is_string_view(type_):
        return pa.string()
    if types.is_large_binary(type_) or types.is_binary_view(type_):
        return pa.binary()
    if types.is_struct(type_):
        return pa.struct([_plain(child, child.name) for child in type_])
    if types.is_map(type_):
        return pa.map_(_plain(type_.key_field, "key"), _plain(type_.item_field, "value"))
    if types.is_fixed_size_list(type_):
        return pa.list_(_plain(type_.value_field, "item"), type_.list_size)
    if is_list(type_):
        return pa.list_(_plain(type_.value_field, "item"))
    if types.is_dictionary(type_):
        return pa.dictionary(type_.index_type, _audited(type_.value_type), type_.ordered)
    return type_


def _plain(field: pa.Field, name: str) -> pa.Field:
    return pa.field(name, _audited(field.type), field.nullable)
