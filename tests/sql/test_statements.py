"""Names, values and views to SQL text that the engine runs."""

from collections.abc import Sequence

import pyarrow as pa
import pytest
from datafusion import SessionContext
from hypothesis import given, settings
from hypothesis import strategies as st

from cst_contracts.contract.model import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
    ViewContract,
    ViewDefinition,
)
from cst_contracts.facts import SortTerm
from cst_contracts.location import Location
from cst_contracts.sql.external_tables import external_folder, order_by
from cst_contracts.sql.names import identifier, literal, table_name
from cst_contracts.sql.selects import count_rows, select, select_all
from cst_contracts.sql.views import StructMembers, create_view, view_query

AT = Location("contracts/t.yaml", 1, 1)
EVIL = "x\"; DROP TABLE t; -- ' OR '1'='1"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def session(table: pa.Table, name: str = "t") -> SessionContext:
    context = SessionContext()
    context.register_record_batches(table_name(name), [table.to_batches()])
    return context


def view(
    definition: ViewDefinition, keep: Sequence[str] = (), name: str = "v", of: str = "t"
) -> ViewContract:
    return ViewContract(name, definition, of, AT, tuple(keep))


def rows(context: SessionContext, query: str) -> list[tuple[object, ...]]:
    found = context.sql(query).to_arrow_table()
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


NESTED = pa.table(
    {
        "id": [1, 2, 3, 4],
        "attrs": pa.array(
            [[("k", "v"), ("n", None)], None, [], [("n", "w")]], pa.map_(pa.string(), pa.string())
        ),
        "span": pa.array([{"lo": 1, "hi": 2}, None, {"lo": None, "hi": 3}, {"lo": 4, "hi": None}]),
        "refs": pa.array([[{"r": 1}, None], None, [], [{"r": None}]]),
        "lo": [1, None, 3, 4],
        "hi": [5, 6, None, 8],
    }
)


@settings(deadline=None, max_examples=60)
@given(TEXT)
def test_any_text_is_one_name_and_one_value(text: str) -> None:
    found = SessionContext().sql(f"SELECT {literal(text)} AS {identifier(text)}").to_arrow_table()
    assert found.to_pydict() == {text: [text]}


@pytest.mark.parametrize(
    ("table", "quoted"),
    [
        ("t", '"t"'),
        ("Mixed", '"Mixed"'),
        ("s.t", '"s"."t"'),
        ("c.s.t", '"c"."s"."t"'),
        ('s.t"x', '"s"."t""x"'),
    ],
)
def test_a_qualified_name_is_quoted_part_by_part(table: str, quoted: str) -> None:
    assert table_name(table) == quoted


def test_select_count_and_order_quote_every_name() -> None:
    context = session(pa.table({EVIL: [2, 1, None], "b": [1, 2, 3]}))
    assert rows(context, select([EVIL], "t")) == [(2,), (1,), (None,)]
    assert rows(context, select_all("t")) == [(2, 1), (1, 2), (None, 3)]
    assert rows(context, count_rows("t")) == [(3,)]
    terms = [SortTerm(EVIL, descending=True, nulls_first=True), SortTerm("b")]
    assert order_by(terms).endswith('" DESC NULLS FIRST, "b" ASC NULLS LAST')
    assert rows(context, f"{select(['b'], 't')} ORDER BY {order_by(terms)}") == [(3,), (1,), (2,)]


def test_a_location_is_quoted() -> None:
    context = session(NESTED)
    with pytest.raises(Exception, match="No files found"):
        context.sql(external_folder("u", "file:///none/'); DROP TABLE t; --"))
    assert rows(context, count_rows("t")) == [(4,)]


@pytest.mark.parametrize(
    ("definition", "keep", "struct", "names", "expected"),
    [
        (
            Expand("attrs"),
            ["id"],
            StructMembers(),
            ["id", "attr_key", "attr_value"],
            [(1, "k", "v"), (1, "n", None), (4, "n", "w")],
        ),
        (
            Extract((("attrs", "k"), ("attrs", "it's"))),
            ["id"],
            StructMembers(),
            ["id", "k", "it's"],
            [(1, "v", None), (2, None, None), (3, None, None), (4, None, None)],
        ),
        (
            Pack("p", ("lo", "hi")),
            ["id"],
            StructMembers(),
            ["id", "p"],
            [
                (1, {"lo": 1, "hi": 5}),
                (2, {"lo": None, "hi": 6}),
                (3, {"lo": 3, "hi": None}),
                (4, {"lo": 4, "hi": 8}),
            ],
        ),
        (
            Flatten("span"),
            [],
            StructMembers(("lo", "hi")),
            ["lo", "hi"],
            [(1, 2), (None, None), (None, 3), (4, None)],
        ),
        (
            Explode("refs"),
            ["id"],
            StructMembers(("r",)),
            ["id", "r"],
            [(1, 1), (1, None), (4, None)],
        ),
        (Sql("SELECT id FROM t WHERE id > 2 -- why"), [], StructMembers(), ["id"], [(3,), (4,)]),
        (Sql("SELECT 1 AS one;"), [], StructMembers(), ["one"], [(1,)]),
    ],
)
def test_a_view_of_each_kind_gives_its_rows(
    definition: ViewDefinition,
    keep: list[str],
    struct: StructMembers,
    names: list[str],
    expected: list[tuple[object, ...]],
) -> None:
    context = session(NESTED)
    context.sql(create_view(view(definition, keep), struct))
    found = context.sql(select_all("v")).to_arrow_table()
    assert found.column_names == names
    assert sorted(rows(context, select_all("v")), key=str) == sorted(expected, key=str)


def test_what_is_packed_and_flattened_is_what_it_was() -> None:
    context = session(NESTED)
    context.sql(create_view(view(Pack("p", ("lo", "hi")), ["id"], name="packed"), StructMembers()))
    flat = view(Flatten("p"), ["id"], name="flat", of="packed")
    context.sql(create_view(flat, StructMembers(("lo", "hi"), nullable=False)))
    assert rows(context, select_all("flat")) == rows(context, select(["id", "lo", "hi"], "t"))


@pytest.mark.parametrize(
    ("definition", "struct"),
    [
        (Expand(EVIL), StructMembers()),
        (Extract(((EVIL, EVIL),)), StructMembers()),
        (Pack(EVIL, (EVIL,)), StructMembers()),
        (Flatten(EVIL), StructMembers((EVIL,))),
        (Explode(EVIL), StructMembers((EVIL,))),
    ],
)
def test_an_injection_in_any_clause_stays_a_name(
    definition: ViewDefinition, struct: StructMembers
) -> None:
    inner = pa.struct([pa.field(EVIL, pa.int64())])
    types: dict[type[object], pa.DataType] = {
        Expand: pa.map_(pa.string(), pa.int64()),
        Extract: pa.map_(pa.string(), pa.int64()),
        Pack: pa.int64(),
        Flatten: inner,
        Explode: pa.list_(inner),
    }
    values: dict[type[object], object] = {
        Expand: [(EVIL, 7)],
        Extract: [(EVIL, 7)],
        Pack: 7,
        Flatten: {EVIL: 7},
        Explode: [{EVIL: 7}],
    }
    kind = type(definition)
    context = session(pa.table({EVIL: pa.array([values[kind]], types[kind]), "id": [1]}), EVIL)
    evil = view(definition, ["id"], name=f"v{EVIL}", of=EVIL)
    context.sql(create_view(evil, struct))
    found = rows(context, select_all(f"v{EVIL}"))
    assert len(found) == 1
    assert found[0][0] == 1
    assert "7" in str(found[0][1:])
    assert rows(context, count_rows(EVIL)) == [(1,)]


def test_a_view_reads_a_qualified_relation() -> None:
    query = view_query(view(Flatten("span"), of="s.t"), StructMembers(("lo",), nullable=False))
    assert query == """SELECT "span"['lo'] AS "lo" FROM "s"."t\""""
