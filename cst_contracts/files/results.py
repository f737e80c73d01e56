"""Writes the results of a run as Parquet."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cst_contracts.files.manifests import write_output


def write_results(file: Path, rows: pa.Table) -> None:
    """As one file, whole or not at all. Raises ManifestError where it cannot be written."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd")
    write_output(file, sink.getvalue().to_pybytes())
