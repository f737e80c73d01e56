"""Hands the rows of a Delta table in an object store to a session, as deltalake reads them by the log.

DataFusion 55 reads such a table's own provider in a runtime that knows the local disk and no store, whatever
the session has registered: "No suitable object store found". It reads a dataset of pyarrow by calling it.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.engine.formats.delta.log import log_rows
from cst_contracts.sql.names import table_name

if TYPE_CHECKING:
    from deltalake import DeltaTable


def register_dataset(
    context: SessionContext, table: str, opened: "DeltaTable", schema: pa.Schema
) -> None:
    """`schema` is that of the provider. Raises what the engine raises."""
    context.register_dataset(table_name(table), _LogDataset(opened, schema))


class _LogDataset(ds.Dataset):  # type: ignore[misc]  # pyarrow ships no types
    """What DataFusion 55 asks of a dataset, and no more: the rest of the class needs a dataset of Arrow's."""

    def __init__(self, opened: "DeltaTable", schema: pa.Schema) -> None:
        self._rows = _LogFragment(opened, schema)

    @property
    def schema(self) -> pa.Schema:
        return self._rows.schema

    def scanner(self, **asked: Any) -> ds.Scanner:
        """Asked for its schema only."""
        return ds.dataset([], schema=self.schema).scanner(**asked)

    def get_fragments(
        self,
        filter: ds.Expression | None = None,  # noqa: A002  # Arrow's word
    ) -> Iterator["_LogFragment"]:
        return iter([self._rows])


class _LogFragment:
    """All rows of the table. Every method is one that the engine calls."""

    def __init__(self, opened: "DeltaTable", schema: pa.Schema) -> None:
        self._opened, self.schema = opened, schema

    def scanner(
        self,
        schema: pa.Schema,
        *,
        columns: Sequence[str],
        filter: ds.Expression | None = None,  # noqa: A002  # Arrow's word
        batch_size: int | None = None,
    ) -> "_LogScan":
        return _LogScan(self._opened, schema, tuple(columns), filter)


class _LogScan(Struct, frozen=True):
    """Some columns of the rows that a filter leaves."""

    opened: "DeltaTable"
    schema: pa.Schema
    columns: tuple[str, ...]
    filter: Any

    @property
    def projected_schema(self) -> pa.Schema:
        return pa.schema([self.schema.field(name) for name in self.columns])

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """Of a filter nobody can tell which fields it reads, therefore all are read for it."""
        if self.filter is None:
            for batch in log_rows(self.opened, self.columns or self.schema.names[:1]):
                yield self._typed(batch.select(self.columns))
            return
        for batch in log_rows(self.opened, self.schema.names):
            yield self._typed(self._kept(_cast(batch, self.schema)))

    def _kept(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """pyarrow 26 compares views of text, which is how deltalake reads it, and takes no rows of them."""
        asked = ds.Scanner.from_batches([batch], columns={"kept": self.filter}, schema=batch.schema)
        kept = asked.to_table().column("kept").combine_chunks()
        texts = pa.schema(self.opened.schema().to_arrow())
        return _cast(batch, texts).select(self.columns).filter(kept)

    def _typed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch of no column still has its rows."""
        return _cast(batch, self.projected_schema) if self.columns else batch


def _cast(batch: pa.RecordBatch, fields: pa.Schema) -> pa.RecordBatch:
    columns = [batch.column(field.name).cast(field.type) for field in fields]
    return pa.record_batch(columns, schema=fields)
