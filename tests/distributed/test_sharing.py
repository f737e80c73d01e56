"""Files are shared out by their bytes."""

import pytest

from cst_contracts.distributed.sharing import shared_out
from cst_contracts.distributed.worker import File

MEGABYTE = 1024**2


@pytest.mark.parametrize(
    ("sizes", "tasks"),
    [
        ([], 0),
        ([1], 1),
        ([1] * 16, 16),
        ([1] * 100, 16),
        ([64 * MEGABYTE] * 100, 100),
        ([32 * MEGABYTE] * 100, 50),
    ],
)
def test_there_are_as_many_tasks_as_are_worth_it(sizes: list[int], tasks: int) -> None:
    files = [File(f"file:///t/{number}", size) for number, size in enumerate(sizes)]

    shared = shared_out(files)

    assert len(shared) == tasks
    assert all(shared)
    assert sorted(file.url for task in shared for file in task) == sorted(f.url for f in files)


def test_no_task_has_much_more_than_another() -> None:
    files = [File(f"file:///t/{size}", size) for size in range(1, 1000)]

    bytes_of_tasks = [sum(file.size for file in task) for task in shared_out(files)]

    assert max(bytes_of_tasks) - min(bytes_of_tasks) <= 100
