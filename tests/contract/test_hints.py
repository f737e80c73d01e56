"""What a newcomer writes out of habit is refused with what to write here, in the newcomer's own names."""

import pytest

from cst_contracts.contract.grammar import RECORDS
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract

FIELDS = "fields: [{name: order_id, type: int64}, {name: total, type: double}]"


def _problems(text: str) -> list[str]:
    with pytest.raises(InvalidContract) as refusal:
        parse_contract(text.encode(), "c.yaml")
    return [str(problem).removeprefix("c.yaml:") for problem in refusal.value.problems]


def _orders(clause: str) -> list[str]:
    """The problems of a contract whose third line starts with `clause`."""
    return _problems(f"table: orders\n{FIELDS}\n{clause}\n")


def _field(entries: str) -> list[str]:
    return _problems(f"table: orders\nfields:\n  - {{{entries}}}\n")


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        ("primary_key: order_id", "`primary_key`; write `keys: [[order_id]]`"),
        ("primaryKey: order_id", "`primaryKey`; write `keys: [[order_id]]`"),
        ("primary_key: [order_id, total]", "`primary_key`; write `keys: [[order_id, total]]`"),
        ("unique: [[order_id], [total]]", "`unique`; write `keys: [[order_id], [total]]`"),
        ("unique:", "`unique`; write `keys: [[…]]`"),
        (
            "not_null: [order_id, total]",
            "`not_null`; write `nullable: false` at the fields `order_id` and `total` under `fields`",
        ),
        (
            "required: order_id",
            "`required`; write `nullable: false` at the field `order_id` under `fields`",
        ),
        ("required: {}", "`required`; write `nullable: false` at each field under `fields`"),
        (
            "location: data/orders",
            "`location`; write `source: {format: parquet, location: data/orders}`",
        ),
        ("path: s3://b/o", "`path`; write `source: {format: parquet, location: s3://b/o}`"),
        ("format: delta", "`format`; write `source: {format: delta, location: …}`"),
        ("partition_by: total", "`partition_by`; write `partitioned_by: [total]` under `source`"),
        ("ordered_by: [total]", "`ordered_by`; write it under `source`"),
        ("sql: total > 0", "`sql`; write it under `rules`, `aggregates`, `queries` or `views`"),
        ("nullable: false", "`nullable`; write it under `fields`"),
        ("settings: {a: b}", "`settings`; write it in a session contract, in a file of its own"),
        ("checks: [a]", "`checks`; write `rules: [{name: …, sql: …}]`"),
    ],
)
def test_a_key_of_another_language_at_the_top(clause: str, problem: str) -> None:
    assert _orders(clause) == [f"3:1: unknown key {problem}"]


@pytest.mark.parametrize(
    ("key", "instead"),
    [
        ("required: true", "write `nullable: false`"),
        ("required: false", "write `nullable: true`"),
        ("not_null: true", "write `nullable: false`"),
        ("not-null: yes", "write `nullable: false`"),
        ("unique: true", "write `keys: [[order_id]]` beside the table's `fields`"),
        ("primary_key: true", "write `keys: [[order_id]]` beside the table's `fields`"),
        ("unique: false", "leave it out: only what `keys` names is unique"),
        ("comment: the order", "write `description: the order`"),
        ("keys: [[order_id]]", "write `keys:` at the top level of the contract"),
        ("nulable: true", "did you mean `nullable`?"),
    ],
)
def test_a_key_of_another_language_at_a_field(key: str, instead: str) -> None:
    name = key.split(":", maxsplit=1)[0]
    assert _field(f"name: order_id, type: int64, {key}") == [
        f"3:35: unknown key `{name}`; {instead}"
    ]


def test_a_key_that_stands_for_a_required_one_is_told_once() -> None:
    assert _field("column: order_id, dataType: int64") == [
        "3:6: unknown key `column`; write `name: order_id`",
        "3:24: unknown key `dataType`; write `type: int64`",
    ]
    assert _problems("table: orders\ncolumns: [{name: order_id, type: int64}]") == [
        "2:1: unknown key `columns`; write `fields:`"
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{format: parquet, path: data/o}", "27: unknown key `path`; write `location: data/o`"),
        (
            "{format: csv, location: x, order_by: total}",
            "36: unknown key `order_by`; write `ordered_by: [total]`",
        ),
        (
            "{format: delta, location: x, version: 12}",
            "38: unknown key `version`; write `as_of: {version: 12}`",
        ),
        (
            "{format: csv, location: x, keys: [[total]]}",
            "36: unknown key `keys`; write `keys:` at the top level of the contract",
        ),
        ("{format: delta}", "9: this source has no `location`; add `location: orders`"),
        ("parquet", "9: `source` is `parquet`; write `{format: parquet, location: …}`"),
        ("data/o", "9: `source` is `data/o`; write `{format: parquet, location: data/o}`"),
        ("[{format: view}]", "9: `source` is a list; write `{format: view}`"),
        (
            "{format: delta, location: x, as_of: 12}",
            "45: `as_of` is `12`; write `{version: 12}`",
        ),
        (
            "{format: csv, location: x, partitioned_by: total}",
            "52: `partitioned_by` is `total`; write `[total]`",
        ),
    ],
)
def test_a_source_written_out_of_habit(source: str, problem: str) -> None:
    assert _orders(f"source: {source}") == [f"3:{problem}"]


@pytest.mark.parametrize(
    ("clause", "problems"),
    [
        ("keys: [order_id]", ["3:8: a key is `order_id`; write `[order_id]`"]),
        ("keys: order_id", ["3:7: `keys` is `order_id`; write `[[order_id]]`"]),
        (
            "keys:\n  - order_id\n  - total",
            [
                "4:5: a key is `order_id`; write `- [order_id]`",
                "5:5: a key is `total`; write `- [total]`",
            ],
        ),
        (
            "references: [{fields: [order_id], table: u}]",
            ["3:14: this reference has no `to`; add `to: [order_id]`"],
        ),
        (
            "references: [{table: u, to: [id]}]",
            ["3:14: this reference has no `fields`; add `fields: [id]`"],
        ),
        (
            "references: [{column: order_id, table: u, to: id}]",
            [
                "3:15: unknown key `column`; write `fields: [order_id]`",
                "3:47: `to` is `id`; write `[id]`",
            ],
        ),
        (
            "rules: [{name: positive}]",
            ["3:9: this rule has no `sql`; add `sql: …`, SQL text"],
        ),
        (
            "rules:\n  - positive: total > 0",
            ["4:5: unknown key `positive`; write `{name: positive, sql: total > 0}`"],
        ),
        ("rules: total > 0", ["3:8: `rules` is `total > 0`; write `[{name: …, sql: total > 0}]`"]),
        ("functions: {name: f}", ["3:12: `functions` is a mapping; write `[{name: f}]`"]),
        (
            "waivers: [{check: fields, reason: late, expires: 2027-01-31}]\nowner: sales",
            ["3:11: this waiver has no `owner`; add `owner: sales`"],
        ),
    ],
)
def test_a_clause_written_out_of_habit(clause: str, problems: list[str]) -> None:
    assert _orders(clause) == problems


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        (
            "\n  order_id: int64\n  total: double",
            [
                "3:3: `fields` is a mapping; "
                "write `[{name: order_id, type: int64}, {name: total, type: double}]`"
            ],
        ),
        (
            "\n  - order_id: int64\n  - file_name: string",
            [
                "3:5: unknown key `order_id`; write `{name: order_id, type: int64}`",
                "4:5: unknown key `file_name`; write `{name: file_name, type: string}`",
            ],
        ),
        (
            "\n  - order_id\n  - total",
            [
                "3:5: a field is `order_id`; write `- {name: order_id, type: …}`",
                "4:5: a field is `total`; write `- {name: total, type: …}`",
            ],
        ),
        (" {name: a, type: int8}", ["2:9: `fields` is a mapping; write `[{name: a, type: int8}]`"]),
        (
            "\n" + "\n".join(f"  a_rather_long_name_{n}: int64" for n in range(9)),
            ["3:3: `fields` is a mapping; write `[{name: a_rather_long_name_0, type: int64}, …]`"],
        ),
    ],
)
def test_fields_written_as_other_tools_want_them(fields: str, problems: list[str]) -> None:
    assert _problems(f"table: orders\nfields:{fields}") == problems


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("list[int64]", "list<int64>"),
        ("List<int64>", "list<int64>"),
        ("array<string>", "list<string>"),
        ("ARRAY(BIGINT)", "list<int64>"),
        ("List[int]", "list<int64>"),
        ("int64[]", "list<int64>"),
        ("Optional[int64]", "int64"),
        ("map[string, varchar]", "map<string, string>"),
        ("dict[str, list[str]]", "map<string, list<string>>"),
        ("struct[a: int8, b: list[int8]]", "struct<a: int8, b: list<int8>>"),
        ("list[timestamp[us]]", "list<timestamp[us]>"),
    ],
)
def test_a_type_of_another_language(written: str, instead: str) -> None:
    problem = f"3:28: `{written}` is no Arrow type; write `{instead}`"
    assert _field(f'name: order_id, type: "{written}"') == [problem]
    spelled = f'table: t\nfields: [{{name: a, type: "{instead}"}}]'
    assert parse_contract(spelled.encode(), "c.yaml")


def test_a_type_that_no_respelling_saves_is_told_where_it_goes_wrong() -> None:
    assert _field('name: order_id, type: "list[wrong"') == [
        "3:33: `[wrong` where `<` belongs; write `<`"
    ]
    assert _field(f'name: order_id, type: "list[{"x" * 600}]"') == [
        "3:33: `[" + "x" * 39 + "` where `<` belongs; write `<`"
    ]


@pytest.mark.parametrize(
    ("first", "instead"),
    [("name: orders", "write `table: orders`"), ("tabel: orders", "did you mean `table`?")],
)
def test_a_first_key_that_is_meant_for_the_table_is_told_once(first: str, instead: str) -> None:
    key = first.split(":", maxsplit=1)[0]
    assert _problems(f"{first}\n{FIELDS}") == [f"1:1: the first key is `{key}`; {instead}"]


def test_what_is_quoted_from_the_file_stays_one_short_line_of_yaml() -> None:
    assert _orders(f"path: {'x' * 99}") == [
        "3:1: unknown key `path`; write `source: {format: parquet, location: …}`"
    ]
    assert _orders("primary_key: 'a, b'") == [
        '3:1: unknown key `primary_key`; write `keys: [["a, b"]]`'
    ]
    assert _orders('primary_key: "a\\nb"') == [
        '3:1: unknown key `primary_key`; write `keys: [["a\\nb"]]`'
    ]


def test_no_key_of_this_language_is_taken_for_one_of_another() -> None:
    for record in RECORDS.values():
        foreign = [key for each in record.foreign for key in each.keys]
        assert not record.keys.keys() & set(foreign)
        assert len(foreign) == len(set(foreign))
        assert {each.means for each in record.foreign} <= {"", *record.keys}


CSV = "source: {format: csv, location: t, "


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        ("version: [1.2.0]", "10: `version` is a list; write `1.2.0`"),
        (
            "version: ['1.2.0', '1.3.0']",
            "10: `version` is a list; write a semantic version such as `1.10.0`",
        ),
        ("version: [x]", "10: `version` is a list; write a semantic version such as `1.10.0`"),
        ("owner: ['']", "8: `owner` is a list; write text"),
        ("owner: {a: b}", "8: `owner` is a mapping; write text"),
        (
            f"{CSV}options: {{delimiter: [';;']}}}}",
            "57: `delimiter` is a list; write one ASCII character",
        ),
        (f"{CSV}ignore: {{a: b}}}}", "44: `ignore` is a mapping; write a list"),
        (
            "views: [{name: v, sql: SELECT 1, reads: {a: b}}]",
            "41: `reads` is a mapping; write a list of field names",
        ),
        ("functions: {a: b}", "12: `functions` is a mapping; write a list"),
        (
            "source: {format: delta, location: t, as_of: 2026-01-01T00:00:00Z}",
            "45: `as_of` is `2026-01-01T00:00:00Z`; write `{timestamp: 2026-01-01T00:00:00Z}`",
        ),
        (
            "source: {format: delta, location: t, as_of: x}",
            "45: `as_of` is `x`; write a mapping",
        ),
    ],
)
def test_another_shape_is_told_with_what_fits_of_it(clause: str, problem: str) -> None:
    assert _orders(clause) == [f"3:{problem}"]


def test_a_partition_fields_type_counts_as_that_of_a_field() -> None:
    stored = "source: {format: parquet, location: t, partitioned_by: [{name: p, type: string}]}"
    assert _orders(f"{stored}\nviews: [{{name: v, expand: p}}]") == [
        "4:27: `p` is `string`, not a map; name a column that is a map"
    ]
