"""The group of verbs, and how every way in which one can end becomes words and an exit status."""

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click
from click.shell_completion import shell_complete

from cst_contracts import __version__
from cst_contracts.cli.exit_codes import MEANINGS, ExitCode
from cst_contracts.errors import CstContractsError, InvalidContract

PROGRAM = "cst-contracts"
_COMPLETION = "_CST_CONTRACTS_COMPLETE"  # where shells ask click for completions
VERBS = (
    "init",
    "doctor",
    "check",
    "lint",
    "explain",
    "diff",
    "waive",
    "blame",
    "rehearse",
    "compare",
    "report",
    "docs",
    "ddl",
    "export",
    "import",
    "presets",
    "schema",
    "manifest-schema",
    "extract",
    "sample",
    "prove",
)
#: What a machine may lack, which is nobody's bug: room on a disk or in a file or for a name, handles, memory,
#: rights.
_LACKING = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    *(errno.EACCES, errno.EPERM, errno.EROFS),
    errno.ENAMETOOLONG,
}
#: Of verbs that are words of Python.
_MODULES = {"import": "import_"}

_EXIT_STATUS = "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())
_EPILOG = f"""\b
Exit status:
{_EXIT_STATUS}

\b
Completion of verbs, options and codes; put the line into your shell's start-up file:
  bash  eval "$(_CST_CONTRACTS_COMPLETE=bash_source cst-contracts)"
  zsh   eval "$(_CST_CONTRACTS_COMPLETE=zsh_source cst-contracts)"
  fish  _CST_CONTRACTS_COMPLETE=fish_source cst-contracts | source
"""


class LazyGroup(click.Group):
    """Loads a verb's module only when that verb is named, or when all verbs are listed.

    The modules of verbs import no engine, so that help and completion answer at once.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        name = _MODULES.get(cmd_name, cmd_name.replace("-", "_"))
        module = import_module(f"cst_contracts.cli.{name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Names the nearest verb for an unknown one: click would look among the loaded ones only."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=VERBS, ctx=ctx) from error


@click.group(
    cls=LazyGroup,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Schema contracts for tables: check them against live data, and work with them.

    \b
    Examples:
      cst-contracts lint                     every problem of the files in contracts/
      cst-contracts check --lake data        every promise, looked at
      cst-contracts explain null-values      what a finding means, and the way out
    """
    if os.environ.get("NO_COLOR"):
        context.color = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit status; `arguments` are the process's where None.

    Only errors that are raised on purpose become words. Any other exception is a bug, and shows its
    traceback.
    """
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except click.ClickException as error:
        error.show()
        return ExitCode.NOT_RUN
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"{PROGRAM}: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except InvalidContract as error:
        _complain(error)
        return ExitCode.ILL_FORMED
    except CstContractsError as error:
        _complain(error)
        return ExitCode.NOT_RUN
    except BrokenPipeError:
        if not _output_is_closed():
            raise
        return ExitCode.PIPE_CLOSED
    except OSError as error:
        if error.errno not in _LACKING:
            raise
        return _lacking(error)


def _lacking(error: OSError) -> int:
    what = f"{error.filename}: " if error.filename else ""
    click.echo(f"{PROGRAM}: {what}{error.strerror or error}", err=True)
    try:
        sys.stdout.flush()
    except OSError:
        _silence_output()  # it is what there is no room for, and Python would flush it once more at exit
    return ExitCode.NOT_RUN


def _run(arguments: Sequence[str]) -> int:
    """Does without `cli.main`, which takes every broken pipe for standard output's, a bug's included, and
    ends with the status 1, which is that of a broken promise here."""
    completing = os.environ.get(_COMPLETION)
    if completing:
        return shell_complete(cli, {}, PROGRAM, _COMPLETION, completing)
    try:
        with cli.make_context(PROGRAM, list(arguments)) as context:
            status: int = cli.invoke(context)
            return status
    except click.exceptions.Exit as ended:
        return ended.exit_code


def _complain(error: CstContractsError) -> None:
    from cst_contracts.contract.wording import visible

    click.echo(visible(f"{PROGRAM}: {error}"), err=True)


def _output_is_closed() -> bool:
    """Whether nobody reads standard output any more, as in `cst-contracts explain | head -1`.

    One more line tells: a pipe without a reader refuses it. Python would flush standard output once
    more at exit and complain, therefore it is turned to the null device.
    """
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_output()
        return True
    return False


def _silence_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
