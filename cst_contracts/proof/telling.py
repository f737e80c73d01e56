"""Scores as text, as JSON and as annotations of a GitHub workflow."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cst_contracts.checks.wording import counted
from cst_contracts.contract.wording import visible
from cst_contracts.proof.score import Outcome, Proof, Score
from cst_contracts.report.annotations import Level, annotation
from cst_contracts.report.text import quoted_line

_TOLD = {
    Outcome.SURVIVED: "could not be broken alone",
    Outcome.UNKEPT: "could not be kept",
    Outcome.UNBREAKABLE: "cannot be broken, and is not counted",
    Outcome.KILLED: "broken",
}


def is_bad_news(proof: Proof) -> bool:
    """Whether it is held against the contract."""
    return proof.outcome in (Outcome.SURVIVED, Outcome.UNKEPT)


def proof_lines(name: str, proof: Proof) -> Iterator[str]:
    """The place, the check and what came of it on one line; what was tried and what came of that below."""
    return map(visible, _lines(name, proof))


def _lines(name: str, proof: Proof) -> Iterator[str]:
    yield f"{proof.place}: {name} {proof.check}: {_TOLD[proof.outcome]}"
    if proof.what:
        yield f"    tried: {proof.what}"
    if proof.why:
        yield f"    found: {proof.why}"


def told_proof(proof: Proof, source: Sequence[str]) -> Iterator[str]:
    """What came of it in short, then its place with the contract's line; `source` are those of the file."""
    return map(visible, _told_lines(proof, source))


def _told_lines(proof: Proof, source: Sequence[str]) -> Iterator[str]:
    yield f"{_TOLD[proof.outcome]}: {proof.why}"
    yield str(proof.place)
    yield from quoted_line(proof.place.line, source)
    if proof.what:
        yield f"    tried:    {proof.what}"


def score_lines(scores: Sequence[Score]) -> Iterator[str]:
    """A line a contract, the worst first, and one about all."""
    width = max((len(score.name) for score in scores), default=0)
    for score in sorted(scores, key=lambda each: each.percent):
        left = len(score.of(Outcome.UNBREAKABLE))
        beside = f", {left} not counted" if left else ""
        yield f"{score.name:<{width}}  {score.percent:>3} %  {score.killed} of {score.counted}{beside}"
    killed, all_ = sum(each.killed for each in scores), sum(each.counted for each in scores)
    what = f"{killed} of {counted(all_, 'way')} to break a promise turned it red, and no other"
    yield f"{what}, in {counted(len(scores), 'contract')}"


def proof_annotations(scores: Iterable[Score]) -> Iterator[str]:
    """Of the bad news only."""
    for score in scores:
        for proof in filter(is_bad_news, score.proofs):
            title = f"{score.name} {proof.check} {_TOLD[proof.outcome]}"
            message = "\n".join(filter(None, (proof.what, proof.why)))
            yield annotation(Level.ERROR, proof.place, title, message)


def scores_json(scores: Iterable[Score]) -> dict[str, Any]:
    return {
        "contracts": [
            {
                "contract": score.file,
                "name": score.name,
                "percent": score.percent,
                "killed": score.killed,
                "counted": score.counted,
                "proofs": [_proof_json(proof) for proof in score.proofs],
            }
            for score in scores
        ]
    }


def _proof_json(proof: Proof) -> dict[str, str]:
    return {
        "check": proof.check,
        "place": str(proof.place),
        "outcome": proof.outcome.value,
        "what": proof.what,
        "why": proof.why,
    }
