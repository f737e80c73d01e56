"""`prove`: how scores are told, and what the exit status says of them."""

import json
from pathlib import Path

import pytest

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main

_VAIN = """table: vain
fields: [{name: a, type: int64}]
keys: [[a]]
rules: [{name: always, sql: a = a}]
"""
_HEAD = "vain.yaml:4:9: vain rule[always]: could not be broken alone"
_WHY = "no row that was tried makes it false: it is true, or NULL, whatever the fields hold"


@pytest.fixture(autouse=True)
def vain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vain.yaml").write_text(_VAIN)


def test_a_survivor_is_told_at_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", ".", "--select", "rule[", "--select", "unique["]) == ExitCode.BROKEN

    told = capsys.readouterr().out.splitlines()
    assert told == [
        _HEAD,
        f"    found: {_WHY}",
        "vain   50 %  1 of 2",
        "1 of 2 ways to break a promise turned it red, and no other, in 1 contract",
    ]


def test_what_is_proven_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "vain.yaml", "--select", "unique[", "--quiet"]) == ExitCode.KEPT
    assert capsys.readouterr() == ("", "")


def test_scores_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", ".", "--select", "rule[", "--format", "json"]) == ExitCode.BROKEN

    (contract,) = json.loads(capsys.readouterr().out)["contracts"]
    (proof,) = contract.pop("proofs")
    assert contract == {
        "contract": "vain.yaml",
        "name": "vain",
        "percent": 0,
        "killed": 0,
        "counted": 1,
    }
    assert proof == {
        "check": "rule[always]",
        "place": "vain.yaml:4:9",
        "outcome": "survived",
        "what": "",
        "why": _WHY,
    }


def test_bad_news_is_annotated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", ".", "--select", "rule[", "--format", "github"]) == ExitCode.BROKEN

    captured = capsys.readouterr()
    title = "vain rule[always] could not be broken alone"
    place = "file=vain.yaml,line=4,col=9"
    assert captured.out == f"::error {place},title={title}::{_WHY}\n"
    assert captured.err.splitlines()[0] == "vain    0 %  0 of 1"


def test_who_proves_nothing_is_not_green() -> None:
    assert main(["prove", ".", "--select", "no such"]) == ExitCode.NOT_RUN


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("nowhere", "nowhere: there is no such file or folder of contracts"),
        ("empty", "there is no contract file in empty"),
    ],
)
def test_where_there_is_no_contract_nothing_is_proven(
    capsys: pytest.CaptureFixture[str], place: str, told: str
) -> None:
    Path("empty").mkdir()
    assert main(["prove", place]) == ExitCode.NOT_RUN
    assert told in capsys.readouterr().err


def test_an_ill_formed_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.yaml").write_text("table: t\n")
    assert main(["prove", "."]) == ExitCode.ILL_FORMED
    assert "bad.yaml:1:1" in capsys.readouterr().err


def test_a_query_that_takes_too_long_is_told_once_and_not_asked_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither with each change that breaks another promise."""
    (tmp_path / "vain.yaml").write_text(_VAIN.partition("keys")[0])
    assert main(["prove", ".", "--query-seconds", "1e-9"]) == ExitCode.BROKEN

    told = capsys.readouterr().out.splitlines()
    assert told[:3] == [
        "vain.yaml:1:1: vain rows: could not be kept",
        "    tried: data that keep it",
        "    found: it took longer than the 1e-09 s that a query may take (query_seconds) "
        "[query-too-slow]",
    ]
    assert main(["prove", ".", "--query-seconds", "600"]) == ExitCode.KEPT
