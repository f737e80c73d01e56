"""What changed between two states of a project's contracts, for programs (JSON) and for merge requests
(Markdown)."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from cst_contracts.drift.merging import Compared, Entry, Standing
from cst_contracts.drift.verdicts import Difference, way_out
from cst_contracts.report.changes import (
    by_severity,
    place_words,
    shown_entries,
    summary_line,
    versions,
)
from cst_contracts.report.markup import code, code_in_table, escaped, prose

DIFFERENCE_VERSION = 1


class ConsumerJson(Struct):
    name: str
    owner: str
    through: str


class ChangeJson(Struct, rename={"class_": "class"}):
    """`class` is that of the rule; `standing` says what became of it here."""

    rule: str
    class_: str
    readers: str
    writers: str
    standing: str
    change: str
    place: str
    place_is_before: bool
    source: str
    fingerprint: str
    consumers: list[ConsumerJson]


class ContractJson(Struct):
    contract: str
    name: str
    owner: str
    version_before: str | None
    version_after: str | None
    step: str
    wanted: str
    changes: list[ChangeJson]


class NoteJson(Struct):
    code: str
    red: bool
    place: str
    what: str
    instead: str


class DifferenceJson(Struct):
    difference_version: int
    before: str
    after: str
    red: bool
    looked_at: int
    contracts: list[ContractJson]
    notes: list[NoteJson]


def difference_json(difference: Difference) -> str:
    """One JSON object, with every change, in a line each of the file."""
    told = DifferenceJson(
        difference_version=DIFFERENCE_VERSION,
        before=difference.before,
        after=difference.after,
        red=difference.is_red,
        looked_at=difference.looked_at,
        contracts=list(map(_contract, difference.compared)),
        notes=[
            NoteJson(each.code, each.code.is_red, str(each.place), each.what, each.instead)
            for each in difference.notes
        ],
    )
    return msgspec.json.format(msgspec.json.encode(told), indent=1).decode() + "\n"


def _contract(compared: Compared) -> ContractJson:
    return ContractJson(
        contract=compared.file,
        name=compared.name,
        owner=compared.owner,
        version_before=compared.version_before,
        version_after=compared.version_after,
        step=str(compared.step),
        wanted=str(compared.wanted),
        changes=list(map(_change, compared.entries)),
    )


def _change(entry: Entry) -> ChangeJson:
    return ChangeJson(
        rule=entry.rule.id,
        class_=entry.rule.change_class,
        readers=entry.rule.readers,
        writers=entry.rule.writers,
        standing=entry.standing,
        change=entry.line,
        place=str(entry.place.location),
        place_is_before=entry.place.gone,
        source="snapshot" if entry.accepted else "contract",
        fingerprint=entry.fingerprint,
        consumers=[ConsumerJson(each.name, each.owner, each.through) for each in entry.consumers],
    )


def difference_markdown(difference: Difference) -> str:
    """The verdict first, then a table for each contract in which something changed."""
    lines = [
        f"## {_verdict(difference)}",
        "",
        escaped(summary_line(difference)),
        "",
        *_notes(difference),
    ]
    for compared in by_severity(difference.compared):
        lines += _section(compared, difference.before)
    return "\n".join(lines).rstrip() + "\n"


def _verdict(difference: Difference) -> str:
    if difference.breaks:
        return f"Contracts: {len(difference.breaks)} breaking"
    if difference.is_red:
        return "Contracts: versions or waivers are wrong"
    return "Contracts: nothing breaks" if difference.compared else "Contracts: nothing changed"


def _notes(difference: Difference) -> Iterator[str]:
    for note in difference.notes:
        what = f"{prose(note.what)}; {prose(note.instead)}"
        yield f"- **{note.code}** {code(str(note.place))}: {what}"
    if difference.notes:
        yield ""


def _section(compared: Compared, before: str) -> Iterator[str]:
    about = ", ".join(filter(None, (versions(compared), compared.owner)))
    yield f"### {escaped(compared.name)}{f' ({escaped(about)})' if about else ''}"
    yield ""
    yield "| | change | class | read by | place |"
    yield "| --- | --- | --- | --- | --- |"
    entries, left_out = shown_entries(compared)
    for entry in entries:
        yield _row(entry, before)
    for rule, count in left_out.items():
        yield f"| | … and {count} more {code(rule)} | | | |"
    yield ""
    if compared.breaks:
        yield f"Way out: {prose(way_out(compared))}."
        yield ""


def _row(entry: Entry, before: str) -> str:
    standing = f"**{entry.standing}**" if entry.standing is Standing.BREAKS else entry.standing
    stamp = f" {code(entry.fingerprint)}" if entry.rule.breaks_readers else ""
    cells = (
        f"{standing}{stamp}",
        f"{escaped(entry.line)} ({code(entry.rule.id)})",
        entry.rule.change_class,
        ", ".join(escaped(str(each)) for each in entry.consumers),
        code_in_table(place_words(entry, before)),
    )
    return f"| {' | '.join(cells)} |"
