"""A cluster that reads files instead of this machine, by our own measures.

Its answers are tallies, merged here as those of threads are, and counts of keys that it has grouped. What it
cannot do is never done here instead: a user who names a cluster has more rows than this machine should read.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from cst_contracts.distributed.grouping import count_groups
from cst_contracts.distributed.meeting import count_keys, count_references
from cst_contracts.distributed.outcomes import Counted
from cst_contracts.distributed.pieces import Load
from cst_contracts.distributed.placing import why_here
from cst_contracts.distributed.scanned_files import refuse_other_rows, whole_files
from cst_contracts.distributed.sharing import shared_out
from cst_contracts.distributed.shipping import shipped
from cst_contracts.distributed.trouble import ClusterTrouble, ScanFailed
from cst_contracts.distributed.worker import Work, sent_work
from cst_contracts.distributed.workers import ClusterAddress, Workers
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.elsewhere import GroupsOf, KeysOf, Referred, SharedScan
from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.plan import Answer, Ordered
from cst_contracts.engine.rows.scan import Tallied, merged
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.footers import footers
from cst_contracts.facts import AggregateCount, CouldNotLook, KeyCount, ReferenceCount, Trouble

T = TypeVar("T")


class Cluster:
    """Connects when something is first asked of it."""

    def __init__(self, address: ClusterAddress) -> None:
        self._workers = Workers(address)

    @property
    def name(self) -> str:
        return f"on the cluster {self._workers.shown}"

    def why_here(self, answer: Answer, files: ScannableFiles, referred: Referred) -> str | None:
        return why_here(answer, files, referred)

    def rows_read(
        self, files: ScannableFiles, relation: str, fields: tuple[str, ...]
    ) -> int | CouldNotLook:
        work = Work(files.table, relation, files.schema, (), (), 0, fields)
        return self._found(files.storage.location, relation, lambda: self._rows_read(files, work))

    def key_count(self, keys: KeysOf, samples: int) -> KeyCount | CouldNotLook:
        count = partial(count_keys, self._workers, keys, samples)
        return self._found(keys.files.storage.location, keys.relation, count)

    def reference_count(
        self, here: KeysOf, there: KeysOf, samples: int
    ) -> ReferenceCount | CouldNotLook:
        count = partial(count_references, self._workers, here, there, samples)
        return self._found(here.files.storage.location, here.relation, count)

    def aggregate_count(self, groups: GroupsOf) -> AggregateCount | CouldNotLook:
        count = partial(count_groups, self._workers, groups)
        return self._found(None, groups.relation, count)

    def tallied(self, scan: SharedScan) -> list[Tallied]:
        """All parts in one scan; where the engine fails in it, each need alone: one spoils no other."""
        try:
            return self._scanned(scan)
        except ClusterTrouble as error:
            return [(part, self._trouble(error, scan.relation)) for part in scan.parts]
        except IntrospectionError as error:
            return [(part, error.answer) for part in scan.parts]
        except ScanFailed as error:
            alone = [each for part in scan.parts for each in part.apart()]
            if len(alone) == 1:
                location = scan.files.storage.location
                found = CouldNotLook(error.reason, scan.relation, location, error.trouble)
                return [(alone[0], found)]
        return [tallied for part in alone for tallied in self.tallied(_alone(scan, part))]

    def _found(
        self, location: str | None, relation: str, find: Callable[[], T]
    ) -> T | CouldNotLook:
        try:
            return find()
        except ClusterTrouble as error:
            return self._trouble(error, relation)
        except IntrospectionError as error:
            return error.answer
        except ScanFailed as error:
            return CouldNotLook(error.reason, relation, location, error.trouble)

    def _trouble(self, error: ClusterTrouble, relation: str) -> CouldNotLook:
        found = f"the cluster {self._workers.shown} {error.reason}"
        return CouldNotLook(found, relation, trouble=Trouble.ELSEWHERE)

    def _scanned(self, scan: SharedScan) -> list[Tallied]:
        if not scan.parts:
            return []
        counted = self._counted(scan.files, _work(scan), scan.rows)
        return [
            (part, _merged(part, [each.tallies[number] for each in counted]))
            for number, part in enumerate(scan.parts)
        ]

    def _rows_read(self, files: ScannableFiles, work: Work) -> int:
        with looking_at(work.relation, files.storage.location):
            wanted = sum(each.num_rows for each in footers(files.storage.files))
        return sum(each.rows for each in self._counted(files, work, wanted))

    def _counted(self, files: ScannableFiles, work: Work, rows: int | None) -> list[Counted]:
        """Of each task. Raises ClusterTrouble, ScanFailed and IntrospectionError."""
        tasks = shared_out(whole_files(files, work.relation))
        ship = shipped(sent_work(work), self._workers.versions)
        told = self._workers.run(ship, [Load(tuple(pieces)).sent() for pieces in tasks])
        outcomes = [task.outcome() for task in told]
        counted = [each for each in outcomes if isinstance(each, Counted)]
        refuse_other_rows(sum(each.rows for each in counted), rows, len(counted), len(tasks))
        return counted


def _work(scan: SharedScan) -> Work:
    return Work(
        scan.files.table,
        scan.relation,
        scan.files.schema,
        scan.answers,
        tuple(tuple(part.needs) for part in scan.parts),
        scan.samples,
    )


def _merged(part: Part, tallies: Sequence[bytes]) -> Tally:
    return merged([part.restored(each) for each in tallies])


def _alone(scan: SharedScan, part: Part) -> SharedScan:
    """The part's own answers, and the keys that ride on them."""
    answers = tuple(
        answer
        for answer in scan.answers
        if (answer.order if isinstance(answer, Ordered) else answer.need) in part.needs
    )
    return replace(scan, answers=answers, parts=(part,))
