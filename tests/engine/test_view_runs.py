"""Views read in full: their rows, those that their definitions promise, and spans packed and unpacked."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext

from cst_contracts.contract.model import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
    ViewContract,
    ViewDefinition,
)
from cst_contracts.engine.catalog import LiveCatalog
from cst_contracts.engine.view_runs import ViewRuns
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import NullCount, ViewRun
from cst_contracts.location import Location

AT = Location("contracts/t.yaml", 1, 1)
TEXTS = pa.map_(pa.string(), pa.string())
ROWS = pa.table(
    {
        "id": ["a", "b", "c", "d"],
        "attrs": pa.array([[("k", "v"), ("n", None)], None, [], [("n", "w")]], TEXTS),
        "refs": pa.array([[{"r": 1}, None], None, [], [{"r": None}]]),
        "bstart": [1, None, 3, 3],
        "bend": [5, 6, None, 8],
        "span": pa.array([{"lo": 1}, None, {"lo": None}, {"lo": 4}]),
    }
)


def view(
    name: str, definition: ViewDefinition, keep: Sequence[str] = ("id",), of: str = "t"
) -> ViewContract:
    return ViewContract(name, definition, of, AT, tuple(keep))


ATTRS = view("attrs", Expand("attrs"))
ORIGIN = view("origin", Extract((("attrs", "n"),)))
REFS = view("refs", Explode("refs"))
SPANS = view("spans", Pack("span", ("bstart", "bend")))
FLAT = view("flat", Flatten("span"), of="spans")
LO = view("lo", Flatten("span"))
QUERY = view("query", Sql("SELECT id FROM t WHERE bstart > 1"))


@pytest.fixture
def runs(tmp_path: Path, catalog: Callable[..., LiveCatalog]) -> Callable[..., ViewRuns]:
    """Of a table `t` of these rows, and of relations that the project's own session has already."""

    def build(
        *views: ViewContract,
        rows: pa.Table = ROWS,
        own: Mapping[str, str] | None = None,
        nulls: Mapping[str, Sequence[str]] | None = None,
    ) -> ViewRuns:
        pq.write_table(rows, tmp_path / "t")
        supplied = None
        if own is not None:
            supplied = SessionContext(SessionConfig().with_information_schema(enabled=True))
            supplied.register_parquet("t", str(tmp_path / "t"), file_extension="")
            for name, query in own.items():
                supplied.sql(f"CREATE VIEW {name} AS {query}")
        return ViewRuns(catalog(supplied=supplied, views=views), nulls or {}, {})

    return build


def counted(run: ViewRun | IntrospectionError) -> tuple[int, int | None, int | None]:
    assert isinstance(run, ViewRun), run
    return run.values.rows, run.promised, run.changed


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (ATTRS, (3, 3, None)),
        (ORIGIN, (4, 4, None)),
        (REFS, (3, 3, None)),
        (SPANS, (4, 4, None)),
        (FLAT, (4, 4, 0)),
        (LO, (4, 4, None)),
        (QUERY, (2, None, None)),
    ],
    ids=lambda case: getattr(case, "name", ""),
)
def test_a_view_of_ours_keeps_the_count(
    runs: Callable[..., ViewRuns], asked: ViewContract, expected: tuple[int, int | None, int | None]
) -> None:
    assert counted(runs(ATTRS, ORIGIN, REFS, SPANS, FLAT, LO, QUERY).run(asked)) == expected


@pytest.mark.parametrize(
    ("asked", "query", "expected"),
    [
        (ATTRS, "SELECT id, 'k' AS attr_key, attrs['k'] AS attr_value FROM t", (4, 3, None)),
        (ORIGIN, "SELECT id, attrs['n'] AS n FROM t WHERE attrs['n'] IS NOT NULL", (1, 4, None)),
        (REFS, "SELECT id, refs[1]['r'] AS r FROM t", (4, 3, None)),
        (SPANS, "SELECT id, span FROM t UNION ALL SELECT id, span FROM t", (8, 4, None)),
        (LO, "SELECT id, 1 AS lo FROM t WHERE span IS NOT NULL", (3, 4, None)),
    ],
    ids=lambda case: getattr(case, "name", ""),
)  # fmt: skip
def test_a_relation_of_the_projects_own_that_loses_or_doubles_rows_is_told(
    runs: Callable[..., ViewRuns],
    asked: ViewContract,
    query: str,
    expected: tuple[int, int | None, int | None],
) -> None:
    assert counted(runs(asked, own={asked.name: query}).run(asked)) == expected


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ("SELECT id, bstart, bend FROM t", 0),
        ("SELECT id, bend AS bstart, bstart AS bend FROM t", 8),
        ("SELECT id, coalesce(bstart, 0) AS bstart, bend FROM t", 2),
        ("SELECT id, bstart, bend FROM t WHERE id <> 'a' UNION ALL "
         "SELECT id, bstart, bend FROM t WHERE id = 'b'", 2),
    ],
    ids=["same", "swapped", "null-made-zero", "one-row-twice-for-another"],
)  # fmt: skip
def test_spans_are_compared_row_for_row_nulls_and_duplicates_included(
    runs: Callable[..., ViewRuns], query: str, changed: int
) -> None:
    assert counted(runs(SPANS, FLAT, own={"flat": query}).run(FLAT)) == (4, 4, changed)


def test_a_pack_of_the_projects_own_that_swaps_its_fields_is_told_by_what_flattens_it(
    runs: Callable[..., ViewRuns],
) -> None:
    swapped = "SELECT id, named_struct('bstart', bend, 'bend', bstart) AS span FROM t"
    assert counted(runs(SPANS, FLAT, own={"spans": swapped}).run(FLAT)) == (4, 4, 8)


def test_kept_maps_and_lists_are_compared_too(runs: Callable[..., ViewRuns]) -> None:
    spans = view("spans", Pack("span", ("bstart", "bend")), keep=("id", "attrs", "refs"))
    flat = view("flat", Flatten("span"), keep=("id", "attrs", "refs"), of="spans")
    assert counted(runs(spans, flat).run(flat)) == (4, 4, 0)


def test_a_view_that_fails_in_a_late_row_is_told_though_it_plans_and_runs_for_one(
    runs: Callable[..., ViewRuns],
) -> None:
    texts = pa.table({"id": [str(number) for number in range(30_000)] + ["last"]})
    late = view("late", Sql("SELECT CAST(id AS BIGINT) AS number FROM t"), keep=())

    run = runs(late, rows=texts).run(late)

    assert isinstance(run, IntrospectionError)
    assert run.table == "late"
    assert "last" in run.cause


def test_a_column_that_nobody_promises_is_computed_too(runs: Callable[..., ViewRuns]) -> None:
    texts = pa.table({"id": [str(number) for number in range(30_000)] + ["last"]})
    late = view("late", Sql("SELECT id, CAST(id AS BIGINT) AS number FROM t"), keep=())

    assert isinstance(runs(late, rows=texts, nulls={"late": ["id"]}).run(late), IntrospectionError)


def test_what_cannot_be_compared_is_told_by_the_view_that_runs(
    runs: Callable[..., ViewRuns],
) -> None:
    texts = pa.table({"id": [str(number) for number in range(30_000)] + ["last"]})
    late = view("late", Sql("SELECT id, CAST(id AS BIGINT) AS number, 1 AS lo FROM t"), keep=())
    packed = view("packed", Pack("span", ("lo",)), keep=("id",), of="late")

    run = runs(late, packed, rows=texts).run(packed)

    assert isinstance(run, IntrospectionError)
    assert run.table == "packed"
    assert run.cause.startswith("its rows cannot be compared with late: ")


def test_nulls_are_counted_on_the_way(runs: Callable[..., ViewRuns]) -> None:
    run = runs(ATTRS, nulls={"attrs": ["attr_key", "attr_value"]}).run(ATTRS)
    assert isinstance(run, ViewRun)
    assert run.values.nulls == {"attr_key": NullCount(3, 0), "attr_value": NullCount(3, 1)}
