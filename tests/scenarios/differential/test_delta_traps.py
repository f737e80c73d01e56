"""What a Delta table's log and the engine's provider of it say, and measuring must not believe."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType
from msgspec.structs import replace
from support.delta_logs import declare_not_null, edit_log, map_columns, with_deleted_rows
from support.rows import answers, observing, placed, table_contract

from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    KeyCount,
    NullCount,
    ReferenceCount,
    RowPlace,
    RuleCount,
)

CONTRACT = """table: t
source: {format: delta, location: t}
fields:
  - {name: k, type: string, nullable: false}
  - {name: x, type: int64, nullable: false}
keys: [[k], [k, x]]
references: [{fields: [k, x], table: t, to: [k, x]}]
rules:
  - {name: there, sql: x IS NOT NULL}
  - {name: both, sql: "x IS NOT NULL OR k = 'no'"}
  - {name: named, sql: "k <> 'a'"}
"""


def measured(folder: Path, **how: object) -> Mapping[str, object]:
    contract = table_contract(CONTRACT)
    found = observing(folder, [contract], **how)  # type: ignore[arg-type]
    return placed(answers(found, contract))


def test_not_null_in_the_log_hides_no_null_from_a_rule_over_partitions(tmp_path: Path) -> None:
    rows = pa.table({"k": ["a", "a", "b"], "x": [1, 2, None]})
    write_deltalake(tmp_path / "t", rows, partition_by=["k"])
    declare_not_null(tmp_path / "t", "x")

    found = measured(tmp_path)

    assert found["rule[there]"] == RuleCount(3, 1)
    assert found["rule[both]"] == RuleCount(3, 1)
    assert found["rule[named]"] == RuleCount(3, 2)
    assert found["unique[k]"] == KeyCount(3, 1, 0)
    assert found["unique[k,x]"] == KeyCount(2, 0, 1)
    assert found["reference[k,x→t.k,x]"] == ReferenceCount(2, 0)


def test_rows_whose_key_stands_in_the_log_have_places_in_their_files(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", pa.table({"k": ["a", "b"], "x": [1, 1]}), partition_by=["k"])
    text = CONTRACT.replace(
        "fields: [k, x], table: t, to: [k, x]", "fields: [k], table: o, to: [n]"
    )
    text = text.replace("keys: [[k], [k, x]]", "keys: [[k], [x]]")
    write_deltalake(tmp_path / "o", pa.table({"n": ["a"]}))
    other = "table: o\nsource: {format: delta, location: o}\nfields: [{name: n, type: string}]\n"
    contracts = [table_contract(text), table_contract(other)]

    found = placed(answers(observing(tmp_path, contracts, samples=1), contracts[0]))

    reference = found["reference[k→o.n]"]
    assert isinstance(reference, ReferenceCount)
    assert (reference.rows, reference.dangling) == (2, 1)
    (place,) = [sample.place for sample in reference.samples]
    assert isinstance(place, RowPlace)
    assert (place.file.split("/")[0], place.row) == ("k=b", 0)
    duplicates = found["unique[x]"]
    assert isinstance(duplicates, KeyCount)
    assert (duplicates.duplicates, len(duplicates.samples)) == (1, 1)


@pytest.mark.parametrize("value", ["a b", "100%", "#x", "é", "[x]", "it's", "a%20b", "q=1", "a/b"])
def test_partition_values_of_any_text_are_those_of_the_log(tmp_path: Path, value: str) -> None:
    rows = pa.table({"k": [value, None, ""], "x": [1, 2, 3]})
    write_deltalake(tmp_path / "t", rows, partition_by=["k"])

    found = measured(tmp_path)

    # The log knows no empty text in a partition.
    assert found["unique[k]"] == KeyCount(1, 0, 2)
    assert found["rule[named]"] == RuleCount(3, 0)
    assert found["nulls[k]"] == NullCount(3, 2, rows=3)
    text = CONTRACT.replace("k <> 'a'", "k = '{}'".format(value.replace("'", "''")))
    contract = table_contract(text)
    rule = answers(observing(tmp_path, [contract]), contract)["rule[named]"]
    assert rule == RuleCount(3, 0)


def test_a_field_that_no_file_has_yet_is_null_in_every_row(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", pa.table({"x": [1, 2, None]}))
    DeltaTable(tmp_path / "t").alter.add_columns([Field("k", PrimitiveType("string"))])
    declare_not_null(tmp_path / "t", "x")

    found = measured(tmp_path)

    assert found["rule[there]"] == RuleCount(3, 1)
    assert found["rule[both]"] == RuleCount(3, 0)  # NULL counts as kept, as in SQL CHECK
    assert found["rule[named]"] == RuleCount(3, 0, known=False)
    assert found["unique[k]"] == KeyCount(0, 0, 3)
    assert found["nulls[k]"] == NullCount(3, 3, rows=3)


def test_files_that_lack_what_others_require(tmp_path: Path) -> None:
    """The log may only let such fields be nullable; files may say REQUIRED all the same."""
    required = pa.schema([pa.field("k", pa.string()), pa.field("x", pa.int64(), nullable=False)])
    write_deltalake(tmp_path / "t", pa.table({"k": ["b"]}))
    newer = pa.table({"k": ["c"], "x": [2]})
    write_deltalake(tmp_path / "t", newer, mode="append", schema_mode="merge")
    files = (tmp_path / "t").glob("*.parquet")
    newest = next(file for file in files if "x" in pq.read_schema(file).names)
    pq.write_table(newer.cast(required), newest)
    size = newest.stat().st_size
    edit_log(tmp_path / "t", lambda entry: entry.get("add", {}).update(size=size))

    found = measured(tmp_path)

    assert found["rule[there]"] == RuleCount(2, 1)
    assert found["rule[both]"] == RuleCount(2, 1)
    assert found["nulls[x]"] == NullCount(2, 1, rows=2)
    assert found["unique[k,x]"] == KeyCount(1, 0, 1)


def deleted(table: Path) -> None:
    write_deltalake(table, pa.table({"k": list("abca"), "x": [1, None, None, 4]}))
    with_deleted_rows(table, [0, 2])


def renamed(table: Path) -> None:
    write_deltalake(table, pa.table({"col-1": ["b", "a"], "col-2": [None, 4]}))
    map_columns(table, {"col-1": ("k", 1), "col-2": ("x", 2)})


@pytest.mark.parametrize("write", [deleted, renamed])
@pytest.mark.parametrize("verify_data", [False, True])
def test_files_that_only_the_log_can_read_prove_nothing(
    tmp_path: Path, write: Callable[[Path], None], *, verify_data: bool
) -> None:
    """Deletion vectors and column mapping: 2 rows are left, one with a null."""
    write(tmp_path / "t")

    found = measured(tmp_path, verify_data=verify_data)

    assert found["nulls[x]"] == NullCount(2, 1, rows=2)
    assert found["nulls[k]"] == NullCount(2, 0, rows=2)
    assert found["rule[there]"] == RuleCount(2, 1)
    assert found["rule[named]"] == RuleCount(2, 1)
    assert found["unique[k]"] == KeyCount(2, 0, 0)


@pytest.mark.parametrize("write", [deleted, renamed])
def test_not_null_in_such_a_log_is_no_rule_kept(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    write(tmp_path / "t")
    declare_not_null(tmp_path / "t", "x")

    found = measured(tmp_path)

    assert isinstance(found["rule[there]"], CouldNotLook)
    assert isinstance(found["rule[both]"], CouldNotLook)
    assert found["rule[named]"] == RuleCount(2, 1)


def test_counts_in_the_log_that_lie_are_not_asked(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", pa.table({"k": ["a", None], "x": [1, None]}))

    def no_nulls(entry: dict[str, dict[str, str]]) -> None:
        if "add" in entry:
            entry["add"]["stats"] = '{"numRecords": 2, "nullCount": {"k": 0, "x": 0}}'

    edit_log(tmp_path / "t", no_nulls)

    found = measured(tmp_path)

    counted = NullCount(2, 1, basis=Basis.STATISTICS)
    assert found["nulls[x]"] == replace(counted, rows=2)


def test_a_data_file_that_is_gone_is_nobodys_proof(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", pa.table({"k": ["a"], "x": [1]}))
    write_deltalake(tmp_path / "t", pa.table({"k": ["b"], "x": [2]}), mode="append")
    next((tmp_path / "t").glob("*.parquet")).unlink()

    found = measured(tmp_path)

    assert all(isinstance(each, CouldNotLook) for each in found.values())
