"""What a run tells where proofs are kept: from every door the same as where none are."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.project import Project, promise, red

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main
from cst_contracts.gate.result import RunResult

CONTRACT = """\
table: t
source: {format: parquet, location: t, ordered_by: [id]}
fields:
  - {name: id, type: int64, nullable: false, maximum: 100}
  - {name: word, type: string, nullable: false, pattern: "[a-z]"}
  - {name: at, type: "timestamp[us]"}
keys: [[id]]
rules: [{name: small, sql: id < 50}]
freshness: {field: at, within: 24h, zone: UTC}
"""
#: As no other number in the files.
ODD = 77


def write(lake: Path, name: str, ids: list[int | None]) -> Path:
    file = lake / "t" / f"{name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "id": pa.array(ids, pa.int64()),
        "word": pa.array(["a"] * len(ids)),
        "at": pa.array([datetime.now()] * len(ids), pa.timestamp("us")),
    }
    options = {"write_statistics": False, "use_dictionary": False, "compression": "none"}
    pq.write_table(pa.table(columns), file, **options)
    return file


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project(tmp_path)
    found.write(t=CONTRACT)
    write(found.lake, "0", [1, 2])
    write(found.lake, "1", [3, ODD, 4, None])
    return found


def told(result: RunResult) -> dict[str, Any]:
    """All of a manifest but the times and the memory that it took."""
    manifest: dict[str, Any] = json.loads(result.manifest_json())
    return {name: each for name, each in manifest.items() if name not in ("run", "memory")}


def test_a_manifest_is_that_of_a_run_without_proofs(project: Project) -> None:
    plain = project.check(samples=2)
    assert {check for _, check in red(plain)} == {"nulls[id]", "rule[small]", "order[measured]"}
    for _ in range(2):
        proved = project.check(samples=2, proofs="proofs")
        assert told(proved) == told(plain)
        assert proved.run is not None
        assert plain.run is not None
        assert proved.run.options == plain.run.options
    write(project.lake, "2", [5, 6])
    assert told(project.check(proofs="proofs")) == told(project.check())


def test_what_is_not_as_it_was_kept_is_red_at_each_promise_that_it_concerns(
    project: Project,
) -> None:
    project.write(t=CONTRACT.replace("id < 50", "id < 80").replace("maximum: 100", "maximum: 80"))
    file = write(project.lake, "1", [3, 4, ODD])
    assert red(project.check(proofs="proofs")) == {}
    exchange(file, ODD, ODD + 10)
    assert red(project.check(proofs="proofs")) == {}

    found = project.check(proofs="proofs", verify_data=True)
    checks = {"rule[small]", "range[id]", "order[measured]"}
    assert red(found) == {("t", check): ("proof-disagrees",) for check in checks}
    rule = promise(found, "rule[small]")
    assert rule.place == "contracts/t.yaml:8:9"
    assert rule.observed == (
        f"the rows of 1.parquet are others than when a proof was kept in {project.path / 'proofs'}, under "
        "the same size, time and footer; what is kept now is what they are"
    )

    now = project.check(proofs="proofs", verify_data=True)
    assert red(now) == {
        ("t", "rule[small]"): ("rule-violated",),
        ("t", "range[id]"): ("value-out-of-range",),
    }


def exchange(file: Path, old: int, new: int) -> None:
    """A number in a data page, with the file's time as it was."""
    before, whole = file.stat(), file.read_bytes()
    stored = old.to_bytes(8, "little")
    assert whole.count(stored) == 1
    file.write_bytes(whole.replace(stored, new.to_bytes(8, "little")))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_the_command_line_takes_a_folder(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.path)
    command = ["check", "--lake", "lake", "--select", "rule", "--proofs", "kept/proofs"]
    told = []
    for _ in range(2):
        assert main(command) == ExitCode.BROKEN
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert len(list(Path("kept/proofs").glob("*.proofs"))) == 2


def test_a_folder_that_cannot_be_had_is_told_before_anything_is_looked_at(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.path)
    Path("taken").write_text("a file", encoding="utf-8")
    command = ["check", "--lake", "lake", "--select", "rule", "--proofs", "taken/proofs"]
    assert main(command) == ExitCode.NOT_RUN
    assert "no folder of proofs can be had there: Not a directory" in capsys.readouterr().out
