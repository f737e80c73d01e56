"""Explanations as lines, JSON and Markdown."""

from cst_contracts.checks.explanations.explanation import Explanation
from cst_contracts.report.explanations import (
    explanation_lines,
    explanations_json,
    explanations_markdown,
)

ROWS = Explanation(
    "It has rows.", "An empty one proves nothing.", "count(*)", "Write.", "a: 1\nb: 2"
)


def test_the_lines_of_an_example_stand_below_each_other() -> None:
    assert list(explanation_lines("rows", ROWS)) == [
        "rows: It has rows.",
        "  Why it matters:  An empty one proves nothing.",
        "  How it is found: count(*)",
        "  What to do:      Write.",
        "  Example:         a: 1",
        "                   b: 2",
    ]


def test_json_has_every_part_by_name() -> None:
    assert explanations_json({"rows": ROWS}) == {
        "rows": {
            "meaning": "It has rows.",
            "why": "An empty one proves nothing.",
            "found": "count(*)",
            "fix": "Write.",
            "example": "a: 1\nb: 2",
        }
    }


def test_a_page_has_a_section_a_topic_and_a_heading_a_name() -> None:
    assert explanations_markdown({"Checks": {"rows": ROWS}}).splitlines() == [
        "## Checks",
        "",
        "### `rows`",
        "",
        "It has rows.",
        "",
        "- **Why it matters.** An empty one proves nothing.",
        "- **How it is found.** count(*)",
        "- **What to do.** Write.",
        "",
        "```text",
        "a: 1",
        "b: 2",
        "```",
        "",
    ]
