"""What nobody but a store may read of its URL."""

import pytest

from cst_contracts.engine.session import secrets
from cst_contracts.engine.session.secrets import redacted
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Basis, SourceFacts


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("s3://KEY:SECRET@bucket/lake?scheme=http&token=x", "s3://bucket/lake"),
        ("at s3://KEY:S/ECRET@bucket/t: no such key", "at s3://KEY:S/ECRET@bucket/t: no such key"),
        ("abfss://c@account/x", "abfss://account/x"),
        (
            "GET https://h/p?sig=abc failed, 'https://u:p@h/q?sig=d'",
            "GET https://h/p failed, 'https://h/q'",
        ),
        ("file:///lake/a?b", "file:///lake/a"),
        ("a@b.c: what? no URL", "a@b.c: what? no URL"),
    ],
)
def test_user_password_and_query_are_taken_out(text: str, left: str) -> None:
    assert redacted(text) == left


def test_no_error_tells_them() -> None:
    url = "s3://KEY:SECRET@bucket/t?token=x"
    error = IntrospectionError(f"no {url} there", relation="t", location=url)
    assert "SECRET" not in f"{error} {error.answer}"
    assert error.location == "s3://bucket/t"


@pytest.fixture(autouse=True)
def _nothing_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_hidden", {})


def test_what_is_filled_in_is_told_by_its_name() -> None:
    environment = {"BUCKET": "my bucket", "E": "eu", "EMPTY": ""}
    assert secrets.filled("s3://${BUCKET}/${E}/x${EMPTY}", environment) == "s3://my bucket/eu/x"
    text = "nothing at s3://my bucket/eu/x, nor at s3://my%20bucket/eu: neutral"
    assert redacted(text) == "nothing at s3://${BUCKET}/${E}/x, nor at s3://${BUCKET}/${E}: neutral"


def test_a_text_without_names_is_left_as_it_is() -> None:
    assert secrets.filled("s3://b/$x/{y}/$ {z}", {}) == "s3://b/$x/{y}/$ {z}"
    with pytest.raises(KeyError, match="NAME"):
        secrets.filled("${NAME}", {})


def test_keys_of_stores_are_hidden_and_words_are_not() -> None:
    for key in ("minioadmin", "test", None, "a-key-that-is-as-long-as-keys-are"):
        secrets.hide_key(key)
    text = "minioadmin tests a-key-that-is-as-long-as-keys-are"
    assert redacted(text) == "minioadmin tests <redacted>"


def test_answers_are_told_without_what_is_hidden() -> None:
    facts = SourceFacts(supplied=True, more=("planted/a",), files=2, basis=Basis.SCAN)
    assert secrets.told(facts) is facts
    secrets.filled("${AREA}", {"AREA": "planted"})
    assert secrets.told(facts) == SourceFacts(
        supplied=True, more=("${AREA}/a",), files=2, basis=Basis.SCAN
    )
    assert secrets.told({"planted": ["planted", 1]}) == {"${AREA}": ["${AREA}", 1]}
    unchanged = SourceFacts(supplied=True, more=("a",))
    assert secrets.told(unchanged) is unchanged
