"""Reads several streams of record batches at once, each in a thread of its own, until one fails."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeAlias, TypeVar

import pyarrow as pa

#: The batches of one stream, as the engine or pyarrow gives them.
Batches: TypeAlias = Iterable[pa.RecordBatch]

T = TypeVar("T")


def read_streams(streams: Sequence[Iterable[T]], readers: Sequence[Callable[[T], None]]) -> None:
    """Hands each batch of a stream, or whatever else comes one after the other, to the reader of the same
    position. Raises what the engine raises.

    An interrupt arrives in the main thread only, and an error in one thread only: then the others stop at
    their next batch, so that nobody waits for rows that nobody wants.
    """
    if len(streams) == 1:
        for batch in streams[0]:
            readers[0](batch)
        return
    # Nobody reads before all have started: an interrupt that meets the start of a thread leaves one that
    # nobody waits for.
    begun, stopped = Event(), Event()

    def consume(number: int) -> None:
        begun.wait()
        if stopped.is_set():
            return
        try:
            for batch in streams[number]:
                if stopped.is_set():
                    return
                readers[number](batch)
        except BaseException:
            stopped.set()
            raise

    with ThreadPoolExecutor(max(1, len(streams))) as pool:
        try:
            reading = pool.map(consume, range(len(streams)))
            begun.set()
            list(reading)
        except BaseException:
            stopped.set()
            begun.set()
            raise
