"""What a task tells of itself, as bytes."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import Struct

from cst_contracts.distributed.trouble import ClusterTrouble, ScanFailed
from cst_contracts.facts import Trouble


class Counted(Struct, frozen=True, tag="counted"):
    """Of all files of a task: a tally for each part."""

    rows: int
    tallies: tuple[bytes, ...]


class Gathered(Struct, frozen=True, tag="gathered"):
    """The keys of a task are sent. `complete` have no null, and `incomplete` take no part."""

    complete: int
    incomplete: int


class Grouped(Struct, frozen=True, tag="grouped"):
    """Of groups that are whole: of how many an aggregate is false or NULL, and as tables of Arrow the largest
    of these."""

    rows: int
    groups: int
    false: int
    null: int
    largest_false: bytes
    largest_null: bytes


class Aggregated(Struct, frozen=True, tag="aggregated"):
    """As a table of Arrow, what some of the rows give to the one group of all."""

    values: bytes


class Unseen(Struct, frozen=True, tag="unseen"):
    """A file is not to be found on the worker, or is another one there."""

    host: str
    url: str
    observed: str


class Failed(Struct, frozen=True, tag="failed"):
    """The rows could not be read, as one machine would say it."""

    reason: str
    trouble: Trouble


Measured = Counted | Gathered | Grouped | Aggregated
Outcome = Measured | Unseen | Failed
_OUTCOMES: msgspec.msgpack.Decoder[Outcome] = msgspec.msgpack.Decoder(Outcome)


def sent_outcome(outcome: Outcome) -> bytes:
    return msgspec.msgpack.encode(outcome)


class Task(Struct, frozen=True):
    """What one task has given back. `trouble` is what its worker lacks."""

    number: int
    trouble: str
    told: bytes

    def outcome(self) -> Measured:
        """Raises ScanFailed, and ClusterTrouble."""
        if self.trouble:
            reason = f"has workers that lack what they need: {self.trouble}"
            raise ClusterTrouble(reason, lasting=True)
        match _OUTCOMES.decode(self.told):
            case Counted() | Gathered() | Grouped() | Aggregated() as outcome:
                return outcome
            case Unseen(host=host, url=url, observed=observed):
                reason = f"has a worker, {host}, that does not see {url}: {observed} there"
                raise ClusterTrouble(reason)
            case Failed(reason=reason, trouble=trouble):
                raise ScanFailed(reason, trouble)


def tasks_in(rows: pa.Table) -> list[Task]:
    """In their order, of rows that have what tasks tell of themselves."""
    told: Iterable[dict[str, Any]] = rows.select(["task", "trouble", "told"]).to_pylist()
    own = [row for row in told if row["task"] is not None]
    return [
        Task(row["task"], row["trouble"], row["told"] or b"")
        for row in sorted(own, key=lambda row: row["task"])
    ]
