"""Reads the values at some paths of a relation where no scan of files does: by a query, or by its log."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias, TypeVar

import pyarrow as pa

from cst_contracts.datatypes import find_node
from cst_contracts.datatypes.values import Family, family
from cst_contracts.engine.access.undeclared import rows_undeclared
from cst_contracts.engine.access.ways import LoggedRows
from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results, all_failed
from cst_contracts.engine.rows.scan import results_of, scan, scan_apart, tally
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import CouldNotLook, Trouble
from cst_contracts.needs import NewestNeed, SpreadNeed, ValuesNeed

N = TypeVar("N", ValuesNeed, SpreadNeed, NewestNeed)
#: What a scan of a schema has to tally for needs, each of a path that the schema has.
MakeParts: TypeAlias = Callable[[pa.Schema, tuple[N, ...]], Sequence[Part]]


def read_values(needs: Sequence[N], queries: Queries, make: MakeParts[N]) -> Results:
    """A path that the relation does not have is a trouble of its own."""
    try:
        logged = None if queries.held else queries.access.logged(queries.relation)
        read = _queried if logged is None else partial(_logged, logged)
        found = read(needs, queries, make)
    except IntrospectionError as error:
        return all_failed(needs, error)
    return {need: found.get(need) or _without_field(need) for need in needs}


def _without_field(need: ValuesNeed | SpreadNeed | NewestNeed) -> CouldNotLook:
    reason = f"it has no field {need.path} to look at"
    return CouldNotLook(reason, need.relation, trouble=Trouble.FIELD)


def having_paths(needs: Sequence[N], schema: pa.Schema) -> tuple[N, ...]:
    return tuple(need for need in needs if find_node(schema, need.path) is not None)


def _queried(needs: Sequence[N], queries: Queries, make: MakeParts[N]) -> Results:
    relation = queries.relation
    with looking_at(relation):
        frame = rows_undeclared(queries.session([need.path for need in needs]), relation)
        schema = pa.schema(frame.schema())
    null_folders = _null_folders(queries, schema)

    def read(parts: Sequence[Part]) -> Sequence[Tally]:
        return scan(frame, parts, null_folders=null_folders, meter=queries.meter)

    parts = make(schema, having_paths(needs, schema))
    return results_of(scan_apart(parts, read, relation))


def _null_folders(queries: Queries, schema: pa.Schema) -> frozenset[str]:
    """Partition fields whose null is still a text: of another type, it is null already."""
    if queries.held is not None:
        return frozenset()
    storage = queries.access.opened(queries.relation).storage
    names = frozenset() if storage is None else storage.null_folders
    return frozenset(name for name in names if family(schema.field(name).type) is Family.TEXT)


def _logged(
    logged: LoggedRows, needs: Sequence[N], queries: Queries, make: MakeParts[N]
) -> Results:
    def read(parts: Sequence[Part]) -> Sequence[Tally]:
        columns = list(dict.fromkeys(name for part in parts for name in part.fields))
        batches: Iterator[pa.RecordBatch] = logged.rows(columns)
        return tally([batches], parts, meter=queries.meter)

    parts = make(logged.schema, having_paths(needs, logged.schema))
    return results_of(scan_apart(parts, read, queries.relation))
