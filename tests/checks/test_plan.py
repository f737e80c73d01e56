"""Contract to checks, and their ids."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cst_contracts.checks.check import Check
from cst_contracts.checks.fields import FieldKept
from cst_contracts.checks.nulls import NoNulls
from cst_contracts.checks.plan import plan
from cst_contracts.checks.views import ViewUsable
from cst_contracts.contract.clauses.evolution import MODES
from cst_contracts.contract.clauses.files import FileTrait
from cst_contracts.contract.grammar import RECORDS
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.presets import PRESETS
from cst_contracts.errors import InvalidContract

TABLE = """\
table: t
version: 1.0.0
description: A table.
owner: someone
metadata: {made_by: someone}
source:
  format: delta
  location: t
  partitioned_by: [repo, {name: commit, type: string}]
  ordered_by: [a, {field: b, direction: desc, nulls: first}]
  as_of: {version: 12}
  extra_constraints: allow
  statistics: true
  pruning: true
  missing_in_files: forbid
  allow_empty: false
fields:
  - {name: a, type: int64, nullable: false, description: The first.}
  - {name: b, type: string, exact: false, max_nulls: 4, sensitive: true, metadata: {unit: byte}}
  - name: refs
    type: list<struct>
    allow_empty: false
    fields:
      - {name: id, type: string, nullable: false, severity: warn}
      - {name: attrs, type: "map<string, list<int64 not null>>"}
nullability: strict
extra_fields: forbid
field_order: strict
keys:
  - {fields: [a, b], severity: error, at_most: 1}
  - ["refs[].id"]
references:
  - {fields: [a, b], table: lake.files, to: [c, d], allow_empty: false, severity: error, at_most: 2}
rules:
  - {name: forward, sql: a > 0, enforced: true, allow_empty: false}
  - {name: known, sql: b <> '', severity: warn, at_most: 3}
aggregates:
  - {name: many, sql: count(*) > 9, per: [a], severity: warn, allow_empty: false}
views:
  - {name: v, sql: SELECT a FROM t, fields: [{name: a, type: int64}]}
  - {name: w, flatten: s, of: u, keep: [a], allow_empty: false}
functions:
  - arrow_typeof
  - {name: map_entries, kind: scalar, arguments: [map], returns: list}
waivers:
  - {check: "rule[known]", reason: later, owner: someone, expires: 2027-01-31}
queries:
  - name: q
    sql: "SELECT a AS c FROM t WHERE a > $a AND b <> $b"
    parameters: {a: int64, b: {type: string, example: x}}
    fields: [{name: c, type: int64}]
    reads: [a, b]
    allow_empty: false
interop: [polars]
"""
FIELD_IDS = ["a", "b", "refs", "refs[]", "refs[].id", "refs[].attrs", "refs[].attrs{}.key"]
FIELD_IDS += ["refs[].attrs{}.value", "refs[].attrs{}.value[]"]
TABLE_IDS = [
    *("table", "source", "rows", "fields", *(f"field[{path}]" for path in FIELD_IDS)),
    *("metadata[made_by]", "partition[repo]", "partition[commit]"),
    *("order[declared]", "order[measured]", "order[plan]"),
    *("statistics", "pruning", "delta[as_of]", "delta[parity]", "delta[constraints]"),
    *("nulls[a]", "nulls[b]", "nulls[refs[].id]", "nulls[refs[].attrs{}.value[]]"),
    *("unique[a,b]", "unique[refs[].id]", "reference[a,b→lake.files.c,d]"),
    *("rule[forward]", "rule[known]", "aggregate[many]", "view[v]", "view[w]", "query[q]"),
    "interop[polars]",
    *("function[arrow_typeof]", "function[map_entries]", "snapshot[schema]"),
]
STREAM = """\
table: t
source: {format: csv, location: t, unbounded: true}
fields: [{name: a, type: int64}]
"""
FRESH = """\
table: t
fields: [{name: at, type: "timestamp[us]"}]
freshness: {field: at, within: 24h, zone: UTC}
"""
PACKED = """\
table: t
source:
  format: parquet
  location: t
  ordered_by: [a]
  files: {sorting_columns: true, bytes: {at_least: 1B}, row_group_rows: {at_most: 9}, page_index: true,
          bloom_filters: [a], statistics: true, encodings: {a: plain}, codec: zstd}
fields: [{name: a, type: int64}]
"""
FILE_IDS = [
    *("files[codec]", "files[encodings]", "files[statistics]", "files[bloom_filters]"),
    *("files[page_index]", "files[row_group_rows]", "files[bytes]", "files[sorting_columns]"),
]
VALUES = """\
table: t
fields:
  - {name: a, type: string, enum: [x], pattern: x, min_length: 1, max_length: 9, at_most: 3}
  - {name: b, type: int64, minimum: 0, maximum: 9}
  - {name: c, type: "map<string, list<double>>", map_keys: {enum: [k], pattern: k, min_length: 1},
     map_values: {elements: {exclusive_minimum: 0, exclusive_maximum: 1}}}
  - {name: d, type: list<struct>, fields: [{name: e, type: "map<string, int8>", map_values: {minimum: 1}}]}
"""
VALUE_IDS = [
    *("enum[a]", "pattern[a]", "length[a]", "range[b]"),
    *("enum[c{}.key]", "pattern[c{}.key]", "length[c{}.key]", "range[c{}.value[]]"),
    "range[d[].e{}.value]",
]
SESSION = """\
session: s
version: 1.0.0
description: A session.
owner: someone
preset: cst
settings: {datafusion.execution.batch_size: "8192"}
catalog: {location: artifacts, format: parquet, tables: [t]}
functions: [unnest]
waivers:
  - {check: catalog, reason: later, owner: someone, expires: 2027-01-31}
"""
SESSION_IDS = [
    *(f"setting[{name}]" for name in PRESETS["cst"].values),
    *("setting[datafusion.execution.batch_size]", "catalog", "function[unnest]"),
    "snapshot[functions]",
]


def planned(text: str) -> tuple[Check, ...]:
    return plan(parse_contract(text.encode(), "contracts/t.yaml"))


def ids(text: str) -> list[str]:
    return [check.id for check in planned(text)]


def refusals(text: str) -> list[str]:
    with pytest.raises(InvalidContract) as refusal:
        planned(text)
    return [str(problem) for problem in refusal.value.problems]


def test_a_tables_promises_have_the_agreed_ids_in_order() -> None:
    assert ids(TABLE) == TABLE_IDS


def test_a_sessions_promises_have_the_agreed_ids_in_order() -> None:
    assert ids(SESSION) == SESSION_IDS


def test_a_stream_promises_rows_too() -> None:
    assert ids(STREAM) == ["table", "rows", "fields", "field[a]", "unbounded", "snapshot[schema]"]


def test_a_table_that_is_to_be_fresh_has_a_promise_of_it() -> None:
    assert "freshness[at]" in ids(FRESH)


def test_how_files_are_written_is_promised_by_trait_in_one_sequence() -> None:
    assert [id_ for id_ in ids(PACKED) if id_.startswith("files[")] == FILE_IDS


def test_what_a_value_may_be_is_promised_by_kind_and_path() -> None:
    kinds = ("enum[", "range[", "pattern[", "length[")
    assert [id_ for id_ in ids(VALUES) if id_.startswith(kinds)] == VALUE_IDS


def test_the_least_contract_has_its_table_rows_fields_and_snapshot() -> None:
    text = "table: t\nfields: [{name: a, type: int64}]\n"
    assert ids(text) == ["table", "rows", "fields", "field[a]", "snapshot[schema]"]


_OF_VALUES = {
    "enum": "enum[a]",
    **dict.fromkeys(("minimum", "maximum"), "range[b]"),
    **dict.fromkeys(("exclusive_minimum", "exclusive_maximum"), "range[c{}.value[]]"),
    "pattern": "pattern[a]",
    **dict.fromkeys(("min_length", "max_length"), "length[a]"),
    "at_most": "pattern[a]",
}
#: Key by record to the id of a check that its use in one of these contracts yields.
YIELDS = {
    "table": {
        "table": "table",
        "metadata": "metadata[made_by]",
        "freshness": "freshness[at]",
        "source": "partition[repo]",
        "fields": "field[a]",
        "keys": "unique[a,b]",
        "references": "reference[a,b→lake.files.c,d]",
        "rules": "rule[forward]",
        "aggregates": "aggregate[many]",
        "views": "view[v]",
        "queries": "query[q]",
        "interop": "interop[polars]",
        "functions": "function[arrow_typeof]",
    },
    "session": {
        "session": "snapshot[functions]",
        "preset": "setting[datafusion.execution.parquet.pruning]",
        "settings": "setting[datafusion.execution.batch_size]",
        "catalog": "catalog",
        "functions": "function[unnest]",
    },
    "source": {
        "format": "table",
        "location": "table",
        "partitioned_by": "partition[repo]",
        "ordered_by": "order[declared]",
        "statistics": "statistics",
        "pruning": "pruning",
        "unbounded": "unbounded",
        "fifo": "unbounded",
        "as_of": "delta[as_of]",
        "files": "files[codec]",
    },
    "files": {trait.value: f"files[{trait}]" for trait in FileTrait},
    "row_group_rows": dict.fromkeys(("at_least", "at_most"), "files[row_group_rows]"),
    "file_bytes": dict.fromkeys(("at_least", "at_most"), "files[bytes]"),
    "partition": {"name": "partition[commit]"},
    "ordering": {"field": "order[measured]"},
    "freshness": dict.fromkeys(("field", "within", "zone"), "freshness[at]"),
    "as_of": {"version": "delta[as_of]", "timestamp": "delta[as_of]"},
    "field": {
        "name": "field[a]",
        "fields": "field[refs[].id]",
        **_OF_VALUES,
        **dict.fromkeys(("elements", "map_values"), "range[c{}.value[]]"),
        "map_keys": "enum[c{}.key]",
    },
    "inner": {
        **_OF_VALUES,
        **dict.fromkeys(("elements", "map_values"), "range[c{}.value[]]"),
        "map_keys": "enum[c{}.key]",
    },
    "key": {"fields": "unique[a,b]"},
    "reference": dict.fromkeys(("fields", "table", "to"), "reference[a,b→lake.files.c,d]"),
    "aggregate": dict.fromkeys(("name", "sql", "per"), "aggregate[many]"),
    "rule": {"name": "rule[forward]", "sql": "rule[forward]"},
    "view": {"name": "view[v]"},
    "query": {"name": "query[q]"},
    "parameter": {},
    "function": {"name": "function[map_entries]"},
    "catalog": {"location": "catalog", "format": "catalog", "tables": "catalog"},
    "consumer": {},
    "evolution": {},
    "waiver": {},
    "options": {},
}
#: Key by record to what a line reads with and without it: the check that answers is another one.
CHANGES = {
    "table": {
        "nullability": ("nullability: strict", "nullability: values"),
        "extra_fields": ("extra_fields: forbid", "extra_fields: allow"),
        "field_order": ("field_order: strict", "field_order: any"),
    },
    "source": {
        "allow_empty": ("  allow_empty: false\nfields", "  allow_empty: true\nfields"),
        "extra_constraints": ("extra_constraints: allow", "extra_constraints: forbid"),
        "missing_in_files": ("missing_in_files: forbid", "missing_in_files: allow"),
    },
    "partition": {"type": ("{name: commit, type: string}", "{name: commit, type: int32 }")},
    "ordering": {
        "direction": ("direction: desc", "direction: asc "),
        "nulls": ("nulls: first", "nulls: last "),
    },
    "field": {
        "type": ("name: a, type: int64, nullable", "name: a, type: int32, nullable"),
        "nullable": ("nullable: false, desc", "nullable: true,  desc"),
        "nullability": ("nullable: false, desc", "nullable: false, nullability: values, desc"),
        "metadata": ("{unit: byte}", "{unit: char}"),
        "exact": ("exact: false", "exact: true "),
        "allow_empty": ("struct>\n    allow_empty: false", "struct>\n    allow_empty: true"),
        "max_nulls": ("max_nulls: 4", "max_nulls: 4%"),
        "severity": ("false, severity: warn", "false, severity: error"),
    },
    "key": {
        "severity": ("b], severity: error", "b], severity: warn"),
        "at_most": ("at_most: 1", "at_most: 1%"),
    },
    "reference": {
        "allow_empty": ("d], allow_empty: false", "d], allow_empty: true"),
        "severity": ("severity: error, at_most: 2", "severity: warn, at_most: 2"),
        "at_most": ("at_most: 2", "at_most: 2%"),
    },
    "aggregate": {
        "severity": ("[a], severity: warn", "[a], severity: error"),
        "allow_empty": ("severity: warn, allow_empty: false", "severity: warn, allow_empty: true"),
    },
    "rule": {
        "allow_empty": ("enforced: true, allow_empty: false", "enforced: true, allow_empty: true"),
        "severity": ("severity: warn, at_most: 3", "severity: error, at_most: 3"),
        "at_most": ("at_most: 3", "at_most: 3%"),
        "enforced": ("enforced: true", "enforced: false"),
    },
    "view": {
        "sql": ("SELECT a FROM t", "SELECT 1 AS a"),
        "flatten": ("flatten: s", "flatten: z"),
        "expand": ("flatten: s", "expand: s "),
        "extract": ("flatten: s", "extract: {s: k}"),
        "pack": ("flatten: s", "pack: {s: [b]}"),
        "explode": ("flatten: s", "explode: s"),
        "of": ("of: u", "of: z"),
        "keep": ("keep: [a]", "keep: [b]"),
        "allow_empty": ("keep: [a], allow_empty: false", "keep: [a], allow_empty: true"),
        "fields": ("name: a, type: int64}]", "name: a, type: int32}]"),
        "reads": ("keep: [a], allow", "keep: [a], reads: [a], allow"),
    },
    "query": {
        "sql": ("SELECT a AS c", "SELECT 1 AS c"),
        "parameters": ("{a: int64, b", "{a: int32, b"),
        "fields": ("name: c, type: int64}]", "name: c, type: int32}]"),
        "reads": ("reads: [a, b]", "reads: [a]"),
        "allow_empty": (
            "reads: [a, b]\n    allow_empty: false",
            "reads: [a, b]\n    allow_empty: true",
        ),
    },
    "parameter": {
        "type": ("type: string, example", "type: large_string, example"),
        "example": ("example: x", "example: y"),
    },
    "function": {
        "kind": ("kind: scalar", "kind: window"),
        "arguments": ("arguments: [map]", "arguments: [int8]"),
        "returns": ("returns: list", "returns: map"),
    },
}
#: Read by the engine's registration, the change gate, `waive`, or a person: nothing to be red about.
NOT_PROMISED = {
    "table": {"version", "description", "owner", "consumers", "evolution", "waivers"},
    "session": {"version", "description", "owner", "evolution", "waivers"},
    "consumer": {"name", "owner", "reads"},
    "evolution": set(MODES),
    "field": {"description", "sensitive"},
    "waiver": {"check", "change", "reason", "owner", "expires"},
    "source": {"ignore", "options"},
    "options": {"delimiter", "quote", "header", "compression"},
}


@pytest.mark.parametrize("record", RECORDS)
def test_every_key_of_the_language_is_accounted_for(record: str) -> None:
    accounted = [*YIELDS[record], *CHANGES.get(record, {}), *NOT_PROMISED.get(record, set())]
    assert Counter(accounted) == Counter(list(RECORDS[record].keys))
    known = {*TABLE_IDS, *SESSION_IDS, *VALUE_IDS, *FILE_IDS, "unbounded", "freshness[at]"}
    assert set(YIELDS[record].values()) <= known


@pytest.mark.parametrize(
    ("before", "after"),
    [sides for keys in CHANGES.values() for sides in keys.values()],
    ids=[f"{record}-{key}" for record, keys in CHANGES.items() for key in keys],
)
def test_a_key_that_yields_no_check_of_its_own_changes_one(before: str, after: str) -> None:
    assert TABLE.count(before) == 1
    changed = planned(TABLE.replace(before, after))
    assert set(changed) - set(planned(TABLE))


def checks_of_fields(text: str) -> dict[str, FieldKept]:
    return {check.field.path: check for check in planned(text) if isinstance(check, FieldKept)}


def test_every_node_knows_its_parent_and_its_promised_siblings() -> None:
    found = checks_of_fields(TABLE)
    assert {path: (check.parent, check.siblings) for path, check in found.items()} == {
        "a": (None, ("a", "b", "refs")),
        "b": (None, ("a", "b", "refs")),
        "refs": (None, ("a", "b", "refs")),
        "refs[]": ("refs", ()),
        "refs[].id": ("refs[]", ("id", "attrs")),
        "refs[].attrs": ("refs[]", ("id", "attrs")),
        "refs[].attrs{}.key": ("refs[].attrs", ()),
        "refs[].attrs{}.value": ("refs[].attrs", ()),
        "refs[].attrs{}.value[]": ("refs[].attrs{}.value", ()),
    }


def test_where_any_order_is_fine_nobody_has_ordered_siblings() -> None:
    text = TABLE.replace("field_order: strict", "field_order: any")
    assert {check.siblings for check in checks_of_fields(text).values()} == {()}


def test_fields_deep_down_are_promised_each_for_itself() -> None:
    type_ = "list<struct<m: map<string, large_list<struct<x: int8 not null>>> not null>>"
    found = ids(f'table: t\nfields: [{{name: d, type: "{type_}"}}]\n')
    deepest = "d[].m{}.value[].x"
    paths = ["d", "d[]", "d[].m", "d[].m{}.key", "d[].m{}.value", "d[].m{}.value[]", deepest]
    assert [id_ for id_ in found if id_.startswith("field[")] == [f"field[{p}]" for p in paths]
    assert [id_ for id_ in found if id_.startswith("nulls[")] == [
        "nulls[d[].m]",
        f"nulls[{deepest}]",
    ]


def test_only_what_stands_under_an_emptiable_list_may_be_empty() -> None:
    text = TABLE.replace("    allow_empty: false\n", "    allow_empty: true\n")
    allowed = {check.id: check.allow_empty for check in planned(text) if isinstance(check, NoNulls)}
    assert allowed == {
        "nulls[a]": False,
        "nulls[b]": False,
        "nulls[refs[].id]": True,
        "nulls[refs[].attrs{}.value[]]": True,
    }


def test_a_views_fields_have_the_views_id_and_know_its_siblings() -> None:
    v, w = (check for check in planned(TABLE) if isinstance(check, ViewUsable))
    assert [check.table for check in v.output.fields] == ["v"]
    assert v.output.complete is not None
    assert (v.output.complete.names, v.siblings) == (("a",), ("w",))
    assert (w.parts, w.siblings) == ((), ("v",))


def test_each_check_belongs_to_the_group_that_selects_it() -> None:
    groups = Counter(check.group.value for check in planned(TABLE))
    assert groups == {"schema": 26, "values": 12, "functions": 2, "snapshot": 1}


def test_every_check_stands_at_a_line_of_its_file() -> None:
    lines = len(TABLE.splitlines())
    places = [check.place for check in planned(TABLE)]
    assert {place.file for place in places} == {"contracts/t.yaml"}
    assert all(1 <= place.line <= lines for place in places)


def test_a_waiver_of_nothing_is_refused_with_the_nearest_promise() -> None:
    text = TABLE.replace('"rule[known]"', '"rule[knwon]"')
    what = "the waiver names no promise of this contract: `rule[knwon]`"
    assert refusals(text) == [f"contracts/t.yaml:46:5: {what}; did you mean `rule[known]`?"]


def test_a_waiver_of_something_far_off_is_refused_with_where_to_look() -> None:
    (told,) = refusals(TABLE.replace('"rule[known]"', "unbounded"))
    assert told.endswith("`unbounded`; name one that --collect-only lists")


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    assert refusals("session: s\npreset: csv\n") == [
        "contracts/t.yaml:2:1: unknown preset `csv`; known presets: `cst`, `cst-strings`"
    ]


def test_all_that_is_wrong_with_a_plan_is_told_at_once() -> None:
    text = SESSION.replace("preset: cst", "preset: x").replace("check: catalog", "check: catalogue")
    assert [told.split(": ")[1] for told in refusals(text)] == [
        "unknown preset `x`; known presets",
        "the waiver names no promise of this contract",
    ]


def test_two_promises_that_would_read_the_same_are_refused() -> None:
    text = """\
table: t
fields: [{name: a, type: int8}, {name: b, type: int8}, {name: "a,b", type: int8}]
keys:
  - [a, b]
  - ["a,b"]
"""
    what = "`unique[a,b]` would be the id of two promises"
    instead = "take one of them out, the other is on line 4"
    assert refusals(text) == [f"contracts/t.yaml:5:5: {what}; {instead}"]


LEAVES = st.sampled_from(["int64", "string", "list<int8 not null>", "struct<a: int8 not null>"])


def some(texts: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(texts, min_size=least, max_size=4, unique=True)


@st.composite
def contracts(draw: st.DrawFn, names: st.SearchStrategy[str]) -> str:
    """A valid table contract, as JSON."""
    fields = [
        {"name": name, "type": draw(LEAVES), "nullable": draw(st.booleans())}
        for name in draw(some(names, least=1))
    ]
    least: dict[str, Any] = {"table": "t", "fields": fields}
    bare = parse_contract(json.dumps(least).encode(), "t.yaml")
    paths = [check.field.path for check in plan(bare) if isinstance(check, FieldKept)]
    path = st.sampled_from(paths)
    keys = st.lists(some(path, least=1), max_size=4, unique_by=lambda key: tuple(sorted(key)))
    tables = st.sampled_from(["u", "v"])
    reference = st.builds(
        lambda name, table, field: {"fields": [name], "table": table, "to": [field]},
        *(path, tables, names),
    )
    references = st.lists(reference, max_size=3, unique_by=json.dumps)
    return json.dumps(
        least
        | {
            "source": {"format": "parquet", "location": "t", "partitioned_by": draw(some(names))},
            "keys": draw(keys),
            "references": draw(references),
            "rules": [{"name": name, "sql": "TRUE"} for name in draw(some(names))],
            "views": [{"name": name, "sql": "SELECT 1"} for name in draw(some(tables))],
            "functions": draw(some(st.sampled_from("fg"))),
        }
    )  # fmt: skip


@settings(deadline=None)
@given(contracts(st.sampled_from(["a", "b", "a.b", "a[]", "{}", "a]", 'say "x"', "größe"])))
def test_no_two_checks_of_a_plan_have_one_id(text: str) -> None:
    checks = planned(text)
    assert max(Counter(check.id for check in checks).values()) == 1
    assert len(set(checks)) == len(checks)


@settings(deadline=None)
@given(contracts(st.sampled_from(["a", "b", "a,b", "a→u.b", "→"])))
def test_where_names_could_make_two_ids_one_the_contract_is_planned_without_or_refused(
    text: str,
) -> None:
    try:
        problems: tuple[str, ...] = ()
        ids = [check.id for check in planned(text)]
    except InvalidContract as error:
        problems = tuple(problem.what for problem in error.problems)
        ids = []
    assert all("would be the id of two promises" in what for what in problems)
    assert bool(problems) != bool(ids)
    assert len(set(ids)) == len(ids)
