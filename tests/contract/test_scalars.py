import pytest

from cst_contracts.contract.scalars import surprise


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        *[(word, "a boolean") for word in ("no", "Yes", "ON", "off", "true", "False")],
        *[(word, "no value") for word in ("", "~", "null", "Null", "NULL")],
        *[
            (word, "a number")
            for word in ("0", "-12", "+3", "1_000", "017", "0o17", "0x1F", "0b11")
        ],
        *[
            (word, "a number")
            for word in ("1.10", "1.", ".5", "-1e3", "1e-3", "12:30:00", "1:30.5")
        ],
        *[(word, "a number") for word in (".inf", "-.INF", ".nan", "1_0.5")],
        *[(word, "a date") for word in ("2027-01-31", "2026-1-3", "2026-01-31T00:00:00Z")],
        *[(word, "a date") for word in ("2026-01-31 10:00:00.5 +01:00", "2026-01-31t00:00:00")],
    ],
)
def test_a_plain_scalar_that_yaml_takes_for_something_else_is_told(text: str, read_as: str) -> None:
    assert surprise(text) == read_as


@pytest.mark.parametrize(
    "text",
    [
        "text",
        "1.2.0",
        "nope",
        "nO",
        "yEs",
        "-",
        "--",
        "1a",
        "a1",
        ".",
        "..",
        "+",
        "0xg",
        "1-2",
        "n/a",
    ],
)
def test_a_plain_scalar_that_is_text_to_every_yaml_is_no_surprise(text: str) -> None:
    assert surprise(text) is None
