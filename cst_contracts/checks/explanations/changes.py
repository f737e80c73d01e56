"""What each rule about changes means, made of the table of rules."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.explanations.explanation import Explanation
from cst_contracts.drift.rule import ChangeClass, Rule
from cst_contracts.drift.rules import RULES

_FOUND: Mapping[ChangeClass, str] = MappingProxyType(
    {
        ChangeClass.FULL: "Both contracts or snapshots are compared. Class `full`: readers of before read "
        "what is written now, and what was written before is read by readers of now.",
        ChangeClass.FORWARD: "Both contracts or snapshots are compared. Class `forward`: readers of before "
        "read what is written now; what was written before does not fit any more.",
        ChangeClass.BACKWARD: "Both contracts or snapshots are compared. Class `backward`: what was written "
        "before is read by readers of now; readers of before break.",
        ChangeClass.BREAKING: "Both contracts or snapshots are compared. Class `breaking`: readers of before "
        "break, and what was written before does not fit any more.",
    }
)
_BREAKS_READERS = (
    "Take it back, or agree it with the consumers: step the contract's major version, or waive this one "
    "change with `cst-contracts waive`."
)
_BREAKS_WRITERS = (
    "Rewrite what was written before, or see that it keeps the new promise; step the minor version."
)
_FINE = "Nothing; a promise that came wants a step of the minor version."


def _explanation(rule: Rule) -> Explanation:
    fix = _BREAKS_WRITERS if rule.breaks_writers else _FINE
    return Explanation(
        meaning=rule.meaning,
        why=rule.why,
        found=_FOUND[rule.change_class],
        fix=_BREAKS_READERS if rule.breaks_readers else fix,
        example=rule.example,
    )


CHANGES: Mapping[str, Explanation] = MappingProxyType(
    {name: _explanation(rule) for name, rule in RULES.items()}
)
