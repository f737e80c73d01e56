"""What changed between two states of a project's contracts, as lines of a terminal and as annotations."""

from collections import Counter
from collections.abc import Iterator, Sequence

from cst_contracts.checks.wording import counted
from cst_contracts.drift.merging import Compared, Entry, Standing
from cst_contracts.drift.verdicts import Difference, Note, way_out
from cst_contracts.report.annotations import Level, annotation
from cst_contracts.report.lines import Line, Span, Style, line

#: An engine upgrade brings functions by the hundred: so many changes of a rule that break nobody are told.
_NAMED = 5
WORDS = {
    Standing.BREAKS: "breaks",
    Standing.WAIVED: "waived",
    Standing.STEPPED: "allowed",
    Standing.TOLD: "told",
}
STYLES = {Standing.BREAKS: Style.BROKEN, Standing.WAIVED: Style.WARNED}
ORDER = list(Standing)
INDENT = " " * 10


def difference_lines(difference: Difference) -> Iterator[Line]:
    """Contract by contract, what breaks first; then waivers and versions; the sum last."""
    for compared in by_severity(difference.compared):
        yield line(heading(compared), Style.HEAD)
        entries, left_out = shown_entries(compared)
        for entry in entries:
            yield from _entry_lines(entry, difference.before)
        for rule, count in left_out.items():
            yield line(f"  {WORDS[Standing.TOLD]:<8}… and {count} more [{rule}]")
        if compared.breaks:
            yield line(f"{INDENT}way out: {way_out(compared)}")
    for note in difference.notes:
        style = Style.BROKEN if note.code.is_red else Style.WARNED
        yield (Span(str(note.code), style), Span(f" {note.place}: {note.what}; {note.instead}"))
    yield line(summary_line(difference))


def difference_annotations(difference: Difference) -> Iterator[str]:
    """Annotations of a GitHub workflow: of what breaks, and of waivers and versions."""
    for compared in difference.compared:
        for entry in compared.breaks:
            message = f"{entry.line}{_read_by(entry, '; read by ')}; {way_out(compared)}"
            yield annotation(Level.ERROR, entry.place.location, entry.rule.id, message)
    for note in difference.notes:
        level = Level.ERROR if note.code.is_red else Level.WARNING
        yield annotation(level, note.place, note.code, f"{note.what}; {note.instead}")


def by_severity(compared: Sequence[Compared]) -> list[Compared]:
    """Contracts that break readers first, each group in the order of its files."""
    return sorted(compared, key=lambda each: not each.breaks)


def shown_entries(compared: Compared) -> tuple[list[Entry], Counter[str]]:
    """What breaks first; and how many further changes of each rule are left out that break nobody."""
    shown: list[Entry] = []
    met: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for entry in sorted(compared.entries, key=lambda each: ORDER.index(each.standing)):
        if entry.standing is Standing.TOLD:
            met[entry.rule.id] += 1
            if met[entry.rule.id] > _NAMED:
                left_out[entry.rule.id] += 1
                continue
        shown.append(entry)
    return shown, left_out


def heading(compared: Compared) -> str:
    owner = f" (owner {compared.owner})" if compared.owner else ""
    version = f" {versions(compared)}".rstrip()
    return f"{compared.file}: {compared.name}{version}{owner}"


def versions(compared: Compared) -> str:
    was, now = (each or "no version" for each in (compared.version_before, compared.version_after))
    if was == now:
        return was if compared.version_after else ""
    return f"{was} → {now}"


def place_words(entry: Entry, before: str) -> str:
    gone = f" in {before}" if entry.place.gone else ""
    return f"{entry.place.location}{gone}"


def summary_line(difference: Difference) -> str:
    counts = difference.counts
    changes = counted(sum(counts.values()), "change")
    parts = ", ".join(f"{counts[each]} {WORDS[each]}" for each in Standing if counts[each])
    contracts = counted(difference.looked_at, "contract")
    changed = sum(1 for each in difference.compared if each.entries)
    among = "of" if changed in (0, difference.looked_at) else f"in {changed} of"
    of = f"{among} {contracts} from {difference.before} to {difference.after}"
    return f"{changes} {of}{f': {parts}' if parts else ''}{_further(difference.notes)}"


def _further(notes: Sequence[Note]) -> str:
    red = sum(1 for note in notes if note.code.is_red)
    return f"; {counted(red, 'further failure')}" if red else ""


def _entry_lines(entry: Entry, before: str) -> Iterator[Line]:
    word = Span(f"  {WORDS[entry.standing]:<8}", STYLES.get(entry.standing, Style.PLAIN))
    origin = "snapshot, " if entry.accepted else ""
    rule = f"[{origin}{entry.rule.id}, {entry.rule.change_class}]"
    yield (word, Span(f"{entry.line} "), Span(rule, Style.QUIET))
    stamp = f" change {entry.fingerprint}" if entry.rule.breaks_readers else ""
    yield line(f"{INDENT}{place_words(entry, before)}{stamp}", Style.QUIET)
    if entry.consumers:
        yield line(f"{INDENT}{_read_by(entry, 'read by ')}")
    if entry.waiver is not None:
        waiver = entry.waiver
        yield line(f"{INDENT}{waiver.reason} ({waiver.owner}, until {waiver.expires})")


def _read_by(entry: Entry, words: str) -> str:
    return words + ", ".join(map(str, entry.consumers)) if entry.consumers else ""
