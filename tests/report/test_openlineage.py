"""A run as an event of OpenLineage, which its official schemas take."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from support.lineage_schemas import facets_of, refused
from support.promises import manifest, promise, red

from cst_contracts.errors import CstContractsError
from cst_contracts.report.manifest_file import (
    ContractEntry,
    ContractKind,
    FieldEntry,
    Manifest,
    Outcome,
    PromiseRecord,
    RunEntry,
    TableEntry,
)
from cst_contracts.report.openlineage import openlineage

RUN = RunEntry(deselected=0, started=datetime(2026, 11, 29, tzinfo=UTC), root="/home/me/shop")
CONTRACT = ContractEntry(
    file="contracts/t.yaml", kind=ContractKind.TABLE, name="t", owner="shop", description="Rows."
)


def table(name: str, location: str | None, **types: str) -> TableEntry:
    return TableEntry(
        table=name,
        format="parquet",
        location=location,
        delta_version=None,
        rows=None,
        fields=tuple(
            FieldEntry(path=path.replace("_of_", "[]."), type=text, nullable=True, metadata={})
            for path, text in types.items()
        ),
        partitioned_by=(),
        ordered_by=(),
        diagnostics=(),
    )


def event(told: Manifest) -> dict[str, Any]:
    """One that the schema of events takes, with facets that each keep their own."""
    made: dict[str, Any] = json.loads(openlineage(told))
    assert refused(made, made["schemaURL"]) == []
    facets = [each for dataset in made["inputs"] for each in facets_of(dataset).values()]
    for each in (*facets, *made["run"]["facets"].values()):
        assert refused(each, each["_schemaURL"]) == []
    return made


def run_of(*records: PromiseRecord, **said: Any) -> dict[str, Any]:
    return event(replace(manifest(*records), **{"run": RUN, **said}))


def test_a_broken_promise_is_an_assertion_of_its_column_with_both_sides() -> None:
    nested = "list<struct<n: int32>>"
    found = run_of(
        replace(red("a"), rows=3, violations=1),
        tables=(table("t", "file:///lake/t/", a="int64", b=nested, b_of_n="int32"),),
        contracts=(CONTRACT,),
    )
    (dataset,) = found["inputs"]
    assert (dataset["namespace"], dataset["name"]) == ("file", "/lake/t")
    assert dataset["facets"]["documentation"]["description"] == "Rows."
    assert dataset["facets"]["ownership"]["owners"] == [{"name": "shop"}]
    assert dataset["facets"]["schema"]["fields"] == [
        {"name": "a", "type": "int64", "ordinal_position": 1},
        {
            "name": "b",
            "type": "list",
            "fields": [
                {
                    "name": "_element",
                    "type": "struct",
                    "fields": [{"name": "n", "type": "int32"}],
                }
            ],
            "ordinal_position": 2,
        },
    ]
    assert dataset["inputFacets"]["dataQualityAssertions"]["assertions"] == [
        {
            "assertion": "not_null",
            "success": False,
            "column": "a",
            "name": "contracts/t.yaml::nulls[a]",
            "severity": "error",
            "expected": "no null",
            "actual": "1 null among 3",
            "params": {
                "outcome": "broken",
                "place": "contracts/t.yaml:3:5",
                "code": "null-values",
                "rows": 3,
                "violations": 1,
            },
        }
    ]
    assert found["eventType"] == "COMPLETE"
    assert found["job"] == {"namespace": "cst-contracts", "name": "shop"}


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_is_kept_is_a_success(outcome: Outcome) -> None:
    found = run_of(replace(red("a"), outcome=outcome), tables=(table("t", "s3://b/t"),))
    (dataset,) = found["inputs"]
    (assertion,) = dataset["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert (dataset["namespace"], dataset["name"]) == ("s3://b", "t")
    assert assertion["success"] is (outcome is Outcome.KEPT)
    assert assertion["params"]["outcome"] == outcome
    assert assertion["severity"] == ("warn" if outcome is Outcome.WAIVED else "error")


def test_a_folder_is_named_as_it_is_and_not_as_a_url_writes_it() -> None:
    found = run_of(red("a"), tables=(table("t", "file:///my%20lake/%C3%BC/"),))
    assert [each["name"] for each in found["inputs"]] == ["/my lake/ü"]


def test_promises_of_a_session_are_tests_of_the_run() -> None:
    session = promise("contracts/session.yaml", "session", "setting[x]")
    found = run_of(
        session,
        replace(session, check="setting[y]", outcome=Outcome.UNDECIDED),
        tables=(table("v", None, odd="someone's<own>"),),
    )
    tests = found["run"]["facets"]["test"]["tests"]
    assert [(each["type"], each["status"]) for each in tests] == [
        ("setting", "pass"),
        ("setting", "skip"),
    ]
    (view,) = found["inputs"]
    assert (view["namespace"], view["name"], view["inputFacets"]) == ("datafusion", "v", {})
    (field,) = view["facets"]["schema"]["fields"]
    assert field == {"name": "odd", "type": "someone's<own>", "ordinal_position": 1}


@pytest.mark.parametrize(
    ("status", "word"), [(0, "COMPLETE"), (1, "COMPLETE"), (2, "ABORT"), (3, "FAIL")]
)
def test_a_run_that_did_not_come_to_its_end_is_not_complete(status: int, word: str) -> None:
    assert run_of(run=replace(RUN, exit_status=status))["eventType"] == word


def test_the_id_of_a_run_is_its_own() -> None:
    told = replace(manifest(red("a")), run=RUN)
    later = replace(told, run=replace(RUN, started=datetime(2026, 11, 30, tzinfo=UTC)))
    ids = [event(each)["run"]["runId"] for each in (told, told, later)]
    assert ids[0] == ids[1] != ids[2]


def test_without_a_time_there_is_no_event() -> None:
    with pytest.raises(CstContractsError, match="does not say when its run was"):
        openlineage(manifest(red("a")))
