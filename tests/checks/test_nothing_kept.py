"""Nothing is kept over nothing: what a promise needs to find, so that it can be kept."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.gate import Promises, judge, observer_of, parsed

from cst_contracts.report.manifest_file import Outcome

HEAD = """table: t
source: {format: parquet, location: t}
fields:
  - {name: n, type: int64}
  - {name: attrs, type: "map<string, string>"}
"""
TABLE = pa.table(
    {
        "n": pa.array([None, None], pa.int64()),
        "attrs": pa.array([[("origin", "a")], []], pa.map_(pa.string(), pa.string())),
    }
)
REFERENCE = "references: [{fields: [n], table: t, to: [n]%s}]\n"


def promises(folder: Path, clause: str, table: pa.Table = TABLE) -> Promises:
    (folder / "t").mkdir()
    pq.write_table(table, folder / "t" / "x.parquet")
    contracts = parsed([HEAD + clause])
    return judge(contracts, observer_of(contracts, folder)).of("t")


@pytest.mark.parametrize(
    ("check", "clause", "observed"),
    [
        ("rule[r]", "rules: [{name: r, sql: n > 0%s}]\n", "NULL for every row"),
        ("reference[n→t.n]", REFERENCE, "no reference without a null"),
        ("view[v]", "views: [{name: v, extract: {attrs: other}%s}]\n", "no row has other"),
        (
            "view[v]",
            "views: [{name: v, extract: {attrs: [origin, other]}, keep: [n]%s}]\n",
            "no row has other",
        ),
        ("view[v]", 'views: [{name: v, sql: "SELECT n FROM t WHERE n > 0"%s}]\n', "0 rows"),
    ],
)
@pytest.mark.parametrize("allowed", [False, True])
def test_a_promise_that_finds_nothing_is_vacuous(
    tmp_path: Path, check: str, clause: str, observed: str, *, allowed: bool
) -> None:
    told = promises(tmp_path, clause % (", allow_empty: true" if allowed else ""))
    assert told.outcomes[check] is Outcome.VACUOUS
    assert (told.finding(check).code, told.finding(check).observed) == (
        "nothing-to-count",
        observed,
    )
    assert told.judgements[check].failed is not allowed


def test_a_view_of_a_map_without_entries_is_vacuous(tmp_path: Path) -> None:
    empty = TABLE.set_column(1, "attrs", pa.array([[], None], TABLE.schema.field("attrs").type))
    told = promises(tmp_path, "views: [{name: v, expand: attrs}]\n", empty)
    assert told.judgements["view[v]"].failed
    assert told.finding("view[v]").observed == "0 rows"
    assert told.finding("view[v]").hint == "write `allow_empty: true` at the view if that is fine"


def test_what_finds_something_is_kept(tmp_path: Path) -> None:
    clauses = (
        "views: [{name: v, extract: {attrs: origin}}, {name: w, expand: attrs}]\n"
        "rules: [{name: r, sql: n > 0 OR attrs IS NOT NULL}]\n"
    )
    outcomes = promises(tmp_path, clauses).outcomes
    assert {outcomes[check] for check in ("view[v]", "view[w]", "rule[r]")} == {Outcome.KEPT}


@pytest.mark.parametrize("sql", ["1 = 1", "true", "length('n') = 1"])
def test_a_rule_without_a_field_is_refused(tmp_path: Path, sql: str) -> None:
    told = promises(tmp_path, f'rules: [{{name: r, sql: "{sql}"}}]\n')
    assert told.judgements["rule[r]"].failed
    assert told.finding("rule[r]").code == "rule-unplanned"
    why = "it names no field of the table, so that it says nothing of any row"
    assert told.finding("rule[r]").observed == why


@pytest.mark.parametrize(
    ("sql", "called"),
    [
        ("n > random()", "random()"),
        ("arrow_cast(n, 'Timestamp(s)') < now()", "now()"),
        ("arrow_cast(n, 'Date64') < CURRENT_DATE", "current_date()"),
        ("n::varchar <> uuid()", "uuid()"),
    ],
)
def test_a_rule_whose_answer_changes_by_itself_is_refused(
    tmp_path: Path, sql: str, called: str
) -> None:
    told = promises(tmp_path, f'rules: [{{name: r, sql: "{sql}"}}]\n')
    assert told.judgements["rule[r]"].failed
    assert told.finding("rule[r]").code == "rule-volatile"
    assert told.finding("rule[r]").observed == f"{called} gives another value each time"


def test_text_that_names_the_clock_is_no_call_of_it(tmp_path: Path) -> None:
    told = promises(tmp_path, "rules: [{name: r, sql: \"n IS NULL OR 'now()' = 'random('\"}]\n")
    assert told.outcomes["rule[r]"] is Outcome.KEPT
