"""`python -m benchmarks`: installs what is compared, makes the data, measures, and prints the tables."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.environments import ENVIRONMENTS, install, make_lakes, versions
from benchmarks.finding import found, lakes
from benchmarks.machine import machine
from benchmarks.measuring import Plan, measured
from benchmarks.report import markdown
from benchmarks.tools import BEST, FRAMEWORKS, OURS, SCRIPTS, Command, Places
from benchmarks.work import NAMES, Work, work_named

_CACHE = Path.home() / ".cache" / "cst-contracts-benchmarks"
_FAULTS = "faults-"


def main() -> None:
    arguments = _parser().parse_args()
    places = Places(
        arguments.data.resolve(), arguments.environments.absolute(), arguments.results.resolve()
    )
    match arguments.command:
        case "install":
            install(places, arguments.names or ENVIRONMENTS)
        case "data":
            make_lakes(places, arguments.names)
        case "run":
            print(markdown(_measure(arguments, places), places))
        case _:
            print(markdown(arguments.file, places))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--data", type=Path, default=_CACHE / "data")
    parser.add_argument("--environments", type=Path, default=_CACHE / "environments")
    parser.add_argument("--results", type=Path, default=_CACHE / "results")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("install", help="make the virtual environments")
    one.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ENVIRONMENTS))
    one = commands.add_parser("data", help="make lakes; `run` makes those that it needs")
    one.add_argument("names", nargs="+", metavar="LAKE")
    one = commands.add_parser(
        "run",
        help="measure, and print the tables",
        epilog=f"works:\n{NAMES}\nfaults-SIZE      which faults each tool finds",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one.add_argument("names", nargs="+", metavar="WORK")
    one.add_argument("--rounds", type=int, default=5)
    one.add_argument("--no-warm-up", action="store_true", help="count the first round")
    one.add_argument("--long", type=float, default=60, help="seconds; longer ones run once")
    one.add_argument("--patience", type=float, default=0, help="seconds to wait for idle cores")
    one.add_argument("--only", nargs="+", metavar="TOOL", help="compare with these alone")
    one.add_argument("--to", type=Path, metavar="FILE", help="append the JSON lines to it")
    one = commands.add_parser("report", help="print the tables of an earlier run")
    one.add_argument("file", type=Path)
    return parser


def _measure(arguments: argparse.Namespace, places: Places) -> Path:
    """The file of JSON lines."""
    places.scratch.mkdir(parents=True, exist_ok=True)
    now = datetime.now(tz=UTC).strftime("%Y%m%d-%H%M%S")
    file: Path = arguments.to or places.scratch / f"{now}.jsonl"
    about = {"machine": machine(), "versions": versions(places)}
    _append(file, "machine", about)
    plan = Plan(arguments.rounds, not arguments.no_warm_up, arguments.long, arguments.patience)
    for name in arguments.names:
        if name.startswith(_FAULTS):
            _find(name.removeprefix(_FAULTS), places, file, arguments.only)
            continue
        work = _there(work_named(name, places), arguments.only)
        make_lakes(places, work.lakes)
        for run in measured(work, plan, file.with_suffix(".log")):
            _append(file, "run", asdict(run))
            print(f"{run.work} {run.round} {run.tool}: {run.wall} s", file=sys.stderr)
    return file


def _find(size: str, places: Places, file: Path, only: list[str] | None) -> None:
    make_lakes(places, lakes(size))
    tools = only or [OURS, BEST, *SCRIPTS, *FRAMEWORKS]
    for each in found(places, size, tools):
        _append(file, "found", asdict(each))
        print(f"{each.tool}: {json.dumps(each.counts)}", file=sys.stderr)


def _there(work: Work, only: list[str] | None) -> Work:
    """Without the tools that nobody asked for, or whose environment was not made."""
    wanted = [other for other in work.others if only is None or other.name in only]
    for other in wanted:
        if not _installed(other):
            print(f"{other.name} is not installed, and left out", file=sys.stderr)
    return replace(work, others=tuple(other for other in wanted if _installed(other)))


def _installed(command: Command) -> bool:
    return Path(command.arguments[0]).exists()


def _append(file: Path, record: str, values: Mapping[str, Any]) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"record": record, **values}) + "\n")


main()
