"""The command line, verb by verb, in the words of its help."""

import click

from _generate.markdown import code, fence, heading, table
from cst_contracts.cli.exit_codes import MEANINGS
from cst_contracts.cli.main import PROGRAM, VERBS, cli

_WIDTH = 84  # what a page of the manual shows without scrolling


def commands_markdown() -> str:
    """A section for each verb: its help, as a terminal shows it."""
    return "\n".join(_section(name) for name in VERBS)


def exit_codes_markdown() -> str:
    rows = ((code(str(each.value)), meaning) for each, meaning in MEANINGS.items())
    return table(("exit status", "means"), rows)


def _section(name: str) -> str:
    group = click.Context(cli, info_name=PROGRAM, terminal_width=_WIDTH)
    command = cli.get_command(group, name)
    if command is None:
        raise KeyError(name)
    help_ = command.get_help(click.Context(command, parent=group, info_name=name))
    return f"{heading(2, code(f'{PROGRAM} {name}'), f'verb-{name}')}\n{fence('text', help_)}"
