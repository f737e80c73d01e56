"""Breaks promises about the libraries that a table arrives in: it has a type that the library does not."""

from collections.abc import Iterator

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.field_set import FieldsComplete
from cst_contracts.checks.files import FilesKept
from cst_contracts.checks.interop import TableArrives
from cst_contracts.checks.queries import QueryRuns
from cst_contracts.checks.snapshots import SchemaSnapshot
from cst_contracts.checks.views import ViewUsable
from cst_contracts.contract.model import Library, SourceFormat
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.staging import register

_EXTRA = "cst_extra"
#: Neither Polars nor DuckDB has a time of day in milliseconds; pandas has whatever pyarrow has.
_STRANGE = pa.time32("ms")
_HOLDING_ALL = frozenset({Library.PANDAS})
#: Formats whose files can hold that type.
_HOLDING = frozenset({SourceFormat.PARQUET, SourceFormat.ARROW})


def break_interop(check: TableArrives, ground: Ground) -> Iterator[Break | Unbreakable]:
    if check.interop.name in _HOLDING_ALL:
        why = f"{check.interop.name} has every type that the engine has"
        yield Unbreakable(why, counted=False)
        return
    stage = ground.stage
    rows = Rows(
        stage.rows.schema.append(pa.field(_EXTRA, _STRANGE)),
        {**stage.rows.columns, _EXTRA: [0] * stage.rows.count},
    )
    what, code = f"a field of {_STRANGE}", FindingCode.INTEROP_TYPE
    if stage.layout.format in _HOLDING:
        yield Break(what, code, [replace(stage, rows=rows)], _hangs)
        return

    def strange(session: SessionContext) -> None:
        register(session, check.table, rows.table())

    yield Break(what, code, [replace(stage, session=(strange,))], lambda _: True)


def _hangs(check: Check) -> bool:
    """What is about all fields that there are."""
    every = FieldsComplete | FilesKept | QueryRuns | SchemaSnapshot | TableArrives | ViewUsable
    return isinstance(check, every)
