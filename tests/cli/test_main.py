"""The group of verbs: help, completion, exit statuses, and ends that nobody wishes for."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from cst_contracts import __version__
from cst_contracts.cli.exit_codes import MEANINGS, ExitCode
from cst_contracts.cli.main import VERBS, LazyGroup, main

#: What takes a tenth of a second and more to import, or is no business of a command line.
_HEAVY = {"pyarrow", "numpy", "datafusion", "deltalake", "libcst", "pytest", "syrupy"}
_ENGINES = _HEAVY - {"pyarrow", "numpy"}


def loaded_after(calls: str) -> set[str]:
    """The top-level modules of a new process that has made these calls of `main`."""
    setting = "import sys\nfrom cst_contracts.cli.main import main"
    code = f"{setting}\n{calls}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "cst_contracts", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == f"{__version__}\n"


def test_help_names_every_verb_and_every_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in VERBS] == [
        *VERBS
    ]
    assert set(MEANINGS) == set(ExitCode)
    for code, meaning in MEANINGS.items():
        assert f"{code.value}  {meaning}" in lines
    assert any(line.startswith("bash  eval ") for line in lines)


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_each_verb_has_a_short_line_and_an_example(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([verb, "--help"]) == 0

    told = capsys.readouterr().out
    assert told.startswith(f"Usage: cst-contracts {verb} ")
    assert (
        f"  Examples:\n    cst-contracts {verb}" in told
        or "  Examples:\n    cst-contracts check" in told
    )


def test_the_list_of_verbs_cuts_no_line_short(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])

    assert "..." not in capsys.readouterr().out.partition("Commands:")[2]


def test_help_loads_no_engine_and_no_arrow() -> None:
    calls = f"for verb in {VERBS!r}:\n    main([verb, '--help'])\nmain(['--help'])"

    assert not loaded_after(calls) & _HEAVY


def test_lint_loads_no_engine(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("table: t\nfields: [{name: a, type: int64}]\n")

    assert not loaded_after(f"assert main(['lint', {str(tmp_path)!r}]) == 0") & _ENGINES


def test_no_verb_is_bad_usage_and_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Commands:" in captured.err


def test_an_unknown_verb_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explian"]) == 2

    assert "No such command 'explian'. Did you mean 'explain'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["li"], "plain,lint\n"),
        (["explain", "null-v"], "plain,null-values\n"),
        (["presets", "cst-"], "plain,cst-strings\n"),
        (["check", "--verify"], "plain,--verify-data\n"),
    ],
)
def test_a_shell_completes_verbs_words_and_options(
    typed: list[str],
    offered: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("_CST_CONTRACTS_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(["cst-contracts", *typed]))
    monkeypatch.setenv("COMP_CWORD", str(len(typed)))

    assert main([]) == 0

    assert capsys.readouterr().out == offered


@pytest.mark.parametrize("arguments", [["--help"], ["lint", "--help"], ["explain"], ["presets"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_ends_it_quietly(arguments: list[str], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cst_contracts", *arguments],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (ExitCode.PIPE_CLOSED, "")


@pytest.fixture
def verb_that(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Puts a verb that raises in the place of `schema`."""

    def put(error: BaseException) -> None:
        def raising() -> None:
            raise error

        command = click.Command("schema", callback=raising)
        monkeypatch.setattr(LazyGroup, "get_command", lambda *_: command)

    return put


@pytest.mark.parametrize(
    "bug", [KeyError("bug"), OSError(5, "bug"), BrokenPipeError(32, "a pipe of ours")]
)
def test_a_bug_is_not_caught(verb_that: Callable[[BaseException], None], bug: Exception) -> None:
    verb_that(bug)

    with pytest.raises(type(bug)) as raised:
        main(["schema"])

    assert raised.value is bug


def test_an_interrupted_verb_says_so(
    verb_that: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    verb_that(KeyboardInterrupt())

    assert main(["schema"]) == ExitCode.INTERRUPTED

    assert capsys.readouterr().err.strip() == "cst-contracts: interrupted"
