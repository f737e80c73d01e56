"""What the page embeds of one promise that has something to say: findings, rows, waiver, movement."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from cst_contracts.location import Location
from cst_contracts.report.html.headlines import argument, headline, short
from cst_contracts.report.html.history import Moved
from cst_contracts.report.manifest_file import (
    FindingEntry,
    LookedAt,
    PromiseRecord,
    SampleEntry,
    Unit,
)
from cst_contracts.report.red import told_of

_WORD = re.compile(r"[^\W\d]\w*")
#: Columns of a table of rows: the page is no place to read wide rows.
_COLUMNS = 8


class Texts(Struct):
    """Texts that many promises share, each stored once and named by its number."""

    texts: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str | None) -> int | None:
        if text is None:
            return None
        if text not in self._numbers:
            self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return self._numbers[text]


def detail(
    record: PromiseRecord,
    texts: Texts,
    source: Mapping[str, str],
    moved: Moved,
    cause: int | None,
) -> dict[str, Any]:
    """Empty for a kept promise without a note. `source` are lines of the contract by number, `cause` is the
    number of the promise that this one waits for."""
    told: dict[str, Any] = {
        "failed": record.failed or None,
        "was": moved.was,
        "since": moved.since,
        "hidden": record.hidden_by,
        "waits": cause,
        "covers": _covers(record.looked_at),
    }
    if record.code is not None:
        head = headline(record)
        told |= {
            "code": texts.number(record.code),
            "observed": texts.number(record.observed),
            "head": None if cause is not None else [head.subject, head.text],
            "short": None if cause is not None else short(record),
            "findings": [_finding(each, texts, source) for each in told_of(record)],
            "violations": record.violations,
            "samples": _rows(record),
        }
    if record.waiver is not None:
        waiver = record.waiver
        told["waiver"] = [waiver.reason, waiver.owner, waiver.expires.isoformat()]
    told["consumers"] = [texts.number(str(each)) for each in record.consumers]
    return {key: value for key, value in told.items() if value not in (None, [])}


def _finding(finding: FindingEntry, texts: Texts, source: Mapping[str, str]) -> list[Any]:
    place = Location.of(finding.place)
    return [
        texts.number(finding.code),
        texts.number(finding.promised),
        texts.number(finding.observed),
        texts.number(finding.hint),
        place.line,
        place.column,
        texts.number(_stripped(source.get(str(place.line)))),
    ]


def _stripped(line: str | None) -> str | None:
    return None if line is None else line.strip()


def _covers(looked_at: LookedAt | None) -> list[Any] | None:
    """Only where it is not simply all rows, or none that had to be read: how many are answered for, were
    read, of how many, and whether they are elements."""
    if looked_at is None:
        return None
    unread = looked_at.read in (None, 0, looked_at.rows)
    if unread and looked_at.of in (None, looked_at.rows) and looked_at.unit is Unit.ROW:
        return None
    return [looked_at.rows, looked_at.read, looked_at.of, looked_at.unit]


def _rows(record: PromiseRecord) -> dict[str, Any] | None:
    """Violating rows: what the promise speaks of first, of which `marked` says how many columns that are."""
    if not record.samples:
        return None
    names = list(dict.fromkeys(name for each in record.samples for name in each.values))
    spoken = set(_WORD.findall(record.promised or "" if record.check.startswith("rule[") else ""))
    spoken |= {each.strip() for each in argument(record.check).partition("→")[0].split(",")}
    marked = [name for name in names if name in spoken]
    others = [name for name in names if name not in spoken and not _is_nested(name, record.samples)]
    columns = [*marked, *others][:_COLUMNS]
    return {
        "columns": columns,
        "marked": len(marked),
        "absent": bool(names) and record.field is not None and record.field not in marked,
        "rows": [_row(each, columns) for each in record.samples],
    }


def _row(sample: SampleEntry, columns: Sequence[str]) -> list[Any]:
    values = [sample.values.get(name) for name in columns]
    cut = [name for name in sample.cut if name in columns]
    return [sample.file, sample.row, sample.element, values, *([cut] if cut else [])]


def _is_nested(name: str, samples: Sequence[SampleEntry]) -> bool:
    """Its text would be longer than all others together, and the leaf is not seen in it."""
    return any(each.values.get(name, "").startswith(("[", "{")) for each in samples)
