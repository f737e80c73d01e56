"""The text of a contract: whatever the names, it reads as what was meant."""

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.arrow_types import types

from cst_contracts.contract.model import NullabilityMode, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.datatypes import parse_type, same_type, walk_nodes
from cst_contracts.facts import FilesFacts, NullCount, SortTerm, TableFacts
from cst_contracts.proposals.contracts import outline_of
from cst_contracts.proposals.layout import contract_text
from cst_contracts.proposals.looking import Seen, counted_nodes
from cst_contracts.proposals.outline import FieldLine, KeyLine, Outline, ReferenceLine, SourceLine
from cst_contracts.proposals.scalars import scalar
from cst_contracts.proposals.sources import Draft, Source
from cst_contracts.proposals.spelling import opened, spelled
from cst_contracts.proposals.updates import updated

WHOLE = Outline(
    table="shop.orders",
    source=SourceLine(
        "parquet",
        "shop/orders",
        partitioned_by=("day",),
        ordered_by=(SortTerm("id"), SortTerm("at", descending=True, nulls_first=True)),
        order_evidence="measured",
        missing_allowed=True,
        missing_evidence="b is missing",
        ignore=("old/*.bak",),
    ),
    fields=(
        FieldLine("id", "string", nullable=False),
        FieldLine("at", "timestamp[us]", evidence="declared not null"),
        FieldLine(
            "items",
            "list<struct>",
            fields=(FieldLine("sku", "string", nullable=False, evidence="no null"),),
        ),
        FieldLine("day", "string", metadata=(("unit", "day"),), description="Of: the order."),
    ),
    nullability=NullabilityMode.STRICT,
    keys=(KeyLine(("id",), "unique"),),
    references=(ReferenceLine(("id",), "ids", ("id",), "all are there"),),
    functions=("abs", "get_field"),
    notes=("a note\nof two lines",),
)
TEXT = """\
# yaml-language-server: $schema=../contract.schema.json
# a note\\nof two lines
table: shop.orders
version: 1.0.0

source:
  format: parquet
  location: shop/orders
  partitioned_by: [day]
  ordered_by: [id, {field: at, direction: desc, nulls: first}]  # measured
  missing_in_files: allow  # b is missing
  ignore: [old/*.bak]  # nobody reads them

nullability: strict

fields:
  - {name: id, type: string, nullable: false}
  - {name: at, type: "timestamp[us]"}  # declared not null

  - name: items
    type: list<struct>
    fields:
      - {name: sku, type: string, nullable: false}  # no null

  - {name: day, type: string, metadata: {unit: day}, description: "Of: the order."}

keys:
  - [id]  # unique
references:
  - {fields: [id], table: ids, to: [id]}  # all are there

functions: [abs, get_field]
"""


def test_a_contract_looks_as_a_person_would_write_it() -> None:
    assert contract_text(WHOLE, "../contract.schema.json") == TEXT


def test_what_it_says_is_what_is_read() -> None:
    contract = parse_contract(TEXT.encode(), "contracts/orders.yaml")

    assert isinstance(contract, TableContract)
    assert [field.path for field in contract.fields] == ["id", "at", "items", "day"]
    assert contract.fields[2].type == pa.list_(
        pa.struct([pa.field("sku", pa.string(), nullable=False)])
    )
    assert contract.fields[3].description == "Of: the order."


def test_what_is_too_long_for_a_line_stands_on_several() -> None:
    long = FieldLine("n" * 90, "string", nullable=False, evidence="no null")
    text = contract_text(Outline("t", None, (long,)), "s.json")

    assert text.endswith(
        f"fields:\n  - name: {'n' * 90}\n    type: string\n    nullable: false  # no null\n"
    )


@given(st.text(min_size=1, max_size=12))
def test_any_text_is_read_back(text: str) -> None:
    unreadable = any(0xD800 <= ord(each) <= 0xDFFF or each == "\0" for each in text)
    if unreadable:
        return
    outline = Outline("t", None, (FieldLine(text, "int64", description="d"),))
    contract = parse_contract(contract_text(outline, "s").encode(), "t.yaml")

    assert isinstance(contract, TableContract)
    assert [field.name for field in contract.fields] == [text]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("order_id", "order_id"),
        ("a b", "a b"),
        ("list<struct>", "list<struct>"),
        ("map<string, string>", '"map<string, string>"'),
        ("null", '"null"'),
        ("yes", '"yes"'),
        ("1", '"1"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("", '""'),
        ("-", '"-"'),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_quotes_stand_where_yaml_would_read_something_else(text: str, written: str) -> None:
    assert scalar(text) == written


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        (pa.list_(pa.field("element", pa.string_view())), "list<string>"),
        (pa.list_(pa.field("item", pa.string(), nullable=False)), "list<item: string not null>"),
        (pa.dictionary(pa.int32(), pa.string()), "string"),
        (pa.date32(), "date32"),
        (pa.list_(pa.int8(), 3), "fixed_size_list<int8>[3]"),
        (pa.map_(pa.string(), pa.binary_view()), "map<string, binary>"),
        (pa.struct([pa.field("a b", pa.int8(), nullable=False)]), 'struct<"a b": int8 not null>'),
        (pa.large_list(pa.large_string()), "large_list<large_string>"),
    ],
)
def test_types_are_spelled_short(type_: pa.DataType, written: str) -> None:
    assert spelled(type_) == written
    assert same_type(parse_type(written), type_)


def test_a_struct_is_left_open_below_lists_and_maps_only() -> None:
    struct = pa.struct([("x", pa.int8())])
    below = opened("f", pa.map_(pa.string(), pa.list_(pa.field("item", struct, nullable=False))))

    assert below is not None
    assert below.text == "map<string, list<item: struct not null>>"
    assert [node.path for node in below.children] == ["f{}.value[].x"]
    assert opened("f", pa.map_(struct, pa.string())) is None
    assert opened("f", pa.dictionary(pa.int8(), pa.string())) is None
    assert opened("f", pa.struct([])) is None


@settings(deadline=None, max_examples=40)
@given(st.lists(types(2), min_size=1, max_size=2))
def test_any_type_is_read_back(nested: list[pa.DataType]) -> None:
    """Spelled out below `fields` or not; a field without a name is the one thing that cannot be written."""
    fields = [pa.field(f"f{number}", type_) for number, type_ in enumerate(nested)]
    assume(all(name_is_writable(node.name) for node in walk_nodes(fields)))
    facts = TableFacts("t", "session", pa.schema(fields))
    nulls = {node.path: NullCount(2, 1, rows=2) for node in counted_nodes(facts.schema)}
    observed = Seen(Draft(Source("t")), facts, 2, nulls, FilesFacts(0))

    text = contract_text(outline_of(observed), "s.json")
    contract = parse_contract(text.encode(), "t.yaml")

    assert isinstance(contract, TableContract)
    for field, type_ in zip(contract.fields, nested, strict=True):
        assert same_type(field.type, type_), text
    assert updated(contract, text, observed, ALL_RED).text == text


def name_is_writable(name: str) -> bool:
    return name != "" and "\0" not in name


class _All(frozenset[str]):
    """As if every check were red."""

    def __contains__(self, _: object) -> bool:
        return True


ALL_RED = _All()
