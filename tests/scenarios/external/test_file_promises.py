"""How data files are written, promised and found out from files of real writers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import (
    BloomFilterProperties,
    ColumnProperties,
    DeltaTable,
    WriterProperties,
    write_deltalake,
)
from support.delta_logs import map_columns

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Undecided
from cst_contracts.report.manifest_file import Outcome

Judge = Callable[..., Any]
TEXT = """\
table: t
source: {{format: {format}, location: t, files: {files}{more}}}
fields:
  - {{name: a, type: int64}}
  - {{name: s, type: "struct<x: string>"}}
  - {{name: l, type: "list<struct<k: double>>"}}
"""
TRAITS = ("codec", "encodings", "statistics", "bloom_filters", "page_index")
PACKED = """\
{codec: zstd, encodings: {s: dictionary}, statistics: true, bloom_filters: [a, s.x], page_index: [a, "l[].k"],
 row_group_rows: {at_most: 4}, bytes: {at_least: 1kB, at_most: 1MB}, sorting_columns: true}"""
ORDERED = ", ordered_by: [a]"
ROWS = pa.table(
    {
        "a": pa.array([1, 2, 3, 4], pa.int64()),
        "s": pa.array([{"x": "u"}, {"x": "u"}, None, {"x": "v"}]),
        "l": pa.array([[{"k": 0.5}], [], None, [{"k": 1.5}]]),
    }
)


def text(files: str, format_: str = "parquet", more: str = "") -> str:
    return TEXT.format(files=files, format=format_, more=more)


def write(folder: Path, name: str, rows: pa.Table = ROWS, **options: Any) -> None:
    (folder / "t").mkdir(exist_ok=True)
    pq.write_table(rows, folder / "t" / name, **options)


def packed(folder: Path, name: str) -> None:
    """As `PACKED` promises it."""
    write(
        folder,
        name,
        compression="zstd",
        write_page_index=True,
        bloom_filter_options={"a": {"ndv": 10, "fpp": 0.1}, "s.x": {"ndv": 10, "fpp": 0.1}},
        sorting_columns=[pq.SortingColumn(0)],
    )


def of_files(judged: Any) -> dict[str, Outcome]:
    return {id_: found for id_, found in judged.outcomes.items() if id_.startswith("files[")}


def test_files_that_are_written_as_promised_are_kept(tmp_path: Path, judge: Judge) -> None:
    packed(tmp_path, "1.parquet")
    packed(tmp_path, "2.parquet")

    judged = judge(text(PACKED, more=ORDERED))

    traits = (*TRAITS, "row_group_rows", "bytes", "sorting_columns")
    assert of_files(judged) == {f"files[{each}]": Outcome.KEPT for each in traits}
    assert judged["files[codec]"].rows == 8


def test_one_file_of_another_writer_is_named_with_its_row_groups_and_columns(
    tmp_path: Path, judge: Judge
) -> None:
    packed(tmp_path, "1.parquet")
    write(tmp_path, "2.parquet", row_group_size=2, use_dictionary=False, write_statistics=False)

    judged = judge(text(PACKED, more=ORDERED))

    observed = {id_: judged.finding(id_).observed for id_ in judged.red if "files" in id_}
    assert observed == {
        "files[codec]": "a, s.x, l[].k: snappy in 6 column chunks of 9, the first in 2.parquet, row group 0",
        "files[encodings]": "s.x: plain in 2 column chunks of 3, the first in 2.parquet, row group 0",
        "files[statistics]": "a, s.x, l[].k: no statistics in 6 column chunks of 9, the first in 2.parquet, "
        "row group 0",
        "files[bloom_filters]": "a, s.x: no bloom filter in 4 column chunks of 6, the first in 2.parquet, "
        "row group 0",
        "files[page_index]": "a, l[].k: no column index and no offset index in 4 column chunks of 6, the "
        "first in 2.parquet, row group 0",
        "files[sorting_columns]": "no order of 2 row groups of 3, the first in 2.parquet, row group 0",
    }
    assert {judged.finding(id_).place.line for id_ in observed} == {2, 3}
    assert judged.red["files[codec]"] == (FindingCode.FILE_CODEC,)


def test_row_groups_and_sizes_beyond_the_bounds_are_red(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path, "1.parquet", row_group_size=1)
    write(tmp_path, "2.parquet")

    judged = judge(text("{row_group_rows: {at_least: 2, at_most: 3}, bytes: {at_most: 1kB}}"))

    assert judged.red == {
        "files[row_group_rows]": (FindingCode.FILE_ROW_GROUPS, FindingCode.FILE_ROW_GROUPS),
        "files[bytes]": (FindingCode.FILE_BYTES,),
    }
    fewer, more = judged["files[row_group_rows]"].findings
    assert (fewer.observed, more.observed) == (
        "1.parquet, row group 0 has 1 row, and 2 more have fewer than promised",
        "2.parquet, row group 0 has 4 rows",
    )
    size = (tmp_path / "t" / "1.parquet").stat().st_size
    assert judged.finding("files[bytes]").observed.startswith(
        f"1.parquet has {size} bytes, and 1 more"
    )


def test_what_no_footer_tells_is_undecided(tmp_path: Path, judge: Judge) -> None:
    """DataFusion 55 writes the old framing of LZ4, which pyarrow has no name for, and of NaN no writer has a
    least value."""
    context = SessionContext()
    nan = pa.array([[{"k": float("nan")}]] * 4)
    rows = ROWS.set_column(2, "l", nan)
    context.register_record_batches("rows", [rows.to_batches()])
    options = "'format.compression' 'lz4'"
    context.sql(
        f"COPY rows TO '{tmp_path}/t/1.parquet' STORED AS PARQUET OPTIONS ({options})"
    ).collect()

    judged = judge(text("{codec: lz4, statistics: true, page_index: true, encodings: {a: plain}}"))

    whys = {
        id_: verdict.finding.observed.partition("; ")[2]
        for id_ in of_files(judged)
        if isinstance(verdict := judged[id_], Undecided)
    }
    assert whys == {
        "files[codec]": "pyarrow has no name for it, as for LZO and for the old framing of LZ4",
        "files[encodings]": "a footer does not tell whether only the dictionary is plain",
        "files[statistics]": "its values may all be NaN",
        "files[page_index]": "its values may all be NaN",
    }


def test_chunks_of_nulls_and_of_empty_lists_have_no_least_value_to_lack(
    tmp_path: Path, judge: Judge
) -> None:
    nothing = pa.table(
        {
            "a": pa.array([None, None], pa.int64()),
            "s": pa.array([None, None], ROWS.schema.field("s").type),
            "l": pa.array([[], None], ROWS.schema.field("l").type),
        }
    )
    write(tmp_path, "1.parquet", nothing)
    write(tmp_path, "2.parquet")

    judged = judge(text("{statistics: [a, s]}"))

    assert of_files(judged) == {"files[statistics]": Outcome.KEPT}


@pytest.mark.parametrize("allowed", [True, False])
def test_files_without_rows_keep_nothing(tmp_path: Path, judge: Judge, *, allowed: bool) -> None:
    write(tmp_path, "1.parquet", ROWS.slice(0, 0))

    judged = judge(text("{codec: zstd}", more=", allow_empty: true" if allowed else ""))

    outcome = Outcome.VACUOUS if allowed else Outcome.UNDECIDED
    assert of_files(judged) == {"files[codec]": outcome}


def test_a_delta_table_is_asked_for_the_files_of_its_version(tmp_path: Path, judge: Judge) -> None:
    """A file that a later version has removed is none of the table's, and still lies there."""
    bloomed = ColumnProperties(
        bloom_filter_properties=BloomFilterProperties(set_bloom_filter_enabled=True)
    )
    good = WriterProperties(
        compression="ZSTD", max_row_group_size=2, column_properties={"a": bloomed}
    )
    write_deltalake(tmp_path / "t", ROWS, writer_properties=WriterProperties(compression="SNAPPY"))
    write_deltalake(tmp_path / "t", ROWS, mode="overwrite", writer_properties=good)
    promised = "{codec: zstd, bloom_filters: [a], page_index: true, row_group_rows: {at_most: 2}}"

    now = judge(text(promised, "delta"))
    before = judge(text(promised, "delta", ", as_of: {version: 0}"))

    assert set(of_files(now).values()) == {Outcome.KEPT}
    assert len(list((tmp_path / "t").glob("*.parquet"))) == 2
    assert set(before.red) == {"files[codec]", "files[bloom_filters]", "files[row_group_rows]"}
    (file,) = DeltaTable(tmp_path / "t", version=0).file_uris()
    assert f"the first in {Path(file).name}, row group 0" in before.finding("files[codec]").observed


def test_under_column_mapping_columns_cannot_be_named(tmp_path: Path, judge: Judge) -> None:
    """What is promised of all columns needs no names."""
    flat = "table: t\nsource: {{format: delta, location: t, files: {}}}\nfields: [{{name: b, type: int64}}]\n"
    write_deltalake(tmp_path / "t", pa.table({"a": [1, 2]}))
    map_columns(tmp_path / "t", {"a": ("b", 1)})

    judged = judge(flat.format("{codec: {b: snappy}}"))

    assert judged.finding("files[codec]").observed == (
        "under column mapping, its data files call the fields otherwise"
    )
    assert of_files(judge(flat.format("{codec: snappy}"))) == {"files[codec]": Outcome.KEPT}


def test_a_table_whose_files_nobody_can_tell_is_undecided(judge: Judge) -> None:
    context = SessionContext()
    context.register_record_batches("t", [ROWS.to_batches()])

    judged = judge(text("{codec: zstd}"), supplied=context)

    assert of_files(judged) == {"files[codec]": Outcome.UNDECIDED}
