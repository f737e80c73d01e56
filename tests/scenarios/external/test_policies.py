"""`statistics` and `pruning`, where a contract writes them down: seen to work, or red."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from cst_contracts.engine.session.contexts import open_session
from cst_contracts.report.manifest_file import Outcome

Judge = Callable[..., Any]
ROWS = pa.table(
    {
        "n": list(range(1000)),
        "s": [f"{n:04}" for n in range(1000)],
        "l": [[n] for n in range(1000)],
    },
    schema=pa.schema(
        [pa.field("n", pa.int64(), nullable=False), ("s", pa.string()), ("l", pa.list_(pa.int64()))]
    ),
)
FIELDS = "fields: [{name: n, type: int64}, {name: s, type: string}, {name: l, type: list<int64>}]\n"


def contract(policies: str, format_: str = "parquet", more: str = "") -> str:
    source = f"source: {{format: {format_}, location: t, {policies}{more}}}\n"
    return f"table: t\n{source}nullability: values\n{FIELDS}"


def write(folder: Path, rows: pa.Table = ROWS, **options: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, folder / "f.parquet", **{"row_group_size": 100, **options})


def test_nothing_is_promised_that_is_not_written(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path / "t")
    assert {"statistics", "pruning"}.isdisjoint(judge(contract("allow_empty: false")).outcomes)


def test_statistics_and_pruning_that_work_are_kept(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path / "t")
    judged = judge(contract("statistics: true, pruning: true"))
    assert judged.red == {}
    for check in ("statistics", "pruning"):
        assert judged.outcomes[check] is Outcome.KEPT
        assert judged[check].basis == "plan"


@pytest.mark.parametrize(
    ("allowed", "outcome"), [(False, Outcome.UNDECIDED), (True, Outcome.VACUOUS)]
)
@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_a_table_without_rows_leaves_nothing_unread(
    tmp_path: Path, judge: Judge, format_: str, outcome: Outcome, *, allowed: bool
) -> None:
    """Red once, as a table that is empty, or not at all where it may be."""
    if format_ == "delta":
        write_deltalake(tmp_path / "t", ROWS.slice(0, 0))
    else:
        write(tmp_path / "t", ROWS.slice(0, 0))
    more = ", allow_empty: true" if allowed else ""
    judged = judge(contract("pruning: true", format_, more), only="pruning")
    assert judged.outcomes == {"pruning": outcome}
    assert judged.finding("pruning").code == "empty-table"


@pytest.mark.parametrize("without", [False, ["n"]])
def test_files_without_statistics_are_red(tmp_path: Path, judge: Judge, without: Any) -> None:
    write(tmp_path / "t", write_statistics=without)
    judged = judge(contract("statistics: true, pruning: true"))
    assert judged.red["statistics"] == ("statistics-ineffective",)
    scanned = "n, s" if without is False else "s"
    assert judged.finding("statistics").observed == f"rows are read for {scanned}"
    assert str(judged.finding("statistics").place) == "contracts/0.yaml:2:40"
    pruned = judged.red.get("pruning")
    assert pruned == (("pruning-ineffective",) if without is False else None)


def test_ranges_that_overlap_leave_nothing_to_prune_and_it_is_told(
    tmp_path: Path, judge: Judge
) -> None:
    rows = pa.table({"n": [0, 9] * 50, "s": ["a", "z"] * 50, "l": [[1]] * 100})
    write(tmp_path / "t", rows, row_group_size=10)
    judged = judge(contract("pruning: true"))
    assert judged.red == {}
    assert judged.outcomes["pruning"] is Outcome.VACUOUS
    assert judged.finding("pruning").code.value == "nothing-to-prune"


def test_files_of_other_partitions_are_left_out(tmp_path: Path, judge: Judge) -> None:
    for repo in ("one", "two", "three"):
        write(tmp_path / f"t/repo={repo}", row_group_size=1000)
    judged = judge(contract("pruning: true", more=", partitioned_by: [repo]"))
    assert judged.red == {}
    assert judged.outcomes["pruning"] is Outcome.KEPT
    assert [note.code.value for note in judged["pruning"].notes] == ["nothing-to-prune"]


def test_pruning_is_turned_off_for_one_table(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path / "t")
    judged = judge(contract("pruning: false"))
    assert judged.outcomes["pruning"] is Outcome.KEPT


@pytest.mark.parametrize(("wanted", "red"), [("false", True), ("true", False)])
def test_the_projects_own_registration_counts(
    tmp_path: Path, judge: Judge, wanted: str, *, red: bool
) -> None:
    write(tmp_path / "t")
    context = open_session({})
    context.register_parquet("t", tmp_path / "t")
    judged = judge(contract(f"pruning: {wanted}"), supplied=context)
    assert judged.red == ({"pruning": ("pruning-ineffective",)} if red else {})
    other = open_session({})
    other.register_parquet("t", tmp_path / "t", parquet_pruning=False)
    judged = judge(contract(f"pruning: {wanted}"), supplied=other)
    assert judged.red == ({} if red else {"pruning": ("pruning-ineffective",)})


def test_statistics_are_turned_off_for_a_whole_session_only(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path / "t")
    judged = judge(contract("statistics: false"))
    assert judged.red == {"statistics": ("statistics-ineffective",)}
    assert judged.finding("statistics").observed == "metadata answer count(*)"
    assert "for a whole session" in judged.finding("statistics").hint
    context = open_session({"datafusion.execution.collect_statistics": "false"})
    context.register_parquet("t", tmp_path / "t")
    judged = judge(contract("statistics: false"), supplied=context)
    assert judged.red == {}


def test_text_has_neither(tmp_path: Path, judge: Judge) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t/f.csv").write_text("n\n1\n")
    text = contract("statistics: true, pruning: true", "csv").replace(
        FIELDS, "fields: [{name: n, type: int64}]\n"
    )
    judged = judge(text)
    assert judged.red == {
        "statistics": ("statistics-ineffective",),
        "pruning": ("pruning-ineffective",),
    }
    off = judge(text.replace("true", "false"))
    assert off.red == {}


def test_the_provider_of_delta_tables_is_asked_like_any_other(tmp_path: Path, judge: Judge) -> None:
    write_deltalake(str(tmp_path / "t"), ROWS)
    judged = judge(contract("statistics: true", "delta"))
    assert judged.red["statistics"] == ("statistics-ineffective",)
    assert "provider of Delta tables" in judged.finding("statistics").hint
