"""Files are shared out by their bytes, and large ones are cut."""

import pytest

from cst_contracts.distributed.pieces import Piece
from cst_contracts.distributed.sharing import shared_out

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
        ([127 * MEGABYTE], 1),
        ([640 * MEGABYTE], 10),
        ([640 * MEGABYTE, 1], 11),
    ],
)
def test_there_are_as_many_tasks_as_are_worth_it(sizes: list[int], tasks: int) -> None:
    files = [Piece(f"file:///t/{number}", size) for number, size in enumerate(sizes)]

    shared = shared_out(files)

    assert len(shared) == tasks
    assert all(shared)
    assert {piece.url for task in shared for piece in task} == {file.url for file in files}


def test_each_share_of_a_large_file_is_one_tasks() -> None:
    in_folder = (("day", "monday"),)
    large = Piece("file:///large", 640 * MEGABYTE, outside=in_folder)

    shared = shared_out([large, Piece("file:///small", 1)])

    assert {piece.outside for (piece,) in shared} == {(), in_folder}
    found = sorted((piece.url, piece.share.number, piece.share.of) for (piece,) in shared)
    assert found == [*(("file:///large", n, 10) for n in range(10)), ("file:///small", 0, 1)]


def test_no_task_has_much_more_than_another() -> None:
    files = [Piece(f"file:///t/{size}", size) for size in range(1, 1000)]

    bytes_of_tasks = [sum(piece.bytes for piece in task) for task in shared_out(files)]

    assert max(bytes_of_tasks) - min(bytes_of_tasks) <= 100
