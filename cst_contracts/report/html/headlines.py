"""Says what a promise found in one line, with its subject first: the line that a list has of it."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.report.manifest_file import PromiseRecord

_LONGEST = 150
_SHORTEST = 56
_NUMBER = re.compile(r"(?<![^\s(])\d{4,}(?=[\s,;)]|\.?$|\.\s)")
_ARGUMENT = re.compile(r"[a-z_]+\[(.*)\]", re.DOTALL)


class Headline(Struct, frozen=True):
    """`subject` is a name as it is written, empty where there is none; `text` is what is so of it."""

    subject: str
    text: str


_Phrase: TypeAlias = Callable[[PromiseRecord, str], Headline]


def headline(record: PromiseRecord) -> Headline:
    """A code without a phrase of its own shows what was observed."""
    observed = _first_line(record.observed or "")
    phrase = _observed if record.code is None else PHRASES.get(record.code, _observed)
    told = phrase(record, observed)
    return Headline(told.subject, _cut(told.text, _LONGEST))


def short(record: PromiseRecord) -> str:
    """What stands at a leaf of the schema, where its name does already; and behind the name of a key or a
    reference."""
    told = headline(record)
    named = told.subject and not record.check.startswith(("unique[", "reference["))
    text = told.text if named else record.observed or told.text
    return _cut(_first_line(text), _SHORTEST)


def argument(check: str) -> str:
    """What stands in a check's brackets."""
    found = _ARGUMENT.fullmatch(check)
    return "" if found is None else found[1]


def _observed(record: PromiseRecord, observed: str) -> Headline:
    return Headline("", _grouped(observed or record.outcome))


def _of_argument(text: str) -> _Phrase:
    """Of what stands in the check's brackets; `{observed}` and `{promised}` are filled in. A check of the
    table as a whole has no brackets, and shows what was observed."""

    def phrase(record: PromiseRecord, observed: str) -> Headline:
        if not argument(record.check):
            return _observed(record, observed)
        filled = text.format(observed=_grouped(observed), promised=record.promised or "")
        return Headline(_subject(record), filled)

    return phrase


def _fixed(text: str) -> _Phrase:
    def phrase(record: PromiseRecord, observed: str) -> Headline:
        return Headline(
            "", text.format(observed=_grouped(observed), promised=record.promised or "")
        )

    return phrase


def _invalid(record: PromiseRecord, _observed: str) -> Headline:
    count = len(record.findings)
    return Headline(
        "",
        f"{count} problem{'' if count == 1 else 's'} in the file; none of its promises could be read",
    )


def _unpromised(_record: PromiseRecord, observed: str) -> Headline:
    name, _, _ = observed.partition(":")
    return Headline(name, "is there, and nobody promised it")


def _dangling(record: PromiseRecord, observed: str) -> Headline:
    fields, _, target = argument(record.check).partition("→")
    told = f"points to nothing in {target}: {_grouped(observed)}" if target else _grouped(observed)
    return Headline(fields, told)


def _snapshot(record: PromiseRecord, observed: str) -> Headline:
    others = len(record.findings) - 1
    more = f", and {others:,} more change{'' if others == 1 else 's'}" if others > 0 else ""
    room = _LONGEST - len("not as last accepted: ") - len(more)
    return Headline("", f"not as last accepted: {_cut(observed, room)}{more}")


def _file_first(_record: PromiseRecord, observed: str) -> Headline:
    """Of a text that begins with the name of a file."""
    found = re.match(r"(\S+\.\w+) (.*)", observed)
    return Headline("", _grouped(observed)) if found is None else Headline(found[1], found[2])


#: Of codes that are met often. `{observed}` is not cut here.
PHRASES: Mapping[FindingCode, _Phrase] = MappingProxyType(
    {
        FindingCode.INVALID_CONTRACT: _invalid,
        FindingCode.NULL_VALUES: _of_argument("has {observed}"),
        FindingCode.TYPE_MISMATCH: _of_argument("is {observed}, not {promised}"),
        FindingCode.FIELD_MISSING: _of_argument("is absent"),
        FindingCode.FIELD_UNPROMISED: _unpromised,
        FindingCode.DECLARED_NULLABLE: _of_argument("is declared nullable"),
        FindingCode.STORED_NULLABLE: _of_argument("is stored as nullable"),
        FindingCode.RULE_VIOLATED: _of_argument("is {observed}"),
        FindingCode.DUPLICATE_KEYS: _of_argument("is not unique: {observed}"),
        FindingCode.NULL_KEYS: _of_argument("has {observed}"),
        FindingCode.DANGLING_REFERENCES: _dangling,
        FindingCode.EMPTY_TABLE: _fixed("there are no rows"),
        FindingCode.WAIVER_UNUSED: _of_argument("is kept: its waiver is no longer needed"),
        FindingCode.WAIVER_EXPIRED: _of_argument("is broken, and its waiver has ended"),
        FindingCode.FUNCTION_MISSING: _of_argument("is no function of the session"),
        FindingCode.RULE_NOT_ENFORCED: _of_argument("is not what the Delta log holds writers to"),
        FindingCode.SNAPSHOT_DIFFERS: _snapshot,
        FindingCode.SNAPSHOT_MISSING: _fixed("no snapshot has been accepted yet: {observed}"),
        FindingCode.PARTITION_LAYOUT: _file_first,
        FindingCode.TABLE_UNREADABLE: _file_first,
        FindingCode.SETTING_DIFFERS: _of_argument("is {observed}, not {promised}"),
        FindingCode.ROWS_STALE: _of_argument("is stale: {observed}"),
    }
)


def _subject(record: PromiseRecord) -> str:
    return argument(record.check).partition("→")[0] or record.check


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _grouped(text: str) -> str:
    """Long whole numbers with separators of thousands; not in names, versions and times."""
    return _NUMBER.sub(lambda found: f"{int(found[0]):,}", text)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
