"""`doctor`, over projects that have all, some or nothing of what a check needs."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main
from cst_contracts.engine.session import versions

_CONTRACT = (
    "table: t\nsource: {format: parquet, location: t.parquet}\nfields: [{name: a, type: int64}]\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a lake of one table, and its contract."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lake").mkdir()
    (tmp_path / "contracts").mkdir()
    pq.write_table(pa.table({"a": [1]}), tmp_path / "lake/t.parquet")
    (tmp_path / "contracts/t.yaml").write_text(_CONTRACT)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """By subject, what was seen, and what is to be done next."""
    lines: dict[str, list[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        subject, text = line[:11].strip(), line[11:]
        lines.setdefault(subject or list(lines)[-1], []).append(text.removeprefix("next: "))
    return lines


def test_a_project_that_has_all(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.pytest]\ncst_lake = "lake"\n')
    (project / "snapshots").mkdir()
    (project / "snapshots/t.json").write_text("{}")

    assert main(["doctor"]) == ExitCode.KEPT

    lines = told(capsys)
    assert lines["versions"][0].startswith("python 3.")
    assert lines.pop("versions")[0].endswith(": they fit")
    assert lines == {
        "lake": [f"{project}/lake, from `cst_lake` in pyproject.toml"],
        "tables": ["1: t (parquet); each has a contract"],
        "contracts": ["1 in contracts: of 1 table"],
        "session": ["one is opened for each run; no hook gives another"],
        "stores": ["the local disk"],
        "snapshots": ["1 in snapshots"],
    }


def test_a_table_without_a_contract(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "lake/u.csv").write_text("a\n1\n")

    assert main(["doctor", "--lake", "lake"]) == ExitCode.KEPT

    lines = told(capsys)
    assert lines["lake"] == [f"{project}/lake, from --lake"]
    assert lines["tables"] == [
        "2: t (parquet), u (csv)",
        "cst-contracts init --lake lake writes those of u",
    ]


def test_a_project_that_has_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["doctor"]) == ExitCode.NOT_RUN

    lines = told(capsys)
    said_by = "the working directory, as nothing says otherwise"
    assert lines["lake"] == [
        f"., {said_by}: {tmp_path}/: there is no table in it",
        "name the folder that your tables lie in: cst-contracts doctor --lake FOLDER",
    ]
    assert lines["contracts"] == [
        "none in contracts",
        "cst-contracts init FOLDER writes the first ones",
    ]
    assert lines["snapshots"][0] == "none"


def test_what_this_package_has_written_is_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contract.schema.json").write_text("{}")
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots/t.json").write_text("{}")

    assert main(["doctor"]) == ExitCode.NOT_RUN

    assert told(capsys)["lake"][0].endswith("there is no table in it")


def test_ill_formed_contracts_are_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "contracts/bad.yaml").write_text("table: [")
    (project / "contracts/s.yaml").write_text("session: s\npreset: cst\n")

    assert main(["doctor", "--lake", "lake"]) == ExitCode.ILL_FORMED

    assert told(capsys)["contracts"] == [
        "1 ill-formed file in contracts: contracts/bad.yaml",
        "cst-contracts lint contracts says why",
    ]
    (project / "contracts/bad.yaml").unlink()
    main(["doctor", "--lake", "lake"])
    assert told(capsys)["contracts"] == ["2 in contracts: of 1 table, and 1 session"]


def test_hooks_are_read_and_not_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hooks = "def pytest_cst_contracts_session(config): ...\ndef pytest_cst_contracts_lake(config): ...\n"
    (project / "conftest.py").write_text(f"raise SystemExit\n{hooks}")

    assert main(["doctor"]) == ExitCode.KEPT

    lines = told(capsys)
    told_by = "the working directory; for pytest, what pytest_cst_contracts_lake returns"
    assert lines["lake"] == [f"{project}, {told_by}"]
    assert lines["session"] == [
        "pytest takes the one that pytest_cst_contracts_session in conftest.py returns",
        "cst-contracts init --session MODULE:FUNCTION writes contracts of its tables",
    ]


def test_a_broken_conftest_has_no_hooks(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "conftest.py").write_text("def (")

    assert main(["doctor", "--lake", "lake"]) == ExitCode.KEPT

    assert told(capsys)["session"] == ["one is opened for each run; no hook gives another"]


def test_object_stores_are_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remote = _CONTRACT.replace("t.parquet", "s3://bucket/t")
    (project / "contracts/t.yaml").write_text(remote)

    assert main(["doctor", "--lake", "lake"]) == ExitCode.KEPT

    assert told(capsys)["stores"] == [
        "the local disk, s3",
        "object stores are read only in part: see the guide to tables in an object store",
    ]


@pytest.mark.usefixtures("project")
def test_engines_that_do_not_fit_stand_in_the_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    crates = {"datafusion": "55.0.0", "deltalake": "54.0.0"}
    monkeypatch.setattr(versions, "built_with", lambda: crates)

    assert main(["doctor", "--lake", "lake"]) == ExitCode.NOT_RUN

    lines = told(capsys)
    assert "they cannot share tables: pip install" in lines["versions"][1]
    assert "tables" not in lines
    assert main(["init", "lake"]) == ExitCode.NOT_RUN
    assert "they cannot share tables" in capsys.readouterr().err


def test_folders_are_those_of_pytests_configuration(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = "[pytest]\ncst_lake = lake\ncst_contracts = promises\ncst_snapshots = kept\n"
    (project / "pytest.ini").write_text(settings)
    (project / "contracts").rename(project / "promises")
    (project / "kept").mkdir()

    assert main(["doctor"]) == ExitCode.KEPT

    lines = told(capsys)
    assert lines["contracts"] == ["1 in promises: of 1 table"]
    assert lines["snapshots"] == ["0 in kept"]
