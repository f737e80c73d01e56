"""The table of rules about changes, and what each means."""

from _generate.explanations import label_of, sections
from _generate.markdown import code, table
from cst_contracts.checks.explanations.changes import CHANGES
from cst_contracts.drift.rules import RULES


def changes_markdown() -> str:
    """An overview with the class of each rule, and a section for each."""
    rows = (
        (
            f"[{code(rule.id)}](#{label_of('change', rule.id)})",
            code(rule.change_class),
            rule.readers,
            rule.writers,
            rule.meaning,
        )
        for rule in RULES.values()
    )
    head = ("rule", "class", "for readers of before", "for what was written before", "the change")
    return f"{table(head, rows)}\n{sections('change', CHANGES)}"
