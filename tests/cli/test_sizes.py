"""Sizes of memory as people write them."""

import click
import pytest

from cst_contracts.cli.sizes import Memory


@pytest.mark.parametrize(
    ("text", "size"), [("67108864", 64 * 1024**2), ("512MB", 512 * 1024**2), ("4 GiB", 4 * 1024**3)]
)
def test_a_number_and_a_unit_are_bytes(text: str, size: int) -> None:
    assert Memory().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "MB", "1.5GB", "-1", "12 apples"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no size; write a whole number"):
        Memory().convert(text, None, None)


def test_what_no_table_can_be_read_in_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="63MB is too little to read a table"):
        Memory().convert("63MB", None, None)
