"""What a run promised and observed, as one JSON document of a stable shape."""

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import Struct
from msgspec.json import encode
from msgspec.structs import replace

from cst_contracts.checks.check import Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import SettingContract, Severity
from cst_contracts.contract.parse import parse_contract
from cst_contracts.facts import (
    Artifact,
    Basis,
    CatalogFacts,
    ConstraintKind,
    CouldNotLook,
    DeltaFacts,
    FieldDiagnostic,
    FunctionFacts,
    LoggedConstraint,
    OrderingFacts,
    PartitionFacts,
    QueryFacts,
    RowCount,
    SeenTable,
    SessionFacts,
    Signature,
    SortTerm,
    Stray,
    TableFacts,
)
from cst_contracts.location import Location
from cst_contracts.report.manifest import manifest_of, manifest_text, read_manifest
from cst_contracts.report.manifest_file import (
    CauseEntry,
    FindingEntry,
    Manifest,
    MemoryTaken,
    Outcome,
    PromiseRecord,
    RunEntry,
    manifest_schema,
)
from cst_contracts.report.observed import (
    Observed,
    contract_entry,
    invalid_contract_entry,
    merged,
    observed,
    session_entry,
    setting_entry,
    table_entry,
)
from cst_contracts.report.places import Places

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
    delta=DeltaFacts(
        version=12,
        latest=14,
        features=("deletionVectors",),
        constraints=(LoggedConstraint(ConstraintKind.CHECK, "above", "a > 0"),),
    ),
    files=3,
)
REFS = SeenTable(
    "refs",
    TABLE,
    rows=20,
    ordering=OrderingFacts((SortTerm("id"), SortTerm("x", descending=True)), supplied=False),
    diagnostics=(
        FieldDiagnostic("id", "Utf8View", "Utf8", nullable=False, metadata=(("b", "2"),)),
    ),
)
GONE = SeenTable(
    "gone",
    None,
    trouble=CouldNotLook("no Parquet file there", "gone", "file:///lake/gone"),
)


def seen(name: str, rows: int | None = None) -> SeenTable:
    return SeenTable(name, TableFacts(name, "csv", pa.schema([])), rows=rows)


TAKEN = MemoryTaken(limit=1024, peak=512)
RUN = RunEntry(deselected=0, started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), exit_status=1)
CONTRACT = parse_contract(
    b"table: refs\nowner: platform\nversion: 1.2.0\nfields: [{name: a, type: int8}]\n",
    "contracts/refs.yaml",
)


def record(check: str, code: FindingCode | None, subject: str = "refs") -> PromiseRecord:
    return PromiseRecord(
        id=f"contracts/refs.yaml::{check}",
        contract="contracts/refs.yaml",
        subject=subject,
        check=check,
        group=Group.SCHEMA,
        outcome=Outcome.KEPT if code is None else Outcome.BROKEN,
        severity=Severity.ERROR,
        place="contracts/refs.yaml:1:1",
        code=code,
        promised=None,
        observed=None if code is None else "something else",
        basis=Basis.SCAN,
        rows=None,
        violations=None,
        hint=None,
        failed=code is not None,
    )


RECORDS = (
    record("table", None),
    record("fields", FindingCode.FIELD_ORDER),
    record("rows", None, "u"),
)
SEEN = Observed(
    session=session_entry(SESSION),
    tables=(table_entry(REFS), table_entry(seen("empty"))),
    contracts=(contract_entry(CONTRACT), invalid_contract_entry("contracts/bad.yaml")),
)


def as_read(manifest: Manifest) -> Any:
    """Valid by the schema, and the same after it was read back."""
    text = manifest_text(manifest)
    document = json.loads(text)
    VALIDATOR.validate(document)
    assert read_manifest(text, "m.json") == manifest
    return document


def as_json(entry: Struct) -> Any:
    return json.loads(encode(entry))


def full() -> Any:
    return as_read(manifest_of(VERSIONS, SEEN, RECORDS, run=RUN, memory=TAKEN))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(manifest_schema())
    assert manifest_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_manifest_of_nothing_is_one() -> None:
    assert as_read(manifest_of({}, Observed(), ())) == {
        "manifest_version": 1,
        "versions": {},
        "memory": None,
        "settings": {},
        "functions": [],
        "shadowed_functions": [],
        "required_settings": [],
        "catalogs": [],
        "tables": [],
        "promises": [],
        "summary": {"kept": 0, "broken": 0, "undecided": 0, "vacuous": 0, "waived": 0},
    }


AGREED = {
    "": {"manifest_version", "versions", "settings", "functions", "tables", "promises", "summary"},
    "functions": {"name", "kind", "signatures"},
    "tables": {
        *("table", "format", "location", "delta_version", "rows", "fields", "partitioned_by"),
        *("ordered_by", "diagnostics"),
    },
    "promises": {
        *("contract", "check", "outcome", "severity", "code", "place", "promised", "observed"),
        *("basis", "rows", "violations", "hint"),
    },
}


@pytest.mark.parametrize("where", AGREED)
def test_the_agreed_keys_are_always_there_and_the_schema_requires_them(where: str) -> None:
    whole = full()
    entries = whole[where] if where else [whole]
    assert entries
    for key in AGREED[where]:
        assert all(key in entry for entry in entries)
        kept = [dict(entry) for entry in entries]
        del kept[0][key]
        document = {**whole, where: kept} if where else kept[0]
        assert [error.validator for error in VALIDATOR.iter_errors(document)] == ["required"]


def test_what_earlier_releases_wrote_is_written_still() -> None:
    whole = full()
    assert whole.keys() >= {"memory", "shadowed_functions", "required_settings", "catalogs"}
    also = {"delta_latest_version", "delta_features", "delta_constraints", "files", "view"}
    assert all(table.keys() >= also for table in whole["tables"])
    also = {"subject", "group", "failed", "hidden_by", "samples"}
    assert all(promise.keys() >= also for promise in whole["promises"])


def test_the_run_is_told() -> None:
    assert full()["run"] == {
        "deselected": 0,
        "started": "2026-01-02T03:04:05Z",
        "exit_status": 1,
    }


def test_contracts_are_told_with_the_lines_that_findings_point_to() -> None:
    found = FindingEntry(
        code=FindingCode.FIELD_ORDER,
        place="contracts/refs.yaml:3:1",
        subject="refs",
        promised="a",
        observed="b",
    )
    records = [record("table", None), replace(RECORDS[1], findings=(found,))]
    lines = {"contracts/refs.yaml": ["table: refs  ", "owner: platform", "version: 1.2.0"]}

    document = as_read(manifest_of({}, SEEN, records, sources=lines))

    assert document["contracts"] == [
        {
            "file": "contracts/refs.yaml",
            "kind": "table",
            "name": "refs",
            "owner": "platform",
            "version": "1.2.0",
            "source": {"1": "table: refs", "3": "version: 1.2.0"},
        },
        {"file": "contracts/bad.yaml", "kind": "invalid", "name": "contracts/bad.yaml"},
    ]


def test_a_cause_is_told_with_its_contract_where_that_was_selected() -> None:
    causes = [CauseEntry(subject=subject, check="table") for subject in ("refs", "gone")]
    records = [replace(RECORDS[0], cause=cause) for cause in causes]
    told = [each["cause"] for each in as_read(manifest_of({}, SEEN, records))["promises"]]
    assert told == [
        {"subject": "refs", "check": "table", "contract": "contracts/refs.yaml"},
        {"subject": "gone", "check": "table"},
    ]


def test_places_of_the_machine_are_named_from_their_roots() -> None:
    found = FindingEntry(
        code=FindingCode.TABLE_MISSING,
        place="contracts/refs.yaml:1:1",
        subject="refs",
        promised="a table at file:///home/me/lake/refs",
        observed="nothing in /home/me/lake",
    )
    promise = replace(
        RECORDS[1], promised=found.promised, observed=found.observed, findings=(found,)
    )
    (told,) = as_read(
        manifest_of({}, SEEN, [promise], places=Places.of(["/home/me", "/home/me/lake"]))
    )["promises"]
    for sides in (told, *told["findings"]):
        assert (sides["promised"], sides["observed"]) == ("a table at refs", "nothing in .")


def test_a_table_that_could_not_be_opened_is_told_with_its_error() -> None:
    table = table_entry(GONE, "parquet")
    (told,) = as_read(manifest_of({}, Observed(tables=(table,)), ()))["tables"]
    assert (told["error"], told["location"]) == ("no Parquet file there", "file:///lake/gone")
    assert (told["fields"], told["rows"], told["format"]) == ([], None, "parquet")


def test_all_that_a_run_has_seen_becomes_entries() -> None:
    session = parse_contract(
        b'session: s\nsettings: {"a.first": "false", "a.none": "1"}\n', "contracts/s.yaml"
    )
    root = CatalogFacts(
        "contracts/s.yaml",
        "file:///lake/out",
        "parquet",
        (
            Artifact("x", "x.parquet", TABLE, RowCount(3, Basis.STATISTICS), bytes=12),
            Artifact("y", "y.parquet", CouldNotLook("cut short", "y")),
        ),
        (Stray("notes.md", "no Parquet file"),),
    )

    everything = observed(
        SESSION, [REFS, GONE], [root], [CONTRACT, session, CONTRACT], ["contracts/bad.yaml"]
    )

    document = as_read(manifest_of({}, everything, ()))
    assert [each["kind"] for each in document["contracts"]] == ["table", "session", "invalid"]
    told = [(each["name"], each["effective"]) for each in document["required_settings"]]
    assert told == [("a.first", "true"), ("a.none", None)]
    assert [(each["table"], each["format"]) for each in document["tables"]] == [
        ("gone", "view"),
        ("refs", "delta"),
    ]
    (catalog,) = document["catalogs"]
    whole, cut = catalog["tables"]
    assert (whole["rows"], whole["bytes"], whole["error"]) == (3, 12, None)
    assert whole["fingerprint"].startswith("sha256:")
    assert (cut["rows"], cut["fingerprint"], cut["error"]) == (None, None, "cut short")
    assert catalog["strays"] == [{"entry": "notes.md", "why": "no Parquet file"}]


def test_what_processes_saw_is_merged_and_no_count_is_lost() -> None:
    setting = SettingContract("a.b", "1", Location("contracts/s.yaml", 3, 5))
    uncounted = table_entry(replace(REFS, rows=None))
    one, other = (
        Observed(
            session=session,
            required_settings=(setting_entry("contracts/s.yaml", setting, effective),),
            tables=tables,
            contracts=(contract_entry(CONTRACT),),
        )
        for session, effective, tables in (
            (None, None, (uncounted, table_entry(replace(GONE, name="u"), "csv"))),
            (session_entry(SESSION), "1", (table_entry(REFS), table_entry(seen("u", 1)))),
        )
    )
    for both in (merged([one, other]), merged([other, one])):
        assert both.session == session_entry(SESSION)
        assert [each.effective for each in both.required_settings] == ["1"]
        assert [(each.table, each.rows, each.error) for each in both.tables] == [
            ("refs", 20, None),
            ("u", 1, None),
        ]
        assert len(both.contracts) == 1
    assert merged([]) == Observed()


def test_a_table_is_told_node_by_node() -> None:
    assert as_json(table_entry(REFS)) == {
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
        "diagnostics": [],
    }


def test_a_view_is_told_with_what_it_asks_for() -> None:
    query = QueryFacts(("Projection: abs(t.a) AS a", "  TableScan: t"), ("abs",))
    facts = TableFacts("v", "view", pa.schema([("a", pa.int64())]))
    found = record("view[v]", FindingCode.FUNCTION_MISSING)

    manifest = as_read(
        manifest_of(
            {}, Observed(tables=(table_entry(SeenTable("v", facts, query=query)),)), [found]
        )
    )

    assert manifest["tables"][0]["view"] == {
        "functions": ["abs"],
        "plan": ["Projection: abs(t.a) AS a", "  TableScan: t"],
    }
    assert [each["check"] for each in manifest["tables"][0]["diagnostics"]] == ["view[v]"]


def test_a_required_setting_is_told_as_promised_and_as_it_is() -> None:
    setting = SettingContract("a.b", "1", Location("contracts/s.yaml", 3, 5))
    told = setting_entry("contracts/s.yaml", setting, None)

    assert as_read(manifest_of({}, Observed(required_settings=(told,)), ()))[
        "required_settings"
    ] == [
        {
            "name": "a.b",
            "promised": "1",
            "effective": None,
            "contract": "contracts/s.yaml",
            "place": "contracts/s.yaml:3:5",
        }
    ]


def test_a_session_is_told_in_order_with_its_functions_signatures() -> None:
    told = as_json(session_entry(SESSION))
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


PLACES = st.builds("{}:{}:{}".format, st.text(), st.integers(1, 9), st.integers(1, 9))
ANY_RECORDS = st.builds(
    PromiseRecord,
    contract=st.text(),
    subject=st.sampled_from(["t", "u"]),
    check=st.text(),
    group=st.sampled_from(Group),
    outcome=st.sampled_from(Outcome),
    severity=st.sampled_from(Severity),
    place=PLACES,
    code=st.none() | st.sampled_from(FindingCode),
    promised=st.none() | st.text(),
    observed=st.none() | st.text(),
    basis=st.none() | st.sampled_from(Basis),
    rows=st.none() | st.integers(0, 2**60),
    violations=st.none() | st.integers(0, 2**60),
    hint=st.none() | st.text(),
    failed=st.booleans(),
    hidden_by=st.none() | st.text(),
    findings=st.lists(
        st.builds(
            FindingEntry,
            code=st.sampled_from(FindingCode),
            place=PLACES,
            subject=st.text(),
            promised=st.text(),
            observed=st.text(),
            hint=st.none() | st.text(),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(deadline=None, max_examples=50)
@given(st.lists(ANY_RECORDS, max_size=5), st.none() | st.integers(0, 2**60))
def test_whatever_was_promised_the_manifest_is_valid_and_adds_up(
    records: list[PromiseRecord], rows: int | None
) -> None:
    table = table_entry(SeenTable("t", TableFacts("t", "parquet", TABLE.schema), rows=rows))
    everything = Observed(session=session_entry(SESSION), tables=(table,))
    manifest = as_read(manifest_of({}, everything, records))
    assert sum(manifest["summary"].values()) == len(manifest["promises"]) == len(records)
    told = [r for r in records if r.subject == "t" and r.code is not None]
    assert len(manifest["tables"][0]["diagnostics"]) == len(told)
