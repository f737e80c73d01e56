"""Many tiny tables of fifteen fields, and for each a contract in the form of every tool."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 10
CHECKS_A_CONTRACT = 20  # table, source, rows, fields, snapshot[schema] and a field[…] each


@dataclass(frozen=True)
class _Type:
    arrow: str
    sql: str
    logical: str


_TEXT = _Type("string", "varchar", "string")
_WHOLE = _Type("int64", "bigint", "integer")
_REAL = _Type("double", "double", "number")
_FLAG = _Type("bool", "boolean", "boolean")
_FIELDS = {
    f"c{number:02d}": type_
    for number, type_ in enumerate([_TEXT] * 8 + [_WHOLE] * 4 + [_REAL] * 2 + [_FLAG])
}


def write_tables_and_contracts(aside: Path, lake: Path, count: int) -> None:
    """`aside` is written to, and called `lake` later: some tools want absolute paths."""
    for number in range(count):
        name = f"t{number:03d}"
        (aside / name).mkdir()
        pq.write_table(_table(number), aside / name / "part-0.parquet", compression="zstd")
        for path, text in _texts(name, lake):
            file = aside / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for path, text in _PROJECTS.items():
        (aside / path).write_text(text, encoding="utf-8")


def _table(number: int) -> pa.Table:
    columns = {name: _values(type_, f"{name}_{number}") for name, type_ in _FIELDS.items()}
    return pa.table(columns)


def _values(type_: _Type, text: str) -> list[object]:
    if type_ is _TEXT:
        return [f"{text}_{row}" for row in range(ROWS)]
    if type_ is _WHOLE:
        return list(range(ROWS))
    if type_ is _REAL:
        return [row * 0.5 for row in range(ROWS)]
    return [row % 2 == 1 for row in range(ROWS)]


def _texts(name: str, lake: Path) -> Iterator[tuple[str, str]]:
    yield f"cst_contracts/contracts/{name}.yaml", _contract(name)
    yield f"empty/test_{name}.py", _empty_tests()
    yield f"soda/{name}.yml", _soda(name)
    yield f"datacontract/{name}.yaml", _datacontract(name, lake)
    yield f"dbt/models/{name}.sql", _model(name, lake)
    yield f"dbt/models/{name}.yml", _dbt(name)


_PROJECTS = {
    "cst_contracts/pytest.ini": "[pytest]\n",
    "empty/pytest.ini": "[pytest]\n",
    "dbt/dbt_project.yml": """\
name: many
version: "1.0"
config-version: 2
profile: many
model-paths: [models]
flags: {send_anonymous_usage_stats: false, version_check: false}
""",
    "dbt/profiles.yml": """\
many:
  target: dev
  outputs:
    dev: {type: duckdb, path: ":memory:", threads: 2}
""",
}


def _contract(name: str) -> str:
    fields = "".join(f"  - {{name: {f}, type: {t.arrow}}}\n" for f, t in _FIELDS.items())
    return f"table: {name}\nsource: {{format: parquet, location: {name}}}\nfields:\n{fields}"


def _empty_tests() -> str:
    return "\n\n".join(f"def test_{number}():\n    pass\n" for number in range(CHECKS_A_CONTRACT))


def _soda(name: str) -> str:
    columns = "".join(f"  - {{name: {f}, data_type: {t.sql}}}\n" for f, t in _FIELDS.items())
    return f"dataset: lake/main/{name}\ncolumns:\n{columns}checks:\n  - schema:\n"


def _datacontract(name: str, lake: Path) -> str:
    properties = "".join(
        f"      - {{name: {f}, logicalType: {t.logical}, physicalType: {t.sql.upper()}}}\n"
        for f, t in _FIELDS.items()
    )
    return f"""\
apiVersion: v3.1.0
kind: DataContract
id: {name}
name: {name}
version: 1.0.0
status: active
servers:
  - {{server: local, type: local, path: "{lake}/{name}/*.parquet", format: parquet}}
schema:
  - name: {name}
    physicalType: table
    logicalType: object
    properties:
{properties}"""


def _model(name: str, lake: Path) -> str:
    return f"select * from read_parquet('{lake}/{name}/*.parquet')\n"  # noqa: S608 - run by dbt


def _dbt(name: str) -> str:
    columns = "".join(f"      - {{name: {f}, data_type: {t.sql}}}\n" for f, t in _FIELDS.items())
    return f"""\
version: 2
models:
  - name: {name}
    config: {{contract: {{enforced: true}}, materialized: view}}
    columns:
{columns}"""
