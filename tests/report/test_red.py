"""What reviews are told of a run, and the fingerprints by which they know it again."""

from msgspec.structs import replace
from support.promises import finding, manifest, promise, red

from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import Severity
from cst_contracts.location import Location
from cst_contracts.report.manifest_file import Outcome
from cst_contracts.report.red import told


def test_what_failed_warns_or_is_waived_is_told_and_nothing_else() -> None:
    broken = red("a")
    warns = replace(red("b"), failed=False, severity=Severity.WARN)
    waived = replace(red("c"), failed=False, outcome=Outcome.WAIVED)
    vacuous = replace(red("d"), outcome=Outcome.VACUOUS)
    waits = replace(red("e"), failed=False, outcome=Outcome.UNDECIDED)
    noted = replace(red("f"), failed=False, outcome=Outcome.KEPT)

    found = told(manifest(broken, warns, waived, vacuous, waits, noted, promise("t", "t", "rows")))

    assert [each.record.check for each in found] == ["nulls[a]", "nulls[b]", "nulls[c]", "nulls[d]"]


def test_each_finding_stands_at_its_own_line_and_says_both_sides() -> None:
    (first, second) = told(manifest(replace(red("a"), findings=(finding(line=3), finding(line=9)))))

    assert first.place == Location("contracts/t.yaml", 3, 5)
    assert second.place.line == 9
    assert first.message == (
        "t: nulls[a] is broken. Observed: 1 null among 3. Promised: no null."
        " Way out: write `nullable: true`."
    )


def test_a_promise_whose_item_never_came_to_look_is_told_by_its_record() -> None:
    never = replace(red("a"), outcome=Outcome.UNDECIDED, findings=(), code=None, hint=None)

    (each,) = told(manifest(never))

    assert each.finding.code is FindingCode.NOT_CHECKABLE
    assert each.message.endswith("Observed: 1 null among 3. Promised: no null.")


def test_a_fingerprint_stays_where_lines_move_and_differs_between_findings() -> None:
    def fingerprints(*lines: int) -> list[str]:
        record = replace(red("a"), findings=tuple(finding(line) for line in lines))
        return [each.fingerprint for each in told(manifest(record, red("b")))]

    assert fingerprints(3, 9) == fingerprints(30, 90)
    assert len(set(fingerprints(3, 9))) == 3
