"""What the engine believes, and measuring must not."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from measuring import measurements, table_contract

from cst_contracts.checks.needs import KeyNeed, ReferenceNeed, RuleNeed
from cst_contracts.contract.model import TableContract
from cst_contracts.engine.measurements import Measurements
from cst_contracts.errors import FieldMissing, UnplannedRule
from cst_contracts.facts import KeyCount, ReferenceCount, RuleCount

CONTRACT = """table: t
source: {format: parquet, location: t}
fields:
  - {name: k, type: int64}
  - {name: s, type: "struct<id: int64 not null>"}
keys: [[k], [s.id]]
references:
  - {fields: [s.id], table: t, to: [k]}
  - {fields: [k], table: t, to: [nope]}
rules:
  - {name: one, sql: k >= 0}
  - {name: many, sql: "count(*) > 0"}
  - {name: no_bool, sql: k + 1}
  - {name: two, sql: "k > 0) OR (true"}
  - {name: divides, sql: 1 / k > 0}
"""


def opened(folder: Path, text: str = CONTRACT) -> tuple[Measurements, TableContract]:
    contract = table_contract(text)
    return measurements(folder, [contract]), contract


def write(
    folder: Path, keys: list[int], structs: list[dict[str, int] | None], **kind: object
) -> None:
    (folder / "t").mkdir(exist_ok=True)
    struct = pa.struct([pa.field("id", pa.int64(), nullable=False)])
    table = pa.table({"k": keys, "s": pa.array(structs, struct)})
    pq.write_table(table, folder / "t" / "f.parquet", **kind)


def test_a_footer_that_lies_about_the_order_hides_no_duplicate(tmp_path: Path) -> None:
    keys = [*range(20_000), 0]
    write(tmp_path, keys, [None] * len(keys), sorting_columns=[pq.SortingColumn(0)])

    measured, _ = opened(tmp_path)

    assert measured.answer("t", KeyNeed(("k",))) == KeyCount(20_001, 1, 0)


def test_what_lies_under_a_null_struct_is_no_key_and_no_reference(tmp_path: Path) -> None:
    write(tmp_path, [0, 1, 2, 3], [{"id": 1}, None, None, {"id": 2}])

    measured, contract = opened(tmp_path)

    assert measured.answer("t", KeyNeed(("s.id",))) == KeyCount(2, 0, 2)
    assert measured.answer("t", ReferenceNeed(contract.references[0])) == ReferenceCount(2, 0)


def test_a_reference_to_a_field_that_is_not_there_says_so(tmp_path: Path) -> None:
    write(tmp_path, [0], [None])

    measured, contract = opened(tmp_path)
    error = measured.answer("t", ReferenceNeed(contract.references[1]))

    assert isinstance(error, FieldMissing)
    assert error.cause == "t has no field nope; there are k, s"


def test_a_rule_is_one_boolean_expression_and_spoils_no_other(tmp_path: Path) -> None:
    write(tmp_path, [0, 1], [None, None])

    measured, contract = opened(tmp_path)
    by_name = {rule.name: measured.answer("t", RuleNeed(rule)) for rule in contract.rules}

    assert by_name["one"] == RuleCount(2, 0)
    assert isinstance(by_name["no_bool"], UnplannedRule)
    assert isinstance(by_name["two"], UnplannedRule)
    assert "Divide by zero" in str(by_name["divides"])
    assert not isinstance(by_name["many"], RuleCount)


def test_two_contracts_may_name_different_rules_alike(tmp_path: Path) -> None:
    write(tmp_path, [1, 2, 3], [None] * 3)
    other = table_contract(
        "table: t\nfields: [{name: k, type: int64}]\nrules: [{name: one, sql: k > 10}]\n"
    )

    contract = table_contract(CONTRACT)
    measured = measurements(tmp_path, [contract, other])

    assert measured.answer("t", RuleNeed(contract.rules[0])) == RuleCount(3, 0)
    assert measured.answer("t", RuleNeed(other.rules[0])) == RuleCount(3, 3)


def test_a_delta_table_whose_files_have_several_schemas_is_read_through_its_log(
    tmp_path: Path,
) -> None:
    write_deltalake(tmp_path / "t", pa.table({"k": [1, 2]}))
    more = pa.table({"k": [2], "z": ["a"]})
    write_deltalake(tmp_path / "t", more, mode="append", schema_mode="merge")
    text = CONTRACT.replace("format: parquet", "format: delta")

    measured, _ = opened(tmp_path, text)

    assert measured.answer("t", KeyNeed(("k",))) == KeyCount(3, 1, 0)


@pytest.mark.parametrize("rows", [0, 3])
def test_rows_of_no_table_are_never_kept(tmp_path: Path, rows: int) -> None:
    write(tmp_path, list(range(rows)), [None] * rows)

    measured, contract = opened(tmp_path)

    assert measured.answer("t", RuleNeed(contract.rules[0])) == RuleCount(rows, 0)
