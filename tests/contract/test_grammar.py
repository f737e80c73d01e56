"""The grammar describes itself: every key has a description, an example that works, and a true default."""

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from msgspec.structs import replace

from cst_contracts.contract import nodes
from cst_contracts.contract.clauses.clause import SESSION, TABLE, Scope, table_scope
from cst_contracts.contract.grammar import CLAUSES, RECORDS, clauses_of
from cst_contracts.contract.kinds import EitherKind, Key, Kind, ListKind, PairsKind, RecordKind
from cst_contracts.contract.model import Contract, SessionContract, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.reading import read_contract

#: The fields that the examples of other keys lean on.
FIELDS = (
    "[{name: file_id, type: string}, {name: path, type: string}, {name: ref_id, type: string}, "
    "{name: bstart, type: int64}, {name: bend, type: int64}, "
    '{name: seen_at, type: "timestamp[us, tz=UTC]"}, '
    '{name: attrs, type: "map<string, string>"}, '
    '{name: span, type: "struct<bstart: int64, bend: int64>"}, '
    '{name: refs, type: "list<struct<ref_id: string>>"}]'
)
TABLE_TEXT = f"table: cst_refs\nfields: {FIELDS}\n"
PACKED = "format: parquet, location: x"
#: The least that makes a contract of a mapping of each kind, which stands where `%s` does.
AROUND = {
    "source": f"{TABLE_TEXT}source: %s",
    "partition": f"{TABLE_TEXT}source: {{format: csv, location: x, partitioned_by: [%s]}}",
    "ordering": f"{TABLE_TEXT}source: {{format: csv, location: x, ordered_by: [%s]}}",
    "options": f"{TABLE_TEXT}source: {{format: csv, location: x, options: %s}}",
    "as_of": f"{TABLE_TEXT}source: {{format: delta, location: x, as_of: %s}}",
    "files": f"{TABLE_TEXT}source: {{format: delta, location: x, ordered_by: [path], files: %s}}",
    "row_group_rows": f"{TABLE_TEXT}source: {{{PACKED}, files: {{row_group_rows: %s}}}}",
    "file_bytes": f"{TABLE_TEXT}source: {{{PACKED}, files: {{bytes: %s}}}}",
    "field": "table: t\nfields: [%s]",
    "key": f"{TABLE_TEXT}keys: [%s]",
    "inner": "table: t\nfields: [{name: a, type: list<string>, elements: %s}]",
    "reference": f"{TABLE_TEXT}references: [%s]",
    "aggregate": f"{TABLE_TEXT}aggregates: [%s]",
    "rule": f"{TABLE_TEXT}source: {{format: delta, location: x}}\nrules: [%s]",
    "freshness": f"{TABLE_TEXT}freshness: %s",
    "view": f"{TABLE_TEXT}views: [%s]",
    "query": f"{TABLE_TEXT}queries: [%s]",
    "parameter": f"{TABLE_TEXT}queries: [{{name: q, sql: SELECT $x, parameters: {{x: %s}}}}]",
    "function": f"{TABLE_TEXT}functions: [%s]",
    "catalog": "session: s\ncatalog: %s",
    "consumer": f"{TABLE_TEXT}consumers: [%s]",
    "evolution": f"{TABLE_TEXT}evolution: %s",
    "waiver": f"{TABLE_TEXT}waivers: [%s]",
}
_BOUNDS = ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum")
#: For keys that go with other types than the rest of their mapping, the type to put in place of `string`.
INNER_TYPES = {
    **dict.fromkeys(_BOUNDS, "int64"),
    "elements": "list<string>",
    **dict.fromkeys(("map_keys", "map_values"), "'map<string, string>'"),
}
_PARQUET = {"format": "parquet", "location": "x"}
_DELTA = {"format": "delta", "location": "x"}
#: What a key needs beside it, where the required keys are not enough.
BESIDE: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    TABLE: {},
    SESSION: {key: {"preset": "cst"} for key in RECORDS[SESSION].keys},
    "source": {
        **dict.fromkeys(RECORDS["source"].keys, _PARQUET),
        "unbounded": {"format": "csv", "location": "x"},
        "fifo": {"format": "csv", "location": "x", "unbounded": "true"},
        "as_of": _DELTA,
        "extra_constraints": _DELTA,
        "options": {"format": "csv", "location": "x"},
    },
    "field": {
        "fields": {"type": "struct"},
        **{name: {"type": type_} for name, type_ in INNER_TYPES.items()},
        "at_most": {"pattern": "a"},
    },
    "inner": {"at_most": {"pattern": "a"}},
    "evolution": {
        key: {"types": "widen"} if key != "types" else {"fields": "add"}
        for key in RECORDS["evolution"].keys
    },
    "waiver": {key: {"check": "fields"} for key in ("reason", "owner", "expires")},
    "query": {key: {"parameters": "{path: string}"} for key in RECORDS["query"].keys},
    "view": {
        key: {"expand": "attrs"} for key in ("name", "of", "keep", "fields", "reads", "allow_empty")
    },
}
KEYS = [(record, key) for record in RECORDS for key in RECORDS[record].keys.values()]
IDS = [f"{record}.{key.name}" for record, key in KEYS]
EVERY_KEY = pytest.mark.parametrize(("record", "key"), KEYS, ids=IDS)
WITH_DEFAULT = [(record, key) for record, key in KEYS if key.default is not None]


def _contract(record: str, key: Key, value: str | None) -> Contract:
    """The least contract that has the key with a value, or lacks it where `value` is None."""
    required = {name: RECORDS[record].keys[name].example for name in RECORDS[record].required}
    if record == TABLE:
        required["fields"] = FIELDS
    entries = {**required, **BESIDE.get(record, {}).get(key.name, {})}
    entries = {name: said for name, said in entries.items() if name != key.name or key.required}
    if value is not None:
        entries[key.name] = value
    lines = [f"{name}: {said}" for name, said in entries.items()]
    around = AROUND.get(record, "")
    if record == "inner" and key.name in INNER_TYPES:
        inner = INNER_TYPES[key.name].strip("'")
        around = around.replace("list<string>", f"'list<{inner}>'")
    text = around % f"{{{', '.join(lines)}}}" if around else "\n".join(lines)
    return parse_contract(text.encode(), "c.yaml")


@EVERY_KEY
def test_every_key_is_described_in_a_sentence(record: str, key: Key) -> None:
    assert key.description.endswith(".")
    assert len(key.description.split()) >= 3, f"{record}.{key.name}"


@EVERY_KEY
def test_every_example_is_one(record: str, key: Key) -> None:
    assert _contract(record, key, key.example)


@pytest.mark.parametrize(("record", "key"), WITH_DEFAULT)
def test_a_default_is_what_leaving_the_key_out_means(record: str, key: Key) -> None:
    empty = "{}" if isinstance(key.kind, PairsKind) else "[]"
    written = {True: "true", False: "false", (): empty, "": "''"}
    default = written.get(key.default, str(key.default))
    left_out = _contract(record, key, None)
    assert _promises(_contract(record, key, default)) == _promises(left_out)
    assert _promises(_contract(record, key, key.example)) != _promises(left_out)


def _promises(contract: Contract) -> Contract:
    """The contract without the places of `statistics` and `pruning`, which are kept if written down."""
    if isinstance(contract, TableContract) and contract.source:
        return replace(contract, source=replace(contract.source, policies=()))
    return contract


@EVERY_KEY
def test_every_kind_of_value_has_words(record: str, key: Key) -> None:
    assert key.kind.wanted, f"{record}.{key.name}"


def test_every_mapping_that_a_key_names_is_described_and_every_description_is_named() -> None:
    named = {each for _, key in KEYS for each in _records_in(key.kind)}
    assert named == set(RECORDS) - {TABLE, SESSION}


def _records_in(kind: Kind) -> Iterator[str]:
    match kind:
        case RecordKind(record):
            yield record
        case ListKind(item):
            yield from _records_in(item)
        case PairsKind(value):
            yield from _records_in(value)
        case EitherKind(short, long):
            yield from _records_in(short)
            yield from _records_in(long)
        case _:
            assert kind.wanted


def test_every_clause_has_its_field_in_the_contract() -> None:
    own = {"name", "file", "place"}
    table = {clause.key.name for clause in clauses_of(TABLE)}
    session = {clause.key.name for clause in clauses_of(SESSION)}
    assert set(TableContract.__struct_fields__) == table | own | {"fields_place"}
    assert set(SessionContract.__struct_fields__) == session | own | {"preset_place"}
    assert {clause.key.name for clause in CLAUSES} == table | session


def test_every_clause_builds_what_its_field_holds(table: str, session: str) -> None:
    read = ((TABLE, table, TableContract), (SESSION, session, SessionContract))
    for kind, text, contract in read:
        types = get_type_hints(contract)
        scope = _scope(kind, text)
        built = {clause.key.name: clause.build(scope) for clause in clauses_of(kind)}
        assert not scope.problems
        assert [name for name, value in built.items() if not _is_a(value, types[name])] == []


def _scope(kind: str, text: str) -> Scope:
    root = nodes.read_nodes(text.encode(), "c.yaml").root
    assert isinstance(root, nodes.Mapping)
    problems: Problems = []
    form = read_contract(root, RECORDS[kind], problems)
    return table_scope(form, problems) if kind == TABLE else Scope(form, problems)


def _is_a(value: object, annotated: Any) -> bool:
    """Whether a value is of an annotated type; of tuples, whether every item is."""
    if isinstance(annotated, UnionType):
        return any(_is_a(value, each) for each in get_args(annotated))
    if get_origin(annotated) is tuple:
        item, _ = get_args(annotated)
        return isinstance(value, tuple) and all(_is_a(each, item) for each in value)
    return isinstance(value, NoneType if annotated is None else annotated)
