"""Hypothesis strategies of tables that keep a contract."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import TableContract
from cst_contracts.proof.choices import Choices, Seeded
from cst_contracts.proof.errors import TooFewRows
from cst_contracts.proof.known import Known, known
from cst_contracts.proof.making import Making, try_rules, utc_now

try:
    from hypothesis import reject
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "cst_contracts.proof.tables needs hypothesis: pip install 'cst-contracts[proof]'",
        name="hypothesis",
    ) from error

PathLike: TypeAlias = str | os.PathLike[str]
_MOST = 5
_CHOICES = 64
_SHOWN_ROWS = 20
_SHOWN = 1_000


class Tables(Struct, frozen=True):
    """The tables that were drawn. `table` is the contract's own, called `name`; `by_name` has it, too, and
    those that it refers to."""

    name: str
    by_name: Mapping[str, pa.Table]

    @property
    def table(self) -> pa.Table:
        return self.by_name[self.name]

    def __repr__(self) -> str:
        """What a failing test prints: the rows, as far as they are short."""
        told = ", ".join(
            f"{name}={_shown(table)}" for name, table in reversed(tuple(self.by_name.items()))
        )
        return f"Tables({told})"

    def __getitem__(self, name: str) -> pa.Table:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)


def _shown(table: pa.Table) -> str:
    rows = str(table.slice(0, _SHOWN_ROWS).to_pylist())
    return rows if len(rows) <= _SHOWN else f"<{table.num_rows} rows, {rows[:_SHOWN]}…>"


def tables(
    contract: TableContract | PathLike, *, min_rows: int | None = None, max_rows: int | None = None
) -> st.SearchStrategy[Tables]:
    """Tables of at least `min_rows` and at most `max_rows` rows that keep a contract, and the tables that
    they refer to.

    `contract` is a contract, or a file of one; of a file, the contracts beside it are known, so that tables
    that it refers to keep theirs. Without `min_rows`, a table has a row at least, unless its contract allows
    none. Raises InvalidContract where the file is no contract, and NoData, a CstContractsError, where no row
    keeps its rules.
    """
    found = known(contract) if isinstance(contract, TableContract) else known(Path(contract))
    least = min_rows if min_rows is not None else int(not found.contract.allow_empty)
    most = max(least, _MOST) if max_rows is None else max_rows
    if not 0 <= least <= most:
        raise ValueError(f"min_rows={least} and max_rows={most} leave no number of rows")
    try_rules(found.contract, found.tables)
    return _drawn(found, least, most)


@st.composite
def _drawn(draw: st.DrawFn, found: Known, least: int, most: int) -> Tables:
    making = Making(found.tables, Drawn(draw), utc_now(), least, most, firm=False)
    try:
        made = making.tables(found.contract)
    except TooFewRows:
        reject()
    return Tables(found.contract.name, {name: rows.table() for name, rows in made.items()})


class Drawn:
    """Choices that Hypothesis makes, and makes simpler once it has found a failing example."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def bytes(self, count: int) -> bytes:
        """As many as Hypothesis likes, over and over: how many there are does not hang on the number of rows,
        which therefore can shrink without new choices for all of them."""
        if not count:
            return b""
        chosen = self._draw(st.binary(max_size=_CHOICES)) or b"\x00"
        return (chosen * (count // len(chosen) + 1))[:count]

    def simple(self) -> bool:
        return self.number(0, 3) == 0

    def apart(self) -> Choices:
        return Seeded(self.number(0, 255))
