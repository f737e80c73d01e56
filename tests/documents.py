"""Finds the fenced blocks of this project's pages, and runs what they show in a scratch project.

What a block is follows from the word after its fence:

`console`  commands after `$ `, each with the output that it prints. `exit=1` is the last one's status.
`sh`       commands whose output is not shown.
`yaml`     a contract, `ill-formed` if it is there to be refused; or a file of another tool.
`python`   code that is run and type-checked.
`text`     anything that is no input of the project's.

A block whose first line is a comment with a path, `# contracts/orders.yaml`, is a file of the scratch
project, and is written there. `not-run: reason` after the word leaves a block's commands out.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt
from support.preloaded import PYTEST_OPTIONS, commands

ROOT = Path(__file__).parents[1]
PAGES = tuple(
    sorted((*ROOT.glob("*.md"), *ROOT.joinpath("docs").rglob("*.md")), key=lambda page: page.parts)
)
LANGUAGES = frozenset({"console", "sh", "yaml", "toml", "python", "sql", "text"})
NOT_RUN = "not-run:"
#: A line of a page that stands for any lines of the output.
LEFT_OUT = "…\n"

_ELSEWHERE = {"two-commands": ".ci/run runs them, in an environment of their own"}
_FILE = re.compile(r"# ([\w./-]+\.(?:py|sql|toml|ya?ml))\n")
_GOES_ON = re.compile(r"<!-- project: (\S+) -->")
_HEADER = re.compile(r"=+ test session starts =+\n(?:.*\n)*?.*collected \d+ items?.*\n\n?")
_TIMES = re.compile(r"^=* ?(.+) in \d+\.\d\ds(?: \(\S+\))? ?=*$", re.MULTILINE)
#: Plugins of the tests' own environment, which would only make a page's runs slower.
_ADDOPTS = f"-p no:hypothesispytest -p no:typeguard -p no:reportlog {PYTEST_OPTIONS}"
_SECONDS = 120


@dataclass(frozen=True)
class Block:
    """`line` is the fence's, counted from 1. `words` are what stands after the language."""

    page: str
    line: int
    language: str
    words: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def file(self) -> str | None:
        """The path in the scratch project of a block that is a file."""
        head = _FILE.match(self.text)
        return None if head is None else head.group(1)

    @property
    def why_not_run(self) -> str | None:
        _, marked, reason = self.words.partition(NOT_RUN)
        return reason.strip() if marked else _ELSEWHERE.get(self.words)

    @property
    def status(self) -> int:
        """The exit status that the block's last command has to end with."""
        found = re.search(r"\bexit=(\d+)", self.words)
        return int(found.group(1)) if found else 0


@dataclass(frozen=True)
class Step:
    """One command of a block. `output` is what the page says that it prints, None where it says nothing."""

    block: Block
    command: str
    output: str | None
    status: int


@dataclass(frozen=True)
class Ran:
    step: Step
    output: str
    status: int

    @property
    def trouble(self) -> str | None:
        """What differs from the page; None where nothing does."""
        head = f"{self.step.block.place}: $ {self.step.command}\n"
        if self.status != self.step.status:
            return f"{head}exit status {self.status}, not {self.step.status}:\n{self.output}"
        if self.step.output is None or printed_alike(self.step.output, self.output):
            return None
        return f"{head}prints\n{comparable(self.output)}and the page has\n{self.step.output}"


def blocks_of(text: str, page: str) -> tuple[Block, ...]:
    """The fenced blocks of a page, without those that are directives of Sphinx's."""
    return tuple(
        Block(page, token.map[0] + 1 if token.map else 0, language, words, token.content)
        for token in MarkdownIt().parse(text)
        if token.type == "fence"
        for language, _, words in [token.info.strip().partition(" ")]
        if not language.startswith("{")
    )


def blocks_in(page: Path) -> tuple[Block, ...]:
    return blocks_of(page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix())


def begin(page: Path, folder: Path, kept: Path) -> None:
    """Makes a page's scratch project: empty, or as the page that `<!-- project: PAGE -->` names leaves it.
    `kept` is the folder in which such projects stay for the next page that asks."""
    found = _GOES_ON.search(page.read_text(encoding="utf-8"))
    if found is None:
        folder.mkdir()
        return
    before = ROOT / found.group(1)
    start = kept / before.stem
    if not start.exists():
        start.mkdir(parents=True)
        run_page(before, start)
    shutil.copytree(start, folder)


def steps_of(block: Block) -> tuple[Step, ...]:
    """The commands of a `console` or `sh` block, in order."""
    if block.language == "console":
        steps = tuple(_console_steps(block))
    else:
        steps = (Step(block, f"set -euo pipefail\n{block.text}", None, 0),)
    return (*steps[:-1], replace(steps[-1], status=block.status))


def _console_steps(block: Block) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Step(block, command, output if output.strip() else None, 0)


def run_page(page: Path, folder: Path) -> list[Ran]:
    """Writes the files of a page and runs its commands, in the order in which a reader meets them. `folder`
    is its scratch project."""
    ran: list[Ran] = []
    for block in blocks_in(page):
        if block.file is not None:
            written = folder / block.file
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(block.text, encoding="utf-8")
        elif block.language in ("console", "sh") and block.why_not_run is None:
            ran.extend(run_step(step, folder) for step in steps_of(block))
        elif block.language == "python":
            ran.append(run_step(Step(block, "python block.py", None, 0), folder, block.text))
    return ran


def run_step(step: Step, folder: Path, script: str | None = None) -> Ran:
    if script is not None:
        (folder / "block.py").write_text(script, encoding="utf-8")
    run = subprocess.run(
        ["bash", "-c", step.command],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return Ran(step, run.stdout.replace(str(folder), "/project"), run.returncode)


def _environment() -> Mapping[str, str]:
    """As a reader's shell has it, whatever this test runs under."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "GITHUB_")) and name not in ("CI", "FORCE_COLOR")
    }
    path = os.pathsep.join([str(commands()), str(Path(sys.executable).parent), kept["PATH"]])
    return {**kept, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1", "PYTEST_ADDOPTS": _ADDOPTS}


def printed_alike(page: str, output: str) -> bool:
    """Whether a page shows what was printed."""
    lines = comparable(page).splitlines(keepends=True)
    pattern = "".join(r"(?:.*\n)*" if line == LEFT_OUT else re.escape(line) for line in lines)
    return re.fullmatch(pattern, comparable(output)) is not None


def comparable(output: str) -> str:
    """Without pytest's header and its times, and without spaces at the ends of lines."""
    text = _TIMES.sub(r"\1", _HEADER.sub("", output))
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


def with_output(text: str, ran: Sequence[Ran]) -> str:
    """A page's text with what its commands print now, where the page does not leave a part of it out."""
    for each in ran:
        shown = each.step.output
        if each.trouble is not None and shown is not None and LEFT_OUT not in shown:
            head = f"$ {each.step.command}\n"
            printed = _HEADER.sub("", each.output).strip("\n")
            text = text.replace(f"{head}{shown}", f"{head}{printed}\n", 1)
    return text


def main(names: Sequence[str]) -> None:
    """Writes what is printed now into the pages."""
    with tempfile.TemporaryDirectory() as scratch:
        for number, name in enumerate(names):
            page, folder = ROOT / name, Path(scratch, str(number))
            begin(page, folder, Path(scratch, "kept"))
            ran = run_page(page, folder)
            text = page.read_text(encoding="utf-8")
            page.write_text(with_output(text, ran), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
