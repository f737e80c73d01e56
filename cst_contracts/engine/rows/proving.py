"""Answers about a relation's files from the proofs of earlier runs, and measures what these leave open."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.by_file import measure_files
from cst_contracts.engine.rows.kept_answers import KeptAnswers
from cst_contracts.engine.rows.known import Known
from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.plan import Answer, FromProofs, Ordered
from cst_contracts.engine.rows.proofs import ProofStore, Provable, provable
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.scan import Tallied
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.stamps import stamps
from cst_contracts.engine.storage.urls import relative_name
from cst_contracts.facts import CouldNotLook, ShownRows, Trouble
from cst_contracts.needs import AnyRowNeed


class ByFile(Struct, frozen=True):
    """What was tallied file by file, from proofs or now, and the parts to scan for in all files together."""

    tallied: list[Tallied]
    left: list[Part]


class Proving:
    """Of one relation. `whole` are its files with all of their fields; no value is kept of a field that is
    not `shown`. Where data is verified, every file is measured, and has to give what was kept of it."""

    def __init__(
        self, store: ProofStore, whole: ScannableFiles, shown: ShownRows, *, verify: bool
    ) -> None:
        self._store, self._whole, self._shown, self._verify = store, whole, shown, verify
        self._hidden = frozenset(field.name for field in shown.fields if field.sensitive)
        self.used: dict[AnyRowNeed, FromProofs] = {}
        self._stamps: Mapping[str, bytes] | None = None

    def tallied(
        self,
        answers: Sequence[Answer],
        parts: Sequence[Part],
        files: ScannableFiles,
        meter: Meter,
        query: str | None = None,
    ) -> ByFile:
        """`files` show no more than the parts read, and `query` makes of their rows what the parts count;
        None where these count them as they are."""
        provable, place = list(self._provable(answers, parts)), self._whole.storage.location
        if not provable:
            return ByFile([], list(parts))
        try:
            known = Known(self._store, place, provable, self._stamped(), self._verify)
            known.read()
            failed = measure_files(known.work(parts), files, meter, known.take, query)
        except IntrospectionError:
            return ByFile([], list(parts))  # a scan without proofs tells what stands in the way
        return self._proved(parts, known, failed)

    def queried(
        self,
        needs: Sequence[AnyRowNeed],
        queries: Queries,
        ask: Callable[[Sequence[AnyRowNeed]], Results],
    ) -> Results:
        """What queries answer, asked as far as their answers are not kept."""
        kept = KeptAnswers(self._store, queries, self._whole, self._shown, self._verify)
        results, used = kept.of(needs, ask)
        self.used = {**used, **self.used}
        return results

    def _proved(self, parts: Sequence[Part], known: Known, failed: frozenset[AnyRowNeed]) -> ByFile:
        found: dict[AnyRowNeed, Tallied] = {}
        for each in known.provable:
            tally = None if each.need in failed else self._tally(each, known)
            if tally is not None:
                found[each.need] = each.part, tally
                self.used[each.need] = known.used(each)
        left = [each for part in parts for each in _without(part, found)]
        return ByFile(list(found.values()), left)

    def _tally(self, each: Provable, known: Known) -> Tally | CouldNotLook | None:
        if each.digest not in known.altered:
            return known.tally(each)
        file = relative_name(self._whole.storage.location, known.altered[each.digest])
        reason = (
            f"the rows of {file} are others than when a proof was kept in {self._store.shown}, under the "
            "same size, time and footer; what is kept now is what they are"
        )
        return CouldNotLook(reason, self._whole.table, trouble=Trouble.PROOF)

    def _stamped(self) -> Mapping[str, bytes]:
        if self._stamps is None:
            storage = self._whole.storage
            with looking_at(self._whole.table, storage.location):
                self._stamps = stamps(storage.files)
        return self._stamps

    def _provable(self, answers: Sequence[Answer], parts: Sequence[Part]) -> Iterator[Provable]:
        by_need = {each.need: each for each in answers if not isinstance(each, Ordered)}
        schema, outside = self._whole.schema, self._whole.outside
        for part in parts:
            for alone in part.apart():
                found = provable(alone, by_need, schema, outside, self._hidden)
                if found is not None:
                    yield found


def _without(part: Part, found: Collection[AnyRowNeed]) -> Sequence[Part]:
    """What of a part is not found; the part whole where nothing of it is."""
    left = [each for each in part.apart() if each.needs[0] not in found]
    return [part] if len(left) == len(part.needs) else left
