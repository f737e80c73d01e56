"""Every rule about changes: a pair of contracts or snapshots that differ in just this, and how it is told."""

from collections.abc import Iterator

import pytest

from cst_contracts.contract.parse import parse_contract
from cst_contracts.drift.changes import Change, diff
from cst_contracts.drift.compatibility import rule_of
from cst_contracts.drift.contracts import contract_changes
from cst_contracts.drift.rule import ChangeClass, ChangeKind, Compatibility
from cst_contracts.drift.rules import RULES
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    QuerySnapshot,
    ReaderSnapshot,
    SessionSnapshot,
    Snapshot,
    TableSnapshot,
    ViewSnapshot,
    sorted_session,
)
from cst_contracts.drift.telling import describe
from cst_contracts.facts import FunctionFacts, Signature

A, B = "{name: a, type: int32}", "{name: b, type: string}"
LIKE = "{name: order_id, type: string}"
ATTRS = "{{name: attrs, type: 'map<string, struct<{}>>'}}"
ORDERED = "source: {{format: parquet, location: t, ordered_by: [{}]}}"
VIEW = "views: [{{name: v, sql: {}}}]"


def table(fields: str, *clauses: str, name: str = "t") -> str:
    return "\n".join([f"table: {name}", f"fields: [{fields}]", *clauses])


def session(*clauses: str) -> str:
    return "\n".join(["session: s", *clauses])


def promised(before: str | None, after: str | None) -> tuple[str, str]:
    """A table without a clause, or with it."""
    return tuple(table(A, *filter(None, [each])) for each in (before, after))  # type: ignore[return-value]


#: By rule, contracts before and after; empty: there is none.
CONTRACTS: dict[str, tuple[str, str]] = {
    "field-added": (table(A), table(f"{A}, {B}")),
    "required-field-added": (table(A), table(f"{A}, {{name: b, type: string, nullable: false}}")),
    "field-removed": (table(f"{A}, {B}"), table(A)),
    "map-field-added": (
        table(ATTRS.format("x: int32")),
        table(ATTRS.format("x: int32, y: string")),
    ),
    "map-field-removed": (
        table(ATTRS.format("x: int32, y: string")),
        table(ATTRS.format("x: int32")),
    ),
    "field-renamed": (table(f"{A}, {LIKE}"), table(f"{A}, {LIKE.replace('order_id', 'orderId')}")),
    "field-moved": (table(f"{A}, {B}"), table(f"{B}, {A}")),
    "type-widened": (table(A), table(A.replace("int32", "int64"))),
    "type-narrowed": (table(A), table(A.replace("int32", "int16"))),
    "type-changed": (table(A), table(A.replace("int32", "string"))),
    "nullability-loosened": (
        table("{name: l, type: 'list<int32 not null>'}"),
        table("{name: l, type: 'list<int32>'}"),
    ),
    "nullability-tightened": (
        table("{name: l, type: 'list<int32>'}"),
        table("{name: l, type: 'list<int32 not null>'}"),
    ),
    "metadata-changed": (table(A, "metadata: {k: v}"), table(A, "metadata: {k: w}")),
    "table-renamed": (table(A), table(A, name="u")),
    "contract-added": ("", table(A)),
    "contract-removed": (table(A), ""),
    "partitioning-changed": promised(
        "source: {format: parquet, location: t}",
        "source: {format: parquet, location: t, partitioned_by: [a]}",
    ),
    "ordering-extended": (
        table(f"{A}, {B}", ORDERED.format("a")),
        table(f"{A}, {B}", ORDERED.format("a, b")),
    ),
    "ordering-shortened": (
        table(f"{A}, {B}", ORDERED.format("a, b")),
        table(f"{A}, {B}", ORDERED.format("a")),
    ),
    "ordering-changed": (
        table(f"{A}, {B}", ORDERED.format("a")),
        table(f"{A}, {B}", ORDERED.format("b")),
    ),
    "view-added": promised(None, VIEW.format("SELECT a FROM t")),
    "view-removed": promised(VIEW.format("SELECT a FROM t"), None),
    "view-definition-changed": promised(
        VIEW.format("SELECT a FROM t"), VIEW.format("SELECT a FROM t WHERE a > 0")
    ),
    "key-added": promised(None, "keys: [[a]]"),
    "key-removed": promised("keys: [[a]]", None),
    "reference-added": promised(None, "references: [{fields: [a], table: u, to: [b]}]"),
    "reference-removed": promised("references: [{fields: [a], table: u, to: [b]}]", None),
    "reference-loosened": promised(
        "references: [{fields: [a], table: u, to: [b]}]",
        "references: [{fields: [a], table: u, to: [b], allow_empty: true}]",
    ),
    "reference-tightened": promised(
        "references: [{fields: [a], table: u, to: [b], allow_empty: true}]",
        "references: [{fields: [a], table: u, to: [b]}]",
    ),
    "key-loosened": promised("keys: [[a]]", "keys: [{fields: [a], at_most: 1%}]"),
    "key-tightened": promised("keys: [{fields: [a], severity: warn}]", "keys: [[a]]"),
    "key-changed": promised(
        "keys: [{fields: [a], at_most: 10}]", "keys: [{fields: [a], at_most: 1%}]"
    ),
    "reference-changed": promised(
        "references: [{fields: [a], table: u, to: [b], at_most: 2%}]",
        "references: [{fields: [a], table: u, to: [b], at_most: 1%, severity: warn}]",
    ),
    "aggregate-added": promised(None, "aggregates: [{name: g, sql: count(*) > 1}]"),
    "aggregate-removed": promised("aggregates: [{name: g, sql: count(*) > 1}]", None),
    "aggregate-changed": promised(
        "aggregates: [{name: g, sql: count(*) > 1}]", "aggregates: [{name: g, sql: count(*) > 2}]"
    ),
    "aggregate-loosened": promised(
        "aggregates: [{name: g, sql: count(*) > 1}]",
        "aggregates: [{name: g, sql: count(*) > 1, severity: warn}]",
    ),
    "aggregate-tightened": promised(
        "aggregates: [{name: g, sql: count(*) > 1, severity: warn}]",
        "aggregates: [{name: g, sql: count(*) > 1}]",
    ),
    "rule-added": promised(None, "rules: [{name: r, sql: a > 0}]"),
    "rule-removed": promised("rules: [{name: r, sql: a > 0}]", None),
    "rule-changed": promised(
        "rules: [{name: r, sql: a > 0}]", "rules: [{name: r, sql: a >= 0, severity: warn}]"
    ),
    "rule-loosened": promised(
        "rules: [{name: r, sql: a > 0}]", "rules: [{name: r, sql: a > 0, severity: warn}]"
    ),
    "rule-tightened": promised(
        "rules: [{name: r, sql: a > 0, severity: warn}]", "rules: [{name: r, sql: a > 0}]"
    ),
    "query-added": promised(None, "queries: [{name: q, sql: SELECT a FROM t}]"),
    "query-removed": promised("queries: [{name: q, sql: SELECT a FROM t}]", None),
    "query-changed": promised(
        "queries: [{name: q, sql: SELECT a FROM t, fields: [{name: a, type: int64}]}]",
        "queries: [{name: q, sql: SELECT a FROM t, fields: [{name: a, type: int32}]}]",
    ),
    "query-loosened": promised(
        "queries: [{name: q, sql: SELECT a FROM t, reads: [a]}]",
        "queries: [{name: q, sql: SELECT a FROM t}]",
    ),
    "query-tightened": promised(
        "queries: [{name: q, sql: SELECT a FROM t, fields: [{name: a, type: int64}]}]",
        "queries: [{name: q, sql: SELECT a FROM t, fields: [{name: a, type: int64, nullable: false}]}]",
    ),
    "interop-added": promised("interop: [polars]", "interop: [polars, duckdb]"),
    "interop-removed": promised("interop: [polars]", None),
    "freshness-added": (
        table("{name: d, type: date32}"),
        table("{name: d, type: date32}", "freshness: {field: d, within: 2d, zone: UTC}"),
    ),
    "freshness-removed": (
        table("{name: d, type: date32}", "freshness: {field: d, within: 2d, zone: UTC}"),
        table("{name: d, type: date32}"),
    ),
    "freshness-loosened": (
        table("{name: d, type: date32}", "freshness: {field: d, within: 2d, zone: UTC}"),
        table("{name: d, type: date32}", "freshness: {field: d, within: 3d, zone: UTC}"),
    ),
    "freshness-tightened": (
        table("{name: d, type: date32}", "freshness: {field: d, within: 2d, zone: UTC}"),
        table("{name: d, type: date32}", "freshness: {field: d, within: 90m, zone: UTC}"),
    ),
    "freshness-changed": (
        table("{name: d, type: date32}", "freshness: {field: d, within: 2d, zone: UTC}"),
        table("{name: d, type: date32}", "freshness: {field: d, within: 2d, zone: Asia/Tokyo}"),
    ),
    "required-function-added": promised(None, "functions: [f]"),
    "required-function-removed": promised("functions: [f]", None),
    "required-function-changed": promised("functions: [f]", "functions: [{name: f, kind: table}]"),
    "required-setting-added": (
        session("functions: [f]"),
        session("functions: [f]", "settings: {a: b}"),
    ),
    "required-setting-removed": (
        session("functions: [f]", "settings: {a: b}"),
        session("functions: [f]"),
    ),
    "required-setting-changed": (session("settings: {a: b}"), session("settings: {a: c}")),
    "catalog-added": (
        session("catalog: {location: x, format: parquet, tables: [t]}"),
        session("catalog: {location: x, format: parquet, tables: [t, u]}"),
    ),
    "catalog-removed": (
        session("catalog: {location: x, format: parquet, tables: [t, u]}"),
        session("catalog: {location: x, format: parquet, tables: [t]}"),
    ),
    "catalog-changed": (
        session("catalog: {location: x, format: parquet}"),
        session("catalog: {location: y, format: parquet}"),
    ),
    "pinned-version-added": promised(
        "source: {format: delta, location: t}",
        "source: {format: delta, location: t, as_of: {version: 1}}",
    ),
    "pinned-version-removed": promised(
        "source: {format: delta, location: t, as_of: {version: 1}}",
        "source: {format: delta, location: t}",
    ),
    "pinned-version-changed": promised(
        "source: {format: delta, location: t, as_of: {version: 1}}",
        "source: {format: delta, location: t, as_of: {version: 2}}",
    ),
    "source-added": promised(None, "source: {format: parquet, location: t}"),
    "source-removed": promised("source: {format: parquet, location: t}", None),
    "source-changed": promised(
        "source: {format: parquet, location: t}", "source: {format: parquet, location: u}"
    ),
    "source-loosened": promised(
        "source: {format: parquet, location: t}",
        "source: {format: parquet, location: t, missing_in_files: allow}",
    ),
    "source-tightened": promised(
        "source: {format: parquet, location: t, allow_empty: true}",
        "source: {format: parquet, location: t}",
    ),
    "file-promise-added": promised(
        "source: {format: parquet, location: t}",
        "source: {format: parquet, location: t, files: {codec: zstd}}",
    ),
    "file-promise-removed": promised(
        "source: {format: parquet, location: t, files: {codec: zstd}}",
        "source: {format: parquet, location: t}",
    ),
    "file-promise-changed": promised(
        "source: {format: parquet, location: t, files: {codec: zstd}}",
        "source: {format: parquet, location: t, files: {codec: snappy}}",
    ),
    "file-promise-tightened": promised(
        "source: {format: parquet, location: t, files: {row_group_rows: {at_most: 1000}}}",
        "source: {format: parquet, location: t, files: {row_group_rows: {at_most: 100}}}",
    ),
    "file-promise-loosened": promised(
        "source: {format: parquet, location: t, files: {statistics: true}}",
        "source: {format: parquet, location: t, files: {statistics: [a]}}",
    ),
    "view-promise-added": promised(
        "views: [{name: v, sql: SELECT a FROM t}]",
        "views: [{name: v, sql: SELECT a FROM t, fields: [{name: a, type: int32}]}]",
    ),
    "view-promise-removed": promised(
        "views: [{name: v, sql: SELECT a FROM t, fields: [{name: a, type: int32}]}]",
        "views: [{name: v, sql: SELECT a FROM t}]",
    ),
    "view-promise-loosened": promised(
        "views: [{name: v, sql: SELECT a FROM t}]",
        "views: [{name: v, sql: SELECT a FROM t, allow_empty: true}]",
    ),
    "view-promise-tightened": promised(
        "views: [{name: v, sql: SELECT a FROM t, allow_empty: true}]",
        "views: [{name: v, sql: SELECT a FROM t}]",
    ),
    "field-promise-loosened": (table("{name: a, type: int32, exact: true}"), table(A)),
    "field-promise-tightened": (table(A), table("{name: a, type: int32, exact: true}")),
    "field-promise-added": (table(A), table("{name: a, type: int32, max_nulls: 5%}")),
    "field-promise-removed": (table("{name: a, type: int32, max_nulls: 5%}"), table(A)),
    "field-promise-changed": (
        table("{name: a, type: int32, max_nulls: 5}"),
        table("{name: a, type: int32, max_nulls: 5%}"),
    ),
    "promise-added": (session("functions: [f]"), session("functions: [f]", "preset: cst")),
    "promise-removed": (session("functions: [f]", "preset: cst"), session("functions: [f]")),
    "promise-changed": (session("preset: one"), session("preset: two")),
    "promise-loosened": promised(None, "extra_fields: allow"),
    "promise-tightened": promised("field_order: any", None),
}


def snapshot(
    *nodes: NodeSnapshot, query: QuerySnapshot | None = None, view: QuerySnapshot | None = None
) -> TableSnapshot:
    views = () if view is None else (ViewSnapshot("v", (), view),)
    return TableSnapshot("t", nodes, query=query or QuerySnapshot(), views=views)


def functions(*facts: FunctionFacts, **settings: str) -> SessionSnapshot:
    return sorted_session(
        facts, [(name.replace("__", "."), each) for name, each in settings.items()]
    )


NODE = NodeSnapshot("id", "string", nullable=True)
UUID = (("ARROW:extension:name", "arrow.uuid"),)
LOWER = FunctionFacts(
    "lower", "scalar", deterministic=True, signatures=(Signature(("Utf8",), "Utf8"),)
)

#: By rule, snapshots before and after: of what no contract can say.
SNAPSHOTS: dict[str, tuple[Snapshot, Snapshot]] = {
    "extension-changed": (
        snapshot(NodeSnapshot("id", "string", nullable=True, metadata=UUID)),
        snapshot(NODE),
    ),
    "engine-type-changed": (
        snapshot(NodeSnapshot("id", "string", nullable=True, arrow_type="Utf8")),
        snapshot(NodeSnapshot("id", "string", nullable=True, arrow_type="Utf8View")),
    ),
    "plan-changed": (
        snapshot(NODE, view=QuerySnapshot(plan=("Filter: a > 0",))),
        snapshot(NODE, view=QuerySnapshot(plan=("Filter: a >= 0",))),
    ),
    "stored-or-view": (snapshot(NODE), snapshot(NODE, query=QuerySnapshot(plan=("Scan",)))),
    "calls-changed": (
        snapshot(NODE, view=QuerySnapshot(plan=("Scan",))),
        snapshot(NODE, view=QuerySnapshot(functions=("lower",), plan=("Scan",))),
    ),
    "reading-changed": (
        TableSnapshot("t", (NODE,), queries=(ReaderSnapshot("q", (), ("id",)),)),
        TableSnapshot("t", (NODE,), queries=(ReaderSnapshot("q", ("lower",), ("id",)),)),
    ),
    "function-added": (functions(), functions(LOWER)),
    "function-removed": (functions(LOWER), functions()),
    "signature-added": (
        functions(LOWER),
        functions(
            FunctionFacts(
                "lower",
                "scalar",
                deterministic=True,
                signatures=(*LOWER.signatures, Signature((), None)),
            )
        ),
    ),
    "signature-removed": (
        functions(LOWER),
        functions(FunctionFacts("lower", "scalar", deterministic=True, signatures=())),
    ),
    "function-kind-changed": (
        functions(LOWER),
        functions(
            FunctionFacts("lower", "window", deterministic=True, signatures=LOWER.signatures)
        ),
    ),
    "function-returns-changed": (
        functions(LOWER),
        functions(
            FunctionFacts(
                "lower",
                "scalar",
                deterministic=True,
                signatures=(Signature(("Utf8",), "Utf8View"),),
            )
        ),
    ),
    "function-made-volatile": (
        functions(LOWER),
        functions(
            FunctionFacts("lower", "scalar", deterministic=False, signatures=LOWER.signatures)
        ),
    ),
    "function-made-deterministic": (
        functions(
            FunctionFacts("lower", "scalar", deterministic=False, signatures=LOWER.signatures)
        ),
        functions(LOWER),
    ),
    "function-shadowed": (functions(LOWER), sorted_session([LOWER], [], ["lower"])),
    "setting-changed": (functions(), functions(datafusion__sql_parser__dialect="mysql")),
    "setting-tuned": (functions(), functions(datafusion__execution__batch_size="7")),
    "setting-of-display-changed": (functions(), functions(datafusion__format__null="NULL")),
}

#: Said where more is known than a snapshot has: `tests/drift/test_merging.py`.
ELSEWHERE = {"plan-respelled"}


def changes_between(before: str, after: str) -> tuple[Change, ...]:
    old, new = (
        parse_contract(text.encode(), "t.yaml") if text else None for text in (before, after)
    )
    return contract_changes(old, new)


def changes_of(rule: str) -> tuple[Change, ...]:
    if rule in CONTRACTS:
        return changes_between(*CONTRACTS[rule])
    return diff(*SNAPSHOTS[rule])


def test_every_rule_has_a_pair_that_differs_in_it() -> None:
    assert {*CONTRACTS, *SNAPSHOTS, *ELSEWHERE} == set(RULES)


@pytest.mark.parametrize("rule", [*CONTRACTS, *SNAPSHOTS])
def test_a_pair_differs_by_its_rule_alone(rule: str) -> None:
    (change,) = changes_of(rule)

    assert rule_of(change).id == rule
    assert describe(change).endswith(f"({RULES[rule].readers})")


@pytest.mark.parametrize("rule", CONTRACTS)
def test_contracts_that_are_the_same_do_not_differ(rule: str) -> None:
    for text in CONTRACTS[rule]:
        moved = f"# a line that moves all others\n{text}"
        assert changes_between(text, moved if text else "") == ()


def turned_around() -> Iterator[tuple[str, str]]:
    """The rule of a pair that differs in one promise, and that of the same pair turned around."""
    for rule, (before, after) in CONTRACTS.items():
        (change,) = changes_between(after, before)
        if RULES[rule].kind is ChangeKind.PROMISES and not rule.startswith("contract-"):
            yield rule, rule_of(change).id


def test_a_promise_that_binds_writers_one_way_round_fails_readers_the_other_way() -> None:
    turned = dict(turned_around())
    assert len(turned) > 30
    for rule, other in turned.items():
        assert RULES[rule].breaks_readers == RULES[other].breaks_writers, (rule, other)
        assert RULES[rule].breaks_writers == RULES[other].breaks_readers, (rule, other)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("[a]", "[a, b]", "view-promise-loosened"),
        ("[a, b]", "[a]", "view-promise-tightened"),
        ("[a]", "[b]", "promise-changed"),
    ],
)
def test_a_view_that_reads_more_promises_less(before: str, after: str, rule: str) -> None:
    old, new = (
        table(f"{A}, {B}", VIEW.format(f"SELECT 1, reads: {reads}")) for reads in (before, after)
    )
    assert [rule_of(change).id for change in changes_between(old, new)] == [rule]


def test_words_that_change_are_no_change_of_a_promise() -> None:
    before = table(A, "version: 1.0.0", "owner: me", "description: one")
    after = table(
        "{name: a, type: int32, description: first, sensitive: true}",
        "version: 1.0.1",
        "owner: you",
        "evolution: full",
        "consumers: [{name: c, reads: [a]}]",
        'waivers: [{change: "00000000", reason: r, owner: o, expires: 2099-12-31}]',
    )
    assert changes_between(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (
            table("{name: l, type: 'list<struct<x: int32, y: string not null>>'}"),
            table("{name: l, type: 'list<struct<x: int64, y: string>>'}"),
            ["l[].x: int32 → int64 (breaking)", "l[].y: not null → nullable (breaking)"],
        ),
        (
            table("{name: a, type: string, exact: true}"),
            table("{name: a, type: large_string, exact: true}"),
            ["a: string → large_string (breaking)"],
        ),
        (table("{name: a, type: string}"), table("{name: a, type: large_string}"), []),
        (
            table("{name: s, type: 'struct<x: int32>'}"),
            table("{name: s, type: 'struct<x: int32>', nullability: strict}"),
            ["nullability of s: values → strict (compatible)"],
        ),
        (
            table("{name: s, type: 'struct<x: int32>'}"),
            table("{name: s, type: 'struct<x: int32>'}", "nullability: strict"),
            ["nullability: values → strict (compatible)"],
        ),
        (
            table("{name: a, type: int32, max_nulls: 5%}", "keys: [{fields: [a], at_most: 2}]"),
            table("{name: a, type: int32, max_nulls: 6%}", "keys: [{fields: [a], at_most: 1}]"),
            [
                "keys a: at_most: 2 → at_most: 1 (compatible)",
                "max_nulls of a: 5% → 6% (breaking)",
            ],
        ),
        (
            table("{name: s, type: string, enum: [new, paid]}"),
            table("{name: s, type: string, enum: [paid, new, back]}"),
            ["enum of s: + back (breaking)"],
        ),
        (
            table("{name: s, type: string, enum: [new, paid]}"),
            table("{name: s, type: string, enum: [new]}"),
            ["enum of s: - paid (compatible)"],
        ),
        (
            table("{name: s, type: string, enum: [new, paid]}"),
            table("{name: s, type: string, enum: [new, back]}"),
            ["enum of s: + back, - paid (breaking)"],
        ),
        (
            table("{name: t, type: 'list<string>', elements: {min_length: 1}}"),
            table("{name: t, type: 'list<string>', elements: {min_length: 2, pattern: a}}"),
            [
                "min_length of t[]: 1 → 2 (compatible)",
                "pattern of t[]: absent → a (compatible)",
            ],
        ),
        (
            table("{name: a, type: int64, minimum: 2, maximum: 90, at_most: 3}"),
            table("{name: a, type: int64, minimum: 10, exclusive_maximum: 80, at_most: 1%}"),
            [
                "at_most of a: 3 → 1% (breaking)",
                "exclusive_maximum of a: absent → 80 (compatible)",
                "maximum of a: 90 → absent (breaking)",
                "minimum of a: 2 → 10 (compatible)",
            ],
        ),
        (table(f"{A}, {B}", "field_order: any"), table(f"{B}, {A}", "field_order: any"), []),
        (
            table(A, "source: {format: parquet, location: 's3://host/t'}"),
            table(A, "source: {format: parquet, location: 's3://host/u'}"),
            ["source location: s3://host/t → s3://host/u (breaking)"],
        ),
        (
            table(A, "views: [{name: v, sql: SELECT a FROM t, fields: [{name: a, type: int32}]}]"),
            table(A, "views: [{name: v, sql: SELECT a FROM t, fields: [{name: a, type: int64}]}]"),
            ["view v: a: int32 → int64 (breaking)"],
        ),
        (
            table(A),
            table(A, "source: {format: parquet, location: t}"),
            ["source: absent → format: parquet, location: t (compatible)"],
        ),
        (
            table(A),
            table(A, "rules: [{name: r, sql: a > 0}]"),
            ["rules r: absent → sql: a > 0 (compatible)"],
        ),
        (
            table("{name: s, type: 'struct<x: string>', exact: true}"),
            table("{name: s, type: 'list<string>', exact: true}"),
            ["s: struct → list (breaking)"],
        ),
        (
            table(f"{A}, {B}", VIEW.format("SELECT a FROM t, reads: [a]")),
            table(f"{A}, {B}", VIEW.format("SELECT a FROM t, reads: [a, b]")),
            ["view reads v: [a] → [a, b] (breaking)"],
        ),
        (
            table("{name: m, type: 'map<string, string>'}", "views: [{name: v, expand: m}]"),
            table(
                "{name: m, type: 'map<string, string>'}", "views: [{name: v, expand: m, keep: [m]}]"
            ),
            ['view v: "…n: m, of: t, keep: []" → "…n: m, of: t, keep: [m]" (breaking)'],
        ),
        (
            table(A, "keys: [[a]]"),
            session("functions: [f]"),
            ["t: promised no more (breaking)", "s: promised from now on (compatible)"],
        ),
    ],
)
def test_both_sides_of_a_change_are_told(before: str, after: str, lines: list[str]) -> None:
    assert list(map(describe, changes_between(before, after))) == lines


def test_every_class_and_every_kind_has_rules() -> None:
    assert {rule.change_class for rule in RULES.values()} == set(ChangeClass)
    assert {rule.kind for rule in RULES.values()} == set(ChangeKind)
    assert {rule.readers for rule in RULES.values()} == set(Compatibility)
