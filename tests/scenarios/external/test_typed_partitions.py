"""Hive partitions of promised types, wherever rows are asked, and their null."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext

from cst_contracts.report.manifest_file import Outcome

Judge = Callable[..., Any]
NULL = "__HIVE_DEFAULT_PARTITION__"
CONTRACT = """\
table: t
source: {{format: {format}, location: t, partitioned_by: [{{name: month, type: int32}}]}}
fields: [{{name: id, type: int64}}, {{name: month, type: int32, nullable: false}}]
keys: [[month, id], [month]]
rules: [{{name: year, sql: month + 1 <= 13}}, {{name: there, sql: month IS NOT NULL}}]
references: [{{fields: [month], table: months, to: [m]}}]
"""
MONTHS = """\
table: months
source: {format: csv, location: months.csv}
fields: [{name: m, type: int32}]
references: [{fields: [m], table: t, to: [month]}]
"""
ROWS = ("unique[month,id]", "unique[month]", "rule[year]", "reference[month→months.m]")


def write(lake: Path, format_: str, **folders: int) -> None:
    """One row a folder, with an id of its own."""
    (lake / "months.csv").write_text("m\n1\n2\n")
    for folder, number in folders.items():
        file = lake / "t" / f"month={folder.removeprefix('m')}" / f"f.{format_}"
        file.parent.mkdir(parents=True)
        table = pa.table({"id": pa.array([number], pa.int64())})
        match format_:
            case "parquet":
                pq.write_table(table, file)
            case "arrow":
                with pa.ipc.new_file(str(file), table.schema) as writer:
                    writer.write_table(table)
            case "csv":
                file.write_text(f"id\n{number}\n")
            case _:
                file.write_text(json.dumps({"id": number}))


@pytest.fixture(params=["parquet", "csv", "json", "arrow"])
def format_(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_months_are_numbers(tmp_path: Path, judge: Judge, format_: str) -> None:
    write(tmp_path, format_, m1=7, m02=7)
    judged = judge(CONTRACT.format(format=format_), MONTHS)
    assert {judged.outcomes[check] for check in ROWS} == {Outcome.KEPT}


def test_two_spellings_of_a_month_are_one_value(tmp_path: Path, judge: Judge, format_: str) -> None:
    write(tmp_path, format_, m1=7, m01=7)
    judged = judge(CONTRACT.format(format=format_), MONTHS)
    assert judged.red["unique[month,id]"] == ("duplicate-keys",)
    assert judged["unique[month,id]"].violations == 1
    assert judged.outcomes["reference[month→months.m]"] is Outcome.KEPT


def test_a_month_that_is_in_no_other_table_dangles(
    tmp_path: Path, judge: Judge, format_: str
) -> None:
    write(tmp_path, format_, m1=7, m12=7)
    judged = judge(CONTRACT.format(format=format_), MONTHS)
    assert judged["reference[month→months.m]"].violations == 1
    assert judged.red["reference[month→months.m]"] == ("dangling-references",)


def test_a_folder_that_is_named_for_no_value_is_a_null_to_every_check(
    tmp_path: Path, judge: Judge, format_: str
) -> None:
    write(tmp_path, format_, m1=7, **{f"m{NULL}": 8})
    judged = judge(CONTRACT.format(format=format_), MONTHS)
    assert judged.red["nulls[month]"] == ("null-values",)
    assert judged["rule[there]"].violations == 1
    assert (judged["unique[month]"].rows, judged["reference[month→months.m]"].rows) == (1, 1)
    assert {judged.outcomes[check] for check in ROWS} == {Outcome.KEPT}


def test_a_value_of_no_such_type_is_red_at_the_partition(
    tmp_path: Path, judge: Judge, format_: str
) -> None:
    write(tmp_path, format_, m1=7, mx=8)
    judged = judge(CONTRACT.format(format=format_), MONTHS)
    assert judged.red["partition[month]"] == ("partition-value",)


def test_rows_of_a_session_of_the_project_s_own_are_asked_alike(
    tmp_path: Path, judge: Judge
) -> None:
    write(tmp_path, "parquet", m1=7, m01=7)
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    session.register_parquet("t", f"{tmp_path}/t/", table_partition_cols=[("month", pa.int32())])
    judged = judge(CONTRACT.format(format="parquet"), MONTHS, supplied=session)
    assert judged.outcomes["source"] is Outcome.KEPT
    assert judged.red["unique[month,id]"] == ("duplicate-keys",)
    assert judged.outcomes["rule[year]"] is Outcome.KEPT


@pytest.mark.parametrize("samples", [0, 3])
def test_keys_in_lists_are_asked_beside_typed_folders(
    tmp_path: Path, judge: Judge, samples: int
) -> None:
    for month in ("1", "01"):
        file = tmp_path / "t" / f"month={month}" / "f.parquet"
        file.parent.mkdir(parents=True)
        pq.write_table(pa.table({"l": [[{"a": 1, "b": 2}]], "x": [1]}), file)
    text = """\
table: t
source: {format: parquet, location: t, partitioned_by: [{name: month, type: int32}]}
fields:
 - {name: l, type: "list<struct<a: int64, b: int64>>"}
 - {name: x, type: int64}
 - {name: month, type: int32}
keys: [["l[].a"], [month, x]]
"""
    judged = judge(text, samples=samples)
    assert judged.red == {
        "unique[l[].a]": ("duplicate-keys",),
        "unique[month,x]": ("duplicate-keys",),
    }
