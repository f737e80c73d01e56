"""Lets the keys of all rows meet on a cluster, and counts those that break a promise.

Of a key the tasks send 64-bit hashes, which the cluster groups; only where some are equal are values sent, of
these hashes alone where they are few. Of a reference nearly every key is equal to one that is there, so that
hashes would prove nothing: values are sent at once.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from cst_contracts.distributed import key_groups, key_worker
from cst_contracts.distributed.key_worker import KeyWork, Sending, Side, sent_key_work
from cst_contracts.distributed.outcomes import Gathered, Task
from cst_contracts.distributed.pieces import Load
from cst_contracts.distributed.scanned_files import refuse_other_rows, whole_files
from cst_contracts.distributed.sharing import shared_out
from cst_contracts.distributed.shipping import Ship, shipped_rows
from cst_contracts.distributed.workers import Workers
from cst_contracts.engine.rows.elsewhere import KeysOf
from cst_contracts.engine.rows.key_tally import MOST_HASHES
from cst_contracts.facts import KeyCount, ReferenceCount, Sample

_COLUMNS: Mapping[Sending, Mapping[str, str]] = {
    Sending.HASHES: {"hash": "long"},
    Sending.VALUES: {"side": "int", "value": "binary"},
    Sending.PLACES: {"side": "int", "value": "binary", "file": "string", "row": "long"},
}


class _Meeting(Struct, frozen=True):
    """Of the keys of one table, or of a reference's two. Methods raise ClusterTrouble, ScanFailed and
    IntrospectionError."""

    workers: Workers
    sides: tuple[KeysOf, ...]
    loads: tuple[Load, ...]
    wanted: key_groups.Wanted

    def repeated(self) -> key_groups.Repeated:
        ship, loads = self._ship(Sending.HASHES), self._loads()
        return self.workers.asked(
            lambda talking: key_groups.repeated(talking, ship, loads, MOST_HASHES)
        )

    def broken(self, among: tuple[int, ...] | None = None) -> key_groups.Broken:
        ship, loads = self._ship(Sending.VALUES, among), self._loads()
        return self.workers.asked(
            lambda talking: key_groups.broken(talking, ship, loads, self.wanted)
        )

    def samples(self, most: int, among: tuple[int, ...] | None = None) -> tuple[Sample, ...]:
        ship, loads, wanted = self._ship(Sending.PLACES, among), self._loads(), self.wanted
        found = self.workers.asked(
            lambda talking: key_groups.places(talking, ship, loads, wanted, most)
        )
        return tuple(Sample(place, ()) for place in found)

    def counted(self, tasks: Sequence[Task]) -> Gathered:
        """Of the first side, whose files have all been read, as those of the others have."""
        own = sum(load.side == 0 for load in self.loads)
        outcomes = [task.outcome() for task in tasks]
        gathered = [each for each in outcomes[:own] if isinstance(each, Gathered)]
        complete = sum(each.complete for each in gathered)
        incomplete = sum(each.incomplete for each in gathered)
        rows = self.sides[0].rows
        refuse_other_rows(complete + incomplete, rows, len(tasks), len(self.loads))
        return Gathered(complete, incomplete)

    def _ship(self, sending: Sending, among: tuple[int, ...] | None = None) -> Ship:
        sides = tuple(
            Side(each.files.table, each.relation, each.files.schema, each.paths)
            for each in self.sides
        )
        work = sent_key_work(KeyWork(sides, sending, among))
        return shipped_rows(work, self.workers.versions, _COLUMNS[sending], key_worker.__name__)

    def _loads(self) -> list[bytes]:
        return [load.sent() for load in self.loads]


def count_keys(workers: Workers, keys: KeysOf, samples: int) -> KeyCount:
    """Raises ClusterTrouble, ScanFailed and IntrospectionError."""
    meeting = _meeting(workers, keys)
    found = meeting.repeated()
    counted = meeting.counted(found.tasks)
    if not found.hashes:
        return KeyCount(counted.complete, 0, counted.incomplete)
    among = found.hashes if len(found.hashes) <= MOST_HASHES else None
    broken = meeting.broken(among)
    meeting.counted(broken.tasks)
    shown = meeting.samples(samples, among) if samples and broken.rows else ()
    return KeyCount(counted.complete, broken.rows, counted.incomplete, shown)


def count_references(workers: Workers, here: KeysOf, there: KeysOf, samples: int) -> ReferenceCount:
    """Raises ClusterTrouble, ScanFailed and IntrospectionError."""
    meeting = _meeting(workers, here, there)
    broken = meeting.broken()
    counted = meeting.counted(broken.tasks)
    shown = meeting.samples(samples) if samples and broken.rows else ()
    return ReferenceCount(counted.complete, broken.rows, shown)


def _meeting(workers: Workers, *sides: KeysOf) -> _Meeting:
    loads = [
        Load(tuple(pieces), number)
        for number, side in enumerate(sides)
        for pieces in shared_out(whole_files(side.files, side.relation))
    ]
    wanted = key_groups.REPEATED if len(sides) == 1 else key_groups.DANGLING
    return _Meeting(workers, sides, tuple(loads), wanted)
