"""Each fault, done to a copy of the lake or of a contract, turns exactly the right promises red."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from support.cst_lake import promised_of_delta, write_as_delta, write_as_extracted
from support.doors import assert_doors_agree
from support.gate import Judged, judge, observer_of

from cst_contracts.checks.verdict import Kept
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract
from cst_contracts.extract.flat import write_flat_delta
from cst_contracts.files.contracts import list_contracts

Red: TypeAlias = dict[tuple[str, str], tuple[str, ...]]
Rewrite: TypeAlias = Callable[[Callable[[pa.Table], pa.Table]], None]

FILES = "libcst_files_v1"
ROOT = Path(__file__).parents[3]


def judged(lake: Path, folder: Path) -> Judged:
    """All promises but the snapshots."""
    parsed = [parse_contract(file.read_bytes(), file.name) for file in list_contracts(folder)]
    return judge(parsed, observer_of(parsed, lake))


def red(lake: Path, folder: Path, *, catalog: bool = False) -> Red:
    """(table, check) to finding codes, of what pytest would fail.

    Without `catalog`, which repeats of each table in the lake what the table's own promises say. With
    CST_ALL_DOORS in the environment, all doors must agree about it.
    """
    if "CST_ALL_DOORS" in os.environ and folder.parent == lake.parent:
        assert_doors_agree(lake.parent, lake)
    found = judged(lake, folder).red
    return {key: codes for key, codes in found.items() if catalog or key[1] != "catalog"}


def replaced(
    table: pa.Table, name: str, column: pa.Array, field: pa.Field | None = None
) -> pa.Table:
    index = table.schema.get_field_index(name)
    return table.set_column(
        index, field or table.schema.field(index).with_type(column.type), column
    )


def retyped(list_type: pa.ListType, change: Callable[[pa.Field], pa.Field]) -> pa.ListType:
    """A list<struct> type with one change made to each child of the struct that it concerns."""
    element = list_type.value_field
    struct = pa.struct([change(child) for child in element.type])
    return pa.list_(element.with_type(struct))


def test_the_clean_lake_keeps_every_promise(lake: Path, contracts: Path) -> None:
    everything = judged(lake, contracts)

    assert everything.red == {}
    kept = [each for each in everything.judgements.values() if isinstance(each.verdict, Kept)]
    assert len(kept) > 500


def test_a_dropped_column(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    rewrite(lambda table: table.drop_columns(["file_sha256"]))

    assert red(lake, contracts) == {(FILES, "field[file_sha256]"): ("field-missing",)}


def test_an_added_column(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    rewrite(lambda table: table.append_column("added", pa.nulls(len(table), pa.int8())))

    assert red(lake, contracts) == {(FILES, "fields"): ("field-unpromised",)}


def test_reordered_columns(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    def swap_first_two(table: pa.Table) -> pa.Table:
        first, second, *rest = table.column_names
        return table.select([second, first, *rest])

    rewrite(swap_first_two)

    found = red(lake, contracts)
    assert found.pop((FILES, "fields")) == ("field-order",)
    assert list(found.values()) == [("field-position",)]
    assert set(found) <= {(FILES, "field[repo]"), (FILES, "field[path]")}


def test_a_changed_scalar_type(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    rewrite(lambda table: replaced(table, "repo", pa.array([1] * len(table), pa.int32())))

    codes = {key: value for key, value in red(lake, contracts).items() if key[0] == FILES}
    assert codes == {(FILES, "field[repo]"): ("type-mismatch",)}


def test_a_changed_leaf_inside_a_list(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    def narrower(child: pa.Field) -> pa.Field:
        return child.with_type(pa.int32()) if child.name == "bstart" else child

    def change(table: pa.Table) -> pa.Table:
        refs = table.column("refs")
        return replaced(table, "refs", refs.cast(retyped(refs.type, narrower)))

    rewrite(change)

    found = red(lake, contracts)
    assert found[FILES, "field[refs[].bstart]"] == ("type-mismatch",)
    assert {key for key in found if key[0] == FILES} == {(FILES, "field[refs[].bstart]")}
    assert {table for table, _ in found} >= {FILES, "cst_refs"}
    outputs = {check for _, check in found if check.startswith("query[")}
    assert outputs == {"query[refs_of_file]"}, "it hands the leaf on"
    assert all("bstart" in check or "span" in check for _, check in found if check not in outputs)


def test_a_leaf_turned_nullable(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    def nullable(child: pa.Field) -> pa.Field:
        return child.with_nullable(True) if child.name == "ref_id" else child  # noqa: FBT003

    def change(table: pa.Table) -> pa.Table:
        refs = table.column("refs")
        return replaced(table, "refs", refs.cast(retyped(refs.type, nullable)))

    rewrite(change)

    expected = {(FILES, "field[refs[].ref_id]"): ("declared-nullable", "stored-nullable")}
    assert red(lake, contracts) == expected


def test_metadata_gone(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    rewrite(
        lambda table: table.cast(
            pa.schema([f.remove_metadata() if f.name == "path" else f for f in table.schema])
        )
    )

    # two of the views keep the column as it is, and so lose its metadata, too
    tables = (FILES, "cst_edges", "cst_nodes")
    assert red(lake, contracts) == dict.fromkeys(
        [(table, "field[path]") for table in tables], ("metadata-mismatch",)
    )


def test_a_null_in_a_key_of_one_struct(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    def nullable(child: pa.Field) -> pa.Field:
        return child.with_nullable(True) if child.name == "ref_id" else child  # noqa: FBT003

    def change(table: pa.Table) -> pa.Table:
        type_ = retyped(table.column("refs").type, nullable)
        rows = table.column("refs").to_pylist()
        with_refs = next(row for row in rows if row)
        with_refs[0]["ref_id"] = None
        return replaced(table, "refs", pa.array(rows, type_))

    rewrite(change)

    found = red(lake, contracts)
    assert found[FILES, "nulls[refs[].ref_id]"] == ("null-values",)
    assert found["cst_refs", "nulls[ref_id]"] == ("null-values",)
    assert found[FILES, "field[refs[].ref_id]"] == ("declared-nullable", "stored-nullable")
    outputs = {check for _, check in found if check.startswith(("view[", "query["))}
    assert len(found) == 3 + len(outputs)
    assert outputs >= {"view[cst_ref_spans]", "view[cst_refs_attrs]"}, "they keep the key"


def test_a_value_that_no_leaf_may_have(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    def change(table: pa.Table) -> pa.Table:
        rows = table.column("refs").to_pylist()
        with_refs = next(row for row in rows if row)
        with_refs[0] |= {"expr_ctx": "LOADED", "bstart": -1}
        return replaced(table, "refs", pa.array(rows, table.column("refs").type))

    rewrite(change)

    assert red(lake, contracts) == {
        (FILES, "enum[refs[].expr_ctx]"): ("value-not-listed",),
        (FILES, "range[refs[].bstart]"): ("value-out-of-range",),
        ("cst_refs", "enum[expr_ctx]"): ("value-not-listed",),
    }


@pytest.fixture
def partitioned(lake: Path, contracts: Path) -> Path:
    """The lake and its contract, partitioned by repo: a folder's name carries no field metadata."""
    folder = lake / FILES
    rows = pa.concat_tables([pq.read_table(file) for file in sorted(folder.rglob("*.parquet"))])
    shutil.rmtree(folder)
    (folder / "repo=assets").mkdir(parents=True)
    write_as_extracted(rows.drop_columns(["repo"]), folder / "repo=assets" / "part-0.parquet")
    for file in contracts.iterdir():
        text = file.read_text(encoding="utf-8").replace(
            "metadata: {semantic: Repo}", "metadata: {}"
        )
        file.write_text(text.replace("  ordered_by:", "  partitioned_by: [repo]\n  ordered_by:"))
    return folder


def test_another_partition_column(lake: Path, contracts: Path, partitioned: Path) -> None:
    assert red(lake, contracts) == {}
    (partitioned / "repo=assets").rename(partitioned / "commit=c0ffee")

    found = red(lake, contracts)
    assert found[FILES, "partition[repo]"] == ("partition-missing",)
    assert found[FILES, "field[repo]"] == ("field-missing",)
    assert found[FILES, "fields"] == ("field-unpromised",)
    views = {check for table, check in found if table == FILES and check.startswith("view[")}
    others = {check for table, check in found if table != FILES}
    assert len([key for key in found if key[0] == FILES]) == 3 + len(views)
    assert views, "the views that keep repo cannot be made"
    assert others == {"table"}


def test_a_footer_that_claims_another_order(lake: Path, contracts: Path) -> None:
    for file in (lake / FILES).rglob("*.parquet"):
        table = pq.read_table(file)
        column = table.column_names.index("file_sha256")
        claimed = [pq.SortingColumn(column)]
        pq.write_table(table, file, compression="zstd", sorting_columns=claimed)

    assert red(lake, contracts) == {
        (FILES, "order[declared]"): ("order-conflict",),
        (FILES, "files[sorting_columns]"): ("file-order",),
    }


def test_files_of_another_codec(lake: Path, contracts: Path) -> None:
    for file in (lake / FILES).rglob("*.parquet"):
        write_as_extracted(pq.read_table(file), file, "snappy")

    assert red(lake, contracts) == {(FILES, "files[codec]"): ("file-codec",)}


def test_a_function_that_is_not_there(lake: Path, contracts: Path) -> None:
    file = contracts / "cst_session.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("functions:\n", "functions:\n  - arrow_typeoff\n", 1))

    assert red(lake, contracts) == {
        ("cst-session", "function[arrow_typeoff]"): ("function-missing",)
    }


def test_a_wrong_return_type(lake: Path, contracts: Path) -> None:
    (contracts / "more.yaml").write_text(
        "session: more\nfunctions:\n  - {name: map_values, arguments: [map], returns: int64}\n"
    )

    assert red(lake, contracts) == {("more", "function[map_values]"): ("function-returns",)}


def test_a_setting_that_was_changed(lake: Path, contracts: Path) -> None:
    (contracts / "more.yaml").write_text(
        "session: more\nsettings: {datafusion.execution.parquet.pruning: false}\n"
    )

    expected = {("more", "setting[datafusion.execution.parquet.pruning]"): ("setting-differs",)}
    assert red(lake, contracts) == expected


def test_an_emptied_table(lake: Path, contracts: Path, rewrite: Rewrite) -> None:
    rewrite(lambda table: table.slice(0, 0))

    found = red(lake, contracts)
    assert found[FILES, "rows"] == ("empty-table",)
    assert {key for key in found if key[0] == FILES} == {(FILES, "rows")}
    assert all(check == "rows" and codes == ("empty-table",) for (_, check), codes in found.items())


def test_a_missing_folder(lake: Path, contracts: Path) -> None:
    shutil.rmtree(lake / FILES)

    assert red(lake, contracts) == {(FILES, "table"): ("table-missing",)}


def test_a_truncated_file(lake: Path, contracts: Path) -> None:
    file = next((lake / FILES).rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-200])

    assert red(lake, contracts) == {(FILES, "table"): ("table-unreadable",)}


def test_a_garbage_footer(lake: Path, contracts: Path) -> None:
    file = next((lake / FILES).rglob("*.parquet"))
    data = bytearray(file.read_bytes())
    data[-8:-4] = (len(data) + 5).to_bytes(4, "little")  # what makes the engine panic
    file.write_bytes(data)

    assert red(lake, contracts) == {(FILES, "table"): ("table-unreadable",)}


CATALOG = ("cst-session", "catalog")


def test_a_stray_text_file_in_the_auto_load_root(lake: Path, contracts: Path) -> None:
    (lake / "readme.txt").write_text("Not a table.\n")

    assert red(lake, contracts, catalog=True) == {CATALOG: ("catalog-stray",)}


def test_an_undeclared_table_in_the_auto_load_root(lake: Path, contracts: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), lake / "cst_more.parquet")

    assert red(lake, contracts, catalog=True) == {CATALOG: ("catalog-unexpected",)}


def test_a_declared_table_that_the_auto_load_root_lacks(lake: Path, contracts: Path) -> None:
    (lake / FILES).rename(lake / f"_{FILES}")

    expected = {(FILES, "table"): ("table-missing",), CATALOG: ("catalog-missing",)}
    assert red(lake, contracts, catalog=True) == expected


def test_a_corrupt_file_in_the_auto_load_root(lake: Path, contracts: Path) -> None:
    (lake / "cst_more.parquet").write_bytes(b"PAR1, and then no Parquet at all, PAR1")

    codes = ("catalog-unexpected", "catalog-unreadable")
    assert red(lake, contracts, catalog=True) == {CATALOG: codes}


def test_another_schema_in_the_auto_load_root(
    lake: Path, contracts: Path, rewrite: Rewrite
) -> None:
    rewrite(lambda table: table.append_column("added", pa.nulls(len(table), pa.int8())))

    expected = {(FILES, "fields"): ("field-unpromised",), CATALOG: ("catalog-differs",)}
    assert red(lake, contracts, catalog=True) == expected


@pytest.fixture
def delta_lake(lake: Path, contracts: Path) -> Path:
    folder = lake / FILES
    rows = pa.concat_tables([pq.read_table(file) for file in sorted(folder.rglob("*.parquet"))])
    shutil.rmtree(folder)
    write_as_delta(rows, folder)
    file = contracts / f"{FILES}.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(promised_of_delta(text))
    return folder


def test_the_lake_as_delta_keeps_every_promise(
    lake: Path, contracts: Path, delta_lake: Path
) -> None:
    assert DeltaTable.is_deltatable(str(delta_lake))
    assert red(lake, contracts) == {}


def test_the_flat_delta_tables_keep_every_promise(lake: Path) -> None:
    write_flat_delta(lake, lake / "delta")

    assert red(lake, ROOT / "contracts") == {}


def test_a_delta_table_without_its_log(lake: Path, contracts: Path, delta_lake: Path) -> None:
    shutil.rmtree(delta_lake / "_delta_log")

    assert red(lake, contracts) == {(FILES, "table"): ("table-missing",)}


def test_a_contract_with_three_mistakes() -> None:
    fields = "  - {name: a, type: strng}\n  - {name: b, type: int64, nullable: yes}\n"
    text = f"table: t\nfeilds: []\nfields:\n{fields}"

    with pytest.raises(InvalidContract) as raised:
        parse_contract(text.encode(), "contracts/t.yaml")

    assert [str(problem) for problem in raised.value.problems] == [
        "contracts/t.yaml:2:1: unknown key `feilds`; did you mean `fields`?",
        "contracts/t.yaml:4:21: `strng` is no Arrow type; write `string`",
        "contracts/t.yaml:5:38: `nullable` is `yes`; write `true`",
    ]
