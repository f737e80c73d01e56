"""Looks at what comes of a relation's first rows in a library that readers take them into."""

from collections.abc import Iterator

import pyarrow as pa

from cst_contracts.datatypes import child_path, print_type
from cst_contracts.engine.looks.libraries import ArrowStream, Loaded, load
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.relations.row_hashes import differing
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Exchange, Refusal
from cst_contracts.needs import ExchangeNeed
from cst_contracts.sql.names import table_name

#: So many rows of a relation are handed over.
MOST_ROWS = 1_000


def exchange(registry: Registry, need: ExchangeNeed) -> Exchange:
    """Raises IntrospectionError, of the library where that cannot be imported."""
    rows = _first_rows(registry, need.relation)
    return exchanged(rows, load(need.library, need.relation))


def _first_rows(registry: Registry, relation: str) -> pa.Table:
    """The grammar lets no unbounded table be handed over."""
    registry.open(relation)
    with looking_at(relation):
        frame = registry.context.table(table_name(relation)).limit(MOST_ROWS)
        return pa.RecordBatchReader.from_stream(frame).read_all()


def exchanged(rows: pa.Table, library: Loaded) -> Exchange:
    """Where a library does not take all fields, those that it takes are handed over without the others."""
    refused: tuple[Refusal, ...] = ()
    back = _sent(rows, library)
    if isinstance(back, Refusal):
        refused = tuple(_refused_alone(rows, library)) or (back,)
        rows = rows.select([name for name in rows.column_names if not _is_of(name, refused)])
        back = _sent(rows, library) if rows.num_columns else rows
    if isinstance(back, Refusal):
        refused, rows = (*refused, back), rows.select([])
        back = rows
    differences = tuple(_differences(rows, back)) if rows.num_rows == back.num_rows else ()
    return Exchange(
        handed=rows.schema,
        rows=rows.num_rows,
        returned=back.schema,
        rows_returned=back.num_rows,
        version=library.version,
        zone=library.zone,
        differing=differences,
        refused=refused,
    )


def _is_of(name: str, refused: tuple[Refusal, ...]) -> bool:
    return any(each.path in ("", child_path("", name)) for each in refused)


def _sent(rows: pa.Table, library: Loaded) -> pa.Table | Refusal:
    """Whatever a library throws at what it is handed is its answer: it does not take these rows."""
    try:
        with looking_at(None):
            return library.there_and_back(ArrowStream(rows))
    except IntrospectionError as error:
        return Refusal("", "", error.reason)


def _refused_alone(rows: pa.Table, library: Loaded) -> Iterator[Refusal]:
    for field in rows.schema:
        back = _sent(rows.select([field.name]), library)
        if isinstance(back, Refusal):
            yield Refusal(child_path("", field.name), print_type(field.type), back.reason)


def _differences(rows: pa.Table, back: pa.Table) -> Iterator[tuple[str, int]]:
    """Of fields that have arrived under their names."""
    for name in rows.column_names:
        if name in back.column_names:
            count = differing(rows.column(name), back.column(name))
            if count:
                yield child_path("", name), count
