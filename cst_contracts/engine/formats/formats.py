"""The storage formats that can be opened: one line each."""

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.arrow import ArrowFormat
from cst_contracts.engine.formats.csv import CsvFormat
from cst_contracts.engine.formats.delta.table import DeltaFormat
from cst_contracts.engine.formats.format import Format
from cst_contracts.engine.formats.json import JsonFormat
from cst_contracts.engine.formats.parquet import ParquetFormat
from cst_contracts.engine.storage.stored import PLAIN, Dialect

_PARQUET, _DELTA, _ARROW = ParquetFormat(), DeltaFormat(), ArrowFormat()


def format_of(named: SourceFormat, dialect: Dialect = PLAIN) -> Format | None:
    """None for what is stored nowhere of its own: a view, and a table of a mounted catalog. `dialect` is that
    of text.

    A member of the enumeration that has no line here fails the type check.
    """
    match named:
        case SourceFormat.PARQUET:
            return _PARQUET
        case SourceFormat.DELTA:
            return _DELTA
        case SourceFormat.CSV:
            return CsvFormat(dialect)
        case SourceFormat.JSON:
            return JsonFormat(dialect)
        case SourceFormat.ARROW:
            return _ARROW
        case SourceFormat.VIEW | SourceFormat.CATALOG:
            return None


def stored_format(named: SourceFormat, dialect: Dialect = PLAIN) -> Format:
    """The format of data files. Raises ValueError for one that has none."""
    found = format_of(named, dialect)
    if found is None:
        raise ValueError(f"{named} tables have no files of their own")
    return found
