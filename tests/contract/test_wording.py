"""Text that terminals show as it is: what nobody sees, and what a terminal obeys, is escaped."""

import pytest

from cst_contracts.contract.wording import visible


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain é 日本 🦀\n\tas it is\xa0", "plain é 日本 🦀\n\tas it is\xa0"),
        ("\x1b[2Jclear\x9b", "\\x1b[2Jclear\\x9b"),
        ("over\rwritten\x08\x00", "over\\rwritten\\x08\\x00"),
        ("\u202efrom right\u2066 to left", "\\u202efrom right\\u2066 to left"),
        ("no\u200bwidth\xad\ufeff", "no\\u200bwidth\\xad\\ufeff"),
        ("two\u2028lines", "two\\u2028lines"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_what_a_terminal_obeys_is_escaped(text: str, told: str) -> None:
    assert visible(text) == told
