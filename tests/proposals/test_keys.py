"""Which keys and references are proposed: those that rows bear out, by what the fields are called."""

from support.starting import Starting, red

from cst_contracts.proposals.tables import Proposed


def rows_promised(starting: Starting, name: str) -> str:
    """What a contract says after its fields."""
    return starting.text(name).rpartition("\n\n")[2]


def test_nothing_is_proposed_that_nobody_asks_for(starting: Starting) -> None:
    starting.write("t.parquet", {"id": [1, 2]})
    starting.start()

    assert "keys" not in starting.text("t")


def test_all_that_are_called_like_keys(starting: Starting) -> None:
    starting.write("t.parquet", {"n": [1, 2], "id": [1, 2], "sku": ["a", "b"], "twice_id": [1, 1]})
    starting.start(Proposed.KEYS)

    assert rows_promised(starting, "t") == (
        "keys:\n  - [id]  # unique in 2 rows\n  - [sku]  # unique in 2 rows\n"
    )


def test_else_the_first_other_field_that_is_unique(starting: Starting) -> None:
    starting.write("t.parquet", {"x": [1.5, 2.5], "same": [1, 1], "n": [1, 2], "m": [3, 4]})
    starting.start(Proposed.KEYS)

    assert rows_promised(starting, "t") == "keys:\n  - [n]  # unique in 2 rows\n"


def test_else_two_that_are_unique_together(starting: Starting) -> None:
    starting.write("t.parquet", {"a": [1, 1, 2], "b": ["x", "y", "x"], "c": [1, 1, 1]})
    starting.start(Proposed.KEYS)

    assert rows_promised(starting, "t") == "keys:\n  - [a, b]  # unique in 3 rows\n"


def test_no_key_holds_a_null_and_one_row_proves_nothing(starting: Starting) -> None:
    starting.write("nulls.parquet", {"id": [1, None]})
    starting.write("single.parquet", {"id": [1]})
    starting.start(Proposed.KEYS)

    assert "keys" not in starting.text("nulls")
    assert "keys" not in starting.text("single")


def test_keys_of_elements_of_lists(starting: Starting) -> None:
    items = [[{"item_id": 1, "n": 1}, {"item_id": 2, "n": 1}], [{"item_id": 3, "n": 1}]]
    starting.write("t.parquet", {"id": [1, 2], "items": items})
    starting.start(Proposed.KEYS)

    assert rows_promised(starting, "t") == (
        'keys:\n  - [id]  # unique in 2 rows\n  - ["items[].item_id"]  # unique in 3 values\n'
    )
    assert red(starting.checked()) == []


def test_references_to_keys_of_the_same_name_and_by_a_tables_name(starting: Starting) -> None:
    starting.write("customers.parquet", {"id": [1, 2, 3]})
    starting.write("skus.parquet", {"sku": ["a", "b"]})
    lines = {"customer_id": [1, 1, 3], "sku": ["a", "a", None], "n": [1, 1, 1]}
    starting.write("lines.parquet", lines)
    starting.start(Proposed.KEYS, Proposed.REFERENCES)

    assert rows_promised(starting, "lines") == (
        "references:\n"
        "  - {fields: [customer_id], table: customers, to: [id]}  # all 3 are there\n"
        "  - {fields: [sku], table: skus, to: [sku]}  # all 2 are there\n"
    )
    assert "references" not in starting.text("skus")
    assert red(starting.checked()) == []


def test_no_reference_dangles_or_is_of_another_type(starting: Starting) -> None:
    starting.write("customers.parquet", {"id": [1, 2]})
    starting.write("dangling.parquet", {"customer_id": [1, 7]})
    starting.write("typed.parquet", {"customer_id": ["1", "2"]})
    starting.start(Proposed.REFERENCES)

    assert "references" not in starting.text("dangling")
    assert "references" not in starting.text("typed")
    assert "keys" not in starting.text("customers")


def test_of_two_tables_with_one_key_the_smaller_refers_to_the_greater(starting: Starting) -> None:
    starting.write("all.parquet", {"id_key": [1, 2, 3]})
    starting.write("some.parquet", {"id_key": [1, 3]})
    starting.start(Proposed.REFERENCES)

    assert "references" not in starting.text("all")
    assert rows_promised(starting, "some") == (
        "references:\n  - {fields: [id_key], table: all, to: [id_key]}  # all 2 are there\n"
    )
