"""What findings, checks and outcomes mean: the same data that `cst-contracts explain` prints."""

from collections.abc import Callable, Mapping

from _generate.markdown import code, fence, heading, table
from cst_contracts.checks.explanations.explanation import Explanation
from cst_contracts.checks.explanations.kinds import KINDS
from cst_contracts.checks.explanations.outcomes import OUTCOMES
from cst_contracts.checks.explanations.topics import FINDINGS


def findings_markdown() -> str:
    return sections("code", FINDINGS)


def checks_markdown() -> str:
    return _overview("check", KINDS) + "\n" + sections("check", KINDS)


def outcomes_markdown() -> str:
    return sections("outcome", OUTCOMES)


def label_of(kind: str, name: str) -> str:
    """What other pages link to: `code-null-values`, `check-order-measured`."""
    words = "".join(each if each.isalnum() else " " for each in name).split()
    return "-".join((kind, *words)).lower()


def _overview(kind: str, explained: Mapping[str, Explanation]) -> str:
    rows = (
        (f"[{code(name)}](#{label_of(kind, name)})", each.meaning)
        for name, each in explained.items()
    )
    return table((kind, "promises"), rows)


def sections(kind: str, explained: Mapping[str, Explanation]) -> str:
    return "\n".join(_section(kind, name, each) for name, each in explained.items())


def _section(kind: str, name: str, each: Explanation) -> str:
    return "\n".join(
        [
            heading(3, code(name), label_of(kind, name)),
            f"{each.meaning}\n",
            f"- **Why it matters.** {each.why}",
            f"- **How it is found.** {each.found}",
            f"- **What to do.** {each.fix}\n",
            fence("text", each.example),
        ]
    )


EXPLAINED: Mapping[str, Callable[[], str]] = {
    "checks": checks_markdown,
    "codes": findings_markdown,
    "outcomes": outcomes_markdown,
}
