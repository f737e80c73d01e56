"""What a snapshot remembers of a table or a session, and what it leaves out."""

import pyarrow as pa
import pytest
from datafusion import SessionConfig, SessionContext
from msgspec.structs import replace

from cst_contracts.drift.changes import diff
from cst_contracts.drift.fields import ArrowTypeChanged, TypeChanged
from cst_contracts.drift.snapshot import (
    MACHINE_SETTINGS,
    NodeSnapshot,
    QuerySnapshot,
    ReaderSnapshot,
    SeenRelation,
    TableSnapshot,
    session_snapshot,
    table_snapshot,
)
from cst_contracts.facts import (
    CouldNotLook,
    FieldDiagnostic,
    FieldRead,
    FunctionFacts,
    OrderingFacts,
    PartitionFacts,
    QueryFacts,
    QueryPlan,
    SessionFacts,
    Signature,
    SortTerm,
    TableFacts,
)


def table(*fields: pa.Field) -> TableFacts:
    return TableFacts(name="cst_refs", format="parquet", schema=pa.schema(fields))


def remembered(seen: SeenRelation | TableFacts, *views: SeenRelation) -> TableSnapshot:
    snapshot = table_snapshot(SeenRelation(seen) if isinstance(seen, TableFacts) else seen, views)
    assert isinstance(snapshot, TableSnapshot)
    return snapshot


def type_texts(data_type: pa.DataType) -> list[tuple[str, str]]:
    snapshot = remembered(table(pa.field("x", data_type)))
    return [(node.path, node.type) for node in snapshot.fields]


def test_every_node_has_an_entry_parents_first() -> None:
    span = pa.struct([pa.field("bstart", pa.int64(), nullable=False), pa.field("bend", pa.int64())])
    refs = pa.list_(pa.field("item", pa.struct([pa.field("span", span)]), nullable=False))
    snapshot = remembered(
        table(
            pa.field("path", pa.string(), nullable=False),
            pa.field("refs", refs),
            pa.field("attrs", pa.map_(pa.string(), pa.string())),
        )
    )
    assert snapshot.table == "cst_refs"
    assert snapshot.fields == (
        NodeSnapshot("path", "string", nullable=False),
        NodeSnapshot("refs", "list", nullable=True),
        NodeSnapshot("refs[]", "struct", nullable=False),
        NodeSnapshot("refs[].span", "struct", nullable=True),
        NodeSnapshot("refs[].span.bstart", "int64", nullable=False),
        NodeSnapshot("refs[].span.bend", "int64", nullable=True),
        NodeSnapshot("attrs", "map", nullable=True),
        NodeSnapshot("attrs{}.key", "string", nullable=False),
        NodeSnapshot("attrs{}.value", "string", nullable=True),
    )


@pytest.mark.parametrize(
    ("stored", "passed_on"),
    [
        (pa.string(), pa.string_view()),
        (pa.large_string(), pa.string()),
        (pa.binary(), pa.binary_view()),
        (pa.large_binary(), pa.binary()),
        (pa.list_(pa.int8()), pa.large_list(pa.int8())),
        (pa.list_(pa.int8()), pa.list_view(pa.int8())),
        (pa.list_(pa.int8()), pa.list_(pa.field("element", pa.int8()))),
        (pa.dictionary(pa.int32(), pa.string()), pa.string_view()),
        (pa.dictionary(pa.int8(), pa.int64()), pa.int64()),
        (
            pa.struct([pa.field("a", pa.list_(pa.string()))]),
            pa.struct([pa.field("a", pa.large_list(pa.string_view()))]),
        ),
    ],
    ids=str,
)
def test_what_engines_change_in_passing_is_no_drift(
    stored: pa.DataType, passed_on: pa.DataType
) -> None:
    assert type_texts(stored) == type_texts(passed_on)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pa.int32(), pa.int64()),
        (pa.timestamp("us"), pa.timestamp("us", tz="UTC")),
        (pa.decimal128(10, 2), pa.decimal128(12, 2)),
        (pa.list_(pa.int8(), 3), pa.list_(pa.int8(), 4)),
        (pa.list_(pa.int8(), 3), pa.list_(pa.int8())),
        (pa.string(), pa.binary()),
        (pa.dictionary(pa.int8(), pa.int64()), pa.int32()),
    ],
    ids=str,
)
def test_another_type_is_another_text(before: pa.DataType, after: pa.DataType) -> None:
    assert type_texts(before) != type_texts(after)


def test_a_fixed_size_is_part_of_the_kind() -> None:
    assert type_texts(pa.list_(pa.int8(), 3)) == [("x", "fixed_size_list[3]"), ("x[]", "int8")]


def test_a_dictionary_of_nested_values_is_spelled_out() -> None:
    values = pa.dictionary(pa.int8(), pa.struct([pa.field("a", pa.int8())]))
    assert type_texts(values) == [("x", "struct<a: int8>")]


def test_metadata_is_text_in_order_of_its_keys() -> None:
    field = pa.field("id", pa.int8(), metadata={"unit": "Bytes", "semantic": b"\xff"})
    assert remembered(table(field)).fields[0].metadata == (
        ("semantic", "\\xff"),
        ("unit", "Bytes"),
    )


def test_an_extension_type_is_its_storage_and_its_name() -> None:
    node = remembered(table(pa.field("id", pa.uuid()))).fields[0]
    assert node.type == "fixed_size_binary[16]"
    assert node.metadata == (("ARROW:extension:name", "arrow.uuid"),)


def test_partitions_and_planned_order_are_remembered() -> None:
    facts = TableFacts(
        name="t",
        format="parquet",
        schema=pa.schema([pa.field("a", pa.int8())]),
        partitions=(PartitionFacts("repo", pa.string(), 3),),
    )
    ordering = OrderingFacts((SortTerm("a", descending=True),), supplied=True)
    snapshot = remembered(SeenRelation(facts, ordering=ordering))
    assert snapshot.partitioned_by == ("repo",)
    assert snapshot.ordered_by == ("a desc nulls last",)


def test_a_schema_that_names_a_field_twice_cannot_be_looked_at() -> None:
    facts = table(pa.field("a", pa.int8()), pa.field("a", pa.int16()))
    trouble = CouldNotLook("its schema has two fields a", relation="cst_refs")
    assert table_snapshot(SeenRelation(facts)) == trouble
    fine = SeenRelation(replace(facts, name="t", schema=pa.schema([("a", pa.int8())])))
    assert table_snapshot(fine, [SeenRelation(facts)]) == trouble, "a view's schema, too"


def test_views_are_remembered_by_name_with_what_they_ask_for() -> None:
    query = QueryFacts(("Projection: t.a",), ("upper",))
    b = SeenRelation(replace(table(pa.field("a", pa.int8())), name="b"), query)
    a = SeenRelation(replace(table(pa.field("a", pa.int8())), name="a"))
    views = remembered(table(pa.field("a", pa.int8())), b, a).views
    assert [view.name for view in views] == ["a", "b"]
    assert [view.query for view in views] == [
        QuerySnapshot(),
        QuerySnapshot(("upper",), ("Projection: t.a",)),
    ]


def test_what_readers_queries_read_is_remembered_in_order() -> None:
    reads = (FieldRead("u", "b"), FieldRead("cst_refs", "z"), FieldRead("cst_refs", "a"))
    plans = {"q": QueryPlan(reads, ("upper",)), "p": QueryPlan((), ())}
    snapshot = table_snapshot(SeenRelation(table()), queries=plans)
    assert isinstance(snapshot, TableSnapshot)
    assert snapshot.queries == (
        ReaderSnapshot("p", (), ()),
        ReaderSnapshot("q", ("upper",), ("a", "u.b", "z")),
    )


def test_only_settings_that_left_their_default_are_remembered() -> None:
    facts = SessionFacts(
        settings={"b": "2", "a": "1", "c": None, "new": "x"},
        default_settings={"a": "1", "b": "1", "c": "3"},
        functions=(),
    )
    assert session_snapshot(facts).settings == (("b", "2"), ("c", None), ("new", "x"))


def test_two_machines_have_the_same_snapshot() -> None:
    def settings(*, cores: int, memory: str) -> dict[str, str | None]:
        runtime = {"datafusion.runtime.memory_limit": memory}
        context = SessionContext(
            SessionConfig().with_information_schema(enabled=True).with_target_partitions(cores)
        )
        query = "SELECT name, value FROM information_schema.df_settings"
        rows = context.sql(query).to_pylist()
        return {row["name"]: row["value"] for row in rows} | runtime

    here = settings(cores=2, memory="unlimited")
    there = settings(cores=64, memory="8G")
    assert here != there
    assert here.keys() >= MACHINE_SETTINGS
    facts = SessionFacts(settings=there, default_settings=here, functions=())
    assert session_snapshot(facts).settings == ()


def test_functions_stand_in_order_whatever_the_engine_lists_first() -> None:
    one, two = Signature(("Int64",), None), Signature(("Int64",), "Int64")
    facts = (
        FunctionFacts("b", "scalar", deterministic=True, signatures=(two, one, two)),
        FunctionFacts("a", "window", deterministic=True),
        FunctionFacts("a", "aggregate", deterministic=True),
    )
    snapshot = session_snapshot(SessionFacts(settings={}, functions=facts))
    turned = session_snapshot(SessionFacts(settings={}, functions=facts[::-1]))
    assert snapshot == turned
    assert [(function.name, function.kind) for function in snapshot.functions] == [
        ("a", "aggregate"),
        ("a", "window"),
        ("b", "scalar"),
    ]
    assert snapshot.functions[-1].signatures == (one, two)


def test_a_function_listed_twice_becomes_one() -> None:
    first = FunctionFacts("f", "scalar", deterministic=True, signatures=(Signature((), "Int8"),))
    second = FunctionFacts("f", "scalar", deterministic=False, signatures=(Signature((), "Utf8"),))
    snapshot = session_snapshot(SessionFacts(settings={}, functions=(first, second)))
    assert snapshot.functions == (
        FunctionFacts(
            "f",
            "scalar",
            deterministic=False,
            signatures=(Signature((), "Int8"), Signature((), "Utf8")),
        ),
    )


def test_what_the_engine_says_of_a_node_is_kept_a_containers_kind_only() -> None:
    schema = pa.schema([("id", pa.string()), ("refs", pa.list_(pa.int8()))])
    told = (
        FieldDiagnostic("id", "Utf8View", "Utf8", nullable=True),
        FieldDiagnostic("refs", "LargeList(Int8)", "List(Int8)", nullable=True),
        FieldDiagnostic("refs[]", "Int8", "Int8", nullable=True),
    )
    seen = SeenRelation(TableFacts("t", "parquet", schema), diagnostics=told)
    assert [node.arrow_type for node in remembered(seen).fields] == ["Utf8", "List", "Int8"]


def test_a_type_that_counts_as_the_same_and_is_another_to_the_engine_is_a_change() -> None:
    def observed(type_: pa.DataType, arrow_type: str) -> TableSnapshot:
        told = (FieldDiagnostic("id", arrow_type, arrow_type, nullable=True),)
        facts = TableFacts("t", "parquet", pa.schema([("id", type_)]))
        return remembered(SeenRelation(facts, diagnostics=told))

    plain = observed(pa.string(), "Utf8")
    encoded = observed(pa.dictionary(pa.int32(), pa.string()), "Dictionary(Int32, Utf8)")
    number = observed(pa.int8(), "Int8")

    assert diff(plain, encoded) == (ArrowTypeChanged("id", "Utf8", "Dictionary(Int32, Utf8)"),)
    assert diff(plain, number) == (TypeChanged("id", "string", "int8"),), "told once"
