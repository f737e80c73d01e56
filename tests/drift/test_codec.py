"""Snapshot text: what a commit shows of it, and how it is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cst_contracts.drift.codec import SnapshotVersionError, decode, encode, is_snapshot
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    QuerySnapshot,
    ReaderSnapshot,
    SessionSnapshot,
    Snapshot,
    TableSnapshot,
    ViewSnapshot,
    sorted_session,
)
from cst_contracts.drift.snapshot_file import snapshot_schema
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import FunctionFacts, Signature

SNAPSHOTS_FOLDER = Path(__file__).parents[2] / "snapshots"
TEXTS = st.text(max_size=8)
NAMES = st.lists(TEXTS, max_size=3).map(tuple)
NODES = st.builds(
    NodeSnapshot,
    path=TEXTS,
    type=TEXTS,
    nullable=st.booleans(),
    metadata=st.dictionaries(TEXTS, TEXTS, max_size=2).map(
        lambda map_: tuple(sorted(map_.items()))
    ),
)
FIELDS = st.lists(NODES, max_size=4, unique_by=lambda node: node.path).map(tuple)
QUERIES = st.builds(QuerySnapshot, functions=NAMES, plan=NAMES)
VIEWS = st.builds(ViewSnapshot, name=TEXTS, fields=FIELDS, query=QUERIES)
READERS = st.builds(ReaderSnapshot, name=TEXTS, functions=NAMES, reads=NAMES)
TABLES = st.builds(
    TableSnapshot,
    table=TEXTS,
    fields=FIELDS,
    partitioned_by=NAMES,
    ordered_by=NAMES,
    query=QUERIES,
    views=st.lists(VIEWS, max_size=2, unique_by=lambda view: view.name).map(
        lambda views: tuple(sorted(views, key=lambda view: view.name))
    ),
    queries=st.lists(READERS, max_size=2, unique_by=lambda query: query.name).map(
        lambda queries: tuple(sorted(queries, key=lambda query: query.name))
    ),
)
FUNCTIONS = st.builds(
    FunctionFacts,
    name=TEXTS,
    kind=TEXTS,
    deterministic=st.booleans(),
    signatures=st.lists(
        st.builds(Signature, arguments=NAMES, returns=st.none() | TEXTS), max_size=3
    ).map(tuple),
)
SESSIONS = st.builds(
    sorted_session,
    functions=st.lists(FUNCTIONS, max_size=3),
    settings=st.dictionaries(TEXTS, st.none() | TEXTS, max_size=3).map(
        lambda map_: tuple(map_.items())
    ),
    shadowed=NAMES,
)
SNAPSHOTS: st.SearchStrategy[Snapshot] = TABLES | SESSIONS

TABLE_TEXT = """\
{
  "snapshot_version": 2,
  "table": "cst_refs",
  "partitioned_by": [],
  "ordered_by": [
    "path asc nulls last"
  ],
  "fields": [
    {"path": "größe", "type": "int64", "arrow_type": "Int64", "nullable": false, "metadata": {}},
    {"path": "refs", "type": "list", "nullable": true, "metadata": {"semantic": "References"}}
  ],
  "functions": [],
  "plan": [],
  "views": [
    {
      "name": "large",
      "fields": [
        {"path": "größe", "type": "int64", "nullable": false, "metadata": {}}
      ],
      "functions": ["abs", "round"],
      "plan": [
        "Filter: abs(cst_refs.größe) > round(9.5)",
        "  TableScan: cst_refs"
      ]
    }
  ],
  "queries": [
    {"name": "of_path", "functions": ["lower"], "reads": ["größe", "other.refs"]}
  ]
}
"""
TABLE = TableSnapshot(
    table="cst_refs",
    ordered_by=("path asc nulls last",),
    fields=(
        NodeSnapshot("größe", "int64", nullable=False, arrow_type="Int64"),
        NodeSnapshot("refs", "list", nullable=True, metadata=(("semantic", "References"),)),
    ),
    views=(
        ViewSnapshot(
            "large",
            (NodeSnapshot("größe", "int64", nullable=False),),
            QuerySnapshot(
                ("abs", "round"),
                ("Filter: abs(cst_refs.größe) > round(9.5)", "  TableScan: cst_refs"),
            ),
        ),
    ),
    queries=(ReaderSnapshot("of_path", ("lower",), ("größe", "other.refs")),),
)

SESSION_TEXT = """\
{
  "snapshot_version": 2,
  "settings": {
    "datafusion.catalog.location": null,
    "datafusion.sql_parser.dialect": "PostgreSQL"
  },
  "shadowed": ["abs"],
  "functions": [
    {"name": "abs", "kind": "scalar", "deterministic": true, "signatures": [
      {"arguments": ["Float64"], "returns": "Float64"},
      {"arguments": ["Int64"], "returns": null}
    ]},
    {"name": "arrow_cast", "kind": "scalar", "deterministic": true, "signatures": []}
  ]
}
"""
SESSION = SessionSnapshot(
    functions=(
        FunctionFacts(
            "abs",
            "scalar",
            deterministic=True,
            signatures=(Signature(("Float64",), "Float64"), Signature(("Int64",), None)),
        ),
        FunctionFacts("arrow_cast", "scalar", deterministic=True),
    ),
    settings=(
        ("datafusion.catalog.location", None),
        ("datafusion.sql_parser.dialect", "PostgreSQL"),
    ),
    shadowed=("abs",),
)


@pytest.mark.parametrize(
    ("snapshot", "text"), [(TABLE, TABLE_TEXT), (SESSION, SESSION_TEXT)], ids=["table", "session"]
)
def test_a_node_and_an_overload_are_one_line_each(snapshot: Snapshot, text: str) -> None:
    assert encode(snapshot) == text
    assert decode(text) == snapshot


@given(SNAPSHOTS)
def test_what_was_encoded_comes_back(snapshot: Snapshot) -> None:
    text = encode(snapshot)
    assert decode(text) == snapshot
    assert encode(decode(text)) == text
    json.loads(text.encode())


@given(SNAPSHOTS, SNAPSHOTS)
def test_text_is_equal_where_snapshots_are(one: Snapshot, other: Snapshot) -> None:
    assert (encode(one) == encode(other)) == (one == other)


@given(st.data())
def test_a_snapshot_cut_short_is_refused(data: st.DataObject) -> None:
    text = encode(data.draw(SNAPSHOTS)).rstrip("\n")
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(SnapshotError, match=r"^x\.json:\d+:\d+: not JSON .*--snapshot-update`$"):
        decode(cut, "x.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=3,
)


@given(st.sampled_from([TABLE_TEXT, SESSION_TEXT]), JSON, st.data())
def test_a_value_of_another_shape_is_refused_or_read(
    text: str, value: object, data: st.DataObject
) -> None:
    document = json.loads(text)
    spoiled = document
    while True:
        keys = list(spoiled) if isinstance(spoiled, dict) else list(range(len(spoiled)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(spoiled[key], dict | list) and spoiled[key] and data.draw(st.booleans()):
            spoiled = spoiled[key]
            continue
        spoiled[key] = value
        break
    match read_or_refused(json.dumps(document)):
        case SnapshotError() as error:
            assert "--snapshot-update" in str(error)
        case snapshot:
            assert decode(encode(snapshot)) == snapshot


def read_or_refused(text: str) -> Snapshot | SnapshotError:
    try:
        return decode(text)
    except SnapshotError as error:
        return error


def spoiled(old: str, new: str, text: str = TABLE_TEXT) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize("version", [0, 1, 10**30])
def test_another_format_version_is_named(version: int) -> None:
    with pytest.raises(SnapshotVersionError) as caught:
        decode(spoiled('_version": 2', f'_version": {version}'), "snapshots/cst_refs.json")
    assert caught.value.version == version
    assert str(caught.value) == (
        f"snapshots/cst_refs.json: snapshot format version {version}, where this release reads "
        "version 2; regenerate it with `pytest --snapshot-update`"
    )


def test_a_text_is_a_snapshot_even_where_it_is_of_another_version() -> None:
    assert is_snapshot(SESSION_TEXT)
    other = SESSION_TEXT.replace('"snapshot_version": 2', '"snapshot_version": 9')
    assert other != SESSION_TEXT
    assert is_snapshot(other)
    assert not is_snapshot("{}")


def test_another_format_version_is_told_before_the_rest_is_read() -> None:
    with pytest.raises(SnapshotVersionError, match="format version 3"):
        decode('{"snapshot_version": 3, "tables": "of a later shape"}')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.json:1:1: not JSON (Expecting value)"),
        ("<<<<<<< HEAD\n{}", "x.json:1:1: not JSON (Expecting value)"),
        ("\ufeff{}", "x.json:1:1: not JSON (Unexpected UTF-8 BOM (decode using utf-8-sig))"),
        ("[]", "x.json: expected an object, found an array"),
        ("{}", 'x.json: "snapshot_version" is missing'),
        (
            '{"snapshot_version": true}',
            "x.json: snapshot_version: expected a whole number, found true",
        ),
        (
            '{"snapshot_version": "1"}',
            'x.json: snapshot_version: expected a whole number, found "1"',
        ),
        (
            '{"snapshot_version": 2}',
            "x.json: expected the snapshot of a table or a session, found neither",
        ),
        (
            '{"snapshot_version": 2, "snapshot_version": 2}',
            'x.json: member "snapshot_version" stands twice in one object',
        ),
        ("[" * 100_000, "x.json: nested too deeply"),
        (
            spoiled('"partitioned_by": [],', ""),
            'x.json: "partitioned_by" is missing',
        ),
        (
            spoiled('"ordered_by"', '"sorted_by"'),
            "x.json: object contains unknown field `sorted_by`",
        ),
        (spoiled('"cst_refs"', "{}"), "x.json: table: expected a string, found an object"),
        (
            spoiled('"path asc nulls last"', "null"),
            "x.json: ordered_by[0]: expected a string, found null",
        ),
        (
            spoiled('"nullable": true', '"nullable": "yes"'),
            "x.json: fields[1].nullable: expected true or false, found a string",
        ),
        (
            spoiled('"References"', "7"),
            "x.json: fields[1].metadata[...]: expected a string, found a whole number",
        ),
        (spoiled("[]", "0"), "x.json: partitioned_by: expected an array, found a whole number"),
        (
            spoiled("größe", "refs"),
            'x.json: fields: expected each once, found "refs" 2 times',
        ),
        (
            spoiled("größe", "\\ud800"),
            "x.json: JSON is malformed: unexpected end of escaped utf-16 surrogate pair (byte 157)",
        ),
        (
            spoiled("arrow_cast", "abs", SESSION_TEXT),
            'x.json: functions: expected each once, found "abs (scalar)" 2 times',
        ),
        (
            spoiled('["Int64"]', f'["Int64", "{"x" * 50}", 1]', SESSION_TEXT),
            "x.json: functions[0].signatures[1].arguments[2]: expected a string, found a whole number",
        ),
        (
            spoiled("true", f'"{"x" * 50}"', SESSION_TEXT),
            "x.json: functions[0].deterministic: expected true or false, found a string",
        ),
    ],
    ids=lambda text: text[:40] or "empty",
)
def test_a_wrong_shape_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        decode(text, "x.json")
    assert str(caught.value) == f"{message}; regenerate it with `pytest --snapshot-update`"


@pytest.mark.parametrize("text", [TABLE_TEXT, SESSION_TEXT])
def test_what_is_written_is_valid_by_the_schema_and_a_part_of_it_is_not(text: str) -> None:
    validator = Draft202012Validator(snapshot_schema())
    document = json.loads(text)
    validator.validate(document)
    del document["functions"]
    assert not validator.is_valid(document)


def test_the_repositorys_own_snapshots_are_written_as_they_were_read() -> None:
    files = sorted(SNAPSHOTS_FOLDER.glob("*.json"))
    assert len(files) > 10
    for file in files:
        text = file.read_bytes().decode()
        assert encode(decode(text, file.name)) == text


@given(SNAPSHOTS)
def test_text_is_spelled_as_pythons_json_spells_it(snapshot: Snapshot) -> None:
    """Files of releases that wrote them with `json` stay as they are."""
    text = encode(snapshot)
    lines = [line.strip().removesuffix(",") for line in text.split("\n")]
    for line in lines:
        if line.startswith('{"path"'):
            assert json.dumps(json.loads(line), ensure_ascii=False) == line


def test_lines_in_another_order_are_the_same_session() -> None:
    document = json.loads(SESSION_TEXT)
    document["functions"].reverse()
    document["functions"][1]["signatures"].reverse()
    assert decode(json.dumps(document)) == SESSION
