"""What is told of two environments whose runs are compared."""

from collections.abc import Sequence

import pyarrow as pa
from msgspec.structs import replace
from support.promises import promise, red

from cst_contracts.facts import QueryFacts, SeenTable, TableFacts
from cst_contracts.report.lines import plain
from cst_contracts.report.manifest import manifest_of
from cst_contracts.report.manifest_file import (
    CauseEntry,
    FunctionEntry,
    Manifest,
    Outcome,
    PromiseRecord,
    TableEntry,
)
from cst_contracts.report.observed import Observed, SessionEntry, table_entry
from cst_contracts.report.rehearsal import Rehearsal, rehearsal, rehearsal_lines

TABLE = pa.schema([("a", pa.int64()), ("s", pa.struct([("b", pa.string())]))])
VIEW = pa.schema([("total", pa.int64())])
PLAN = ("CREATE VIEW v AS SELECT sum(a) AS total FROM t", "Projection: sum(t.a) AS total")


def function(name: str, *signatures: str) -> FunctionEntry:
    return FunctionEntry(name=name, kind="scalar", deterministic=True, signatures=signatures)


def table(schema: pa.Schema = TABLE, rows: int | None = 3) -> TableEntry:
    return table_entry(SeenTable("t", TableFacts("t", "parquet", schema), rows=rows))


def view(schema: pa.Schema = VIEW, plan: Sequence[str] = PLAN) -> TableEntry:
    query = QueryFacts(tuple(plan), ("sum",))
    return table_entry(SeenTable("v", TableFacts("v", "view", schema), query=query))


def run(
    *records: PromiseRecord,
    tables: Sequence[TableEntry] | None = None,
    functions: Sequence[FunctionEntry] = (function("lower", "(Utf8) -> Utf8"),),
    version: str = "55.0.0",
) -> Manifest:
    session = SessionEntry(settings={}, functions=tuple(functions), shadowed_functions=())
    seen = Observed(session=session, tables=tuple((table(), view()) if tables is None else tables))
    return manifest_of({"datafusion": version}, seen, records)


def lines(found: Rehearsal) -> list[str]:
    """Without the versions and the sum."""
    return [plain(each) for each in rehearsal_lines(found)][1:-1]


ALIKE = [
    "the session: alike (1 function, 0 settings)",
    "t: alike (3 fields)",
    "v: alike (1 field, a plan)",
]


def test_a_line_for_the_session_and_each_table_and_view() -> None:
    found = rehearsal(run(), run(version="56.0.0"))

    assert lines(found) == ALIKE
    assert plain(next(iter(rehearsal_lines(found)))) == "datafusion is 55.0.0 here and 56.0.0 there"
    assert not found.breaks
    assert not found.unknown


def test_functions_signatures_names_of_output_types_and_rows_are_compared() -> None:
    there = run(
        tables=(
            table(pa.schema([("a", pa.int32()), TABLE.field("s")]), rows=2),
            view(pa.schema([("sum", pa.int64())])),
        ),
        functions=(function("lower", "(Utf8) -> LargeUtf8"), function("upper", "(Utf8) -> Utf8")),
    )

    found = rehearsal(run(), there)

    assert found.breaks
    assert lines(found) == [
        "the session: differs (1 function, 0 settings)",
        "    scalar function lower: (Utf8) returns Utf8 → LargeUtf8 (breaking)",
        "    scalar function upper: absent → present (compatible)",
        "t: differs (3 fields)",
        "    a: int64 → int32 (breaking)",
        "    3 → 2 rows (breaking)",
        "v: differs (1 field, a plan)",
        "    total: int64 → absent (breaking)",
        "    sum: absent → int64 (compatible)",
    ]


def test_a_nested_field_that_is_gone_there_breaks() -> None:
    there = run(tables=(table(pa.schema([TABLE.field("a"), ("s", pa.struct([]))])), view()))

    assert lines(rehearsal(run(), there))[2] == "    s.b: string → absent (breaking)"


def test_another_plan_of_the_same_definition_is_told_and_breaks_nothing() -> None:
    there = run(tables=(table(), view(plan=(PLAN[0], "Aggregate: sum(t.a) AS total"))))

    found = rehearsal(run(), there)

    assert not found.breaks
    head, told = lines(found)[2:]
    assert head == "v: differs (1 field, a plan)"
    assert told.startswith('    plan "Projection: ')
    assert told.endswith("(compatible)")


def test_verdicts_that_are_worse_there_break_and_say_why() -> None:
    here = run(promise("contracts/t.yaml", "t", "nulls[a]"), red("s"))
    there = run(red("a"), promise("contracts/t.yaml", "t", "nulls[s]"))

    found = rehearsal(here, there)

    assert found.breaks
    assert lines(found)[1:4] == [
        "t: differs (3 fields, 2 promises)",
        "    nulls[a]: kept → broken: 1 null among 3 (breaking)",
        "    nulls[s]: broken → kept (compatible)",
    ]


def test_a_promise_that_only_one_side_knows() -> None:
    extra = promise("contracts/t.yaml", "t", "order")

    lost, gained = rehearsal(run(extra), run()), rehearsal(run(), run(extra))

    assert lines(lost)[2] == "    order: kept → not promised (breaking)"
    assert lost.breaks
    assert lines(gained)[2] == "    order: not promised → kept (compatible)"
    assert not gained.breaks


def test_what_follows_from_something_red_elsewhere_is_counted() -> None:
    checks = ("nulls[a]", "unique[a]")
    here = [promise("contracts/t.yaml", "t", each) for each in checks]
    cause = CauseEntry(subject="t", check="table")
    there = [replace(each, outcome=Outcome.UNDECIDED, cause=cause) for each in here]

    found = rehearsal(run(*here), run(*there))

    assert found.breaks
    told = "    2 promises undecided there for what is red elsewhere (breaking)"
    assert lines(found)[2] == told


def test_a_table_that_cannot_be_looked_at_there_breaks_and_here_is_not_compared() -> None:
    unread = replace(table(), fields=(), error="no such codec")

    there, here = (
        rehearsal(run(), run(tables=(unread, view()))),
        rehearsal(run(tables=(unread, view())), run()),
    )

    assert there.breaks
    assert lines(there)[1:3] == [
        "t: differs",
        "    could not be looked at there: no such codec (breaking)",
    ]
    assert here.unknown
    assert not here.breaks
    assert lines(here)[1:3] == [
        "t: not compared",
        "    not compared: could not be looked at here: no such codec",
    ]


def test_what_nobody_could_decide_on_either_side_is_not_alike() -> None:
    undecided = replace(
        promise("contracts/t.yaml", "t", "nulls[a]"),
        outcome=Outcome.UNDECIDED,
        observed="too little memory",
        failed=True,
    )

    found = rehearsal(run(undecided), run(undecided))

    assert found.unknown
    assert lines(found)[2] == (
        "    not compared: nulls[a] is undecided on both sides: too little memory"
    )
    assert plain(list(rehearsal_lines(found))[-1]).endswith(", 1 not compared")


def test_functions_that_nobody_looked_at_are_not_alike() -> None:
    found = rehearsal(run(), run(functions=()))

    assert found.unknown
    assert lines(found)[0] == "the session: not compared"
    assert lines(found)[1] == "    not compared: nobody could look at its functions there"
