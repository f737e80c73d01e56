"""What rows bear out is added to contracts that are there: what they say already stays byte by byte."""

import pyarrow as pa
import pytest
from support.starting import Starting, red

from cst_contracts.proposals.tables import Proposed
from cst_contracts.proposals.updating import Due, NotUpdated

ITEMS = pa.list_(pa.struct([("sku", pa.string()), ("size", pa.int32())]))
BY_HAND = """\
# Orders of the shop.
table: orders   # as the shop calls them
source: {format: parquet, location: orders.parquet}

fields:
  - {name: order_id, type: string}
  - {name: status, type: string}   # of the order
  - {name: channel, type: string, enum: [web, shop]}
  - name: total   # in euros
    type: double
    description: With tax.
  - {name: tags, type: list<string>}
  - name: items
    type: list<struct>
    fields:
      - {name: sku, type: string}
      - name: size
        type: int32   # of the box
"""
KEYS = "keys: [[order_id]]   # of all years\n"


def rows(count: int = 8) -> pa.Table:
    box = [{"sku": "a", "size": 1}, {"sku": "b", "size": 2}]
    return pa.table(
        {
            "order_id": [f"o-{number}" for number in range(count)],
            "status": ["open", "paid"] * (count // 2),
            "channel": ["web"] * count,
            "total": [float(number) for number in range(count)],
            "tags": [["new"]] * count,
            "items": pa.array([box] * count, ITEMS),
        }
    )


def due(starting: Starting, *wanted: Proposed) -> Due:
    (found,) = starting.start(*wanted, update=True).updates
    assert isinstance(found, Due), found
    return found


def edited(starting: Starting, name: str = "orders") -> str:
    return (starting.root / "contracts" / f"{name}.yaml").read_bytes().decode()


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_keys_and_limits_stand_where_people_write_them(starting: Starting, ends: str) -> None:
    starting.contract("orders", BY_HAND.replace("\n", ends))
    starting.write("orders.parquet", rows())

    told = due(starting, Proposed.KEYS, Proposed.ENUMS, Proposed.RANGES)

    assert told.changes == (
        "unique (order_id): unique in 8 rows",
        "enum[status]: 2 values in 8 values (scan)",
        "range[total]: 0.0 to 7.0 in 8 values (scan)",
        "enum[tags[]]: the only one in 8 values (scan)",
        "enum[items[].sku]: 2 values in 16 values (scan)",
        "enum[items[].size]: 2 values in 16 values (scan)",
    )
    new = BY_HAND
    for old, text in (
        ("status, type: string}", "status, type: string, enum: [open, paid]}"),
        (
            "    type: double\n",
            "    type: double\n    minimum: 0.0  # 0.0 to 7.0 in 8 values (scan)\n    maximum: 7.0\n",
        ),
        (
            "list<string>}",
            "list<string>, elements: {enum: [new]}}  # the only one in 8 values (scan)",
        ),
        (
            "{name: sku, type: string}",
            "{name: sku, type: string, enum: [a, b]}  # 2 values in 16 values (scan)",
        ),
        (
            "int32   # of the box\n",
            "int32   # of the box\n        enum: [1, 2]  # 2 values in 16 values (scan)\n",
        ),
    ):
        assert new.count(old) == 1
        new = new.replace(old, text)
    new += "\nkeys:\n  - [order_id]  # unique in 8 rows\n"
    assert edited(starting) == new.replace("\n", ends)
    assert red(starting.checked()) == []
    assert due(starting, *Proposed).changes == ()


def test_a_key_that_is_promised_is_not_promised_again(starting: Starting) -> None:
    text = BY_HAND + KEYS
    starting.contract("orders", text)
    starting.write("orders.parquet", rows())
    assert due(starting, Proposed.KEYS).changes == ()
    assert edited(starting) == text


@pytest.mark.parametrize(
    ("clause", "after"),
    [
        (
            "keys: [[status, order_id]]  # so far\n",
            "keys: [[status, order_id], [order_id]]  # so far\n",
        ),
        (
            "keys:\n  - [status, order_id]  # so far\n\nowner: me\n",
            "keys:\n  - [status, order_id]  # so far\n  - [order_id]  # unique in 8 rows\n\nowner: me\n",
        ),
        ("keys: []\nowner: me\n", "keys: [[order_id]]\nowner: me\n"),
    ],
)
def test_a_list_that_is_there_becomes_longer(starting: Starting, clause: str, after: str) -> None:
    starting.contract("orders", BY_HAND + clause)
    starting.write("orders.parquet", rows())
    due(starting, Proposed.KEYS)
    assert edited(starting) == BY_HAND + after


def test_references_are_found_among_all_contracts(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    starting.write("orders.parquet", rows())
    lines = """\
table: lines
source: {format: parquet, location: lines.parquet}
fields: [{name: order_id, type: string}]
"""
    starting.contract("lines", lines)
    starting.write("lines.parquet", {"order_id": ["o-1", "o-1"]})

    starting.start(Proposed.REFERENCES, update=True)

    told = "  - {fields: [order_id], table: orders, to: [order_id]}  # all 2 are there\n"
    assert edited(starting, "lines") == f"{lines}\nreferences:\n{told}"
    assert edited(starting) == BY_HAND
    starting.start(Proposed.REFERENCES, update=True)
    assert edited(starting, "lines") == f"{lines}\nreferences:\n{told}"
    assert red(starting.checked()) == []


def test_fields_in_brackets_get_no_comments(starting: Starting) -> None:
    text = "table: t\nsource: {format: parquet, location: t.parquet}\nfields: [{name: a, type: string}]\n"
    starting.contract("t", text)
    starting.write("t.parquet", {"a": ["x"] * 4})
    due(starting, Proposed.ENUMS)
    assert edited(starting, "t") == text.replace("string}", "string, enum: [x]}")


def test_a_contract_in_braces_is_not_longer_than_its_braces(starting: Starting) -> None:
    text = "{table: t, source: {format: parquet, location: t.parquet}, fields: [{name: a, type: string}]}\n"
    starting.contract("t", text)
    starting.write("t.parquet", {"a": ["x", "y"]})
    (found,) = starting.start(Proposed.KEYS, update=True).updates
    assert isinstance(found, NotUpdated)
    assert found.reason == "it stands in braces"
    assert edited(starting, "t") == text


def test_fields_that_are_new_are_limited_in_the_same_edit(starting: Starting) -> None:
    starting.contract("orders", BY_HAND)
    starting.write("orders.parquet", rows().append_column("size", pa.array(["s", "l"] * 4)))
    due(starting, Proposed.ENUMS)
    assert "{name: size, type: string, nullable: false, enum: [l, s]}  # no null" in edited(
        starting
    )
