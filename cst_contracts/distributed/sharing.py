"""Shares files out to the tasks of a scan, balanced by their bytes."""

import heapq
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cst_contracts.distributed.pieces import Piece
from cst_contracts.engine.access.one_file import Share

#: A task begins with a session of its own, which takes as long as some megabytes take to be read.
_BYTES_A_TASK = 64 * 1024**2
#: Of small files, more tasks would cost more than they save; fewer would leave workers idle.
_FEW_TASKS = 16


def shared_out(files: Sequence[Piece]) -> list[list[Piece]]:
    """Of whole files. No task is empty, and a large file is cut. The largest pieces are dealt out
    first, each to the task that has the least."""
    pieces = [piece for file in files for piece in _cut(file)]
    number = min(len(pieces), max(_FEW_TASKS, sum(file.size for file in files) // _BYTES_A_TASK))
    tasks: list[list[Piece]] = [[] for _ in range(number)]
    least = [(0, task) for task in range(number)]
    for piece in sorted(pieces, key=lambda each: (-each.bytes, each.url, each.share.number)):
        size, task = heapq.heappop(least)
        tasks[task].append(piece)
        heapq.heappush(least, (size + piece.bytes, task))
    return tasks


def _cut(file: Piece) -> Iterator[Piece]:
    of = max(1, file.size // _BYTES_A_TASK)
    for number in range(of):
        yield replace(file, share=Share(number, of))
