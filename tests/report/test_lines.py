"""Lines with markup as data."""

import pytest

from cst_contracts.report.lines import Span, Style, coloured, line, plain, wrapped


def test_a_line_is_shown_with_or_without_its_markup() -> None:
    spans = (Span("refs  ", Style.BROKEN), Span("3"), Span("  .", Style.QUIET))
    assert plain(spans) == "refs  3  ."
    assert coloured(spans) == "\x1b[1;31mrefs  \x1b[0m3\x1b[2m  .\x1b[0m"
    assert coloured(line("3")) == "3"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 40, ["one two three"]),
        ("one two three four five", 20, ["one two three four", "  five"]),
        (
            "see /a/long/path/that/is/one/word.yaml",
            20,
            ["see", "  /a/long/path/that/is/one/word.yaml"],
        ),
        ("two-part words-stay whole-too", 20, ["two-part words-stay", "  whole-too"]),
        ("narrower than that is not served", 3, ["narrower than that", "  is not served"]),
    ],
)
def test_a_long_text_is_broken_at_spaces_only(text: str, width: int, lines: list[str]) -> None:
    spans = list(wrapped(text, width, Style.WARNED))
    assert [plain(each) for each in spans] == lines
    assert {span.style for each in spans for span in each} == {Style.WARNED}
