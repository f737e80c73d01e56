"""Paths into lists and maps to a query with one column per path, one row per innermost element."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from cst_contracts.datatypes import child_nodes, find_node, leads_to
from cst_contracts.engine.sql import identifier, literal, table_name

#: Where a row stands, in the engine's words; only over a scan of files.
PLACES = {"__cst_file": "input_file_name()", "__cst_row": "file_row_index()"}


def key_column(index: int) -> str:
    return f"__k{index}"


def flattened(
    schema: pa.Schema, table: str, paths: Sequence[str], carried: Mapping[str, str] | None = None
) -> str:
    """Columns are named by `key_column`. Elements of one list stay together; those of two lists that
    have nothing to do with each other are paired by position, as SQL's unnest does.

    `carried` are expressions over the table's rows, by the name of the column that they become.
    """
    beside = [f"{expression} AS {name}" for name, expression in (carried or {}).items()]
    chains = [_chain(schema, path) for path in paths]
    if all(len(chain) == 1 for chain in chains):
        columns = [
            f"{identifier(chain[0][1])} AS {key_column(index)}"
            for index, chain in enumerate(chains)
        ]
        return f"SELECT {', '.join([*beside, *columns])} FROM {table_name(table)}"
    top = list(dict.fromkeys(chain[0][1] for chain in chains))
    renamed = {name: f"__c{index}" for index, name in enumerate(top)}
    columns = [f"{identifier(name)} AS {alias}" for name, alias in renamed.items()]
    query = f"SELECT {', '.join([*beside, *columns])} FROM {table_name(table)}"
    expressions = {name: name for name in carried or {}}
    expressions |= {chain[0][0]: renamed[chain[0][1]] for chain in chains}
    for depth in range(1, max(len(chain) for chain in chains)):
        query, expressions = _one_step(query, expressions, chains, depth)
    finals = [f"{expressions[name]} AS {name}" for name in carried or {}]
    finals += [f"{expressions[chain[-1][0]]} AS {key_column(i)}" for i, chain in enumerate(chains)]
    return f"SELECT {', '.join(finals)} FROM ({query}) AS __rows"


def _chain(schema: pa.Schema, path: str) -> list[tuple[str, str]]:
    """(path, step) of every node from the field down; a step is a struct's child, `[]`, `key` or `value`."""
    nodes = [node for node in _top(schema) if leads_to(node[0], path)]
    chain = [nodes[0]]
    while chain[-1][0] != path:
        node = find_node(schema, chain[-1][0])
        if node is None:
            raise KeyError(path)
        below = child_nodes(node.path, node.field.type)
        following = next(each for each in below if leads_to(each.path, path))
        step = "[]" if following.path.endswith("[]") else following.name
        if pa.types.is_map(node.field.type):
            step = "{}key" if following.path.endswith("{}.key") else "{}value"
        chain.append((following.path, step))
    return chain


def _top(schema: pa.Schema) -> list[tuple[str, str]]:
    return [(node.path, node.name) for node in child_nodes("", pa.struct(list(schema)))]


def _one_step(
    query: str, expressions: dict[str, str], chains: Sequence[list[tuple[str, str]]], depth: int
) -> tuple[str, dict[str, str]]:
    """One level down for every chain that goes further: an unnest makes a query around the query."""
    unnested: dict[str, str] = {}
    found = dict(expressions)
    for chain in chains:
        if depth >= len(chain):
            continue
        (parent, _), (path, step) = chain[depth - 1], chain[depth]
        match step:
            case "[]":
                unnested[path] = f"unnest({expressions[parent]})"
            case "{}key":
                unnested[path] = f"unnest(map_keys({expressions[parent]}))"
            case "{}value":
                unnested[path] = f"unnest(map_values({expressions[parent]}))"
            case _:
                # What lies under a null struct is no value of its field.
                above = expressions[parent]
                found[path] = f"CASE WHEN {above} IS NOT NULL THEN {above}[{literal(step)}] END"
    if not unnested:
        return query, found
    live = {path: expression for path, expression in found.items() if path not in unnested}
    aliases = {path: f"__u{depth}_{index}" for index, path in enumerate([*live, *unnested])}
    columns = [
        f"{expression} AS {aliases[path]}" for path, expression in {**live, **unnested}.items()
    ]
    return f"SELECT {', '.join(columns)} FROM ({query}) AS __rows", aliases
