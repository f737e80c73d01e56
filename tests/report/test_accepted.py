"""What an update of snapshots says that it has accepted."""

from cst_contracts.drift.changes import Change, SettingChanged
from cst_contracts.drift.fields import FieldAdded, FieldRemoved, NullabilityChanged
from cst_contracts.report.accepted import accepted_lines, first_accepted_line
from cst_contracts.report.lines import Style, plain

FILE = "snapshots/refs.json"
CHANGES: list[Change] = [
    FieldAdded("b", "string", nullable=True),
    SettingChanged("datafusion.format.null", "a", "b"),
    FieldRemoved("a", "int64", nullable=False),
    NullabilityChanged("c", nullable=True),
]


def test_changes_are_listed_by_class_what_breaks_first() -> None:
    lines = list(accepted_lines(FILE, CHANGES))
    assert list(map(plain, lines)) == [
        "snapshots/refs.json: accepted 2 breaking, 1 compatible, 1 cosmetic",
        "  a: int64 not null → absent (breaking)",
        "  c: not null → nullable (breaking)",
        "  b: absent → string (compatible)",
        '  setting datafusion.format.null: "a" → "b" (cosmetic)',
    ]
    assert [spans[0].style for spans in lines] == [
        *(Style.HEAD, Style.BROKEN, Style.BROKEN, Style.PLAIN, Style.QUIET)
    ]


def test_another_spelling_and_a_first_snapshot_are_said_to_be_that() -> None:
    assert [plain(each) for each in accepted_lines(FILE, ())] == [
        f"{FILE}: written as this version writes it; nothing has changed"
    ]
    told = plain(first_accepted_line(FILE))
    assert told == f"{FILE}: accepted as it is, without one to compare with"
