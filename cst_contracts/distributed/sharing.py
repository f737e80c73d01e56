"""Shares files out to the tasks of a scan, balanced by their bytes."""

import heapq
from collections.abc import Sequence

from cst_contracts.distributed.worker import File

#: A task begins with a session of its own, which takes as long as some megabytes take to be read.
_BYTES_A_TASK = 64 * 1024**2
#: Of small files, more tasks would cost more than they save; fewer would leave workers idle.
_FEW_TASKS = 16


def shared_out(files: Sequence[File]) -> list[list[File]]:
    """No task is empty. The largest files are dealt out first, each to the task that has the least."""
    total = sum(file.size for file in files)
    number = min(len(files), max(_FEW_TASKS, total // _BYTES_A_TASK))
    tasks: list[list[File]] = [[] for _ in range(number)]
    least = [(0, task) for task in range(number)]
    for file in sorted(files, key=lambda each: (-each.size, each.url)):
        size, task = heapq.heappop(least)
        tasks[task].append(file)
        heapq.heappush(least, (size + file.size, task))
    return tasks
