"""What footers prove, and what they do not."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext

from cst_contracts.engine.rows.evidence import (
    Evidence,
    PathEvidence,
    RangeEvidence,
    footer_evidence,
)


def evidence(folder: Path, path: str, *tables: pa.Table, **how: object) -> Evidence:
    urls = []
    for number, table in enumerate(tables):
        file = folder / f"{number}.parquet"
        pq.write_table(table, file, **how)
        urls.append(file.as_uri())
    return footer_evidence(urls, [path])


def evidence_of_the_engine(folder: Path, path: str, table: pa.Table) -> Evidence:
    """Of a file that DataFusion wrote: it counts absent lists, as pyarrow does from 26 on only."""
    SessionContext().from_arrow(table).write_parquet(str(folder / "written"))
    return footer_evidence([file.as_uri() for file in (folder / "written").iterdir()], [path])


def required(name: str, type_: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, type_, nullable=False)])


def test_null_counts_are_summed_over_files_and_row_groups(tmp_path: Path) -> None:
    tables = pa.table({"x": [1, None, 2, None]}), pa.table({"x": [None, 1]})
    found = evidence(tmp_path, "x", *tables, row_group_size=2)
    assert found == Evidence(6, {"x": PathEvidence(required=False, values=6, nulls=3)})


def test_required_in_every_file_is_proof_without_statistics(tmp_path: Path) -> None:
    table = pa.table({"x": [1, 2]}, required("x", pa.int64()))
    found = evidence(tmp_path, "x", table, table, write_statistics=False)
    assert found.paths == {"x": PathEvidence(required=True, values=4, nulls=None)}


def test_required_in_one_of_two_files_is_none(tmp_path: Path) -> None:
    table = pa.table({"x": [1, 2]}, required("x", pa.int64()))
    found = evidence(tmp_path, "x", table, pa.table({"x": [1]}), write_statistics=False)
    assert found.paths == {"x": PathEvidence(required=False, values=3, nulls=None)}
    assert not found.mixed


def test_a_file_without_statistics_spoils_them_for_all(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [None]}, pa.schema([("x", pa.int64())])), tmp_path / "a")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b", write_statistics=False)
    urls = [(tmp_path / name).as_uri() for name in "ab"]
    assert footer_evidence(urls, ["x"]).paths["x"].nulls is None


def test_a_field_that_a_file_lacks_has_no_count(tmp_path: Path) -> None:
    found = evidence(tmp_path, "x", pa.table({"x": [1]}), pa.table({"y": [1, 2]}))
    assert found == Evidence(3, {"x": PathEvidence(required=False, values=3, nulls=None)})


@pytest.mark.parametrize(
    ("schema", "other", "mixed"),
    [
        (required("x", pa.int64()), pa.schema([("y", pa.int64())]), {"x"}),
        (required("x", pa.int64()), required("x", pa.int64()), set()),
        (pa.schema([("x", pa.int64())]), pa.schema([("y", pa.int64())]), set()),
        (
            pa.schema([pa.field("x", pa.struct(required("a", pa.int64())))]),
            pa.schema([pa.field("x", pa.struct([("b", pa.int64())]))]),
            {"x"},
        ),
    ],
)
def test_what_one_file_requires_and_another_lacks_is_mixed(
    tmp_path: Path, schema: pa.Schema, other: pa.Schema, mixed: set[str]
) -> None:
    tables = schema.empty_table(), other.empty_table()
    assert evidence(tmp_path, "x", *tables).mixed == mixed


def nullable(values: int | None, nulls: int | None) -> PathEvidence:
    return PathEvidence(required=False, values=values, nulls=nulls)


LISTS = pa.list_(pa.struct([("id", pa.int64())]))


@pytest.mark.parametrize(
    ("lists", "found"),
    [
        ([[{"id": 1}], [{"id": 2}, {"id": 3}]], nullable(3, 0)),
        # An empty list, a null one and a null element count in the footer as the null leaf does.
        ([[{"id": 1}], []], nullable(1, None)),
        ([[{"id": 1}], None], nullable(1, None)),
        ([[{"id": 1}, None]], nullable(1, None)),
        ([[{"id": 1}, {"id": None}]], nullable(1, None)),
        ([[], None], nullable(None, None)),
    ],
)
def test_of_a_nested_leaf_only_zero_nulls_are_proof(
    tmp_path: Path, lists: list[object], found: PathEvidence
) -> None:
    table = pa.table({"l": pa.array(lists, LISTS)})
    assert evidence_of_the_engine(tmp_path, "l[].id", table).paths == {"l[].id": found}


def test_a_nested_leaf_that_is_required_has_as_many_values_as_there_are(tmp_path: Path) -> None:
    child = pa.field("id", pa.int64(), nullable=False)
    lists = pa.array([[{"id": 1}], [], None, [{"id": 2}, None]], pa.list_(pa.struct([child])))
    table = pa.table({"l": lists})
    found = evidence_of_the_engine(tmp_path, "l[].id", table)
    assert found.paths == {"l[].id": PathEvidence(required=True, values=2, nulls=0)}


def test_a_writer_that_leaves_absent_lists_out_does_not_tell_the_values_below_them() -> None:
    """The footer of pyarrow 25 has 3 values and no null for one id, an empty list and a null one."""
    file = Path(__file__).parents[2] / "assets" / "parquet" / "pyarrow-25.parquet"
    column = pq.read_metadata(file).row_group(0).column(0)
    assert (column.num_values, column.statistics.null_count) == (3, 0)
    found = footer_evidence([file.as_uri()], ["l[].id", "s.x"])
    assert found.paths == {"l[].id": nullable(None, None), "s.x": nullable(2, None)}


def test_a_struct_is_no_leaf_and_has_no_count(tmp_path: Path) -> None:
    table = pa.table({"s": [{"x": 1}, None]})
    assert evidence(tmp_path, "s", table).paths["s"].nulls is None


def test_files_without_rows_prove_nothing_and_disturb_nothing(tmp_path: Path) -> None:
    table = pa.table({"x": [1, None]})
    found = evidence(tmp_path, "x", table, table.slice(0, 0))
    assert found == Evidence(2, {"x": PathEvidence(required=False, values=2, nulls=1)})


def test_a_file_that_is_gone_is_missed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        footer_evidence([(tmp_path / "nope").as_uri()], ["x"])


def test_columns_may_stand_elsewhere_in_other_files(tmp_path: Path) -> None:
    one = pa.table({"x": [1, None], "y": ["a", "b"]})
    other = pa.table({"y": [None, "b", None], "x": [1, 2, 3]})
    found = evidence(tmp_path, "x", one, other, one)
    assert found.paths == {"x": PathEvidence(required=False, values=7, nulls=2)}


def test_other_file_systems_tell_the_same(tmp_path: Path) -> None:
    """`file:` without slashes is no URL that we read ourselves."""
    for name in "ab":
        pq.write_table(pa.table({"x": [1, None]}), tmp_path / name)
    found = [
        footer_evidence([f"{scheme}{tmp_path / name}" for name in "ab"], ["x"])
        for scheme in ("file:", "file://")
    ]
    assert found == [Evidence(4, {"x": PathEvidence(required=False, values=4, nulls=2)})] * 2


@pytest.mark.parametrize(("version", "nulls"), [("4.0.1", None), ("1.5.1", None), ("5.0.0", 1)])
def test_null_counts_of_writers_that_miscounted_are_no_proof(
    tmp_path: Path, version: str, nulls: int | None
) -> None:
    """Before version 5, pyarrow counted no null of a dictionary (ARROW-12513)."""
    file = tmp_path / "x.parquet"
    pq.write_table(pa.table({"x": [1, None]}), file)
    written = f"parquet-cpp-arrow version {pa.__version__}".encode()
    older = f"parquet-cpp-arrow version {version}".encode().ljust(len(written))
    assert len(older) == len(written)
    file.write_bytes(file.read_bytes().replace(written, older))
    assert footer_evidence([file.as_uri()], ["x"]).paths["x"].nulls == nulls


def ranges(folder: Path, path: str, *tables: pa.Table, **how: object) -> dict[str, RangeEvidence]:
    urls = []
    for number, table in enumerate(tables):
        pq.write_table(table, folder / f"{number}.parquet", row_group_size=2, **how)
        urls.append((folder / f"{number}.parquet").as_uri())
    return dict(footer_evidence(urls, [], [path]).ranges)


def test_the_least_and_the_greatest_of_all_row_groups_are_told(tmp_path: Path) -> None:
    tables = (
        pa.table({"x": [3, None, None, None, 9, 4]}),
        pa.table({"x": pa.array([-1], pa.int8())}),
    )
    assert ranges(tmp_path, "x", *tables) == {"x": RangeEvidence(4, -1, 9)}


def test_of_unsigned_numbers_the_greatest_is_not_the_least(tmp_path: Path) -> None:
    table = pa.table({"x": pa.array([2**64 - 1, 0], pa.uint64())})
    assert ranges(tmp_path, "x", table) == {"x": RangeEvidence(2, 0, 2**64 - 1)}


def test_below_a_list_the_elements_are_told_where_they_are_counted(tmp_path: Path) -> None:
    table = pa.table({"l": [[{"i": 5}, None], None, [], [{"i": -2}]]})
    SessionContext().from_arrow(table).write_parquet(str(tmp_path / "written"))
    files = [file.as_uri() for file in (tmp_path / "written").iterdir()]
    assert footer_evidence(files, [], ["l[].i"]).ranges == {"l[].i": RangeEvidence(2, -2, 5)}


@pytest.mark.parametrize(
    ("values", "how"),
    [
        ([1.0, 2.0], {}),
        (["a", "b"], {}),
        ([True], {}),
        ([None, None], {}),
        ([1, 2], {"write_statistics": False}),
        ([datetime(2026, 1, 31)], {}),
        ([Decimal("1.5")], {}),
    ],
    ids=["floats", "text", "booleans", "nulls", "none", "times", "decimals"],
)
def test_of_what_is_no_whole_number_nothing_is_told(
    tmp_path: Path, values: list[object], how: dict[str, object]
) -> None:
    column = pa.array(values) if values != [None, None] else pa.nulls(2, pa.int64())
    assert ranges(tmp_path, "x", pa.table({"x": column}), **how) == {}


def test_a_file_that_does_not_tell_spoils_them_for_all(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "a")
    for name, other in {"b": pa.table({"x": [1.5]}), "c": pa.table({"y": [1]})}.items():
        pq.write_table(other, tmp_path / name)
        urls = [(tmp_path / each).as_uri() for each in ("a", name)]
        assert footer_evidence(urls, [], ["x"]).ranges == {}
