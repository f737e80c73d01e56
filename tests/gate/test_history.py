"""The change gate over the history of a repository: at each commit, the verdict against the one before."""

from datetime import date
from pathlib import Path

import pytest
from support.repository import Repository

from cst_contracts.api import Difference, diff
from cst_contracts.contract.waiver_text import NewWaiver, with_waiver
from cst_contracts.drift.codec import encode
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    QuerySnapshot,
    TableSnapshot,
    ViewSnapshot,
    sorted_session,
)
from cst_contracts.facts import FunctionFacts

TODAY, LATER = date(2026, 6, 1), date(2027, 6, 1)
COMMITS = 21
EXPIRES = date(2026, 12, 31)

FIRST = """\
table: orders
version: 1.0.0
owner: orders-team
fields:
  - {name: order_id, type: string, nullable: false}
  - {name: total, type: "decimal128(10, 2)"}
  - {name: items, type: "list<struct<sku: string not null, quantity: int32>>"}
keys: [[order_id]]
consumers: [{name: invoices, owner: billing, reads: [order_id, total]}]
views: [{name: cheap, sql: SELECT order_id FROM orders WHERE total < 10}]
"""
SESSION = "session: shop\nversion: 1.0.0\nfunctions: [f]\n"


def session_snapshot(*names: str) -> str:
    return encode(
        sorted_session([FunctionFacts(n, "scalar", deterministic=True) for n in names], [])
    )


def table_snapshot(plan: str) -> str:
    view = ViewSnapshot("cheap", (), QuerySnapshot(plan=(plan,)))
    return encode(
        TableSnapshot(
            "orders", (NodeSnapshot("order_id", "string", nullable=False),), views=(view,)
        )
    )


class History:
    """A repository of one contract of a table and one of a session, and the verdicts at its commits."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder)
        self.text = FIRST

    def commit(self, *edits: tuple[str, str], today: date = TODAY, **snapshots: str) -> Difference:
        """Edits the orders, commits, and compares with the commit before."""
        for old, new in edits:
            assert old in self.text
            self.text = self.text.replace(old, new)
        for name, text in snapshots.items():
            self.repository.write(f"snapshots/{name}.json", text)
        self.repository.commit(orders=self.text)
        return diff("HEAD~1", "HEAD", today=today)


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    history = History(tmp_path / "project")
    monkeypatch.chdir(history.repository.folder)
    history.repository.write("snapshots/orders.json", table_snapshot("Filter: total < 10"))
    history.repository.write("snapshots/session.json", session_snapshot("f", "g"))
    history.repository.commit(orders=FIRST, session=SESSION)
    return history


def verdict(told: Difference) -> tuple[bool, list[str], list[str]]:
    """Whether it is red, the changes with what became of them, and the notes."""
    changes = [
        f"{entry.standing}: {entry.rule.id}" for each in told.compared for entry in each.entries
    ]
    return told.is_red, changes, [str(note.code) for note in told.notes]


def test_every_commit_has_the_verdict_that_it_deserves(history: History) -> None:
    commit = history.commit

    # A field is added, and the minor version stepped.
    channel = ("keys:", "  - {name: channel, type: string}\nkeys:")
    told = commit(channel, ("1.0.0", "1.1.0"))
    assert verdict(told) == (False, ["told: field-added"], [])

    # Another one without a step: told, and not red.
    told = commit(("quantity: int32", "quantity: int32, price: double"))
    assert verdict(told) == (False, ["told: field-added"], ["step-due"])

    # Words and comments are no change.
    told = commit(("table: orders", "table: orders  # of the shop"), ("orders-team", "shop-team"))
    assert verdict(told) == (False, [], [])

    # A nested type is narrowed: red.
    told = commit(("quantity: int32", "quantity: int16"))
    assert verdict(told) == (True, ["breaks: type-narrowed"], [])
    # Taken back, it is a widening: which breaks, too, and is waived.
    text, history.text = history.text, history.text.replace("quantity: int16", "quantity: int32")
    told = commit()
    assert verdict(told) == (True, ["breaks: type-widened"], [])
    history.repository.git("reset", "--quiet", "--hard", "HEAD~1")
    stamp = told.breaks[0].fingerprint
    history.text = with_waiver(
        history.text, NewWaiver(stamp, "agreed", "me", EXPIRES), "orders.yaml"
    )
    told = commit()
    assert verdict(told) == (False, ["waived: type-widened"], ["step-due"])
    assert text != history.text

    # The waiver of a merged change does not fail what comes next, until it expires.
    told = commit(("keys:", "extra_fields: forbid\nkeys:"))
    assert verdict(told) == (False, [], ["waiver-merged"])
    told = commit(today=LATER)
    assert verdict(told) == (True, [], ["waiver-expired"])

    # Another break of the same field is red in spite of the waiver, which is then deleted.
    told = commit(("quantity: int32", "quantity: string"))
    assert verdict(told) == (True, ["breaks: type-changed"], ["waiver-merged"])
    history.text = history.text[: history.text.index("waivers:")]
    assert verdict(commit()) == (False, [], [])

    # A field is renamed: its key and its reader break with it; the version makes the major step.
    told = commit(("order_id", "orderid"))
    red, changes, _ = verdict(told)
    assert red
    assert changes == [
        "breaks: field-renamed",
        "breaks: key-removed",
        "told: key-added",
        "breaks: view-definition-changed",
    ]
    assert [str(each) for each in told.breaks[0].consumers] == ["invoices (billing)"]
    told = commit(("orderid", "order_id"), ("1.1.0", "2.0.0"))
    assert not told.is_red
    assert {str(entry.standing) for entry in told.compared[0].entries} == {
        "allowed by a major step",
        "told",
    }

    # Fields change places.
    total = '  - {name: total, type: "decimal128(10, 2)"}\n'
    told = commit((total, ""), ("extra_fields:", f"{total}extra_fields:"))
    assert verdict(told) == (True, ["breaks: field-moved"], [])

    # A null is allowed two levels down.
    told = commit(("sku: string not null", "sku: string"), ("2.0.0", "2.1.0"))
    assert verdict(told) == (True, ["breaks: nullability-loosened"], [])

    # An engine upgrade: a plan is spelled otherwise, and a function comes.
    told = commit(
        orders=table_snapshot("Filter: total < Int64(10)"),
        session=session_snapshot("f", "g", "h"),
    )
    assert verdict(told) == (False, ["told: plan-respelled", "told: function-added"], [])

    # Another upgrade takes a function away.
    told = commit(session=session_snapshot("f", "h"))
    assert verdict(told) == (True, ["breaks: function-removed"], [])
    assert [each.name for each in told.compared] == ["shop"]

    # The version goes back.
    told = commit(("2.1.0", "2.0.9"))
    assert verdict(told) == (True, [], ["version-lowered"])

    # From here on, changes are held against all versions since the last major step.
    told = commit(("2.0.9", "2.2.0"), ("keys:", "evolution: full_transitive\nkeys:"))
    assert verdict(told) == (False, [], [])

    # A field goes, which breaks.
    told = commit(("  - {name: channel, type: string}\n", ""))
    assert verdict(told) == (True, ["breaks: field-removed"], [])

    # It comes back elsewhere, as another type: an older version breaks, and the last one does not.
    told = commit(
        ("extra_fields:", "  - {name: channel, type: int64}\nextra_fields:"), ("2.2.0", "2.3.0")
    )
    earlier = ["breaks-earlier-version"] * 2
    assert verdict(told) == (True, ["told: field-added"], earlier)
    assert [note.what.rpartition(": ")[2] for note in told.notes] == [
        "string → int64 [type-changed, breaking]",
        "moved, after channel → after items [field-moved, breaking]",
    ]

    # What was merged once is not told again.
    told = commit(("of the shop", "of the shop, again"))
    assert verdict(told) == (False, [], [])
    assert int(history.repository.git("rev-list", "--count", "HEAD")) == COMMITS


def test_the_same_history_from_its_first_commit_is_one_major_step(history: History) -> None:
    history.commit(("1.0.0", "1.1.0"), ("keys:", "  - {name: channel, type: string}\nkeys:"))
    history.commit(("1.1.0", "2.0.0"), ('"decimal128(10, 2)"', "double"))
    (history.repository.folder / "contracts/session.yaml").unlink()

    told = diff("HEAD~2", "HEAD", today=TODAY)
    assert verdict(told)[:2] == (
        False,
        ["told: field-added", "allowed by a major step: type-changed"],
    )

    told = diff("HEAD")
    assert verdict(told)[:2] == (True, ["breaks: contract-removed"])
