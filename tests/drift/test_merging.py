"""Two states of contracts: which contracts are one, whom changes break, and what versions and waivers say."""

from datetime import date

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.drift import consumers
from cst_contracts.drift.merging import KeptSnapshot, Standing, State, pairs
from cst_contracts.drift.promises import PromiseChanged
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    QuerySnapshot,
    Snapshot,
    TableSnapshot,
    ViewSnapshot,
    sorted_session,
)
from cst_contracts.drift.tightness import Direction
from cst_contracts.drift.verdicts import Difference, NoteCode, difference, way_out
from cst_contracts.facts import FunctionFacts
from cst_contracts.location import Location

TODAY = date(2026, 6, 1)
ORDERS = """\
table: orders
version: 1.2.0
fields:
  - {name: order_id, type: string}
  - {name: total, type: int32}
  - {name: items, type: "list<struct<sku: string, price: int32>>"}
  - {name: attrs, type: "map<string, string>"}
keys: [[order_id]]
consumers:
  - {name: invoices, owner: billing, reads: [order_id, total]}
  - {name: stock, reads: ["items[].sku"]}
  - {name: archive}
"""


def contract(text: str, file: str = "orders.yaml") -> Contract:
    return parse_contract(text.encode(), file)


def state(*texts: str, name: str = "base", **snapshots: Snapshot) -> State:
    contracts = tuple(contract(text, f"{text.split()[1]}.yaml") for text in texts)
    kept = {f"{each}.yaml": KeptSnapshot(f"{each}.json", it) for each, it in snapshots.items()}
    return State(name, contracts, kept)


def compared(before: State, after: State) -> Difference:
    return difference(before, replace(after, name="head"), TODAY)


def changed(before: str, after: str, *others: str) -> Difference:
    return compared(state(before, *others), state(after, *others))


def readers(before: str, after: str, *others: str) -> list[list[str]]:
    (one,) = changed(before, after, *others).compared
    return [list(map(str, entry.consumers)) for entry in one.entries]


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("total, type: int32", "total, type: string", ["invoices (billing)", "archive"]),
        ("price: int32", "price: string", ["archive"]),
        ("sku: string", "sku: int32", ["stock", "archive"]),
        (
            '"list<struct<sku: string, price: int32>>"',
            '"fixed_size_list<struct<sku: string, price: int32>>[2]"',
            ["stock", "archive"],
        ),
        ("keys: [[order_id]]\n", "", ["invoices (billing)", "archive"]),
        ("fields:", "extra_fields: allow\nfields:", ["invoices (billing)", "stock", "archive"]),
    ],
)
def test_consumers_that_read_what_changed_are_named(old: str, new: str, names: list[str]) -> None:
    assert readers(ORDERS, ORDERS.replace(old, new)) == [names]


def test_contracts_of_either_state_are_counted_once() -> None:
    assert changed(ORDERS, ORDERS).looked_at == 1
    assert compared(state(ORDERS), state(LINES.format(""))).looked_at == 2


def test_a_change_that_breaks_nobody_names_nobody() -> None:
    assert readers(ORDERS, ORDERS.replace("price: int32", "price: int32, rate: double")) == [[]]


LINES = """\
table: order_lines
fields: [{{name: order_id, type: string}}]
{}
consumers: [{{name: ledger, owner: books}}]
"""


@pytest.mark.parametrize(
    ("clause", "path", "through"),
    [
        ("views: [{name: v, sql: SELECT total FROM orders}]", "total, type: int32", "v"),
        ("views: [{name: v, sql: SELECT * FROM orders}]", "total, type: int32", "v"),
        ("views: [{name: v, sql: SELECT total FROM orders}]", "order_id, type: string", None),
        ("views: [{name: v, explode: items, of: orders}]", "price: int32", "v"),
        ("views: [{name: v, explode: items, of: orders}]", "total, type: int32", None),
        ("views: [{name: v, expand: attrs, of: orders}]", "map<string, string>", "v"),
        ("views: [{name: v, extract: {attrs: k}, of: orders}]", "map<string, string>", "v"),
        ("views: [{name: v, flatten: s, of: orders, keep: [total]}]", "total, type: int32", "v"),
        ("views: [{name: v, pack: {s: [total]}, of: orders}]", "total, type: int32", "v"),
        (
            "references: [{fields: [order_id], table: orders, to: [order_id]}]",
            "order_id, type: string",
            "order_lines.order_id",
        ),
        (
            "references: [{fields: [order_id], table: orders, to: [order_id]}]",
            "total, type: int32",
            None,
        ),
        (
            "references: [{fields: [order_id], table: other, to: [order_id]}]",
            "order_id, type: string",
            None,
        ),
    ],
)
def test_consumers_that_read_through_views_and_references_are_named(
    clause: str, path: str, through: str | None
) -> None:
    after = ORDERS.replace(path, "total, type: double" if "total" in path else "XX")
    after = after.replace("XX", "order_id, type: int8" if "order_id" in path else "price: int8")
    after = after.replace("price: int8", "map<string, int8>") if "map" in path else after
    (named,) = readers(ORDERS, after, LINES.format(clause))

    assert [name for name in named if name.startswith("ledger")] == (
        [] if through is None else [f"ledger (books) through {through}"]
    )


REFERRING = LINES.format("references: [{fields: [order_id], table: orders, to: [order_id]}]")


def test_what_is_about_a_whole_table_concerns_those_who_refer_to_it() -> None:
    told = readers(ORDERS, ORDERS.replace("fields:", "extra_fields: allow\nfields:"), REFERRING)
    assert told == [
        ["invoices (billing)", "stock", "archive", "ledger (books) through order_lines.order_id"]
    ]
    orders, lines = contract(ORDERS), contract(REFERRING)
    assert isinstance(orders, TableContract)
    assert isinstance(lines, TableContract)
    assert list(map(str, consumers.readers(orders, [orders, lines]))) == told[0]


def test_what_is_about_a_view_concerns_nobody_who_refers_to_the_table() -> None:
    ((*_, last),) = readers(VIEWS, ORDERS, REFERRING)
    assert last == "archive through cheap"


VIEWS = f"{ORDERS}views: [{{name: cheap, sql: SELECT order_id FROM orders}}]\n"


def test_all_consumers_of_a_contract_are_named_for_a_view_of_it() -> None:
    assert readers(VIEWS, ORDERS) == [
        ["invoices (billing) through cheap", "stock through cheap", "archive through cheap"]
    ]


def test_contracts_are_one_by_name_and_file_then_by_name_then_by_file() -> None:
    a, b, c = (f"table: {name}\nfields: [{{name: x, type: int8}}]" for name in "abc")
    before = (
        contract(a, "1.yaml"),
        contract(a, "2.yaml"),
        contract(b, "3.yaml"),
        contract(c, "4.yaml"),
    )
    renamed = contract(c.replace("c", "d", 1), "4.yaml")
    after = (contract(a, "2.yaml"), contract(a, "5.yaml"), contract(b, "6.yaml"), renamed)

    found = {
        (each.before and each.before.file, each.after and each.after.file)
        for each in pairs(before, after)
    }

    assert found == {
        ("1.yaml", "5.yaml"),
        ("2.yaml", "2.yaml"),
        ("3.yaml", "6.yaml"),
        ("4.yaml", "4.yaml"),
    }


def test_a_contract_that_came_breaks_nobody_and_one_that_went_does() -> None:
    came = compared(state(), state(ORDERS))
    assert (came.is_red, [each.line for each in came.compared[0].entries]) == (
        False,
        ["orders: promised from now on"],
    )

    went = compared(state(ORDERS), state())
    (one,) = went.compared
    assert went.is_red
    assert way_out(one) == "bring it back, or waive this change in another contract"
    assert [entry.place.gone for entry in one.entries] == [True]

    stamp = one.entries[0].fingerprint
    other = "table: u\nfields: [{name: x, type: int8}]\n"
    waived = compared(state(ORDERS, other), state(f"{other}{waiver(stamp)}"))
    assert not waived.is_red


def waiver(change: str, expires: str = "2026-06-01") -> str:
    return f'waivers:\n  - {{change: "{change}", reason: r, owner: o, expires: {expires}}}\n'


WIDER = ORDERS.replace("total, type: int32", "total, type: int64")
STAMP = changed(ORDERS, WIDER).breaks[0].fingerprint


def test_a_fingerprint_is_of_one_change_with_both_of_its_sides() -> None:
    same = changed(ORDERS, f"# moved\n{WIDER}owner: o\n").breaks[0].fingerprint
    other = changed(ORDERS, ORDERS.replace("total, type: int32", "total, type: double"))
    elsewhere = changed(ORDERS.replace("orders", "o", 1), WIDER.replace("orders", "o", 1))

    assert same == STAMP
    assert STAMP not in {each.breaks[0].fingerprint for each in (other, elsewhere)}


@pytest.mark.parametrize(
    ("version", "standing"),
    [("1.2.0", Standing.BREAKS), ("1.3.0", Standing.BREAKS), ("2.0.0", Standing.STEPPED)],
)
def test_what_breaks_wants_a_major_step(version: str, standing: Standing) -> None:
    told = changed(ORDERS, WIDER.replace("1.2.0", version))
    (one,) = told.compared

    assert (told.is_red, one.entries[0].standing) == (standing is Standing.BREAKS, standing)
    assert way_out(one).startswith("step `version` to 2.0.0; ")
    assert told.counts == {standing: 1}


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ("", "", "the contract has no `version` whose major step could announce it"),
        ("", "version: 2.0.0\n", "its `version` is new, and no step from the one before"),
        ("version: 1.2.0\n", "", "the contract has no `version`"),
    ],
)
def test_without_a_version_before_and_after_nothing_may_break(
    before: str, after: str, way: str
) -> None:
    told = changed(
        ORDERS.replace("version: 1.2.0\n", before), WIDER.replace("version: 1.2.0\n", after)
    )
    assert told.is_red
    assert way_out(told.compared[0]).startswith(way)


def notes(told: Difference) -> list[tuple[NoteCode, str, str]]:
    return [(note.code, note.what, note.instead) for note in told.notes]


def test_a_version_that_went_back_is_red_even_where_nothing_else_changed() -> None:
    told = changed(ORDERS, ORDERS.replace("1.2.0", "1.1.0"))

    assert told.is_red
    assert notes(told) == [
        (
            NoteCode.VERSION_LOWERED,
            "the version of orders went back from 1.2.0 to 1.1.0",
            "versions only rise",
        )
    ]
    assert told.notes[0].place == Location("orders.yaml", 1, 1)


@pytest.mark.parametrize(("version", "due"), [("1.2.0", True), ("1.2.1", True), ("1.3.0", False)])
def test_what_is_added_wants_a_minor_step_and_is_only_told(version: str, due: bool) -> None:  # noqa: FBT001
    after = ORDERS.replace("price: int32", "price: int32, rate: double").replace("1.2.0", version)
    told = changed(ORDERS, after)

    assert not told.is_red
    assert (
        notes(told)
        == [
            (
                NoteCode.STEP_DUE,
                f"what orders promises changed, and its version is {version}",
                "step `version` to 1.3.0",
            )
        ]
        * due
    )


def test_a_waiver_holds_until_the_end_of_its_last_day() -> None:
    held = changed(ORDERS, WIDER + waiver(STAMP))
    assert (held.is_red, [entry.standing for entry in held.compared[0].entries]) == (
        False,
        [Standing.WAIVED],
    )
    assert [note.code for note in held.notes] == [NoteCode.STEP_DUE]

    late = changed(ORDERS, WIDER + waiver(STAMP, "2026-05-31"))
    assert late.is_red
    assert (
        NoteCode.WAIVER_EXPIRED,
        f"the waiver of change {STAMP} expired on 2026-05-31",
        "take the change back, or talk to o",
    ) in notes(late)


def test_another_break_of_the_same_field_is_red_beside_its_waiver() -> None:
    other = WIDER.replace("int64", "double") + waiver(STAMP)
    told = changed(ORDERS, other)

    assert told.is_red
    assert len(told.breaks) == 1
    assert notes(told) == [
        (
            NoteCode.WAIVER_UNUSED,
            f"the waiver of change {STAMP} is of none of these changes",
            "delete it, or waive the change there is now",
        )
    ]


def test_a_waiver_that_is_not_needed_is_red() -> None:
    stepped = changed(ORDERS, WIDER.replace("1.2.0", "2.0.0") + waiver(STAMP))
    assert stepped.is_red
    assert notes(stepped) == [
        (
            NoteCode.WAIVER_UNUSED,
            f"the waiver of change {STAMP} is not needed: the version makes a major step",
            "delete it",
        )
    ]
    added = ORDERS.replace("price: int32", "price: int32, rate: double")
    stamp = changed(ORDERS, added).compared[0].entries[0].fingerprint
    told = changed(ORDERS, added.replace("1.2.0", "1.3.0") + waiver(stamp))
    assert notes(told) == [
        (
            NoteCode.WAIVER_UNUSED,
            f"the waiver of change {stamp} is not needed: the change breaks no reader",
            "delete it",
        )
    ]


def test_a_waiver_of_a_merged_change_does_not_fail_what_comes_after_until_it_expires() -> None:
    merged = WIDER + waiver(STAMP)
    told = changed(merged, merged.replace("billing", "finance"))
    assert not told.is_red
    assert notes(told) == [
        (
            NoteCode.WAIVER_MERGED,
            f"the waiver of change {STAMP} has done its work: both states have the change",
            "delete it before 2026-06-01",
        )
    ]
    late = merged.replace("2026-06-01", "2026-05-31")
    assert [(code, instead) for code, _, instead in notes(changed(late, late))] == [
        (NoteCode.WAIVER_EXPIRED, "delete it")
    ]


NODE = NodeSnapshot("total", "int32", nullable=True)


def kept(*nodes: NodeSnapshot, plan: str = "", view: str = "cheap") -> TableSnapshot:
    query = QuerySnapshot(plan=(plan,) if plan else ())
    return TableSnapshot("orders", nodes, views=(ViewSnapshot(view, (), query),))


def drift(
    before: TableSnapshot, after: TableSnapshot, old: str, new: str
) -> list[tuple[str, bool]]:
    told = compared(state(old, orders=before), state(new, orders=after))
    return [(entry.rule.id, entry.accepted) for each in told.compared for entry in each.entries]


def test_what_a_contract_says_changed_is_not_told_of_its_snapshot_once_more() -> None:
    wider = NodeSnapshot("total", "int64", nullable=True)
    assert drift(kept(NODE), kept(wider), ORDERS, WIDER) == [("type-widened", False)]
    assert drift(kept(NODE), kept(wider), ORDERS, ORDERS) == [("type-widened", True)]


def test_another_plan_of_a_view_that_is_defined_as_before_breaks_nobody() -> None:
    respelled = drift(kept(plan="Filter: a"), kept(plan="Filter: b"), VIEWS, VIEWS)
    assert respelled == [("plan-respelled", True)]

    redefined = VIEWS.replace("FROM orders", "FROM orders WHERE total > 0")
    assert drift(kept(plan="Filter: a"), kept(plan="Filter: b"), VIEWS, redefined) == [
        ("view-definition-changed", False)
    ]
    assert drift(kept(plan="a"), kept(plan="b"), ORDERS, ORDERS) == [("plan-changed", True)]


def test_what_only_the_snapshot_has_wants_no_minor_step() -> None:
    text = "session: s\nversion: 1.0.0\nfunctions: [f]"
    new = sorted_session([FunctionFacts("g", "scalar", deterministic=True)], [])
    told = compared(state(text, s=sorted_session([], [])), state(text, s=new))

    assert [(entry.rule.id, str(entry.place.location)) for entry in told.compared[0].entries] == [
        ("function-added", "s.json:1:1")
    ]
    assert told.notes == ()


def test_a_snapshot_of_another_release_is_told_to_be_left_out() -> None:
    old = State("base", (contract(ORDERS),), unread={"orders.yaml": "format version 1"})
    assert notes(compared(old, state(ORDERS))) == [
        (
            NoteCode.SNAPSHOT_UNREADABLE,
            "in base, the snapshot is not compared: format version 1",
            "update it",
        )
    ]


def test_a_list_of_values_does_not_count_in_the_fingerprints_of_other_changes() -> None:
    """Waivers of changes are bound to them."""
    change = PromiseChanged("keys", "a", "promised", "at_most: 1", Direction.LOOSENED)
    assert list(to_builtins(change)) == ["clause", "name", "before", "after", "direction"]
    assert "gained" in to_builtins(replace(change, gained=("a",)))
