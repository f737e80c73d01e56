"""Every kind of check has a breaker, and each breaker turns exactly its own promise red."""

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module

import pytest

import cst_contracts.checks
from cst_contracts.checks.streams import OfRowsRead
from cst_contracts.proof.breakers.registry import BREAKERS
from cst_contracts.proof.score import Outcome, Score

PARQUET = """
table: t
source: {format: parquet, location: t, ordered_by: [day, id], statistics: true, pruning: true}
nullability: strict
metadata: {made_by: me}
fields:
  - {name: id, type: string, nullable: false, metadata: {semantic: Id}}
  - {name: day, type: "date32[day]", nullable: false}
  - {name: status, type: string}
  - {name: items, type: "list<struct<sku: string not null>>"}
keys: [[id], ["items[].sku"]]
rules:
  - {name: known_status, sql: "status IN ('open', 'shipped')"}
freshness: {field: day, within: 30d, zone: UTC}
references: [{fields: [status], table: states, to: [name]}]
views: [{name: things, explode: items, keep: [id], reads: [id, items]}]
queries:
  - name: of_day
    sql: "SELECT id, items FROM t WHERE day >= $day AND status = $status"
    parameters: {day: "date32[day]", status: {type: string, example: open}}
    fields: [{name: id, type: string, nullable: false}, {name: items, type: "list<struct<sku: string>>"}]
    reads: [id, day, status, items]
interop: [polars]
functions: [abs]
"""
TOLERANT = """
table: t
fields:
  - {name: id, type: int64, nullable: false}
  - {name: kind, type: string, max_nulls: 20%}
  - {name: n, type: int64, max_nulls: 1}
keys: [{fields: [id], at_most: 1}]
rules: [{name: positive, sql: n >= 0, at_most: 30%, severity: warn}]
aggregates:
  - {name: seven, sql: count(*) >= 7}
  - {name: one_module, sql: "count(*) FILTER (WHERE kind = 'Module') = 1"}
references: [{fields: [n], table: other, to: [n], at_most: 1}]
"""
LIMITED = """
table: t
fields:
  - {name: id, type: string, nullable: false, pattern: "^k[0-9]+$", max_length: 12}
  - {name: n, type: int64, minimum: 0, exclusive_maximum: 100, at_most: 20%}
  - {name: kind, type: string, enum: [a, b, "c d"]}
  - {name: day, type: "date32[day]", minimum: 2026-01-01}
  - {name: share, type: double, minimum: 0, maximum: 1}
  - {name: tags, type: list<string>, elements: {min_length: 2}}
  - name: items
    type: list<struct>
    fields:
      - {name: sku, type: string, enum: [x, y]}
      - {name: price, type: "decimal128(8, 2)", exclusive_minimum: 0}
keys: [[id]]
"""
DELTA = """
table: t
source: {format: delta, location: t, partitioned_by: [repo], as_of: {version: 2}, extra_constraints: forbid}
fields:
  - {name: repo, type: string}
  - {name: id, type: int64, nullable: false}
  - {name: n, type: int64}
rules: [{name: positive, sql: id >= 0, enforced: true}]
queries: [{name: all, sql: "SELECT count(*) AS rows FROM t", fields: [{name: rows, type: int64}]}]
interop: [duckdb, pandas]
"""
PLAIN_DELTA = """
table: t
source: {format: delta, location: t}
fields: [{name: id, type: int64, nullable: false}]
"""
PACKED = """
table: t
source:
  format: parquet
  location: t
  ordered_by: [n]
  statistics: true
  pruning: true
  files:
    codec: {n: snappy, "items[].sku": zstd}
    encodings: {id: plain, n: delta_binary_packed, "items": dictionary}
    statistics: true
    bloom_filters: [id]
    page_index: true
    row_group_rows: {at_least: 2, at_most: 3}
    bytes: {at_least: 1MB, at_most: 5GB}
    sorting_columns: true
fields:
  - {name: items, type: "list<struct<sku: string not null>>"}
  - {name: id, type: string, nullable: false}
  - {name: n, type: int64, nullable: false}
  - {name: share, type: double}
"""
PACKED_DELTA = """
table: t
source:
  format: delta
  location: t
  partitioned_by: [repo]
  ordered_by: [id]
  files: {codec: zstd, statistics: [id], bloom_filters: true, page_index: [id], bytes: {at_least: 1MB},
          row_group_rows: {at_most: 1000000}, sorting_columns: true}
fields:
  - {name: repo, type: string}
  - {name: id, type: int64, nullable: false}
  - {name: at, type: "timestamp[us, tz=UTC]"}
"""
HIVE = """
table: t
source: {format: parquet, location: t, partitioned_by: [{name: year, type: int32}]}
fields: [{name: id, type: int64}, {name: n, type: int64}]
"""
STREAM = """
table: t
source: {format: csv, location: t.csv, unbounded: true}
fields: [{name: id, type: int64, nullable: false}, {name: n, type: int64}]
keys: [[id]]
"""
SESSION = """
session: s
settings: {datafusion.execution.batch_size: "4096"}
catalog: {location: lake, format: parquet, tables: [one, two]}
functions: [{name: abs, kind: scalar}]
"""


def kinds() -> set[type[object]]:
    """All classes of the room of checks that judge, but for the one that wraps the others."""
    package = cst_contracts.checks
    modules = [
        import_module(each.name)
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    found = {
        class_
        for module in modules
        for _, class_ in inspect.getmembers(module, inspect.isclass)
        if class_.__module__ == module.__name__ and hasattr(class_, "judge")
        if hasattr(class_, "severity") and not getattr(class_, "_is_protocol", False)
    }
    return found - {OfRowsRead}


def test_every_kind_of_check_has_a_breaker() -> None:
    assert set(BREAKERS) == kinds()


def outcomes(score: Score) -> dict[str, set[str]]:
    """The checks by what came of them."""
    found: dict[str, set[str]] = {}
    for proof in score.proofs:
        found.setdefault(proof.outcome.value, set()).add(proof.check)
    return found


@pytest.mark.parametrize(
    ("contract", "not_counted"),
    [
        (PARQUET, set()),
        (TOLERANT, set()),
        (LIMITED, set()),
        (DELTA, {"query[all]", "interop[pandas]"}),
        (PLAIN_DELTA, {"delta[constraints]"}),
        (HIVE, set()),
        (STREAM, set()),
        (SESSION, set()),
    ],
    ids=["parquet", "tolerant", "limited", "delta", "plain-delta", "hive", "stream", "session"],
)
def test_every_promise_is_broken_alone(
    proven: Callable[..., Score], contract: str, not_counted: set[str]
) -> None:
    score = proven(contract)
    wrong = [each for each in score.proofs if each.outcome in (Outcome.SURVIVED, Outcome.UNKEPT)]
    assert not wrong
    assert score.complete
    assert score.percent == 100
    assert {each.check for each in score.of(Outcome.UNBREAKABLE)} == not_counted


@pytest.mark.parametrize(
    ("contract", "unbreakable"),
    [(PACKED, []), (PACKED_DELTA, ["the rows leave no room for larger row groups"])],
    ids=["parquet", "delta"],
)
def test_every_promise_about_files_is_broken_alone(
    proven: Callable[..., Score], contract: str, unbreakable: list[str]
) -> None:
    score = proven(contract, "files")
    assert [each for each in score.proofs if each.outcome is Outcome.SURVIVED] == []
    assert [each.why for each in score.of(Outcome.UNBREAKABLE)] == unbreakable
    assert score.complete
    assert score.percent == 100


EMPTY_TEXT = """
table: t
source: {format: delta, location: t, partitioned_by: [repo]}
fields:
  - {name: repo, type: string, nullable: false, enum: [one, two]}
  - {name: id, type: string, nullable: false, enum: [""]}
  - {name: n, type: int64, nullable: false}
"""


def test_a_log_is_not_partitioned_by_a_field_that_holds_an_empty_text(
    proven: Callable[..., Score],
) -> None:
    """Delta takes an empty text for a null there."""
    (proof,) = proven(EMPTY_TEXT, "delta[parity]").proofs
    assert (proof.outcome, proof.why) == (Outcome.KILLED, "")
