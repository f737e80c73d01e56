"""The sentence that stands on top of the page, and what it says below in short."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from cst_contracts.report.html.causes import Cause
from cst_contracts.report.html.states import State, state_of
from cst_contracts.report.manifest_file import Manifest, Outcome, PromiseRecord


class Verdict(Struct, frozen=True):
    """`state` is that of the glyph. It follows from what failed the run, not from what is broken."""

    state: State
    sentence: str
    lede: str
    failed: int


def verdict(manifest: Manifest, causes: Sequence[Cause]) -> Verdict:
    records = manifest.promises
    counts = Counter(map(state_of, records))
    state, sentence = _sentence(manifest, counts)
    lede = " ".join([*_lede(manifest, counts, causes), *_left_out(manifest)])
    return Verdict(state, sentence, lede, sum(each.failed for each in records))


def counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _sentence(manifest: Manifest, counts: Counter[State]) -> tuple[State, str]:
    records = manifest.promises
    red = [each for each in records if each.failed]
    if not records:
        return State.VACUOUS, "Nothing was promised."
    if red:
        files = {each.contract for each in records}
        verb = "fails" if len(red) == 1 else "fail"
        where = f"in {len({each.contract for each in red}):,} of {counted(len(files), 'contract')}"
        return State.BROKEN, f"{len(red):,} of {counted(len(records), 'promise')} {verb}, {where}."
    if counts[State.UNDECIDED] == len(records):
        return State.UNDECIDED, "No promise could be looked at."
    if warned := counts[State.WARN]:
        verb = "warns" if warned == 1 else "warn"
        return State.WARN, f"No promise fails; {warned:,} only {verb}."
    for state in (State.WAIVED, State.UNDECIDED, State.VACUOUS):
        if counts[state]:
            return state, "No promise fails."
    if len(records) == 1:
        return State.KEPT, "The one promise is kept."
    return State.KEPT, f"All {len(records):,} promises are kept."


def _lede(manifest: Manifest, counts: Counter[State], causes: Sequence[Cause]) -> Iterator[str]:
    records = manifest.promises
    failing = [each for each in causes if any(records[number].failed for number in each.red)]
    failed = sum(each.failed for each in records)
    if not records:
        yield "No contract was found, or none was selected: a run like this says nothing about the tables."
    if failed > 1 and len(failing) < failed:
        yield f"They come down to {counted(len(failing), 'cause')}."
    if failed and counts[State.WARN]:
        yield f"{counted(counts[State.WARN], 'more only warns', 'more only warn')}."
    if counts[State.WAIVED]:
        yield _waived(records, counts[State.WAIVED])
    if allowed := sum(each.outcome is Outcome.VACUOUS and not each.failed for each in records):
        yield f"{counted(allowed, 'is', 'are')} vacuous, and allowed to be."
    if counts[State.UNDECIDED]:
        yield _unseen(counts[State.UNDECIDED], sum(bool(each.waiting) for each in causes))
    if records and set(counts) == {State.KEPT}:
        yield f"In {counted(len({each.contract for each in records}), 'contract')}; each was looked at."


def _waived(records: Sequence[PromiseRecord], count: int) -> str:
    ends = [
        each.waiver.expires
        for each in records
        if each.outcome is Outcome.WAIVED and each.waiver is not None
    ]
    until = f", the first until {min(ends).isoformat()}" if len(ends) > 1 else ""
    until = f", until {ends[0].isoformat()}" if len(ends) == 1 else until
    return f"{counted(count, 'is', 'are')} waived{until}."


def _unseen(count: int, behind: int) -> str:
    because = f" because of {counted(behind, 'cause')}" if behind else ""
    return f"{count:,} could not be looked at{because}."


def _left_out(manifest: Manifest) -> Iterator[str]:
    if manifest.run is not None and manifest.run.deselected:
        count = manifest.run.deselected
        yield f"{counted(count, 'promise was', 'promises were')} deselected, and not looked at."
