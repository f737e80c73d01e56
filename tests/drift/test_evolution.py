"""Which drift the clause `evolution` allows: by one word, or by kind of change."""

import pytest

from cst_contracts.contract.clauses.evolution import MODES
from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.drift.changes import (
    Change,
    OrderingChanged,
    PartitioningChanged,
    SettingChanged,
    TableRenamed,
)
from cst_contracts.drift.compatibility import rule_of
from cst_contracts.drift.evolution import is_red
from cst_contracts.drift.fields import (
    FieldAdded,
    FieldMoved,
    FieldRemoved,
    MetadataChanged,
    NullabilityChanged,
    TypeChanged,
)
from cst_contracts.drift.functions import FunctionAdded, FunctionRemoved, SignatureAdded
from cst_contracts.drift.views import PlanChanged, ViewAdded, ViewFieldChanged
from cst_contracts.facts import Signature
from cst_contracts.pytest_plugin.options import EVOLUTIONS

ADDED = FieldAdded("a", "int8", nullable=True)
REQUIRED = FieldAdded("a", "int8", nullable=False)
REMOVED = FieldRemoved("a", "int8", nullable=True)
WIDENED, NARROWED = TypeChanged("a", "int8", "int16"), TypeChanged("a", "int16", "int8")
LOOSENED, TIGHTENED = (
    NullabilityChanged("a", nullable=True),
    NullabilityChanged("a", nullable=False),
)
#: One change of each class.
CLASSES: dict[str, Change] = {
    "full": ADDED,
    "forward": REQUIRED,
    "backward": REMOVED,
    "breaking": NARROWED,
}


def red(change: Change, evolution: str | None) -> bool:
    clause = "" if evolution is None else f"evolution: {evolution}\n"
    text = f"table: t\n{clause}fields: [{{name: a, type: int8}}]\n"
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    return is_red(change, contract.evolution)


@pytest.mark.parametrize(
    ("evolution", "allowed"),
    [
        (None, set()),
        ("freeze", set()),
        ("full", {"full"}),
        ("forward", {"full", "forward"}),
        ("backward", {"full", "backward"}),
        ("full_transitive", {"full"}),
        ("forward_transitive", {"full", "forward"}),
        ("backward_transitive", {"full", "backward"}),
        ("none", {"full", "forward", "backward", "breaking"}),
    ],
)
def test_a_word_allows_changes_by_their_class(evolution: str | None, allowed: set[str]) -> None:
    assert {name for name, change in CLASSES.items() if not red(change, evolution)} == allowed
    assert {rule_of(change).change_class for change in CLASSES.values()} == set(CLASSES)


#: By kind and mode, what is allowed, and what of the same kind is not.
BY_KIND: dict[tuple[str, str], tuple[list[Change], list[Change]]] = {
    ("fields", "add"): ([ADDED, REQUIRED], [REMOVED, FieldMoved("a", None, "b")]),
    ("fields", "any"): ([ADDED, REMOVED, FieldMoved("a", None, "b"), TableRenamed("t", "u")], []),
    ("types", "widen"): ([WIDENED], [NARROWED]),
    ("types", "any"): ([WIDENED, NARROWED, ViewFieldChanged("v", NARROWED)], []),
    ("nullability", "loosen"): ([LOOSENED], [TIGHTENED]),
    ("nullability", "tighten"): ([TIGHTENED], [LOOSENED]),
    ("nullability", "any"): ([TIGHTENED, LOOSENED], []),
    ("metadata", "any"): ([MetadataChanged("a", (), (("k", "v"),))], []),
    ("partitioning", "any"): ([PartitioningChanged((), ("a",))], []),
    ("ordering", "extend"): (
        [OrderingChanged(("a",), ("a", "b"))],
        [OrderingChanged(("a", "b"), ("a",)), OrderingChanged(("a",), ("b",))],
    ),
    ("ordering", "any"): ([OrderingChanged(("a",), ("b",))], []),
    ("views", "add"): ([ViewAdded("v")], [PlanChanged("v", ("a",), ("b",))]),
    ("views", "any"): ([ViewAdded("v"), PlanChanged("v", ("a",), ("b",))], []),
    ("functions", "add"): (
        [FunctionAdded("f", "scalar"), SignatureAdded("f", "scalar", Signature((), None))],
        [FunctionRemoved("f", "scalar")],
    ),
    ("functions", "any"): ([FunctionRemoved("f", "scalar")], []),
    ("settings", "any"): ([SettingChanged("datafusion.catalog.format", "a", "b")], []),
}


def test_every_mode_of_every_kind_is_tried() -> None:
    modes = {(kind, mode) for kind, modes in MODES.items() for mode in modes if mode != "freeze"}
    assert set(BY_KIND) == modes


@pytest.mark.parametrize(("kind", "mode"), BY_KIND)
def test_a_mode_allows_changes_of_its_kind_and_freezes_all_others(kind: str, mode: str) -> None:
    allowed, refused = BY_KIND[kind, mode]
    clause = f"{{{kind}: {mode}}}"

    assert [change for change in allowed if red(change, clause)] == []
    assert [change for change in refused if not red(change, clause)] == []
    others = [
        each for other, (changes, _) in BY_KIND.items() if other[0] != kind for each in changes
    ]
    assert [change for change in others if not red(change, clause)] == []


@pytest.mark.parametrize("kind", MODES)
def test_a_kind_that_is_frozen_is_red(kind: str) -> None:
    for change in (ADDED, WIDENED):
        assert red(change, f"{{{kind}: freeze}}")


def test_the_plugin_knows_the_words_of_the_clause() -> None:
    for word in EVOLUTIONS:
        assert red(NARROWED, word) is (word != "none")
