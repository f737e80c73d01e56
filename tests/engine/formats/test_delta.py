"""Delta tables: versions, partitions, features of the log, and what spoils them."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType
from support.delta_logs import (
    declare_not_null,
    edit_log,
    edit_schema,
    map_columns,
    with_deleted_rows,
)
from support.observing import answered, null_counts, observer_over, refused

from cst_contracts.contract.model import (
    AsOfTimestamp,
    AsOfVersion,
    SourceFormat,
    Sql,
    ViewContract,
)
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Basis, NullCount, OrderingFacts, RowCount, SortTerm, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import NullsNeed, OrderPlanNeed, RowCountNeed, SchemaNeed

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]
DELTA = SourceFormat.DELTA
REFUSAL = "declared as non-nullable but contains null values"
ODD_NAMES = ["a b", "100%", "#x", "é", "[x]", '"q"', "it's", "st*r", "a?b", "a+b"]


BY_A = OrderPlanNeed("t", (SortTerm("a"),))


def nulls(live: DataFusionObserver, *paths: str, name: str = "t") -> dict[str, tuple[int, int]]:
    found = null_counts(live, name, *paths)
    assert all(count.refusal is None for count in found.values())
    return {path: (count.values, count.nulls) for path, count in found.items()}


def ordering(live: DataFusionObserver) -> OrderingFacts:
    """By the field `a`."""
    found = answered(live, BY_A)
    assert found is not None
    return found


def test_a_plain_table_is_told_with_its_version_and_its_log_s_schema(
    tmp_path: Path, observer: Build
) -> None:
    for value in (1, None):
        table = pa.table({"a": pa.array([value], pa.int64()), "s": ["x"]})
        write_deltalake(tmp_path / "t", table, mode="append")
    live = observer("t", DELTA)
    facts = answered(live, SchemaNeed("t"))
    assert (facts.format, facts.delta_version, facts.files) == ("delta", 1, 2)
    assert facts.stored_schema == pa.schema([("a", pa.int64()), ("s", pa.string())])
    assert facts.location == f"{tmp_path.as_uri()}/t/"
    assert answered(live, RowCountNeed("t")) == RowCount(2, Basis.STATISTICS)
    assert nulls(live, "a", "s") == {"a": (2, 1), "s": (2, 0)}


@pytest.mark.parametrize("name", ["Mixed", "s.t", "c.s.t", 't"x y'])
def test_a_table_of_any_name_is_read(tmp_path: Path, observer: Build, name: str) -> None:
    write_deltalake(
        tmp_path / "t", pa.table({"a": [1, None], "k": [None, "x"]}), partition_by=["k"]
    )
    live = observer("t", DELTA, name=name)
    assert answered(live, SchemaNeed(name)).name == name
    assert nulls(live, "a", "k", name=name) == {"a": (2, 1), "k": (2, 1)}


def test_partition_values_of_any_text_and_none_are_read_from_the_log(
    tmp_path: Path, observer: Build
) -> None:
    values = ["a b", "a/b", "é", "100%", "x=y", None, "a%20b", "q?#", "__HIVE", ""]
    table = pa.table({"a": [None, *range(len(values) - 1)], "k": values})
    write_deltalake(tmp_path / "t", table, partition_by=["k"])
    live = observer("t", DELTA)
    facts = answered(live, SchemaNeed("t"))
    assert facts.partitions is not None
    assert [(each.name, each.type) for each in facts.partitions] == [("k", pa.string())]
    assert facts.files == len(values)
    assert ordering(live).planned == (SortTerm("a"),)
    assert len(ordering(live).stored) == len(values)
    # To Delta, an empty text in a partition is null.
    assert nulls(live, "a", "k") == {"a": (10, 1), "k": (10, 2)}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_folder_of_any_name_is_read(tmp_path: Path, observer: Build, name: str) -> None:
    table = pa.table({"a": [1, None], "k": ["x/y", "é"]})
    write_deltalake(tmp_path / "plain", table, partition_by=["k"])
    (tmp_path / "plain").rename(tmp_path / name)
    live = observer(name, DELTA)
    assert answered(live, SchemaNeed("t")).files == 2
    assert ordering(live).planned == (SortTerm("a"),)
    assert [each.terms for each in ordering(live).stored] == [(), ()]
    assert nulls(live, "a", "k") == {"a": (2, 1), "k": (2, 0)}


def test_a_folder_that_deltalake_takes_for_another_is_refused(
    tmp_path: Path, observer: Build
) -> None:
    """It decodes the name once too often, and would read the table beside it."""
    write_deltalake(tmp_path / "a b", pa.table({"wrong": [1]}))
    write_deltalake(tmp_path / "plain", pa.table({"a": [1]}))
    (tmp_path / "plain").rename(tmp_path / "a%20b")
    assert answered(observer("a b", DELTA), SchemaNeed("t")).schema.names == ["wrong"]
    error = refused(observer("a%20b", DELTA), SchemaNeed("t"))
    assert error.reason == f"deltalake would read {tmp_path}/a b instead; rename the folder"


def versions(folder: Path) -> None:
    for value in range(3):
        write_deltalake(folder, pa.table({"a": [value]}), mode="append")


def test_an_older_version_is_read(tmp_path: Path, observer: Build) -> None:
    versions(tmp_path / "t")
    live = observer("t", DELTA, as_of=AsOfVersion(1, AT))
    assert answered(live, SchemaNeed("t")).delta_version == 1
    assert answered(live, RowCountNeed("t")) == RowCount(2, Basis.STATISTICS)
    assert nulls(live, "a") == {"a": (2, 0)}


def test_a_time_is_the_version_that_was_there_then(tmp_path: Path, observer: Build) -> None:
    versions(tmp_path / "t")
    stamps = [each["timestamp"] for each in DeltaTable(tmp_path / "t").history()]
    later = datetime.fromtimestamp(max(stamps) / 1000, UTC) + timedelta(hours=1)
    live = observer("t", DELTA, as_of=AsOfTimestamp(later, AT))
    assert answered(live, SchemaNeed("t")).delta_version == 2


def unparsable_log(table: Path) -> None:
    min((table / "_delta_log").glob("*.json")).write_text('{"garbage')


def gap_in_log(table: Path) -> None:
    write_deltalake(table, pa.table({"a": [2]}), mode="append")
    min((table / "_delta_log").glob("*.json")).unlink()


def unknown_feature(table: Path) -> None:
    def edit(entry: dict[str, Any]) -> None:
        if "protocol" in entry:
            entry["protocol"] = {
                "minReaderVersion": 3,
                "minWriterVersion": 7,
                "readerFeatures": ["timeMachine"],
                "writerFeatures": ["timeMachine"],
            }

    edit_log(table, edit)


@pytest.mark.parametrize("spoil", [unparsable_log, gap_in_log, unknown_feature])
def test_a_spoilt_log_makes_its_table_unreadable_and_no_other(
    tmp_path: Path, observer: Build, spoil: Callable[[Path], None]
) -> None:
    for name in ("t", "u"):
        write_deltalake(tmp_path / name, pa.table({"a": [1]}))
    spoil(tmp_path / "t")
    live = observer("t", DELTA, others=["u"])
    error = refused(live, NullsNeed("t", "a"))
    assert (error.relation, error.location) == ("t", f"{tmp_path.as_uri()}/t/")
    assert nulls(live, "a", name="u") == {"a": (1, 0)}


def missing(file: Path) -> None:
    file.unlink()


def without_bytes(file: Path) -> None:
    file.write_bytes(b"")


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def test_a_data_file_that_is_gone_spoils_its_table(tmp_path: Path, observer: Build) -> None:
    """The log would answer for its rows."""
    versions(tmp_path / "t")
    missing(next((tmp_path / "t").glob("*.parquet")))
    error = refused(observer("t", DELTA), SchemaNeed("t"))
    assert error.reason.startswith("the log names a data file that is not there: part-")
    assert error.trouble is Trouble.FILE_GONE
    assert (error.relation, error.location) == ("t", f"{tmp_path.as_uri()}/t/")


@pytest.mark.parametrize("spoil", [without_bytes, truncated])
def test_a_data_file_that_is_not_as_its_log_says_spoils_its_table(
    tmp_path: Path, observer: Build, spoil: Callable[[Path], None]
) -> None:
    """The log would answer for its schema and its rows."""
    versions(tmp_path / "t")
    file = next((tmp_path / "t").glob("*.parquet"))
    whole = file.stat().st_size
    spoil(file)
    live = observer("t", DELTA)
    error = refused(live, SchemaNeed("t"))
    assert (error.relation, error.location) == ("t", f"{tmp_path.as_uri()}/t/")
    left = file.stat().st_size
    assert error.reason == f"{file.name} has {left} bytes, and its log says {whole}"
    assert refused(live, NullsNeed("t", "a")) == refused(live, BY_A) == error


def test_a_data_file_of_another_table_spoils_its_own(tmp_path: Path, observer: Build) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1, 2]}))
    file = next((tmp_path / "t").glob("*.parquet"))
    pq.write_table(pa.table({"a": [1, 2, 3]}), file)
    size = file.stat().st_size

    def resize(entry: dict[str, Any]) -> None:
        if "add" in entry:
            entry["add"]["size"] = size

    edit_log(tmp_path / "t", resize)
    error = refused(observer("t", DELTA), SchemaNeed("t"))
    assert error.reason == f"{file.name} has 3 rows, and its log says 2: it is another file"


def test_a_commit_without_bytes_is_no_commit_that_says_nothing(
    tmp_path: Path, observer: Build
) -> None:
    """deltalake reads it as a version that changes nothing."""
    versions(tmp_path / "t")
    (tmp_path / "t" / "_delta_log" / f"{2:020}.json").write_bytes(b"")
    error = refused(observer("t", DELTA), SchemaNeed("t"))
    assert error.reason.startswith(
        "the commit of version 2 has 0 bytes (00000000000000000002.json)"
    )


def test_a_gap_in_the_log_is_told_with_the_version_that_is_missing(
    tmp_path: Path, observer: Build
) -> None:
    versions(tmp_path / "t")
    (tmp_path / "t" / "_delta_log" / f"{1:020}.json").unlink()
    error = refused(observer("t", DELTA), SchemaNeed("t"))
    assert error.reason == (
        "its log has a gap: the commit of version 1 is missing (00000000000000000001.json)"
    )


def test_a_feature_that_no_field_uses_is_no_reason_to_refuse(
    tmp_path: Path, observer: Build
) -> None:
    def edit(entry: dict[str, Any]) -> None:
        if "protocol" in entry:
            entry["protocol"] = {
                "minReaderVersion": 3,
                "minWriterVersion": 7,
                "readerFeatures": ["variantType"],
                "writerFeatures": ["variantType"],
            }

    write_deltalake(tmp_path / "t", pa.table({"a": [1]}))
    edit_log(tmp_path / "t", edit)
    live = observer("t", DELTA)
    assert nulls(live, "a") == {"a": (1, 0)}


def test_a_pipe_in_the_log_is_not_waited_for(tmp_path: Path, observer: Build) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1]}))
    os.mkfifo(tmp_path / "t" / "_delta_log" / f"{1:020}.json")
    error = refused(observer("t", DELTA), SchemaNeed("t"))
    assert "is no regular file, and reading it might not end" in error.reason


def test_nulls_behind_a_log_that_says_not_null_are_counted(tmp_path: Path, observer: Build) -> None:
    maps = pa.array([[("k", None)], None, []], pa.map_(pa.string(), pa.int64()))
    table = pa.table(
        {
            "a": [1, None, 3],
            "s": pa.array([{"x": None}, {"x": 1}, None]),
            "l": pa.array(
                [[{"y": None}, None], None, []], pa.list_(pa.struct([("y", pa.int64())]))
            ),
            "m": maps,
        }
    )
    write_deltalake(tmp_path / "t", table)
    declare_not_null(tmp_path / "t", "a", "s", "l", "m")
    live = observer("t", DELTA)
    assert not any(field.nullable for field in answered(live, SchemaNeed("t")).schema)
    assert nulls(live, "a", "s", "s.x", "l", "l[]", "l[].y", "m", "m{}.key", "m{}.value") == {
        "a": (3, 1),
        "s": (3, 1),
        "s.x": (2, 1),
        "l": (3, 1),
        "l[]": (2, 1),
        "l[].y": (1, 1),
        "m": (3, 1),
        "m{}.key": (1, 0),
        "m{}.value": (1, 1),
    }


def test_a_null_partition_behind_a_log_that_says_not_null_cannot_be_opened(
    tmp_path: Path, observer: Build
) -> None:
    table = pa.table({"a": [1, None], "k": [None, "x"]})
    write_deltalake(tmp_path / "t", table, partition_by=["k"])
    declare_not_null(tmp_path / "t", "k")
    error = refused(observer("t", DELTA), SchemaNeed("t"))
    assert error.reason == 'Found unmasked nulls for non-nullable StructArray field "k"'
    assert error.location == f"{tmp_path.as_uri()}/t/"


def test_fields_that_were_added_later_are_null_in_older_files(
    tmp_path: Path, observer: Build
) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1], "s": [{"x": 1}], "l": [[{"x": 1}]]}))
    DeltaTable(tmp_path / "t").alter.add_columns([Field("n", PrimitiveType("string"))])
    assert nulls(observer("t", DELTA), "a", "n") == {"a": (1, 0), "n": (1, 1)}
    newer = pa.table({"a": [2], "n": ["x"], "s": [{"x": 2, "y": 3}], "l": [[{"x": 1, "y": 2}]]})
    write_deltalake(tmp_path / "t", newer, mode="append", schema_mode="merge")
    assert nulls(observer("t", DELTA), "n", "s.x", "s.y", "l[].x", "l[].y") == {
        "n": (2, 1),
        "s.x": (2, 0),
        "s.y": (2, 1),
        "l[].x": (2, 0),
        "l[].y": (2, 1),
    }


def test_a_table_without_rows_is_read(tmp_path: Path, observer: Build) -> None:
    DeltaTable.create(tmp_path / "t", pa.schema([("a", pa.int64())]))
    live = observer("t", DELTA)
    assert answered(live, SchemaNeed("t")).files == 0
    assert answered(live, RowCountNeed("t")) == RowCount(0, Basis.STATISTICS)
    assert nulls(live, "a") == {"a": (0, 0)}


def test_deleted_rows_do_not_count(tmp_path: Path, observer: Build) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1, None, None, 4], "k": list("wxyz")}))
    with_deleted_rows(tmp_path / "t", [0, 2])
    live = observer("t", DELTA)
    assert answered(live, RowCountNeed("t")) == RowCount(2, Basis.STATISTICS)
    assert nulls(live, "a", "k") == {"a": (2, 1), "k": (2, 0)}


def test_a_view_of_a_table_with_deleted_rows_cannot_be_read_and_says_so(
    tmp_path: Path, observer: Build
) -> None:
    """A limit of the engines' common interface; never a wrong answer."""
    write_deltalake(tmp_path / "t", pa.table({"a": [1, None, None, 4]}))
    with_deleted_rows(tmp_path / "t", [0, 2])
    live = observer("t", DELTA, views=[ViewContract("v", Sql("SELECT a FROM t"), "t", AT)])
    assert "deletion vector scans" in refused(live, SchemaNeed("v")).reason


def mapped(folder: Path) -> None:
    structs = pa.array([{"col-3": None}, None], pa.struct([("col-3", pa.int64())]))
    write_deltalake(folder, pa.table({"col-1": [1, None], "col-2": structs}))
    map_columns(folder, {"col-1": ("a", 1), "col-2": ("s", 2), "col-3": ("x", 3)})


def test_mapped_columns_are_read_under_their_logical_names(tmp_path: Path, observer: Build) -> None:
    mapped(tmp_path / "t")
    live = observer("t", DELTA)
    assert answered(live, SchemaNeed("t")).schema.names == ["a", "s"]
    assert nulls(live, "a", "s", "s.x") == {"a": (2, 1), "s": (2, 1), "s.x": (1, 1)}


def test_a_null_that_only_the_log_could_tell_is_refused_on_its_field(
    tmp_path: Path, observer: Build
) -> None:
    mapped(tmp_path / "t")
    edit_schema(tmp_path / "t", lambda fields: fields[0].update(nullable=False))
    found = null_counts(observer("t", DELTA), "t", "a", "s", "s.x")
    assert found == {
        "a": NullCount(0, 0, refusal=REFUSAL, rows=2),
        "s": NullCount(2, 1, rows=2),
        "s.x": NullCount(1, 1, rows=2),
    }


def test_a_supplied_delta_table_is_looked_at_beside_its_registration(
    tmp_path: Path, observer: Build
) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1, None]}))
    context = SessionContext()
    context.register_table("t", DeltaTable(tmp_path / "t"))
    live = observer("t", DELTA, supplied=context)
    assert (
        answered(live, SchemaNeed("t")).delta_version,
        answered(live, SchemaNeed("t")).files,
    ) == (0, 1)
    assert nulls(live, "a") == {"a": (2, 1)}


def test_the_order_of_mapped_columns_is_refused_by_name(
    tmp_path: Path, registry: Callable[..., Registry]
) -> None:
    mapped(tmp_path / "t")
    relations = registry("t", DELTA)
    error = refused(observer_over(relations), BY_A)
    assert "under column mapping, fields have other names" in error.reason
    with pytest.raises(IntrospectionError, match="the table has column mapping"):
        RowAccess(relations).storage("t")


def test_the_files_of_a_table_with_deleted_rows_are_refused_by_name(
    tmp_path: Path, registry: Callable[..., Registry]
) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1, 2]}))
    with_deleted_rows(tmp_path / "t", [0])
    with pytest.raises(IntrospectionError, match="the table has deletion vectors"):
        RowAccess(registry("t", DELTA)).storage("t")


def test_features_come_sorted(tmp_path: Path, observer: Build) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1]}))
    features = ["v2Checkpoint", "deletionVectors", "timestampNtz"]

    def declare(entry: dict[str, Any]) -> None:
        if "protocol" in entry:
            entry["protocol"] = {
                "minReaderVersion": 3,
                "minWriterVersion": 7,
                "readerFeatures": features,
                "writerFeatures": features,
            }

    edit_log(tmp_path / "t", declare)
    delta = answered(observer("t", DELTA), SchemaNeed("t")).delta
    assert delta is not None
    assert delta.features == ("deletionVectors", "timestampNtz", "v2Checkpoint")


def test_the_files_of_a_table_come_sorted(
    tmp_path: Path, registry: Callable[..., Registry]
) -> None:
    for value in "cab":
        write_deltalake(
            tmp_path / "t", pa.table({"a": [1], "k": [value]}), mode="append", partition_by=["k"]
        )
    storage = registry("t", DELTA).open("t").storage
    assert storage is not None
    assert [url.split("/")[-2] for url in storage.files] == ["k%3Da", "k%3Db", "k%3Dc"]
