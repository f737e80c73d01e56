"""Which items there are, in which order, and how a person names them."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytest_plugins = "pytester"

NESTED = """\
table: nested
source: {format: parquet, location: lake/nested.parquet, partitioned_by: [repo]}
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: attrs, type: "map<string, string>"}
  - name: refs
    type: list<struct>
    fields: [{name: bstart, type: int64, nullable: false}]
keys: [[ref_id, "refs[].bstart"]]
references: [{fields: [ref_id], table: defs, to: [def_id]}]
rules: [{name: forward, sql: "true"}]
views: [{name: nested_attrs, expand: attrs, keep: [ref_id]}]
functions: [arrow_typeof]
"""
NESTED_IDS = [
    "table",
    "source",
    "rows",
    "fields",
    "field[ref_id]",
    "field[attrs]",
    "field[attrs{}.key]",
    "field[attrs{}.value]",
    "field[refs]",
    "field[refs[]]",
    "field[refs[].bstart]",
    "partition[repo]",
    "nulls[ref_id]",
    "nulls[refs[].bstart]",
    "unique[ref_id,refs[].bstart]",
    "reference[ref_id→defs.def_id]",
    "rule[forward]",
    "view[nested_attrs]",
    "function[arrow_typeof]",
    "snapshot[schema]",
]
REFS = """\
table: refs
source: {format: parquet, location: lake/refs.parquet}
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: path, type: string}
"""
REFS_IDS = ["table", "source", "rows", "fields", "field[ref_id]", "field[path]", "nulls[ref_id]"]
LOST = """\
table: lost
source: {format: parquet, location: lake/lost.parquet}
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: path, type: string, nullable: false}
nullability: values
"""
SESSION = """\
session: runtime
settings: {datafusion.catalog.information_schema: "true"}
functions: [arrow_typeof]
"""


def collected(project: pytest.Pytester, *arguments: str) -> list[str]:
    """The node ids that `--collect-only -q` prints."""
    result = project.runpytest_inprocess(
        "--collect-only", "-q", "-p", "no:cacheprovider", *arguments
    )
    assert result.ret == 0, result.stdout.str()
    return [line for line in result.outlines if "::" in line]


def ran(project: pytest.Pytester, *arguments: str) -> dict[str, str]:
    """Outcomes by node id."""
    result = project.runpytest_inprocess("-v", "-p", "no:xdist", *arguments)
    lines = [line.split() for line in result.outlines if line.startswith("contracts/")]
    return {words[0]: words[1] for words in lines if "::" in words[0]}


def test_every_promise_is_one_item_in_the_order_of_the_contract(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/nested": NESTED, "contracts/runtime": SESSION})
    project.makefile(".yml", **{"contracts/deep/refs": REFS})
    assert collected(project) == [
        *(f"contracts/deep/refs.yml::{id_}" for id_ in [*REFS_IDS, "snapshot[schema]"]),
        *(f"contracts/nested.yaml::{id_}" for id_ in NESTED_IDS),
        "contracts/runtime.yaml::setting[datafusion.catalog.information_schema]",
        "contracts/runtime.yaml::function[arrow_typeof]",
        "contracts/runtime.yaml::snapshot[functions]",
    ]


@pytest.mark.parametrize("id_", NESTED_IDS)
def test_a_node_id_names_exactly_that_item(project: pytest.Pytester, id_: str) -> None:
    project.makefile(".yaml", **{"contracts/nested": NESTED})
    node = f"contracts/nested.yaml::{id_}"
    assert collected(project, node) == [node]


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (("contracts/nested.yaml::nulls",), ["nulls[ref_id]", "nulls[refs[].bstart]"]),
        (("-k", "nulls[ref_id]"), ["nulls[ref_id]"]),
        (("-k", "refs[].bstart and not unique"), ["field[refs[].bstart]", "nulls[refs[].bstart]"]),
        (
            ("-k", "field[attrs{}.key] or unique[ref_id,refs[].bstart] or reference[ref_id→defs"),
            ["field[attrs{}.key]", "unique[ref_id,refs[].bstart]", "reference[ref_id→defs.def_id]"],
        ),
        (("-k", "view or rule"), ["rule[forward]", "view[nested_attrs]"]),
        (("-m", "cst_functions"), ["function[arrow_typeof]"]),
        (("-m", "cst_snapshot"), ["snapshot[schema]"]),
        (("-m", "cst_values and not cst_schema", "-k", "rows or rule"), ["rows", "rule[forward]"]),
        (
            ("-m", "cst_schema", "-k", "not field"),
            ["table", "source", "partition[repo]", "view[nested_attrs]"],
        ),
        (
            ("--deselect", "contracts/nested.yaml::field", "-m", "cst_schema", "-k", "not [repo]"),
            ["table", "source", "view[nested_attrs]"],
        ),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_items_are_selected_as_tests_are(
    project: pytest.Pytester, selection: tuple[str, ...], ids: list[str]
) -> None:
    project.makefile(".yaml", **{"contracts/nested": NESTED})
    assert collected(project, *selection) == [f"contracts/nested.yaml::{id_}" for id_ in ids]


def test_yaml_outside_the_folder_and_hidden_files_are_no_contracts(
    project: pytest.Pytester,
) -> None:
    hidden = {"contracts/.draft": "?", "contracts/.old/refs": "?"}
    project.makefile(".yaml", **{"contracts/refs": REFS, "other/settings": "a: 1", **hidden})
    project.makefile(".json", **{"contracts/notes": "{}"})
    assert {node.split("::")[0] for node in collected(project)} == {"contracts/refs.yaml"}


def test_another_folder_can_hold_the_contracts(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\ncst_contracts = promises/tables")
    project.makefile(".yaml", **{"promises/tables/refs": REFS, "contracts/refs": "?"})
    assert {node.split("::")[0] for node in collected(project)} == {"promises/tables/refs.yaml"}


def test_no_folder_of_contracts_is_left_out_for_its_name_or_for_being_a_link(
    project: pytest.Pytester,
) -> None:
    project.makefile(".yaml", **{"contracts/build/refs": REFS, "elsewhere/linked": LOST})
    project.makefile(".YML", **{"contracts/nested": NESTED})
    (project.path / "contracts" / "link").symlink_to(project.path / "elsewhere")
    (project.path / "contracts" / "build" / "up").symlink_to(project.path / "contracts")
    files = ["contracts/build/refs.yaml", "contracts/link/linked.yaml", "contracts/nested.YML"]
    assert sorted({node.split("::")[0] for node in collected(project)}) == files
    asked = collected(project, "--ignore=contracts/build", "contracts")
    assert sorted({node.split("::")[0] for node in asked}) == files[1:]
    (project.path / "build").mkdir()
    (project.path / "build" / "test_own.py").write_text("def test_own(): pass")
    assert not any("test_own" in node for node in collected(project))


def test_a_view_of_a_linked_folder_is_known_to_the_others(project: pytest.Pytester) -> None:
    view = "views: [{name: some, sql: SELECT ref_id FROM refs}]\n"
    project.makefile(".yaml", **{"elsewhere/refs": REFS + view})
    reader = "table: some\nfields: [{name: ref_id, type: string}]\n"
    project.makefile(".yaml", **{"contracts/some": reader})
    (project.path / "contracts" / "link").symlink_to(project.path / "elsewhere")
    assert ran(project, "contracts/some.yaml")["contracts/some.yaml::field[ref_id]"] == "PASSED"


def test_a_folder_that_is_configured_and_not_there_is_a_usage_error(
    project: pytest.Pytester,
) -> None:
    project.makeini("[pytest]\ncst_contracts = promises")
    project.makepyfile("def test_own(): pass")
    result = project.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: cst_contracts = promises: there is no folder */promises; *relative to rootdir"]
    )
    project.makeini("[pytest]")
    assert project.runpytest_inprocess("-p", "no:cacheprovider").ret == pytest.ExitCode.OK


def test_a_part_of_the_plugin_cannot_be_disabled_alone(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    result = project.runpytest_inprocess("-p", "no:cst_contracts_record")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: cst_contracts_record is a part of cst_contracts: *"])


def test_the_last_failed_and_only_they_run_again(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS, "contracts/lost": LOST})
    first = ran(project)
    assert [node for node, told in first.items() if told == "FAILED"] == [
        "contracts/lost.yaml::nulls[path]"
    ]
    assert ran(project, "--lf") == {"contracts/lost.yaml::nulls[path]": "FAILED"}
    assert list(ran(project, "--ff", "-x")) == ["contracts/lost.yaml::nulls[path]"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("-p", "no:xdist", "-p", "no:cacheprovider"),
        ("-p", "no:terminal", "-p", "no:reportlog"),
        ("-p", "no:syrupy", "-n", "2", "--dist", "loadfile"),
    ],
    ids=" ".join,
)
def test_a_run_does_not_need_the_plugins_beside_it(
    project: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS, "contracts/runtime": SESSION})
    result = project.runpytest_inprocess(*arguments)
    assert (result.ret, result.stderr.str()) == (0, "")


def test_a_broken_promise_is_red_on_a_worker_too(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS, "contracts/lost": LOST})
    result = project.runpytest_inprocess("-n", "2")
    result.assert_outcomes(passed=16, failed=1)
    result.stdout.fnmatch_lines(
        ["lost  * 2 *", "refs  * 3 *", "17 of 17 promises looked at: 14 kept, 1 broken, *"]
    )


def test_without_the_plugin_contracts_are_files_like_any_other(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/refs": "no contract"})
    result = project.runpytest_inprocess("-p", "no:cst_contracts", "-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert project.runpytest_inprocess("-p", "no:cst_contracts", "--cst-lake", "x").ret == 4


def test_reports_carry_outcome_code_and_place(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/lost": LOST})
    project.runpytest_inprocess("--junitxml=junit.xml", "--report-log=log.jsonl", "-n", "2")
    cases = {
        case.get("name"): {each.get("name"): each.get("value") for each in case.iter("property")}
        for case in ET.parse(project.path / "junit.xml").iter("testcase")  # noqa: S314 - our own
    }
    assert cases["nulls[path]"] == {
        "cst_outcome": "broken",
        "cst_code": "null-values",
        "cst_place": "contracts/lost.yaml:5:5",
    }
    assert cases["table"] == {"cst_outcome": "kept"}
    logged = reported(project.path / "log.jsonl")
    assert logged["contracts/lost.yaml::nulls[path]"] == ["failed", "broken", 1]
    assert logged["contracts/lost.yaml::nulls[ref_id]"] == ["passed", "kept", None]


def reported(file: Path) -> dict[str, list[object]]:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    calls = [line for line in lines if line.get("when") == "call"]
    return {
        call["nodeid"]: [
            call["outcome"],
            call["cst_promise"]["outcome"],
            call["cst_promise"]["violations"],
        ]
        for call in calls
    }


FIXTURES = """
import pytest

@pytest.fixture(autouse=True)
def surroundings(request):
    with open("ran.txt", "a") as file:
        print(request.node.name, file=file)

@pytest.fixture
def extra(request):
    with open("ran.txt", "a") as file:
        print("extra of", request.node.name, file=file)

def pytest_collection_modifyitems(items):
    items[1].fixturenames.append("extra")
"""


def test_fixtures_of_a_project_surround_every_item(project: pytest.Pytester) -> None:
    project.makeconftest(FIXTURES)
    project.makefile(".yaml", **{"contracts/refs": REFS})
    project.runpytest_inprocess("-p", "no:xdist").assert_outcomes(passed=8)
    told = (project.path / "ran.txt").read_text().splitlines()
    first, second, *others = [*REFS_IDS, "snapshot[schema]"]
    assert told == [first, second, f"extra of {second}", *others]
