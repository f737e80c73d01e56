"""`blame`, over Delta tables that broke a promise, mended it, lost versions or have none."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main

CONTRACT = """table: t
source: {format: delta, location: t}
fields:
  - {name: id, type: int64, nullable: false}
  - {name: kind, type: string, enum: [a, b]}
  - name: items
    type: list<struct>
    fields: [{name: n, type: int64, minimum: 0}]
keys: [[id]]
"""
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("kind", pa.string()),
        ("items", pa.list_(pa.struct([("n", pa.int64())]))),
    ]
)


def rows(*ids: int | None, kind: str = "a", n: int = 0) -> pa.Table:
    return pa.Table.from_pylist(
        [{"id": id_, "kind": kind, "items": [{"n": n}]} for id_ in ids], SCHEMA
    )


class Project:
    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.table, self._capsys = root, root / "lake/t", capsys

    def contract(self, text: str, name: str = "t") -> None:
        (self.root / f"contracts/{name}.yaml").write_text(text)

    def write(self, *versions: pa.Table, mode: str = "append") -> None:
        for each in versions:
            write_deltalake(self.table, each, mode="overwrite" if mode == "overwrite" else "append")

    def blame(self, *arguments: str) -> tuple[int, list[str], str]:
        status = main(["blame", *arguments, "--lake", "lake"])
        told = self._capsys.readouterr()
        return status, told.out.splitlines(), told.err


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "lake").mkdir()
    found = Project(tmp_path, capsys)
    found.contract(CONTRACT)
    return found


def said(lines: Sequence[str], title: str) -> str:
    (found,) = (line for line in lines if line.startswith(f"    {title}: "))
    return found.removeprefix(f"    {title}:").strip()


def test_the_lake_is_the_one_that_pytests_configuration_names(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write(rows(1), rows(1))
    (project.root / "pytest.ini").write_text("[pytest]\ncst_lake = lake\n")

    assert main(["blame", "t", "unique[id]"]) == 1

    assert "unique[id]" in capsys.readouterr().out


def test_a_lake_that_is_not_there_is_told_as_such(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["blame", "t", "--lake", "nowhere"]) == 2

    told = f"no such folder: {project.root / 'nowhere'}, the lake root"
    assert told in capsys.readouterr().err


def test_the_version_that_broke_a_key_with_its_commit(project: Project) -> None:
    project.write(rows(1), rows(2), rows(3), rows(3), rows(4), rows(5))

    status, lines, _ = project.blame("t", "unique[id]")

    assert status == ExitCode.BROKEN
    assert lines[0] == "contracts/t.yaml:9:8: t unique[id]: broken since version 3"
    assert said(lines, "observed") == "1 more row than keys, of 4"
    assert "WRITE by delta-rs" in said(lines, "commit")
    assert "mode=Append" in said(lines, "commit")
    assert said(lines, "before") == "version 2, kept"
    assert said(lines, "looked at") == "2 kept, 3 broken, 4 broken, 5 broken"
    assert said(lines, "not seen").startswith("2 earlier versions, ")


def test_each_promise_that_is_broken_is_blamed_on_its_own_version(project: Project) -> None:
    project.write(rows(1), rows(2, kind="c"), rows(3, n=-1), rows(None))

    status, lines, _ = project.blame("contracts/t.yaml")

    heads = [line.partition(": t ")[2] for line in lines if not line.startswith(" ")]
    assert status == ExitCode.BROKEN
    assert heads == [
        "nulls[id]: broken since version 3",
        "enum[kind]: broken since version 1",
        "range[items[].n]: broken since version 2",
    ]


def test_what_was_mended_in_between_is_seen_by_those_who_look_everywhere(project: Project) -> None:
    project.write(rows(1), rows(1, kind="c"))
    project.write(rows(1), rows(2), rows(3), mode="overwrite")
    project.write(rows(2, kind="c"))

    _, halved, _ = project.blame("t", "enum[kind]")
    _, every, _ = project.blame("t", "enum[kind]", "--every")

    assert halved[0].endswith("broken since version 5")
    assert said(halved, "looked at") == "4 kept, 5 broken"
    assert said(halved, "not seen").startswith(
        "4 earlier versions, in which it may have been broken"
    )
    assert every[0].endswith("broken since version 1")
    assert said(every, "looked at") == "0 kept, 1 broken, 5 broken"


def test_a_version_whose_data_is_gone_is_named(project: Project) -> None:
    project.write(rows(1), rows(2))
    project.write(rows(3, kind="c"), mode="overwrite")
    DeltaTable(project.table).vacuum(
        retention_hours=0, dry_run=False, enforce_retention_duration=False
    )

    status, lines, _ = project.blame("t", "enum[kind]")

    assert status == ExitCode.BROKEN
    assert lines[0].endswith("broken in version 2 already, and of earlier ones nothing is known")
    assert said(lines, "version 0").startswith(
        "nothing is known: version 0 is in the log, and its data is"
    )
    assert said(lines, "version 1").startswith(
        "nothing is known: version 1 is in the log, and its data is"
    )
    assert said(lines, "looked at") == "0 unknown, 1 unknown, 2 broken, 3 broken, 4 broken"


def test_broken_from_the_first_version_on(project: Project) -> None:
    project.write(rows(1, kind="c"))

    _, lines, _ = project.blame("t", "enum[kind]")

    assert lines[0].endswith("broken in version 0 already, the oldest that the log has")


def test_a_table_without_rows_is_not_what_broke_it(project: Project) -> None:
    project.write(SCHEMA.empty_table(), rows(1, kind="c"), SCHEMA.empty_table())
    _, lines, _ = project.blame("t", "enum[kind]")
    assert lines[0].endswith("broken in version 1 already, and of earlier ones nothing is known")
    assert said(lines, "version 0") == "nothing is known: 0 rows to look at"


def test_a_table_that_is_empty_now_is_blamed_on_what_emptied_it(project: Project) -> None:
    project.write(rows(1))
    DeltaTable(project.table).delete()

    status, lines, _ = project.blame("t", "rows")

    assert status == ExitCode.BROKEN
    assert lines[0].endswith("vacuous since version 1")
    assert "DELETE" in said(lines, "commit")


def test_a_predicate_may_hold_a_value_that_is_sensitive(project: Project) -> None:
    project.write(rows(1), rows(2))
    DeltaTable(project.table).update({"kind": "'hush'"}, predicate="kind = 'a' AND id = 2")
    project.contract(CONTRACT.replace("type: string,", "type: string, sensitive: true,"))

    _, lines, _ = project.blame("t", "enum[kind]")

    assert lines[0].endswith("broken since version 2")
    assert "UPDATE" in said(lines, "commit")
    assert "hush" not in "\n".join(lines)
    assert "predicate" not in "\n".join(lines)


def test_a_waiver_hides_nothing_and_time_stands_where_the_commit_was(project: Project) -> None:
    waiver = "waivers: [{check: 'unique[id]', reason: r, owner: o, expires: 2099-01-01}]\n"
    project.contract(CONTRACT + waiver)
    project.write(rows(1), rows(1))

    _, lines, _ = project.blame("t", "unique[id]")

    assert lines[0].endswith("broken since version 1")


def test_nothing_to_blame(project: Project) -> None:
    project.write(rows(1), rows(2))

    status, lines, _ = project.blame("t")

    assert status == ExitCode.KEPT
    assert lines == ["t: 15 promises kept in version 1, the latest: nothing to blame"]


def test_what_cannot_be_judged_now_is_not_taken_for_kept(project: Project) -> None:
    project.write(rows(1))
    project.contract(CONTRACT.replace("name: kind", "name: sort"))

    status, lines, _ = project.blame("t", "enum[sort]")

    assert status == ExitCode.NOT_RUN
    assert lines[0].endswith("t enum[sort]: nothing is known of version 0")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["tt"], "there is no contract of a table `tt`; the nearest is `t`"),
        (["t", "unique[idd]"], "`unique[idd]` is no check of t; the nearest are `unique[id]`, "),
        (["t", "snapshot[schema]"], "snapshot[schema] is about no version: it says what is so now"),
        (["t"], "t has no history that can be read: no Delta table there"),
        (["flat"], "flat is parquet, and has no versions to go back in: only Delta tables have"),
        (["own"], "own is registered by the project, and has no versions to go back in"),
        (["t", "--contracts", "gone"], "'gone' does not exist"),
    ],
)
def test_what_cannot_be_blamed_is_told(project: Project, arguments: list[str], told: str) -> None:
    pq.write_table(rows(1), project.root / "lake/flat.parquet")
    fields = "fields: [{name: id, type: int64}]\n"
    project.contract(
        f"table: flat\nsource: {{format: parquet, location: flat.parquet}}\n{fields}", "flat"
    )
    project.contract(f"table: own\n{fields}", "own")

    status, lines, error = project.blame(*arguments)

    assert status == ExitCode.NOT_RUN
    assert lines == []
    assert told in error


def test_an_ill_formed_contract(project: Project) -> None:
    project.contract("table: t\nfields: []\n")

    assert project.blame("contracts/t.yaml")[0] == ExitCode.ILL_FORMED
    assert "contracts/t.yaml cannot be read" in project.blame("t")[2]
