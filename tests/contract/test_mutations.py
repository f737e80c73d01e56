"""Whatever is changed in a good contract, the result is a contract or refused; nothing else is raised.

The tests in `test_parse.py` damage the text, most of which is then no YAML. Here the tree is changed, so
that the text stays YAML and what the clauses make of wrong values is reached.
"""

from collections.abc import Callable
from typing import TypeAlias

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cst_contracts.contract.grammar import RECORDS
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract, Problem

Tree: TypeAlias = "str | int | float | bool | list[Tree] | dict[str, Tree] | None"
Step: TypeAlias = str | int

_KEYS = sorted({key for record in RECORDS.values() for key in record.keys})
_FOREIGN = sorted(
    {key for record in RECORDS.values() for each in record.foreign for key in each.keys}
)
_WORDS = st.sampled_from(
    [
        *("a", "no", "", "t", "1.10", "2027-02-30", "refs[].id", "m{}.value", "é", "a\nb", "…"),
        *("int8", "list[int8]", "list<struct>", "struct", "map<string", "List[List[int]]", "null"),
        *("delta", "csv", "view", "strict", "warn", "fields", "rule[r]", "$name", "$", "{", "`a`"),
        *("x" * 200, " " * 50, "\x85", "\u2028", "a: b", "[a", "2026-01-31T00:00:00Z"),
    ]
)
_LEAVES = st.one_of(
    _WORDS, st.integers(-3, 10**20), st.booleans(), st.none(), st.floats(), st.text(max_size=8)
)
_TREES: st.SearchStrategy[Tree] = st.recursive(
    _LEAVES,
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(st.sampled_from([*_KEYS, *_FOREIGN]) | _WORDS, below, max_size=3),
    ),
    max_leaves=6,
)


def _paths(tree: Tree, at: tuple[Step, ...] = ()) -> list[tuple[Step, ...]]:
    """The ways to every value of the tree but the tree itself."""
    below: list[tuple[Step, Tree]] = []
    if isinstance(tree, dict):
        below = list(tree.items())
    elif isinstance(tree, list):
        below = list(enumerate(tree))
    return [each for step, value in below for each in ((*at, step), *_paths(value, (*at, step)))]


def _changed(tree: Tree, path: tuple[Step, ...], change: Callable[[Tree, Step], Tree]) -> Tree:
    """A copy of the tree, in which `change` was given what holds the value at `path`."""
    step, *rest = path
    if not rest:
        return change(tree, step)
    if isinstance(tree, dict):
        return {
            key: _changed(tree[key], tuple(rest), change) if key == step else tree[key]
            for key in tree
        }
    assert isinstance(tree, list)
    return [
        _changed(each, tuple(rest), change) if n == step else each for n, each in enumerate(tree)
    ]


def _replaced(value: Tree) -> Callable[[Tree, Step], Tree]:
    def change(holder: Tree, step: Step) -> Tree:
        if isinstance(holder, dict):
            return {key: value if key == step else each for key, each in holder.items()}
        assert isinstance(holder, list)
        return [value if n == step else each for n, each in enumerate(holder)]

    return change


def _renamed(name: str) -> Callable[[Tree, Step], Tree]:
    """A key with another name; of a list's item, the item as the only entry of a mapping."""

    def change(holder: Tree, step: Step) -> Tree:
        if isinstance(holder, dict):
            return {name if key == step else key: each for key, each in holder.items()}
        assert isinstance(holder, list)
        return [{name: each} if n == step else each for n, each in enumerate(holder)]

    return change


def _removed(holder: Tree, step: Step) -> Tree:
    if isinstance(holder, dict):
        return {key: each for key, each in holder.items() if key != step}
    assert isinstance(holder, list)
    return [each for n, each in enumerate(holder) if n != step]


def _doubled(holder: Tree, step: Step) -> Tree:
    """An item twice, which repeats its names; of an entry, its value in a list."""
    if isinstance(holder, dict):
        return {key: [each, each] if key == step else each for key, each in holder.items()}
    assert isinstance(holder, list)
    return [each for n, item in enumerate(holder) for each in [item] * (1 + (n == step))]


def _mutations() -> st.SearchStrategy[Callable[[Tree, Step], Tree]]:
    return st.one_of(
        _TREES.map(_replaced),
        (st.sampled_from([*_KEYS, *_FOREIGN]) | _WORDS).map(_renamed),
        st.sampled_from([_removed, _doubled]),
    )


GOOD = """\
table: t
version: 1.2.0
source:
  {format: delta, location: x, partitioned_by: [r, {name: q, type: int8}], ordered_by: [a],
   as_of: {version: 1}, statistics: true, extra_constraints: forbid}
nullability: strict
fields:
  - {name: a, type: int8, nullable: false, nullability: values, metadata: {k: v}, exact: true}
  - {name: m, type: "map<string, string>", sensitive: true}
  - name: l
    type: list<struct>
    allow_empty: true
    fields: [{name: x, type: struct, fields: [{name: y, type: date32}]}]
keys: [[a], ["l[].x.y"]]
references: [{fields: [a], table: u, to: [b]}]
rules: [{name: n, sql: a > 1, severity: warn, enforced: true}]
views:
  - {name: v, expand: m, keep: [a]}
  - {name: w, explode: l}
  - {name: x, flatten: x, of: w}
  - {name: q, pack: {s: [a, r]}, fields: [{name: s, type: "struct<a: int8, r: string>"}]}
  - {name: e, extract: {m: [k, j]}}
  - {name: s, sql: SELECT 1}
functions: [f, {name: g, kind: scalar, arguments: [list, int8], returns: map}]
waivers: [{check: fields, reason: because, owner: me, expires: "2027-01-31"}]
"""
SESSION = """\
session: s
preset: cst
settings: {a: "1", b: 2, c: true}
catalog: {location: x, format: parquet, tables: [t, u]}
functions: [f, {name: g, kind: table}]
waivers: [{check: "setting[a]", reason: because, owner: me, expires: "2027-01-31"}]
"""


@pytest.mark.parametrize("good", [GOOD, SESSION], ids=["table", "session"])
@given(st.data())
@settings(deadline=None)
def test_a_changed_contract_is_one_or_is_refused(good: str, data: st.DataObject) -> None:
    tree: Tree = yaml.safe_load(good)
    for _ in range(data.draw(st.integers(1, 3))):
        paths = _paths(tree)
        if paths:
            tree = _changed(tree, data.draw(st.sampled_from(paths)), data.draw(_mutations()))
    flow = data.draw(st.sampled_from([True, False, None]))
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, default_flow_style=flow)
    _assert_read_or_refused(text)


def _assert_read_or_refused(text: str) -> None:
    for problem in _problems_of(text):
        assert str(problem).startswith("c.yaml:")
        assert str(problem).isprintable()
        assert problem.instead


def _problems_of(text: str) -> tuple[Problem, ...]:
    try:
        parse_contract(text.encode(), "c.yaml")
    except InvalidContract as refusal:
        return refusal.problems
    return ()


@pytest.mark.parametrize("text", [GOOD, SESSION], ids=["table", "session"])
def test_what_is_changed_is_good(text: str) -> None:
    assert parse_contract(text.encode(), "c.yaml")


def test_what_does_not_print_is_escaped_in_the_suggestion() -> None:
    text = 'session: s\ncatalog: {location: x, format: parquet, tables: "\\"\\x7f"}\n'
    (problem,) = _problems_of(text)
    assert problem.instead == 'write `["\\u007f"]`'
