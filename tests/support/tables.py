"""Small tables that Hypothesis makes up: of every type, in every format, in several files and row groups."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from deltalake import write_deltalake
from hypothesis import strategies as st

from support.row_oracle import Files, Row


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


TEXTS = st.one_of(
    st.sampled_from(["", "a", "b", "ä", "Z", "🦀", "a longer text than a view holds"]),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=2),
)
NUMBERS = st.integers(-2, 2)
TIMES = st.sampled_from([datetime(y, 1, 1, tzinfo=UTC) for y in (1, 1969, 1970, 2026, 9999)])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "t": maybe(TEXTS),
    "n": maybe(NUMBERS),
    "f": maybe(st.sampled_from([0.0, -0.0, math.nan, -math.inf, math.inf, 1.5])),
    "b": maybe(st.booleans()),
    "y": maybe(st.binary(max_size=2)),
    "d": maybe(st.sampled_from([Decimal("0.10"), Decimal("-1.00"), Decimal("99999999.99")])),
    "w": maybe(TIMES),
    "a": maybe(st.sampled_from([date(1, 1, 1), date(1970, 1, 1), date(9999, 12, 31)])),
    "s": maybe(
        st.fixed_dictionaries(
            {"x": maybe(NUMBERS), "i": maybe(st.fixed_dictionaries({"y": maybe(TEXTS)}))}
        )
    ),
    "l": maybe(
        st.lists(
            maybe(
                st.fixed_dictionaries(
                    {
                        "id": maybe(TEXTS),
                        "n": maybe(NUMBERS),
                        "k": maybe(
                            st.lists(
                                maybe(st.fixed_dictionaries({"v": maybe(NUMBERS)})), max_size=2
                            )
                        ),
                    }
                )
            ),
            max_size=3,
        )
    ),
    "m": maybe(
        st.lists(
            st.tuples(st.sampled_from(["", "a", "ä"]), maybe(NUMBERS)),
            max_size=2,
            unique_by=lambda pair: pair[0],
        )
    ),
}
STRUCT = pa.struct([("x", pa.int64()), ("i", pa.struct([("y", pa.string())]))])
INNER = pa.list_(pa.struct([("v", pa.int64())]))
ELEMENT = pa.struct([("id", pa.string()), ("n", pa.int64()), ("k", INNER)])
#: As what a field is stored; the first is what Delta, which has no more, stores.
TYPES: dict[str, list[pa.DataType]] = {
    "t": [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
    "n": [pa.int64(), pa.int8(), pa.int16(), pa.int32(), pa.dictionary(pa.int8(), pa.int64())],
    "f": [pa.float64(), pa.float32()],
    "b": [pa.bool_()],
    "y": [pa.binary(), pa.large_binary(), pa.binary_view()],
    "d": [pa.decimal128(10, 2), pa.decimal128(20, 2)],
    "w": [
        pa.timestamp("us", "UTC"),
        pa.timestamp("ms", "UTC"),
        pa.timestamp("us"),
        pa.timestamp("ms"),
    ],
    "a": [pa.date32()],
    "s": [STRUCT],
    "l": [pa.list_(ELEMENT), pa.large_list(ELEMENT)],
    "m": [pa.map_(pa.string(), pa.int64())],
}
PARQUET, DELTA, ARROW, JSON, CSV = "parquet", "delta", "arrow", "json", "csv"
#: The fields that a format can hold, and tell again as what they were.
FIELDS = {
    PARQUET: list(VALUES),
    DELTA: list(VALUES),
    ARROW: list(VALUES),
    JSON: ["t", "n", "b", "s", "l"],
    CSV: ["n", "b", "a"],
}


@dataclass(frozen=True)
class Made:
    """`lacking`: by file, the fields that are not in it, which are null in its rows."""

    format: str
    files: Files
    types: dict[str, pa.DataType]
    required: frozenset[str] = frozenset()
    lacking: dict[str, frozenset[str]] | None = None
    group: int = 2

    @property
    def names(self) -> list[str]:
        return list(self.types)


@st.composite
def made_tables(draw: st.DrawFn, format_: str) -> Made:
    names = FIELDS[format_]
    rows = st.fixed_dictionaries({name: VALUES[name] for name in names})
    text = format_ in (JSON, CSV)
    sizes = st.lists(rows, min_size=1 if text else 0, max_size=5)
    if format_ == JSON:
        # The engine cannot read a list of structs that has a null among them.
        rows = rows.map(_without_null_elements)
        sizes = st.lists(rows, min_size=1, max_size=5)
    found = draw(st.lists(sizes, min_size=1, max_size=1 if format_ == DELTA else 3))
    types = {
        name: TYPES[name][0] if text or format_ == DELTA else draw(st.sampled_from(TYPES[name]))
        for name in names
    }
    files: Files = {
        f"{number}.{format_}": [_stored(row, types) for row in part]
        for number, part in enumerate(found)
    }
    lacking: dict[str, frozenset[str]] = {}
    required: frozenset[str] = frozenset()
    if format_ == PARQUET:
        required = draw(st.frozensets(st.sampled_from(names)))
        for name in list(files)[1:]:
            absent = draw(st.frozensets(st.sampled_from(["t", "n", "f", "w"]), max_size=2))
            lacking[name] = absent
            for row in files[name]:
                row.update(dict.fromkeys(absent))
    return Made(format_, files, types, required, lacking, draw(st.integers(1, 3)))


def _without_null_elements(row: Row) -> Row:
    elements = [each for each in row["l"] or [] if each is not None]
    for each in elements:
        each["k"] = [value for value in each["k"] or [] if value is not None]
    return {**row, "l": None if row["l"] is None else elements}


def _stored(row: Row, types: dict[str, pa.DataType]) -> Row:
    """Some types hold less."""
    zone = "w" in types and types["w"].tz is None
    if zone and row["w"] is not None:
        return {**row, "w": row["w"].replace(tzinfo=None)}
    return dict(row)


def write(made: Made, folder: Path) -> None:
    """As the table `t`."""
    place = folder / "t"
    schema = pa.schema(list(made.types.items()))
    if made.format == DELTA:
        (rows,) = made.files.values()
        write_deltalake(place, pa.Table.from_pylist(rows, schema))
        return
    place.mkdir()
    for name, rows in made.files.items():
        _write_file(made, place / name, rows, schema)


def _write_file(made: Made, file: Path, rows: Sequence[Row], schema: pa.Schema) -> None:
    match made.format:
        case "parquet":
            absent = (made.lacking or {}).get(file.name, frozenset())
            fields = [
                field.with_nullable(not _is_required(made, rows, field.name))
                for field in schema
                if field.name not in absent
            ]
            table = pa.Table.from_pylist(list(rows), pa.schema(fields))
            pq.write_table(table, file, row_group_size=made.group)
        case "arrow":
            with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
                writer.write_table(pa.Table.from_pylist(list(rows), schema), made.group)
        case "json":
            # DataFusion 55 reads `\uda5a\udf59` as U+96B59 where it should be U+A6B59, therefore text is
            # written as it is.
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
            file.write_text("".join(lines), encoding="utf-8")
        case _:
            pyarrow.csv.write_csv(pa.Table.from_pylist(list(rows), schema), file)


def _is_required(made: Made, rows: Sequence[Row], name: str) -> bool:
    return name in made.required and all(row[name] is not None for row in rows)
