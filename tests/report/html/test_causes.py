"""Promises that are red for one thing are one cause, and what waits for it stands behind it."""

from msgspec.structs import replace
from support.pages import faulty_run, found
from support.promises import promise, red

from cst_contracts.checks.check import Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.report.html.causes import causes
from cst_contracts.report.manifest_file import CauseEntry, Outcome, PromiseRecord, SampleEntry

FILE = "contracts/t.yaml"


def checks(*records: PromiseRecord) -> list[tuple[list[str], list[str]]]:
    return [
        ([records[at].check for at in each.red], [records[at].check for at in each.waiting])
        for each in causes(records)
    ]


def field(path: str, line: int) -> PromiseRecord:
    made = replace(promise(FILE, "t", f"field[{path}]", line), field=path)
    return found(made, FindingCode.TYPE_MISMATCH, "int32", "int64")


def drift(observed: str) -> PromiseRecord:
    made = replace(promise(FILE, "t", "snapshot[schema]"), group=Group.SNAPSHOT)
    return found(made, FindingCode.SNAPSHOT_DIFFERS, "as accepted", observed)


def waits(check: str, *, subject: str, of: str) -> PromiseRecord:
    cause = CauseEntry(subject=subject, check=of)
    return replace(red(check), outcome=Outcome.UNDECIDED, failed=False, cause=cause)


def test_what_one_line_promises_of_a_field_is_one_cause_and_equal_words_elsewhere_are_not() -> None:
    nulls = replace(red("a"), place=f"{FILE}:3:5")
    assert checks(field("a", 3), nulls, field("b", 4)) == [
        (["field[a]", "nulls[a]"], []),
        (["field[b]"], []),
    ]


def test_a_contract_in_one_line_makes_no_cause_of_its_fields() -> None:
    assert [red for red, _ in checks(field("a", 1), field("b", 1))] == [["field[a]"], ["field[b]"]]


def test_the_same_words_about_opening_a_table_are_one_cause() -> None:
    why = "late.parquet lies outside of year=…/"
    table = found(promise(FILE, "t", "table"), FindingCode.TABLE_UNREADABLE, "a table", why)
    parts = found(
        promise(FILE, "t", "partition[year]", 9), FindingCode.PARTITION_LAYOUT, "year=…/", why
    )
    other = replace(parts, contract="contracts/u.yaml", check="partition[month]")

    assert checks(parts, table, other) == [
        (["table", "partition[year]"], []),
        (["partition[month]"], []),
    ]


def test_a_snapshot_that_begins_with_a_red_field_stands_behind_it() -> None:
    assert checks(field("a.b", 3), drift("a.b: int32 → int64 (breaking)")) == [
        (["field[a.b]", "snapshot[schema]"], [])
    ]
    assert len(checks(field("a", 3), drift("z: int32 → int64 (breaking)"))) == 2


def test_rows_to_show_head_a_cause() -> None:
    shown = replace(red("a"), place=f"{FILE}:3:5", samples=(SampleEntry(row=1),))
    assert checks(field("a", 3), shown) == [(["nulls[a]", "field[a]"], [])]


def test_what_waits_stands_behind_the_last_one_in_its_way() -> None:
    table = found(promise(FILE, "t", "table"), FindingCode.TABLE_UNREADABLE, "a table", "torn")
    middle = replace(waits("m", subject="t", of="table"), check="field[m]")

    assert checks(waits("a", subject="t", of="field[m]"), middle, table) == [
        (["table"], ["nulls[a]", "field[m]"])
    ]


def test_what_waits_for_a_promise_that_was_not_selected_has_itself_for_a_cause() -> None:
    assert checks(waits("a", subject="t", of="table")) == [(["nulls[a]"], [])]


def test_promises_that_wait_for_each_other_end() -> None:
    first, second = waits("a", subject="t", of="nulls[b]"), waits("b", subject="t", of="nulls[a]")
    told = checks(first, second)
    assert sorted(check for red, waiting in told for check in (*red, *waiting)) == [
        "nulls[a]",
        "nulls[b]",
    ]


def test_kept_and_allowed_promises_are_no_causes() -> None:
    allowed = replace(red("a"), outcome=Outcome.VACUOUS, failed=False)
    assert checks(allowed, promise(FILE, "t", "rows")) == []


def test_a_run_folds_into_few_causes() -> None:
    assert len(causes(faulty_run().promises)) == 5
