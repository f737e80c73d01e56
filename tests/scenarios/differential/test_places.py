"""Where a violating row stands is found however it was met, and shown however odd its values."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.rows import answers, observing, placed, table_contract

from cst_contracts.facts import (
    KeyCount,
    ReferenceCount,
    RowOrder,
    RowPlace,
    RuleCount,
    Sample,
)
from cst_contracts.gate.project import LEAST_MEMORY

NUMBERS = """table: t
source: {format: parquet, location: t}
fields: [{name: x, type: int64}, {name: y, type: int64}]
keys: [[x]]
references: [{fields: [y], table: t, to: [x]}]
rules: [{name: positive, sql: x > 0}]
"""


def test_numbers_that_are_stored_as_a_dictionary_are_joined(tmp_path: Path) -> None:
    """The engine has a join for small numbers that stops at their dictionaries."""
    (tmp_path / "t").mkdir()
    numbers = pa.array([1, 2, 2, None, 5], pa.dictionary(pa.int8(), pa.int64()))
    table = pa.table({"x": numbers, "y": numbers})
    pq.write_table(table, tmp_path / "t" / "1.parquet")
    contract = table_contract(NUMBERS)

    found = placed(
        answers(observing(tmp_path, [contract], memory=LEAST_MEMORY, samples=9), contract)
    )

    places = tuple(Sample(RowPlace("1.parquet", row), ()) for row in (1, 2))
    assert found["unique[x]"] == KeyCount(4, 1, 1, places)
    assert found["reference[y→t.x]"] == ReferenceCount(4, 0)


def test_a_key_deep_in_structs_is_looked_up_with_its_place(tmp_path: Path) -> None:
    """Past a filter on such a key the engine no longer knows in which file a row stands."""
    (tmp_path / "t").mkdir()
    deep = pa.struct([("i", pa.struct([("y", pa.string())]))])
    structs = pa.array([{"i": {"y": "a"}}, None, {"i": None}, {"i": {"y": "b"}}], deep)
    for name in "123":
        pq.write_table(pa.table({"s": structs}), tmp_path / "t" / f"{name}.parquet")
    contract = table_contract(
        "table: t\nsource: {format: parquet, location: t}\n"
        'fields: [{name: s, type: "struct<i: struct<y: string>>"}]\nkeys: [[s.i.y]]\n'
    )

    found = placed(answers(observing(tmp_path, [contract], samples=2), contract))

    places = tuple(Sample(RowPlace(f"{name}.parquet", 0), ()) for name in (1, 2))
    assert found["unique[s.i.y]"] == KeyCount(6, 4, 6, places)


def test_small_files_know_where_their_rows_stand(tmp_path: Path) -> None:
    """The engine spreads the rows of one small file over its threads before it computes a rule."""
    (tmp_path / "t").mkdir()
    table = pa.table({"x": [3, -1, 4], "y": [3, 4, 3]})
    pq.write_table(table, tmp_path / "t" / "1.parquet")
    contract = table_contract(NUMBERS.replace("location: t}", "location: t, ordered_by: [x]}"))

    found = placed(answers(observing(tmp_path, [contract], samples=1), contract))

    place = (Sample(RowPlace("1.parquet", 1), ()),)
    assert found["rule[positive]"] == RuleCount(3, 1, place)
    order = found["order[measured]"]
    assert isinstance(order, RowOrder)
    assert (order.violations, order.samples) == (1, place)


@pytest.mark.parametrize("unit", ["s", "ns"])
def test_times_beyond_what_python_can_hold_are_red_all_the_same(tmp_path: Path, unit: str) -> None:
    (tmp_path / "t").mkdir()
    times = pa.array([2**50, 3, 1] if unit == "s" else [2**62 + 1, 3, 1], pa.timestamp(unit))
    pq.write_table(pa.table({"w": times}), tmp_path / "t" / "1.parquet", version="2.6")
    stored = "ms" if unit == "s" else "ns"
    contract = table_contract(
        "table: t\nsource: {format: parquet, location: t, ordered_by: [w]}\n"
        f'fields: [{{name: w, type: "timestamp[{stored}]"}}]\nkeys: [[w]]\n'
    )

    order = answers(observing(tmp_path, [contract], samples=2), contract)["order[measured]"]

    assert isinstance(order, RowOrder)
    assert (order.violations, len(order.examples), len(order.samples)) == (2, 2, 2)


@pytest.mark.parametrize("folder", ["y=ä b", "y=%C3%A4%20b", "y=100%", "y=a=b"])
def test_a_file_is_known_by_its_path_however_its_folder_is_spelled(
    tmp_path: Path, folder: str
) -> None:
    """Spark and pyarrow quote the values of partitions in the names of folders."""
    (tmp_path / "t" / folder).mkdir(parents=True)
    pq.write_table(pa.table({"x": [1, -1]}), tmp_path / "t" / folder / "0.parquet")
    text = """table: t
source: {format: parquet, location: t, partitioned_by: [y]}
fields: [{name: x, type: int64}, {name: y, type: string}]
rules: [{name: positive, sql: x > 0}]
"""
    contract = table_contract(text)
    found = answers(observing(tmp_path, [contract], samples=9), contract)["rule[positive]"]
    assert [each.place for each in found.samples] == [RowPlace(f"{folder}/0.parquet", 1)]
