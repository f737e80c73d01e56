"""Whatever an engine throws is one IntrospectionError, and whatever is none passes through."""

import struct
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext, udf
from deltalake import DeltaTable

from cst_contracts.engine.session.boundary import cause_of, looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Trouble


def plan_nonsense(_folder: Path) -> None:
    SessionContext().sql("SELECT nope")


def ask_for_no_table(_folder: Path) -> None:
    SessionContext().table("nope")


def divide_by_zero(_folder: Path) -> None:
    SessionContext().sql("SELECT 1 / (column1 - 1) FROM (VALUES (1))").to_arrow_table()


def raise_in_a_function(_folder: Path) -> None:
    def boom(_array: pa.Array) -> pa.Array:
        raise ValueError("boom")

    context = SessionContext()
    context.register_udf(udf(boom, [pa.int64()], pa.int64(), "volatile", "boom"))
    context.sql("SELECT boom(1)").to_arrow_table()


def read_a_garbage_footer_length(folder: Path) -> None:
    file = folder / "t.parquet"
    pq.write_table(pa.table({"a": [1]}), file)
    file.write_bytes(file.read_bytes()[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1")
    SessionContext().register_parquet("t", str(file))


def read_no_parquet(folder: Path) -> None:
    (folder / "t.parquet").write_bytes(b"no Parquet at all")
    pq.read_metadata(folder / "t.parquet")


def open_no_delta(folder: Path) -> None:
    DeltaTable(folder)


@pytest.mark.parametrize(
    ("act", "thrown", "cause"),
    [
        (plan_nonsense, "ValueError", "Schema error: No field named nope."),
        (ask_for_no_table, "KeyError", "No table named 'nope'"),
        (divide_by_zero, "Exception", "Arrow error: Divide by zero error"),
        (raise_in_a_function, "Exception", "boom"),
        (read_a_garbage_footer_length, "PanicException", "the engine panicked: range start"),
        (read_no_parquet, "ArrowInvalid", "Parquet magic bytes not found in footer"),
        (open_no_delta, "TableNotFoundError", "No files in log segment"),
    ],
)
def test_an_engine_error_names_table_location_and_cause(
    tmp_path: Path, act: Callable[[Path], None], thrown: str, cause: str
) -> None:
    with pytest.raises(IntrospectionError) as caught, looking_at("cst_refs", "file:///lake/refs/"):
        act(tmp_path)
    error = caught.value
    assert (error.relation, error.location) == ("cst_refs", "file:///lake/refs/")
    assert cause in error.reason
    assert type(error.__cause__).__name__ == thrown
    assert str(error) == f"could not read table cst_refs at file:///lake/refs/: {error.reason}"
    assert "\n" not in error.reason


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_wish_to_stop_passes_through(stop: type[BaseException]) -> None:
    with pytest.raises(stop), looking_at("t"):
        raise stop


def test_an_error_that_is_told_already_passes_through() -> None:
    told = IntrospectionError(
        "nothing there", relation="t", location="here", trouble=Trouble.MISSING
    )
    with pytest.raises(IntrospectionError) as caught, looking_at("other", "elsewhere"):
        raise told
    assert caught.value is told


def test_without_a_table_it_is_the_session() -> None:
    with pytest.raises(IntrospectionError) as caught, looking_at(None):
        raise ValueError("no")
    assert str(caught.value) == "could not read the session: no"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ValueError("x" * 5000), "x" * 400 + "…"),
        (ValueError("DataFusion error: External error: a\n  caused by\n\tb"), "a caused by b"),
        (KeyError("No table named 'x'"), "No table named 'x'"),
        (KeyError(), "KeyError"),
        (MemoryError(), "MemoryError"),
        (OSError("\x1b[31m↳\x1b[0m Permission denied"), "↳ Permission denied"),
        (
            ValueError("Parquet error: Parquet error: EOF: no footer"),
            "Parquet error: EOF: no footer",
        ),
    ],
)
def test_a_cause_is_one_short_line(error: Exception, cause: str) -> None:
    assert cause_of(error) == cause


@pytest.mark.parametrize(
    ("thrown", "told"),
    [
        (
            'SchemaError(DuplicateQualifiedField { qualifier: Bare { table: "t" }, name: "p" }, Some(""))',
            "two fields are called p",
        ),
        (
            "Schema error: Schema contains duplicate qualified field name t.p",
            "two fields are called p",
        ),
        (
            'SchemaError(FieldNotFound { field: Column { relation: None, name: "z" }, valid_fields: [] })',
            "there is no field z",
        ),
        ('SQL error: ParserError("Expected: EOF")', "SQL error: Expected: EOF"),
        ('Execution("it says \\"no\\"")', 'it says "no"'),
        ('cannot cast Utf8("x") to Int64', 'cannot cast Utf8("x") to Int64'),
        ("it broke 0: <unknown> 1: <unknown>", "it broke"),
    ],
)
def test_no_notation_of_rust_reaches_a_person(thrown: str, told: str) -> None:
    assert cause_of(ValueError(thrown)) == told


@pytest.mark.parametrize(
    "thrown", ["524288 requested and 0 written", "IO error: No space left on device (os error 28)"]
)
def test_a_full_disk_is_told_with_its_place(thrown: str) -> None:
    assert cause_of(OSError(thrown)).startswith("no space is left on the disk of /")
