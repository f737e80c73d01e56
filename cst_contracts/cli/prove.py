"""`prove`: breaks every promise of contracts once, and tells which of them nobody would notice."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.formats import Format, format_option
from cst_contracts.cli.seconds import query_seconds_option

if TYPE_CHECKING:
    from cst_contracts.proof.score import Proof, Score

_DEFAULT = Path("contracts")


@click.command("prove", short_help="Break every promise once, and tell which nobody would notice.")
@click.argument("paths", nargs=-1, metavar="[FILE|FOLDER]...", type=click.Path(path_type=Path))
@click.option(
    "--select",
    multiple=True,
    metavar="ID",
    help="Prove only the checks whose id has this part. May be repeated.",
)
@format_option("Lines for people, one JSON object, or annotations of a GitHub workflow.")
@query_seconds_option
@click.option("--quiet", "-q", is_flag=True, help="Leave out what is not counted, and the scores.")
def command(
    *,
    paths: Sequence[Path],
    select: Sequence[str],
    form: Format,
    query_seconds: float | None,
    quiet: bool,
) -> ExitCode:
    """Break every promise of the contracts once, and tell which of them nobody would notice.

    No lake is needed: data that keep each contract are made in a temporary folder, and all of its promises
    have to be kept. Then each is broken by the smallest change that is known for it, and has to be red, with
    its code and its line, and no other with it. The exit status is 1 where a promise cannot be kept, or
    cannot be broken alone.

    \b
    Examples:
      cst-contracts prove
      cst-contracts prove contracts/orders.yaml --select "rule["
      cst-contracts prove --format github --quiet
    """
    from cst_contracts.proof.contracts import prove_contracts

    def told(name: str, proof: "Proof") -> None:
        if form is Format.TEXT:
            _tell(name, proof, quiet=quiet)

    scores = list(prove_contracts(paths or (_DEFAULT,), select, told, query_seconds))
    _tell_scores(scores, form, quiet=quiet)
    if not any(score.proofs for score in scores):
        return ExitCode.NOT_RUN
    proven = [score for score in scores if score.counted]
    complete = proven and all(score.complete for score in proven)
    return ExitCode.KEPT if complete else ExitCode.BROKEN


def _tell(name: str, proof: "Proof", *, quiet: bool) -> None:
    from cst_contracts.proof.score import Outcome
    from cst_contracts.proof.telling import is_bad_news, proof_lines

    told = is_bad_news(proof) or (proof.outcome is Outcome.UNBREAKABLE and not quiet)
    if told:
        head, *more = proof_lines(name, proof)
        colour = "red" if is_bad_news(proof) else None
        click.echo("\n".join([click.style(head, fg=colour), *more]))


def _tell_scores(scores: "Sequence[Score]", form: Format, *, quiet: bool) -> None:
    from cst_contracts.proof.telling import proof_annotations, score_lines, scores_json

    match form:
        case Format.JSON:
            click.echo(json.dumps(scores_json(scores), indent=1, ensure_ascii=False))
        case Format.GITHUB:
            for line in proof_annotations(scores):
                click.echo(line)
        case Format.TEXT:
            pass
    if not quiet:
        for line in score_lines(scores):
            click.echo(line, err=form is not Format.TEXT)
