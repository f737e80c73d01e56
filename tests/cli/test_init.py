"""`init`, from tables to contract files, words and an exit status."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.init import status_of, tell
from cst_contracts.cli.main import main
from cst_contracts.contract.json_schema import json_schema_text
from cst_contracts.proposals.contracts import Proposal
from cst_contracts.proposals.writing import Started

_SESSION = """\
from datafusion import SessionContext

def session():
    context = SessionContext()
    context.sql("CREATE VIEW one AS SELECT abs(1) AS a")
    context.sql("CREATE VIEW two AS SELECT 2 AS b")
    return context

def nothing():
    return None
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a table of two files in a lake."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    write(tmp_path / "lake/orders/monday.parquet", {"order_id": ["a", "b"], "total": [1, None]})
    write(tmp_path / "lake/orders/tuesday.parquet", {"order_id": ["c"], "total": [2]})
    return tmp_path


def write(file: Path, columns: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), file)


def test_a_lake_has_its_contracts_and_they_are_kept(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "lake"]) == ExitCode.KEPT

    captured = capsys.readouterr()
    assert captured.out == (
        "wrote contracts/orders.yaml: 2 fields, 3 rows\n"
        "wrote contract.schema.json: what editors complete and check contracts by\n"
    )
    assert captured.err == (
        "next: cst-contracts check --lake lake\n  or: pytest contracts --cst-lake=lake\n"
    )
    assert (project / "contract.schema.json").read_text() == json_schema_text()
    assert (project / "contracts/orders.yaml").read_text() == (
        "# yaml-language-server: $schema=../contract.schema.json\n"
        "table: orders\n"
        "version: 1.0.0\n"
        "\n"
        "source: {format: parquet, location: orders}\n"
        "\n"
        "fields:\n"
        "  - {name: order_id, type: string, nullable: false}  # no null in 3 rows (statistics)\n"
        "  - {name: total, type: int64}\n"
    )
    assert main(["check", "--lake", "lake"]) == ExitCode.KEPT


def test_a_table_alone_lies_below_the_working_directory(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "lake/orders", "--propose", "keys"]) == ExitCode.KEPT

    assert capsys.readouterr().err == "next: cst-contracts check\n"
    text = (project / "contracts/orders.yaml").read_text()
    assert "source: {format: parquet, location: lake/orders}\n" in text
    assert text.endswith("keys:\n  - [order_id]  # unique in 3 rows\n")
    assert main(["check"]) == ExitCode.KEPT


def test_without_a_place_the_lake_is_looked_through(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--lake", "lake", "--output", "promises/of"]) == ExitCode.KEPT

    assert capsys.readouterr().err == (
        "next: cst-contracts check promises/of --lake lake\n"
        "  or: pytest promises/of -o cst_contracts=promises/of --cst-lake=lake\n"
    )
    first = (project / "promises/of/orders.yaml").read_text().partition("\n")[0]
    assert first == "# yaml-language-server: $schema=../../contract.schema.json"


def test_the_lake_of_the_configuration_is_every_verbs(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text('[tool.pytest]\ncst_lake = "lake"\n')
    write(project / "other/items/day.parquet", {"item": ["a"]})

    assert main(["init"]) == main(["check"]) == main(["doctor"]) == ExitCode.KEPT
    assert "next: cst-contracts check\n" in capsys.readouterr().err
    assert "location: orders}" in (project / "contracts/orders.yaml").read_text()

    assert main(["init", "lake/orders", "--output", "one"]) == ExitCode.KEPT
    assert "next: cst-contracts check one\n" in capsys.readouterr().err
    assert "location: orders}" in (project / "one/orders.yaml").read_text()

    assert main(["init", "other", "--output", "two"]) == ExitCode.KEPT
    assert "next: cst-contracts check two --lake other\n" in capsys.readouterr().err
    assert main(["check", "two", "-q"]) == ExitCode.BROKEN
    assert main(["check", "two", "--lake", "other"]) == ExitCode.KEPT


def test_a_lake_that_is_not_there_is_told_once(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "lake"]) == ExitCode.KEPT
    capsys.readouterr()

    assert main(["check", "--lake", "lakes"]) == ExitCode.NOT_RUN
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (
        "",
        f"cst-contracts: no such folder: {project}/lakes, the lake root\n",
    )


def test_what_rows_bear_out_is_proposed_for_contracts_that_are_there(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project / "lake/items.parquet", {"item_id": [1, 2], "email": ["a@b.c"] * 2})
    assert main(["init", "lake/items.parquet"]) == ExitCode.KEPT
    asked = ["init", "lake/items.parquet", "--update", "--propose", "keys,enums"]
    capsys.readouterr()
    assert main([*asked, "--check"]) == ExitCode.BROKEN
    note = "  note: no values of email are proposed, which may be sensitive\n"
    key = "  unique (item_id): unique in 2 rows\n"
    assert capsys.readouterr().out == f"would update contracts/items.yaml:\n{key}{note}"
    assert main(asked) == ExitCode.KEPT
    assert "\nkeys:\n  - [item_id]  # unique in 2 rows\n" in (
        project / "contracts/items.yaml"
    ).read_text(encoding="utf-8")


def test_what_is_there_stays_as_it_is(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contracts = project / "contracts"
    contracts.mkdir()
    own = "table: mine\nsource: {format: parquet, location: orders}\nfields: [{name: a, type: int8}]\n"
    (contracts / "own.yaml").write_text(own)
    write(project / "lake/items.parquet", {"a": [1]})
    (contracts / "items.yaml").write_text("no contract")
    (project / "contract.schema.json").write_text("{}")

    assert main(["init", "lake"]) == ExitCode.KEPT

    assert capsys.readouterr().out == (
        "left contracts/items.yaml as it is: the contract of items\n"
        "left contracts/own.yaml as it is: the contract of orders\n"
    )
    assert (contracts / "own.yaml").read_text() == own
    assert (contracts / "items.yaml").read_text() == "no contract"
    assert (project / "contract.schema.json").read_text() == "{}"
    assert sorted(file.name for file in contracts.iterdir()) == ["items.yaml", "own.yaml"]


def test_a_table_that_cannot_be_read_is_named_and_the_others_are_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project / "lake/types/part-0.parquet", {"a": [1]})
    write(project / "lake/types/part-1.parquet", {"a": ["x"]})

    assert main(["init", "lake"]) == ExitCode.NOT_RUN

    captured = capsys.readouterr()
    assert captured.err.startswith(
        "no contract for types: its files are of several types: "
        "a is int64 in part-0.parquet; string in part-1.parquet\n"
    )
    assert [file.name for file in (project / "contracts").iterdir()] == ["orders.yaml"]


def test_a_table_that_takes_longer_than_a_query_may_is_named_and_nothing_is_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bound = ["--query-seconds", "1e-9"]
    told = "it took longer than the 1e-09 s that a query may take (query_seconds)"

    assert main(["init", "lake", *bound]) == ExitCode.NOT_RUN
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"no contract for orders: {told}\n")
    assert [file.name for file in project.iterdir()] == ["lake"]

    assert main(["init", "lake", "--query-seconds", "600"]) == ExitCode.KEPT
    before = (project / "contracts/orders.yaml").read_bytes()
    capsys.readouterr()
    asked = ["init", "lake", "--update", "--propose", "keys", *bound]
    assert main(asked) == ExitCode.NOT_RUN
    assert f"cannot update contracts/orders.yaml: {told}\n" in capsys.readouterr().err
    assert (project / "contracts/orders.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["gone"], "gone: there is no such file or folder"),
        (["module.py"], "module.py: its name ends in none of .parquet, .csv, .json, .arrow"),
        (["bare"], "bare/: there is no table in it"),
        (
            ["--propose", "keys,luck"],
            "'luck' cannot be proposed; known are keys, enums, ranges, references",
        ),
        (["--session", "module"], "'module': write module:function"),
        (["--session", "gone:f"], "there is no module gone"),
        (["--session", "module:gone"], "module has no function gone"),
        (["--session", "module:nothing"], "module:nothing returned a NoneType"),
        (
            ["--session", "module:session", "three"],
            "the session has no table three; it has one, two",
        ),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: list[str], told: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "module.py").write_text(_SESSION)
    (project / "bare").mkdir()

    assert main(["init", *arguments]) == ExitCode.NOT_RUN

    assert told in capsys.readouterr().err
    assert not (project / "contracts").exists()


def test_the_named_tables_of_a_session(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "module.py").write_text(_SESSION)

    assert main(["init", "--session", "module:session", "one"]) == ExitCode.KEPT

    captured = capsys.readouterr()
    assert captured.out.startswith("wrote contracts/one.yaml: 1 field, 1 row\n")
    assert captured.err == (
        "next: pytest contracts, with the session from the hook pytest_cst_contracts_session\n"
    )
    assert [file.name for file in (project / "contracts").iterdir()] == ["one.yaml"]


def test_contracts_that_are_there_are_updated_where_that_is_asked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", "lake"])
    before = (project / "contracts/orders.yaml").read_text()
    capsys.readouterr()

    assert main(["init", "lake", "--update", "--check"]) == ExitCode.KEPT
    assert capsys.readouterr().out == "contracts/orders.yaml says what is there\n"

    for day, id_ in (("monday", "a"), ("tuesday", "b")):
        columns = {"order_id": [id_, None], "total": [1.5, None], "note": [None, "x"]}
        write(project / f"lake/orders/{day}.parquet", columns)
    write(project / "lake/items.parquet", {"a": [1]})
    told = (
        " contracts/orders.yaml:\n"
        "  order_id may be null: 2 of 4 values are null\n"
        "  total: int64 → double\n"
        "  added note\n"
    )

    assert main(["init", "lake", "--update", "--check"]) == ExitCode.BROKEN
    captured = capsys.readouterr()
    assert captured.out == f"would write contracts/items.yaml: 1 field, 1 row\nwould update{told}"
    assert captured.err == ""
    assert (project / "contracts/orders.yaml").read_text() == before

    assert main(["init", "lake", "--update"]) == ExitCode.KEPT
    assert capsys.readouterr().out == f"wrote contracts/items.yaml: 1 field, 1 row\nupdated{told}"
    assert main(["check", "--lake", "lake"]) == ExitCode.KEPT


def test_an_update_ends_with_what_is_left_for_a_person(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", "lake", "--propose", "keys"])
    write(project / "lake/orders/tuesday.parquet", {"order_id": ["a"], "total": [2]})
    capsys.readouterr()

    assert main(["init", "lake", "--update"]) == ExitCode.BROKEN
    assert capsys.readouterr().out == (
        "contracts/orders.yaml says what is there\n"
        "  not kept: unique[order_id] is broken: 1 more row than keys, of 3\n"
    )

    write(project / "lake/orders/tuesday.parquet", {"order_id": [1], "total": [2]})
    assert main(["init", "lake", "--update"]) == ExitCode.NOT_RUN
    assert capsys.readouterr().err.startswith(
        "cannot update contracts/orders.yaml: its files are of several types: order_id is "
    )


def test_what_is_written_and_not_kept_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    proposal = Proposal(
        "t", "contracts/t.yaml", "", 1, 2, ("a note",), ("rows is broken: 1 row read",)
    )
    started = Started(written=(("contracts/t.yaml", proposal),), left=(), unwritten=())

    tell(started, dry=False)

    assert status_of(started, dry=False) == ExitCode.BROKEN
    assert capsys.readouterr().out == (
        "wrote contracts/t.yaml: 1 field, 2 rows\n"
        "  note: a note\n"
        "  not kept: rows is broken: 1 row read\n"
    )


def test_a_folder_that_cannot_be_written_to(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "file").write_text("")

    assert main(["init", "lake", "--output", "file/below"]) == ExitCode.NOT_RUN

    assert "file/below/orders.yaml: could not be written: " in capsys.readouterr().err
