"""Rows that are handed to a session of their own, under the name that their relation has."""

import pyarrow as pa
import pytest

from cst_contracts.engine.rows.portions import rows_in_memory
from cst_contracts.sql.names import table_name

SCHEMA = pa.schema([("a", pa.int64())])


@pytest.mark.parametrize("relation", ["t", "lake.t", "db.lake.t"])
def test_rows_have_the_name_of_their_relation_and_come_in_their_order(relation: str) -> None:
    batches = [pa.RecordBatch.from_pylist([{"a": n}], SCHEMA) for n in (3, 1, 2)]
    context = rows_in_memory(relation, SCHEMA, batches)
    assert context.table(table_name(relation)).to_pydict() == {"a": [3, 1, 2]}
    empty = rows_in_memory(relation, SCHEMA, [])
    assert empty.table(table_name(relation)).count() == 0
