"""`sample`: the files that it writes keep their contract, or break exactly the promise that was named."""

from pathlib import Path

import pytest

from cst_contracts.api import check
from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main

_CONTRACT = """table: t
source: {{format: {format}, location: deep/t}}
fields:
  - {{name: id, type: int64, nullable: false}}
  - {{name: word, type: string, nullable: false}}
keys: [[id]]
rules: [{{name: known, sql: "word IN ('on', 'off')"}}]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def contract(format_: str = "parquet", more: str = "") -> str:
    Path("t.yaml").write_text(_CONTRACT.format(format=format_) + more)
    return "t.yaml"


def red(lake: str) -> list[str]:
    return [each.check for each in check("t.yaml", lake=lake).failed]


@pytest.mark.parametrize("format_", ["parquet", "delta", "csv", "json", "arrow"])
def test_a_sample_keeps_its_contract(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", contract(format_), "--rows", "7", "--out", "lake"]) == ExitCode.KEPT
    assert capsys.readouterr().out == f"t: 7 rows as {format_} in lake/deep/t\n"
    assert red("lake") == []


@pytest.mark.parametrize("format_", ["parquet", "delta"])
@pytest.mark.parametrize("clause", ["nulls[id]", "unique[id]", "rule[known]"])
def test_a_broken_sample_breaks_what_was_named(format_: str, clause: str) -> None:
    assert main(["sample", contract(format_), "--out", "lake", "--break", clause]) == ExitCode.KEPT
    assert red("lake") == [clause]


def test_another_format_and_another_seed_make_other_files() -> None:
    kept = contract()
    assert main(["sample", kept, "--out", "one", "--format", "arrow"]) == ExitCode.KEPT
    assert main(["sample", kept, "--out", "two", "--format", "arrow"]) == ExitCode.KEPT
    assert main(["sample", kept, "--out", "three", "--format", "arrow", "--seed", "1"]) == 0
    one, two, three = (
        Path(lake, "deep/t/part-0.arrow").read_bytes() for lake in ("one", "two", "three")
    )
    assert one == two
    assert one != three


@pytest.mark.parametrize(
    ("clause", "told"),
    [
        ("nulls[ix]", "t.yaml has no check `nulls[ix]`; did you mean `nulls[id]`"),
        ("function[abs]", "no data break function[abs] alone; abs hidden: that is about the"),
        ("rule[vain]", "t.yaml:11:5: no data break rule[vain] alone; no row that was tried"),
    ],
)
def test_what_no_data_break_is_told(
    clause: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = "functions: [abs]\n"
    vain = '  - {name: vain, sql: "id = id"}\n'
    text = _CONTRACT.format(format="parquet").replace(
        "rules: [{name: known, sql: \"word IN ('on', 'off')\"}]\n", f"{more}\n\nrules:\n{vain}"
    )
    Path("t.yaml").write_text(text)
    assert main(["sample", "t.yaml", "--out", "lake", "--break", clause]) == ExitCode.NOT_RUN
    assert told in capsys.readouterr().err
    assert not Path("lake").exists()


@pytest.mark.parametrize("more", [[], ["--break", "unique[id]"]])
def test_a_rule_that_takes_too_long_is_told_and_nothing_is_written(
    more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = _CONTRACT.format(format="parquet").replace("'off'", "'slow'")  # tried by no other test
    Path("t.yaml").write_text(text)
    asked = ["sample", "t.yaml", "--out", "lake", "--query-seconds", "1e-9", *more]
    assert main(asked) == ExitCode.NOT_RUN

    told = "t.yaml:7:9: it took longer than the 1e-09 s that a query may take (query_seconds)\n"
    assert capsys.readouterr().err == f"cst-contracts: {told}"
    assert not Path("lake").exists()


def test_a_promise_that_takes_too_long_is_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a contract without rules, of which rows are made without a query."""
    text = _CONTRACT.format(format="parquet").partition("rules")[0]
    Path("t.yaml").write_text(text)
    asked = ["sample", "t.yaml", "--out", "lake", "--query-seconds", "1e-9"]
    assert main([*asked, "--break", "unique[id]"]) == ExitCode.NOT_RUN
    assert "no data break unique[id] alone; it took longer than" in capsys.readouterr().err
    assert not Path("lake").exists()
    assert main([*asked, "--break", "nulls[id]"]) == ExitCode.KEPT


def test_what_is_a_view_of_others_is_written_as_a_table_and_said_to_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("v.yaml").write_text(
        "table: v\nsource: {format: view}\nfields: [{name: a, type: int64}]\n"
    )
    assert main(["sample", "v.yaml", "--rows", "3", "--out", "lake"]) == ExitCode.KEPT
    assert capsys.readouterr().out.splitlines() == [
        "v: 3 rows as parquet in lake/v",
        "  note: the contract calls v a view; it is written as a table of its own, "
        "and a check of the view reads other tables",
    ]


def test_nothing_is_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    Path("lake/deep/t").mkdir(parents=True)
    assert main(["sample", contract(), "--out", "lake"]) == ExitCode.NOT_RUN
    told = "lake/deep/t is there already: remove it, or name another folder"
    assert told in capsys.readouterr().err
