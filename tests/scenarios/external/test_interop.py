"""Tables in the libraries of their readers: what arrives there as it is, and what does not."""

import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.gate import Promises

from cst_contracts.checks.verdict import Kept, Undecided, Vacuous
from cst_contracts.contract.model import Library
from cst_contracts.datatypes import print_type
from cst_contracts.engine.looks.libraries import OLDEST
from cst_contracts.proof.staging import register

Judge = Callable[..., Promises]
LIBRARIES = ("polars", "pandas", "duckdb")
EVERY_LIBRARY = pytest.mark.parametrize("library", LIBRARIES)
EVERY_FORMAT = pytest.mark.parametrize("format_", ["parquet", "delta"])
ROWS = pa.table(
    {
        "id": ["a", None, "c"],
        "x": pa.array([1.5, float("nan"), None]),
        "at": pa.array([1, None, 3], pa.timestamp("us", "UTC")),
        "total": pa.array([1, None, 3], pa.decimal128(20, 2)),
        "raw": pa.array([b"a", None, b""], pa.binary()),
        "span": pa.array(
            [{"start": 1, "tags": [{"k": "a"}, None]}, None, {"start": None, "tags": []}],
            pa.struct({"start": pa.int64(), "tags": pa.list_(pa.struct({"k": pa.string()}))}),
        ),
        "attrs": pa.array(
            [[("a", [1, None])], [], None], pa.map_(pa.string(), pa.list_(pa.int32()))
        ),
    }
)


def text(rows: pa.Table, interop: str, source: str | None = "format: parquet") -> str:
    """Without a source, of a table that is in the session."""
    fields = "".join(
        f'  - {{name: {each.name}, type: "{print_type(each.type)}"}}\n' for each in rows.schema
    )
    where = "" if source is None else f"source: {{{source}, location: t}}\n"
    return f"table: t\n{where}interop: [{interop}]\nfields:\n{fields}"


def write(folder: Path, rows: pa.Table, format_: str = "parquet") -> None:
    if format_ == "delta":
        write_deltalake(folder / "t", rows)
    else:
        (folder / "t").mkdir()
        pq.write_table(rows, folder / "t" / "0.parquet")


@EVERY_FORMAT
def test_what_all_of_them_have_arrives(tmp_path: Path, judge: Judge, format_: str) -> None:
    """No type of Delta is among those that some library lacks, and deltalake 1.6 writes no two names that
    differ in case only: what is lost below is lost of other tables."""
    write(tmp_path, ROWS, format_)
    promises = judge(text(ROWS, ", ".join(LIBRARIES), f"format: {format_}"))
    for library in LIBRARIES:
        kept = promises[f"interop[{library}]"]
        assert isinstance(kept, Kept), kept
        assert (kept.rows, kept.basis) == (3, "scan")


def test_no_more_than_the_first_rows_are_handed_over(tmp_path: Path, judge: Judge) -> None:
    rows = pa.table({"n": range(1_500)})
    write(tmp_path, rows)
    kept = judge(text(rows, "polars"), only="interop[polars]")["interop[polars]"]
    assert isinstance(kept, Kept)
    assert kept.rows == 1_000


MS = pa.array([1, None], pa.time32("ms"))
FIXED = pa.array([b"ab", None], pa.binary(2))
BERLIN = pa.array([1, None], pa.timestamp("us", "Europe/Berlin"))
NESTED = pa.array(
    [[{"m": [("a", 1)]}], None], pa.list_(pa.struct({"m": pa.map_(pa.string(), pa.time32("ms"))}))
)
WIDE = pa.array([1, None], pa.decimal256(50, 2))
#: By library: the column, and the path, type and what is told of it.
LOST = [
    ("polars", MS, "c", "interop-type", "time32[ms]", "time64[ns] in polars"),
    ("polars", FIXED, "c", "interop-type", "fixed_size_binary[2]", "binary_view in polars"),
    ("polars", NESTED, "c[].m{}.value", "interop-type", "time32[ms]", "time64[ns] in polars"),
    ("polars", WIDE, "c", "interop-refused", "decimal256(50, 2)", "Int256"),
    ("duckdb", MS, "c", "interop-type", "time32[ms]", "time64[us] in duckdb"),
    ("duckdb", FIXED, "c", "interop-type", "fixed_size_binary[2]", "binary in duckdb"),
    ("duckdb", NESTED, "c[].m{}.value", "interop-type", "time32[ms]", "time64[us] in duckdb"),
    ("duckdb", WIDE, "c", "interop-refused", "decimal256(50, 2)", "Unsupported"),
    ("duckdb", BERLIN, "c", "interop-type", "timestamp[us, tz=Europe/Berlin]", " in duckdb"),
]


@pytest.mark.parametrize(("library", "column", "path", "code", "promised", "observed"), LOST)
def test_what_a_library_does_not_have_is_named(
    judge: Judge, library: str, column: pa.Array, path: str, code: str, promised: str, observed: str
) -> None:
    rows = pa.table({"id": ["a", "b"], "c": column})
    found = of_session(judge, rows, library).finding(f"interop[{library}]")
    assert (found.code, found.subject, found.place.line) == (code, f"t.{path}", 2)
    assert found.promised == promised
    assert observed in found.observed
    assert library in found.hint


def of_session(judge: Judge, rows: pa.Table, library: str) -> Promises:
    session = SessionContext()
    register(session, "t", rows)
    return judge(text(rows, library, None), supplied=session, only=f"interop[{library}]")


def test_names_that_differ_in_case_only_are_lost_in_one_library_only(
    tmp_path: Path, judge: Judge
) -> None:
    rows = pa.table({"A": ["x"], "a": ["y"]})
    write(tmp_path, rows)
    promises = judge(text(rows, "polars, pandas, duckdb"))
    assert promises.red == {"interop[duckdb]": ("interop-field", "interop-field")}
    assert promises.finding("interop[duckdb]").subject == "t.a"


def test_the_fields_beside_one_that_is_refused_are_compared(judge: Judge) -> None:
    rows = pa.table({"wide": WIDE, "ms": MS, "id": ["a", "b"]})
    promises = of_session(judge, rows, "duckdb")
    assert promises.red == {"interop[duckdb]": ("interop-refused", "interop-type")}
    only = of_session(judge, rows.select(["wide"]), "duckdb")
    assert only.red == {"interop[duckdb]": ("interop-refused",)}


def test_pandas_has_what_arrow_has(judge: Judge) -> None:
    rows = pa.table({"a": MS, "b": FIXED, "c": BERLIN, "d": NESTED, "e": WIDE})
    assert isinstance(of_session(judge, rows, "pandas")["interop[pandas]"], Kept)


@EVERY_LIBRARY
def test_a_library_that_is_not_installed_is_undecided_and_red(
    judge: Judge, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    promises = of_session(judge, pa.table({"a": [1]}), library)
    check = f"interop[{library}]"
    assert isinstance(promises[check], Undecided)
    assert promises.red == {check: ("library-missing",)}
    found = promises.finding(check)
    assert found.observed.startswith(f"{library} cannot be imported: ")
    assert found.hint == f'`pip install "{library}>={OLDEST[Library(library)]}"`'


def test_a_library_that_may_end_the_process_is_handed_nothing(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polars.__version__", "1.30.0")
    promises = of_session(judge, pa.table({"a": [1]}), "polars")
    assert promises.red == {"interop[polars]": ("library-missing",)}
    assert promises.finding("interop[polars]").observed == "polars 1.30.0 is too old"


@EVERY_FORMAT
def test_no_row_is_never_kept(tmp_path: Path, judge: Judge, format_: str) -> None:
    none = ROWS.slice(0, 0)
    write(tmp_path, none, format_)
    promises = judge(text(none, "polars", f"format: {format_}"))
    undecided = promises["interop[polars]"]
    assert isinstance(undecided, Undecided)
    assert undecided.cause is not None
    assert undecided.cause.check == "rows"
    allowed = judge(text(none, "polars", f"format: {format_}, allow_empty: true"))
    vacuous = allowed["interop[polars]"]
    assert isinstance(vacuous, Vacuous)
    assert vacuous.allowed


def test_a_table_that_is_not_there_leaves_it_undecided(judge: Judge) -> None:
    promises = judge(text(ROWS, "polars"))
    undecided = promises["interop[polars]"]
    assert isinstance(undecided, Undecided)
    assert undecided.cause is not None
    assert undecided.cause.check == "table"
