"""Tells the columns of a Parquet file apart by the paths that contracts call them."""

import pyarrow as pa
import pyarrow.parquet as pq

from cst_contracts.datatypes import child_nodes, walk_nodes


def leaf_paths(stored: pq.ParquetSchema, schema: pa.Schema) -> tuple[str, ...] | None:
    """Of the file's columns in their sequence. `schema` is `stored` as Arrow has it.

    Columns of the file and leaves of the Arrow schema come in one order. Old encodings of lists have
    another number of leaves than the Arrow schema: then no column can be known by its position, and the
    answer is None.
    """
    leaves = [
        node.path for node in walk_nodes(schema) if not child_nodes(node.path, node.field.type)
    ]
    return tuple(leaves) if len(leaves) == len(stored.names) else None
