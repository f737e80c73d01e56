"""A waiver is written into a contract, and the rest of the file stays as it is."""

from datetime import date

import pytest

from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.waiver_text import NewWaiver, NoPlace, with_waiver

TABLE = "table: t  # a comment\nfields:\n  - {name: a,   type: int8}\n"
WAIVER = NewWaiver("5f1c09ab", "agreed with billing", "orders-team", date(2027, 1, 31))
ITEM = """\
  - change: "5f1c09ab"
    reason: agreed with billing
    owner: orders-team
    expires: 2027-01-31
"""
OTHER = '{check: fields, reason: "r # s", owner: o, expires: 2027-01-31}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TABLE, f"{TABLE}waivers:\n{ITEM}"),
        (TABLE.rstrip("\n"), f"{TABLE}waivers:\n{ITEM}"),
        (f"{TABLE}waivers: []  # none\n", None),
        (
            f"{TABLE}waivers:\n  - {OTHER}\n\n# the end\nkeys: [[a]]\n",
            f"{TABLE}waivers:\n  - {OTHER}\n{ITEM}\n# the end\nkeys: [[a]]\n",
        ),
        (
            f"{TABLE}waivers:  # known\n- check: fields\n  reason: r\n  owner: o\n  expires: 2027-01-31",
            f"{TABLE}waivers:  # known\n- check: fields\n  reason: r\n  owner: o\n  expires: 2027-01-31\n"
            + ITEM.replace("\n  ", "\n")[2:],
        ),
        (
            f"{TABLE}waivers: [{OTHER}]\nkeys: [[a]]\n",
            f'{TABLE}waivers: [{OTHER}, {{change: "5f1c09ab", reason: agreed with billing, '
            "owner: orders-team, expires: 2027-01-31}]\nkeys: [[a]]\n",
        ),
        (
            f"table: t\nwaivers:\n    - {OTHER}\nfields: [{{name: a, type: int8}}]\n",
            f"table: t\nwaivers:\n    - {OTHER}\n"
            + "".join(f"  {line}\n" for line in ITEM.splitlines())
            + "fields: [{name: a, type: int8}]\n",
        ),
    ],
)
def test_a_waiver_comes_last_and_nothing_else_is_touched(before: str, after: str | None) -> None:
    written = with_waiver(before, WAIVER, "t.yaml")

    assert after is None or written == after
    assert [each.change for each in parse_contract(written.encode(), "t").waivers][-1] == "5f1c09ab"
    kept = {line for line in before.splitlines() if "waivers: [" not in line}
    assert kept <= set(written.splitlines())


def test_line_ends_stay() -> None:
    written = with_waiver(TABLE.replace("\n", "\r\n"), WAIVER, "t.yaml")
    assert written == f"{TABLE}waivers:\n{ITEM}".replace("\n", "\r\n")


@pytest.mark.parametrize(
    "reason", ["a: b", "it's # that", 'say "no"', "yes", "12", "[a]", "ü, ö", "2027-01-31"]
)
def test_words_are_read_as_they_were_meant(reason: str) -> None:
    written = with_waiver(TABLE, NewWaiver("12345678", reason, reason, date(2027, 1, 31)), "t.yaml")
    (waiver,) = parse_contract(written.encode(), "t").waivers
    assert (waiver.change, waiver.reason, waiver.owner) == ("12345678", reason, reason)


@pytest.mark.parametrize(
    "text",
    [
        f"{TABLE}waivers: [\n  {OTHER}]\n",
        f"{TABLE}'waivers':\n  - {OTHER}\n",
        "{table: t, fields: [{name: a, type: int8}]}\n",
        f"{TABLE}waivers:\n{ITEM}",
    ],
)
def test_where_no_place_is_found_the_lines_are_told(text: str) -> None:
    with pytest.raises(NoPlace) as raised:
        with_waiver(text, WAIVER, "t.yaml")
    assert str(raised.value).splitlines() == [
        "t.yaml: write this into `waivers` by hand:",
        '- change: "5f1c09ab"',
        "  reason: agreed with billing",
        "  owner: orders-team",
        "  expires: 2027-01-31",
    ]
