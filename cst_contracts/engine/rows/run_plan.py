"""Carries out the plan for one relation: a scan of its files, passes for some keys, and queries."""

from collections.abc import Iterable, Sequence
from functools import partial

from datafusion import DataFrame
from msgspec import Struct

from cst_contracts.contract.model import ReferenceContract
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.elsewhere import Elsewhere, GroupsOf, KeysOf, SharedScan
from cst_contracts.engine.rows.key_tally import KeyPart, key_query, key_rows
from cst_contracts.engine.rows.measure import Part, Scanning
from cst_contracts.engine.rows.measures import MEASURES, by_measure, measure_of
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.plan import (
    Answer,
    Compared,
    Enumerated,
    Hashed,
    Ordered,
    Proved,
    Queried,
    RowPlan,
    Scanned,
)
from cst_contracts.engine.rows.proving import Proving
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Result, Results, attempt
from cst_contracts.engine.rows.samples import Samples
from cst_contracts.engine.rows.scan import Tallied, scan, scan_apart
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import CouldNotLook, Trouble
from cst_contracts.needs import AggregateNeed, AnyRowNeed, ReferenceNeed


def run_queries(needs: Sequence[AnyRowNeed], queries: Queries) -> Results:
    """Every measure's own queries."""
    results: Results = {}
    for measure, own in by_measure(needs):
        results.update(measure.by_query(own, queries))
    return results


def run_plan(
    plan: RowPlan,
    files: ScannableFiles,
    samples: Samples,
    meter: Meter,
    elsewhere: Elsewhere | None = None,
    proving: Proving | None = None,
) -> Results:
    """An answer for each need of the plan: what fails is answered by its trouble. What is sent is answered
    `elsewhere` alone: nobody reads here what is too much for this machine. Of the rest, what is kept of
    earlier runs is not measured again."""
    run = _Run(files, samples, meter, plan.rows, elsewhere, proving)
    here = plan.answered_here()
    results: Results = {
        each.need: each.fact for each in plan.answers if isinstance(each, Proved | Enumerated)
    }
    results.update(run.queried(each.need for each in here if isinstance(each, Queried)))
    results.update(run.scanned(here))
    results.update(run.scanned(plan.scanned_there(), sent=True))
    for answer in plan.met_there():
        results.update(run.met(answer))
    for answer in plan.answers:
        hashed = answer.otherwise if isinstance(answer, Ordered) else answer
        if isinstance(hashed, Hashed) and answer.need not in results:
            there = plan.is_sent(answer.need)
            results.update(run.met(hashed) if there else run.passed(hashed))
    return results


class _Run(Struct, frozen=True):
    files: ScannableFiles
    samples: Samples
    meter: Meter
    rows: int | None
    elsewhere: Elsewhere | None
    proving: Proving | None

    def queried(self, needs: Iterable[AnyRowNeed]) -> Results:
        queries, wanted = self.samples.queries, list(needs)
        ask = partial(run_queries, queries=queries)
        proving = self.proving
        found = ask(wanted) if proving is None else proving.queried(wanted, queries, ask)
        return self.samples.by_query(found, self.files)

    def scanned(self, answers: Sequence[Answer], *, sent: bool = False) -> Results:
        """No more of the files is read than the scan looks at, where that can be had: files that differ may
        be readable as a whole only, therefore what fails is scanned again so."""
        paths = [
            path
            for measure in MEASURES.values()
            for path in measure.paths(answers, self.files.schema)
        ]
        narrowed = self._holding(paths)
        results = self._scanned(answers, narrowed, sent=sent)
        if narrowed is not self.files and _has_trouble(results):
            return self._scanned(answers, self.files, sent=sent)
        return results

    def passed(self, answer: Hashed) -> Results:
        """A key whose hashes take a pass of their own."""
        narrowed = self._holding(answer.need.paths)
        results = self._passed(answer, narrowed)
        if narrowed is not self.files and _has_trouble(results):
            return self._passed(answer, self.files)
        return results

    def met(self, answer: Answer) -> Results:
        """A key or a reference, whose keys meet elsewhere."""
        narrowed = self._holding(measure_of(answer.need).paths_read(answer.need))
        results = self._met(answer, narrowed)
        if narrowed is not self.files and _has_trouble(results):
            return self._met(answer, self.files)
        return results

    def _met(self, answer: Answer, files: ScannableFiles) -> Results:
        found = self._counted_elsewhere(answer, files)
        if isinstance(found, CouldNotLook):
            return {answer.need: found}
        return {answer.need: attempt(partial(self.samples.of_places, found, self.files))}

    def _counted_elsewhere(self, answer: Answer, files: ScannableFiles) -> Result:
        elsewhere, relation = self.elsewhere, self.files.table
        match answer:
            case Hashed(need=need, flat=flat) if elsewhere is not None:
                keys = KeysOf(files, relation, need.paths, self.rows if flat else None)
                return elsewhere.key_count(keys, self.samples.most)
            case Queried(need=ReferenceNeed(reference=reference)) if elsewhere is not None:
                here = KeysOf(files, relation, reference.fields)
                there = self._referred(reference)
                return elsewhere.reference_count(here, there, self.samples.most)
            case Queried(need=AggregateNeed(aggregate=aggregate)) if elsewhere is not None:
                return elsewhere.aggregate_count(GroupsOf(files, relation, aggregate, self.rows))
            case _:
                raise AssertionError(f"nobody lets the keys of {answer.need} meet")

    def _referred(self, reference: ReferenceContract) -> KeysOf:
        """Raises AssertionError where it was sent without its files."""
        access = self.samples.queries.access
        files = access.source(reference.table)
        if files is None:
            raise AssertionError(f"{reference.table} has no files")
        return KeysOf(files, reference.table, reference.to)

    def _holding(self, paths: Sequence[str]) -> ScannableFiles:
        try:
            return self.samples.queries.access.narrowed(self.files, paths)
        except IntrospectionError:
            return self.files

    def _scanned(self, answers: Sequence[Answer], files: ScannableFiles, *, sent: bool) -> Results:
        most, whole = self.samples.most, self.files
        scanning = Scanning(files.frame(), files.schema, whole.table, most, whole)
        parts = [part for measure in MEASURES.values() for part in measure.parts(answers, scanning)]
        planned = {need for part in parts for need in part.needs}
        left = [need for need in _wanted(answers) if need not in planned]
        if sent and self.elsewhere is not None:
            kept = tuple(answer for answer in answers if answer.need not in left)
            shared = SharedScan(files, whole.table, kept, tuple(parts), most, self.rows)
            tallied = self.elsewhere.tallied(shared)
        else:
            tallied = self._scanned_here(answers, parts, files, scanning.frame)
        return {**self.queried(left), **self._settled(tallied)}

    def _scanned_here(
        self,
        answers: Sequence[Answer],
        parts: Sequence[Part],
        files: ScannableFiles,
        frame: DataFrame,
    ) -> list[Tallied]:
        if self.proving is None:
            return self._scanned_whole(parts, frame)
        proved = self.proving.tallied(answers, parts, files, self.meter)
        return [*proved.tallied, *self._scanned_whole(proved.left, frame)]

    def _scanned_whole(self, parts: Sequence[Part], frame: DataFrame) -> list[Tallied]:
        """By all files at once."""
        whole = self.files
        read = partial(scan, frame, null_folders=whole.null_folders, meter=self.meter)
        return scan_apart(parts, read, whole.table, whole.storage.location)

    def _passed(self, answer: Hashed, files: ScannableFiles) -> Results:
        try:
            with looking_at(files.table, files.storage.location):
                frame, columns = key_rows(files, answer.need.paths, placed=False)
        except IntrospectionError as error:
            return {answer.need: error.answer}
        part = KeyPart(answer.need, tuple(columns), answer.room, files, samples=self.samples.most)
        if self.proving is not None:
            query = key_query(files, answer.need.paths)
            proved = self.proving.tallied([answer], [part], files, self.meter, query)
            if not proved.left:
                return self._settled(proved.tallied)
        read = partial(scan, frame, meter=self.meter)
        tallied = scan_apart([part], read, self.files.table, files.storage.location)
        return self._settled(tallied)

    def _settled(self, tallied: Sequence[Tallied]) -> Results:
        results: Results = {}
        for part, tally in tallied:
            if isinstance(tally, CouldNotLook):
                results.update(dict.fromkeys(part.needs, tally))
            else:
                results.update(self._answers(part, tally))
        return results

    def _answers(self, part: Part, tally: object) -> Results:
        """A query answers what the part leaves open."""
        try:
            with looking_at(self.files.table, self.files.storage.location):
                settled = part.settled(tally)
        except IntrospectionError as error:
            return dict.fromkeys(part.needs, error.answer)
        results = self.queried(need for need in part.needs if need not in settled)
        for need, fact in settled.items():
            results[need] = attempt(partial(self.samples.of_places, fact, self.files))
        return results


def _wanted(answers: Sequence[Answer]) -> Iterable[AnyRowNeed]:
    """What the scan should answer."""
    for answer in answers:
        match answer:
            case Scanned(need=need) | Compared(need=need) | Hashed(need=need, flat=True):
                yield need
            case Proved() | Enumerated() | Queried() | Ordered() | Hashed():
                pass


def _has_trouble(results: Results) -> bool:
    """Of the rows: that of a cluster, of time or of a proof is no other for a scan of all fields."""
    lasting = (Trouble.ELSEWHERE, Trouble.SLOW, Trouble.PROOF)
    return any(
        isinstance(each, CouldNotLook) and each.trouble not in lasting for each in results.values()
    )
