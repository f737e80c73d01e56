"""A contract of soda-core over a view in DuckDB; a second argument is a folder of many contracts instead."""

import sys
from pathlib import Path

import agreed
import duckdb
from soda_core.common.logging_configuration import configure_logging
from soda_core.contracts.api.verify_api import verify_contract_locally
from soda_duckdb.common.data_sources.duckdb_data_source import DuckDBDataSourceImpl

configure_logging(verbose=False)
connection = duckdb.connect()
source = DuckDBDataSourceImpl.from_existing_cursor(connection, "lake")


def view(name: str, folder: Path) -> None:
    files = [str(file) for file in sorted(folder.glob("*.parquet"))]
    connection.read_parquet(files).create_view(name)


if len(sys.argv) > 2:
    contracts = sorted(Path(sys.argv[2]).glob("*.yml"))
    for contract in contracts:
        view(contract.stem, Path(sys.argv[1]) / contract.stem)
    results = [
        verify_contract_locally(data_sources=[source], contract_file_path=str(contract))
        for contract in contracts
    ]
    sys.exit(0 if all(result.is_passed for result in results) else 1)

view("cst_refs", Path(sys.argv[1]))
result = verify_contract_locally(
    data_sources=[source], contract_file_path=str(Path(__file__).with_name("soda_contract.yml"))
)
KINDS = {"missing": agreed.NULLS, "duplicate": agreed.DUPLICATES, "invalid": agreed.OUTSIDE}
found: dict[str, int] = {}
for check in result.contract_verification_results[0].check_results:
    if not check.is_failed:
        continue
    type_ = check.check.type
    if type_ == "schema":
        found[agreed.MISSING_FIELD] = len(check.expected_column_names_not_actual)
        found[agreed.WRONG_TYPE] = len(check.column_data_type_mismatches)
    else:
        kind = KINDS.get(type_, check.check.name)
        found[kind] = found.get(kind, 0) + int(check.threshold_value)
if not found and not result.is_passed:
    sys.exit("soda could not check")
agreed.end(found)
