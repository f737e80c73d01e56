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
    NoteCode.BREAKS_EARLIER: Explanation(
        meaning="A change breaks what an older version of the contract said, and its `evolution` is "
        "`backward_transitive`, `forward_transitive` or `full_transitive`.",
        why="A field that goes, and comes back later as another type, breaks nothing in either step. Whoever "
        "reads all that was ever written, or has not updated for two versions, breaks all the same.",
        found="`cst-contracts diff` compares the newest state with each commit before the base that touched "
        "contracts or snapshots, back to the last major step of the contract's version. What the base broke "
        "already is not told again.",
        fix="Step the major version, take the change back, or waive this one change by its fingerprint.",
        example="orders since 5f1c09abd21e (version 1.0.0): total: int64 → string [type-changed, breaking]",
    ),
    NoteCode.HISTORY_MISSING: Explanation(
        meaning="A contract's `evolution` is of all versions before, and not all of them can be seen.",
        why="What nobody could look at is not compatible by that.",
        found="The base is a folder, or the clone is shallow, as CI makes it.",
        fix="Name a git reference, and clone with all history (`fetch-depth: 0`, `GIT_DEPTH: 0`).",
        example="`evolution` is of all versions, and this clone is shallow: it lacks older commits",
    ),
    NoteCode.HISTORY_UNREADABLE: Explanation(
        meaning="A contract or a snapshot of an older commit is ill-formed, and that state is left out; it "
        "fails nothing.",
        why="What could not be read has promised nothing that could be checked.",
        found="`cst-contracts diff` reads every older commit that touched contracts or snapshots.",
        fix="Nothing.",
        example="an older state is not compared: contracts/orders.yaml:3:1: unknown key `filds`",
    ),
}

CHANGES: Mapping[str, Explanation] = MappingProxyType(
    {**{name: _explanation(rule) for name, rule in RULES.items()}, **_NOTES}
)
