"""Equal hashes prove nothing: the rows behind them are looked up."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import DataFrame, SessionContext, col

from cst_contracts.engine.rows.hashes import Hashes
from cst_contracts.engine.rows.keys import Duplicates, gather, look_up
from cst_contracts.engine.rows.scan import hash_of, places
from cst_contracts.facts import RowPlace


def keys(folder: Path, *columns: pa.Array) -> tuple[DataFrame, list[str]]:
    names = [f"k{number}" for number in range(len(columns))]
    pq.write_table(pa.table(list(columns), names), folder / "f.parquet")
    context = SessionContext()
    context.register_parquet("t", str(folder / "f.parquet"))
    return context.table("t").select(*places(), *map(col, names)), names


def test_rows_that_share_a_key_are_counted_and_placed(tmp_path: Path) -> None:
    frame, names = keys(tmp_path, pa.array(["a", "b", "a", None, "a"]), pa.array([1, 1, 1, 1, 2]))
    found = gather(frame, names, 5)
    assert (found.complete, found.incomplete) == (4, 1)
    duplicates = look_up(frame, names, found, 5)
    assert duplicates is not None
    assert duplicates.rows == 1
    assert [place.row for place in duplicates.places] == [0, 2]


def test_equal_hashes_of_other_keys_are_no_duplicates(tmp_path: Path) -> None:
    """As if `a` and `b` had one hash: that of each is told twice."""
    frame, names = keys(tmp_path, pa.array(["a", "b", "c"]))
    hashed = frame.select(hash_of(names)).to_arrow_table().column(0).combine_chunks()
    forged = Hashes(6)
    forged.add(hashed, None)
    forged.add(hashed, None)
    assert look_up(frame, names, forged, 5) == Duplicates(0)


def test_too_many_to_look_up_are_left_to_a_query(tmp_path: Path) -> None:
    frame, names = keys(tmp_path, pa.array([*range(2_001)] * 2))
    assert look_up(frame, names, gather(frame, names, 10), 0) is None


@pytest.mark.parametrize(
    "column",
    [
        pa.array([2**62 + 1, 2**62 + 1, 2**62], pa.timestamp("ns")),
        pa.array([2**50, 2**50, 2**49], pa.timestamp("us")),
        pa.array([2**30, 2**30, 1], pa.date32()),
        pa.array([86_400_000, 86_400_000, 0], pa.date64()),
        pa.array([b"\xff", b"\xff", b""], pa.binary_view()),
    ],
)
def test_values_beyond_what_python_can_hold_are_keys(tmp_path: Path, column: pa.Array) -> None:
    frame, names = keys(tmp_path, column)
    found = look_up(frame, names, gather(frame, names, 3), 1)
    file = str(tmp_path / "f.parquet").lstrip("/")
    assert found == Duplicates(1, (RowPlace(file, 0),))
