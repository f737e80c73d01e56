"""`explain`: what findings, checks and outcomes mean."""

import json

import pytest

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.explanations.kinds import KINDS
from cst_contracts.checks.explanations.topics import FINDINGS, TOPICS
from cst_contracts.cli.main import main


def test_a_code_is_explained_with_all_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "null-values"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "null-values: Rows hold nulls where none is promised."
    assert [line.strip().partition(":")[0] for line in lines[1:5]] == [
        "Why it matters",
        "How it is found",
        "What to do",
        "Example",
    ]
    assert lines[-1].strip() == "observed: 7 nulls among 20634"


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("nulls[refs[].ref_id]", ["nulls[path]"]),
        ("reference[a→t.b]", ["reference[a→table.b]"]),
        ("order[measured]", ["order[measured]"]),
        ("order", ["order[declared]", "order[measured]", "order[plan]"]),
        ("undecided", ["undecided"]),
        ("statistics", ["statistics"]),
        ("fields", ["fields"]),
    ],
)
def test_an_id_a_kind_or_an_outcome_is_explained(
    word: str, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", word, "--format", "json"]) == 0

    assert list(json.loads(capsys.readouterr().out)) == names


def test_all_is_told_in_a_line_each_where_nothing_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain"]) == 0

    lines = capsys.readouterr().out.splitlines()
    expected = [
        f"{name}: {each.meaning}" for topic in TOPICS.values() for name, each in topic.items()
    ]
    assert lines == expected
    assert len(lines) > len(FindingCode) + len(KINDS)


def test_an_unknown_word_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "rows", "null-value", "xyz"]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "cst-contracts: nothing is called `null-value`; did you mean `null-values`?; "
        "nothing is called `xyz`; `cst-contracts explain` lists all\n"
    )


def test_the_page_of_the_manual_has_a_heading_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--format", "markdown"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("## ")] == [f"## {title}" for title in TOPICS]
    headings = [line.strip("#` ") for line in lines if line.startswith("### ")]
    assert headings == [name for topic in TOPICS.values() for name in topic]
    assert FINDINGS["null-values"].meaning in lines
