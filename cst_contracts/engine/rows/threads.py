"""A query's partitions to what one reader each has made of their batches, in a thread each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import pyarrow as pa
from datafusion import DataFrame


class BatchReader(Protocol):
    def add(self, batch: pa.RecordBatch) -> None: ...


Reader = TypeVar("Reader", bound=BatchReader)


def read_partitions(frame: DataFrame, make: Callable[[], Reader]) -> list[Reader]:
    """Raises what the engine raises."""
    streams = list(frame.execute_stream_partitioned())
    readers = [make() for _ in streams]

    def consume(number: int) -> None:
        for batch in streams[number]:
            readers[number].add(batch.to_pyarrow())

    if len(streams) == 1:
        consume(0)
    else:
        with ThreadPoolExecutor(len(streams)) as pool:
            list(pool.map(consume, range(len(streams))))
    return readers
