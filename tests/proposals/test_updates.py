"""The smallest edit of a contract that is there: what no edit touches stays byte by byte."""

from pathlib import Path

import pyarrow as pa
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.starting import Starting, red

from cst_contracts.proposals.finding import given_tables
from cst_contracts.proposals.updating import Due, NotUpdated

ITEMS = pa.list_(pa.struct([("sku", pa.string()), ("size", pa.int32())]))
BY_HAND = """\
# Orders of the shop.
table: orders   # as the shop calls them
source: {format: parquet, location: orders.parquet}

fields:
  # The number on the invoice.
  - {name: order_id,  type: string, nullable: false}   # never reused
  - {name: total,     type: "decimal128(10, 2)",
     description: "Without tax,
       in euros."}

  - name: items
    type: list<struct>
    description: >-
      One for each article,
      in the order of the basket.
    fields:
      # what the shop calls an article
      - {name: sku,  type: string}
      - name: size
        type: int32   # of the box

  # The last one.
  - {name: note, type: string}

keys: [[order_id]]   # of all years
"""


def rows(**columns: object) -> dict[str, object]:
    """As the contract promises them, but for some columns; None leaves one out."""
    items = pa.array([[{"sku": "a", "size": 1}], []], ITEMS)
    money = pa.array([1, 2], pa.decimal128(10, 2))
    whole = {"order_id": ["a", "b"], "total": money, "items": items, "note": ["x", None], **columns}
    return {name: column for name, column in whole.items() if column is not None}


def due(starting: Starting, *, dry: bool = False) -> Due:
    """The one contract that there is, held beside its table."""
    (found,) = starting.start(update=True, dry=dry).updates
    assert isinstance(found, Due), found
    return found


def refused(starting: Starting) -> str:
    (found,) = starting.start(update=True).updates
    assert isinstance(found, NotUpdated), found
    return found.reason


def edited(starting: Starting, name: str = "orders") -> str:
    return (starting.root / "contracts" / f"{name}.yaml").read_bytes().decode()


def test_a_contract_that_says_what_is_there_stays_byte_by_byte(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    starting.write("orders.parquet", rows())

    assert due(starting) == Due("contracts/orders.yaml", BY_HAND, ())
    assert edited(starting) == BY_HAND


def test_new_fields_stand_at_their_places(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    deep = pa.list_(pa.struct([("sku", pa.string()), ("new", pa.bool_()), ("size", pa.int32())]))
    items = pa.array([[{"sku": "a", "new": None, "size": 1}], []], deep)
    whole = rows(items=items)
    table = {
        "first": [1, None],
        "order_id": whole.pop("order_id"),
        "day": ["x", "y"],
        **whole,
        "z": [1, 2],
    }
    starting.write("orders.parquet", table)

    assert due(starting).changes == ("added new", "added first, added day, added z")

    expected = BY_HAND.replace(
        "fields:\n  # The number", "fields:\n  - {name: first, type: int64}\n  # The number", 1
    )
    expected = expected.replace(
        "   # never reused\n",
        "   # never reused\n"
        "  - {name: day, type: string, nullable: false}  # no null in 2 rows (statistics)\n",
    )
    expected = expected.replace(
        "      - name: size\n", "      - {name: new, type: bool}\n      - name: size\n"
    )
    expected = expected.replace(
        "  - {name: note, type: string}\n",
        "  - {name: note, type: string}\n"
        "  - {name: z, type: int64, nullable: false}  # no null in 2 rows (statistics)\n",
    )
    assert edited(starting) == expected
    assert red(starting.checked()) == []


def test_types_that_changed_are_edited_where_they_stand(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    deep = pa.list_(pa.struct([("sku", pa.string()), ("size", pa.int64())]))
    items = pa.array([[{"sku": "a", "size": 1}], []], deep)
    starting.write("orders.parquet", rows(items=items, total=[1.5, 2.5]))

    assert due(starting).changes == (
        "total: decimal128(10, 2) → double",
        "items[].size: int32 → int64",
    )

    expected = BY_HAND.replace('type: "decimal128(10, 2)"', "type: double")
    assert edited(starting) == expected.replace("type: int32   #", "type: int64   #")
    assert red(starting.checked()) == []


def test_what_is_null_now_may_be(starting: Starting) -> None:
    starting.write("orders.parquet", {"id": [1, 2], "tags": [["a"], ["b"]]})
    text = (
        "table: orders\nsource: {format: parquet, location: orders.parquet}\nfields:\n"
        "  - {name: id, type: int64, nullable: false}  # no null in 2 rows (statistics)\n"
        '  - {name: tags, type: "list<item: string not null>"}  # by hand\n'
    )
    starting.contract("orders", text)
    assert due(starting).changes == ()

    starting.write("orders.parquet", {"id": [1, None], "tags": [["a"], [None]]})

    assert due(starting).changes == (
        "id may be null: 1 of 2 values is null",
        "tags[] may be null",
    )
    expected = text.replace("nullable: false}  # no null in 2 rows (statistics)", "nullable: true}")
    assert edited(starting) == expected.replace('"list<item: string not null>"', "list<string>")
    assert red(starting.checked()) == []


def test_flags_that_allow_null_now_leave_it_to_the_values(starting: Starting) -> None:
    text = (
        "table: orders\nsource: {format: parquet, location: orders.parquet}\nnullability: strict\n"
        "fields:\n  - {name: id, type: int64, nullable: false}\n"
        "  - name: n\n    type: int64\n    nullable: false\n    description: A number.\n"
    )
    starting.contract("orders", text)
    starting.write("orders.parquet", {"id": [1], "n": [1]})

    assert due(starting).changes == (
        "id: its flags allow null, and no value is null",
        "n: its flags allow null, and no value is null",
    )
    expected = text.replace("nullable: false}", "nullable: false, nullability: values}")
    added = "    nullable: false\n    nullability: values\n"
    assert edited(starting) == expected.replace("    nullable: false\n", added)
    assert red(starting.checked()) == []


def test_fields_that_are_gone_go_with_their_comments(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    starting.write("orders.parquet", rows(note=None))

    assert due(starting).changes == ("removed note",)

    assert edited(starting) == BY_HAND.replace(
        "\n  # The last one.\n  - {name: note, type: string}\n", ""
    )
    assert red(starting.checked()) == []


def test_a_field_that_is_gone_and_that_others_name_is_for_a_person(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    starting.write("orders.parquet", rows(order_id=None))

    told = refused(starting)

    assert told.startswith("an edit would leave it ill-formed: contracts/orders.yaml:")
    assert "`order_id` is no promised field" in told
    assert edited(starting) == BY_HAND


def test_fields_that_moved_take_their_comments_along(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    whole = rows()
    starting.write("orders.parquet", {"note": whole.pop("note"), **whole})

    assert due(starting).changes == ("moved note",)

    note = "\n  # The last one.\n  - {name: note, type: string}\n"
    expected = BY_HAND.replace(note, "").replace("fields:\n  # The", f"fields:\n{note}  # The", 1)
    assert edited(starting) == expected
    assert red(starting.checked()) == []


def test_what_a_contract_leaves_open_is_no_reason_to_edit(starting: Starting) -> None:
    text = (
        "table: t\nsource: {format: parquet, location: t.parquet}\n"
        "extra_fields: allow\nfield_order: any\nfields:\n"
        "  - {name: b, type: int64}\n  - {name: s, type: 'struct<x: int64>'}\n"
        "  - {name: a, type: int64}\n"
    )
    starting.contract("t", text)
    struct = [{"w": 1, "x": 1}]
    starting.write("t.parquet", {"a": [1], "s": struct, "b": [1], "c": [1]})

    assert due(starting).changes == ()


def test_lists_in_brackets(starting: Starting) -> None:
    text = (
        "table: t\nsource: {format: parquet, location: t.parquet}\n"
        "fields: [{name: a, type: int8},\n         {name: b, type: int64}]\n"
    )
    starting.contract("t", text)
    starting.write("t.parquet", {"a": [1], "s": [{"x": 1}], "b": [1]})

    assert due(starting).changes == ("a: int8 → int64", "added s")

    assert edited(starting, "t").endswith(
        'fields: [{name: a, type: int64}, {name: s, type: "struct<x: int64>", nullable: false},\n'
        "         {name: b, type: int64}]\n"
    )
    assert red(starting.checked()) == []


def test_partitions_files_and_rows(starting: Starting) -> None:
    text = (
        "table: t\nsource: {format: parquet, location: t, partitioned_by: [a]}\n"
        "fields:\n  - {name: x, type: int64}\n  - {name: y, type: int64}\n"
        "  - {name: a, type: string}\n  - {name: b, type: string}\n"
    )
    starting.contract("t", text)
    starting.write("t/a=1/b=1/part-0.parquet", {"x": [1], "y": [1]})
    starting.write("t/a=1/b=2/part-0.parquet", {"x": [1]})
    starting.contract(
        "bare",
        "table: bare\nsource:\n  format: delta\n  location: bare\nfields:\n  - {name: x, type: int64}\n",
    )
    write_deltalake(starting.lake / "bare", pa.table({"x": pa.array([], pa.int64())}))

    bare, partitioned = starting.start(update=True).updates

    assert isinstance(partitioned, Due)
    assert isinstance(bare, Due)
    assert partitioned.changes == ("partitioned by a, b", "files may lack fields")
    assert bare.changes == ("there may be no row",)
    source = "{format: parquet, location: t, partitioned_by: [a, b], missing_in_files: allow}"
    assert f"source: {source}\n" in edited(starting, "t")
    assert "  location: bare\n  allow_empty: true\nfields:" in edited(starting, "bare")
    assert red(starting.checked()) == []


def test_the_type_around_a_spelled_out_struct(starting: Starting) -> None:
    text = (
        "table: t\nsource: {format: parquet, location: t.parquet}\nfields:\n"
        "  - name: s\n    type: struct   # one\n    fields:\n      - {name: x, type: int64}\n"
    )
    starting.contract("t", text)
    starting.write("t.parquet", {"s": [[{"x": 1}]]})

    assert due(starting).changes == ("s: struct → list<struct>",)
    assert edited(starting, "t") == text.replace("type: struct ", "type: list<struct> ")
    assert red(starting.checked()) == []

    starting.write("t.parquet", {"s": [1]})
    assert refused(starting) == "`s` holds no struct any more: write it anew"


def test_line_ends_stay_as_they_are(starting: Starting) -> None:
    text = BY_HAND.replace("\n", "\r\n")
    starting.contract("orders", text)
    starting.write("orders.parquet", rows(z=[1, None]))

    assert due(starting).changes == ("added z",)
    assert edited(starting) == text.replace(
        "{name: note, type: string}\r\n",
        "{name: note, type: string}\r\n  - {name: z, type: int64}\r\n",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fields: &f\n  - {name: a, type: &t int64}\n  - {name: b, type: *t}\n", "it has aliases"),
        (
            "fields: [{name: a, type: int64}, # one\n  {name: b, type: int64}]\n",
            "comments stand between fields in brackets",
        ),
        ("fields:\r\n  - {name: a, type: int64}\n", "its lines end differently"),
        ("fields:\n  -\n    name: a\n    type: int64\n", "a dash stands alone on its line"),
    ],
)
def test_layouts_that_nobody_edits_are_told(text: str, told: str, starting: Starting) -> None:
    head = "table: t\nsource: {format: parquet, location: t.parquet}\n"
    starting.contract("t", f"{head}{text}")
    starting.write("t.parquet", {"a": [1], "b": ["x"], "c": [1]})

    assert refused(starting).startswith(told)
    assert edited(starting, "t") == f"{head}{text}"


def test_what_no_edit_mends_is_told(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    starting.write("orders.parquet", rows(order_id=["a", "a"], z=[1, None]))

    found = due(starting)

    assert found.changes == ("added z",)
    assert found.red == ("unique[order_id] is broken: 1 more row than keys, of 2",)


def test_what_is_waived_or_within_a_bound_stays(starting: Starting) -> None:
    text = (
        "table: t\nsource: {format: parquet, location: t.parquet}\nfields:\n"
        "  - {name: a, type: int64, max_nulls: 1}\n"
        "  - {name: b, type: int8}\n"
        "waivers:\n"
        "  - {check: 'field[b]', reason: it is wider, owner: us, expires: 2999-12-31}\n"
    )
    starting.contract("t", text)
    starting.write("t.parquet", {"a": [1, None], "b": [1, 2]})

    assert due(starting) == Due("contracts/t.yaml", text, ())


def test_the_tables_of_a_session(starting: Starting) -> None:
    session = SessionContext()
    session.sql("CREATE VIEW v AS SELECT abs(1) AS a")
    found = given_tables(session, ())
    starting.start(found=found, session=session)
    before = edited(starting, "v")
    session.sql("CREATE OR REPLACE VIEW v AS SELECT 1.5 AS a, true AS b")

    (update,) = starting.start(found=found, session=session, update=True).updates

    assert isinstance(update, Due)
    assert update.changes == ("a: int64 → double", "added b")
    assert edited(starting, "v") == before.replace("int64", "double").replace(
        "\n\nfunctions", "\n  - {name: b, type: bool, nullable: false}\n\nfunctions"
    ).replace("double, nullable", "double, nullable")
    assert red(starting.checked(session)) == []


def test_a_dry_run_writes_nothing(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    starting.write("orders.parquet", rows(z=[1, None]))
    starting.write("other.parquet", {"a": [1]})

    started = starting.start(update=True, dry=True)

    assert [file for file, _ in started.written] == ["contracts/other.yaml"]
    assert [each.changes for each in started.updates if isinstance(each, Due)] == [("added z",)]
    assert edited(starting) == BY_HAND
    assert names(starting.root / "contracts") == ["orders.yaml"]
    assert not (starting.root / "contract.schema.json").exists()


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_table_that_cannot_be_read_is_told(starting: Starting) -> None:
    starting.contract(
        "t", "table: t\nsource: {format: parquet, location: t}\nfields: [{name: a, type: int64}]\n"
    )
    starting.write("t/part-0.parquet", {"a": [1]})
    starting.write("t/part-1.parquet", {"a": ["x"]})

    assert refused(starting).startswith(
        "its files are of several types: a is int64 in part-0.parquet"
    )
