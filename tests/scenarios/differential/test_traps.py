"""What the engine believes, and measuring must not."""

import base64
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from msgspec.structs import replace
from support.rows import answers, observing, table_contract

from cst_contracts.contract.model import TableContract
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    KeyCount,
    NullCount,
    ReferenceCount,
    RowOrder,
    RuleCount,
    Trouble,
)
from cst_contracts.gate.observer import Observer
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, ReferenceNeed, RuleNeed

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
  - {name: one, sql: k + 0 >= 0}
  - {name: many, sql: "count(*) > 0"}
  - {name: no_bool, sql: k + 1}
  - {name: two, sql: "k > 0) OR (true"}
  - {name: divides, sql: 1 / k > 0}
"""
MIXED_SCHEMA = pa.schema([("x", pa.int64()), ("y", pa.int64())])


def opened(folder: Path, text: str = CONTRACT) -> tuple[Observer, TableContract]:
    contract = table_contract(text)
    return observing(folder, [contract]), contract


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

    assert measured.answer(KeyNeed("t", ("k",))) == KeyCount(20_001, 1, 0)


def test_what_lies_under_a_null_struct_is_no_key_and_no_reference(tmp_path: Path) -> None:
    write(tmp_path, [0, 1, 2, 3], [{"id": 1}, None, None, {"id": 2}])

    measured, contract = opened(tmp_path)

    assert measured.answer(KeyNeed("t", ("s.id",))) == KeyCount(2, 0, 2)
    assert measured.answer(ReferenceNeed("t", contract.references[0])) == ReferenceCount(2, 0)


def test_a_reference_to_a_field_that_is_not_there_says_so(tmp_path: Path) -> None:
    write(tmp_path, [0], [None])

    measured, contract = opened(tmp_path)
    error = measured.answer(ReferenceNeed("t", contract.references[1]))

    assert isinstance(error, CouldNotLook)
    assert error.trouble is Trouble.FIELD
    assert error.reason == "t has no field nope; there are k, s"


def test_a_rule_is_one_boolean_expression_and_spoils_no_other(tmp_path: Path) -> None:
    write(tmp_path, [0, 1], [None, None])

    measured, contract = opened(tmp_path)
    by_name: dict[str, Any] = {
        rule.name: measured.answer(RuleNeed("t", rule)) for rule in contract.rules
    }

    assert by_name["one"] == RuleCount(2, 0)
    assert by_name["no_bool"].trouble is Trouble.RULE
    assert by_name["two"].trouble is Trouble.RULE
    assert "Divide by zero" in by_name["divides"].reason
    assert not isinstance(by_name["many"], RuleCount)


def test_two_contracts_may_name_different_rules_alike(tmp_path: Path) -> None:
    write(tmp_path, [1, 2, 3], [None] * 3)
    other = table_contract(
        "table: t\nfields: [{name: k, type: int64}]\nrules: [{name: one, sql: k + 0 > 10}]\n"
    )

    contract = table_contract(CONTRACT)
    measured = observing(tmp_path, [contract, other])

    assert measured.answer(RuleNeed("t", contract.rules[0])) == RuleCount(3, 0)
    assert measured.answer(RuleNeed("t", other.rules[0])) == RuleCount(3, 3)


def test_a_delta_table_whose_files_have_several_schemas_is_read_through_its_log(
    tmp_path: Path,
) -> None:
    write_deltalake(tmp_path / "t", pa.table({"k": [1, 2]}))
    more = pa.table({"k": [2], "z": ["a"]})
    write_deltalake(tmp_path / "t", more, mode="append", schema_mode="merge")
    text = CONTRACT.replace("format: parquet", "format: delta")

    measured, _ = opened(tmp_path, text)

    assert measured.answer(KeyNeed("t", ("k",))) == KeyCount(3, 1, 0)


@pytest.mark.parametrize("rows", [0, 3])
def test_rows_of_no_table_are_never_kept(tmp_path: Path, rows: int) -> None:
    write(tmp_path, list(range(rows)), [None] * rows)

    measured, contract = opened(tmp_path)

    assert measured.answer(RuleNeed("t", contract.rules[0])) == RuleCount(rows, 0)


MIXED = """table: t
source: {format: parquet, location: t}
fields: [{name: x, type: int64, nullable: false}, {name: y, type: int64}]
keys: [[x]]
references: [{fields: [y], table: t, to: [x]}]
rules: [{name: there, sql: x IS NOT NULL}, {name: more, sql: x > 1 AND y > 0}]
"""


def test_a_field_that_one_file_requires_and_another_lacks_is_null_there(tmp_path: Path) -> None:
    """The engine merges the two to NOT NULL, and folds `IS NOT NULL` to true."""
    (tmp_path / "t").mkdir()
    fields = [pa.field("x", pa.int64(), nullable=False), pa.field("y", pa.int64())]
    requiring = pa.table({"x": [1, 2], "y": [1, 2]}, schema=pa.schema(fields))
    pq.write_table(requiring, tmp_path / "t" / "1.parquet")
    pq.write_table(pa.table({"y": [1, 3, None]}), tmp_path / "t" / "2.parquet")
    contract = table_contract(MIXED)

    found = answers(observing(tmp_path, [contract]), contract)

    assert found == {
        "nulls[x]": NullCount(5, 3, rows=5),
        "unique[x]": KeyCount(2, 0, 3),
        "reference[y→t.x]": ReferenceCount(4, 1),
        "rule[there]": RuleCount(5, 3),
        "rule[more]": RuleCount(5, 1),
    }


def test_a_referred_table_hides_nothing_either(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    fields = pa.schema([pa.field("x", pa.int64(), nullable=False), pa.field("y", pa.int64())])
    pq.write_table(pa.table({"x": [1], "y": [1]}, schema=fields), tmp_path / "o" / "1.parquet")
    pq.write_table(pa.table({"y": [2]}), tmp_path / "o" / "2.parquet")
    write(tmp_path, [1, 2], [None, None])
    text = CONTRACT.replace("table: t, to: [k]", "table: o, to: [x]")
    other = "table: o\nsource: {format: parquet, location: o}\nfields: [{name: x, type: int64}]\n"
    contract = table_contract(text.replace("fields: [s.id], table: o", "fields: [k], table: o"))

    measured = observing(tmp_path, [contract, table_contract(other)])

    assert measured.answer(ReferenceNeed("t", contract.references[0])) == ReferenceCount(2, 1)


def test_a_structs_child_that_one_file_requires_and_another_lacks(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    child = pa.field("id", pa.int64(), nullable=False)
    structs = {
        "1": pa.struct([child, pa.field("a", pa.int64())]),
        "2": pa.struct([pa.field("a", pa.int64())]),
    }
    for name, struct in structs.items():
        table = pa.table({"s": pa.array([{"id": 1, "a": 1}, None], struct)})
        pq.write_table(table, tmp_path / "t" / f"{name}.parquet")
    contract = table_contract(
        "table: t\nsource: {format: parquet, location: t}\nfields:\n"
        "  - {name: s, type: struct, fields: [{name: id, type: int64, nullable: false}]}\n"
        "keys: [[s.id]]\n"
    )

    measured = observing(tmp_path, [contract])

    assert measured.answer(KeyNeed("t", ("s.id",))) == KeyCount(1, 0, 3)
    counted = measured.answer(NullsNeed("t", "s.id"))
    assert counted == NullCount(2, 1, rows=4)


def test_a_schema_in_the_footer_that_says_not_null_requires_nothing(tmp_path: Path) -> None:
    """Writers embed an Arrow schema beside Parquet's own."""
    (tmp_path / "t").mkdir()
    lie = pa.schema([pa.field("x", pa.int64(), nullable=False)]).serialize().to_pybytes()
    table = pa.table({"x": [1, None], "y": [1, 1]})
    table = table.replace_schema_metadata({"ARROW:schema": base64.b64encode(lie)})
    pq.write_table(table, tmp_path / "t" / "1.parquet", store_schema=False)
    contract = table_contract(MIXED)

    found = answers(observing(tmp_path, [contract]), contract)

    counted = NullCount(2, 1, basis=Basis.STATISTICS)
    assert found["nulls[x]"] == replace(counted, rows=2)
    assert found["rule[there]"] == RuleCount(2, 1)


@pytest.mark.parametrize("verify_data", [False, True])
@pytest.mark.parametrize("statistics", [True, False, ["y"]])
def test_absent_statistics_prove_nothing(
    tmp_path: Path, *, statistics: bool | list[str], verify_data: bool
) -> None:
    (tmp_path / "t").mkdir()
    for name in ("1", "2"):
        table = pa.table({"x": [1, None, 2], "y": [None, None, None]}, MIXED_SCHEMA)
        kept = True if name == "1" else statistics
        pq.write_table(table, tmp_path / "t" / f"{name}.parquet", write_statistics=kept)
    contract = table_contract(MIXED)

    found = answers(observing(tmp_path, [contract], verify_data=verify_data), contract)["nulls[x]"]

    believed = statistics is True and not verify_data
    basis = Basis.STATISTICS if believed else Basis.SCAN
    assert found == NullCount(6, 2, basis=basis, rows=6)


def test_truncated_statistics_prove_no_text(tmp_path: Path) -> None:
    """Of long texts, footers may keep beginnings: equal for all, and equal to none."""
    (tmp_path / "t").mkdir()
    texts = [f"{'x' * 5000}{number}" for number in range(4)]
    table = pa.table({"x": texts, "y": [1, 1, 1, 1]})
    pq.write_table(table, tmp_path / "t" / "1.parquet", row_group_size=2)
    text = MIXED.replace("name: x, type: int64", "name: x, type: string")
    text = text.replace("x > 1 AND y > 0", "x LIKE 'x%3'").replace("fields: [y]", "fields: [x]")

    found = answers(observing(tmp_path, [table_contract(text)]), table_contract(text))

    assert found["unique[x]"] == KeyCount(4, 0, 0)
    assert found["reference[x→t.x]"] == ReferenceCount(4, 0)
    assert found["rule[more]"] == RuleCount(4, 3)


@pytest.mark.parametrize("nan", [math.nan, -math.nan])
def test_statistics_leave_nan_out(tmp_path: Path, nan: float) -> None:
    """A field whose least and greatest value are one is not that value in every row."""
    (tmp_path / "t").mkdir()
    pq.write_table(pa.table({"x": [-math.inf, nan], "y": [1, 1]}), tmp_path / "t" / "1.parquet")
    text = MIXED.replace("name: x, type: int64", "name: x, type: double")
    text = text.replace("x > 1 AND y > 0", "x < 0").replace("fields: [y]", "fields: [x]")
    text = text.replace("location: t}", "location: t, ordered_by: [{field: x, direction: desc}]}")

    found = answers(observing(tmp_path, [table_contract(text)]), table_contract(text))

    assert found["unique[x]"] == KeyCount(2, 0, 0)
    # To the engine, NaN is greater than all numbers, and with a sign less than all.
    greater = int(math.copysign(1, nan) > 0)
    assert found["rule[more]"] == RuleCount(2, greater)
    order = found["order[measured]"]
    assert isinstance(order, RowOrder)
    assert (order.rows, order.violations) == (2, greater)


def test_damaged_pages_under_an_intact_footer_are_seen_by_all_that_read(tmp_path: Path) -> None:
    """Footers answer for nulls alone; with --cst-verify-data they do not."""
    (tmp_path / "t").mkdir()
    file = tmp_path / "t" / "1.parquet"
    pq.write_table(pa.table({"x": range(1000), "y": range(1000)}), file, compression="none")
    data = file.read_bytes()
    file.write_bytes(data[:4] + b"\xff" * (len(data) // 2) + data[4 + len(data) // 2 :])
    text = MIXED.replace("location: t}", "location: t, ordered_by: [x]}")
    contract = table_contract(text)

    believed = dict(answers(observing(tmp_path, [contract]), contract))
    verified = answers(observing(tmp_path, [contract], verify_data=True), contract)

    counted = NullCount(1000, 0, basis=Basis.STATISTICS)
    assert believed.pop("nulls[x]") == replace(counted, rows=1000)
    assert all(isinstance(each, CouldNotLook) for each in believed.values())
    assert all(isinstance(each, CouldNotLook) for each in verified.values())


def test_a_file_that_is_gone_when_rows_are_read_is_no_answer(tmp_path: Path) -> None:
    write(tmp_path, [1, 2], [None, None])
    measured, contract = opened(tmp_path)
    assert measured.answer(RuleNeed("t", contract.rules[0])) == RuleCount(2, 0)
    (tmp_path / "t" / "f.parquet").unlink()

    assert isinstance(measured.answer(NullsNeed("t", "k")), CouldNotLook)


def test_files_that_are_written_during_the_run_are_read(tmp_path: Path) -> None:
    """The engine caches listings without end; a run without that cache does not."""
    write(tmp_path, [1, 2], [None, None])
    first, contract = opened(tmp_path)
    assert first.answer(RuleNeed("t", contract.rules[0])) == RuleCount(2, 0)
    pq.write_table(pa.table({"k": [-1]}), tmp_path / "t" / "g.parquet")

    again, _ = opened(tmp_path)

    assert again.answer(RuleNeed("t", contract.rules[0])) == RuleCount(3, 1)


def test_a_declared_primary_key_hides_no_duplicate(tmp_path: Path) -> None:
    write(tmp_path, [1, 2, 2], [None] * 3)
    context = SessionContext()
    context.sql(
        "CREATE EXTERNAL TABLE t (k BIGINT NOT NULL, PRIMARY KEY (k)) STORED AS PARQUET "
        f"WITH ORDER (k DESC) LOCATION '{tmp_path / 't'}/'"
    )
    contract = table_contract(CONTRACT)

    measured = observing(tmp_path, [contract], session=context)

    assert measured.answer(KeyNeed("t", ("k",))) == KeyCount(3, 1, 0)


@pytest.mark.parametrize("declared", ["footer", "session"])
def test_an_order_that_is_only_claimed_is_measured_all_the_same(
    tmp_path: Path, declared: str
) -> None:
    keys = [*range(9_999, -1, -1), 5_000]
    claim = {"sorting_columns": [pq.SortingColumn(0)]} if declared == "footer" else {}
    write(tmp_path, keys, [None] * len(keys), **claim)
    context = SessionContext()
    if declared == "session":
        context.register_parquet("t", str(tmp_path / "t"), file_sort_order=[["k"]])
    contract = table_contract(CONTRACT.replace("location: t}", "location: t, ordered_by: [k]}"))

    found = observing(tmp_path, [contract], session=context)

    order = answers(found, contract)["order[measured]"]
    assert isinstance(order, RowOrder)
    assert (order.rows, order.violations) == (10_001, 9_999)
    assert found.answer(KeyNeed("t", ("k",))) == KeyCount(10_001, 1, 0)


def test_rows_in_order_in_many_partitions_and_files_are_in_order(tmp_path: Path) -> None:
    """`lag() over ()` would compare the last row of one portion with the first of another."""
    for number in range(12):
        folder = tmp_path / "t" / f"p={number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        keys = pa.table({"k": range(100_000)})
        pq.write_table(keys, folder / f"{number}.parquet", row_group_size=7_000)
    contract = table_contract(
        "table: t\nsource: {format: parquet, location: t, ordered_by: [k]}\n"
        "fields: [{name: k, type: int64}]\nkeys: [[k]]\n"
    )

    found = answers(observing(tmp_path, [contract]), contract)

    assert found["order[measured]"] == RowOrder(1_200_000, 0)
    assert found["unique[k]"] == KeyCount(1_200_000, 1_100_000, 0)


def test_a_folder_that_is_named_for_no_value_is_null(tmp_path: Path) -> None:
    """The engine reads the name as a text, and no partition as nullable."""
    for value in ("x", "__HIVE_DEFAULT_PARTITION__"):
        (tmp_path / "t" / f"p={value}").mkdir(parents=True)
        pq.write_table(pa.table({"k": [1]}), tmp_path / "t" / f"p={value}" / "f.parquet")
    contract = table_contract(
        "table: t\nsource: {format: parquet, location: t}\n"
        "fields: [{name: k, type: int64}, {name: p, type: string, nullable: false}]\n"
    )

    found = answers(observing(tmp_path, [contract]), contract)

    assert found == {"nulls[p]": NullCount(2, 1, rows=2)}


def test_a_field_of_another_case_is_another_field(tmp_path: Path) -> None:
    """Declared with the promised name, the engine would read it as null, or as anything else."""
    (tmp_path / "t").mkdir()
    pq.write_table(pa.table({"X": [1, 2], "y": [1, 2]}), tmp_path / "t" / "1.parquet")
    contract = table_contract(MIXED)

    found = answers(observing(tmp_path, [contract]), contract)

    assert found["nulls[x]"].trouble is Trouble.FIELD
    assert all(isinstance(each, CouldNotLook) for each in found.values())

    pq.write_table(pa.table({"x": [1], "y": [1]}), tmp_path / "t" / "2.parquet")
    both = answers(observing(tmp_path, [contract]), contract)

    assert both["nulls[x]"] == NullCount(3, 2, rows=3)
    assert both["rule[there]"] == RuleCount(3, 2)


def test_a_reference_between_types_that_a_cast_would_compare_is_refused(tmp_path: Path) -> None:
    """As text, '05' is no 5; the engine would cast it to one."""
    for name, values in (("t", ["5", "05"]), ("u", [5])):
        (tmp_path / name).mkdir()
        pq.write_table(pa.table({"k": values}), tmp_path / name / "f.parquet")
    referring, referred = (
        table_contract(f"""table: {name}
source: {{format: parquet, location: {name}}}
fields: [{{name: k, type: {type_}}}]
{more}""")
        for name, type_, more in (
            ("t", "string", "references: [{fields: [k], table: u, to: [k]}]\n"),
            ("u", "int64", ""),
        )
    )
    measured = observing(tmp_path, [referring, referred])
    error = measured.answer(ReferenceNeed("t", referring.references[0]))
    assert isinstance(error, CouldNotLook)
    assert error.trouble is Trouble.REFERENCE_TYPES
    assert error.reason == "k is string_view, and u.k is int64"


def test_files_that_lack_a_nested_leaf_are_counted_as_they_are_read_whole(tmp_path: Path) -> None:
    """Read leaf by leaf, a struct that has none of the leaves must not pass for one that is not there."""
    (tmp_path / "t").mkdir()
    full = [[{"i": 1, "span": {"b": 1, "e": 2}}]]
    older = [[{"i": 1, "span": {"e": 2}}, {"i": 2, "span": None}]]
    for number, refs in enumerate((full, older)):
        pq.write_table(pa.table({"refs": refs}), tmp_path / "t" / f"{number}.parquet")
    contract = table_contract(
        "table: t\nsource: {format: parquet, location: t}\nfields:\n"
        "  - name: refs\n    type: list<struct>\n    fields:\n"
        "      - {name: i, type: int64, nullable: false}\n"
        "      - name: span\n        type: struct\n        nullable: false\n"
        "        fields: [{name: b, type: int64, nullable: false}, {name: e, type: int64}]\n"
        'keys: [["refs[].span.b"], ["refs[].i"]]\n'
    )
    paths = ("refs[].span.b", "refs[].span", "refs[].i")
    wanted: list[AnyRowNeed] = [NullsNeed("t", path) for path in paths]
    wanted += [KeyNeed("t", key.fields) for key in contract.keys]
    measured = observing(tmp_path, [contract], wanted, verify_data=True)

    counts = [measured.answer(need) for need in wanted]

    assert counts == [
        NullCount(2, 1, rows=2),
        NullCount(3, 1, rows=2),
        NullCount(3, 0, rows=2),
        KeyCount(1, 0, 2),
        KeyCount(3, 1, 0),
    ]
