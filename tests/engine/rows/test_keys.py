"""Equal hashes prove nothing: the rows behind them are looked up."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import DataFrame, SessionContext, col
from support.observing import MEMORY, answered

from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.hashes import Equal
from cst_contracts.engine.rows.key_tally import Duplicates, hash_of, look_up
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.rows.scan import places
from cst_contracts.facts import KeyCount, RowPlace, Sample
from cst_contracts.needs import KeyNeed


def keys(folder: Path, *columns: pa.Array) -> tuple[DataFrame, list[str]]:
    names = [f"k{number}" for number in range(len(columns))]
    pq.write_table(pa.table(list(columns), names), folder / "f.parquet")
    context = SessionContext()
    context.register_parquet("t", str(folder / "f.parquet"))
    return context.table("t").select(*places(), *map(col, names)), names


def equal_hashes(frame: DataFrame, names: list[str], *rows: int) -> Equal:
    """Of the keys in these rows, as if another row had each of their hashes."""
    hashes = frame.select(hash_of(names)).to_arrow_table().column(0).to_pylist()
    return Equal(tuple(sorted({hashes[row] for row in rows})), 2 * len(rows))


def test_rows_that_share_a_key_are_counted_and_placed(tmp_path: Path) -> None:
    frame, names = keys(tmp_path, pa.array(["a", "b", "a", None, "a"]), pa.array([1, 1, 1, 1, 2]))
    duplicates = look_up(frame, names, equal_hashes(frame, names, 0), 5)
    assert duplicates.rows == 1
    assert [place.row for place in duplicates.places] == [0, 2]


def test_rows_of_a_key_stand_where_the_first_of_them_does(
    tmp_path: Path, observer: Callable[..., DataFusionObserver]
) -> None:
    """One that has several such keys stands with the first of them."""
    ids = [[1, 2], [3], [2], [3, 1], [4], [5, 5]]
    pq.write_table(pa.table({"k": ids}), tmp_path / "t")
    how = MeasuringOptions(MEMORY, samples=9)
    found = answered(observer(how=how), KeyNeed("t", ("k[]",)))
    places = tuple(Sample(RowPlace("t", row), ()) for row in (0, 2, 3, 1, 5))
    assert found == KeyCount(9, 4, 0, places)


def test_equal_hashes_of_other_keys_are_no_duplicates(tmp_path: Path) -> None:
    """As if each of the keys had another one's hash."""
    frame, names = keys(tmp_path, pa.array(["a", "b", "c"]))
    assert look_up(frame, names, equal_hashes(frame, names, 0, 1, 2), 5) == Duplicates(0)


@pytest.mark.parametrize("keys", [2_000, 2_001])
def test_few_duplicates_are_looked_up_and_many_are_counted_by_a_query(
    tmp_path: Path, observer: Callable[..., DataFusionObserver], keys: int
) -> None:
    pq.write_table(pa.table({"k": [*range(keys)] * 2}), tmp_path / "t")
    need = KeyNeed("t", ("k",))
    assert answered(observer(), need) == KeyCount(2 * keys, keys, 0)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([2**62 + 1, 2**62 + 1, 2**62], pa.timestamp("ns")),
        pa.array([2**61, 2**61, 2**49], pa.timestamp("us")),
        pa.array([2**30, 2**30, 1], pa.date32()),
        pa.array([86_400_000 * 2**30, 86_400_000 * 2**30, 0], pa.date64()),
        pa.array([b"\xff", b"\xff", b""], pa.binary_view()),
    ],
)
def test_values_beyond_what_python_can_hold_are_keys(tmp_path: Path, column: pa.Array) -> None:
    frame, names = keys(tmp_path, column)
    found = look_up(frame, names, equal_hashes(frame, names, 0), 1)
    file = str(tmp_path / "f.parquet").lstrip("/")
    assert found == Duplicates(1, (RowPlace(file, 0),))
