"""What moved between the manifests of two runs, table by table, for people, programs and merge requests."""

from collections import Counter
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from cst_contracts.checks.wording import counted
from cst_contracts.drift.comparison import Moved, moved
from cst_contracts.drift.merging import Standing
from cst_contracts.drift.rule import Compatibility
from cst_contracts.drift.verdicts import NoteCode
from cst_contracts.drift.versions import Step, step
from cst_contracts.location import Location
from cst_contracts.report.annotations import Level, annotation
from cst_contracts.report.changes import ORDER, STYLES, WORDS
from cst_contracts.report.changes_file import DIFFERENCE_VERSION
from cst_contracts.report.comparable import comparable
from cst_contracts.report.lines import Line, Span, Style, line
from cst_contracts.report.manifest_file import Manifest
from cst_contracts.report.markup import code, code_in_table, escaped

#: What manifests do not hold, so that it takes the contracts.
NOT_COMPARED = (
    "a promise that is stricter now under the same name, consumers, waivers of changes, definitions of"
    " views; `cst-contracts diff` of git references or folders compares contracts"
)
_RUN = "the run"


class RunChange(Struct, frozen=True):
    """`place` is the contract's line, of a promise that the later run has."""

    what: str
    compatibility: Compatibility
    standing: Standing
    rule: str = ""
    change_class: str = ""
    place: str = ""

    @property
    def kind(self) -> str:
        return (
            f"{self.rule}, {self.change_class or self.compatibility}"
            if self.rule
            else str(self.compatibility)
        )


class RunGroup(Struct, frozen=True):
    """All that moved in one table or session, or in no one's (`the run`). `file` is its contract's."""

    name: str
    file: str
    version_before: str | None
    version_after: str | None
    changes: tuple[RunChange, ...]

    @property
    def versions(self) -> str:
        was, now = self.version_before or "no version", self.version_after or "no version"
        return "" if self.version_before == self.version_after else f" {was} → {now}"

    @property
    def breaks(self) -> tuple[RunChange, ...]:
        return tuple(each for each in self.changes if each.standing is Standing.BREAKS)


class RunDifference(Struct, frozen=True):
    """Two runs compared; `before` and `after` are what their manifests are called."""

    before: str
    after: str
    groups: tuple[RunGroup, ...]

    @property
    def is_red(self) -> bool:
        return any(each.breaks for each in self.groups)


def run_difference(before: Manifest, after: Manifest, names: tuple[str, str]) -> RunDifference:
    """A major step of a contract's version allows what changed in its table, and not that a promise fell."""
    sides = _Sides.of(before), _Sides.of(after)
    found: dict[str, list[Moved]] = {}
    for each in moved(comparable(before), comparable(after)):
        name = each.table or _first(sides, each.contract) or _RUN
        found.setdefault(name, []).append(each)
    for name in sides[1].versions:
        if _went_back(name, sides):
            found.setdefault(name, [])
    groups = [_group(name, changes, sides) for name, changes in found.items()]
    return RunDifference(*names, tuple(sorted(groups, key=lambda each: not each.breaks)))


class _Sides(Struct, frozen=True):
    """Of one run: by table or session, its contract's file and version; by file, its name; and the promises'
    places."""

    files: dict[str, str]
    versions: dict[str, str | None]
    names: dict[str, str]
    places: dict[tuple[str, str], str]

    @classmethod
    def of(cls, manifest: Manifest) -> "_Sides":
        return cls(
            files={each.name: each.file for each in manifest.contracts},
            versions={each.name: each.version for each in manifest.contracts},
            names={each.file: each.name for each in manifest.contracts},
            places={(each.contract, each.check): each.place for each in manifest.promises},
        )


def _first(sides: tuple[_Sides, _Sides], contract: str) -> str:
    before, after = sides
    return after.names.get(contract) or before.names.get(contract) or contract


def _group(name: str, changes: list[Moved], sides: tuple[_Sides, _Sides]) -> RunGroup:
    before, after = sides
    was, now = before.versions.get(name), after.versions.get(name)
    major = step(was, now) is Step.MAJOR
    told = [_change(each, after, major=major) for each in changes]
    if _went_back(name, sides):
        what = f"the version went back from {was} to {now}"
        told.append(
            RunChange(what, Compatibility.BREAKING, Standing.BREAKS, NoteCode.VERSION_LOWERED)
        )
    told.sort(key=lambda each: ORDER.index(each.standing))
    file = after.files.get(name) or before.files.get(name) or ""
    return RunGroup(name, file, was, now, tuple(told))


def _went_back(name: str, sides: tuple[_Sides, _Sides]) -> bool:
    before, after = sides
    return step(before.versions.get(name), after.versions.get(name)) is Step.LOWERED


def _change(each: Moved, after: _Sides, *, major: bool) -> RunChange:
    breaks = each.compatibility is Compatibility.BREAKING
    allowed = Standing.STEPPED if major and each.table else Standing.BREAKS
    return RunChange(
        what=each.what,
        compatibility=each.compatibility,
        standing=allowed if breaks else Standing.TOLD,
        rule="" if each.rule is None else each.rule.id,
        change_class="" if each.rule is None else str(each.rule.change_class),
        place=after.places.get((each.contract, each.check), ""),
    )


def run_difference_lines(difference: RunDifference) -> Iterator[Line]:
    """Table by table, what breaks first; the sum last, and what manifests do not say."""
    for group in difference.groups:
        file = f"{group.file}: " if group.file else ""
        yield line(f"{file}{group.name}{group.versions}", Style.HEAD)
        for each in group.changes:
            word = Span(f"  {WORDS[each.standing]:<8}", STYLES.get(each.standing, Style.PLAIN))
            yield (word, Span(f"{each.what} "), Span(f"[{each.kind}]", Style.QUIET))
            if each.place:
                yield line(f"          {each.place}", Style.QUIET)
    yield line(summary_line(difference))
    yield line(f"not compared: {NOT_COMPARED}", Style.QUIET)


def summary_line(difference: RunDifference) -> str:
    counts = Counter(each.standing for group in difference.groups for each in group.changes)
    parts = ", ".join(f"{counts[each]} {WORDS[each]}" for each in Standing if counts[each])
    changes = counted(sum(counts.values()), "change")
    return (
        f"{changes} from {difference.before} to {difference.after}{f': {parts}' if parts else ''}"
    )


def run_difference_annotations(difference: RunDifference) -> Iterator[str]:
    """Annotations of a GitHub workflow, of what breaks: at the promise's line, at its contract's first, or
    of what no contract is about, at the later manifest."""
    for group in difference.groups:
        for each in group.breaks:
            place = (
                Location.of(each.place)
                if each.place
                else Location(group.file or difference.after, 1, 1)
            )
            title = each.rule or "run-moved"
            yield annotation(Level.ERROR, place, title, f"{group.name}: {each.what}")


class RunDifferenceJson(Struct):
    difference_version: int
    before: str
    after: str
    red: bool
    runs: tuple[RunGroup, ...]
    not_compared: str


def run_difference_json(difference: RunDifference) -> str:
    told = RunDifferenceJson(
        DIFFERENCE_VERSION,
        difference.before,
        difference.after,
        difference.is_red,
        difference.groups,
        NOT_COMPARED,
    )
    return msgspec.json.format(msgspec.json.encode(told), indent=1).decode() + "\n"


def run_difference_markdown(difference: RunDifference) -> str:
    """The verdict first, then a table for each contract in which something moved."""
    breaks = sum(len(each.breaks) for each in difference.groups)
    verdict = f"{breaks} breaking" if breaks else "nothing breaks"
    lines = [
        f"## Runs: {verdict if difference.groups else 'nothing moved'}",
        "",
        escaped(summary_line(difference)),
        "",
    ]
    for group in difference.groups:
        lines += [f"### {escaped(group.name)}{escaped(group.versions)}", ""]
        lines += ["| | what moved | class | place |", "| --- | --- | --- | --- |"]
        lines += [_row(each) for each in group.changes]
        lines.append("")
    return "\n".join([*lines, f"Not compared: {NOT_COMPARED}."]) + "\n"


def _row(each: RunChange) -> str:
    standing = f"**{each.standing}**" if each.standing is Standing.BREAKS else str(each.standing)
    rule = f" ({code(each.rule)})" if each.rule else ""
    what = f"{escaped(each.what)}{rule}"
    place = code_in_table(each.place) if each.place else ""
    return f"| {standing} | {what} | {each.change_class or each.compatibility} | {place} |"
