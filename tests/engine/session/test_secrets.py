"""What nobody but a store may read of its URL."""

import pytest

from cst_contracts.engine.session.secrets import redacted
from cst_contracts.engine.session.trouble import IntrospectionError


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
