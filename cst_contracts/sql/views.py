"""Writes the queries of a contract's views."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from cst_contracts.contract.model import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
    ViewContract,
)
from cst_contracts.sql.names import identifier, literal, table_name


class StructMembers(Struct, frozen=True):
    """What a `flatten` or `explode` view takes apart; `metadata` is its fields', by name."""

    fields: Sequence[str] = ()
    nullable: bool = True
    metadata: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def create_view(view: ViewContract, struct: StructMembers) -> str:
    return f"CREATE VIEW {table_name(view.name)} AS {view_query(view, struct)}"


def view_query(view: ViewContract, struct: StructMembers) -> str:
    kept = [identifier(name) for name in view.keep]
    source = table_name(view.of)
    match view.definition:
        case Expand(column=column):
            inner = ", ".join([*kept, f"unnest(map_entries({identifier(column)})) AS __entry"])
            outer = ", ".join(
                [*kept, "__entry['key'] AS attr_key", "__entry['value'] AS attr_value"]
            )
            return f"SELECT {outer} FROM (SELECT {inner} FROM {source}) AS entries"
        case Extract(entries=entries):
            found = [
                f"{identifier(column)}[{literal(key)}] AS {identifier(key)}"
                for column, key in entries
            ]
            return f"SELECT {', '.join([*kept, *found])} FROM {source}"
        case Pack(struct=name, fields=fields):
            pairs = ", ".join(f"{literal(each)}, {identifier(each)}" for each in fields)
            packed = f"named_struct({pairs}) AS {identifier(name)}"
            return f"SELECT {', '.join([*kept, packed])} FROM {source}"
        case Flatten(column=column):
            columns = _members(identifier(column), struct)
            return f"SELECT {', '.join([*kept, *columns])} FROM {source}"
        case Explode(column=column):
            inner = ", ".join([*kept, f"unnest({identifier(column)}) AS __element"])
            outer = ", ".join([*kept, *_members("__element", struct)])
            return f"SELECT {outer} FROM (SELECT {inner} FROM {source}) AS elements"
        case Sql(query=query):
            return query


def _members(of: str, struct: StructMembers) -> list[str]:
    # unnest(struct) names its columns differently from one engine version to the next.
    return [f"{_member(of, name, struct)} AS {identifier(name)}" for name in struct.fields]


def _member(of: str, name: str, struct: StructMembers) -> str:
    taken = f"{of}[{literal(name)}]"
    if not struct.nullable:
        return taken
    # A field taken from a null struct is whatever lies under that null, so nulls are asked for first;
    # and an expression, unlike a field, has no metadata of its own.
    asked = f"CASE WHEN {of} IS NOT NULL THEN {taken} END"
    pairs = [literal(text) for pair in struct.metadata.get(name, ()) for text in pair]
    return f"with_metadata({', '.join([asked, *pairs])})" if pairs else asked
