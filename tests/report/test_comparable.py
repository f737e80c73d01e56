"""What moved between two runs, by the manifests that they wrote."""

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from msgspec.structs import replace
from support.promises import promise

from cst_contracts.drift.comparison import compare
from cst_contracts.errors import ManifestError
from cst_contracts.facts import (
    CouldNotLook,
    FunctionFacts,
    QueryFacts,
    SeenTable,
    SessionFacts,
    Signature,
    TableFacts,
)
from cst_contracts.report.comparable import comparable
from cst_contracts.report.manifest import manifest_of, manifest_text, read_manifest
from cst_contracts.report.manifest_file import Outcome, PromiseRecord, SettingEntry
from cst_contracts.report.observed import Observed, session_entry, table_entry

REFS = pa.list_(pa.struct([pa.field("id", pa.string(), nullable=False), ("at", pa.int64())]))
TABLE = TableFacts("t", "parquet", pa.schema([("a", pa.int64()), ("refs", REFS)]))
VIEW = TableFacts("v", "view", pa.schema([("a", pa.int64())]))
QUERY = QueryFacts(("Projection: abs(t.a) AS a", "  TableScan: t"), ("abs",))
ABS = FunctionFacts("abs", "scalar", True, (Signature(("Int64",), "Int64"),))  # noqa: FBT003
SUM = FunctionFacts("sum", "aggregate", True, (Signature(("Map(a, b)", "…"), None),))  # noqa: FBT003
SESSION = SessionFacts({"datafusion.sql_parser.dialect": "generic", "gone": "1"}, (ABS, SUM))
REQUIRED = SettingEntry(
    name="s", promised="1", effective="1", contract="c.yaml", place="c.yaml:1:1"
)
VERSIONS = {"datafusion": "55.0.0"}


def record(check: str, outcome: str = "kept", *, failed: bool = False) -> PromiseRecord:
    kept = promise("contracts/t.yaml", "t", check)
    return replace(kept, outcome=Outcome(outcome), failed=failed)


KEPT = (record("table"), record("rows"), record("fields", "broken", failed=True))
SEEN = Observed(
    session=session_entry(SESSION),
    required_settings=(REQUIRED,),
    tables=(
        table_entry(SeenTable("t", TABLE, rows=3)),
        table_entry(SeenTable("v", VIEW, rows=3, query=QUERY)),
    ),
)


def written(seen: Observed = SEEN, records: tuple[PromiseRecord, ...] = KEPT) -> Any:
    return json.loads(manifest_text(manifest_of(VERSIONS, seen, records)))


def manifest() -> Any:
    return written()


def told(before: Any, after: Any) -> list[str]:
    one, other = (
        comparable(read_manifest(json.dumps(each), name))
        for each, name in ((before, "old"), (after, "new"))
    )
    return [each.line for each in compare(one, other)]


def with_table(facts: TableFacts, query: QueryFacts | None = None) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        (entry,) = written(
            Observed(tables=(table_entry(SeenTable(facts.name, facts, rows=9, query=query)),)), ()
        )["tables"]
        document["tables"] = [
            entry if each["table"] == facts.name else each for each in document["tables"]
        ]

    return change


def with_session(**changes: Any) -> Callable[[Any], None]:
    made = written(Observed(session=session_entry(replace(SESSION, **changes))), ())
    keys = ("settings", "functions", "shadowed_functions")
    return lambda document: document.update({key: made[key] for key in keys})


def with_records(*records: PromiseRecord) -> Callable[[Any], None]:
    promises = written(Observed(), records)["promises"]
    return lambda document: document.update(promises=promises)


NARROW = pa.list_(pa.struct([pa.field("id", pa.string()), ("at", pa.int32())]))
OTHER_ABS = replace(ABS, deterministic=False, signatures=(Signature(("Int64",), "Utf8"),))
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
        with_table(VIEW, QueryFacts(("Projection: t.a", "  TableScan: t"), ())),
        [
            'table v: plan "Projection: abs(t.a) AS a" → "Projection: t.a" (breaking)',
            "table v: calls abs → nothing (compatible)",
        ],
    ),
    (with_table(replace(TABLE, location="elsewhere", files=7)), []),
    (lambda document: document["tables"].pop(), ["table v: looked at → not looked at (breaking)"]),
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


def test_a_table_that_could_not_be_opened_counts_as_not_looked_at() -> None:
    gone = table_entry(SeenTable("v", None, trouble=CouldNotLook("no function `abs`", "v")))
    after = written(replace(SEEN, tables=(SEEN.tables[0], gone)))
    assert told(manifest(), after) == ["table v: looked at → not looked at (breaking)"]


def test_keys_of_a_later_release_are_passed_over() -> None:
    after = manifest()
    for each in (after, after["promises"][0], after["tables"][0], after["tables"][0]["fields"][0]):
        each["of_a_later_release"] = {"more": [1]}
    assert told(manifest(), after) == []


def test_a_manifest_of_an_earlier_release_is_read() -> None:
    before = manifest()
    for key in ("required_settings", "shadowed_functions", "memory", "catalogs"):
        del before[key]
    for table in before["tables"]:
        for key in ("view", "schema_diagnostics", "files", "delta_latest_version"):
            del table[key]
    for entry in before["promises"]:
        for key in ("group", "hidden_by", "samples"):
            del entry[key]

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
            "m.json: manifest_version: expected 1, found 2",
        ),
        ('{"manifest_version": 1}', 'm.json: "versions" is missing'),
        (
            json.dumps({**manifest(), "tables": [{"table": 7}]}),
            "m.json: tables[0].table: expected a string, found a whole number",
        ),
        (
            json.dumps({**manifest(), "summary": {"passed": 1}}),
            "m.json: summary: invalid enum value 'passed'",
        ),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read_manifest(text, "m.json")

    assert str(caught.value) == f"{message}; write it with `pytest --cst-manifest FILE`"


def test_a_session_that_nobody_looked_at_has_lost_nothing() -> None:
    before, after = manifest(), manifest()
    after.update(settings={}, functions=[], shadowed_functions=[])
    assert told(before, after) == ["functions and settings: looked at → not looked at (compatible)"]
    assert told(after, after) == []


def test_a_promise_that_was_not_selected_is_not_said_to_be_gone() -> None:
    after = manifest()
    with_records(*KEPT[1:])(after)
    after["run"] = {"deselected": 1, "keyword": "fields"}
    assert told(manifest(), after) == [
        f"contracts/t.yaml {KEPT[0].check}: kept → not selected (breaking)"
    ]
