"""`explain`: says what finding codes, checks and outcomes mean, and what to do."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from cst_contracts.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from cst_contracts.checks.explanations.explanation import Explanation


class Form(StrEnum):
    """How explanations are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def _complete(
    context: click.Context,  # noqa: ARG001 — click's signature
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    from cst_contracts.checks.explanations.topics import known_words

    return [CompletionItem(word) for word in known_words() if word.startswith(incomplete)]


@click.command("explain", short_help="Say what a finding, check or outcome means.")
@click.argument("words", nargs=-1, metavar="[CODE|CHECK|OUTCOME]...", shell_complete=_complete)
@click.option(
    "--format",
    "form",
    type=click.Choice([each.value for each in Form]),
    default=Form.TEXT.value,
    show_default=True,
    callback=lambda _context, _parameter, value: Form(value),
    help="Lines for a terminal, one JSON object, or a page of a manual.",
)
def command(words: Sequence[str], form: Form) -> ExitCode:
    """Say what findings, checks and outcomes mean, how they are found, and what to do about them.

    Named by a finding's code, a check's id or kind, or an outcome; one line for each where none is
    named.

    \b
    Examples:
      cst-contracts explain null-values
      cst-contracts explain "nulls[refs[].ref_id]" undecided
      cst-contracts explain --format markdown > checks.md
    """
    from cst_contracts.checks.explanations.topics import TOPICS
    from cst_contracts.report.explanations import (
        explanation_lines,
        explanations_json,
        explanations_markdown,
    )

    topics = _selected(words) if words else TOPICS
    explained = {name: each for topic in topics.values() for name, each in topic.items()}
    match form:
        case Form.JSON:
            click.echo(json.dumps(explanations_json(explained), indent=1, ensure_ascii=False))
        case Form.MARKDOWN:
            click.echo(explanations_markdown(topics), nl=False)
        case Form.TEXT if words:
            texts = ("\n".join(explanation_lines(*each)) for each in explained.items())
            click.echo("\n\n".join(texts))
        case Form.TEXT:
            for name, explanation in explained.items():
                click.echo(f"{name}: {explanation.meaning}")
    return ExitCode.KEPT


def _selected(words: Sequence[str]) -> "Mapping[str, Mapping[str, Explanation]]":
    """The topics, with what the words name only. Raises CstContractsError for an unknown word."""
    from cst_contracts.checks.explanations.topics import TOPICS, explanations_of
    from cst_contracts.errors import CstContractsError

    found = [explanations_of(word) for word in words]
    unknown = [word for word, explained in zip(words, found, strict=True) if not explained]
    if unknown:
        raise CstContractsError("; ".join(map(_unknown, unknown)))
    named = {name for explained in found for name in explained}
    selected = {
        title: {name: each for name, each in topic.items() if name in named}
        for title, topic in TOPICS.items()
    }
    return {title: topic for title, topic in selected.items() if topic}


def _unknown(word: str) -> str:
    from cst_contracts.checks.explanations.topics import nearest_word

    near = nearest_word(word)
    instead = f"did you mean `{near}`?" if near else "`cst-contracts explain` lists all"
    return f"nothing is called `{word}`; {instead}"
