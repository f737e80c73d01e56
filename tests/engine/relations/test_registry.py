"""Sources and views of contracts are opened once each, and what fails is said of its own table."""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.observing import answered, observer_over, refused, registry_of

from cst_contracts.contract.model import (
    Expand,
    Explode,
    Flatten,
    PartitionContract,
    SourceContract,
    SourceFormat,
    Sql,
    ViewContract,
    ViewDefinition,
)
from cst_contracts.contract.relations import Relations
from cst_contracts.datatypes import parse_type
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.facts import Basis, RowCount, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import NullsNeed, RowCountNeed, SchemaNeed

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]
PARQUET, DELTA = SourceFormat.PARQUET, SourceFormat.DELTA


def write(file: Path, table: pa.Table | None = None) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": [1, 2, 3]}) if table is None else table, file)
    return file


def view(name: str, definition: ViewDefinition, of: str = "t") -> ViewContract:
    return ViewContract(name, definition, of, AT)


def over(
    folder: Path | None, relations: Relations, context: SessionContext | None = None
) -> DataFusionObserver:
    return observer_over(registry_of(relations, folder, context))


@pytest.mark.parametrize("name", ["t", "Mixed", "s.t", "c.s.t", 't"x y'])
@pytest.mark.parametrize("location", ["t", "t/", "t/f.parquet", "t/g.pq"])
def test_a_parquet_table_is_what_the_engine_finds(
    tmp_path: Path, observer: Build, location: str, name: str
) -> None:
    for file in ("f.parquet", "g.pq"):
        write(tmp_path / "t" / file)
    live = observer(location, name=name)
    facts = answered(live, SchemaNeed(name))
    assert (facts.name, facts.format, facts.files) == (name, "parquet", 1)
    assert facts.schema == facts.stored_schema == pa.schema([("a", pa.int64())])
    assert facts.location == Lake(str(tmp_path)).locate(location)
    rows = answered(live, RowCountNeed(name))
    assert rows == RowCount(3, Basis.STATISTICS)
    assert live.seen() == {SchemaNeed(name): facts, RowCountNeed(name): rows}


def test_hive_folders_are_partitions(tmp_path: Path, observer: Build) -> None:
    for folder in ("k=a%2Fb/n=1", "k=a%2Fb/n=x", "k=__HIVE_DEFAULT_PARTITION__/n=2"):
        write(tmp_path / "t" / folder / "f.parquet")
    promised = tuple(
        PartitionContract(name, AT, type_)
        for name, type_ in (("k", pa.string()), ("n", pa.int64()))
    )
    facts = answered(observer(partitioned_by=promised), SchemaNeed("t"))
    assert facts.hive_partitions == {"k", "n"}
    assert facts.partitions is not None
    told = [(each.name, each.values, each.unparsed) for each in facts.partitions]
    assert told == [("k", 2, ("__HIVE_DEFAULT_PARTITION__",)), ("n", 3, ("x",))]
    assert facts.schema.names == ["a", "k", "n"]


@pytest.mark.parametrize(
    ("type_", "value", "kept"),
    [
        ("int64", "7", True),
        ("int64", "0x1F", False),
        ("int8", "300", False),
        ("int64", "", False),
        ("string", "0x1F", True),
        ("large_string", "0x1F", True),
        ("dictionary<values=string, indices=int32>", "x", True),
        ("bool", "true", True),
        ("bool", "maybe", False),
        ("date32", "2026-01-31", True),
        ("date32", "2026-02-31", False),
        ("timestamp[us]", "2026-01-31 12%3A00%3A00", True),
        ("decimal128(5, 2)", "1.25", True),
        ("decimal128(5, 2)", "12345.6", False),
        ("list<string>", "x", False),
        ("struct<a: int8>", "x", False),
        ("null", "x", False),
        ("duration[s]", "x", False),
    ],
)
def test_a_partition_value_that_is_not_of_its_type_is_told(
    tmp_path: Path,
    observer: Build,
    type_: str,
    value: str,
    kept: bool,  # noqa: FBT001
) -> None:
    write(tmp_path / "t" / f"k={value}" / "f.parquet")
    promised = PartitionContract("k", AT, parse_type(type_))
    facts = answered(observer(partitioned_by=(promised,)), SchemaNeed("t"))
    assert facts.partitions is not None
    assert bool(facts.partitions[0].unparsed) is not kept


def truncated(file: Path) -> None:
    file.write_bytes(write(file).read_bytes()[:-20])


def garbage_footer(file: Path) -> None:
    file.write_bytes(write(file).read_bytes()[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1")


def text(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("no Parquet at all, but long enough to have a footer")


def empty(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")


def broken_link(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(file.parent / "gone.parquet")


@pytest.mark.parametrize("beside", [True, False], ids=["beside a good file", "alone"])
@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (truncated, "Corrupt footer"),
        (garbage_footer, "the engine panicked"),
        (text, "Corrupt footer"),
        (empty, "is empty, as a write that was cut short leaves it"),
        (broken_link, "No such file"),
    ],
)
def test_a_spoilt_file_makes_its_table_unreadable_and_no_other(
    tmp_path: Path,
    observer: Build,
    spoil: Callable[[Path], None],
    cause: str,
    beside: bool,  # noqa: FBT001
) -> None:
    if beside:
        write(tmp_path / "t" / "good.parquet")
    spoil(tmp_path / "t" / "x.parquet")
    write(tmp_path / "u" / "f.parquet")
    live = observer(others=["u"])
    error = refused(live, SchemaNeed("t"))
    assert error.sentence.startswith(f"could not read table t at {tmp_path.as_uri()}/t/: ")
    assert cause in error.reason
    assert refused(live, RowCountNeed("t")) is error
    assert refused(live, NullsNeed("t", "a")) is error
    assert answered(live, SchemaNeed("u")).files == 1


@pytest.mark.parametrize(
    ("format_", "location", "cause"),
    [
        (PARQUET, "none", "no Parquet file there"),
        (PARQUET, "empty", "no Parquet file there"),
        (DELTA, "none", "no Delta table there"),
        (DELTA, "empty", "no Delta table there"),
        (DELTA, "no_log", "no Delta table there"),
        (SourceFormat.VIEW, "t", "no contract defines a view of this name"),
    ],
)
def test_nothing_there_is_a_missing_table(
    tmp_path: Path, observer: Build, format_: SourceFormat, location: str, cause: str
) -> None:
    (tmp_path / "empty").mkdir()
    write_deltalake(tmp_path / "no_log", pa.table({"a": [1]}))
    shutil.rmtree(tmp_path / "no_log" / "_delta_log")
    error = refused(observer(location, format_), SchemaNeed("t"))
    assert error.trouble is Trouble.MISSING
    assert error.relation == "t"
    assert cause in error.reason
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("format_", [SourceFormat.CSV, SourceFormat.JSON, SourceFormat.ARROW])
def test_other_files_that_are_not_there_are_missing(observer: Build, format_: SourceFormat) -> None:
    error = refused(observer("t", format_), SchemaNeed("t"))
    assert error.trouble is Trouble.MISSING
    assert error.reason == f"no .{format_} file there"


def test_a_table_without_a_source_must_be_in_the_session(tmp_path: Path) -> None:
    error = refused(over(tmp_path, Relations({}, {}, {})), SchemaNeed("t"))
    assert error.trouble is Trouble.MISSING
    assert error.sentence == (
        "could not read table t: the session has no such table, and no contract gives it a `source`"
    )


def test_a_relative_location_needs_a_lake() -> None:
    relations = Relations({"t": SourceContract(PARQUET, AT, "refs")}, {}, {})
    error = refused(over(None, relations), SchemaNeed("t"))
    assert error.sentence == (
        "could not read table t at refs: its location is relative and no lake root is given "
        "(--lake, pytest's --cst-lake, or `cst_lake` in pytest's configuration)"
    )


LOCKED = """
import os, sys
import deltalake  # which may be where only this user gets, too
from pathlib import Path
from cst_contracts.contract.model import SourceContract, SourceFormat
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.location import Location
from cst_contracts.needs import SchemaNeed
sources = {name: SourceContract(SourceFormat(format_), Location("t.yaml", 1, 1), name)
           for name, format_ in (each.split(":") for each in sys.argv[2:])}
relations = Relations(sources, {}, {})
registry = Registry(open_session({}), relations, Lake(sys.argv[1]), supplied=False)
observer = DataFusionObserver(registry, MeasuringOptions(1024**3))
if os.geteuid() == 0:
    os.setuid(65534)
for name in sources:
    print(observer.answer(SchemaNeed(name)).sentence)
"""


def test_what_nobody_may_read_is_not_taken_for_missing(tmp_path: Path) -> None:
    names = ("folder", "file", "partition", "parent")
    locked = [write(tmp_path / name / "k=1" / "f.parquet") for name in names]
    write(tmp_path / "partition" / "k=2" / "f.parquet")
    write_deltalake(tmp_path / "log", pa.table({"a": [1]}))
    places = [tmp_path / "folder", locked[1], locked[2].parent, tmp_path / "parent"]
    places.append(tmp_path / "log" / "_delta_log")
    for parent in (tmp_path, *tmp_path.parents):
        if parent.owner() == tmp_path.owner() and parent.stat().st_uid == os.getuid():
            parent.chmod(parent.stat().st_mode | 0o711)
    tables = [
        "folder:parquet",
        "file:parquet",
        "partition:parquet",
        "parent/k=1:parquet",
        "log:delta",
    ]
    for place in places:
        place.chmod(0)
    try:
        ran = subprocess.run(
            [sys.executable, "-c", LOCKED, str(tmp_path), *tables],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        for place in places:
            place.chmod(0o755)
    told = ran.stdout.splitlines()
    assert len(told) == len(tables), ran.stderr
    for table, line in zip(tables, told, strict=True):
        name = table.split(":")[0]
        assert line.startswith(f"could not read table {name} at "), line
        assert name in line.split(" at ")[1]
        assert "ermission denied" in line


def test_views_read_views_and_each_is_opened_once(tmp_path: Path, observer: Build) -> None:
    write(tmp_path / "t" / "f.parquet")
    views = [
        view("top", Sql("SELECT a FROM middle"), of="middle"),
        view("middle", Sql("SELECT a FROM t WHERE a > 1")),
        view("alone", Sql("SELECT 1 AS one")),
        view("s.qualified", Sql("SELECT a FROM middle"), of="middle"),
    ]
    live = observer(views=views)
    for name, rows in (("top", 2), ("middle", 2), ("alone", 1), ("s.qualified", 2)):
        assert answered(live, SchemaNeed(name)).format == "view"
        assert answered(live, RowCountNeed(name)).rows == rows


@pytest.mark.parametrize("kind", [Sql("SELECT * FROM {of}"), Flatten("s"), Expand("m")])
def test_views_that_read_each_other_are_told(observer: Build, kind: ViewDefinition) -> None:
    def reading(of: str) -> ViewDefinition:
        return Sql(kind.query.format(of=of)) if isinstance(kind, Sql) else kind

    live = observer(views=[view("v", reading("w"), of="w"), view("w", reading("v"), of="v")])
    for name in ("v", "w"):
        assert "it is defined by way of itself" in refused(live, SchemaNeed(name)).reason


@pytest.mark.parametrize("definition", [Sql("SELECT a FROM t"), Flatten("s")])
def test_a_view_of_a_missing_table_names_that_table(
    observer: Build, definition: ViewDefinition
) -> None:
    live = observer("none", views=[view("v", definition), view("w", Sql("SELECT * FROM v"), "v")])
    missing = refused(live, SchemaNeed("t"))
    assert (missing.relation, missing.trouble) == ("t", Trouble.MISSING)
    for name in ("v", "w"):
        assert refused(live, SchemaNeed(name)) is missing


def test_an_error_is_raised_again_as_it_was(
    tmp_path: Path, registry: Callable[..., Registry]
) -> None:
    """With its first cause: one that is raised from itself would have a traceback without an end."""
    (tmp_path / "t").mkdir()
    text(tmp_path / "t" / "x.parquet")
    relations = registry(views=[view("v", Sql("SELECT a FROM t"))])
    with pytest.raises(IntrospectionError, match="Corrupt footer") as first:
        relations.open("t")
    cause = first.value.__cause__
    assert cause is not None
    for name in ("v", "t", "v"):
        with pytest.raises(IntrospectionError) as again:
            relations.open(name)
        assert again.value is first.value
        assert again.value.__cause__ is cause


@pytest.mark.parametrize(
    ("definition", "cause"),
    [
        (Sql("SELECT nope FROM t"), "No field named nope"),
        (Sql("SELECT 1 / (a - 1) AS x FROM t"), "Divide by zero"),
        (Sql("SELECT 1; DROP TABLE t"), "only supports a single SQL statement"),
        (Sql("DROP TABLE t"), "found: DROP"),
        (Sql("INSERT INTO t VALUES (1)"), "not implemented"),
        (Sql("DELETE FROM t"), "not implemented"),
        (Sql("UPDATE t SET a = 1"), "not implemented"),
        (Sql("SELECT 1 AS a INTO u"), "CreateMemoryTable"),
        (Sql("COPY t TO 'x.parquet'"), "found: COPY"),
        (Sql("SET datafusion.execution.batch_size = 1"), "found: SET"),
        (Sql(""), "found: EOF"),
        (Flatten("a"), "t.a holds no struct to take apart: int64"),
        (Explode("a"), "t.a holds no struct to take apart: int64"),
        (Explode("m"), "t.m holds no struct to take apart: map<string, string>"),
        (Explode("none"), "t has no field none"),
        (Flatten('none"; DROP TABLE t'), 't has no field none"; DROP TABLE t'),
        (Expand("a"), "map_entries"),
    ],
)
def test_a_view_that_cannot_run_is_told_and_leaves_its_table(
    tmp_path: Path, observer: Build, definition: ViewDefinition, cause: str
) -> None:
    maps = pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string()))
    write(tmp_path / "t" / "f.parquet", pa.table({"a": [1], "m": maps}))
    live = observer(views=[view("v", definition)])
    error = refused(live, SchemaNeed("v"))
    assert error.relation == "v"
    assert cause in error.reason
    assert answered(live, RowCountNeed("t")) == RowCount(1, Basis.STATISTICS)


def test_two_contracts_of_one_table_are_a_conflict(tmp_path: Path) -> None:
    write(tmp_path / "t" / "f.parquet")
    source = SourceContract(PARQUET, AT, "t")
    views = {"v": view("v", Sql("SELECT 1 AS a")), "w": view("w", Sql("SELECT a FROM u"))}
    conflicts = {"t": ("a.yaml", "b.yaml"), "v": ("c.yaml", "d.yaml")}
    live = over(tmp_path, Relations({"t": source, "u": source}, views, conflicts))
    assert refused(live, SchemaNeed("t")).sentence == (
        "could not read table t: several contracts define it: a.yaml, b.yaml; leave it to one of them"
    )
    assert "c.yaml, d.yaml" in refused(live, SchemaNeed("v")).reason
    assert answered(live, SchemaNeed("u")).files == 1
    assert answered(live, SchemaNeed("w")).format == "view"


def test_a_supplied_table_stands_as_it_is_and_its_storage_is_looked_at_beside_it(
    tmp_path: Path, observer: Build
) -> None:
    file = write(tmp_path / "t" / "f.parquet")
    context = SessionContext()
    context.register_parquet(
        "t", str(file), schema=pa.schema([pa.field("a", pa.int32(), nullable=False)])
    )
    facts = answered(observer(supplied=context), SchemaNeed("t"))
    assert facts.schema == pa.schema([pa.field("a", pa.int32(), nullable=False)])
    assert facts.stored_schema == pa.schema([("a", pa.int64())])
    assert facts.format == "parquet"


def test_what_a_supplied_session_lacks_is_registered_in_it(tmp_path: Path, observer: Build) -> None:
    write(tmp_path / "t" / "f.parquet")
    context = SessionContext()
    live = observer(supplied=context, views=[view("v", Sql("SELECT a + 1 AS b FROM t"))])
    assert answered(live, SchemaNeed("v")).schema.names == ["b"]
    assert context.table_exist("t")


@pytest.mark.parametrize("location", ["t.csv", None])
def test_a_supplied_table_of_any_format_is_read_from_the_session(
    tmp_path: Path, location: str | None
) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n\n")
    context = SessionContext()
    context.register_csv("t", str(tmp_path / "t.csv"))
    source = SourceContract(SourceFormat.CSV, AT, location)
    live = over(tmp_path, Relations({"t": source}, {}, {}), context)
    facts = answered(live, SchemaNeed("t"))
    assert (facts.format, facts.schema.names, facts.stored_schema) == ("session", ["a"], None)


def test_a_supplied_table_whose_storage_is_gone_is_missing(tmp_path: Path, observer: Build) -> None:
    context = SessionContext()
    context.register_record_batches("t", [[pa.record_batch({"a": [1]})]])
    error = refused(observer("none", supplied=context), SchemaNeed("t"))
    assert error.trouble is Trouble.MISSING
    assert (error.relation, error.location) == ("t", f"{tmp_path.as_uri()}/none")


@pytest.mark.parametrize(
    ("query", "basis"),
    [
        ("SELECT a FROM t", Basis.STATISTICS),
        ("SELECT a FROM t WHERE a > 1", Basis.SCAN),
        ("SELECT t.a FROM t CROSS JOIN (SELECT 1 AS b) AS u WHERE t.a > 1", Basis.SCAN),
        ("SELECT t.a FROM t LEFT JOIN (SELECT 1 AS b) AS u ON t.a = u.b", Basis.SCAN),
        ("SELECT DISTINCT a FROM t", Basis.SCAN),
    ],
)
def test_a_count_says_whether_metadata_answered_it(
    tmp_path: Path, observer: Build, query: str, basis: Basis
) -> None:
    write(tmp_path / "t" / "f.parquet")
    counted = answered(observer(views=[view("v", Sql(query))]), RowCountNeed("v"))
    assert counted.basis is basis
