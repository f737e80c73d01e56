"""What footers prove, and what they do not."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext

from cst_contracts.engine.rows.evidence import Evidence, PathEvidence, footer_evidence


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
