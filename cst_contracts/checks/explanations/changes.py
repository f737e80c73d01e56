"""What each rule about changes means, made of the table of rules; and what else `diff` says."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.explanations.explanation import Explanation
from cst_contracts.drift.rule import ChangeClass, Rule
from cst_contracts.drift.rules import RULES
from cst_contracts.drift.verdicts import NoteCode

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


#: What `cst-contracts diff` says of versions and waivers, where no check says the same.
_NOTES: Mapping[str, Explanation] = {
    NoteCode.VERSION_LOWERED: Explanation(
        meaning="The version of a contract went back.",
        why="Whoever has the higher version takes the lower one for an older promise.",
        found="`cst-contracts diff` compares the contract's `version` in both states.",
        fix="Give it a version above the one before.",
        example="the version of orders went back from 1.2.0 to 1.1.0",
    ),
    NoteCode.WAIVER_MERGED: Explanation(
        meaning="A waiver is of a change that both states have, and has done its work; it fails nothing.",
        why="It would fail from the day on which it expires.",
        found="No change has its fingerprint, and the contracts before have the same waiver.",
        fix="Delete it with the next edit of the contract.",
        example="the waiver of change 5f1c09ab has done its work: both states have the change",
    ),
    NoteCode.STEP_DUE: Explanation(
        meaning="What a contract promises changed without breaking readers, and its version made no minor "
        "step; it fails nothing.",
        why="Readers see by the version that there is something new.",
        found="`cst-contracts diff` compares the contract's `version` in both states.",
        fix="Step the minor version.",
        example="what orders promises changed, and its version is 1.2.0; step `version` to 1.3.0",
    ),
}

CHANGES: Mapping[str, Explanation] = MappingProxyType(
    {**{name: _explanation(rule) for name, rule in RULES.items()}, **_NOTES}
)
