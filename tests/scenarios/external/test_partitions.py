"""Hive folders: files outside the promised layout, and values that are not of the promised type."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.report.manifest_file import Outcome

Judge = Callable[..., Any]
TEXT = """\
table: t
source: {format: parquet, location: t, partitioned_by: [repo, {name: year, type: int32}]}
fields: [{name: a, type: int64}]
"""


def write(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": [1, 2]}), file)
    return file


@pytest.fixture
def table(tmp_path: Path) -> Path:
    for repo, year in (("r1", "1"), ("r1", "2"), ("r2", "1")):
        write(tmp_path / f"t/repo={repo}/year={year}/f.parquet")
    return tmp_path / "t"


@pytest.mark.usefixtures("table")
def test_the_promised_layout_is_kept(judge: Judge) -> None:
    judged = judge(TEXT)
    assert judged.red == {}
    assert judged["rows"].rows == 6


@pytest.mark.parametrize(
    "stray",
    ["f.parquet", "repo=r1/f.parquet", "repo=r1/year=1/month=2/f.parquet", "year=1/f.parquet"],
)
def test_a_file_outside_the_layout_is_named(table: Path, judge: Judge, stray: str) -> None:
    """The engine refuses the folder then, and the file is what both say."""
    write(table / stray)

    judged = judge(TEXT)

    for check in ("partition[repo]", "partition[year]"):
        assert judged.red[check] == ("partition-layout",)
        assert judged.outcomes[check] is Outcome.BROKEN
    finding = judged.finding("partition[repo]")
    assert finding.observed == f"{stray} lies outside of repo=…/year=…/"
    assert finding.promised == "every file under repo=…/year=…/"
    assert str(finding.place) == "contracts/0.yaml:2:57"
    assert judged.red["table"] == ("table-unreadable",)
    assert judged.finding("table").observed == finding.observed


def test_a_file_that_the_engine_skips_is_named(table: Path, judge: Judge) -> None:
    for stray in ("archive/f.parquet", "repo=r1/old/f.parquet", "_temporary/f.parquet"):
        write(table / stray)

    judged = judge(TEXT)

    assert judged.red == {
        "table": ("files-unread",),
        "partition[repo]": ("partition-layout",),
        "partition[year]": ("partition-layout",),
    }
    observed = "nobody reads archive/f.parquet, repo=r1/old/f.parquet"
    assert judged.finding("partition[year]").observed == observed


def test_a_file_that_the_engine_skips_is_red_where_no_layout_is_promised(
    tmp_path: Path, judge: Judge
) -> None:
    for name in ("f.parquet", "old/f.parquet"):
        write(tmp_path / "t" / name)
    text = "table: t\nsource: {format: parquet, location: t}\nfields: [{name: a, type: int64}]\n"

    judged = judge(text)

    assert judged.red == {"table": ("files-unread",)}
    found = judged.finding("table")
    assert (str(found.place), found.observed) == (
        "contracts/0.yaml:1:1",
        "nobody reads old/f.parquet",
    )


@pytest.mark.parametrize("promised_by", ["partition", "fields"])
@pytest.mark.parametrize(
    ("type_", "value"),
    [("int32", "x"), ("int8", "300"), ("date32", "yesterday"), ("bool", "perhaps")],
)
def test_a_value_that_does_not_parse_is_named(
    table: Path, judge: Judge, type_: str, value: str, promised_by: str
) -> None:
    write(table / f"repo=r2/year={value}/f.parquet")
    text = TEXT.replace("int32", type_)
    if promised_by == "fields":
        text = TEXT.replace("{name: year, type: int32}", "year").replace(
            "[{name: a, type: int64}]",
            f"[{{name: a, type: int64}}, {{name: repo, type: string}}, {{name: year, type: {type_}}}]",
        )

    judged = judge(text)

    assert set(judged.red) == {"partition[year]"}
    assert judged.finding("partition[year]").code.value == "partition-value"
    assert repr(value) in judged.finding("partition[year]").observed


@pytest.mark.usefixtures("table")
def test_a_type_that_no_folders_name_can_have_is_red(judge: Judge) -> None:
    judged = judge(TEXT.replace("type: int32", "type: list<int32>"))
    assert set(judged.red) == {"partition[year]"}
    assert judged.finding("partition[year]").code.value in ("partition-value", "partition-type")


@pytest.mark.usefixtures("table")
def test_the_provider_takes_the_promised_types_up(judge: Judge) -> None:
    judged = judge(
        TEXT.replace("partitioned_by: [repo,", "partitioned_by: [{name: repo, type: string},")
    )
    assert judged.red == {}
