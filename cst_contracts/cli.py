"""The door to a shell: schemas, explanations and comparisons to standard output, Python source to a lake."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cst_contracts import __version__
from cst_contracts.checks.codes import EXPLANATIONS, FindingCode
from cst_contracts.contract.json_schema import json_schema_text
from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.presets import PRESETS, preset_text
from cst_contracts.drift.comparison import compare
from cst_contracts.drift.compatibility import Compatibility
from cst_contracts.drift.manifests import read_manifest
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.errors import CstContractsError
from cst_contracts.extract.lake import write_lake
from cst_contracts.extract.sources import SourceRoot
from cst_contracts.files.contracts import read_contract
from cst_contracts.files.manifests import read_manifest_text
from cst_contracts.report.manifest import manifest_schema
from cst_contracts.sql.declaration import table_ddl

_BREAKING = 1
_USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 1 where a comparison finds what breaks; 2 with one line on standard error for what
    cannot be done."""
    options = _parser().parse_args(arguments)
    status = 0
    try:
        if options.command == "compare":
            text, status = _compared(options.old, options.new)
        else:
            text = _run(options)
    except CstContractsError as error:
        sys.stderr.write(f"cst-contracts: {error}\n")
        return _USAGE_ERROR
    sys.stdout.write(text)
    return status


def _run(options: argparse.Namespace) -> str:
    match options.command:
        case "schema":
            return json_schema_text()
        case "manifest-schema":
            return json.dumps(manifest_schema(), indent=2) + "\n"
        case "presets":
            return _presets(options.names)
        case "explain":
            return _explained(options.codes)
        case "ddl":
            return "\n".join(_ddl(file, options.lake) for file in options.contracts)
        case _:
            return _extracted(options)


def _compared(old: Path, new: Path) -> tuple[str, int]:
    before, after = (read_manifest(read_manifest_text(file), str(file)) for file in (old, new))
    told = compare(before, after)
    counts = Counter(each.compatibility for each in told)
    summary = ", ".join(f"{counts[each]} {each}" for each in Compatibility)
    lines = "".join(f"{each.line}\n" for each in told)
    return f"{lines}{summary}\n", _BREAKING if counts[Compatibility.BREAKING] else 0


def _presets(names: Sequence[str]) -> str:
    """As data, where none is named; else as a contract would spell them out, with the reasons."""
    if not names:
        values = {name: preset.values for name, preset in PRESETS.items()}
        return json.dumps(values, indent=2) + "\n"
    unknown = [name for name in names if name not in PRESETS]
    if unknown:
        known = ", ".join(PRESETS)
        raise CstContractsError(f"no such preset: {', '.join(unknown)}; known are {known}")
    return "---\n".join(preset_text(PRESETS[name]) for name in names)


def _explained(codes: Sequence[str]) -> str:
    known = {code.value for code in FindingCode}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise CstContractsError(
            f"no such code: {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    wanted = [FindingCode(code) for code in codes] or list(FindingCode)
    return "".join(f"{code.value}: {EXPLANATIONS[code]}\n" for code in wanted)


def _ddl(file: Path, lake: str | None) -> str:
    contract = parse_contract(read_contract(file), str(file))
    if not isinstance(contract, TableContract):
        raise CstContractsError(f"{file}: a session contract has no table to declare")
    location = None if contract.source is None else contract.source.location
    located = Lake(lake).locate(location) if lake and location else location
    return table_ddl(contract, located)


def _extracted(options: argparse.Namespace) -> str:
    roots = [SourceRoot(folder, options.repo or "") for folder in options.sources]
    report = write_lake(
        roots,
        options.to,
        format=options.format,
        partition_by_repo=options.partition_by_repo,
        workers=options.workers,
        rows_per_file=options.rows_per_file,
        overwrite=options.overwrite,
    )
    rows = "".join(f"  {table}: {count:,}\n" for table, count in report.rows.items())
    head = (
        f"{report.files:,} files, {report.parsed:,} parsed, {report.failed:,} not: {report.table}\n"
    )
    return head + rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cst-contracts", description="Schema contracts for LibCST tables."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("schema", help="print the JSON Schema of contract files")
    commands.add_parser("manifest-schema", help="print the JSON Schema of the run manifest")
    presets = commands.add_parser("presets", help="print the presets of session settings")
    presets.add_argument(
        "names",
        nargs="*",
        metavar="PRESET",
        help="one, with the reason of each setting (default: all, as JSON)",
    )
    explain = commands.add_parser("explain", help="say what finding codes mean")
    explain.add_argument("codes", nargs="*", metavar="CODE", help="all, where none is given")
    ddl = commands.add_parser("ddl", help="print the CREATE EXTERNAL TABLE of table contracts")
    ddl.add_argument("contracts", nargs="+", type=Path, metavar="FILE", help="contract files")
    ddl.add_argument(
        "--lake",
        metavar="PATH_OR_URI",
        help="lake root (default: locations as the contract has them)",
    )
    comparison = commands.add_parser(
        "compare",
        help="tell what moved between two manifests; exit status 1 where something breaks",
    )
    comparison.add_argument("old", type=Path, metavar="OLD", help="manifest of the earlier run")
    comparison.add_argument("new", type=Path, metavar="NEW", help="manifest of the later run")
    _add_extract(
        commands.add_parser("extract", help="turn Python source into a lake of LibCST tables")
    )
    return parser


def _add_extract(extract: argparse.ArgumentParser) -> None:
    extract.add_argument("sources", nargs="+", type=Path, metavar="SOURCE", help="folders or files")
    extract.add_argument(
        "--to", required=True, type=Path, metavar="LAKE", help="lake root to write under"
    )
    extract.add_argument("--repo", help="name of the repository (default: the folder's name)")
    extract.add_argument("--format", choices=("parquet", "delta"), default="parquet")
    extract.add_argument("--partition-by-repo", action="store_true")
    extract.add_argument("--workers", type=int, help="processes (default: one a CPU)")
    extract.add_argument("--rows-per-file", type=int, default=1000, help="at most (default: 1000)")
    extract.add_argument("--overwrite", action="store_true", help="replace the table that is there")


if __name__ == "__main__":
    raise SystemExit(main())
