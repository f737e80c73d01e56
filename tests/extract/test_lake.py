import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.errors import CstContractsError
from cst_contracts.extract.file import extract_bytes
from cst_contracts.extract.lake import LakeReport, write_aside, write_lake
from cst_contracts.extract.schema import FILES_SCHEMA, ORDER, TABLE
from cst_contracts.extract.sources import SourceRoot
from cst_contracts.extract.write import LakeFormat, Layout, write_table

Format = Literal["parquet", "delta"]
FORMATS: tuple[Format, ...] = ("parquet", "delta")


def repo(tmp_path: Path, name: str = "project", files: int = 7) -> SourceRoot:
    folder = tmp_path / name
    (folder / "pkg").mkdir(parents=True)
    for number in range(files):
        source = f"import m\ndef f{number}(x: int) -> None:\n    return m.call(x, k={number})\n"
        (folder / ("pkg" if number % 2 else "") / f"m{number}.py").write_text(source)
    (folder / "broken.py").write_text("def (:\n")
    (folder / "__init__.py").write_text("")
    return SourceRoot(folder)


def write(tmp_path: Path, target: str = "lake", **options: Any) -> LakeReport:
    root = SourceRoot(tmp_path / "project")
    if not root.folder.exists():
        repo(tmp_path)
    options.setdefault("workers", 1)
    return write_lake([root], tmp_path / target, **options)


def data_files(table: Path) -> list[Path]:
    return sorted(file for file in table.rglob("*.parquet") if "_delta_log" not in file.parts)


def read(table: Path) -> list[dict[str, Any]]:
    if (table / "_delta_log").exists():
        builder = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(table))
        whole = pa.table(builder.execute("select * from t"))
    else:
        whole = pa.concat_tables(pq.ParquetFile(file).read() for file in data_files(table))
    return sorted(whole.to_pylist(), key=lambda row: tuple(row[name] for name in ORDER))


def paths(file: Path) -> list[tuple[str, str]]:
    table = pq.ParquetFile(file).read(list(ORDER))
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def test_a_lake_has_a_row_for_every_file_and_the_report_says_so(tmp_path: Path) -> None:
    report = write(tmp_path)

    assert report.table == tmp_path / "lake" / TABLE
    assert (report.files, report.parsed, report.failed) == (9, 8, 1)
    assert (report.rows["callsites"], report.rows["parse_errors"]) == (7, 1)
    assert len(read(report.table)) == 9


@pytest.mark.parametrize("partition_by_repo", [False, True])
@pytest.mark.parametrize("form", FORMATS)
def test_every_file_is_in_order(
    tmp_path: Path,
    form: Format,
    partition_by_repo: bool,  # noqa: FBT001  # write_lake's own
) -> None:
    roots = [repo(tmp_path, name, files) for name, files in (("two", 5), ("one", 9))]

    report = write_lake(
        roots,
        tmp_path / "lake",
        format=form,
        partition_by_repo=partition_by_repo,
        rows_per_file=4,
        workers=1,
    )

    files = data_files(report.table)
    assert len(files) == (3 + 2 if partition_by_repo else 5)
    for file in files:
        assert paths(file) == sorted(paths(file))
        assert len(paths(file)) <= 4
    assert sum(len(paths(file)) for file in files) == report.files == 18


def test_one_worker_and_two_write_the_same_bytes(tmp_path: Path) -> None:
    one, again, two = (
        write(tmp_path, target, workers=workers)
        for target, workers in (("one", 1), ("again", 1), ("two", 2))
    )

    (first,), (second,), (third,) = (data_files(report.table) for report in (one, again, two))
    assert first.read_bytes() == second.read_bytes() == third.read_bytes()


def test_parquet_and_delta_hold_the_same_rows(tmp_path: Path) -> None:
    parquet, delta = (write(tmp_path, form, format=form) for form in FORMATS)

    assert read(parquet.table) == read(delta.table)


def test_parquet_footers_keep_the_schema_and_its_nullability(tmp_path: Path) -> None:
    (file,) = data_files(write(tmp_path).table)
    footer = pq.ParquetFile(file)
    columns = {
        column.path: column
        for column in (footer.schema.column(index) for index in range(len(footer.schema.names)))
    }

    assert footer.schema_arrow.equals(FILES_SCHEMA)
    assert footer.schema_arrow.metadata == FILES_SCHEMA.metadata
    assert footer.schema_arrow.field("path").metadata == {b"semantic": b"Path"}
    # Every optional or repeated level counts one: the list, its elements, the struct, the leaf.
    assert columns["path"].max_definition_level == 0
    assert columns["file_sha256"].max_definition_level == 1
    assert columns["refs.list.element.ref_id"].max_definition_level == 3
    assert columns["refs.list.element.ref_text"].max_definition_level == 4


@pytest.mark.parametrize("partition_by_repo", [False, True])
def test_parquet_footers_claim_the_order(
    tmp_path: Path,
    partition_by_repo: bool,  # noqa: FBT001  # write_lake's own
) -> None:
    (file,) = data_files(write(tmp_path, partition_by_repo=partition_by_repo).table)
    footer = pq.ParquetFile(file)

    claimed = [
        (footer.schema.column(term.column_index).path, term.descending, term.nulls_first)
        for term in footer.metadata.row_group(0).sorting_columns
    ]

    assert claimed == [("path", False, False), ("file_id", False, False)]


def test_the_delta_log_keeps_nullability_and_metadata(tmp_path: Path) -> None:
    table = deltalake.DeltaTable(write(tmp_path, format="delta").table)
    fields = {field["name"]: field for field in json.loads(table.schema().to_json())["fields"]}

    assert fields["path"]["nullable"] is False
    assert fields["path"]["metadata"] == {"semantic": "Path"}
    refs = {
        field["name"]: field["nullable"]
        for field in fields["refs"]["type"]["elementType"]["fields"]
    }
    assert (refs["ref_id"], refs["ref_text"]) == (False, True)
    assert pa.schema(table.schema().to_arrow()).names == FILES_SCHEMA.names


@pytest.mark.parametrize("form", FORMATS)
def test_a_partition_has_a_folder_of_its_own(tmp_path: Path, form: Format) -> None:
    roots = [repo(tmp_path, name) for name in ("b.c", "a-1")]

    report = write_lake(roots, tmp_path / "lake", format=form, partition_by_repo=True, workers=1)

    files = data_files(report.table)
    assert [file.parent.name for file in files] == ["repo=a-1", "repo=b.c"]
    assert all("repo" not in pq.ParquetFile(file).schema_arrow.names for file in files)


def test_a_repo_that_cannot_name_a_folder_is_refused(tmp_path: Path) -> None:
    root = SourceRoot(repo(tmp_path).folder, "a/b")

    with pytest.raises(CstContractsError, match="repo 'a/b' cannot name a partition folder"):
        write_lake([root], tmp_path / "lake", partition_by_repo=True, workers=1)
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_a_table_is_not_overwritten_unless_asked(tmp_path: Path, form: Format) -> None:
    before = write(tmp_path, format=form)
    (tmp_path / "project" / "new.py").write_text("x = 1\n")

    with pytest.raises(CstContractsError, match=rf"{TABLE} is not empty; pass overwrite=True"):
        write(tmp_path, format=form)
    after = write(tmp_path, format=form, overwrite=True)

    assert len(read(after.table)) == before.files + 1
    assert [entry.name for entry in (tmp_path / "lake").iterdir()] == [TABLE]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / TABLE).write_text("")

    with pytest.raises(CstContractsError, match="is in the way: it is no folder"):
        write(tmp_path, overwrite=True)


def test_counts_start_at_one(tmp_path: Path) -> None:
    with pytest.raises(CstContractsError, match="workers is 0; it has to be at least 1"):
        write(tmp_path, workers=0)
    with pytest.raises(CstContractsError, match="rows_per_file is -1; it has to be at least 1"):
        write(tmp_path, rows_per_file=-1)


def test_a_write_that_fails_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    before = write(tmp_path)
    kept = read(before.table)

    def breaking() -> Iterator[pa.RecordBatch]:
        yield extract_bytes("repo", "m.py", b"x = 1\n")
        raise OSError("no space left")

    with pytest.raises(CstContractsError, match="libcst_files_v1: could not be written: no space"):
        write_aside(breaking(), before.table, Layout())

    assert read(before.table) == kept
    assert [entry.name for entry in (tmp_path / "lake").iterdir()] == [TABLE]


def rows(count: int, taken: list[int]) -> Iterator[pa.RecordBatch]:
    for number in range(count):
        taken.append(number)
        yield extract_bytes("repo", f"m{number:03}.py", b"x = 1\n")


@pytest.mark.parametrize("form", FORMATS)
def test_files_are_written_while_rows_still_arrive(tmp_path: Path, form: Format) -> None:
    taken: list[int] = []
    files: list[int] = []

    def watched() -> Iterator[pa.RecordBatch]:
        for row in rows(20, taken):
            files.append(len(data_files(tmp_path / "t")))
            yield row

    write_table(watched(), tmp_path / "t", Layout(LakeFormat(form), rows_per_file=5))

    # By the time the eleventh row is asked for, the first two files are there.
    assert files[10] >= 2
    assert len(data_files(tmp_path / "t")) == 4


@pytest.mark.parametrize("module", ["libcst", "tqdm"])
def test_a_missing_extra_is_told_in_a_sentence(tmp_path: Path, module: str) -> None:
    repo(tmp_path)
    script = f"""
import sys
sys.modules[{module!r}] = None
from pathlib import Path
from cst_contracts.errors import CstContractsError
from cst_contracts.extract.lake import write_lake
from cst_contracts.extract.sources import SourceRoot
try:
    write_lake([SourceRoot(Path("project"))], Path("lake"), workers=1)
except CstContractsError as error:
    print(error)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == (
        f'extraction needs {module}, which is not installed: pip install "cst-contracts[extract]"'
    )
    assert not (tmp_path / "lake").exists() or not any((tmp_path / "lake").iterdir())
