"""What a run promised and observed, as one JSON document of a stable shape."""

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import SettingContract
from cst_contracts.facts import (
    Basis,
    ConstraintKind,
    DeltaFacts,
    FieldDiagnostic,
    FunctionFacts,
    LoggedConstraint,
    OrderingFacts,
    PartitionFacts,
    QueryFacts,
    SessionFacts,
    Signature,
    SortTerm,
    TableFacts,
)
from cst_contracts.location import Location
from cst_contracts.report.manifest import (
    MemoryTaken,
    manifest_json,
    manifest_schema,
    manifest_text,
    session_json,
    setting_json,
    table_json,
)
from cst_contracts.report.promise import Outcome, PromiseRecord

VALIDATOR = Draft202012Validator(manifest_schema())
VERSIONS = {"cst_contracts": "1.0", "datafusion": "55", "python": "3.11"}
SESSION = SessionFacts(
    {"z.last": None, "a.first": "true"},
    (
        FunctionFacts(
            "f",
            "scalar",
            deterministic=True,
            signatures=(Signature(("Int64", "…"), "Utf8"), Signature((), None)),
        ),
        FunctionFacts("g", "window", deterministic=False),
    ),
)
TABLE = TableFacts(
    "refs",
    "delta",
    pa.schema(
        [
            pa.field("id", pa.string(), nullable=False, metadata={"b": "2", "a": b"\xff"}),
            pa.field("refs", pa.list_(pa.struct([("a.b", pa.int64())]))),
        ]
    ),
    location="file:///lake/refs",
    partitions=(PartitionFacts("repo", pa.string(), 2),),
    ordering=OrderingFacts((SortTerm("id"), SortTerm("x", descending=True)), supplied=False),
    delta=DeltaFacts(
        version=12,
        latest=14,
        features=("deletionVectors",),
        constraints=(LoggedConstraint(ConstraintKind.CHECK, "above", "a > 0"),),
    ),
    files=3,
    diagnostics=(
        FieldDiagnostic("id", "Utf8View", "Utf8", nullable=False, metadata=(("b", "2"),)),
    ),
)

TAKEN = MemoryTaken(limit=1024, peak=512)


def record(check: str, code: FindingCode | None, subject: str = "refs") -> PromiseRecord:
    return PromiseRecord(
        contract="contracts/refs.yaml",
        subject=subject,
        check=check,
        group="schema",
        outcome="kept" if code is None else "broken",
        severity="error",
        place="contracts/refs.yaml:1:1",
        code=None if code is None else code.value,
        observed=None if code is None else "something else",
        basis="scan",
    )


def full() -> dict[str, Any]:
    records = [
        record("table", None),
        record("fields", FindingCode.FIELD_ORDER),
        record("rows", None, "u"),
    ]
    tables = [table_json(TABLE, 20), table_json(TableFacts("empty", "view", pa.schema([])), None)]
    return manifest_json(VERSIONS, session_json(SESSION), tables, records)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(manifest_schema())
    assert manifest_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_manifest_of_much_and_one_of_nothing_are_valid_as_read_back() -> None:
    for manifest in (full(), manifest_json({}, None, [], [])):
        read = json.loads(manifest_text(manifest))
        assert read == manifest
        VALIDATOR.validate(read)


def test_a_manifest_has_the_agreed_keys() -> None:
    manifest = full()
    keys = [
        "manifest_version",
        "versions",
        "memory",
        "settings",
        "functions",
        "tables",
        "promises",
        "summary",
    ]
    more = {"shadowed_functions", "required_settings", "catalogs"}
    assert [key for key in manifest if key not in more] == keys
    assert manifest["manifest_version"] == 1
    assert manifest["versions"] == VERSIONS
    agreed = {"contract", "check", "outcome", "severity", "code", "place", "promised", "observed"}
    agreed |= {"basis", "rows", "violations", "hint"}
    assert all(agreed <= promise.keys() for promise in manifest["promises"])
    agreed = {"table", "format", "location", "delta_version", "rows", "fields"}
    agreed |= {"partitioned_by", "ordered_by", "diagnostics"}
    assert all(agreed <= table.keys() for table in manifest["tables"])


def test_a_table_is_told_node_by_node() -> None:
    assert table_json(TABLE, 20) == {
        "table": "refs",
        "format": "delta",
        "location": "file:///lake/refs",
        "delta_version": 12,
        "delta_latest_version": 14,
        "delta_features": ["deletionVectors"],
        "delta_constraints": [{"kind": "CHECK constraint", "name": "above", "sql": "a > 0"}],
        "files": 3,
        "rows": 20,
        "fields": [
            {
                "path": "id",
                "type": "string",
                "nullable": False,
                "metadata": {"a": "\ufffd", "b": "2"},
            },
            {
                "path": "refs",
                "type": "list<item: struct<a.b: int64>>",
                "nullable": True,
                "metadata": {},
            },
            {
                "path": "refs[]",
                "type": "struct<a.b: int64>",
                "nullable": True,
                "metadata": {},
            },
            {"path": 'refs[]."a.b"', "type": "int64", "nullable": True, "metadata": {}},
        ],
        "schema_diagnostics": [
            {
                "path": "id",
                "arrow_type": "Utf8View",
                "audit_type": "Utf8",
                "nullable": False,
                "metadata": {"b": "2"},
            }
        ],
        "partitioned_by": ["repo"],
        "ordered_by": ["id asc nulls last", "x desc nulls last"],
        "view": None,
    }


def test_a_view_is_told_with_what_it_asks_for() -> None:
    query = QueryFacts(("Projection: abs(t.a) AS a", "  TableScan: t"), ("abs",))
    facts = TableFacts("v", "view", pa.schema([("a", pa.int64())]), query=query)
    found = record("view[v]", FindingCode.FUNCTION_MISSING)

    manifest = manifest_json({}, None, [table_json(facts, None)], [found])

    VALIDATOR.validate(manifest)
    assert manifest["tables"][0]["view"] == {
        "functions": ["abs"],
        "plan": ["Projection: abs(t.a) AS a", "  TableScan: t"],
    }
    assert [each["check"] for each in manifest["tables"][0]["diagnostics"]] == ["view[v]"]


def test_a_required_setting_is_told_as_promised_and_as_it_is() -> None:
    setting = SettingContract("a.b", "1", Location("contracts/s.yaml", 3, 5))
    told = setting_json("contracts/s.yaml", setting, None)

    VALIDATOR.validate(manifest_json({}, None, [], [], [told]))
    assert told == {
        "name": "a.b",
        "promised": "1",
        "effective": None,
        "contract": "contracts/s.yaml",
        "place": "contracts/s.yaml:3:5",
    }


def test_a_session_is_told_in_order_with_its_functions_signatures() -> None:
    told = session_json(SESSION)
    assert list(told["settings"].items()) == [("a.first", "true"), ("z.last", None)]
    assert told["functions"] == [
        {
            "name": "f",
            "kind": "scalar",
            "deterministic": True,
            "signatures": ["(Int64, …) -> Utf8", "() -> any"],
        },
        {"name": "g", "kind": "window", "deterministic": False, "signatures": []},
    ]


def test_tables_come_by_name_each_with_what_its_promises_found() -> None:
    tables = full()["tables"]
    assert [table["table"] for table in tables] == ["empty", "refs"]
    assert [table["diagnostics"] for table in tables] == [
        [],
        [{"check": "fields", "code": "field-order", "observed": "something else"}],
    ]


def test_every_outcome_is_counted_even_where_there_is_none() -> None:
    assert full()["summary"] == {
        "kept": 2,
        "broken": 1,
        "undecided": 0,
        "vacuous": 0,
        "waived": 0,
    }


@pytest.mark.parametrize(
    ("where", "key", "wrong"),
    [
        ("promises", "outcome", "passed"),
        ("promises", "code", "no-such-code"),
        ("promises", "basis", "guess"),
        ("promises", "rows", -1),
        ("tables", "rows", "many"),
        ("functions", "deterministic", "yes"),
    ],
)
def test_the_schema_refuses_what_no_manifest_says(where: str, key: str, wrong: object) -> None:
    manifest = full()
    manifest[where][0][key] = wrong
    assert [list(error.path) for error in VALIDATOR.iter_errors(manifest)] == [[where, 0, key]]
    del manifest[where][0][key]
    assert [error.validator for error in VALIDATOR.iter_errors(manifest)] == ["required"]


def test_more_may_stand_beside_the_agreed_keys() -> None:
    manifest = full() | {"more": 1}
    manifest["promises"][0]["more"] = 1
    assert list(VALIDATOR.iter_errors(manifest)) == []


RECORDS = st.builds(
    PromiseRecord,
    contract=st.text(),
    subject=st.sampled_from(["t", "u"]),
    check=st.text(),
    group=st.text(),
    outcome=st.sampled_from([outcome.value for outcome in Outcome]),
    severity=st.sampled_from(["error", "warn"]),
    place=st.text(),
    code=st.none() | st.sampled_from([code.value for code in FindingCode]),
    promised=st.none() | st.text(),
    observed=st.none() | st.text(),
    basis=st.none() | st.sampled_from([basis.value for basis in Basis]),
    rows=st.none() | st.integers(0),
    violations=st.none() | st.integers(0),
    hint=st.none() | st.text(),
    failed=st.booleans(),
    hidden_by=st.none() | st.text(),
)


@settings(deadline=None, max_examples=50)
@given(st.lists(RECORDS, max_size=5), st.none() | st.integers(0))
def test_whatever_was_promised_the_manifest_is_valid_and_adds_up(
    records: list[PromiseRecord], rows: int | None
) -> None:
    table = table_json(TableFacts("t", "parquet", TABLE.schema), rows)
    manifest = json.loads(manifest_text(manifest_json({}, session_json(SESSION), [table], records)))
    VALIDATOR.validate(manifest)
    assert sum(manifest["summary"].values()) == len(manifest["promises"]) == len(records)
    told = [r for r in records if r.subject == "t" and r.code is not None]
    assert len(manifest["tables"][0]["diagnostics"]) == len(told)
