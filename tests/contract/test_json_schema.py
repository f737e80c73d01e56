"""The schema that editors read agrees with the parser about all that a JSON Schema can say.

What it cannot say, and only the parser tells: references between clauses and names used twice; the
spelling of Arrow types; which key comes first; how a scalar is written (`True`, `yes` and `0o17`
are mere values by the time a schema sees them); days that the calendar lacks, unless the validator
checks formats; and what is wrong with the YAML itself.
"""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from cst_contracts.contract.json_schema import json_schema, json_schema_text
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract


class _Loader(yaml.SafeLoader):
    """Dates stay text, as they do in YAML 1.2 and in JSON."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way to say it
        first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _schema_accepts(text: str) -> bool:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(json_schema(), format_checker=checker)
    instance: Any = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    return bool(validator.is_valid(instance))


def _parser_accepts(text: str) -> bool:
    try:
        parse_contract(text.encode(), "c.yaml")
    except InvalidContract:
        return False
    return True


def _table(clause: str) -> str:
    fields = '[{name: a, type: int8}, {name: m, type: "map<string, struct<x: int8>>"}]'
    return f"table: t\nfields: {fields}\n{clause}\n"


def _source(source: str) -> str:
    return _table(f"source: {{{source}}}")


def _field(field: str) -> str:
    return f"table: t\nfields: [{{{field}}}]"


def _view(view: str) -> str:
    return _table(f"views: [{{{view}}}]")


def _waiver(waiver: str) -> str:
    return _table(f"waivers: [{{{waiver}}}]")


GOOD = [
    _table(""),
    _table("version: 1.2.3-rc.1+5\ndescription: ''\nowner: me\nextra_fields: allow"),
    _table("nullability: values\nfield_order: any\nkeys: [[a]]\nviews: []\nfunctions: [f]"),
    _table("references: [{fields: [a], table: c.s.t, to: [b]}]"),
    _table("rules: [{name: r, sql: a > 1, severity: warn}]"),
    _table("functions: [{name: f, kind: window, arguments: [list, int8], returns: map}]"),
    _source("format: delta, location: x, as_of: {version: 0}, unbounded: false"),
    _source("format: delta, location: x, as_of: {timestamp: 2026-01-31T00:00:00.5+01:00}"),
    _source("format: csv, location: x, unbounded: true, statistics: false, pruning: false"),
    _source("format: json, location: x, unbounded: true, fifo: true"),
    _source("format: catalog, partitioned_by: [p, {name: q, type: int8}], allow_empty: true"),
    _source("format: view, ordered_by: [a, {field: m, direction: desc, nulls: first}]"),
    _field("name: a, type: int8, nullable: false, metadata: {k: v, w: ''}, description: b"),
    _field("name: a, type: struct, fields: [{name: b, type: int8}], exact: true, sensitive: true"),
    _view("name: v, expand: m, keep: [a]"),
    _view("name: v, extract: {m: [k, j]}, of: t"),
    _view("name: v, pack: {s: [a, m]}"),
    _view("name: v, flatten: s, of: u"),
    _view("name: v, explode: s, of: u"),
    _view("name: v, sql: SELECT 1, fields: [{name: b, type: int8}]"),
    _waiver('check: "rule[r]", reason: r, owner: o, expires: 2027-01-31'),
    "session: s\npreset: cst",
    "session: s\nsettings: {a: 'x', b: 1, c: true, d: public}",
    "session: s\ncatalog: {location: x, format: arrow, tables: [a]}",
    "session: s\nfunctions: [f, {name: g}]\nversion: 1.0.0",
]

BAD = [
    "[]",
    "owner: me",
    "table: t",
    "table: t\nfields: []",
    "table: t\nfields: {}",
    _field("name: a"),
    _field("type: int8"),
    _field("name: '', type: int8"),
    _field("name: no, type: int8"),
    _field("name: a, type: 12"),
    _field("name: a, type: null"),
    _field("name: a, type: int8, nullable: 'false'"),
    _field("name: a, type: int8, metadata: {k: 1}"),
    _field("name: a, type: int8, metadata: [k]"),
    _field("name: a, type: struct, fields: []"),
    _field("name: a, type: int8, nulable: true"),
    _table("ownr: me"),
    _table("owner:"),
    _table("owner: ''"),
    _table("version: 1.10"),
    _table("version: '1.10'"),
    _table("nullability: lax"),
    _table("keys: [a]"),
    _table("keys: [[]]"),
    _table("session: s"),
    "table: a..b\nfields: [{name: a, type: int8}]",
    _table("references: [{fields: [a], table: u}]"),
    _table("references: [{fields: [], table: u, to: [b]}]"),
    _table("rules: [{name: r}]"),
    _table("rules: [{name: r, sql: ' '}]"),
    _table("rules: [{name: r, sql: a, severity: info}]"),
    _table("functions: [[f]]"),
    _table("functions: [{kind: scalar}]"),
    _source("location: x"),
    _source("format: csv"),
    _source("format: parqet, location: x"),
    _source("format: view, location: x"),
    _source("format: catalog, location: x"),
    _source("format: csv, location: x, as_of: {version: 1}"),
    _source("format: delta, location: x, as_of: {}"),
    _source("format: delta, location: x, as_of: {version: 1, timestamp: 2026-01-31T00:00:00Z}"),
    _source("format: delta, location: x, as_of: {timestamp: 2026-01-31T00:00:00}"),
    _source("format: delta, location: x, as_of: {version: -1}"),
    _source("format: delta, location: x, as_of: {version: 1.5}"),
    _source("format: parquet, location: x, unbounded: true"),
    _source("format: delta, location: x, unbounded: true"),
    _source("format: arrow, location: x, unbounded: true"),
    _source("format: csv, location: x, fifo: true"),
    _source("format: csv, location: x, ordered_by: [{field: a, direction: up}]"),
    _source("format: csv, location: x, partitioned_by: [{type: int8}]"),
    _view("name: v"),
    _view("expand: m"),
    _view("name: v, expand: m, sql: SELECT 1"),
    _view("name: v, sql: SELECT 1, keep: [a]"),
    _view("name: v, extract: {}"),
    _view("name: v, extract: {m: []}"),
    _view("name: v, pack: {s: [a], z: [m]}"),
    _view("name: v, pack: {s: a}"),
    _waiver("check: 'A b', reason: r, owner: o, expires: 2027-01-31"),
    _waiver("check: fields, reason: '', owner: o, expires: 2027-01-31"),
    _waiver("check: fields, reason: r, owner: o, expires: soon"),
    _waiver("check: fields, reason: r, owner: o, expires: 2027-02-30"),
    _waiver("check: fields, reason: r, owner: o"),
    "session: s",
    "session: s\nsettings: {}",
    "session: s\nsettings: {a: 1.5}",
    "session: s\nsettings: {a: null}",
    "session: s\ncatalog: {location: x, format: view}",
    "session: s\ncatalog: {format: csv}",
    "session: s\npreset: ''",
    "session: s\npreset: cst\nfields: []",
]


def test_the_shipped_schema_is_the_generated_one() -> None:
    shipped = files("cst_contracts.contract").joinpath("language.schema.json").read_text("utf-8")
    assert shipped == json_schema_text(), (
        "write json_schema_text() to cst_contracts/contract/language.schema.json"
    )


def test_the_schema_is_one() -> None:
    schema = json.loads(json_schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "urn:cst-contracts:contract-language:1"


def test_every_key_has_a_description_for_editors_to_show() -> None:
    for record in json_schema()["$defs"].values():
        for key, schema in record["properties"].items():
            assert schema["description"].endswith("."), key


@pytest.mark.parametrize("text", GOOD)
def test_what_the_language_has_both_accept(text: str) -> None:
    assert (_parser_accepts(text), _schema_accepts(text)) == (True, True)


@pytest.mark.parametrize("text", BAD)
def test_what_the_language_has_not_both_refuse(text: str) -> None:
    assert (_parser_accepts(text), _schema_accepts(text)) == (False, False)


def test_the_documented_contracts_are_accepted_by_both(table: str, session: str) -> None:
    for text in (table, session):
        assert (_parser_accepts(text), _schema_accepts(text)) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        _table("keys: [[zz]]"),
        _field("name: a, type: int46"),
        _field("name: a, type: int8, nullable: yes"),
        _table("owner: 0o17"),
        "owner: me\ntable: t\nfields: [{name: a, type: int8}]",
        _table("rules: [{name: r, sql: a}, {name: r, sql: a}]"),
    ],
)
def test_what_a_schema_cannot_say_the_parser_tells_alone(text: str) -> None:
    assert (_parser_accepts(text), _schema_accepts(text)) == (False, True)
