"""Colours are told apart by those who see little: contrast of every pair, computed from the style sheet."""

import re
from functools import cache
from importlib.resources import files

import pytest

_OUTCOMES = ("kept", "broken", "warn", "undecided", "vacuous", "waived")
_GROUNDS = ("bg", "surface", "sunken")
#: In the style sheet: what the reader chose, or the system where nothing is chosen.
_BLOCKS = {
    "light": r":root \{(.*?)\n\}",
    "dark": r':root\[data-theme="dark"\] \{(.*?)\n\}',
    "dark by the system": r":root:not\(\[data-theme\]\) \{(.*?)\n  \}",
}


@cache
def colours(block: str) -> dict[str, str]:
    style = files("cst_contracts.report.html").joinpath("templates", "style.css").read_text("utf-8")
    found = re.search(_BLOCKS[block], style, re.DOTALL)
    assert found is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", found[1]))


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(block: str, one: str, other: str) -> float:
    lighter, darker = sorted(
        (luminance(colours(block)[name]) for name in (one, other)), reverse=True
    )
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("block", ["light", "dark"])
@pytest.mark.parametrize("ground", _GROUNDS)
def test_text_is_read_on_every_ground(block: str, ground: str) -> None:
    for text, least in (("text", 12), ("text-2", 7), ("text-3", 4.5), ("focus", 5.8)):
        assert contrast(block, text, ground) >= least, text


@pytest.mark.parametrize("block", ["light", "dark"])
@pytest.mark.parametrize("outcome", _OUTCOMES)
def test_an_outcome_is_seen_on_the_page_and_on_its_tint(block: str, outcome: str) -> None:
    assert contrast(block, outcome, "bg") >= 4.5
    assert contrast(block, outcome, f"{outcome}-tint") >= 4.5
    for text in ("text", "text-2"):
        assert contrast(block, text, f"{outcome}-tint") >= 7
    if outcome != "kept":  # ground and not figure: its number stands beside it
        assert all(contrast(block, f"{outcome}-fill", ground) >= 3 for ground in _GROUNDS)


def test_dark_is_the_same_whether_it_is_chosen_or_the_systems() -> None:
    assert colours("dark") == colours("dark by the system")
    assert colours("light").keys() == colours("dark").keys()
