"""Proposes a contract for each of several tables, which are looked at in one session."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.model import SourceFormat
from cst_contracts.errors import InvalidContract
from cst_contracts.facts import CouldNotLook, TableFacts
from cst_contracts.gate.observer import Observer
from cst_contracts.gate.opening import open_observer
from cst_contracts.gate.project import Project
from cst_contracts.needs import SchemaNeed
from cst_contracts.progress import Progress
from cst_contracts.proposals.additions import Additions
from cst_contracts.proposals.contracts import Proposal, outline_of, proven
from cst_contracts.proposals.keys import key_lines
from cst_contracts.proposals.limits import Wanted, hidden_note, limit_lines
from cst_contracts.proposals.looking import Seen, Unseen, seen, unless_slow
from cst_contracts.proposals.outline import KeyLine, Outline, ReferenceLine
from cst_contracts.proposals.references import reference_lines
from cst_contracts.proposals.sensitive import Hidden
from cst_contracts.proposals.sources import Draft, Source


class Proposed(StrEnum):
    """What is proposed only where somebody asks for it, since tomorrow's rows need not keep it."""

    KEYS = "keys"
    ENUMS = "enums"
    RANGES = "ranges"
    REFERENCES = "references"


class Unwritten(Struct, frozen=True):
    """A table that no contract can be written for, and why."""

    source: Source
    reason: str


class Asking(Struct, frozen=True):
    """How contracts are asked for. `file_of` names the contract file of a table relative to the project's
    root, and `schema` is where an editor finds the language's JSON Schema from there. Of what is `hidden` no
    value is told."""

    file_of: Callable[[Source], Path]
    schema: str
    wanted: Set[Proposed] = frozenset()
    hidden: Hidden = Hidden()
    session: object = None
    progress: Progress | None = None


_OF_KEYS = frozenset((Proposed.KEYS, Proposed.REFERENCES))
#: Beside the comma, as readers of CSV know them.
_DELIMITERS = (";", "\t", "|")

_Looked: TypeAlias = Mapping[Source, Seen | Unwritten]


def propose(
    project: Project, sources: Sequence[Source], asking: Asking
) -> Iterator[Proposal | Unwritten]:
    """In the order of the sources. Writes nothing."""
    drafts, observer = _opened(project, [Draft(source) for source in sources], asking)
    looked = {draft.source: _looked(draft, observer) for draft in drafts}
    tables = [table for table in looked.values() if isinstance(table, Seen)]
    beside = additions(tables, observer, asking.wanted, asking.hidden)
    for source in sources:
        table = looked[source]
        if isinstance(table, Unwritten):
            yield table
        else:
            yield _proposal(table, beside[source.name], observer, asking)


def _opened(
    project: Project, drafts: Sequence[Draft], asking: Asking
) -> tuple[Sequence[Draft], Observer]:
    """Where a folder holds files that nobody reads, it is opened once more with these named."""
    observer = _observer(project, drafts, asking)
    settled = [_settled(draft, observer) for draft in drafts]
    return settled, observer if settled == list(drafts) else _observer(project, settled, asking)


def _observer(project: Project, drafts: Sequence[Draft], asking: Asking) -> Observer:
    contracts = [draft.contract() for draft in drafts]
    giver = "the function that `--session` names returned"
    return open_observer(
        project, contracts, session=asking.session, giver=giver, progress=asking.progress
    )


def _settled(draft: Draft, observer: Observer) -> Draft:
    match observer.answer(SchemaNeed(draft.source.name)):
        case TableFacts(skipped=skipped) as facts:
            return replace(draft, ignore=skipped, delimiter=_delimiter(draft, facts))
        case CouldNotLook():
            return draft


def _delimiter(draft: Draft, facts: TableFacts) -> str | None:
    """What the header of a text with a single field splits at."""
    names = [name for name in facts.schema.names if name not in facts.hive_partitions]
    if draft.source.format is not SourceFormat.CSV or len(names) != 1:
        return None
    return next((each for each in _DELIMITERS if each in names[0].strip()), None)


def _looked(draft: Draft, observer: Observer) -> Seen | Unwritten:
    try:
        return seen(draft, observer)
    except Unseen as error:
        return Unwritten(draft.source, error.trouble.reason)


def additions(
    tables: Sequence[Seen], observer: Observer, wanted: Set[Proposed], hidden: Hidden
) -> Mapping[str, Additions | CouldNotLook]:
    """What the rows of each table bear out, by name; of one that they do not tell in time, that."""
    keys: Mapping[str, tuple[KeyLine, ...] | CouldNotLook] = {}
    if wanted & _OF_KEYS:
        keys = {
            table.name: unless_slow("its keys", partial(key_lines, table, observer))
            for table in tables
        }
    proposing = _Proposing(tables, keys, observer, wanted, hidden)
    return {table.name: proposing.of(table) for table in tables}


class _Proposing(Struct, frozen=True):
    """What is wanted of tables that were seen. `keys` are theirs, by name, where somebody wants some."""

    tables: Sequence[Seen]
    keys: Mapping[str, tuple[KeyLine, ...] | CouldNotLook]
    observer: Observer
    wanted: Set[Proposed]
    hidden: Hidden

    def of(self, table: Seen) -> Additions | CouldNotLook:
        values = Wanted(Proposed.ENUMS in self.wanted, Proposed.RANGES in self.wanted, self.hidden)
        keys = self.keys.get(table.name, ())
        if isinstance(keys, CouldNotLook):
            return keys
        references = unless_slow("its references", partial(self._references, table))
        if isinstance(references, CouldNotLook):
            return references
        limits = unless_slow("its values", partial(limit_lines, table, self.observer, values))
        if isinstance(limits, CouldNotLook):
            return limits
        own = keys if Proposed.KEYS in self.wanted else ()
        return Additions(own, references, limits, hidden_note(table, values))

    def _references(self, table: Seen) -> tuple[ReferenceLine, ...]:
        if Proposed.REFERENCES not in self.wanted:
            return ()
        known = {
            name: keys for name, keys in self.keys.items() if not isinstance(keys, CouldNotLook)
        }
        return reference_lines(table, self.tables, known, self.observer)


def _outline(table: Seen, beside: Additions) -> Outline:
    outline = outline_of(table, beside.limits)
    return replace(
        outline,
        keys=beside.keys,
        references=beside.references,
        notes=outline.notes if beside.note is None else (*outline.notes, beside.note),
    )


def _proposal(
    table: Seen, beside: Additions | CouldNotLook, observer: Observer, asking: Asking
) -> Proposal | Unwritten:
    source = table.draft.source
    if isinstance(beside, CouldNotLook):
        return Unwritten(source, beside.reason)
    file = asking.file_of(source).as_posix()
    try:
        return proven(_outline(table, beside), observer, asking.schema, file, table.rows)
    except InvalidContract as error:
        return Unwritten(source, f"no contract can say what it is: {error.problems[0]}")
    except Unseen as error:
        return Unwritten(source, error.trouble.reason)
