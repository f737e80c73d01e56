"""Explanations as lines of a terminal, as JSON and as the Markdown of the manual."""

from collections.abc import Iterator, Mapping

from msgspec.structs import asdict

from cst_contracts.checks.explanations.explanation import Explanation

_TITLES: Mapping[str, str] = {
    "why": "Why it matters",
    "found": "How it is found",
    "fix": "What to do",
}


def explanation_lines(name: str, explanation: Explanation) -> Iterator[str]:
    yield f"{name}: {explanation.meaning}"
    for title, text in _advice(explanation):
        yield f"  {title + ':':<16} {text}"
    first, *more = explanation.example.splitlines()
    yield f"  {'Example:':<16} {first}"
    for line in more:
        yield f"{'':19}{line}"


def explanations_json(explained: Mapping[str, Explanation]) -> dict[str, dict[str, str]]:
    return {name: asdict(explanation) for name, explanation in explained.items()}


def explanations_markdown(topics: Mapping[str, Mapping[str, Explanation]]) -> str:
    """One section for each topic, one heading for each name: a page of the manual."""
    return "\n".join(line for topic in topics.items() for line in _section(*topic)) + "\n"


def _section(title: str, explained: Mapping[str, Explanation]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    for name, explanation in explained.items():
        yield f"### `{name}`"
        yield ""
        yield explanation.meaning
        yield ""
        for heading, text in _advice(explanation):
            yield f"- **{heading}.** {text}"
        yield from ("", "```text", explanation.example, "```", "")


def _advice(explanation: Explanation) -> Iterator[tuple[str, str]]:
    parts = asdict(explanation)
    return ((title, parts[part]) for part, title in _TITLES.items())
