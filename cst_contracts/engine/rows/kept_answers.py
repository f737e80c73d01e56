"""Answers of queries that are kept as long as all files of all tables that they read are the same.

Keys that have no hashes, the keys of two tables and the rows of a group have to meet, therefore no file has a
tally of its own for them: where one file is another, all rows are read again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TypeAlias

import msgspec
import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import top_level
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.aggregates import without_hidden
from cst_contracts.engine.rows.measures import measure_of
from cst_contracts.engine.rows.plan import FromProofs
from cst_contracts.engine.rows.proofs import ProofStore
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.reference_proofs import (
    Recounted,
    Sound,
    recounted,
    sound_now,
    sound_of,
)
from cst_contracts.engine.rows.results import Result, Results
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.stamps import stamps
from cst_contracts.facts import (
    AggregateCount,
    CouldNotLook,
    KeyCount,
    ReferenceCount,
    ShownRows,
    Trouble,
)
from cst_contracts.needs import AggregateNeed, AnyRowNeed, KeyNeed, ReferenceNeed

#: Another number makes all of them void: where an answer is another one, or is written in another way.
_FORM = 1
_DIGEST = 16
_Kept: TypeAlias = KeyCount | ReferenceCount | AggregateCount
_Need: TypeAlias = KeyNeed | ReferenceNeed | AggregateNeed


#: Files of a table, None where these are not all that its rows are made of, and the paths that are read.
_Side: TypeAlias = tuple[ScannableFiles | None, tuple[str, ...]]


class _Stamped:
    """The stamps of tables' files, as they are when somebody first asks."""

    def __init__(self) -> None:
        self._by_table: dict[str, Mapping[str, bytes]] = {}

    def of(self, files: ScannableFiles) -> Mapping[str, bytes]:
        """Raises IntrospectionError."""
        if files.table not in self._by_table:
            with looking_at(files.table, files.storage.location):
                self._by_table[files.table] = stamps(files.storage.files)
        return self._by_table[files.table]


class _Question(Struct, frozen=True):
    """What is asked, and the stamps of the files of each table that it is asked of. `place` is where the
    answer is kept."""

    need: _Need
    digest: bytes
    place: str
    stamps: tuple[Mapping[str, bytes], ...]

    @property
    def files(self) -> int:
        return sum(map(len, self.stamps))

    @property
    def stamp(self) -> bytes:
        return _digest([sorted(each.items()) for each in self.stamps])

    @property
    def place_of_sound(self) -> str:
        """Where it is kept of which files it is known that nothing in them dangles."""
        return f"{self.place}-sound"


class KeptAnswers(Struct, frozen=True):
    """Of the relation whose data files are `files`. Nothing that is not `shown` is kept. Where data is
    verified, every query is run, and has to give what was kept."""

    store: ProofStore
    queries: Queries
    files: ScannableFiles
    shown: ShownRows
    verify: bool

    def of(
        self, needs: Sequence[AnyRowNeed], ask: Callable[[Sequence[AnyRowNeed]], Results]
    ) -> tuple[Results, dict[AnyRowNeed, FromProofs]]:
        """The answers, asked for as far as they are not kept, and which of them came from where."""
        questions = self._questions(needs)
        kept = {need: fact for need, each in questions.items() if (fact := self._kept(each))}
        recounts = {} if self.verify else self._recounts(questions, kept)
        spared = {} if self.verify else {**kept, **recounts}
        found = ask([each for each in needs if each not in spared])
        found.update({need: each.count for need, each in recounts.items()})
        same = self._questions([need for need in questions if need in found])
        used: dict[AnyRowNeed, FromProofs] = {}
        for need, each in questions.items():
            unkept, recount = None, recounts.get(need)
            if need not in found:
                found[need] = kept[need]
                used[need] = FromProofs(each.files, each.files, self.store.shown)
                continue
            # Where a file has changed in the meantime, nobody knows of which one the answer is.
            if same.get(need) == each:
                found[need], unkept = self._taken(each, kept.get(need), found[need], recount)
            used[need] = self._used(each, recount, unkept)
        return found, used

    def _used(
        self, question: _Question, recount: Recounted | None, unkept: str | None
    ) -> FromProofs:
        """Of a reference that new files answer, the files of its own table count."""
        if recount is None:
            return FromProofs(question.files, 0, self.store.shown, unkept)
        files = len(question.stamps[0])
        return FromProofs(files, files - recount.measured, self.store.shown, unkept)

    def _recounts(
        self, questions: Mapping[AnyRowNeed, _Question], kept: Collection[AnyRowNeed]
    ) -> dict[AnyRowNeed, Recounted]:
        """References that the rows of new files answer."""
        found = {
            need: self._recounted(each) for need, each in questions.items() if need not in kept
        }
        return {need: each for need, each in found.items() if each is not None}

    def _recounted(self, question: _Question) -> Recounted | None:
        if not isinstance(question.need, ReferenceNeed):
            return None
        data = self.store.kept(question.place_of_sound, b"", [question.digest])
        known = sound_of(data.get(question.digest))
        if known is None:
            return None
        return recounted(question.need, self.queries, self.files, known, *question.stamps)

    def _questions(self, needs: Iterable[AnyRowNeed]) -> dict[AnyRowNeed, _Question]:
        """None of what is no answer of a query, and of what is not in the files."""
        stamped = _Stamped()
        found = {need: self._question(need, stamped) for need in needs}
        return {need: each for need, each in found.items() if each is not None}

    def _question(self, need: AnyRowNeed, stamped: _Stamped) -> _Question | None:
        try:
            match need:
                case KeyNeed(paths=paths):
                    return _question(need, (), [(self.files, paths)], stamped)
                case ReferenceNeed(reference=reference):
                    there = self.queries.access.source(reference.table)
                    sides = [(self.files, reference.fields), (there, reference.to)]
                    return _question(need, (), sides, stamped)
                case AggregateNeed(aggregate=aggregate) if not self.files.supplied:
                    asks = need.relation, aggregate.sql, *aggregate.per
                    read = tuple(measure_of(need).paths_read(need))
                    return _question(need, asks, [(self.files, read)], stamped)
                case _:
                    return None
        except IntrospectionError:
            return None  # the query itself tells what stands in the way

    def _kept(self, question: _Question) -> _Kept | None:
        data = self.store.kept(question.place, question.stamp, [question.digest])
        return _fact(question.need, data.get(question.digest))

    def _taken(
        self,
        question: _Question,
        before: _Kept | None,
        result: Result,
        recount: Recounted | None,
    ) -> tuple[Result, str | None]:
        """The result, or trouble where another answer had been kept; and why it could not be kept."""
        if not isinstance(result, _Kept) or not self._may_be_kept(result):
            return result, None
        unkept = self._keep(question, result, recount)
        if before is None or _counts(before) == _counts(result):
            return result, unkept
        reason = (
            f"the rows of {self.files.table} are others than when a proof was kept in "
            f"{self.store.shown}, under the same sizes, times and footers; what is kept now is what "
            "they are"
        )
        return CouldNotLook(reason, self.files.table, trouble=Trouble.PROOF), unkept

    def _may_be_kept(self, fact: _Kept) -> bool:
        """Whether all that it tells may be shown."""
        return not isinstance(fact, AggregateCount) or without_hidden(fact, self.shown) == fact

    def _keep(self, question: _Question, fact: _Kept, recount: Recounted | None) -> str | None:
        sound = self._sound(question, fact) if recount is None else recount.sound
        written = {question.digest: msgspec.msgpack.encode(fact)}
        try:
            self.store.keep(question.place, question.stamp, written)
            if sound is not None:
                data = {question.digest: sound.to_bytes()}
                self.store.keep(question.place_of_sound, b"", data)
        except OSError as error:
            return str(error)
        return None

    def _sound(self, question: _Question, fact: _Kept) -> Sound | None:
        """What is known of a reference all of whose rows have been looked for, where none dangles."""
        need = question.need
        if not isinstance(need, ReferenceNeed) or not isinstance(fact, ReferenceCount):
            return None
        return None if fact.dangling else sound_now(need, self.queries, fact, *question.stamps)


def _question(
    need: _Need, asks: Sequence[object], sides: Sequence[_Side], stamped: _Stamped
) -> _Question | None:
    read, stamps_of_sides, places = [], list[Mapping[str, bytes]](), []
    for files, paths in sides:
        fields = None if files is None else _read(files, {top_level(path) for path in paths})
        if files is None or fields is None:
            return None
        stamps_of_sides.append(stamped.of(files))
        read.append((paths, pa.schema(fields).serialize().to_pybytes()))
        places.append(files.storage.location)
    digest = _digest((_FORM, type(need).__name__, asks, read, places))
    return _Question(need, digest, f"{places[0]}#{digest.hex()}", tuple(stamps_of_sides))


def _read(files: ScannableFiles, names: Collection[str]) -> list[pa.Field] | None:
    """The fields that may be meant, however an expression spells them; None where one is no file's own."""
    folded = {name.casefold() for name in names}
    if any(each.name.casefold() in folded for each in files.storage.partitions):
        return None
    return [field for field in files.schema if field.name.casefold() in folded]


def _digest(value: object) -> bytes:
    return blake2b(msgspec.msgpack.encode(value), digest_size=_DIGEST).digest()


def _fact(need: _Need, data: bytes | None) -> _Kept | None:
    """None for what is damaged, too."""
    if data is None:
        return None
    try:
        match need:
            case KeyNeed():
                return msgspec.msgpack.decode(data, type=KeyCount)
            case ReferenceNeed():
                return msgspec.msgpack.decode(data, type=ReferenceCount)
            case AggregateNeed():
                return msgspec.msgpack.decode(data, type=AggregateCount)
    except msgspec.DecodeError:
        return None


def _counts(fact: _Kept) -> tuple[int, ...]:
    """A sum of floats may differ in its last digits from run to run, and is none of them."""
    match fact:
        case KeyCount(rows=rows, duplicates=wrong, nulls=nulls):
            return rows, wrong, nulls
        case ReferenceCount(rows=rows, dangling=wrong):
            return rows, wrong
        case AggregateCount(rows=rows, groups=groups, violations=wrong, unknown=unknown):
            return rows, groups, wrong, unknown
