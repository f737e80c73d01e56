"""Breaks readers' queries: a field that they read is gone, or their table is read by way of another."""

from collections.abc import Callable, Iterator

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.queries import QueryRuns
from cst_contracts.engine.session.schema import make_schema
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable
from cst_contracts.proof.breakers.touching import touches
from cst_contracts.proof.mentions import mentioned
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.staging import Stage, register
from cst_contracts.sql.names import table_name

_BELOW = "cst_below"


def break_query(check: QueryRuns, ground: Ground) -> Iterator[Break | Unbreakable]:
    foldered = ground.stage.layout.partitioned_by
    names = mentioned(check.query.sql, ground.stage.rows.schema.names).names
    gone = [name for name in names if name not in foldered]
    if gone and len(ground.stage.rows.schema) > 1 + len(foldered):
        yield Break(
            f"no {gone[0]}",
            FindingCode.QUERY_UNPLANNED,
            [_without(ground.stage, gone[0])],
            lambda other: touches(other, gone[0]),
            (FindingCode.FIELD_MISSING, FindingCode.READS_MORE),  # of a query of all that there is
        )
    if check.query.reads and names:
        yield Break(
            "its table read by way of another",
            FindingCode.READS_MORE,
            [
                replace(
                    ground.stage,
                    session=(_by_way_of_another(check.table, ground.stage.rows.table()),),
                )
            ],
            lambda _: True,
        )
    elif not gone:
        yield Unbreakable("it reads no field of the table that could be gone", counted=False)


def _without(stage: Stage, name: str) -> Stage:
    schema = stage.rows.schema
    rest = pa.schema([each for each in schema if each.name != name], schema.metadata)
    return replace(stage, rows=Rows(rest, {each: stage.rows.columns[each] for each in rest.names}))


def _by_way_of_another(table: str, rows: pa.Table) -> Callable[[SessionContext], None]:
    """The session has the rows under another name, and a view of them under the table's."""

    def register_both(session: SessionContext) -> None:
        register(session, _BELOW, rows)
        make_schema(session, table)
        session.register_view(table_name(table), session.table(_BELOW))

    return register_both
