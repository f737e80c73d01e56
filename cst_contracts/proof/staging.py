"""Everything that a contract's promises are checked against, as a value, before it is written."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.contract.clauses.source import STORED_NOWHERE
from cst_contracts.contract.model import (
    AsOfVersion,
    SourceContract,
    SourceFormat,
    TableContract,
)
from cst_contracts.engine.session.schema import make_schema
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.writing import Layout, write
from cst_contracts.sql.names import table_name


class Stage(Struct, frozen=True):
    """`rows` are the table's, `others` those of the tables that it refers to. New files begin at the rows of
    `cuts`; or the rows are `dealt` to so many files, one after another. `absent`: the table is not there.
    `lacking` are the fields that single files lack, by their numbers. `files` are changes to what was
    written, and `session` those to the session, made before anybody looks. `settings` are the session's
    beside those of a preset, and `artifacts` the tables of its catalog. `accepted` is the stage whose
    snapshots are accepted; by default the one that keeps the contract.
    """

    rows: Rows
    others: Mapping[str, Rows]
    layout: Layout
    cuts: tuple[int, ...] = ()
    dealt: int = 0
    absent: bool = False
    lacking: Mapping[int, frozenset[str]] = {}
    settings: Mapping[str, str] = {}
    files: tuple[Callable[[Path], None], ...] = ()
    session: tuple[Callable[[SessionContext], None], ...] = ()
    artifacts: Mapping[str, pa.Table] = {}
    accepted: "Stage | None" = None

    def parts(self) -> list[pa.Table]:
        """The files that the rows are stored in."""
        table = self.rows.table()
        if self.dealt:
            turns = [range(turn, table.num_rows, self.dealt) for turn in range(self.dealt)]
            return [table.take(pa.array(turn, pa.int64())) for turn in turns]
        bounds = [0, *(cut for cut in self.cuts if 0 < cut < table.num_rows), table.num_rows]
        slices = [table.slice(start, end - start) for start, end in pairwise(bounds)]
        return [
            part.drop_columns(sorted(self.lacking.get(number, ())))
            for number, part in enumerate(slices)
        ]


def layout_of(contract: TableContract, format_: SourceFormat | None = None) -> Layout:
    """As the source says; Parquet where the contract's table is stored nowhere."""
    source = contract.source
    if source is None or source.format in STORED_NOWHERE:
        return Layout(format_ or SourceFormat.PARQUET)
    as_of = source.as_of
    own = format_ in (None, source.format)
    return Layout(
        format_ or source.format,
        tuple(each.name for each in source.partitioned_by),
        source.options if own else Layout(source.format).options,
        {rule.name: rule.sql for rule in contract.rules if rule.enforced},
        as_of.version + 1 if isinstance(as_of, AsOfVersion) else 1,
        files=(source.files or None) if own else None,
    )


def location_of(contract: TableContract) -> str | None:
    """Where the table is stored, relative to the lake; None for one that is stored nowhere."""
    match contract.source:
        case SourceContract(location=str(location)):
            return location
        case _:
            return None


def store(stage: Stage, place: Path) -> None:
    """Writes the table. Raises NoData."""
    write(stage.parts(), place, stage.layout)
    for change in stage.files:
        change(place)


def register(context: SessionContext, name: str, table: pa.Table) -> None:
    """A table in memory."""
    make_schema(context, name)
    batches = table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
    context.register_record_batches(table_name(name), [batches])
