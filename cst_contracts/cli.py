"""The door to a shell: schemas and explanations to standard output, Python source to a lake."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from cst_contracts import __version__
from cst_contracts.checks.codes import EXPLANATIONS, FindingCode
from cst_contracts.contract.json_schema import json_schema_text
from cst_contracts.contract.presets import PRESETS
from cst_contracts.errors import CstContractsError
from cst_contracts.extract.lake import write_lake
from cst_contracts.extract.sources import SourceRoot
from cst_contracts.report.manifest import manifest_schema

_USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on standard error for what cannot be done."""
    options = _parser().parse_args(arguments)
    try:
        text = _run(options)
    except CstContractsError as error:
        sys.stderr.write(f"cst-contracts: {error}\n")
        return _USAGE_ERROR
    sys.stdout.write(text)
    return 0


def _run(options: argparse.Namespace) -> str:
    match options.command:
        case "schema":
            return json_schema_text()
        case "manifest-schema":
            return json.dumps(manifest_schema(), indent=2) + "\n"
        case "presets":
            return (
                json.dumps({name: dict(settings) for name, settings in PRESETS.items()}, indent=2)
                + "\n"
            )
        case "explain":
            return _explained(options.codes)
        case _:
            return _extracted(options)


def _explained(codes: Sequence[str]) -> str:
    known = {code.value for code in FindingCode}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise CstContractsError(
            f"no such code: {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    wanted = [FindingCode(code) for code in codes] or list(FindingCode)
    return "".join(f"{code.value}: {EXPLANATIONS[code]}\n" for code in wanted)


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
    commands.add_parser("presets", help="print the presets of session settings")
    explain = commands.add_parser("explain", help="say what finding codes mean")
    explain.add_argument("codes", nargs="*", metavar="CODE", help="all, where none is given")
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
