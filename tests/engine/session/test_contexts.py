"""Settings to a session that tells everything, and files that appear while it lives."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from support.observing import registry_of

from cst_contracts.contract.model import SourceContract, SourceFormat
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.looks.session import session_facts
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.schema import has_table, live_schema, make_schema
from cst_contracts.engine.session.settings import (
    few_threads,
    inferred_alike,
    one_partition,
    settings_of,
)
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.location import Location
from cst_contracts.sql.external_tables import external_folder
from cst_contracts.sql.names import table_name
from cst_contracts.sql.selects import count_rows


def test_settings_are_in_force() -> None:
    settings = settings_of(open_session({"datafusion.execution.batch_size": "7"}))
    assert settings["datafusion.execution.batch_size"] == "7"
    assert settings["datafusion.catalog.information_schema"] == "true"


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("datafusion.nope.x", "1", 'Config value "nope" not found'),
        ("nope", "1", 'could not find config namespace for key "nope"'),
        ("datafusion.execution.batch_size", "many", "Error parsing 'many' as usize"),
        ("datafusion.runtime.nope", "1", "Unknown runtime configuration: datafusion.runtime.nope"),
    ],
)
def test_a_setting_that_the_engine_refuses_is_told(name: str, value: str, cause: str) -> None:
    with pytest.raises(IntrospectionError) as caught:
        open_session({name: value})
    assert str(caught.value).startswith("could not read the session: ")
    assert cause in caught.value.reason


def test_metadata_and_nested_nullability_are_kept(tmp_path: Path) -> None:
    inner = pa.field("x", pa.int64(), nullable=False, metadata={"deep": "yes"})
    field = pa.field("s", pa.struct([inner]), metadata={"semantic": "Span"})
    schema = pa.schema([field], metadata={"owner": "me"})
    pq.write_table(pa.table({"s": [{"x": 1}]}, schema=schema), tmp_path / "t.parquet")
    context = open_session({})
    context.sql(external_folder("t", (tmp_path / "t.parquet").as_uri()))
    found = live_schema(context, "t").field("s")
    assert found.metadata[b"semantic"] == b"Span"
    assert found.type.field("x").metadata[b"deep"] == b"yes"
    assert not found.type.field("x").nullable
    assert live_schema(context, "t").metadata[b"owner"] == b"me"


def test_files_written_after_a_query_are_seen(tmp_path: Path) -> None:
    context = open_session({})
    pq.write_table(pa.table({"a": [1]}), tmp_path / "1.parquet")
    context.sql(external_folder("t", f"{tmp_path.as_uri()}/"))
    counts = [context.sql(count_rows("t")).to_arrow_table().column(0)[0].as_py()]
    pq.write_table(pa.table({"a": [2, 3]}), tmp_path / "2.parquet")
    counts.append(context.sql(count_rows("t")).to_arrow_table().column(0)[0].as_py())
    assert counts == [1, 3]


def count(context: SessionContext, table: str) -> int:
    return int(context.sql(count_rows(table)).to_arrow_table().column(0)[0].as_py())


def test_what_is_kept_of_a_file_is_forgotten_with_it(tmp_path: Path) -> None:
    file = tmp_path / "1.parquet"
    context = open_session({})
    pq.write_table(pa.table({"a": [1, 2]}), file, compression="none")
    pq.write_table(pa.table({"a": [3]}), tmp_path / "2.parquet")
    context.sql(external_folder("t", f"{tmp_path.as_uri()}/"))
    counts = [count(context, "t")]
    schema = pa.schema([("a", pa.int64())])
    for values in ([5, 6, 7], [None, 8]):
        pq.write_table(pa.table({"a": values}, schema), file, compression="none")
        counts.append(count(context, "t"))
    file.unlink()
    counts.append(count(context, "t"))
    assert counts == [3, 4, 3, 1]


def test_a_file_that_another_of_its_size_replaces_is_read_again(tmp_path: Path) -> None:
    file, other = tmp_path / "1.parquet", tmp_path / "other"
    pq.write_table(pa.table({"a": [1, 2]}), file)
    pq.write_table(pa.table({"a": [3, 4]}), other)
    assert file.stat().st_size == other.stat().st_size
    context = open_session({})
    context.sql(external_folder("t", file.as_uri()))
    least = "SELECT min(a) AS a FROM t"
    found = [context.sql(least).to_pylist()[0]["a"]]
    other.rename(file)
    found.append(context.sql(least).to_pylist()[0]["a"])
    assert found == [1, 3]


def test_what_is_kept_of_files_is_for_each_to_set() -> None:
    limit = "datafusion.runtime.metadata_cache_limit"
    assert settings_of(open_session({limit: "7M"}))[limit] == "7M"


def test_little_is_read_for_a_footer_wherever_the_file_is() -> None:
    hint = "datafusion.execution.parquet.metadata_size_hint"
    assert settings_of(open_session({}))[hint] == "65536"
    assert settings_of(open_session({hint: "8"}))[hint] == "8"


@pytest.mark.parametrize("table", ["s.t", "c.s.t", 'c"x.s y.t', "datafusion.public.t", "Mixed"])
def test_a_qualified_name_gets_its_schema(table: str) -> None:
    context = open_session({})
    assert not has_table(context, table)
    make_schema(context, table)
    make_schema(context, table)
    context.sql(f"CREATE TABLE {table_name(table)} AS SELECT 1 AS a")
    assert has_table(context, table)
    assert live_schema(context, table).names == ["a"]


@pytest.mark.parametrize("table", ["none", "no.t", "no.such.t", "a.b.c.d", "", 'x"y', "T"])
def test_a_table_that_is_not_there_is_not_there(table: str) -> None:
    context = open_session({})
    context.sql("CREATE TABLE t AS SELECT 1 AS a")
    assert not has_table(context, table)


def test_a_session_without_information_schema_is_told_how_to_be_made() -> None:
    with pytest.raises(IntrospectionError) as caught:
        session_facts(SessionContext(SessionConfig()))
    assert str(caught.value) == (
        "could not read the session: information_schema is off; "
        "make the session with .with_information_schema(True)"
    )


@pytest.mark.parametrize(
    ("name", "value", "alike"),
    [
        ("datafusion.execution.parquet.schema_force_view_types", "false", False),
        ("datafusion.execution.parquet.binary_as_string", "true", False),
        ("datafusion.execution.parquet.skip_metadata", "true", False),
        ("datafusion.execution.listing_table_factory_infer_partitions", "false", False),
        ("datafusion.execution.parquet.pushdown_filters", "true", True),
        ("datafusion.execution.collect_statistics", "false", True),
    ],
)
def test_sessions_infer_alike_where_their_settings_say_so(
    name: str, value: str, *, alike: bool
) -> None:
    assert inferred_alike(open_session({name: value}), open_session({})) is alike


def test_of_a_session_that_hides_its_settings_nobody_knows_what_it_infers() -> None:
    assert not inferred_alike(SessionContext(SessionConfig()), open_session({}))


def test_a_session_tells_its_settings_beside_the_defaults() -> None:
    facts = session_facts(open_session({"datafusion.execution.batch_size": "7"}))
    assert facts.settings["datafusion.execution.batch_size"] == "7"
    assert facts.default_settings["datafusion.execution.batch_size"] == "8192"
    assert len(facts.functions) > 300


def test_a_group_within_one_partition_needs_no_repartitioning_and_the_setting_is_put_back() -> None:
    context = open_session({"datafusion.execution.target_partitions": "3"})
    context.from_pydict({"a": [1, 2]}, name="t")

    def plan() -> str:
        return str(context.sql("SELECT a, count(*) FROM t GROUP BY a").execution_plan())

    assert "RepartitionExec" in plan()
    with one_partition(context):
        assert "RepartitionExec" not in plan()
    with pytest.raises(ZeroDivisionError), one_partition(context):
        raise ZeroDivisionError
    assert settings_of(context)["datafusion.execution.target_partitions"] == "3"
    assert "RepartitionExec" in plan()


def test_files_are_looked_into_by_few_threads_and_the_setting_is_put_back(tmp_path: Path) -> None:
    name = "datafusion.execution.meta_fetch_concurrency"
    context = open_session({name: "7"})
    with few_threads(context):
        assert settings_of(context)[name] == "4"
    assert settings_of(context)[name] == "7"
    (tmp_path / "t").mkdir()
    for number in range(20):
        pq.write_table(pa.table({"a": [number]}), tmp_path / "t" / f"{number}.parquet")
    source = SourceContract(SourceFormat.PARQUET, Location("t.yaml", 1, 1), "t")
    registry_of(Relations({"t": source}, {}, {}), tmp_path, context).open("t")
    assert settings_of(context)[name] == "7"
    assert context.table("t").count() == 20
