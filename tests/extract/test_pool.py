import operator
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from cst_contracts.extract.pool import Work, in_order

Task = Callable[[], int]


def lost(_task: Task) -> int:
    return -1


def _noted(log: Path, number: int) -> int:
    with log.open("a") as file:
        file.write(f"{number}\n")
    return number


WORK: Work[Task, int] = Work(operator.call, lost)


def counted(tasks: list[Task], taken: list[int]) -> Iterator[Task]:
    for number, task in enumerate(tasks):
        taken.append(number)
        yield task


def test_results_come_in_the_order_of_the_tasks() -> None:
    tasks: list[Task] = [partial(abs, -number) for number in range(20)]

    assert list(in_order(tasks, WORK, workers=2)) == list(range(20))


def test_a_task_that_kills_its_process_is_lost_and_the_others_are_not() -> None:
    tasks: list[Task] = [partial(abs, -number) for number in range(12)]
    tasks[3] = partial(os._exit, 1)

    results = list(in_order(tasks, WORK, workers=2))

    assert results == [0, 1, 2, -1, *range(4, 12)]


def test_one_worker_is_a_process_of_its_own_too() -> None:
    tasks: list[Task] = [os.getpid, partial(os._exit, 1), os.getpid]

    first, second, third = in_order(tasks, WORK, workers=1)

    assert second == -1
    assert len({first, third, os.getpid()}) == 3


def test_a_task_is_run_once_even_where_another_kills_its_process(tmp_path: Path) -> None:
    log = tmp_path / "log"
    tasks: list[Task] = [partial(_noted, log, number) for number in range(6)]
    tasks[2] = partial(os._exit, 1)

    assert list(in_order(tasks, WORK, workers=2)) == [0, 1, -1, 3, 4, 5]
    assert sorted(log.read_text().split()) == ["0", "1", "3", "4", "5"]


def test_an_error_of_a_task_is_raised_where_its_result_would_be() -> None:
    tasks: list[Task] = [partial(abs, -1), partial(int, "x")]

    results = in_order(tasks, WORK, workers=2)

    assert next(results) == 1
    with pytest.raises(ValueError, match="invalid literal"):
        next(results)


@pytest.mark.parametrize(("workers", "window"), [(1, 4), (2, 8)])
def test_no_more_than_a_window_of_tasks_is_taken_ahead(workers: int, window: int) -> None:
    taken: list[int] = []
    tasks = counted([partial(abs, -number) for number in range(40)], taken)

    results = in_order(tasks, WORK, workers=workers)

    ahead = [len(taken) - number for number, _ in enumerate(results)]
    assert max(ahead) == window
    assert len(ahead) == 40


def test_nothing_runs_on_when_nobody_takes_the_results() -> None:
    taken: list[int] = []
    results = in_order(counted([partial(abs, -1)] * 40, taken), WORK, workers=2)

    next(results)
    results.close()

    assert len(taken) == 8


def test_no_process_is_left_when_nobody_takes_the_results() -> None:
    results = in_order([os.getpid] * 40, WORK, workers=2)
    pid = next(results)

    results.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_script_that_its_workers_would_run_again_is_told_what_to_do(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("""
import os
from cst_contracts.errors import CstContractsError
from cst_contracts.extract.pool import Work, in_order
try:
    print(list(in_order([1], Work(abs, abs), workers=1)))
except CstContractsError as error:
    print(error)
""")

    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)

    assert 'under `if __name__ == "__main__":`' in ran.stdout
