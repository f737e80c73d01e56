"""`diff` and `waive`: what changed between two states, whom it breaks, and the exit status that says so."""

import json
from pathlib import Path

import pytest
from support.repository import Repository

from cst_contracts.cli.main import main

ORDERS = """\
table: orders
version: 1.2.0
owner: orders-team
fields:
  - {name: order_id, type: string, nullable: false}
  - {name: total, type: int32}
keys: [[order_id]]
consumers:
  - {name: invoices, owner: billing-team, reads: [total]}
"""
WIDER = ORDERS.replace("int32", "int64").replace("version", "field_order: any\nversion")
TOLD = """\
contracts/orders.yaml: orders 1.2.0 (owner orders-team)
  breaks  total: int32 → int64 [type-widened, backward]
          contracts/orders.yaml:7:5 change {stamp}
          read by invoices (billing-team)
  breaks  field_order: strict → any [promise-loosened, backward]
          contracts/orders.yaml:1:1 change {other}
          read by invoices (billing-team)
          way out: step `version` to 2.0.0; or take the change back, or waive it with `cst-contracts waive`
2 changes of 1 contract from HEAD to the working tree: 2 breaks
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository = Repository(tmp_path / "project")
    repository.commit(orders=ORDERS)
    monkeypatch.chdir(repository.folder)
    return repository


def stamps(capsys: pytest.CaptureFixture[str]) -> list[str]:
    main(["diff", "HEAD", "--json"])
    changes = json.loads(capsys.readouterr().out)["contracts"][0]["changes"]
    return [change["fingerprint"] for change in changes]


def test_nothing_changed(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "main"]) == 0
    out = capsys.readouterr().out
    assert out == "0 changes of 1 contract from main to the working tree\n"
    assert repository.git("status", "--porcelain") == ""


def test_what_breaks_is_told_with_place_owner_and_consumers(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("contracts/orders.yaml", WIDER)
    stamp, other = stamps(capsys)

    assert main(["diff", "HEAD"]) == 1
    assert capsys.readouterr().out == TOLD.format(stamp=stamp, other=other)


def test_two_references_are_compared_whatever_is_checked_out(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit(orders=ORDERS.replace("keys: [[order_id]]\n", ""))
    repository.commit(orders="not: a contract")

    assert main(["diff", "HEAD~2", "HEAD~1"]) == 1
    out = capsys.readouterr().out
    assert "keys order_id: promised → absent [key-removed, backward]" in out
    assert "contracts/orders.yaml:7:8 in HEAD~2 change" in out
    assert out.endswith("1 change of 1 contract from HEAD~2 to HEAD~1: 1 breaks\n")


def test_folders_are_compared_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("old", ORDERS), ("new", ORDERS.replace("1.2.0", "1.1.0"))):
        (tmp_path / name / "contracts").mkdir(parents=True)
        (tmp_path / name / "contracts/orders.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)

    assert main(["diff", "old", "./new"]) == 1
    assert capsys.readouterr().out == (
        "version-lowered contracts/orders.yaml:1:1: the version of orders went back from 1.2.0 to 1.1.0; "
        "versions only rise\n"
        "0 changes of 1 contract from old to ./new; 1 further failure\n"
    ).replace(
        "version-lowered",
        "contracts/orders.yaml: orders 1.2.0 → 1.1.0 (owner orders-team)\nversion-lowered",
        1,
    )
    assert main(["diff", "old/contracts", "new/contracts", "--json"]) == 1


def test_json_has_every_change_and_says_whether_it_is_red(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("contracts/orders.yaml", ORDERS.replace("int32", "int64"))

    assert main(["diff", "HEAD", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)

    (contract,) = told.pop("contracts")
    (change,) = contract.pop("changes")
    assert told == {
        "difference_version": 1,
        "before": "HEAD",
        "after": "the working tree",
        "red": True,
        "looked_at": 1,
        "notes": [],
    }
    assert contract == {
        "contract": "contracts/orders.yaml",
        "name": "orders",
        "owner": "orders-team",
        "version_before": "1.2.0",
        "version_after": "1.2.0",
        "step": "none",
        "wanted": "major",
    }
    assert len(change.pop("fingerprint")) == 8
    assert change == {
        "rule": "type-widened",
        "class": "backward",
        "readers": "breaking",
        "writers": "compatible",
        "standing": "breaks",
        "change": "total: int32 → int64",
        "place": "contracts/orders.yaml:6:5",
        "place_is_before": False,
        "source": "contract",
        "consumers": [{"name": "invoices", "owner": "billing-team", "through": ""}],
    }


def test_annotations_stand_at_the_lines_and_markdown_is_written_beside(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("contracts/orders.yaml", ORDERS.replace("int32", "int64"))

    assert main(["diff", "HEAD", "--format", "github", "--markdown", "out/changes.md"]) == 1
    captured = capsys.readouterr()

    assert captured.out == (
        "::error file=contracts/orders.yaml,line=6,col=5,title=type-widened::total: int32 → int64; "
        "read by invoices (billing-team); step `version` to 2.0.0; or take the change back, or waive it "
        "with `cst-contracts waive`\n"
    )
    assert captured.err.endswith("1 change of 1 contract from HEAD to the working tree: 1 breaks\n")
    written = Path("out/changes.md").read_text(encoding="utf-8")
    assert written.startswith("## Contracts: 1 breaking\n")


def test_additions_are_told_and_not_red(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    added = ORDERS.replace("keys:", "  - {name: channel, type: string}\nkeys:")
    repository.write("contracts/orders.yaml", added)

    assert main(["diff", "HEAD", "--format", "github"]) == 0
    assert capsys.readouterr().out == (
        "::warning file=contracts/orders.yaml,line=1,col=1,title=step-due::what orders promises changed, "
        "and its version is 1.2.0; step `version` to 1.3.0\n"
    )


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["nope"], 2, "there is no git reference and no folder `nope`"),
        (["./nope"], 2, "./nope: there is no such folder"),
        (
            ["main", "--contracts", "elsewhere"],
            2,
            "neither main nor the working tree has a contract",
        ),
        ([], 2, "Missing argument 'BASE'"),
    ],
)
def test_what_cannot_be_compared_is_told(
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    told: str,
) -> None:
    assert repository.folder.is_dir()
    assert main(["diff", *arguments]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err


def test_a_name_of_a_folder_and_of_a_reference_is_refused(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("main/contracts/orders.yaml", ORDERS)

    assert main(["diff", "main"]) == 2
    assert "`main` is a git reference and a folder; write `./main`" in capsys.readouterr().err
    assert main(["diff", "./main"]) == 0
    assert main(["diff", "refs/heads/main"]) == 0


def test_a_reference_may_be_called_as_a_file_is(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two files are manifests, and so is one that ends in `.json`."""
    (repository.folder / "main").write_text("no manifest")

    assert main(["diff", "main"]) == 0
    assert capsys.readouterr().out.startswith("0 changes of 1 contract")


def test_outside_of_a_repository_only_folders_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["diff", "main"]) == 2
    assert "no git repository to read references of" in capsys.readouterr().err


def test_a_shallow_clone_is_told_to_lack_what_is_asked_for(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repository.commit(orders=ORDERS)
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=1", repository.folder.as_uri(), str(clone))
    monkeypatch.chdir(clone)

    assert main(["diff", "HEAD~1"]) == 2
    assert "this clone is shallow: fetch the reference" in capsys.readouterr().err


@pytest.mark.parametrize("before", [True, False])
def test_an_ill_formed_contract_is_told_with_its_state(
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
    before: bool,  # noqa: FBT001
) -> None:
    bad = ORDERS.replace("keys:", "kyes:")
    if before:
        repository.commit(orders=bad)
        repository.write("contracts/orders.yaml", ORDERS)
    else:
        repository.write("contracts/orders.yaml", bad)

    assert main(["diff", "HEAD"]) == 3
    state = "in HEAD, " if before else ""
    assert capsys.readouterr().err == (
        f"cst-contracts: contracts/orders.yaml:7:1: {state}unknown key `kyes`; did you mean `keys`?\n"
    )


def waive(stamp: str, *further: str, expires: str = "2099-12-31") -> int:
    said = ["--base", "HEAD", "--reason", "agreed", "--owner", "me", "--expires", expires]
    return main(["waive", stamp, *said, *further])


def test_a_waived_change_is_red_no_more_and_the_others_are(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("contracts/orders.yaml", WIDER)
    stamp, other = stamps(capsys)

    assert waive(stamp) == 0
    assert main(["diff", "HEAD"]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"contracts/orders.yaml: waived change {stamp} until 2099-12-31\n")
    assert "          agreed (me, until 2099-12-31)\n" in out

    assert waive(other) == 0
    assert main(["diff", "HEAD"]) == 0


def test_a_contract_that_went_is_waived_in_another(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit(other="table: u\nfields: [{name: a, type: int8}]\n")
    (repository.folder / "contracts/orders.yaml").unlink()
    (stamp,) = stamps(capsys)

    assert waive(stamp) == 2
    assert (
        "orders.yaml is gone; name another contract file with `--in FILE`"
        in capsys.readouterr().err
    )
    assert waive(stamp, "--in", "contracts/other.yaml") == 0
    assert main(["diff", "HEAD"]) == 0


def test_what_needs_no_waiver_is_not_waived(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("contracts/orders.yaml", WIDER.replace("1.2.0", "2.0.0"))
    stamp, _ = stamps(capsys)

    assert waive(stamp) == 2
    assert (
        f"change {stamp} needs no waiver: total: int32 → int64 (allowed by a major step)"
        in capsys.readouterr().err
    )
    assert waive("00000000") == 2
    assert "no change has the fingerprint `00000000`; breaking are: none" in capsys.readouterr().err
    repository.write("contracts/orders.yaml", WIDER)
    assert waive(stamp, expires="2020-01-01") == 2
    assert "2020-01-01 is over" in capsys.readouterr().err


@pytest.mark.usefixtures("repository")
def test_a_name_that_no_file_can_have_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a" * 300]) == 2
    assert capsys.readouterr().err.endswith("a: File name too long\n")
