"""Two manifests, as a run writes them, to what moved between them."""

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from msgspec.structs import replace

from cst_contracts.drift.comparison import compare
from cst_contracts.drift.manifests import read_manifest
from cst_contracts.errors import ManifestError
from cst_contracts.facts import FunctionFacts, QueryFacts, SessionFacts, Signature, TableFacts
from cst_contracts.report.manifest import (
    manifest_json,
    manifest_text,
    session_json,
    table_json,
)
from cst_contracts.report.promise import PromiseRecord

REFS = pa.list_(pa.struct([pa.field("id", pa.string(), nullable=False), ("at", pa.int64())]))
TABLE = TableFacts("t", "parquet", pa.schema([("a", pa.int64()), ("refs", REFS)]))
VIEW = TableFacts(
    "v",
    "view",
    pa.schema([("a", pa.int64())]),
    query=QueryFacts(("Projection: abs(t.a) AS a", "  TableScan: t"), ("abs",)),
)
ABS = FunctionFacts("abs", "scalar", True, (Signature(("Int64",), "Int64"),))  # noqa: FBT003
SUM = FunctionFacts("sum", "aggregate", True, (Signature(("Map(a, b)", "…"), None),))  # noqa: FBT003
SESSION = SessionFacts({"datafusion.sql_parser.dialect": "generic", "gone": "1"}, (ABS, SUM))
REQUIRED = {"name": "s", "promised": "1", "effective": "1", "contract": "c.yaml", "place": "c:1:1"}
VERSIONS = {"datafusion": "55.0.0"}


def record(check: str, outcome: str = "kept", *, failed: bool = False) -> PromiseRecord:
    place = "contracts/t.yaml:1:1"
    return PromiseRecord(
        "contracts/t.yaml", "t", check, "schema", outcome, "error", place, failed=failed
    )


def manifest() -> Any:
    records = [record("table"), record("rows"), record("fields", "broken", failed=True)]
    tables = [table_json(TABLE, 3), table_json(VIEW, 3)]
    return manifest_json(VERSIONS, session_json(SESSION), tables, records, [dict(REQUIRED)])


def told(before: Any, after: Any) -> list[str]:
    one, other = (
        read_manifest(manifest_text(each), name) for each, name in ((before, "old"), (after, "new"))
    )
    return [each.line for each in compare(one, other)]


def with_table(facts: TableFacts) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document["tables"] = [
            {**table_json(facts, 9), "diagnostics": []} if each["table"] == facts.name else each
            for each in document["tables"]
        ]

    return change


def with_session(**changes: Any) -> Callable[[Any], None]:
    return lambda document: document.update(session_json(replace(SESSION, **changes)))


def with_records(*records: PromiseRecord) -> Callable[[Any], None]:
    told = manifest_json({}, None, [], records)["promises"]
    return lambda document: document.update(promises=told)


NARROW = pa.list_(pa.struct([pa.field("id", pa.string()), ("at", pa.int32())]))
OTHER_ABS = replace(ABS, deterministic=False, signatures=(Signature(("Int64",), "Utf8"),))
KEPT = (record("table"), record("rows"), record("fields", "broken", failed=True))
DIALECT = "datafusion.sql_parser.dialect"

MOVED: list[tuple[Callable[[Any], None], list[str]]] = [
    (
        with_table(replace(TABLE, schema=pa.schema([("refs", NARROW), ("b", pa.string())]))),
        [
            "table t: a: int64 → absent (breaking)",
            "table t: refs[].id: not null → nullable (breaking)",
            "table t: refs[].at: int64 → int32 (breaking)",
            "table t: b: absent → string (compatible)",
        ],
    ),
    (
        with_table(replace(VIEW, query=QueryFacts(("Projection: t.a", "  TableScan: t"), ()))),
        [
            'table v: plan "Projection: abs(t.a) AS a" → "Projection: t.a" (breaking)',
            "table v: calls abs → nothing (compatible)",
        ],
    ),
    (with_table(replace(TABLE, location="elsewhere", files=7)), []),
    (lambda document: document["tables"].pop(), ["table v: looked at → absent (breaking)"]),
    (
        with_session(functions=(OTHER_ABS, replace(SUM, kind="window"))),
        [
            "scalar function abs: deterministic → volatile (breaking)",
            "scalar function abs: (Int64) returns Int64 → Utf8 (breaking)",
            "function sum: aggregate → window (breaking)",
        ],
    ),
    (with_session(functions=(ABS,)), ["aggregate function sum: present → absent (breaking)"]),
    (
        with_session(shadowed=("abs",)),
        ["function abs: the engine's own → another in its place (breaking)"],
    ),
    (
        with_session(settings={DIALECT: "MySQL", "new": "1"}),
        [
            f'setting {DIALECT}: "generic" → "MySQL" (breaking)',
            "setting gone: there → unknown to the session (compatible)",
            "setting new: unknown to the session → there (compatible)",
        ],
    ),
    (
        with_session(settings={**SESSION.settings, "datafusion.runtime.memory_limit": "8G"}),
        [],
    ),
    (
        lambda document: document["required_settings"][0].update(promised="2"),
        ["setting s: promised 1 → 2 (compatible)"],
    ),
    (
        lambda document: document["versions"].update(datafusion="56.0.0"),
        ["version of datafusion: 55.0.0 → 56.0.0 (compatible)"],
    ),
    (
        with_records(record("table", "broken", failed=True), record("fields"), record("new")),
        [
            "contracts/t.yaml rows: kept → not promised (breaking)",
            "contracts/t.yaml table: kept → broken (breaking)",
            "contracts/t.yaml fields: broken → kept (compatible)",
            "contracts/t.yaml new: not promised → kept (compatible)",
        ],
    ),
    (
        with_records(*KEPT, record("new", "broken", failed=True), record("more", "broken")),
        [
            "contracts/t.yaml new: not promised → broken (breaking)",
            "contracts/t.yaml more: not promised → broken (compatible)",
        ],
    ),
]


@pytest.mark.parametrize(
    ("change", "lines"), MOVED, ids=[str(index) for index in range(len(MOVED))]
)
def test_what_moved_is_told_line_by_line(change: Callable[[Any], None], lines: list[str]) -> None:
    before, after = manifest(), manifest()
    change(after)

    assert told(before, after) == lines


def test_equal_manifests_have_nothing_to_tell() -> None:
    assert told(manifest(), manifest()) == []


def test_an_upgrade_is_told_readably() -> None:
    new = tuple(FunctionFacts(f"new_{index}", "scalar", True) for index in range(100))  # noqa: FBT003
    after = manifest()
    with_session(functions=(ABS, *new))(after)

    assert told(manifest(), after) == [
        "aggregate function sum: present → absent (breaking)",
        "100 functions added: new_0, new_1, new_10, new_11, new_12 and 95 more (compatible)",
    ]


def test_a_manifest_of_an_earlier_release_is_read() -> None:
    before = manifest()
    for key in ("required_settings", "shadowed_functions"):
        del before[key]
    for table in before["tables"]:
        del table["view"]

    assert told(before, manifest()) == [
        "table v: calls nothing → abs (compatible)",
        "table v: plan absent → present (compatible)",
        "setting s: promised nothing → 1 (compatible)",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "m.json:1:1: not JSON (Expecting value)"),
        ("[]", "m.json: expected an object, found an array"),
        ("{}", 'm.json: expected a manifest, found no "manifest_version"'),
        (
            '{"manifest_version": 2}',
            "m.json: manifest_version: expected manifest version 1, found 2",
        ),
        ('{"manifest_version": 1}', 'm.json: expected an object with "settings", found none'),
        (
            json.dumps({**manifest(), "tables": [{"table": 7}]}),
            "m.json: tables[0].table: expected a string, found 7",
        ),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read_manifest(text, "m.json")

    assert str(caught.value) == f"{message}; write it with `pytest --cst-manifest FILE`"
