"""What moved between two runs: with class, rule and place, and what a manifest does not say."""

import json
from typing import Any

import pyarrow as pa
import pytest
from msgspec.structs import replace
from support.promises import manifest, promise, red

from cst_contracts.cli.main import main
from cst_contracts.facts import ConstraintKind, SeenTable, TableFacts
from cst_contracts.report.manifest import manifest_text
from cst_contracts.report.manifest_file import (
    ConstraintEntry,
    ContractEntry,
    ContractKind,
    Manifest,
)
from cst_contracts.report.observed import table_entry
from cst_contracts.report.run_changes import (
    NOT_COMPARED,
    run_difference,
    run_difference_annotations,
    run_difference_json,
    run_difference_lines,
    run_difference_markdown,
)

FILE = "contracts/t.yaml"


def run(*fields: pa.Field, version: str = "1.0.0", broken: bool = False, **said: Any) -> Manifest:
    entry = table_entry(SeenTable("t", TableFacts("t", "delta", pa.schema(fields))))
    record = red("a") if broken else promise(FILE, "t", "nulls[a]", line=3)
    contract = ContractEntry(file=FILE, kind=ContractKind.TABLE, name="t", version=version)
    return replace(manifest(record), tables=(replace(entry, **said),), contracts=(contract,))


OLD = run(pa.field("a", pa.int64()))
NEW = run(pa.field("a", pa.int32()), pa.field("b", pa.int8()), broken=True)


def lines(before: Manifest, after: Manifest) -> list[str]:
    difference = run_difference(before, after, ("old.json", "new.json"))
    return ["".join(span.text for span in each) for each in run_difference_lines(difference)]


def test_what_moved_is_told_by_table_with_rule_class_and_place() -> None:
    assert lines(OLD, NEW) == [
        "contracts/t.yaml: t",
        "  breaks  nulls[a]: kept → broken [breaking]",
        "          contracts/t.yaml:3:5",
        "  breaks  a: int64 → int32 [type-narrowed, breaking]",
        "  told    b: absent → int8 [field-added, full]",
        "3 changes from old.json to new.json: 2 breaks, 1 told",
        f"not compared: {NOT_COMPARED}",
    ]


def test_nothing_moved() -> None:
    assert lines(OLD, OLD)[0] == "0 changes from old.json to new.json"
    difference = run_difference(OLD, OLD, ("old.json", "new.json"))
    assert not difference.is_red
    assert run_difference_markdown(difference).startswith("## Runs: nothing moved\n")


def test_a_major_step_allows_a_change_of_the_table_and_not_that_a_promise_fell() -> None:
    told = lines(OLD, replace(NEW, contracts=run(version="2.0.0").contracts))
    assert told[0] == "contracts/t.yaml: t 1.0.0 → 2.0.0"
    assert "  allowed a: int64 → int32 [type-narrowed, breaking]" in told
    assert "  breaks  nulls[a]: kept → broken [breaking]" in told


def test_a_version_that_went_back_breaks_though_nothing_else_moved() -> None:
    older = replace(OLD, contracts=run(version="0.9.0").contracts)
    assert lines(OLD, older)[:3] == [
        "contracts/t.yaml: t 1.0.0 → 0.9.0",
        "  breaks  the version went back from 1.0.0 to 0.9.0 [version-lowered, breaking]",
        "1 change from old.json to new.json: 1 breaks",
    ]
    assert run_difference(OLD, older, ("old.json", "new.json")).is_red


def test_what_is_about_no_table_is_the_runs() -> None:
    old, new = (replace(OLD, versions={"datafusion": each}) for each in ("55.0.0", "56.0.0"))
    assert lines(old, new)[:2] == [
        "the run",
        "  told    version of datafusion: 55.0.0 → 56.0.0 [compatible]",
    ]


def test_features_and_constraints_of_a_log_move() -> None:
    paid = ConstraintEntry(kind=ConstraintKind.CHECK, name="paid", sql="total >= 0")
    old = run(delta_features=("deletionVectors",), delta_constraints=(paid,))
    new = run(delta_features=("columnMapping",))
    assert lines(old, new)[1:4] == [
        "  breaks  feature columnMapping of Delta: absent → needed [breaking]",
        "  breaks  constraint paid of the log: total >= 0 → absent [breaking]",
        "  told    feature deletionVectors of Delta: needed → absent [compatible]",
    ]
    assert (
        lines(new, old)[2]
        == "  told    feature columnMapping of Delta: needed → absent [compatible]"
    )


def test_programs_and_merge_requests_are_told_the_same() -> None:
    difference = run_difference(OLD, NEW, ("old.json", "new.json"))
    told = json.loads(run_difference_json(difference))
    (group,) = told["runs"]
    assert (told["red"], told["not_compared"], group["file"]) == (True, NOT_COMPARED, FILE)
    assert group["changes"][1] == {
        "what": "a: int64 → int32",
        "compatibility": "breaking",
        "standing": "breaks",
        "rule": "type-narrowed",
        "change_class": "breaking",
        "place": "",
    }
    assert list(run_difference_annotations(difference)) == [
        "::error file=contracts/t.yaml,line=3,col=5,title=run-moved::t: nulls[a]: kept → broken",
        "::error file=contracts/t.yaml,line=1,col=1,title=type-narrowed::t: a: int64 → int32",
    ]
    markdown = run_difference_markdown(difference)
    assert markdown.startswith("## Runs: 2 breaking\n")
    assert "| **breaks** | a: int64 → int32 (`type-narrowed`) | breaking |  |" in markdown
    assert NOT_COMPARED in markdown


def test_diff_takes_the_manifests_of_two_runs(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, each in (("old.json", OLD), ("new.json", NEW)):
        (tmp_path / name).write_text(manifest_text(each), encoding="utf-8")
    assert main(["diff", "old.json", "new.json", "--markdown", "moved.md"]) == 1
    assert "type-narrowed" in capsys.readouterr().out
    assert "type-narrowed" in (tmp_path / "moved.md").read_text(encoding="utf-8")
    assert main(["diff", "old.json", "old.json", "--format", "github"]) == 0
    assert main(["diff", "old.json", "new.json", "--json"]) == 1
    capsys.readouterr()
    for other in ([], ["HEAD"]):
        assert main(["diff", "old.json", *other]) == 2
        assert "a manifest is compared with another one" in capsys.readouterr().err
