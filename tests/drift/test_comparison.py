"""What moved between two runs, part by part."""

import pytest
from msgspec.structs import replace

from cst_contracts.drift.comparison import DeltaState, PromiseState, RunFacts, compare, moved
from cst_contracts.drift.snapshot import NodeSnapshot, SessionSnapshot, TableSnapshot
from cst_contracts.facts import FunctionFacts

ABS = FunctionFacts("abs", "scalar", deterministic=True)
TABLE = TableSnapshot("t", (NodeSnapshot("a", "int64", nullable=True),))
KEPT, RED = PromiseState("kept", failed=False), PromiseState("broken", failed=True)
RUN = RunFacts(
    versions={"datafusion": "55.0.0"},
    settings={"x": "1", "datafusion.execution.target_partitions": "2"},
    required={"x": "1"},
    session=SessionSnapshot((ABS,), ()),
    tables={"t": TABLE},
    promises={("c", "rows"): KEPT, ("c", "old"): RED},
    delta={"t": DeltaState(("columnMapping",), {"paid": "a > 0"})},
)
WIDER = TableSnapshot("t", (NodeSnapshot("a", "int64", nullable=False),))


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (RUN, []),
        (
            replace(RUN, versions={"datafusion": "55.1.0", "pyarrow": "25"}),
            [
                "version of datafusion: 55.0.0 → 55.1.0 (compatible)",
                "version of pyarrow: absent → 25 (compatible)",
            ],
        ),
        (
            replace(
                RUN, settings={"x": "2", "y": None, "datafusion.execution.target_partitions": "8"}
            ),
            [
                'setting x: "1" → "2" (compatible)',
                "setting y: unknown to the session → there (compatible)",
            ],
        ),
        (
            replace(RUN, settings={"datafusion.execution.target_partitions": "2"}),
            ["setting x: there → unknown to the session (compatible)"],
        ),
        (
            replace(RUN, required={"y": "2"}),
            [
                "setting x: promised 1 → nothing (compatible)",
                "setting y: promised nothing → 2 (compatible)",
            ],
        ),
        (
            replace(RUN, session=SessionSnapshot((), ())),
            ["scalar function abs: present → absent (breaking)"],
        ),
        (
            replace(RUN, session=SessionSnapshot((), ()), settings={}),
            ["functions and settings: looked at → not looked at (compatible)"],
        ),
        (
            replace(RUN, tables={"u": TABLE}),
            [
                "table t: looked at → not looked at (breaking)",
                "table u: not looked at → looked at (compatible)",
            ],
        ),
        (replace(RUN, tables={"t": WIDER}), ["table t: a: nullable → not null (compatible)"]),
        (
            replace(RUN, delta={"t": DeltaState(("v2Checkpoint",), {"new": "a > 1"})}),
            [
                "table t: feature v2Checkpoint of Delta: absent → needed (breaking)",
                "table t: constraint paid of the log: a > 0 → absent (breaking)",
                "table t: feature columnMapping of Delta: needed → absent (compatible)",
                "table t: constraint new of the log: absent → a > 1 (compatible)",
            ],
        ),
        (
            replace(RUN, delta={"t": DeltaState(("columnMapping",), {"paid": "a > 1"})}),
            ["table t: constraint paid of the log: a > 0 → a > 1 (breaking)"],
        ),
        (
            replace(RUN, promises={("c", "rows"): RED, ("c", "new"): KEPT}),
            [
                "c rows: kept → broken (breaking)",
                "c new: not promised → kept (compatible)",
                "c old: broken → not promised (compatible)",
            ],
        ),
        (
            replace(RUN, promises={("c", "old"): KEPT}, selected=True),
            [
                "c rows: kept → not selected (breaking)",
                "c old: broken → kept (compatible)",
            ],
        ),
    ],
)
def test_what_moved_is_told_with_what_it_means_and_what_breaks_first(
    after: RunFacts, lines: list[str]
) -> None:
    assert [each.line for each in compare(RUN, after)] == lines


def test_what_moved_names_its_table_its_promise_and_its_rule() -> None:
    after = replace(RUN, tables={"t": WIDER}, promises={("c", "rows"): RED, ("c", "old"): RED})
    found = {each.what: each for each in moved(RUN, after)}
    field, rows = found["a: nullable → not null"], found["rows: kept → broken"]
    assert (field.table, field.contract, field.check) == ("t", "", "")
    assert field.rule is not None
    assert field.told.rule == field.rule.id == "nullability-tightened"
    assert (rows.table, rows.contract, rows.check, rows.rule) == ("", "c", "rows", None)
