"""How the values of a contract are spelled where they are compared and told."""

from datetime import timedelta

import pyarrow as pa
import pytest

from cst_contracts.contract.clauses.tolerance import Tolerance
from cst_contracts.contract.model import FieldOrder
from cst_contracts.drift.spelling import spelled, without_secrets


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "true"),
        (FieldOrder.ANY, "any"),
        (pa.struct([("x", pa.int8())]), "struct<x: int8>"),
        (timedelta(days=2), "2d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=90), "90m"),
        (timedelta(seconds=90), "90s"),
        (timedelta(), "0s"),
        (Tolerance(count=3), "3"),
        (("a", None, (1, 2)), "[a, none, [1, 2]]"),
        (frozenset({"a"}), "[a]"),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_spelled_as_contracts_have_it(value: object, text: str) -> None:
    assert spelled(value) == text


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("folder/a?b", "folder/a?b"),
        ("s3://bucket/t", "s3://bucket/t"),
        ("s3://me:word@bucket/t?sig=k", "s3://bucket/t"),
        ("https://me:w@rd@host", "https://host"),
        ("https://host?token=x/y", "https://host"),
    ],
)
def test_a_location_is_told_without_what_opens_it(location: str, told: str) -> None:
    assert without_secrets(location) == told
