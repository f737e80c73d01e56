"""Lakes as others write them: typed partitions, strays, metadata that differ, statistics that lie."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from datafusion import SessionConfig, SessionContext
from hypothesis import strategies as st

from support.row_oracle import Files, Row
from support.tables import PARQUET, Made, made_tables

#: What others leave beside data files, and nobody takes for data.
STRAYS = ("_SUCCESS", "_common_metadata", ".DS_Store", "0.parquet.crc")
NULL = "__HIVE_DEFAULT_PARTITION__"
#: By the type of a partition field, what may stand in the name of a folder, and what it means.
FOLDERS: dict[pa.DataType, dict[str, Any]] = {
    pa.int32(): {"1": 1, "01": 1, "-2": -2, NULL: None},
    pa.string(): {"a": "a", "01": "01", "ä b": "ä b", NULL: None},
    pa.date32(): {"2026-01-31": date(2026, 1, 31), "1970-01-01": date(1970, 1, 1)},
}


@dataclass(frozen=True)
class Lake:
    """`folders` are what the folder of each file is named for. `seen` are the rows that readers get."""

    made: Made
    partition: pa.DataType | None
    folders: tuple[str, ...]
    strays: bool
    metadata: bool
    lies: bool
    session: str | None
    seen: Files

    @property
    def types(self) -> dict[str, pa.DataType]:
        more = {} if self.partition is None else {"p": self.partition}
        return self.made.types | more


def _first_file(files: Files) -> Files:
    first = min(files)
    return {first: files[first]}


def _small(files: Files) -> Files:
    return {name: [row for row in rows if _is_small(row)] for name, rows in files.items()}


def _is_small(row: Row) -> bool:
    return row["n"] is not None and row["n"] < 1


#: What a project's session may read in place of all the files.
OTHER_ROWS: dict[str, Callable[[Files], Files]] = {"first file": _first_file, "small": _small}


@st.composite
def lakes(draw: st.DrawFn) -> Lake:
    made = draw(made_tables(PARQUET).filter(lambda made: any(made.files.values())))
    partition: pa.DataType | None = draw(st.sampled_from([None, *FOLDERS]))
    sessions = [None, "whole", "small"] if partition else [None, "whole", "small", "first file"]
    session = draw(st.sampled_from(sessions))
    folders: tuple[str, ...] = ()
    if partition is not None:
        # The engine reads the name of a null as a text, and a session of the project's own does so, too.
        named = [name for name in FOLDERS[partition] if session is None or name != NULL]
        folders = tuple(draw(st.sampled_from(named)) for _ in made.files)
        made = _in_folders(made, partition, folders)
    return Lake(
        made=made,
        partition=partition,
        folders=folders,
        strays=draw(st.booleans()),
        metadata=draw(st.booleans()),
        # A session of the project's own believes them, and its readers get what it makes of its filter.
        lies=session != "small" and draw(st.booleans()),
        session=session,
        seen=OTHER_ROWS[session](made.files) if session in OTHER_ROWS else made.files,
    )


def _in_folders(made: Made, partition: pa.DataType, folders: tuple[str, ...]) -> Made:
    files: Files = {}
    lacking = {}
    for (name, rows), folder in zip(made.files.items(), folders, strict=True):
        place = f"p={quote(folder, safe='')}/{name}"
        files[place] = [{**row, "p": FOLDERS[partition][folder]} for row in rows]
        lacking[place] = (made.lacking or {}).get(name, frozenset())
    return replace(made, files=files, lacking=lacking)


def write_lake(lake: Lake, folder: Path) -> None:
    """As the table `t`."""
    place = folder / "t"
    for number, (name, rows) in enumerate(lake.made.files.items()):
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(_table(lake, name, rows, number), file, row_group_size=lake.made.group)
        if lake.lies:
            _lie(file)
    if lake.strays:
        for stray in STRAYS:
            (place / stray).write_bytes(b"no data")


def _table(lake: Lake, name: str, rows: list[Row], number: int) -> pa.Table:
    absent = (lake.made.lacking or {}).get(name, frozenset())
    fields = [
        pa.field(each, type_) for each, type_ in lake.made.types.items() if each not in absent
    ]
    schema = pa.schema(fields)
    if lake.metadata:
        more = {"pandas": f"of file {number}"}
        schema = pa.schema([field.with_metadata(more) for field in fields], metadata=more)
    return pa.Table.from_pylist(rows, schema)


def _lie(file: Path) -> None:
    """Puts another minimum and maximum of the same length in the footer, for integers of 64 bits."""
    data = file.read_bytes()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    footer = data[start:]
    for value in range(-2, 3):
        stored = value.to_bytes(8, "little", signed=True)
        footer = footer.replace(b"\x08" + stored, b"\x08" + (value + 77).to_bytes(8, "little"))
    file.write_bytes(data[:start] + footer)


def session_of_project(lake: Lake, folder: Path) -> SessionContext | None:
    """The project's own, with its registration of `t`; None where it supplies none."""
    if lake.session is None:
        return None
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    register_as_project(lake, folder, session)
    return session


def register_as_project(lake: Lake, folder: Path, session: SessionContext, name: str = "t") -> None:
    """As the project's own session registers the lake's table."""
    place = folder / "t"
    folders = [] if lake.partition is None else [("p", lake.partition)]
    match lake.session:
        case "whole":
            session.register_parquet(name, f"{place}/", table_partition_cols=folders)
        case "small":
            whole = f"all_of_{name}"
            session.register_parquet(whole, f"{place}/", table_partition_cols=folders)
            session.register_view(name, session.sql(f"SELECT * FROM {whole} WHERE n < 1"))
        case "first file":
            session.register_parquet(name, str(place / min(lake.made.files)))
        case other:
            raise AssertionError(other)
