"""What plans and footers claim of a table's order."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext, col
from deltalake import DeltaTable, write_deltalake
from support.observing import answered, refused

from cst_contracts.contract.model import SourceFormat, Sql, ViewContract
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.settings import settings_of
from cst_contracts.facts import OrderingFacts, SortTerm, StoredOrdering
from cst_contracts.location import Location
from cst_contracts.needs import OrderPlanNeed
from cst_contracts.sql.names import identifier
from cst_contracts.sql.plan_text import answered_from_metadata, output_orderings

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]
PARTITIONS = "datafusion.execution.target_partitions"
ODD_NAMES = [
    "a@b",
    "a,b",
    "a[0]",
    "x]",
    "[",
    "a b",
    " lead",
    '"q"',
    "a@1 ASC",
    "é",
    "A",
    "a.b",
    "a]]",
]


def ordering(live: DataFusionObserver, *terms: SortTerm) -> OrderingFacts:
    found = answered(live, OrderPlanNeed("t", terms))
    assert found is not None
    return found


def plan_of(file: Path, *orders: Sequence[SortTerm]) -> str:
    """This engine's own text for a file registered with the orders."""
    context = open_session({})
    declared = [
        [
            col(identifier(term.field)).sort(
                ascending=not term.descending, nulls_first=term.nulls_first
            )
            for term in order
        ]
        for order in orders
    ]
    context.register_parquet("t", str(file), file_sort_order=declared)
    return str(context.sql("SELECT * FROM t").execution_plan().display_indent())


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ([SortTerm("a")], "output_ordering=[a@0 ASC NULLS LAST]"),
        ([SortTerm("a", nulls_first=True)], "output_ordering=[a@0 ASC]"),
        ([SortTerm("a", descending=True)], "output_ordering=[a@0 DESC NULLS LAST]"),
        ([SortTerm("b", descending=True, nulls_first=True)], "output_ordering=[b@1 DESC]"),
        (
            [SortTerm("b"), SortTerm("a", descending=True, nulls_first=True)],
            "output_ordering=[b@1 ASC NULLS LAST, a@0 DESC]",
        ),
    ],
)
def test_the_text_of_this_engine_is_read(tmp_path: Path, terms: list[SortTerm], text: str) -> None:
    pq.write_table(pa.table({"a": [1, 2], "b": [3, 4]}), tmp_path / "f.parquet")
    plan = plan_of(tmp_path / "f.parquet", terms)
    assert text in plan
    assert output_orderings(plan) == (tuple(terms),)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_field_of_any_name_is_read_from_a_plan(tmp_path: Path, name: str) -> None:
    pq.write_table(pa.table({name: [1, 2], "z": [3, 4]}), tmp_path / "f.parquet")
    terms = (SortTerm(name, descending=True), SortTerm("z", nulls_first=True))
    assert output_orderings(plan_of(tmp_path / "f.parquet", terms)) == (terms,)
    assert output_orderings(plan_of(tmp_path / "f.parquet", terms[::-1])) == (terms[::-1],)


def test_several_orders_are_read_one_by_one(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2], "b]": [4, 3]}), tmp_path / "f.parquet")
    orders = ((SortTerm("a"),), (SortTerm("b]", descending=True), SortTerm("a")))
    assert output_orderings(plan_of(tmp_path / "f.parquet", *orders)) == orders


@pytest.mark.parametrize("query", ["SELECT * FROM t", "SELECT * FROM t ORDER BY a"])
def test_no_declared_order_is_none(tmp_path: Path, query: str) -> None:
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "f.parquet")
    context = open_session({})
    context.register_parquet("t", str(tmp_path / "f.parquet"))
    assert output_orderings(context.sql(query).execution_plan().display_indent()) == ()


@pytest.mark.parametrize(
    ("plan", "answered"),
    [
        ("ProjectionExec: expr=[7 as c]\n  PlaceholderRowExec\n", True),
        ("PlaceholderRowExec", True),
        ("AggregateExec\n  DataSourceExec: files=[PlaceholderRowExec.parquet]\n", False),
        ("CrossJoinExec\n  PlaceholderRowExec\n  DataSourceExec: file_groups\n", False),
        ("AggregateExec\n  EmptyExec", False),
    ],
)
def test_metadata_answers_a_plan_that_reads_nothing(plan: str, *, answered: bool) -> None:
    assert answered_from_metadata(plan) is answered


@pytest.mark.parametrize("location", ["t", "t/a b.parquet", "t/c.pq"])
def test_a_promised_order_is_taken_up(tmp_path: Path, observer: Build, location: str) -> None:
    (tmp_path / "t").mkdir()
    for name in ("a b.parquet", "c.pq"):
        pq.write_table(pa.table({"a": [1, 2], "b": [2, 1]}), tmp_path / "t" / name)
    terms = (SortTerm("b", descending=True), SortTerm("a", nulls_first=True))
    found = ordering(observer(location), *terms)
    assert (found.planned, found.supplied) == (terms, False)
    assert [each.terms for each in found.stored] == [()]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_order_by_a_field_of_any_name_is_taken_up(
    tmp_path: Path, observer: Build, name: str
) -> None:
    pq.write_table(pa.table({name: [1, 2]}), tmp_path / "t.parquet")
    found = ordering(observer("t.parquet"), SortTerm(name))
    assert found.planned == (SortTerm(name),)


def test_partitions_and_unknown_fields_are_no_order_of_a_file(
    tmp_path: Path, observer: Build
) -> None:
    (tmp_path / "t" / "k=1").mkdir(parents=True)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "t" / "k=1" / "f.parquet")
    assert ordering(observer(), SortTerm("k"), SortTerm("a")).planned == (SortTerm("a"),)
    found = ordering(observer(), SortTerm("k"), SortTerm("none"), SortTerm("a"))
    assert found.planned == ()
    assert str(found.refused).startswith("nobody could measure it: ")


def test_a_table_without_files_has_no_order_to_look_at(tmp_path: Path, observer: Build) -> None:
    DeltaTable.create(tmp_path / "t", pa.schema([("a", pa.int64())]))
    live = observer("t", SourceFormat.DELTA)
    assert answered(live, OrderPlanNeed("t", (SortTerm("a"),))) is None


@pytest.mark.parametrize("rows", [[1, 2], [2, 1]], ids=["true", "lying"])
def test_a_footer_s_claim_is_read_true_or_not(
    tmp_path: Path, observer: Build, rows: list[int]
) -> None:
    claim = [pq.SortingColumn(1, descending=True, nulls_first=True), pq.SortingColumn(0)]
    (tmp_path / "t").mkdir()
    pq.write_table(
        pa.table({"a": [1, 1], "b": rows}), tmp_path / "t" / "é 1.parquet", sorting_columns=claim
    )
    pq.write_table(pa.table({"a": [1], "b": [1]}), tmp_path / "t" / "2.parquet")
    found = ordering(observer(), SortTerm("a"))
    claimed = (SortTerm("b", descending=True, nulls_first=True), SortTerm("a"))
    assert found.stored == (
        StoredOrdering("2.parquet", ()),
        StoredOrdering("é 1.parquet", claimed),
    )


def test_a_nested_leaf_and_a_file_without_rows_are_read_from_footers(
    tmp_path: Path, observer: Build
) -> None:
    (tmp_path / "t").mkdir()
    table = pa.table({"s": [{"x": 1, "y": 2}]})
    pq.write_table(table, tmp_path / "t" / "1.parquet", sorting_columns=[pq.SortingColumn(1)])
    pq.write_table(table.slice(1), tmp_path / "t" / "2.parquet")
    found = ordering(observer(), SortTerm("s"))
    assert [each.terms for each in found.stored] == [(SortTerm("s.y"),), ()]


def test_a_delta_table_s_files_take_the_order_up(tmp_path: Path, observer: Build) -> None:
    write_deltalake(
        tmp_path / "a b", pa.table({"a": [1, 2], "k": ["x/y", "é"]}), partition_by=["k"]
    )
    terms = (SortTerm("k"), SortTerm("a", descending=True))
    found = ordering(observer("a b", SourceFormat.DELTA), *terms)
    assert found.planned == (SortTerm("a", descending=True),)
    assert len(found.stored) == 2


def supplied(folder: Path, *, information_schema: bool, files: int = 5) -> SessionContext:
    """Two partitions, and more files than that."""
    folder.mkdir()
    for number in range(files):
        table = pa.table({"a": [10 * number, 10 * number + 1], "b": [1, 2]})
        pq.write_table(table, folder / f"{number}.parquet")
    config = SessionConfig().with_target_partitions(2).with_information_schema(information_schema)
    return SessionContext(config)


def test_a_supplied_order_is_seen_however_many_files_there_are(
    tmp_path: Path, observer: Build
) -> None:
    context = supplied(tmp_path / "t", information_schema=True)
    context.register_parquet(
        "t", str(tmp_path / "t"), file_sort_order=[[col("a").sort(nulls_first=False)]]
    )
    found = ordering(observer(supplied=context), SortTerm("a"))
    assert (found.planned, found.supplied) == ((SortTerm("a"),), True)
    assert settings_of(context)[PARTITIONS] == "2"


def test_without_a_supplied_order_there_is_none_and_the_setting_is_as_before(
    tmp_path: Path, observer: Build
) -> None:
    context = supplied(tmp_path / "t", information_schema=True)
    context.register_parquet("t", str(tmp_path / "t"))
    found = ordering(observer(supplied=context), SortTerm("a"))
    assert (found.planned, found.supplied) == ((), True)
    assert settings_of(context)[PARTITIONS] == "2"


def test_of_several_supplied_orders_the_promised_one_is_told(
    tmp_path: Path, observer: Build
) -> None:
    context = supplied(tmp_path / "t", information_schema=True, files=1)
    orders = [[col("a").sort(nulls_first=False)], [col("b").sort(nulls_first=False)]]
    context.register_parquet("t", str(tmp_path / "t"), file_sort_order=orders)
    for name in ("a", "b"):
        live = observer(supplied=context)
        assert ordering(live, SortTerm(name)).planned == (SortTerm(name),)


def test_an_order_that_cannot_be_asked_for_says_how_to_make_the_session(
    tmp_path: Path, observer: Build
) -> None:
    context = supplied(tmp_path / "t", information_schema=False)
    context.register_parquet("t", str(tmp_path / "t"))
    error = refused(observer(supplied=context), OrderPlanNeed("t", (SortTerm("a"),)))
    assert "make the session with .with_information_schema(True)" in error.reason


def test_a_single_file_s_order_needs_no_information_schema(tmp_path: Path, observer: Build) -> None:
    context = supplied(tmp_path / "t", information_schema=False, files=1)
    context.register_parquet("t", str(tmp_path / "t"))
    assert ordering(observer(supplied=context), SortTerm("a")).planned == ()


def test_a_table_that_is_a_view_shows_the_order_of_its_scan(
    tmp_path: Path, observer: Build
) -> None:
    (tmp_path / "u").mkdir()
    claim = [pq.SortingColumn(0)]
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "u" / "f.parquet", sorting_columns=claim)
    view = ViewContract("t", Sql("SELECT a FROM u"), "u", AT)
    live = observer(views=[view], others=["u"])
    assert ordering(live, SortTerm("a")) == OrderingFacts((SortTerm("a"),), supplied=False)
