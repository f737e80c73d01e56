"""What was measured of data files in earlier runs, and how it is told from what it was not measured of.

A proof is the tally of one measure over one data file. It holds as long as the file is the same, and the
measure asks for the same of fields of the same types.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

import msgspec
import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import top_level
from cst_contracts.engine.rows.measure import Part
from cst_contracts.engine.rows.measures import measure_of
from cst_contracts.engine.rows.plan import Answer
from cst_contracts.needs import AnyRowNeed

#: Another number makes all proofs void: where a tally is another one, or is written in another way.
_FORM = 1
_DIGEST = 16


class ProofStore(Protocol):
    """Keeps tallies by the URL of their data file and its stamp, each under the digest of its measure.

    Methods raise no error for what was kept and is damaged, of another version or of another stamp: then
    nothing was kept."""

    @property
    def shown(self) -> str:
        """The place, as people know it."""

    def kept(self, url: str, stamp: bytes, digests: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Those of these digests that there are."""

    def keep(self, url: str, stamp: bytes, tallies: Mapping[bytes, bytes]) -> None:
        """Beside what is kept of the same stamp, and instead of what is kept of another. Raises OSError."""

    def forget(self, url: str) -> None:
        """All that is kept of a file, as far as that can be done."""


class Provable(Struct, frozen=True):
    """A part of one need whose tallies are kept under a digest.

    Of a tally that is large only a `summary` of some bytes is; the whole is kept under the digest `whole`."""

    part: Part
    digest: bytes
    summary: int = 0

    @property
    def whole(self) -> bytes:
        return blake2b(self.digest, digest_size=_DIGEST).digest()

    def held(self, tally: bytes) -> bytes:
        """What of a tally is held of each file."""
        return tally[: self.summary] if self.summary else tally

    def kept(self, tally: bytes) -> Mapping[bytes, bytes]:
        """By digest."""
        held = {self.digest: self.held(tally)}
        return {**held, self.whole: tally} if self.summary else held

    @property
    def need(self) -> AnyRowNeed:
        (need,) = self.part.needs
        return need


def provable(
    part: Part,
    answers: Mapping[AnyRowNeed, Answer],
    schema: pa.Schema,
    folders: frozenset[str],
    hidden: frozenset[str],
) -> Provable | None:
    """Of a part of one need; None where its tallies are not kept.

    They are not where a field that is read stands in the names of `folders`, and not in the file, and where a
    value of a `hidden` field, or a hash of it, would stand in the tally.
    """
    keeping = part.keeping
    if keeping is None or not hidden.isdisjoint(keeping.holds):
        return None
    (need,) = part.needs
    measure = measure_of(need)
    paths = measure.paths([answers[need]], schema) or measure.paths_read(need)
    fields = _read(schema, paths)
    if any(field.name in folders for field in fields):
        return None
    return Provable(part, _digest((_FORM, keeping.asks), fields), keeping.summary)


def _read(schema: pa.Schema, paths: Iterable[str]) -> list[pa.Field]:
    """As far as types go, a path depends on the whole field that it lies in."""
    tops = {top_level(path) for path in paths}
    return [field for field in schema if field.name in tops]


def _digest(asks: object, fields: Sequence[pa.Field]) -> bytes:
    """A field's flag and metadata belong to it: the engine folds conditions by flags, and types may stand in
    metadata."""
    types = pa.schema(fields).serialize().to_pybytes()
    return blake2b(msgspec.msgpack.encode((asks, types)), digest_size=_DIGEST).digest()
