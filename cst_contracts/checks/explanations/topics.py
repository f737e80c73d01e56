"""All that can be explained, and where a word that a person types is found in it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from msgspec.structs import asdict

from cst_contracts.checks.codes import EXPLANATIONS, FindingCode
from cst_contracts.checks.explanations import readers, rows, schema, session, storage
from cst_contracts.checks.explanations.changes import CHANGES
from cst_contracts.checks.explanations.explanation import Explanation
from cst_contracts.checks.explanations.kinds import KINDS
from cst_contracts.checks.explanations.outcomes import OUTCOMES

_ADVICE = {
    **schema.FINDINGS,
    **storage.FINDINGS,
    **rows.FINDINGS,
    **session.FINDINGS,
    **readers.FINDINGS,
}

FINDINGS: Mapping[str, Explanation] = MappingProxyType(
    {
        code.value: Explanation(meaning=EXPLANATIONS[code], **asdict(_ADVICE[code]))
        for code in FindingCode
    }
)

#: By the title of each section, in the order of the manual.
TOPICS: Mapping[str, Mapping[str, Explanation]] = MappingProxyType(
    {"Checks": KINDS, "Outcomes": OUTCOMES, "Findings": FINDINGS, "Changes": CHANGES}
)


def explanations_of(word: str) -> dict[str, Explanation]:
    """By name, what a word means: a code, a rule, an outcome, a kind of check, or any check's id.

    `order` is three kinds of check, and `nulls[refs[].id]` is of the kind `nulls[path]`. Nothing is
    found for a word that nobody knows.
    """
    named = [(name, each) for topic in TOPICS.values() for name, each in topic.items()]
    exact = {name: each for name, each in named if name == word}
    return exact or {name: each for name, each in KINDS.items() if _head(name) == _head(word)}


def known_words() -> Iterator[str]:
    """All names, as a person would type them: kinds of check without what stands in brackets."""
    for topic in TOPICS.values():
        yield from dict.fromkeys(name if topic is not KINDS else _head(name) for name in topic)


def nearest_word(word: str) -> str | None:
    return next(iter(get_close_matches(word, list(known_words()), n=1)), None)


def _head(check_id: str) -> str:
    return check_id.partition("[")[0]
