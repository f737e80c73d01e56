"""Commands in surroundings that are against them: each ends in a sentence, and nothing is lost."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from support.weathers import COMMANDS, CONTRACT, OLD, Came

from cst_contracts.cli.exit_codes import ExitCode

#: What is lacking, and how the sentence of each command begins.
REASONS = {
    "full": "File too large",
    "locked": "Permission denied",
    "handles": "Too many open files",
    "deaf": "No space left on device",
}
BEGINNINGS = {
    "manifest": "out/m.json: could not be written: ",
    "report": "out/r.html: could not be written: ",
    "results": "out/r.parquet: could not be written: ",
    "snapshots": "out/t.json: could not be written: ",
    "later": "out/r.html: could not be written: ",
    "export": "out/t.odcs.yaml: could not be written: ",
    "docs": "out/index.md: could not be written: ",
    "init": "out/t.yaml: could not be written: ",
    "update": "contracts/t.yaml: could not be written: ",
    "import": "out/t.yaml: could not be written: ",
    "sample": "the table cannot be written as parquet: ",
    "extract": "out/libcst_files_v1: could not be written: ",
}
CASES = {
    **{f"full:{command}": told for command, told in BEGINNINGS.items()},
    **{f"locked:{command}": told for command, told in BEGINNINGS.items()},
    "handles:manifest": BEGINNINGS["manifest"],
    "handles:export": "contracts/t.yaml: could not be read: ",
    "handles:extract": "src: ",
    "deaf:explain": "cst-contracts: ",
    "deaf:manifest": "cst-contracts: ",
}
FAIR = ("homeless:manifest", "homeless:init")


@pytest.fixture(scope="module")
def came() -> Iterator[dict[str, Came]]:
    """By case. Into pytest's own folders nobody but their owner gets."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield came_in(Path(folder))


def came_in(folder: Path) -> dict[str, Came]:
    run = subprocess.run(
        [sys.executable, "-m", "support.weathers", str(folder), *CASES, *FAIR],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr.decode()
    found = msgspec.json.decode(run.stdout, type=list[Came])
    return {f"{each.weather}:{each.command}": each for each in found}


@pytest.mark.parametrize("case", CASES)
def test_a_command_that_cannot_go_on_says_why(came: dict[str, Came], case: str) -> None:
    weather, _, command = case.partition(":")
    found = came[case]

    assert "Traceback" not in found.told
    assert CASES[case] in found.told
    assert REASONS[weather] in found.told
    red = command == "snapshots"  # of which the other promises are told
    assert found.status == (ExitCode.BROKEN if red else ExitCode.NOT_RUN)


@pytest.mark.parametrize("case", [each for each in CASES if not each.startswith("deaf")])
def test_what_was_there_is_there_and_nothing_besides(came: dict[str, Came], case: str) -> None:
    """Not even half of a file, or a hidden one."""
    written = COMMANDS[case.partition(":")[2]][1]
    old = {"contracts/t.yaml": len(CONTRACT)} if written == "contracts/t.yaml" else {}
    if not old and Path(written).suffix:
        old = {written: len(OLD)}

    assert came[case].files == old


def test_a_file_is_whole_though_nobody_could_be_told(came: dict[str, Came]) -> None:
    assert came["deaf:manifest"].files["out/m.json"] > 1_000


@pytest.mark.parametrize("case", FAIR)
def test_without_any_variable_all_is_as_ever(came: dict[str, Came], case: str) -> None:
    assert came[case].status == ExitCode.KEPT, came[case].told
    assert all(came[case].files.values())
