"""Writes what rows are asked for in SQL: as text, of no engine's own making but for the places of rows.

A key is flattened first: one column per path, one row per innermost element of its lists and maps.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from cst_contracts.datatypes import TypeNode, child_nodes, find_node, leads_to, walk_nodes
from cst_contracts.sql.names import identifier, literal, table_name

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
            f"{_one_nan(schema, path, identifier(chain[0][1]))} AS {key_column(index)}"
            for index, (path, chain) in enumerate(zip(paths, chains, strict=True))
        ]
        return f"SELECT {', '.join([*beside, *columns])} FROM {table_name(table)}"
    top = list(dict.fromkeys(chain[0][1] for chain in chains))
    renamed = {name: f"__c{index}" for index, name in enumerate(top)}
    columns = [f"{identifier(name)} AS {alias}" for name, alias in renamed.items()]
    # DataFusion 55 refuses to plan a column that is selected under two names while a field of it is taken
    # out ("Schema contains duplicate qualified field name"), therefore each is selected once.
    selected = {identifier(name): alias for name, alias in renamed.items()}
    expressions = {name: selected.get(each, name) for name, each in (carried or {}).items()}
    beside = [f"{each} AS {name}" for name, each in (carried or {}).items() if each not in selected]
    query = f"SELECT {', '.join([*beside, *columns])} FROM {table_name(table)}"
    expressions |= {chain[0][0]: renamed[chain[0][1]] for chain in chains}
    for depth in range(1, max(len(chain) for chain in chains)):
        query, expressions = _one_step(query, expressions, chains, depth)
    finals = [f"{expressions[name]} AS {name}" for name in carried or {}]
    finals += [
        f"{_one_nan(schema, path, expressions[path])} AS {key_column(index)}"
        for index, path in enumerate(paths)
    ]
    return f"SELECT {', '.join(finals)} FROM ({query}) AS __rows"


def _one_nan(schema: pa.Schema, path: str, value: str) -> str:
    """DataFusion 55 groups and joins NaN by its bits, therefore all NaN are made the same."""
    node = find_node(schema, path)
    type_ = None if node is None else node.field.type
    if type_ is not None and pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if type_ is None or not pa.types.is_floating(type_):
        return value
    return f"CASE WHEN isnan({value}) THEN CAST('NaN' AS DOUBLE) ELSE {value} END"


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


def count_keys(rows: str, fields: int) -> str:
    """Complete keys, those of them that another row has, too, and keys with a null: three sums.

    The engine groups neighbours only where a footer or a registration claims an order, true or not; of
    what comes out of an array it knows no order.
    """
    keys, listed, complete = _keys(fields), _listed(fields), _complete(fields)
    groups = (
        f"SELECT {listed}, count(*) AS __n FROM (SELECT {_unordered(keys)} FROM ({rows}) AS __keys) "
        f"AS __unordered GROUP BY {listed}"
    )
    return (
        f"SELECT sum(CASE WHEN {complete} THEN __n ELSE 0 END), "
        f"sum(CASE WHEN {complete} THEN __n - 1 ELSE 0 END), "
        f"sum(CASE WHEN {complete} THEN 0 ELSE __n END) FROM ({groups}) AS __groups"
    )


def shared_keys(rows: str, fields: int) -> str:
    """The complete keys that several rows have."""
    keys, listed, complete = _keys(fields), _listed(fields), _complete(fields)
    return (
        f"SELECT {listed} FROM (SELECT {_unordered(keys)} FROM ({rows}) AS __keys WHERE {complete}) "
        f"AS __unordered GROUP BY {listed} HAVING count(*) > 1"
    )


def references(here: str, fields: int) -> str:
    """The rows whose reference has no null: what follows FROM, where they are called `__here`."""
    return f"({here}) AS __here WHERE {_complete(fields)}"


def references_by_file(rows: str, fields: int) -> str:
    """Each file with how many of its rows have a reference without a null. No row is filtered out: past a
    filter the engine may no longer know in which file one stands."""
    file, _ = PLACES
    complete = f"sum(CASE WHEN {_complete(fields)} THEN 1 ELSE 0 END)"
    return f"SELECT {file}, {complete} FROM ({rows}) AS __keys GROUP BY {file}"


def dangling(here: str, there: str, fields: int) -> str:
    """Those of them that dangle."""
    same = " AND ".join(f"__there.{key} = __here.{key}" for key in _keys(fields))
    absent = f"NOT EXISTS (SELECT 1 FROM ({there}) AS __there WHERE {same})"
    return f"{references(here, fields)} AND {absent}"


def count_of(source: str) -> str:
    return f"SELECT count(*) FROM {source}"


def dangling_keys(here: str, there: str, fields: int) -> str:
    return f"SELECT DISTINCT {_listed(fields)} FROM {dangling(here, there, fields)}"


def dangling_groups(here: str, there: str, fields: int) -> str:
    """The keys that dangle, each with how many rows have it, as `__here`: a join holds the keys of one side
    in memory, and to group them spills."""
    keys, listed = _keys(fields), _listed(fields)
    both = (
        f"SELECT {_unordered(keys)}, 1 AS __h, 0 AS __t FROM ({here}) AS __ours "
        f"WHERE {_complete(fields)} UNION ALL "
        f"SELECT {_unordered(keys)}, 0 AS __h, 1 AS __t FROM ({there}) AS __theirs"
    )
    groups = f"SELECT {listed}, sum(__h) AS __here, sum(__t) AS __there FROM ({both}) AS __both"
    return (
        f"SELECT {listed}, __here FROM ({groups} GROUP BY {listed}) AS __groups WHERE __there = 0"
    )


def sum_of_groups(groups: str) -> str:
    return f"SELECT sum(__here) FROM ({groups}) AS __dangling"


def keys_of_groups(groups: str, fields: int) -> str:
    return f"SELECT {_listed(fields)} FROM ({groups}) AS __all"


def distinct_rows(query: str) -> str:
    return f"SELECT DISTINCT * FROM ({query}) AS __keys"


def first_keys(few: str, fields: int, most: int) -> str:
    listed = _listed(fields)
    return f"SELECT {listed} FROM ({few}) AS __few ORDER BY {listed} LIMIT {most}"


def places_with(few: str, here: str, fields: int, most: int) -> str:
    """The first places of the rows that have one of the keys of the table `few`. They are joined, not
    filtered: past a filter the engine may no longer know where a row stands."""
    columns = ", ".join(f"__here.{name}" for name in PLACES)
    return (
        f"SELECT DISTINCT {columns} FROM {_joined(few, here, fields)} "
        f"ORDER BY {columns} LIMIT {most}"
    )


def places_together(few: str, here: str, fields: int, most: int) -> str:
    """As `places_with`, but all rows of a key stand together, where the first of them is."""
    places = ", ".join(f"__here.{name}" for name in PLACES)
    keys = ", ".join(f"__few.{name}" for name in _keys(fields))
    pairs = ", ".join(f"'{name}', __here.{name}" for name in PLACES)
    first = f"first_value(named_struct({pairs})) OVER (PARTITION BY {keys} ORDER BY {places})"
    rows = f"SELECT {places}, {first} AS __first FROM {_joined(few, here, fields)}"
    listed = ", ".join(PLACES)
    return (
        f"SELECT {listed} FROM ({rows}) AS __rows GROUP BY {listed} "
        f"ORDER BY min(__first), {listed} LIMIT {most}"
    )


def _joined(few: str, here: str, fields: int) -> str:
    return f"{few} AS __few JOIN ({here}) AS __here ON {_same_as_few(fields)}"


def rows_with(few: str, here: str, fields: int, columns: Sequence[str], most: int) -> str:
    """Some rows that have one of the keys that a query finds, in the order of their keys."""
    shown, order = (
        ", ".join(f"__here.{name}" for name in names) for names in (columns, _keys(fields))
    )
    joined = _joined(f"({few})", here, fields)
    return f"SELECT {shown} FROM {joined} ORDER BY {order} LIMIT {most}"


def dangling_rows(here: str, there: str, fields: int, columns: Sequence[str], most: int) -> str:
    shown = ", ".join(f"__here.{name}" for name in columns)
    return f"SELECT {shown} FROM {dangling(here, there, fields)} LIMIT {most}"


def null_rows(
    schema: pa.Schema, table: str, path: str, carried: Mapping[str, str], most: int
) -> str:
    """Some rows with a null at a path, whose parents are there: a null struct holds no null field."""
    above = [node for node in _above(schema, path) if pa.types.is_struct(node.field.type)]
    parents = [node.path for node in above[-1:]]
    rows = flattened(schema, table, [path, *parents], carried)
    there = "".join(f" AND {key_column(1)} IS NOT NULL" for _ in parents)
    return (
        f"SELECT {', '.join(carried)} FROM ({rows}) AS __rows "
        f"WHERE {key_column(0)} IS NULL{there} LIMIT {most}"
    )


def _above(schema: pa.Schema, path: str) -> list[TypeNode]:
    nodes = walk_nodes(schema)
    return [node for node in nodes if node.path != path and leads_to(node.path, path)]


def _keys(fields: int) -> list[str]:
    return [key_column(index) for index in range(fields)]


def _listed(fields: int) -> str:
    return ", ".join(_keys(fields))


def _complete(fields: int) -> str:
    return " AND ".join(f"{key} IS NOT NULL" for key in _keys(fields))


def _unordered(keys: Sequence[str]) -> str:
    # Of what comes out of an array no order is known, true or not.
    return ", ".join(f"make_array({key})[1] AS {key}" for key in keys)


def _same_as_few(fields: int) -> str:
    return " AND ".join(f"__few.{key} = __here.{key}" for key in _keys(fields))
