"""Adds up what portions of a relation's rows tell that come one after the other, each as record batches."""

from collections.abc import Sequence
from functools import partial

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.scan import InOrder, results_of, scan, scan_apart
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.schema import make_schema
from cst_contracts.facts import CouldNotLook
from cst_contracts.sql.names import table_name


class Portions:
    """All portions have the fields of one schema, and are known to the engine by the relation's name."""

    def __init__(self, relation: str, schema: pa.Schema, file: str = "") -> None:
        """`file` is what the rows' places are told by. Raises IntrospectionError."""
        self._relation = relation
        self._schema = schema
        self._file = file
        self._context = rows_in_memory(relation, schema, [])
        self._parts: list[Part] = []
        self._tallies: list[Tally | CouldNotLook | None] = []
        self.rows = 0

    def frame(self) -> DataFrame:
        """The rows of the last portion, none before the first."""
        return self._context.table(table_name(self._relation))

    def measure(self, parts: Sequence[Part]) -> None:
        """From the next portion on. One that fails in a portion has failed, and spoils no other."""
        self._parts = [each for part in parts for each in part.apart()]
        self._tallies = [None] * len(self._parts)

    @property
    def failed(self) -> bool:
        """Whether no further portion can change an answer."""
        return all(isinstance(each, CouldNotLook) for each in self._tallies)

    def add(self, batches: Sequence[pa.RecordBatch]) -> None:
        """Raises what the engine raises."""
        self._register(batches)
        alive = [
            number
            for number, each in enumerate(self._tallies)
            if not isinstance(each, CouldNotLook)
        ]
        read = partial(scan, self.frame(), in_order=InOrder(self._file, self.rows))
        parts = [self._parts[number] for number in alive]
        tallied = scan_apart(parts, read, self._relation)
        for number, (_, found) in zip(alive, tallied, strict=True):
            before = self._tallies[number]
            if isinstance(found, CouldNotLook) or before is None:
                self._tallies[number] = found
            elif not isinstance(before, CouldNotLook):
                before.merge(found)
        self.rows += sum(batch.num_rows for batch in batches)

    def results(self) -> Results:
        tallied = zip(self._parts, self._tallies, strict=True)
        return results_of(
            (part, part.tallies(1)[0] if each is None else each) for part, each in tallied
        )

    def _register(self, batches: Sequence[pa.RecordBatch]) -> None:
        self._context.deregister_table(table_name(self._relation))
        _register(self._context, self._relation, self._schema, batches)


def rows_in_memory(
    relation: str, schema: pa.Schema, batches: Sequence[pa.RecordBatch]
) -> SessionContext:
    """A session that has these rows under the relation's name. On one partition, they come in their order."""
    context = open_believing_nothing({"datafusion.execution.target_partitions": "1"})
    make_schema(context, relation)
    _register(context, relation, schema, batches)
    return context


def _register(
    context: SessionContext, relation: str, schema: pa.Schema, batches: Sequence[pa.RecordBatch]
) -> None:
    rows = list(batches) or [pa.RecordBatch.from_pylist([], schema)]
    context.register_record_batches(table_name(relation), [rows])
