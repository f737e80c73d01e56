"""The stable words for what can be wrong."""

import re

import pytest

from cst_contracts.checks.codes import EXPLANATIONS, FindingCode


def test_every_code_is_explained_and_nothing_else() -> None:
    assert list(EXPLANATIONS) == list(FindingCode)


@pytest.mark.parametrize("code", FindingCode)
def test_a_code_is_a_plain_word_and_its_explanation_a_sentence(code: FindingCode) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", code)
    assert re.fullmatch(r"\S.*[^ ]\.", EXPLANATIONS[code])


def test_no_two_codes_are_explained_alike() -> None:
    assert len(set(EXPLANATIONS.values())) == len(FindingCode)
