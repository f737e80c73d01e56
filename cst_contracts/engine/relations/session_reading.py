"""Tells what a relation of a session reads: files, when its plan names them, or something else."""

import re

from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.engine.session.settings import explaining_statistics
from cst_contracts.engine.session.waiting import plan_of, table_of
from cst_contracts.sql.names import table_name
from cst_contracts.sql.plan_bytes import scanned_files
from cst_contracts.sql.plan_text import scans_files, view_lines
from cst_contracts.sql.selects import explain, select_all

_SIZE = re.compile(r"statistics=\[Rows=Exact\((\d+)\), Bytes=\w+\((\d+)\)")


class Reading(Struct, frozen=True):
    """`view`: it is a query. `files` are the URLs of what its plan reads, with paths unquoted; one that is
    read several times stands there several times. None where the plan does not name them."""

    view: bool
    files: tuple[str, ...] | None


class Size(Struct, frozen=True):
    """What a plan's statistics tell of all that it reads."""

    rows: int
    bytes: int


def session_reading(context: SessionContext, table: str) -> Reading:
    """Raises what the engine raises."""
    frame = context.table(table_name(table))
    view = view_lines(frame.logical_plan().display_indent()) is not None
    plan = plan_of(context.sql(select_all(table)))
    told = plan.display_indent()
    if told.strip().startswith("EmptyExec"):
        return Reading(view, ())
    return Reading(view, scanned_files(plan.to_bytes(context)) if scans_files(told) else None)


def told_size(context: SessionContext, table: str) -> Size | None:
    """None where statistics do not tell. DataFusion 55 knows nothing else of a Delta table's files: its
    provider comes from another library, and only calls of it cross over."""
    with explaining_statistics(context):
        plan = table_of(context.sql(explain(select_all(table)))).column(1)[-1].as_py()
    found = _SIZE.search(plan)
    return None if found is None else Size(int(found[1]), int(found[2]))
