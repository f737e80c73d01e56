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
    RuleContract,
    Sql,
    ViewContract,
    ViewDefinition,
    Within,
)
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.views import Run, Views
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import (
    Basis,
    NullCount,
    RowCount,
    RowDifference,
    RuleCount,
    ValueCount,
    ViewRun,
)
from cst_contracts.location import Location
from cst_contracts.needs import AnyRowNeed, NullsNeed, RuleNeed, ValuesNeed

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
def runs(tmp_path: Path, registry: Callable[..., Registry]) -> Callable[..., Views]:
    """Of a table `t` of these rows, and of relations that the project's own session has already."""

    def build(
        *views: ViewContract,
        rows: pa.Table = ROWS,
        own: Mapping[str, str] | None = None,
        nulls: Mapping[str, Sequence[str]] | None = None,
        needs: Mapping[str, Sequence[AnyRowNeed]] | None = None,
        verify_data: bool = False,
    ) -> Views:
        (tmp_path / "t").mkdir(exist_ok=True)
        pq.write_table(rows, tmp_path / "t" / "part-0.parquet")
        supplied = None
        if own is not None:
            supplied = SessionContext(SessionConfig().with_information_schema(enabled=True))
            supplied.register_parquet("t", str(tmp_path / "t"))
            for name, query in own.items():
                supplied.sql(f"CREATE VIEW {name} AS {query}")
        access = RowAccess(registry(supplied=supplied, views=views))
        asked = {
            name: [NullsNeed(name, path) for path in paths] for name, paths in (nulls or {}).items()
        }
        return Views(access, {**asked, **(needs or {})}, verify_data=verify_data)

    return build


def counted(run: Run) -> tuple[int, int | None, int | None]:
    assert run.facts.rows.basis is Basis.SCAN
    return run.facts.rows.rows, run.facts.promised, run.facts.changed


def refusal(runs: Views, asked: ViewContract) -> IntrospectionError:
    with pytest.raises(IntrospectionError) as caught:
        runs.run(asked)
    return caught.value


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
    runs: Callable[..., Views], asked: ViewContract, expected: tuple[int, int | None, int | None]
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
    runs: Callable[..., Views],
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
    runs: Callable[..., Views], query: str, changed: int
) -> None:
    assert counted(runs(SPANS, FLAT, own={"flat": query}).run(FLAT)) == (4, 4, changed)


def test_a_pack_of_the_projects_own_that_swaps_its_fields_is_told_by_what_flattens_it(
    runs: Callable[..., Views],
) -> None:
    swapped = "SELECT id, named_struct('bstart', bend, 'bend', bstart) AS span FROM t"
    assert counted(runs(SPANS, FLAT, own={"spans": swapped}).run(FLAT)) == (4, 4, 8)


def test_kept_maps_and_lists_are_compared_too(runs: Callable[..., Views]) -> None:
    spans = view("spans", Pack("span", ("bstart", "bend")), keep=("id", "attrs", "refs"))
    flat = view("flat", Flatten("span"), keep=("id", "attrs", "refs"), of="spans")
    assert counted(runs(spans, flat).run(flat)) == (4, 4, 0)


def test_a_view_that_fails_in_a_late_row_is_told_though_it_plans_and_runs_for_one(
    runs: Callable[..., Views],
) -> None:
    texts = pa.table({"id": [str(number) for number in range(30_000)] + ["last"]})
    late = view("late", Sql("SELECT CAST(id AS BIGINT) AS number FROM t"), keep=())

    error = refusal(runs(late, rows=texts), late)

    assert error.relation == "late"
    assert "last" in error.reason


def test_a_column_that_nobody_promises_is_computed_too(runs: Callable[..., Views]) -> None:
    texts = pa.table({"id": [str(number) for number in range(30_000)] + ["last"]})
    late = view("late", Sql("SELECT id, CAST(id AS BIGINT) AS number FROM t"), keep=())

    assert "last" in refusal(runs(late, rows=texts, nulls={"late": ["id"]}), late).reason


def test_what_cannot_be_compared_is_told_by_the_view_that_runs(
    runs: Callable[..., Views],
) -> None:
    texts = pa.table({"id": [str(number) for number in range(30_000)] + ["last"]})
    late = view("late", Sql("SELECT id, CAST(id AS BIGINT) AS number, 1 AS lo FROM t"), keep=())
    packed = view("packed", Pack("span", ("lo",)), keep=("id",), of="late")

    error = refusal(runs(late, packed, rows=texts), packed)

    assert error.relation == "packed"
    assert error.reason.startswith("its rows cannot be compared with late: ")


def test_nulls_are_counted_on_the_way(runs: Callable[..., Views]) -> None:
    run = runs(ATTRS, nulls={"attrs": ["attr_key", "attr_value"]}).run(ATTRS)
    assert run.results == {
        NullsNeed("attrs", "attr_key"): NullCount(3, 0, rows=3),
        NullsNeed("attrs", "attr_value"): NullCount(3, 1, rows=3),
    }


def test_values_and_rules_are_answered_on_the_way_and_one_that_fails_spoils_no_other(
    runs: Callable[..., Views],
) -> None:
    values = ValuesNeed("refs", "r", Within("2"))
    rule, failing = (
        RuleNeed("refs", RuleContract(sql, sql, AT)) for sql in ("id <> 'a'", "1 / (r - 1) > 0")
    )
    counted_values = ValueCount(1, 1, (("1", 1),), 0, rows=3)
    run = runs(REFS, needs={"refs": [values, rule]}).run(REFS)
    assert run.results == {values: counted_values, rule: RuleCount(3, 2)}
    both = runs(REFS, needs={"refs": [values, rule, failing]}).run(REFS)
    assert both.results == {values: counted_values}


def test_a_key_that_no_row_has_is_told(runs: Callable[..., Views]) -> None:
    origin = view("origin", Extract((("attrs", "n"), ("attrs", "z"))))
    assert runs(origin).run(origin).facts == ViewRun(RowCount(4, Basis.SCAN), 4, absent=("z",))


def test_a_view_of_the_projects_own_is_compared_row_by_row(runs: Callable[..., Views]) -> None:
    own = (
        "SELECT CASE WHEN id = 'a' THEN 'z' ELSE id END AS id, r "
        "FROM (SELECT id, unnest(refs)['r'] AS r FROM t)"
    )
    facts = runs(REFS, own={"refs": own}).run(REFS).facts
    assert facts == ViewRun(RowCount(3, Basis.SCAN), 3, differing=RowDifference(2, 2))


def test_a_view_that_lacks_a_column_of_its_definition_cannot_be_compared(
    runs: Callable[..., Views],
) -> None:
    error = refusal(runs(REFS, own={"refs": "SELECT id FROM t"}), REFS)
    assert error.relation == "refs"
    assert error.reason == (
        "its rows cannot be compared with t: it has no column r, which its definition makes"
    )


def without_data(file: Path, leaf: str) -> None:
    """The pages of one leaf of the last row group are overwritten; the footer is left as it is."""
    pq.write_table(pq.read_table(file), file, row_group_size=1)
    group = pq.read_metadata(file).row_group(1)
    column = next(
        chunk
        for chunk in map(group.column, range(group.num_columns))
        if chunk.path_in_schema == leaf
    )
    with file.open("r+b") as opened:
        opened.seek(column.dictionary_page_offset or column.data_page_offset)
        opened.write(bytes(column.total_compressed_size))


WIDE = pa.table({"id": ["a", "b"], "refs": [[{"r": 1, "text": "x"}], [{"r": None, "text": "y"}]]})


def test_of_a_view_of_columns_only_those_are_read_that_somebody_looks_at(
    tmp_path: Path, runs: Callable[..., Views]
) -> None:
    some = runs(REFS, rows=WIDE, nulls={"refs": ["r"]})
    without_data(tmp_path / "t" / "part-0.parquet", "refs.list.element.text")

    run = some.run(REFS)

    assert counted(run) == (2, 2, None)
    assert run.results == {NullsNeed("refs", "r"): NullCount(2, 1, rows=2)}


@pytest.mark.parametrize("case", ["asked", "verified", "queried"])
def test_what_is_looked_at_and_cannot_be_read_is_told(
    tmp_path: Path, runs: Callable[..., Views], case: str
) -> None:
    query = view("query", Sql("SELECT refs[1]['text'] AS text, id FROM t"))
    asked = query if case == "queried" else REFS
    some = runs(
        asked,
        rows=WIDE,
        nulls={"refs": ["text"] if case == "asked" else ["r"], "query": ["id"]},
        verify_data=case == "verified",
    )
    without_data(tmp_path / "t" / "part-0.parquet", "refs.list.element.text")

    assert refusal(some, asked).relation == asked.name


def test_files_that_lack_a_field_of_a_struct_are_read_all_the_same(
    tmp_path: Path, runs: Callable[..., Views]
) -> None:
    some = runs(REFS, rows=WIDE, nulls={"refs": ["r"]})
    older = pa.table({"id": ["b"], "refs": [[{"text": "z"}]]})
    pq.write_table(older, tmp_path / "t" / "part-1.parquet")

    run = some.run(REFS)

    assert run.results == {NullsNeed("refs", "r"): NullCount(3, 2, rows=3)}
