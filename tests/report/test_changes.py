"""What changed between two states, as text, in Markdown and as JSON: whole outputs of a small comparison."""

from datetime import date

import pytest

from cst_contracts.contract.parse import parse_contract
from cst_contracts.drift.merging import KeptSnapshot, State
from cst_contracts.drift.snapshot import sorted_session
from cst_contracts.drift.verdicts import Difference, difference
from cst_contracts.facts import FunctionFacts
from cst_contracts.report.changes import difference_annotations, difference_lines
from cst_contracts.report.changes_file import difference_json, difference_markdown
from cst_contracts.report.lines import plain
from cst_contracts.report.markup import prose

OLD = """\
table: a|b
version: 1.2.0
fields:
  - {name: x, type: int32}
  - {name: y, type: string}
consumers: [{name: c_1, owner: them}, {name: d, reads: [y]}]
"""
NEW = OLD.replace("int32", "int64")
SESSION = "session: s\nowner: us\nfunctions: [f]\n"


def compared(old: str, new: str, functions: int = 0) -> Difference:
    came = [FunctionFacts(f"f{each}", "scalar", deterministic=True) for each in range(functions)]
    before, after = (
        State(
            name,
            (parse_contract(text.encode(), "t.yaml"), parse_contract(SESSION.encode(), "s.yaml")),
            {"s.yaml": KeptSnapshot("s.json", sorted_session(each, []))},
        )
        for name, text, each in (("main", old, []), ("head", new, came))
    )
    return difference(before, after, date(2026, 6, 1))


def lines(told: Difference) -> str:
    return "\n".join(map(plain, difference_lines(told)))


STAMP = compared(OLD, NEW).breaks[0].fingerprint


def test_text_begins_with_what_breaks_and_folds_what_comes_by_the_hundred() -> None:
    assert (
        lines(compared(OLD, NEW, functions=7))
        == f"""\
t.yaml: a|b 1.2.0
  breaks  x: int32 → int64 [type-widened, backward]
          t.yaml:4:5 change {STAMP}
          read by c_1 (them)
          way out: step `version` to 2.0.0; or take the change back, or waive it with `cst-contracts waive`
s.yaml: s (owner us)
  told    scalar function f0: absent → present [snapshot, function-added, forward]
          s.json:1:1
  told    scalar function f1: absent → present [snapshot, function-added, forward]
          s.json:1:1
  told    scalar function f2: absent → present [snapshot, function-added, forward]
          s.json:1:1
  told    scalar function f3: absent → present [snapshot, function-added, forward]
          s.json:1:1
  told    scalar function f4: absent → present [snapshot, function-added, forward]
          s.json:1:1
  told    … and 2 more [function-added]
8 changes of 2 contracts from main to head: 1 breaks, 7 told"""
    )


def test_markdown_says_the_verdict_first_and_escapes_names() -> None:
    assert (
        difference_markdown(compared(OLD, NEW, functions=6))
        == f"""\
## Contracts: 1 breaking

7 changes of 2 contracts from main to head: 1 breaks, 6 told

### a\\|b (1.2.0)

| | change | class | read by | place |
| --- | --- | --- | --- | --- |
| **breaks** `{STAMP}` | x: int32 → int64 (`type-widened`) | backward | c\\_1 (them) | `t.yaml:4:5` |

Way out: step `version` to 2.0.0; or take the change back, or waive it with `cst-contracts waive`.

### s (us)

| | change | class | read by | place |
| --- | --- | --- | --- | --- |
| told | scalar function f0: absent → present (`function-added`) | forward |  | `s.json:1:1` |
| told | scalar function f1: absent → present (`function-added`) | forward |  | `s.json:1:1` |
| told | scalar function f2: absent → present (`function-added`) | forward |  | `s.json:1:1` |
| told | scalar function f3: absent → present (`function-added`) | forward |  | `s.json:1:1` |
| told | scalar function f4: absent → present (`function-added`) | forward |  | `s.json:1:1` |
| | … and 1 more `function-added` | | | |
"""
    )


def test_contracts_in_which_nothing_changed_are_counted_apart() -> None:
    told = lines(compared(OLD, NEW)).splitlines()[-1]
    assert told == "1 change in 1 of 2 contracts from main to head: 1 breaks"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("write `a_b: *c` for d_e", "write `a_b: *c` for d\\_e"),
        ("an `odd one", "an \\`odd one"),
        ("`a|b`, `c`", "`a|b`, `c`"),
    ],
)
def test_what_stands_between_back_ticks_is_code_and_nothing_else_is_markup(
    text: str, told: str
) -> None:
    assert prose(text) == told


def test_what_is_wrong_with_waivers_and_versions_is_told_everywhere() -> None:
    waiver = '{change: "00000000", reason: r, owner: o, expires: 2026-06-01}'
    told = compared(OLD, f"{OLD}waivers: [{waiver}]\n")

    what = "the waiver of change 00000000 is of none of these changes"
    instead = "delete it, or waive the change there is now"
    assert lines(told) == (
        f"waiver-unused t.yaml:7:11: {what}; {instead}\n"
        "0 changes of 2 contracts from main to head; 1 further failure"
    )
    assert difference_markdown(told) == (
        "## Contracts: versions or waivers are wrong\n\n"
        "0 changes of 2 contracts from main to head; 1 further failure\n\n"
        f"- **waiver-unused** `t.yaml:7:11`: {what}; {instead}\n"
    )
    assert list(difference_annotations(told)) == [
        f"::error file=t.yaml,line=7,col=11,title=waiver-unused::{what}; {instead}"
    ]
    assert '"code": "waiver-unused"' in difference_json(told)


def test_where_nothing_changed_this_is_said() -> None:
    told = compared(OLD, OLD)
    assert lines(told) == "0 changes of 2 contracts from main to head"
    assert difference_markdown(told).startswith("## Contracts: nothing changed\n")
    assert list(difference_annotations(told)) == []


def test_where_nothing_breaks_this_is_said() -> None:
    told = compared(
        OLD, OLD.replace("1.2.0", "1.3.0").replace("consumers", "keys: [[x]]\nconsumers")
    )
    assert difference_markdown(told).startswith("## Contracts: nothing breaks\n")
    assert "### a\\|b (1.2.0 → 1.3.0)\n" in difference_markdown(told)


def test_a_bar_in_a_place_does_not_end_a_cell() -> None:
    before, after = (
        State("a", (parse_contract(text.encode(), "a|b.yaml"),)) for text in (OLD, NEW)
    )
    assert "`a\\|b.yaml:4:5`" in difference_markdown(difference(before, after, date(2026, 6, 1)))
