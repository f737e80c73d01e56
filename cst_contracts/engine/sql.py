"""Names and values to SQL text. Nothing from a contract reaches SQL unquoted but rules and `sql` views."""

from collections.abc import Iterable, Mapping, Sequence, Set

from msgspec import Struct, field

from cst_contracts.contract.model import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    SourceFormat,
    Sql,
    ViewContract,
)
from cst_contracts.engine.lake import HIVE_NULL
from cst_contracts.facts import SortTerm


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def name_parts(table: str) -> tuple[str, ...]:
    """`table`, `schema.table` or `catalog.schema.table`."""
    return tuple(table.split("."))


def table_name(table: str) -> str:
    return ".".join(map(identifier, name_parts(table)))


def select(columns: Sequence[str], table: str) -> str:
    return f"SELECT {', '.join(map(identifier, columns))} FROM {table_name(table)}"


def select_values(columns: Sequence[str], table: str, null_folders: Set[str]) -> str:
    """Partition fields in `null_folders` are null where their folder is named for no value."""
    read = [
        f"nullif({identifier(name)}, {literal(HIVE_NULL)}) AS {identifier(name)}"
        if name in null_folders
        else identifier(name)
        for name in columns
    ]
    return f"SELECT {', '.join(read)} FROM {table_name(table)}"


def select_all(table: str) -> str:
    return f"SELECT * FROM {table_name(table)}"


def select_where(table: str, column: str, operator: str, value: str) -> str:
    """`value` is SQL already."""
    name = identifier(column)
    return f"SELECT {name} FROM {table_name(table)} WHERE {name} {operator} {value}"


def count_rows(table: str) -> str:
    return f"SELECT count(*) FROM {table_name(table)}"


def call_table_function(name: str) -> str:
    """Of the engine's own only: no quoted name is one to the planner."""
    return f"SELECT * FROM {name}(1, 2)"


def count_differing(columns: Sequence[str], table: str, other: str) -> str:
    """The rows that one relation has more often than the other, nulls being equal.

    The engine groups neighbours only where an order is claimed, true or not; of what comes out of an
    array it knows no order.
    """
    listed = ", ".join(f"__c{index}" for index in range(len(columns)))
    values = ", ".join(
        f"make_array({identifier(name)})[1] AS __c{index}" for index, name in enumerate(columns)
    )
    both = " UNION ALL ".join(
        f"SELECT {values}, {sign} AS __n FROM {table_name(each)}"
        for each, sign in ((table, 1), (other, -1))
    )
    return (
        f"SELECT sum(abs(__n)) FROM (SELECT sum(__n) AS __n FROM ({both}) AS __both "
        f"GROUP BY {listed}) AS __rows"
    )


def set_option(name: str, value: str) -> str:
    """`name` stands unquoted, which is how the engine knows it: nothing from a contract's text."""
    return f"SET {name} = {literal(value)}"


#: Of the session's own; it cannot have any that information_schema does not list.
COUNT_TABLES = (
    "SELECT count(*) FROM information_schema.tables WHERE table_schema <> 'information_schema'"
)


def select_file(path: str) -> str:
    """Where the session reads paths as tables."""
    return f"SELECT * FROM {literal(path)}"


def count_file(path: str) -> str:
    return f"SELECT count(*) FROM {literal(path)}"


def analyze(query: str) -> str:
    return f"EXPLAIN ANALYZE {query}"


def external_files(table: str, urls: Iterable[str]) -> str:
    """Declares neither fields nor order: the engine finds them in the files."""
    locations = ", ".join(map(literal, urls))
    return f"CREATE EXTERNAL TABLE {table_name(table)} STORED AS PARQUET LOCATION ({locations})"


#: The name of the column that tells in which file a row stands.
FILE_OF_ROW = "__cst_file"


def beside_files(table: str, in_files: Sequence[str], other: str, in_other: Sequence[str]) -> str:
    """The rows of a table of files, each with what the other table has for its file."""
    columns = [f"__stored.{identifier(name)}" for name in in_files]
    columns += [f"__told.{identifier(name)}" for name in in_other]
    stored = f"SELECT *, input_file_name() AS {FILE_OF_ROW} FROM {table_name(table)}"
    return (
        f"SELECT {', '.join(columns)} FROM ({stored}) AS __stored "
        f"JOIN {identifier(other)} AS __told ON __stored.{FILE_OF_ROW} = __told.{FILE_OF_ROW}"
    )


def external_folder(table: str, url: str, *, pruning: bool = True) -> str:
    """Declares neither fields nor order: the engine finds them in the files, hive partitions too."""
    told = "" if pruning else " OPTIONS ('format.pruning' 'false')"
    name, location = table_name(table), literal(url)
    return f"CREATE EXTERNAL TABLE {name} STORED AS PARQUET LOCATION {location}{told}"


def external_source(
    table: str,
    format_: SourceFormat,
    url: str,
    options: Mapping[str, str],
    order: Sequence[SortTerm] = (),
) -> str:
    """Declares no fields: the engine finds them in the files, hive partitions too."""
    ordered = f" WITH ORDER ({order_by(order)})" if order else ""
    pairs = ", ".join(f"{literal(key)} {literal(value)}" for key, value in options.items())
    told = f" OPTIONS ({pairs})" if pairs else ""
    return (
        f"CREATE EXTERNAL TABLE {table_name(table)} STORED AS {format_.value.upper()}{ordered} "
        f"LOCATION {literal(url)}{told}"
    )


def external_stream(
    table: str,
    format_: SourceFormat,
    columns: Mapping[str, str],
    path: str,
    order: Sequence[SortTerm] = (),
) -> str:
    """An unbounded source has to declare its fields: SQL types by name. The engine takes a path, no URL."""
    declared = ", ".join(f"{identifier(name)} {type_}" for name, type_ in columns.items())
    ordered = f" WITH ORDER ({order_by(order)})" if order else ""
    header = " OPTIONS ('format.has_header' 'true')" if format_ is SourceFormat.CSV else ""
    return (
        f"CREATE UNBOUNDED EXTERNAL TABLE {table_name(table)} ({declared}) "
        f"STORED AS {format_.value.upper()}{ordered} LOCATION {literal(path)}{header}"
    )


def order_by(terms: Sequence[SortTerm]) -> str:
    return ", ".join(
        f"{identifier(term.field)} {'DESC' if term.descending else 'ASC'} "
        f"NULLS {'FIRST' if term.nulls_first else 'LAST'}"
        for term in terms
    )


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
