"""What the stored rows of the live relations hold: each measured once a process, when first asked for."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from datafusion import SessionContext

from cst_contracts.contract.model import ReferenceContract, RuleContract
from cst_contracts.engine.catalog import LiveCatalog
from cst_contracts.engine.counts import count_keys, count_references, count_rules
from cst_contracts.engine.failure import looking_at
from cst_contracts.engine.file_formats import read_file
from cst_contracts.engine.lake import file_name
from cst_contracts.engine.row_order import order_of_file, together
from cst_contracts.engine.session import open_session
from cst_contracts.engine.sql import identifier
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import KeyCount, ReferenceCount, RowOrder, RuleCount, SortTerm

T = TypeVar("T")


class Measurements:
    """Of the relations of a catalog. A result is a count, or the error that stands in its way."""

    def __init__(self, catalog: LiveCatalog) -> None:
        self._catalog = catalog
        # In one partition, a file's rows come in the file's order.
        self._in_order = open_session({"datafusion.execution.target_partitions": "1"})
        self._done: dict[Hashable, object] = {}

    def keys(self, table: str, paths: Sequence[str]) -> KeyCount | IntrospectionError:
        return self._once(
            ("keys", table, *paths), lambda: count_keys(self._rows(table, paths), table, paths)
        )

    def references(
        self, table: str, reference: ReferenceContract
    ) -> ReferenceCount | IntrospectionError:
        other, to, fields = reference.table, reference.to, reference.fields
        return self._once(
            ("references", table, reference),
            lambda: count_references(
                self._rows(table, fields), table, fields, (self._rows(other, to), other, to)
            ),
        )

    def rules(
        self, table: str, rules: Sequence[RuleContract]
    ) -> dict[RuleContract, RuleCount | IntrospectionError] | IntrospectionError:
        """All of a table's together; the first call decides which."""
        return self._once(
            ("rules", table), lambda: count_rules(self._rows(table, ()), table, rules)
        )

    def row_order(self, table: str, terms: Sequence[SortTerm]) -> RowOrder | IntrospectionError:
        return self._once(("order", table), lambda: self._row_order(table, terms))

    def _row_order(self, table: str, terms: Sequence[SortTerm]) -> RowOrder:
        storage = self._catalog.storage(table)
        if storage is None:
            cause = "order is a property of files, and nobody knows those of this table"
            raise IntrospectionError(cause, table=table)
        partitions = {partition.name for partition in storage.partitions}
        stored = [term for term in terms if term.field not in partitions]
        columns = [identifier(term.field) for term in stored]
        with looking_at(table, storage.location):
            return together(
                order_of_file(
                    file_name(url),
                    (
                        batch.to_pyarrow()
                        for batch in read_file(
                            self._in_order, storage.format, url, storage.file_schema
                        )
                        .select(*columns)
                        .execute_stream()
                    ),
                    stored,
                )
                for url in storage.files
            )

    def _rows(self, table: str, paths: Sequence[str]) -> SessionContext:
        return self._catalog.stored_session(table, paths)

    def _once(self, key: Hashable, measure: Callable[[], T]) -> T | IntrospectionError:
        if key not in self._done:
            try:
                self._done[key] = measure()
            except IntrospectionError as error:
                self._done[key] = error
        return self._done[key]  # type: ignore[return-value]  # what was kept under this key
