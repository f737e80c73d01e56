"""Verdicts as pytest outcomes and exit statuses, and how they are told."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.contract.wording import visible

pytest_plugins = "pytester"

FIELDS = """\
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: path, type: string, nullable: false}
nullability: values
"""


def contract(table: str, more: str = "", source: str = "") -> str:
    place = f"source: {{format: parquet, location: lake/{table}.parquet{source}}}"
    return f"table: {table}\n{place}\n{FIELDS}{more}"


def waiver(check: str, expires: str) -> str:
    words = "reason: fix pending, owner: platform"
    return f'waivers: [{{check: "{check}", {words}, expires: {expires}}}]\n'


def run(project: pytest.Pytester, *arguments: str, **contracts: str) -> pytest.RunResult:
    project.makefile(".yaml", **{f"contracts/{name}": text for name, text in contracts.items()})
    return project.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider", *arguments)


def test_kept_promises_pass_and_are_counted_with_their_rows(project: pytest.Pytester) -> None:
    result = run(project, refs=contract("refs"))
    result.assert_outcomes(passed=9)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "*- contracts -*",
            "table  rows  kept  vacuous",
            "refs      3     8        1",
            "9 of 9 promises looked at: 8 kept, 1 vacuous (allowed)",
        ]
    )


def test_nothing_is_told_that_a_terminal_obeys(project: pytest.Pytester) -> None:
    """A field's name may clear the screen, or forge a line."""
    rows = pa.table(
        {"a": [1], "\x1b]0;x\x07\x1b[2J": [1], "b\nforged": [1], "\u202egnp": ["\x9b1m"]}
    )
    pq.write_table(rows, project.path / "lake/t.parquet")
    text = contract("t").replace(FIELDS, "fields: [{name: a, type: int64, maximum: 0}]\n")
    result = run(project, "-rA", "--cst-samples=1", t=text)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    told = result.stdout.str() + result.stderr.str()
    assert visible(told) == told
    assert '[field-unpromised] t."\\u001b]0;x\\u0007\\u001b[2J": ' in told
    assert "\nforged" not in told


def test_a_null_that_only_a_view_makes_visible_is_red_at_the_view(project: pytest.Pytester) -> None:
    """The table's own field may hold it: nobody but whoever counts the view's nulls would notice."""
    values = pa.array([[("k", "v")], [("k", None)]], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table({"id": ["a", "b"], "m": values}), project.path / "lake/t.parquet")
    text = contract("t").replace(
        FIELDS,
        """\
fields: [{name: id, type: string}, {name: m, type: "map<string, string>"}]
nullability: values
views:
  - name: v
    expand: m
    keep: [id]
    fields:
      - {name: id, type: string}
      - {name: attr_key, type: string}
      - {name: attr_value, type: string, nullable: false}
""",
    )
    result = run(project, t=text)
    result.assert_outcomes(passed=9, failed=1)
    result.stdout.fnmatch_lines(["?null-values? v.attr_value: 1 null among 2"])


def test_a_broken_promise_fails_and_tells_line_sides_and_way_out(
    project: pytest.Pytester,
) -> None:
    result = run(project, lost=contract("lost"), moved=contract("moved"), refs=contract("refs"))
    result.assert_outcomes(passed=25, failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "?null-values? lost.path: 1 null among 2",
            "    promised: no null",
            "contracts/lost.yaml:5:5",
            "    5 |   - {name: path, type: string, nullable: false}",
            "    row:      lost.parquet, row 1",
            "    rows:     `--cst-samples N` shows N of them, without sensitive fields",
            "?type-mismatch? moved.path: int64",
            "contracts/moved.yaml:5:5",
            "table  rows  kept  broken  vacuous  red",
            "lost      2     7       1        1    1",
            "refs      3     8       .        1    .",
            "FAILED contracts/lost.yaml::nulls?path? - ?null-values?*",
        ],
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin/*.py*")


def test_the_command_that_explains_a_code_is_named_once_a_run(project: pytest.Pytester) -> None:
    rules = "rules: [{name: a, sql: ref_id IS NULL}, {name: b, sql: path IS NULL}]\n"
    result = run(project, "-k", "rule", refs=contract("refs", rules))
    result.assert_outcomes(failed=2, deselected=9)
    assert result.stdout.str().count("hint:     `cst-contracts explain rule-violated`") == 1


def test_a_missing_table_is_one_red_and_the_rest_is_skipped_naming_it(
    project: pytest.Pytester,
) -> None:
    result = run(project, "-rs", gone=contract("gone"), refs=contract("refs"))
    result.assert_outcomes(passed=9, failed=1, skipped=8)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "?table-missing? gone: no Parquet file there",
            "    promised: a table that the engine can read at file:///*",
            "contracts/gone.yaml:1:1",
            "    1 | table: gone",
            "    hint:     check `source`, the lake root (--lake, pytest's --cst-lake), or *",
            "table  rows  kept  broken  undecided  vacuous  red",
            "gone      -     .       1          8        .    1",
            "10 of 18 promises looked at: *",
            "SKIPPED ?8? contracts/gone.yaml:1: table of gone is red: no Parquet file there",
        ]
    )


def test_a_waived_promise_alone_leaves_the_run_green(project: pytest.Pytester) -> None:
    result = run(project, "-rx", lost=contract("lost", waiver("nulls[path]", "2999-12-31")))
    result.assert_outcomes(passed=8, xfailed=1)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "*: 7 kept, 1 vacuous (allowed), 1 waived",
            "XFAIL contracts/lost.yaml::nulls?path? - fix pending (platform, until 2999-12-31): *",
        ]
    )


ILL_FORMED = """\
table: bad
feilds: []
nullability: loose
"""


def test_an_ill_formed_file_is_one_red_item_and_the_others_run(project: pytest.Pytester) -> None:
    result = run(project, bad=ILL_FORMED, refs=contract("refs"))
    result.assert_outcomes(passed=9, failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*_ contract _*",
            "?invalid-contract? unknown key `feilds`, and 1 more problem",
            "none of this file's promises could be read",
            "contracts/bad.yaml:2:1: unknown key `feilds`; did you mean `fields`?",
            "    2 | feilds: ?]",
            "contracts/bad.yaml:3:14: `nullability` is `loose`; write `strict` or `values`",
            "contracts/bad.yaml     -     .          1        .    1",
            "FAILED contracts/bad.yaml::contract - ?invalid-contract? unknown key `feilds`*",
        ],
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_an_ill_formed_file_is_not_overlooked_when_deselected(project: pytest.Pytester) -> None:
    result = run(project, "-k", "table", bad=ILL_FORMED, refs=contract("refs"))
    result.assert_outcomes(passed=1, deselected=9)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "contracts/bad.yaml::contract was deselected, and the file is no contract: "
            "see it with `pytest contracts/bad.yaml::contract`"
        ]
    )


def test_a_broken_rule_of_severity_warn_is_a_warning_and_counted(project: pytest.Pytester) -> None:
    rule = "rules: [{name: short, sql: \"path < 'q'\", severity: warn}]\n"
    result = run(project, "-W", "default", "-k", "rule or table", refs=contract("refs", rule))
    result.assert_outcomes(passed=2, warnings=1, deselected=8)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines_random(
        [
            "*BrokenPromiseWarning: ?rule-violated? refs: false for *",
            "2 of 2 promises looked at: 1 kept, 1 broken (1 of the broken only warn)",
        ]
    )
    strict = run(project, "-k", "rule", refs=contract("refs", rule))
    strict.assert_outcomes(failed=1, deselected=9)


def test_in_ci_each_failure_is_one_line_of_the_short_summary(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    owned = contract("lost", "owner: platform\nversion: 1.2.0\n")
    result = run(project, lost=owned, bad=ILL_FORMED)
    result.assert_outcomes(passed=8, failed=2)
    start = result.outlines.index("contracts/lost.yaml:5:5 (version 1.2.0, owner: platform)")
    assert "    promised: no null" in result.outlines[start - 1]
    (head,) = [at for at, line in enumerate(result.outlines) if "short test summary" in line]
    assert result.outlines[head + 1 : -1] == [
        "FAILED contracts/bad.yaml::contract - "
        "[invalid-contract] unknown key `feilds`, and 1 more problem",
        "FAILED contracts/lost.yaml::nulls[path] - [null-values] lost.path: 1 null among 2",
    ]
    assert result.stdout.str().count("1 null among 2") == 2  # there, and in the block


def test_red_is_coloured_and_first_unless_the_user_wants_no_colour(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"refs": contract("refs"), "lost": contract("lost")}
    monkeypatch.delenv("PY_COLORS", raising=False)  # pytester's own
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = run(project, **wanted).stdout.str()
    assert coloured.index("\x1b[31m\x1b[1mlost") < coloured.index("\nrefs ")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run(project, **wanted).stdout.str()


KEPT_FROM_RUNNING = """
import pytest

@pytest.fixture(autouse=True)
def surroundings(request):
    if request.node.name == "rows":
        raise RuntimeError("no disk")
    if request.node.name == "fields":
        pytest.skip("not on Tuesdays")

def pytest_collection_modifyitems(items):
    for item in items:
        if item.name == "field[path]":
            item.add_marker(pytest.mark.skip(reason="by mark"))
"""


def test_promises_that_were_kept_from_running_are_undecided(project: pytest.Pytester) -> None:
    project.makeconftest(KEPT_FROM_RUNNING)
    result = run(project, refs=contract("refs"))
    result.assert_outcomes(passed=6, skipped=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "6 of 9 promises looked at: 5 kept, 3 undecided, 1 vacuous (allowed)",
            "2 hidden by marks or fixtures of the project, and not by waivers:",
            "  undecided: contracts/refs.yaml::fields (Skipped: not on Tuesdays)",
            "  undecided: contracts/refs.yaml::field?path? (Skipped: by mark)",
        ]
    )


MARKED_XFAIL = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if item.name in ("nulls[path]", "rows"):
            item.add_marker(pytest.mark.xfail(reason="known"))
"""


def test_a_broken_promise_under_a_mark_is_green_and_named(project: pytest.Pytester) -> None:
    project.makeconftest(MARKED_XFAIL)
    result = run(project, "--cst-manifest=m.json", lost=contract("lost"))
    result.assert_outcomes(passed=7, xfailed=1, xpassed=1)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "9 of 9 promises looked at: 7 kept, 1 broken, 1 vacuous (allowed)",
            "1 hidden by marks or fixtures of the project, and not by waivers:",
            "  broken: contracts/lost.yaml::nulls?path? (xfail: known)",
        ]
    )
    hidden = {
        each["check"]: each["hidden_by"]
        for each in json.loads((project.path / "m.json").read_text())["promises"]
    }
    assert (hidden["nulls[path]"], hidden["rows"]) == ("xfail: known", None)


def test_nothing_is_green_where_the_cause_is_hidden_by_a_mark(project: pytest.Pytester) -> None:
    project.makeconftest(MARKED_XFAIL.replace('"rows"', '"table"'))
    result = run(project, gone=contract("gone"))
    result.assert_outcomes(xfailed=1, skipped=8)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["promises were skipped for something red that did not run itself: table of gone"]
    )


CAUSE_SKIPPED = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if item.name == "table":
            item.add_marker(pytest.mark.skip(reason="by mark"))
"""


def test_nothing_is_green_where_the_cause_was_kept_from_running(project: pytest.Pytester) -> None:
    project.makeconftest(CAUSE_SKIPPED)
    result = run(project, refs=contract("refs"), gone=contract("gone"))
    result.assert_outcomes(passed=8, skipped=10)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["promises were skipped for something red that did not run itself: table of gone"]
    )


def test_a_run_that_ends_early_counts_what_it_did_not_reach(project: pytest.Pytester) -> None:
    result = run(project, "-x", bad=ILL_FORMED, refs=contract("refs"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["refs  * 9  *", "0 of 10 promises looked at: 10 undecided"])


def test_a_run_without_contract_items_says_nothing_of_contracts(project: pytest.Pytester) -> None:
    project.makepyfile(test_own="def test_own(): pass")
    project.makefile(".yaml", **{"contracts/refs": contract("refs")})
    for arguments in (("test_own.py",), ("--collect-only",), ("--setup-plan", "contracts")):
        result = project.runpytest_inprocess("-p", "no:cacheprovider", *arguments)
        assert result.ret == pytest.ExitCode.OK
        result.stdout.no_fnmatch_line("*promises looked at*")
