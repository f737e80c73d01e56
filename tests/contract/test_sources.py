"""What a table's source says, key by key, and locations that would tell secrets."""

from datetime import UTC, datetime

import pytest

from cst_contracts.contract.clauses.as_of import AsOfTimestamp
from cst_contracts.contract.clauses.source import PolicyContract
from cst_contracts.contract.clauses.text_options import Compression, TextOptions
from cst_contracts.contract.model import (
    ExtraConstraints,
    MissingInFiles,
    SourceContract,
    SourceFormat,
    TableContract,
)
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.urls import is_stored, without_credentials
from cst_contracts.errors import InvalidContract
from cst_contracts.location import Location

PLACE = Location("t.yaml", 2, 1)


def source(written: str) -> SourceContract | None:
    text = f"table: t\nsource: {{{written}}}\nfields: [{{name: a, type: int64}}]\n"
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    return contract.source


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("format: parquet, location: t", SourceContract(SourceFormat.PARQUET, PLACE, "t")),
        (
            "format: parquet, location: t, missing_in_files: forbid, ignore: ['*.tmp', old]",
            SourceContract(
                SourceFormat.PARQUET,
                PLACE,
                "t",
                missing_in_files=MissingInFiles.FORBID,
                ignore=("*.tmp", "old"),
            ),
        ),
        (
            "format: parquet, location: t, missing_in_files: allow, allow_empty: true",
            SourceContract(
                SourceFormat.PARQUET,
                PLACE,
                "t",
                missing_in_files=MissingInFiles.ALLOW,
                allow_empty=True,
            ),
        ),
        (
            "format: parquet, location: t, statistics: false, pruning: false",
            SourceContract(
                SourceFormat.PARQUET,
                PLACE,
                "t",
                statistics=False,
                pruning=False,
                policies=(
                    PolicyContract("statistics", False, Location("t.yaml", 2, 40)),  # noqa: FBT003
                    PolicyContract("pruning", False, Location("t.yaml", 2, 59)),  # noqa: FBT003
                ),
            ),
        ),
        (
            "format: csv, location: t, unbounded: true, fifo: true",
            SourceContract(SourceFormat.CSV, PLACE, "t", unbounded=True, fifo=True),
        ),
        (
            "format: csv, location: t, options: {delimiter: ';', quote: '|', header: false, "
            "compression: zstd}",
            SourceContract(
                SourceFormat.CSV,
                PLACE,
                "t",
                options=TextOptions(";", "|", header=False, compression=Compression.ZSTD),
            ),
        ),
        (
            "format: delta, location: t, extra_constraints: forbid, "
            "as_of: {timestamp: 2026-01-02T03:04:05Z}",
            SourceContract(
                SourceFormat.DELTA,
                PLACE,
                "t",
                extra_constraints=ExtraConstraints.FORBID,
                as_of=AsOfTimestamp(
                    datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), Location("t.yaml", 2, 65)
                ),
            ),
        ),
    ],
    ids=["least", "files", "empty", "policies", "pipe", "text", "log"],
)
def test_what_is_written_of_a_source_is_what_it_says(
    written: str, expected: SourceContract
) -> None:
    assert source(written) == expected


@pytest.mark.parametrize(
    "location",
    [
        "s3://bucket/t",
        "https://host/t",
        "file:///lake/t?x",
        "t?x",
        "me@here/t",
        "abfss://c.dfs.core.windows.net/t",
    ],
)
def test_a_location_that_tells_no_secret_may_be_any(location: str) -> None:
    found = source(f"format: parquet, location: '{location}'")
    assert found is not None
    assert found.location == location


@pytest.mark.parametrize(
    "location", ["s3://me:word@bucket/t", "s3://me@bucket/t", "https://host/t?sig=word"]
)
def test_a_location_with_secrets_is_refused_and_not_repeated(location: str) -> None:
    with pytest.raises(InvalidContract) as caught:
        source(f"format: parquet, location: '{location}'")
    (problem,) = map(str, caught.value.problems)
    assert problem == (
        "t.yaml:2:37: `location` with a user, a password or a query in its URL; leave them out: "
        "credentials and endpoints come from the environment, or from a profile"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no such file: a?b@c", "no such file: a?b@c"),
        ("s3://me:word@bucket/t is gone", "s3://bucket/t is gone"),
        ("'https://host/t?sig=k&x=1' and http://u@h/?q", "'https://host/t' and http://h/"),
        ("(https://host?sig=k)", "(https://host)"),
        ("s3+http://u:p@h", "s3+http://h"),
    ],
)
def test_what_is_told_of_urls_has_neither_users_nor_queries(text: str, told: str) -> None:
    assert without_credentials(text) == told


def test_only_a_path_of_this_machine_is_not_of_a_store() -> None:
    assert is_stored("s3://bucket/t")
    assert not is_stored("file:///t")
