"""What moved in a run since the newest of earlier ones, in a few lines, for the doors that tell a run."""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.wording import counted
from cst_contracts.drift.merging import Standing
from cst_contracts.report.changes import ORDER, STYLES, WORDS
from cst_contracts.report.html.history import moment, started_at
from cst_contracts.report.lines import Line, Span, Style, line
from cst_contracts.report.manifest_file import Manifest
from cst_contracts.report.markup import code, escaped
from cst_contracts.report.run_changes import RunChange, run_difference

_MOST_TOLD = 20


class Since(Struct, frozen=True):
    """What moved since the run that is called `before`, by table or session, what breaks first. `left_out`
    counts the promises of that run which this one did not look at."""

    before: str
    changes: tuple[tuple[str, RunChange], ...]
    left_out: int

    @property
    def head(self) -> str:
        counts = [sum(each.standing is found for _, each in self.changes) for found in Standing]
        parts = ", ".join(
            f"{count} {WORDS[each]}" for each, count in zip(Standing, counts, strict=True) if count
        )
        told = f"{counted(len(self.changes), 'change')}: {parts}" if parts else "nothing moved"
        aside = f"; {counted(self.left_out, 'promise')} of it not looked at now"
        return f"since {self.before}: {told}{aside if self.left_out else ''}"

    @property
    def more(self) -> str:
        count = len(self.changes) - _MOST_TOLD
        return f"… and {count} more; `cst-contracts diff OLD NEW` tells all" if count > 0 else ""


def since(manifest: Manifest, earlier: Sequence[Manifest]) -> Since | None:
    """None without an earlier run. A run of some contracts, or of some promises, says nothing of others."""
    if not earlier:
        return None
    old = max(earlier, key=started_at)
    name = "an earlier run" if old.run is None or old.run.started is None else ""
    known = {(each.contract, each.check) for each in manifest.promises}
    looked_at = {each.table for each in manifest.tables}
    promises = tuple(each for each in old.promises if (each.contract, each.check) in known)
    tables = tuple(each for each in old.tables if each.table in looked_at)
    same = replace(old, promises=promises, tables=tables)
    groups = run_difference(same, manifest, ("", "")).groups
    changes = [(group.name, each) for group in groups for each in group.changes]
    changes.sort(key=lambda pair: ORDER.index(pair[1].standing))
    return Since(
        name or f"the run of {moment(started_at(old))}",
        tuple(changes),
        len(old.promises) - len(promises),
    )


def since_lines(found: Since) -> Iterator[Line]:
    yield line(found.head, Style.HEAD)
    for name, each in found.changes[:_MOST_TOLD]:
        word = Span(f"  {WORDS[each.standing]:<8}", STYLES.get(each.standing, Style.PLAIN))
        yield (word, Span(f"{name}: {each.what} "), Span(f"[{each.kind}]", Style.QUIET))
    if found.more:
        yield line(f"  {found.more}")


def since_markdown(found: Since) -> Iterator[str]:
    yield f"### {escaped(found.head[:1].upper() + found.head[1:])}"
    yield ""
    for name, each in found.changes[:_MOST_TOLD]:
        word = f"**{WORDS[each.standing]}** " if each.standing is Standing.BREAKS else ""
        yield f"- {word}{escaped(name)}: {escaped(each.what)} ({code(each.kind)})"
    if found.more:
        yield f"- {found.more}"
    yield ""
