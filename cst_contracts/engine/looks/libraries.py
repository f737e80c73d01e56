"""Hands Arrow streams to the libraries that readers use, and takes what these make of them back.

None of them is needed to install this package: one is loaded when a contract names it, and not before.
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import Library
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Trouble

#: What was run. Polars 1.30 ends the process when it is handed a map within a list, therefore an older one is
#: handed nothing.
OLDEST: Mapping[Library, str] = MappingProxyType(
    {Library.POLARS: "1.44.2", Library.PANDAS: "2.2.2", Library.DUCKDB: "1.4.0"}
)


class ArrowStream:
    """All that a library is handed: rows as an Arrow stream, and nothing else that pyarrow's tables can."""

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


class Loaded(Struct, frozen=True):
    """A library that is installed. `zone` is the one zone in which it gives all times that have any; None
    where it keeps the zone of each."""

    version: str
    there_and_back: Callable[[ArrowStream], pa.Table]
    zone: str | None = None


def load(library: Library, relation: str) -> Loaded:
    """Raises IntrospectionError, of the library where that cannot be imported or is too old."""
    try:
        module = import_module(library)
    except ImportError as error:
        reason = f"{library} cannot be imported: {error}"
        raise _unusable(library, relation, reason) from error
    if _release(module.__version__) < _release(OLDEST[library]):
        raise _unusable(library, relation, f"{library} {module.__version__} is too old")
    with looking_at(relation):
        return _LOADERS[library](module)


def _unusable(library: Library, relation: str, reason: str) -> IntrospectionError:
    """With the requirement that would do."""
    wanted = (f"{library}>={OLDEST[library]}",)
    return IntrospectionError(reason, relation=relation, trouble=Trouble.LIBRARY, names=wanted)


def _release(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def _polars(polars: Any) -> Loaded:
    return Loaded(polars.__version__, lambda stream: pa.table(polars.DataFrame(stream)))


def _pandas(pandas: Any) -> Loaded:
    """By the types that pandas has from Arrow: NumPy's hold neither nulls of integers nor what is nested."""

    def there_and_back(stream: ArrowStream) -> pa.Table:
        frame = pa.table(stream).to_pandas(types_mapper=pandas.ArrowDtype)
        return pa.Table.from_pandas(frame, preserve_index=False)

    return Loaded(pandas.__version__, there_and_back)


def _duckdb(duckdb: Any) -> Loaded:
    def there_and_back(stream: ArrowStream) -> pa.Table:
        with duckdb.connect() as connection:
            relation = connection.from_arrow(stream)
            return pa.RecordBatchReader.from_stream(relation).read_all()

    with duckdb.connect() as connection:
        ((zone,),) = connection.execute("SELECT current_setting('TimeZone')").fetchall()
    return Loaded(duckdb.__version__, there_and_back, zone)


_LOADERS: Mapping[Library, Callable[[Any], Loaded]] = MappingProxyType(
    {Library.POLARS: _polars, Library.PANDAS: _pandas, Library.DUCKDB: _duckdb}
)
