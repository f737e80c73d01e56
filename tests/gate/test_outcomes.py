"""What comes of promises, and whether the run is red for them."""

import shutil

import pytest
from support.project import Project, counts, promise, red, summary

from cst_contracts.gate.result import BrokenPromises, ExitCode

FIELDS = """\
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: path, type: string, nullable: false}
nullability: values
"""
ILL_FORMED = """\
table: bad
feilds: []
nullability: loose
"""


def contract(table: str, more: str = "", source: str = "") -> str:
    place = f"source: {{format: parquet, location: {table}.parquet{source}}}"
    return f"table: {table}\n{place}\n{FIELDS}{more}"


def waiver(check: str, expires: str) -> str:
    words = "reason: fix pending, owner: platform"
    return f'waivers: [{{check: "{check}", {words}, expires: {expires}}}]\n'


def test_kept_promises_are_counted_with_their_rows(project: Project) -> None:
    project.write(refs=contract("refs"))

    result = project.check()

    assert result.exit_code is ExitCode.KEPT
    assert summary(result)[:3] == [
        "table  rows  kept  vacuous",
        "refs      3     8        1",
        "9 of 9 promises looked at: 8 kept, 1 vacuous (allowed)",
    ]


def test_a_broken_promise_tells_line_sides_and_where_the_rows_are(project: Project) -> None:
    project.write(lost=contract("lost"), moved=contract("moved"), refs=contract("refs"))

    result = project.check()

    assert result.exit_code is ExitCode.BROKEN
    assert red(result) == {
        ("lost", "nulls[path]"): ("null-values",),
        ("moved", "field[path]"): ("type-mismatch",),
    }
    broken = promise(result, "nulls[path]", "lost")
    assert (broken.place, broken.promised, broken.observed) == (
        "contracts/lost.yaml:5:5",
        "no null",
        "1 null among 2",
    )
    assert [(each.file, each.row, each.values) for each in broken.samples] == [
        ("lost.parquet", 1, {})
    ]
    assert summary(result)[:3] == [
        "table  rows  kept  broken  vacuous  red",
        "lost      2     7       1        1    1",
        "moved     3     7       1        1    1",
    ]
    with pytest.raises(BrokenPromises) as raised:
        result.raise_for_broken()
    assert str(raised.value).splitlines()[0] == (
        "contracts/lost.yaml:5:5: nulls[path] of lost: 1 null among 2"
    )


def test_a_missing_table_is_one_red_and_the_rest_is_undecided_naming_it(project: Project) -> None:
    project.write(gone=contract("gone"), refs=contract("refs"))

    result = project.check()

    assert red(result) == {("gone", "table"): ("table-missing",)}
    assert counts(result) == {"broken": 1, "undecided": 8, "kept": 8, "vacuous": 1, "red": 1}
    missing = promise(result, "table", "gone")
    assert missing.observed == "no Parquet file there"
    assert missing.hint is not None
    assert missing.hint.startswith("check `source`, the lake root")
    causes = {each.cause.check for each in result.promises if each.cause is not None}
    assert causes == {"table"}


def test_an_undecided_promise_is_red_where_nothing_else_is_red_for_it(project: Project) -> None:
    project.write(gone=contract("gone"))

    result = project.check("nulls")

    assert red(result) == {
        ("gone", "nulls[ref_id]"): ("table-unreadable",),
        ("gone", "nulls[path]"): ("table-unreadable",),
    }
    assert result.exit_code is ExitCode.NOT_RUN
    assert result.failures == ("no promise was looked at: this run says nothing about the tables",)


def test_an_empty_table_is_red_unless_the_contract_allows_it(project: Project) -> None:
    project.write(bare=contract("bare"))
    result = project.check("rows", "nulls")
    assert red(result) == {("bare", "rows"): ("empty-table",)}
    assert counts(result) == {"vacuous": 1, "undecided": 2, "red": 1}
    hint = promise(result, "rows").hint
    assert hint is not None
    assert hint.startswith("write `allow_empty: true` under `source`")

    project.write(bare=contract("bare", source=", allow_empty: true"))
    assert counts(project.check("rows", "nulls")) == {"vacuous": 3, "red": 0}


def test_waivers_excuse_until_their_last_day(project: Project) -> None:
    waived = waiver("nulls[path]", "2999-12-31")
    expired = waiver("nulls[path]", "2000-01-01")
    shutil.copy(project.lake / "lost.parquet", project.lake / "late.parquet")
    project.write(
        lost=contract("lost", waived), late=contract("late", expired), refs=contract("refs", waived)
    )

    result = project.check("nulls[path]")

    assert red(result) == {
        ("late", "nulls[path]"): ("null-values", "waiver-expired"),
        ("refs", "nulls[path]"): ("waiver-unused",),
    }
    found = promise(result, "nulls[path]", "late").findings[1]
    assert (found.place, found.observed, found.hint) == (
        "contracts/late.yaml:7:11",
        "it expired on 2000-01-01",
        "keep the promise, or talk to platform",
    )
    unused = promise(result, "nulls[path]", "refs").findings[0]
    assert (unused.place, unused.observed, unused.hint) == (
        "contracts/refs.yaml:7:11",
        "it is kept",
        "delete it",
    )
    kept = promise(result, "nulls[path]", "lost")
    assert (kept.outcome, kept.failed) == ("waived", False)
    assert kept.waiver is not None
    assert (kept.waiver.reason, kept.waiver.owner) == ("fix pending", "platform")


def test_a_waived_promise_alone_leaves_the_run_green(project: Project) -> None:
    project.write(lost=contract("lost", waiver("nulls[path]", "2999-12-31")))

    result = project.check()

    assert result.ok
    assert counts(result) == {"kept": 7, "vacuous": 1, "waived": 1, "red": 0}


def test_an_ill_formed_file_is_one_red_and_the_others_are_looked_at(project: Project) -> None:
    project.write(bad=ILL_FORMED, refs=contract("refs"))

    result = project.check()

    assert result.exit_code is ExitCode.INVALID
    assert counts(result) == {"undecided": 1, "kept": 8, "vacuous": 1, "red": 1}
    assert promise(result, "contract").observed == (
        "contracts/bad.yaml:2:1: unknown key `feilds`; did you mean `fields`?\n"
        "contracts/bad.yaml:3:14: `nullability` is `loose`; write `strict` or `values`"
    )


def test_an_ill_formed_file_is_not_overlooked_where_others_are_selected(project: Project) -> None:
    project.write(bad=ILL_FORMED, refs=contract("refs"))

    result = project.check("refs::table")

    assert result.invalid == ("contracts/bad.yaml",)
    assert result.exit_code is ExitCode.INVALID


def test_two_files_that_would_share_a_snapshot_are_not_both_contracts(project: Project) -> None:
    project.write(refs=contract("refs"))
    (project.path / "contracts/refs.yml").write_text(contract("other"))

    result = project.check()

    assert promise(result, "contract").observed == (
        "contracts/refs.yml:1:1: it has the snapshot of refs.yaml, refs.json; "
        "rename one of the two files"
    )
    assert counts(result) == {"kept": 8, "vacuous": 1, "undecided": 1, "red": 1}


def test_a_broken_rule_of_severity_warn_is_counted_and_leaves_the_run_green(
    project: Project,
) -> None:
    rule = "rules: [{name: short, sql: \"path < 'q'\", severity: warn}]\n"
    project.write(refs=contract("refs", rule))

    result = project.check("rule", "table")

    assert result.ok
    assert promise(result, "rule[short]").code == "rule-violated"
    assert "2 of 2 promises looked at: 1 kept, 1 broken (1 of the broken only warn)" in summary(
        result
    )


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("rowz", "`rowz` names no check; the nearest is `rows`"),
        (
            "refs::nulls[nope]",
            "`refs::nulls[nope]` names no check; the nearest are `nulls[path]`, `nulls[ref_id]`",
        ),
        ("moved::rows", "`moved::rows` names no check"),
    ],
)
def test_a_pattern_that_names_nothing_is_red_and_says_what_there_is(
    project: Project, pattern: str, line: str
) -> None:
    project.write(refs=contract("refs"))

    result = project.check(pattern, "refs::table")

    assert result.failures == (line,)
    assert result.exit_code is ExitCode.BROKEN
    assert project.check(pattern).exit_code is ExitCode.NOT_RUN


def test_a_contract_in_a_folder_is_known_by_the_same_name_from_everywhere(
    project: Project,
) -> None:
    """And it sees the tables of all others: its view's source is promised beside the folder."""
    reader = "table: some\nfields: [{name: ref_id, type: string}]\n"
    views = "views: [{name: some, sql: SELECT ref_id FROM refs}]\n"
    project.write({"deep/some": reader}, refs=contract("refs", views))

    for place in ("contracts/deep", "contracts/deep/some.yaml"):
        result = project.check("field[", contracts=project.path / place)
        assert [(each.id, each.outcome.value) for each in result.promises] == [
            ("contracts/deep/some.yaml::field[ref_id]", "kept")
        ]


def test_a_failed_promise_names_whom_it_concerns_through_views_and_references_too(
    project: Project,
) -> None:
    consumers = (
        "consumers: [{name: billing, owner: team, reads: [path]}, {name: ids, reads: [ref_id]}]"
    )
    reader = "table: refs\nsource: {format: parquet, location: refs.parquet}\n" + FIELDS
    project.write(
        lost=contract("lost", f"{consumers}\nrules: [{{name: path, sql: path <> 'p'}}]\n"),
        refs=f"{reader}references: [{{fields: [path], table: lost, to: [path]}}]\n"
        "views: [{name: seen, sql: SELECT path FROM lost, fields: [{name: path, type: string}]}]\n"
        "consumers: [{name: search, reads: [path]}, {name: other, reads: [ref_id]}]\n",
    )

    result = project.check()

    broken = promise(result, "nulls[path]", "lost")
    assert list(map(str, broken.consumers)) == [
        "billing (team)",
        "search through seen",
        "other through seen",
        "search through refs.path",
    ]
    about_all = promise(result, "rule[path]", "lost").consumers
    assert {each.name for each in about_all} == {"billing", "ids", "search", "other"}
    assert promise(result, "field[path]", "lost").consumers == ()
