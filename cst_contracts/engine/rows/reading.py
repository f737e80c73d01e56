"""A plan over a relation's files, carried out: its one scan, a pass for each key that needs one, queries."""

from collections.abc import Sequence
from typing import TypeAlias

from datafusion import DataFrame, Expr
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes import child_path, find_node
from cst_contracts.datatypes.projection import lightest
from cst_contracts.engine.access.scannable import Source
from cst_contracts.engine.rows.asked import Answered, Asked
from cst_contracts.engine.rows.counts import planned_rule
from cst_contracts.engine.rows.hashes import Hashes
from cst_contracts.engine.rows.keys import gather, look_up
from cst_contracts.engine.rows.null_tally import ValueFacts
from cst_contracts.engine.rows.plan import (
    Answer,
    Compared,
    Hashed,
    Ordered,
    Proved,
    Queried,
    RowPlan,
    Scanned,
)
from cst_contracts.engine.rows.rule_by_batch import mentioned
from cst_contracts.engine.rows.scan import NullsRead, OrderRead, Read, RuleRead, Scan, read
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import (
    Basis,
    KeyCount,
    NullCount,
    ReferenceCount,
    RowOrder,
    RowPlace,
    RuleCount,
    Sample,
    ShownRows,
)
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, OrderNeed, ReferenceNeed, RuleNeed
from cst_contracts.sql.keys import PLACES, flattened, key_column

_Found: TypeAlias = dict[AnyRowNeed, Answered]


def answer_from_files(
    plan: RowPlan, source: Source, asked: Asked, samples: int, shown: ShownRows
) -> _Found:
    """What fails is answered by its error."""
    reading = _Reading(source, asked, samples, shown)
    answers: _Found = {}
    answers.update(_proved(plan))
    queried = [answer.need for answer in plan.answers if isinstance(answer, Queried)]
    answers.update(reading.queried(queried))
    answers.update(reading.scanned(plan.answers))
    for answer in plan.answers:
        if isinstance(answer, Hashed) and not answer.flat:
            answers[answer.need] = reading.key_of_its_own(answer)
        elif isinstance(answer, Ordered) and answer.need not in answers:
            answers[answer.need] = reading.key_of_its_own(answer.otherwise)
    return answers


def _proved(plan: RowPlan) -> _Found:
    answers: _Found = {}
    for answer in plan.answers:
        match answer:
            case Proved(need=need, basis=basis, values=values, nulls=nulls):
                count = NullCount(values, nulls, basis=basis)
                answers[need] = ValueFacts(plan.rows or 0, basis, {need.path: count})
            case Compared(need=need, terms=()):
                # Of a table that is ordered by its folders alone, each file has one value.
                answers[need] = RowOrder(plan.rows or 0, 0, basis=Basis.SCHEMA)
            case _:
                pass
    return answers


class _Reading(Struct, frozen=True):
    source: Source
    asked: Asked
    most: int
    shown: ShownRows

    def queried(self, needs: Sequence[AnyRowNeed]) -> _Found:
        answers = self.asked.answers(needs)
        placed = {need: self._with_places(need, answers[need]) for need in answers}
        return self.asked.with_samples(placed, self.shown, self.most)

    def scanned(self, answers: Sequence[Answer]) -> _Found:
        narrowed = self._narrowed(answers)
        found = self._scanned(answers, narrowed)
        if narrowed is not self.source and any(map(_is_error, found.values())):
            return self._scanned(answers, self.source)
        return found

    def _scanned(self, answers: Sequence[Answer], source: Source) -> _Found:
        """Rules that the files alone cannot answer, as those over a Delta table's partition fields, are
        asked in the session's own way."""
        scan = self._scan(answers, source)
        planned = {rule for rule, _ in scan.rules}
        rules = [answer.need for answer in answers if isinstance(answer, Scanned)]
        apart = [need for need in rules if isinstance(need, RuleNeed) and need not in planned]
        ordered = {answer.order: answer.need for answer in answers if isinstance(answer, Ordered)}
        return {**self.queried(apart), **self._read(scan, ordered)}

    def key_of_its_own(self, answer: Hashed) -> Answered:
        narrowed = self._holding(answer.need.paths)
        found = self._gathered(answer, narrowed)
        if narrowed is not self.source and _is_error(found):
            return self._gathered(answer, self.source)
        return found

    def _narrowed(self, answers: Sequence[Answer]) -> Source:
        """No more than the scan looks at. Rules may look at all that is in a field."""
        schema = self.source.schema
        paths: list[str] = []
        for answer in answers:
            match answer:
                case Scanned(need=NullsNeed(path=path)) if node := find_node(schema, path):
                    paths.append(lightest(node))
                case Scanned(need=RuleNeed(rule=rule)):
                    paths.extend(child_path("", name) for name in mentioned(schema, rule))
                case Compared(terms=terms):
                    paths.extend(child_path("", term.field) for term in terms)
                case Hashed(need=KeyNeed(paths=keys), flat=True):
                    paths.extend(keys)
                case _:
                    pass
        return self._holding(paths)

    def _holding(self, paths: Sequence[str]) -> Source:
        """The whole source where less of it cannot be had. Files that differ may not be read as less, either,
        where they can as a whole: what fails is then asked of that."""
        try:
            return self.asked.narrowed(self.source, paths)
        except IntrospectionError:
            return self.source

    def _gathered(self, answer: Hashed, source: Source) -> Answered:
        try:
            with looking_at(self.source.table, self.source.storage.location):
                keys, columns = _keys(source, answer.need.paths, placed=False)
                hashes = gather(keys, columns, answer.room)
                return self._key(answer.need, hashes, source)
        except IntrospectionError as error:
            return error

    def _scan(self, answers: Sequence[Answer], source: Source) -> Scan:
        frame = source.frame()
        scanned = [answer.need for answer in answers if isinstance(answer, Scanned)]
        rules: list[tuple[RuleNeed, Expr]] = []
        for need in scanned:
            if isinstance(need, RuleNeed):
                try:
                    rules.append((need, planned_rule(frame, self.source.table, need.rule)))
                except IntrospectionError:
                    continue  # asked in another way, which tells the error if it cannot be planned there
        flat = [answer for answer in answers if isinstance(answer, Hashed) and answer.flat]
        return Scan(
            frame=frame,
            schema=source.schema,
            nulls=tuple(need for need in scanned if isinstance(need, NullsNeed)),
            rules=tuple(rules),
            keys=tuple(flat),
            orders=tuple(
                answer for answer in answers if isinstance(answer, Compared) and answer.terms
            ),
            samples=self.most,
            null_folders=self.source.storage.null_folders,
        )

    def _read(self, scan: Scan, ordered: dict[OrderNeed, KeyNeed]) -> _Found:
        """Where the scan fails, each need is scanned for alone: one spoils no other."""
        if not scan.needs:
            return {}
        answers: _Found = {}
        try:
            with looking_at(self.source.table, self.source.storage.location):
                for need, found in read(scan).items():
                    answers[need] = self._told(need, found)
                    if (
                        isinstance(need, OrderNeed)
                        and isinstance(found, OrderRead)
                        and found.unique
                    ):
                        answers[ordered[need]] = KeyCount(found.order.rows, 0, 0)
            return answers
        except IntrospectionError as error:
            if len(scan.needs) == 1:
                return {scan.needs[0]: error}
        for need in scan.needs:
            answers.update(self._read(scan.only(need), ordered))
        return answers

    def _told(self, need: AnyRowNeed, found: Read) -> Answered:
        match need, found:
            case NullsNeed(path=path), NullsRead(rows=rows, count=count, places=places):
                count = replace(count, samples=self._samples(places))
                return ValueFacts(rows, Basis.SCAN, {path: count})
            case _, RuleRead(rows=rows, violations=violations, places=places):
                return RuleCount(rows, violations, self._samples(places))
            case _, OrderRead(order=order, places=places):
                examples = tuple(
                    replace(example, file=self.source.told(example.file))
                    for example in order.examples
                )
                return replace(order, examples=examples, samples=self._samples(places))
            case KeyNeed() as key, Hashes() as hashes:
                return self._key(key, hashes, self.source)
            case _:
                raise AssertionError(f"{need} was not read for")

    def _key(self, need: KeyNeed, hashes: Hashes, source: Source) -> Answered:
        keys, columns = _keys(source, need.paths, placed=True)
        duplicates = look_up(keys, columns, hashes, self.most)
        if duplicates is None:
            return self.queried([need])[need]
        samples = self._samples(duplicates.places)
        return KeyCount(hashes.complete, duplicates.rows, hashes.incomplete, samples)

    def _with_places(self, need: AnyRowNeed, answered: Answered) -> Answered:
        try:
            match need, answered:
                case ReferenceNeed(reference=reference), ReferenceCount(dangling=dangling) if (
                    dangling and self.most
                ):
                    places = self.asked.dangling_places(reference, self.source, self.most)
                    return replace(answered, samples=self._samples(places))
                case KeyNeed(paths=paths), KeyCount(duplicates=duplicates) if (
                    duplicates and self.most
                ):
                    places = self.asked.duplicate_places(paths, self.source, self.most)
                    return replace(answered, samples=self._samples(places))
                case _:
                    return answered
        except IntrospectionError as error:
            return error

    def _samples(self, places: Sequence[RowPlace]) -> tuple[Sample, ...]:
        return self.source.samples(places, self.shown.fields)


def _keys(source: Source, paths: Sequence[str], *, placed: bool) -> tuple[DataFrame, list[str]]:
    """One row per key, with the row's place where that is wanted, and the names of the key's columns."""
    query = flattened(source.schema, source.table, paths, PLACES if placed else {})
    return source.context.sql(query), [key_column(index) for index in range(len(paths))]


def _is_error(answered: Answered) -> bool:
    return isinstance(answered, IntrospectionError)
