"""The command line, verb by verb, as the parser describes it."""

import argparse
from collections.abc import Iterator

from _generate.markdown import code, fence, heading
from cst_contracts.cli import _parser


def commands_markdown() -> str:
    parser = _parser()
    return "\n".join(
        f"{heading(2, code(f'cst-contracts {name}'), f'verb-{name}')}\n{fence('text', verb.format_help())}"
        for name, verb in _verbs(parser)
    )


def _verbs(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._subparsers._group_actions:  # type: ignore[union-attr]
        yield from action.choices.items()  # type: ignore[union-attr]
