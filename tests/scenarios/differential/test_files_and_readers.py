"""What footers say of files, what files are read as, and what readers get, equals what a naive reader finds.

`CST_EXAMPLES=40` makes forty times as many tables as a run of the suite does.
"""

import math
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import convert_to_deltalake
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from support.observing import answered
from support.row_oracle import Row, key_count, nulls, rows_of, same, slots, steps, value_count
from support.rows import observing, table_contract
from support.tables import ARROW, DELTA, PARQUET, Made, made_tables, write

from cst_contracts.contract.model import Library, TableContract, Within
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import Adapted, Adapting, FieldRead, NewestValue, NullCount, ValueCount
from cst_contracts.needs import (
    ExchangeNeed,
    FilesNeed,
    FootersNeed,
    KeyNeed,
    NewestNeed,
    NullsNeed,
    QueryPlanNeed,
    QueryRunNeed,
    ValuesNeed,
)


def examples(number: int) -> settings:
    return settings(
        max_examples=number * int(os.environ.get("CST_EXAMPLES", "1")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # to shrink takes minutes
    )


def readable(format_: str) -> st.SearchStrategy[Made]:
    """Tables that readers can read: where one file requires a field that another lacks, DataFusion 55 takes
    it for NOT NULL in both, and refuses the missing values."""
    return made_tables(format_).map(lambda made: replace(made, required=frozenset()))


def contract_of(made: Made, more: str = "", source: str = "") -> TableContract:
    fields = ", ".join(f'{{name: {n}, type: "{print_type(t)}"}}' for n, t in made.types.items())
    stored = f"source: {{format: {made.format}, location: t{source}}}"
    return table_contract(f"table: t\n{stored}\nfields: [{fields}]\n{more}")


def observer(
    folder: Path | str, contract: TableContract, session: SessionContext | None = None
) -> DataFusionObserver:
    found = observing(folder, [contract], session=session)
    assert isinstance(found, DataFusionObserver)
    return found


# Of files, what their footers say

LEAVES = [
    *("t", "n", "f", "b", "y", "d", "w", "a", "s.x", "s.i.y", "l[].id", "l[].n", "l[].k[].v"),
    *("m{}.key", "m{}.value"),
]
ASKED = """, files: {codec: zstd, statistics: true, page_index: true, row_group_rows: {at_least: 1},
  bytes: {at_least: 1B}}"""
#: How a writer packs a file: its codec, whether it has statistics and a page index, and the rows of a group.
Packing = tuple[str, bool, bool, int]
PACKINGS = st.tuples(
    st.sampled_from(["zstd", "snappy", "none", "gzip"]),
    st.booleans(),
    st.booleans(),
    st.integers(1, 3),
)


@pytest.mark.parametrize("format_", [PARQUET, DELTA])
def test_footers_tell_how_each_file_was_written(format_: str) -> None:
    @examples(6)
    @given(
        made_tables(format_).filter(lambda made: any(made.files.values())),
        st.lists(PACKINGS, min_size=3, max_size=3),
    )
    def compare(made: Made, packings: list[Packing]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            sizes = pack(made, Path(folder), packings)
            contract = contract_of(made, source=ASKED)
            assert contract.source is not None
            need = FootersNeed("t", contract.source.files)
            facts = answered(observer(folder, contract), need)
            assert {each.file: each.bytes for each in facts.files} == sizes
            for (name, rows), packing in zip(made.files.items(), packings, strict=False):
                (found,) = (each for each in facts.files if each.file == file_name(name))
                assert [group.rows for group in found.groups] == group_sizes(rows, packing)
            told = {(each.trait, each.path, each.found): each.chunks for each in facts.chunks}
            assert told == expected_chunks(made, packings)

    compare()


def file_name(name: str) -> str:
    return f"{name.partition('.')[0]}.parquet"


def pack(made: Made, folder: Path, packings: Sequence[Packing]) -> dict[str, int]:
    """Each file as its packing says; their sizes in bytes."""
    place = folder / "t"
    place.mkdir()
    schema = pa.schema(list(made.types.items()))
    for (name, rows), (codec, statistics, index, group) in zip(
        made.files.items(), packings, strict=False
    ):
        pq.write_table(
            pa.Table.from_pylist(rows, schema),
            place / file_name(name),
            compression=codec,
            write_statistics=statistics,
            write_page_index=index,
            row_group_size=group,
        )
    sizes = {file.name: file.stat().st_size for file in place.iterdir()}
    if made.format == DELTA:
        convert_to_deltalake(place)
    return sizes


def group_sizes(rows: Sequence[Row], packing: Packing) -> list[int]:
    """pyarrow writes one row group where there is no row."""
    group = packing[-1]
    return [len(rows[at : at + group]) for at in range(0, len(rows), group)] or [0]


def expected_chunks(
    made: Made, packings: Sequence[Packing]
) -> Mapping[tuple[str, str, tuple[str, ...]], int]:
    found: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    for rows, (codec, statistics, index, group) in zip(made.files.values(), packings, strict=False):
        for at in range(0, len(rows), group):
            for path in LEAVES:
                held = [
                    each
                    for row in rows[at : at + group]
                    for each in slots(row, steps(path))
                    if each is not None
                ]
                found["codec", path, ("uncompressed" if codec == "none" else codec,)] += 1
                found["statistics", path, told_of_statistics(held, statistics)] += 1
                found["page_index", path, told_of_index(held, index, statistics)] += 1
    return found


def told_of_statistics(held: Sequence[Any], written: bool) -> tuple[str, ...]:  # noqa: FBT001
    if not written:
        return ("statistics",)
    return ("least and greatest",) if is_nan_alone(held) else ()


def told_of_index(held: Sequence[Any], written: bool, statistics: bool) -> tuple[str, ...]:  # noqa: FBT001
    """A column index is made of statistics."""
    if not written:
        return ("column index", "offset index")
    return ("column index",) if is_nan_alone(held) or not statistics else ()


def is_nan_alone(held: Sequence[Any]) -> bool:
    return bool(held) and all(isinstance(each, float) and math.isnan(each) for each in held)


# What files are read as

NARROW = [pa.int8(), pa.int16(), pa.int32(), pa.int64()]


@pytest.mark.parametrize("declared", [False, True])
def test_what_is_adapted_is_told_by_file_and_the_values_are_those_of_the_files(
    *, declared: bool
) -> None:
    """The table is read as the widest type of `n`; files are in other orders, too, and lack fields."""

    @examples(6)
    @given(made_tables(PARQUET), st.lists(st.sampled_from(NARROW), min_size=3, max_size=3))
    def compare(made: Made, types: list[pa.DataType]) -> None:
        read = {**made.types, "n": pa.int64()}
        wide = Made(PARQUET, made.files, read, lacking=made.lacking)
        stored = dict(zip(made.files, types, strict=False))
        with tempfile.TemporaryDirectory() as folder:
            write_adapted(wide, Path(folder) / "t", stored)
            session = declaring(Path(folder) / "t", read) if declared else None
            contract = contract_of(wide, "evolution: {types: widen, fields: add}\n")
            measured = observer(folder, contract, session)
            facts = answered(measured, FilesNeed("t"))
            assert facts.lacking == expected_lacking(wide, declared=declared)
            casts = [each for each in facts.adapted.get("n", ()) if each.how is Adapting.CAST]
            assert sorted(casts, key=str) == expected_casts(wide, stored, declared=declared)
            compare_rows(measured, wide)

    compare()


def write_adapted(made: Made, folder: Path, stored: Mapping[str, pa.DataType]) -> None:
    folder.mkdir()
    for number, (name, rows) in enumerate(made.files.items()):
        absent = (made.lacking or {}).get(name, frozenset())
        fields = [pa.field(each, type_) for each, type_ in made.types.items() if each not in absent]
        told = [
            field.with_type(stored[name]) if field.name == "n" else field
            for field in (reversed(fields) if number else fields)
        ]
        pq.write_table(pa.Table.from_pylist(rows, pa.schema(told)), folder / name)


def declaring(folder: Path, types: Mapping[str, pa.DataType]) -> SessionContext:
    session = SessionContext()
    session.register_parquet("t", f"{folder}/", schema=pa.schema(list(types.items())))
    return session


def expected_lacking(made: Made, *, declared: bool) -> Mapping[str, tuple[str, ...]]:
    """A field that no file has is none of a table that nobody declares."""
    lacking = made.lacking or {}
    found = {
        each: tuple(name for name in made.files if each in lacking.get(name, ()))
        for each in made.names
    }
    return {
        each: files
        for each, files in found.items()
        if files and (declared or len(files) < len(made.files))
    }


def expected_casts(
    made: Made, stored: Mapping[str, pa.DataType], *, declared: bool
) -> list[Adapted]:
    """Where nobody declares the table's type, and all files have one, that is the table's."""
    held = {
        name: type_
        for name, type_ in stored.items()
        if "n" not in (made.lacking or {}).get(name, ())
    }
    by_type: dict[str, list[str]] = {}
    for name, type_ in held.items():
        by_type.setdefault(print_type(type_), []).append(name)
    casts = [
        Adapted(Adapting.CAST, told, "int64", tuple(files))
        for told, files in by_type.items()
        if told != "int64"
    ]
    return sorted(casts, key=str) if declared or len(by_type) > 1 else []


def compare_rows(measured: DataFusionObserver, made: Made) -> None:
    count = answered(measured, NullsNeed("t", "n"))
    values, found, _ = nulls(made.files, "n")
    assert (count.values, count.nulls) == (values, found)
    assert answered(measured, KeyNeed("t", ("n",))) == key_count(made.files, ["n"])
    within = answered(measured, ValuesNeed("t", "n", Within("0")))
    wanted = value_count(made.files, "n", lambda each: each < 0)
    assert (within.values, within.violations) == (wanted.values, wanted.violations)


# What readers' queries give


def is_below(row: Row, x: int) -> bool:
    return row["s"] is not None and row["s"]["x"] is not None and row["s"]["x"] < x


#: A query, which of a table's rows it gives, the fields that it gives, and what its plan scans.
QUERIES: dict[str, tuple[Callable[[Row, int], bool], list[str], list[str]]] = {
    "SELECT n, t FROM t WHERE n >= $x": (
        lambda row, x: row["n"] is not None and row["n"] >= x,
        ["n", "t"],
        ["n", "t"],
    ),
    "SELECT s, l, n FROM t WHERE b": (
        lambda row, _: bool(row["b"]),
        ["s", "s.x", "l[]", "l[].id", "n"],
        ["b", "l", "n", "s"],
    ),
    "SELECT m, n FROM t WHERE s.x < $x OR n IS NULL": (
        lambda row, x: row["n"] is None or is_below(row, x),
        ["m", "m{}.value", "n"],
        ["m", "n", "s.x"],
    ),
    "SELECT n FROM t WHERE n IN (SELECT n FROM t WHERE NOT b)": (
        lambda _, __: True,
        ["n"],
        ["b", "n"],
    ),
}
IN = "SELECT n FROM t WHERE n IN (SELECT n FROM t WHERE NOT b)"


@pytest.mark.parametrize("format_", [PARQUET, DELTA])
def test_a_query_gives_what_a_naive_reader_picks(format_: str) -> None:
    @examples(6)
    @given(readable(format_), st.sampled_from(list(QUERIES)), st.integers(-2, 2))
    def compare(made: Made, sql: str, x: int) -> None:
        # DataFusion 55 ends a join of few dictionary values in an error of its own, whoever asks.
        assume(sql != IN or not pa.types.is_dictionary(made.types["n"]))
        parameters = f"{{x: {{type: int64, example: {x}}}}}" if "$x" in sql else "{}"
        more = f"queries:\n  - {{name: q, sql: {sql!r}, parameters: {parameters}}}\n"
        contract = contract_of(made, more.replace("parameters: {}", "reads: [n]"))
        (query,) = contract.queries
        with tempfile.TemporaryDirectory() as folder:
            write(made, Path(folder))
            measured = observer(folder, contract)
            scanned = answered(measured, QueryPlanNeed("t", query)).reads
            run = answered(measured, QueryRunNeed("t", query, asked(query.subject, sql)))
        rows = picked(made, sql, x)
        assert run.rows == len(rows)
        assert set(scanned) == {FieldRead("t", path) for path in QUERIES[sql][2]}
        assert [told(each) for each in run.hold] == expected_hold(rows, sql)

    compare()


def asked(subject: str, sql: str) -> tuple[NullsNeed | ValuesNeed, ...]:
    paths = QUERIES[sql][1]
    return (*(NullsNeed(subject, path) for path in paths), ValuesNeed(subject, "n", Within("0")))


def picked(made: Made, sql: str, x: int) -> list[Row]:
    rows = [row for _, row in rows_of(made.files)]
    if sql == IN:
        among = {row["n"] for row in rows if row["b"] is False}
        return [row for row in rows if row["n"] is not None and row["n"] in among]
    return [row for row in rows if QUERIES[sql][0](row, x)]


def told(answer: Any) -> tuple[int, int]:
    assert isinstance(answer, NullCount | ValueCount), answer
    return answer.values, answer.nulls if isinstance(answer, NullCount) else answer.violations


def expected_hold(rows: list[Row], sql: str) -> list[tuple[int, int]]:
    files = {"q": rows}
    values = value_count(files, "n", lambda each: each < 0)
    return [
        *(nulls(files, path)[:2] for path in QUERIES[sql][1]),
        (values.values, values.violations),
    ]


# What arrives in a library, in its own values


def in_polars(rows: pa.Table) -> list[tuple[Any, ...]]:
    return polars.DataFrame(rows).rows()


def in_duckdb(rows: pa.Table) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.from_arrow(rows).fetchall()


def in_pandas(rows: pa.Table) -> list[tuple[Any, ...]]:
    frame = rows.to_pandas(types_mapper=__import__("pandas").ArrowDtype)
    return list(zip(*(pa.array(frame[name]).to_pylist() for name in frame), strict=True))


LIBRARIES: dict[Library, Callable[[pa.Table], list[tuple[Any, ...]]]] = {
    Library.POLARS: in_polars,
    Library.DUCKDB: in_duckdb,
    Library.PANDAS: in_pandas,
}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("format_", [PARQUET, DELTA])
def test_rows_that_arrive_are_those_of_a_naive_reader(library: Library, format_: str) -> None:
    @examples(3)
    @given(readable(format_).filter(lambda made: any(made.files.values())))
    def compare(made: Made) -> None:
        with tempfile.TemporaryDirectory() as folder:
            write(made, Path(folder))
            contract = contract_of(made, f"interop: [{library}]\n")
            found = answered(observer(folder, contract), ExchangeNeed("t", library))
        rows = [row for _, row in rows_of(made.files)]
        assert (found.rows, found.rows_returned, found.refused) == (len(rows), len(rows), ())
        stored = pa.Table.from_pylist(rows, pa.schema(list(made.types.items())))
        arrived = LIBRARIES[library](stored)
        wrong = {
            name: sum(
                plain(row[name]) != plain(got[at]) for row, got in zip(rows, arrived, strict=True)
            )
            for at, name in enumerate(made.names)
        }
        kept = pa.schema([each for each in found.handed if is_kept(each, found.returned)]).names
        assert {name: count for name, count in found.differing if name in kept} == {
            name: count for name, count in wrong.items() if count and name in kept
        }

    compare()


def is_kept(field: pa.Field, returned: pa.Schema) -> bool:
    """Of a type that is lost, that is what is told, and not what became of the values."""
    return same_type(field.type, returned.field(field.name).type)


def plain(value: Any) -> Any:
    """Equal for what is the same in the words of several libraries: a map is a list of pairs, of structs, or
    a dictionary."""
    match value:
        case {"key": key, "value": held} if len(value) == 2:
            return [plain(key), plain(held)]
        case dict() if not value.keys() <= {"x", "i", "y", "id", "n", "k", "v"} or not value:
            return [[plain(key), plain(held)] for key, held in value.items()]
        case dict():
            return {key: plain(held) for key, held in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return same(value)


# The latest time


@pytest.mark.parametrize("format_", [PARQUET, DELTA, ARROW])
def test_the_latest_time_is_a_naive_readers(format_: str) -> None:
    @examples(6)
    @given(made_tables(format_))
    def compare(made: Made) -> None:
        with tempfile.TemporaryDirectory() as folder:
            write(made, Path(folder))
            contract = contract_of(made)
            found = observer(folder, contract).answer(NewestNeed("t", "w"))
        assert isinstance(found, NewestValue), found
        times = [row["w"] for _, row in rows_of(made.files) if row["w"] is not None]
        assert (found.rows, found.value) == (len(times), max(times, default=None))

    compare()
