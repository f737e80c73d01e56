"""Every way to leave the language, with the place and the words it is told in."""

import pytest

from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract


def _problems(text: str) -> list[str]:
    with pytest.raises(InvalidContract) as refusal:
        parse_contract(text.encode(), "c.yaml")
    return [str(problem) for problem in refusal.value.problems]


def _table(clause: str) -> str:
    """`clause` starts at line 5."""
    return (
        "table: t\nfields:\n  - {name: a, type: int8}\n"
        "  - {name: refs, type: list<struct>, fields: [{name: id, type: string}]}\n" + clause
    )


def _session(clause: str) -> str:
    """`clause` starts at line 2."""
    return f"session: s\n{clause}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("12", "1:1: this file holds no contract; start it with `table:` or `session:`"),
        ("{}", "1:1: this file holds no contract; start it with `table:` or `session:`"),
        ("[a]", "1:1: this file holds no contract; start it with `table:` or `session:`"),
        ("tabel: t", "1:1: the first key is `tabel`; did you mean `table`?"),
        ("owner: me", "1:1: the first key is `owner`; start with `table:` or `session:`"),
        (
            "owner: me\ntable: t\nfields: [{name: a, type: int8}]",
            "1:1: the first key is `owner`; move `table:` to the top",
        ),
        (
            _table("session: s"),
            "5:1: `session:` in a table contract; put each contract in a file of its own",
        ),
        (
            "table: t",
            "1:1: this table contract has no `fields`; add `fields: [{name: …, type: …}]`",
        ),
        ("table: t\nfields: []", "2:9: `fields` is an empty list; write a field in it"),
        (
            "table: t\nfields: {a: int8}",
            "2:9: `fields` is a mapping; write `[{name: a, type: int8}]`",
        ),
        (
            "table: t\nfields: [a]",
            "2:10: a field is `a`; write `{name: a, type: …}`",
        ),
        (
            "session: s",
            "1:1: this session contract promises nothing that can be checked; "
            "add `preset`, `settings`, `catalog` or `functions`",
        ),
        (
            _session("settings: {}\nfunctions: []\nowner: me"),
            "1:1: this session contract promises nothing that can be checked; "
            "add `preset`, `settings`, `catalog` or `functions`",
        ),
    ],
)
def test_what_is_no_contract_is_told(text: str, problem: str) -> None:
    assert problem in [each.removeprefix("c.yaml:") for each in _problems(text)]


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        ("ownr: me", "5:1: unknown key `ownr`; did you mean `owner`?"),
        (
            "zzz: me",
            "5:1: unknown key `zzz`; known here: `table`, `version`, `description`, `owner`, "
            "`source`, `fields`, `nullability`, `extra_fields`, `field_order`, `metadata`, `keys`, "
            "`references`, `rules`, `aggregates`, `freshness`, `queries`, `consumers`, "
            "`interop`, `evolution`, `views`, "
            "`functions` and `waivers`",
        ),
        ("owner:", "5:7: `owner` has no value; write text"),
        ("owner: ''", "5:8: `owner` is empty text; write text"),
        ("owner: [me]", "5:8: `owner` is a list; write `me`"),
        (
            "owner: ~",
            '5:8: `owner` is `~` without quotes, which YAML reads as no value; quote it: "~"',
        ),
        (
            "owner: 0o17",
            '5:8: `owner` is `0o17` without quotes, which YAML reads as a number; quote it: "0o17"',
        ),
        (
            "description: 12:30:00",
            "5:14: `description` is `12:30:00` without quotes, which YAML reads as a number; "
            'quote it: "12:30:00"',
        ),
        (
            "description: 2026-01-31",
            "5:14: `description` is `2026-01-31` without quotes, which YAML reads as a date; "
            'quote it: "2026-01-31"',
        ),
        (
            "version: '1.10'",
            "5:10: `version` is the text `1.10`; write `1.10.0`",
        ),
        ("nullability: lax", "5:14: `nullability` is `lax`; write `strict` or `values`"),
        ("extra_fields: alow", "5:15: `extra_fields` is `alow`; did you mean `allow`?"),
        ("field_order: []", "5:14: `field_order` is a list; write `strict` or `any`"),
        (
            "functions: [{kind: scalar}]",
            "5:13: this function has no `name`; add `name: …`, a name",
        ),
        (
            "functions: [[f]]",
            "5:13: a function is a list; write `f`",
        ),
        (
            "functions: [f, {name: f}]",
            "5:23: function `f` is written twice; rename or remove one, the first is on line 5",
        ),
        (
            "functions: [{name: f, arguments: [int46]}]",
            "5:35: `int46` is no Arrow type; write `int64`",
        ),
        (
            "waivers: [{check: fields, reason: r, owner: o, expires: 2027-02-30}]",
            "5:57: `expires` is `2027-02-30`; write a day that the calendar has",
        ),
        (
            "waivers: [{check: fields, reason: r, owner: o, expires: soon}]",
            "5:57: `expires` is `soon`; write a date such as `2027-01-31`",
        ),
        (
            "waivers: [{check: fields, reason: ' ', owner: o, expires: 2027-01-31}]",
            "5:35: `reason` is the text ` `; write words",
        ),
        (
            "waivers: [{check: 'A b', reason: r, owner: o, expires: 2027-01-31}]",
            "5:19: `check` is the text `A b`; write a check id such as `fields` or `rule[name]`",
        ),
        (
            "waivers: [{change: 5F1C, reason: r, owner: o, expires: 2027-01-31}]",
            '5:20: `change` is `5F1C`; write a fingerprint such as `"5f1c09ab"`',
        ),
        (
            "waivers: [{reason: r, owner: o, expires: 2027-01-31}]",
            "5:11: this waiver says none of `check` and `change`; add one of them",
        ),
        ("consumers: [{owner: o}]", "5:13: this consumer has no `name`; add `name: …`, a name"),
        (
            "consumers: [{name: c, reads: [order]}]",
            "5:31: `order` is no promised field; promised are `a`, `refs`, `refs[]` and `refs[].id`",
        ),
        (
            "evolution: backwards",
            "5:12: `evolution` is `backwards`; did you mean `backward`?",
        ),
        (
            "evolution: {types: shrink}",
            "5:20: `types` is `shrink`; write `freeze`, `widen` or `any`",
        ),
        (
            "waivers:\n  - &w {check: fields, reason: r, owner: o, expires: 2027-01-31}\n"
            "  - {check: fields, reason: q, owner: o, expires: 2027-01-31}",
            "7:13: waiver of `fields` is written twice; rename or remove one, "
            "the first is on line 6",
        ),
    ],
)
def test_what_the_grammar_does_not_know_is_told(clause: str, problem: str) -> None:
    assert _problems(_table(clause)) == [f"c.yaml:{problem}"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{location: x}", "9: this source has no `format`; add `format: parquet`"),
        ("{format: csv}", "9: this source has no `location`; add `location: t`"),
        (
            "{format: view, location: x}",
            "24: `location` beside a format that is stored nowhere; "
            "leave `location` out, or name the format that is stored there",
        ),
        (
            "{format: csv, location: x, as_of: {version: 1}}",
            "36: `as_of` beside a format that keeps no versions; "
            "leave `as_of` out, or write `format: delta`",
        ),
        (
            "{format: parquet, location: x, extra_constraints: forbid}",
            "40: `extra_constraints` beside a format that enforces no constraints; "
            "leave `extra_constraints` out, or write `format: delta`",
        ),
        (
            "{format: parquet, location: x, unbounded: true}",
            "40: `unbounded: true` beside a format that the engine only reads as bounded; "
            "write `format: csv` or `format: json`, or leave `unbounded` out",
        ),
        (
            "{format: csv, location: x, fifo: true}",
            "9: this source has no `unbounded`; add `unbounded: true`",
        ),
        (
            "{format: csv, location: x, unbounded: true, partitioned_by: [a]}",
            "53: `partitioned_by` beside `unbounded: true`; "
            "leave one of them out: an unbounded source has no folders",
        ),
        (
            "{format: delta, location: x, as_of: {}}",
            "45: this as_of says none of `version` and `timestamp`; add one of them",
        ),
        (
            "{format: delta, location: x, as_of: {version: 1, timestamp: 2026-01-31T00:00:00Z}}",
            "58: `timestamp` beside `version`; keep one of `version` or `timestamp`",
        ),
        (
            "{format: delta, location: x, as_of: {timestamp: 2026-01-31T00:00:00}}",
            "57: `timestamp` is `2026-01-31T00:00:00`; "
            "write a time with its zone, such as `2026-01-31T00:00:00Z`",
        ),
        (
            "{format: delta, location: x, as_of: {timestamp: 2026-01-31T25:00:00Z}}",
            "57: `timestamp` is `2026-01-31T25:00:00Z`; write a time that the calendar has",
        ),
        (
            "{format: delta, location: x, as_of: {version: -1}}",
            "55: `version` is `-1`; write a whole number",
        ),
        (
            "{format: delta, location: x, as_of: {version: 9999999999999999999}}",
            "55: `version` is `9999999999999999999`; write a whole number",
        ),
        (
            "{format: csv, location: x, statistics: True}",
            "48: `statistics` is `True`; write `true`",
        ),
        (
            "{format: csv, location: x, ordered_by: [a, {field: a}]}",
            "60: ordering field `a` is written twice; rename or remove one, the first is on line 5",
        ),
        (
            "{format: csv, location: x, ordered_by: ['refs[].id']}",
            "49: `refs[].id` is no promised field of `t`; did you mean `refs`?",
        ),
        (
            "{format: csv, location: x, partitioned_by: [p, p]}",
            "56: partition field `p` is written twice; rename or remove one, "
            "the first is on line 5",
        ),
        (
            "{format: csv, location: x, partitioned_by: [{name: a, type: string}]}",
            "53: partition field `a` is `string` here; "
            "write `int8` as under `fields`, or leave `type` out",
        ),
        (
            "{format: csv, location: x, partitioned_by: [{name: p, type: strin}]}",
            "69: `strin` is no Arrow type; write `string`",
        ),
    ],
)
def test_a_source_that_cannot_be_is_told(source: str, problem: str) -> None:
    assert _problems(_table(f"source: {source}")) == [f"c.yaml:5:{problem}"]


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        ("keys: [a]", "8: a key is `a`; write `[a]`"),
        ("keys: [[]]", "8: a key is an empty list; write a field name in it"),
        (
            "keys: [[b]]",
            "9: `b` is no promised field; promised are `a`, `refs`, `refs[]` and `refs[].id`",
        ),
        ("keys: [['ref[].id']]", "9: `ref[].id` is no promised field; did you mean `refs[].id`?"),
        (
            "keys: [[a, a]]",
            "12: field `a` is written twice; rename or remove one, the first is on line 5",
        ),
        (
            "keys: [[a, 'refs[].id'], ['refs[].id', a]]",
            "26: the same key is promised twice; remove one, the first is on line 5",
        ),
        (
            "references: [{fields: [b], table: u, to: [b]}]",
            "24: `b` is no promised field; promised are `a`, `refs`, `refs[]` and `refs[].id`",
        ),
        (
            "references: [{fields: [a], table: u, to: [b, c]}]",
            "38: `to` names 2 fields where `fields` names 1; name one for each, in the same order",
        ),
        (
            "references: [{fields: [a], table: u, to: [b]}, {fields: [a], table: u, to: [b]}]",
            "48: the same reference is promised twice; remove one, the first is on line 5",
        ),
        (
            "references: [{fields: [a, a], table: u, to: [b, c]}]",
            "27: field `a` is written twice; rename or remove one, the first is on line 5",
        ),
        (
            "references: [{fields: [a, 'refs[].id'], table: u, to: [b, b]}]",
            "59: field `b` is written twice; rename or remove one, the first is on line 5",
        ),
        (
            "references: [{fields: [a], table: a.b.c.d, to: [b]}]",
            "35: `table` is `a.b.c.d`; write a name such as `table`, `schema.table` "
            "or `catalog.schema.table`",
        ),
        ("rules: [{name: r, sql: ' '}]", "24: `sql` is the text ` `; write SQL text"),
        (
            "rules: [{name: r, sql: a}, {name: r, sql: a}]",
            "35: rule `r` is written twice; rename or remove one, the first is on line 5",
        ),
        (
            "rules: [{name: r, sql: a, severity: warning}]",
            "37: `severity` is `warning`; did you mean `warn`?",
        ),
    ],
)
def test_a_promise_about_what_is_not_promised_is_told(clause: str, problem: str) -> None:
    assert _problems(_table(clause)) == [f"c.yaml:5:{problem}"]


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        (
            "settings: {a: 1.10}",
            '15: `a` is `1.10` without quotes, which YAML reads as a number; quote it: "1.10"',
        ),
        (
            "settings: {a: on}",
            '15: `a` is `on` without quotes, which YAML reads as a boolean; quote it: "on"',
        ),
        (
            "settings: {a: 1_000}",
            '15: `a` is `1_000` without quotes, which YAML reads as a number; quote it: "1_000"',
        ),
        ("settings: {a: }", "15: `a` has no value; write text, a whole number, `true` or `false`"),
        (
            "settings: {a: [b]}",
            "15: `a` is a list; write text, a whole number, `true` or `false`",
        ),
        (
            "settings: {no: b}",
            "12: a key of `settings` is `no` without quotes, which YAML reads as a boolean; "
            'quote it: "no"',
        ),
        ("settings: [a]", "11: `settings` is a list; write `{a: …}`"),
        (
            "catalog: {location: x, format: view}",
            "32: `format` is `view`; write `parquet`, `delta`, `csv`, `json` or `arrow`",
        ),
        (
            "catalog: {location: x, format: csv, tables: [a, a]}",
            "49: table `a` is written twice; rename or remove one, the first is on line 2",
        ),
        (
            "catalog: {format: csv}",
            "10: this catalog has no `location`; add `location: …`, a path or a URI",
        ),
        ("preset: ''", "9: `preset` is empty text; write text"),
    ],
)
def test_a_session_clause_that_leaves_the_grammar_is_told(clause: str, problem: str) -> None:
    assert _problems(_session(clause)) == [f"c.yaml:2:{problem}"]


@pytest.mark.parametrize("name", ["t", "s.t", "c.s.t", "my-table", "my table", "Été", "t$1"])
def test_a_table_name_has_up_to_three_parts(name: str) -> None:
    text = f"table: {name}\nfields: [{{name: a, type: int8}}]"
    assert parse_contract(text.encode(), "c.yaml").name == name


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        *[(".t", "`t`"), ("t.", "`t`"), ("a..b", "`a.b`"), ('a"b', "`ab`")],
        *[(" t", "`t`"), ("t ", "`t`"), ("a\tb", "`ab`")],
        ("a.b.c.d", "a name such as `table`, `schema.table` or `catalog.schema.table`"),
    ],
)
def test_a_table_name_with_an_empty_part_or_a_quote_is_refused(name: str, instead: str) -> None:
    (problem,) = _problems(f"table: '{name}'\nfields: [{{name: a, type: int8}}]")
    assert problem.startswith("c.yaml:1:8: `table` is the text ")
    assert problem.endswith(f"; write {instead}")


@pytest.mark.parametrize("version", ["0.0.0", "1.2.3-rc.1+build.5", "10.20.30", "1.0.0-x-y.0a"])
def test_a_semantic_version_is_read(version: str) -> None:
    text = _table(f"version: {version}")
    assert parse_contract(text.encode(), "c.yaml").version == version


@pytest.mark.parametrize(
    ("version", "instead"),
    [
        *[("1", "`1.0.0`"), ("1.2", "`1.2.0`"), ("v1.2.3", "`1.2.3`"), ("v2", "`2.0.0`")],
        *((each, "a semantic version such as `1.10.0`") for each in ("1.2.3.4", "01.2.3")),
        *((each, "a semantic version such as `1.10.0`") for each in ("1.2.3-", "1.2.3-01")),
    ],
)
def test_anything_else_is_no_version(version: str, instead: str) -> None:
    (problem,) = _problems(_table(f"version: '{version}'"))
    assert problem == f"c.yaml:5:10: `version` is the text `{version}`; write {instead}"


def test_an_unknown_key_that_is_nearly_a_required_one_is_told_once() -> None:
    assert _problems("table: t\nfeilds: [{name: a, type: int8}]") == [
        "c.yaml:2:1: unknown key `feilds`; did you mean `fields`?"
    ]


def test_a_field_whose_name_cannot_be_read_keeps_others_from_being_told_to_be_missing() -> None:
    assert _problems("table: t\nfields: [{nam: a, type: int8}]\nkeys: [[a]]") == [
        "c.yaml:2:11: unknown key `nam`; did you mean `name`?"
    ]


def test_long_and_unprintable_text_is_cut_and_escaped() -> None:
    (problem,) = _problems(_table('"a\\nb' + "x" * 100 + '": 1'))
    assert problem.startswith("c.yaml:5:1: unknown key `a\\nbxxx")
    assert "x…`; known here: " in problem


def test_unprintable_text_of_a_type_is_escaped() -> None:
    (problem,) = _problems(_table('functions: [{name: f, returns: "int8\\x1b"}]'))
    assert problem.isprintable()
    assert problem.startswith("c.yaml:5:32: `int8\\x1b` is no Arrow type; ")


@pytest.mark.parametrize("source", ["", "source: {format: parquet, location: x}\n"])
def test_only_a_delta_table_can_promise_that_a_rule_is_enforced(source: str) -> None:
    rules = "rules: [{name: r, sql: a > 0, enforced: true}]"
    line = 5 + source.count("\n")
    (problem,) = _problems(_table(f"{source}{rules}"))
    assert problem.endswith(
        ": `enforced: true` in a contract whose source enforces nothing; "
        "write `format: delta` under `source`, or leave `enforced` out"
    )
    assert problem.startswith(f"c.yaml:{line}:")
    delta = "source: {format: delta, location: x}\n"
    assert parse_contract(_table(f"{delta}{rules}").encode(), "c.yaml")


def test_a_name_that_is_not_there_is_told_once() -> None:
    nothing = "table: t\nfields: [{name: , type: int8}, {name: , type: int8}]\n"
    assert _problems(nothing) == [
        "c.yaml:2:17: `name` has no value; write a field name",
        "c.yaml:2:39: `name` has no value; write a field name",
    ]
    assert _problems(
        "table: t\nfields: [{name: a, type: int8}]\nfreshness: {field: , within: 1d}\n"
    ) == ["c.yaml:3:20: `field` has no value; write a field name"]
