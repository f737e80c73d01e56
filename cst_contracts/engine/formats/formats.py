"""The storage formats that can be opened: one line each."""

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.arrow import ArrowFormat
from cst_contracts.engine.formats.csv import CsvFormat
from cst_contracts.engine.formats.delta.table import DeltaFormat
from cst_contracts.engine.formats.format import Format
from cst_contracts.engine.formats.json import JsonFormat
from cst_contracts.engine.formats.parquet import ParquetFormat

_PARQUET, _DELTA, _CSV = ParquetFormat(), DeltaFormat(), CsvFormat()
_JSON, _ARROW = JsonFormat(), ArrowFormat()


def format_of(named: SourceFormat) -> Format | None:
    """None for what is stored nowhere of its own: a view, and a table of a mounted catalog.

    A member of the enumeration that has no line here fails the type check.
    """
    match named:
        case SourceFormat.PARQUET:
            return _PARQUET
        case SourceFormat.DELTA:
            return _DELTA
        case SourceFormat.CSV:
            return _CSV
        case SourceFormat.JSON:
            return _JSON
        case SourceFormat.ARROW:
            return _ARROW
        case SourceFormat.VIEW | SourceFormat.CATALOG:
            return None


def stored_format(named: SourceFormat) -> Format:
    """The format of data files. Raises ValueError for one that has none."""
    found = format_of(named)
    if found is None:
        raise ValueError(f"{named} tables have no files of their own")
    return found
