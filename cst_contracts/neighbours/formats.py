"""The formats of other tools, by the names under which commands know them."""

from collections.abc import Callable
from enum import StrEnum

from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.arrow import arrow_ipc, pyarrow_source
from cst_contracts.neighbours.create_table import datafusion_table, duckdb_table, spark_table
from cst_contracts.neighbours.dataframely import dataframely_schema
from cst_contracts.neighbours.dbt import dbt_properties
from cst_contracts.neighbours.dbt_reading import read_dbt
from cst_contracts.neighbours.delta import delta_table
from cst_contracts.neighbours.exported import Export, Exported, FileExport, TableExport, TextExport
from cst_contracts.neighbours.imported import Imported
from cst_contracts.neighbours.json_schema import row_json_schema
from cst_contracts.neighbours.json_schema_reading import read_json_schema
from cst_contracts.neighbours.odcs import odcs, odcs_3_2, read_odcs
from cst_contracts.neighbours.openlineage import openlineage_dataset
from cst_contracts.neighbours.pandera import pandera_pandas, pandera_polars
from cst_contracts.neighbours.pandera_reading import read_pandera


class ExportFormat(StrEnum):
    """What contracts are written as."""

    PYARROW = "pyarrow"
    ARROW_IPC = "arrow-ipc"
    JSON_SCHEMA = "json-schema"
    DATAFUSION = "datafusion"
    DUCKDB = "duckdb"
    SPARK = "spark"
    PANDERA_POLARS = "pandera-polars"
    PANDERA_PANDAS = "pandera-pandas"
    DATAFRAMELY = "dataframely"
    DBT = "dbt"
    DELTA = "delta"
    ODCS = "odcs"
    ODCS_3_2 = "odcs-3.2"
    OPENLINEAGE = "openlineage"


class ImportFormat(StrEnum):
    """What contracts are read from."""

    ODCS = "odcs"
    JSON_SCHEMA = "json-schema"
    DBT = "dbt"
    PANDERA = "pandera"


def exporter(format_: ExportFormat) -> Export:
    """A member without an exporter fails the type check."""
    match format_:
        case ExportFormat.PYARROW:
            return FileExport(".py", pyarrow_source)
        case ExportFormat.ARROW_IPC:
            return FileExport(".arrow", arrow_ipc)
        case ExportFormat.JSON_SCHEMA:
            return FileExport(".schema.json", row_json_schema)
        case ExportFormat.DATAFUSION:
            return FileExport(".sql", datafusion_table)
        case ExportFormat.DUCKDB:
            return FileExport(".sql", duckdb_table)
        case ExportFormat.SPARK:
            return FileExport(".sql", spark_table)
        case ExportFormat.PANDERA_POLARS:
            return FileExport(".py", pandera_polars)
        case ExportFormat.PANDERA_PANDAS:
            return FileExport(".py", pandera_pandas)
        case ExportFormat.DATAFRAMELY:
            return FileExport(".py", dataframely_schema)
        case ExportFormat.DBT:
            return FileExport(".yml", dbt_properties)
        case ExportFormat.DELTA:
            return TableExport(delta_table)
        case ExportFormat.ODCS:
            return TextExport(".odcs.yaml", odcs)
        case ExportFormat.ODCS_3_2:
            return TextExport(".odcs.yaml", odcs_3_2)
        case ExportFormat.OPENLINEAGE:
            return FileExport(".openlineage.json", openlineage_dataset)


def exported(contract: Contract, text: bytes, to: str) -> Exported:
    """What a format makes of a contract and the text that it was read from, where it makes one file. Raises
    CstContractsError."""
    if to not in set(ExportFormat):
        raise CstContractsError(f"there is no format {to!r}; there are {', '.join(ExportFormat)}")
    if not isinstance(contract, TableContract):
        raise CstContractsError(f"{contract.file}: a session contract has no table to export")
    match exporter(ExportFormat(to)):
        case FileExport(make=make):
            return make(contract)
        case TextExport(make=make_of_text):
            return make_of_text(contract, text)
        case TableExport():
            raise CstContractsError(
                f"{to} makes a table: `cst-contracts export --to {to} --out FOLDER`"
            )


def importer(format_: ImportFormat) -> Callable[[bytes, str], Imported]:
    """What reads a file's bytes; the file's name is for messages, and names tables that have no other."""
    match format_:
        case ImportFormat.ODCS:
            return read_odcs
        case ImportFormat.JSON_SCHEMA:
            return read_json_schema
        case ImportFormat.DBT:
            return read_dbt
        case ImportFormat.PANDERA:
            return read_pandera
