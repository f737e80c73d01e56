"""What is known of each data file of a relation: tallies that were kept, and those that are measured now."""

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import TypeAlias

from msgspec import Struct, field

from cst_contracts.engine.access.scannable import engine_name
from cst_contracts.engine.rows.by_file import FileWork
from cst_contracts.engine.rows.key_proofs import KeyFiles, distinct_bytes, distinct_of, key_proof
from cst_contracts.engine.rows.key_tally import KeptHashes, KeyPart, KeyTally
from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.plan import FromProofs
from cst_contracts.engine.rows.proofs import ProofStore, Provable
from cst_contracts.needs import AnyRowNeed

#: The tallies of one file, or their summaries, by the digests of their measures.
_Tallies: TypeAlias = dict[bytes, bytes]


class Known(Struct):
    """`verify`: what is kept is compared with what is measured, and believed of no file.

    `altered` are files, by the digest of a measure, that have given something else than what was kept."""

    store: ProofStore
    location: str
    provable: list[Provable]
    stamps: Mapping[str, bytes]
    verify: bool
    kept: dict[str, _Tallies] = field(default_factory=dict)
    new: dict[str, _Tallies] = field(default_factory=dict)
    altered: dict[bytes, str] = field(default_factory=dict)
    unkept: str | None = None
    lock: Lock = field(default_factory=Lock)

    def read(self) -> None:
        digests = [each.digest for each in self.provable]
        for url, stamp in self.stamps.items():
            self.kept[url] = dict(self.store.kept(url, stamp, digests))

    def work(self, parts: Sequence[Part]) -> list[FileWork]:
        """What is to be measured: of each file that of which nothing is kept, or all."""
        return [
            FileWork(url, self.stamps[url], wanted)
            for url, kept in self.kept.items()
            if (wanted := self._wanted(parts, {} if self.verify else kept))
        ]

    def _wanted(self, parts: Sequence[Part], kept: _Tallies) -> list[Part]:
        """A part whole where each of its needs is wanted, since it reads its fields once for all of them."""
        wanted = {each.need: each.part for each in self.provable if each.digest not in kept}
        found: list[Part] = []
        for part in parts:
            own = [wanted[need] for need in part.needs if need in wanted]
            found += [part] if len(own) == len(part.needs) else own
        return found

    def take(self, work: FileWork, tallies: Mapping[AnyRowNeed, bytes]) -> None:
        """Keeps what was measured. A proof that cannot be kept is one that the next run has not."""
        kept = self.kept[work.url]
        found: _Tallies = {}
        changed: _Tallies = {}
        for each in (each for each in self.provable if each.need in tallies):
            data = tallies[each.need]
            found[each.digest] = each.held(data)
            before = kept.get(each.digest)
            if before is not None and each.summary:
                before = self._whole(work.url, each)
            if before != data:
                changed.update(each.kept(data))
                if before is not None:
                    self.altered.setdefault(each.digest, work.url)
        with self.lock:
            self.new[work.url] = found
        self._keep(work.url, work.stamp, changed)
        for each in self.provable:
            if each.summary and self.altered.get(each.digest) == work.url:
                self._keep_distinct(each, ())

    def _whole(self, url: str, each: Provable) -> bytes | None:
        return self.store.kept(url, self.stamps[url], [each.whole]).get(each.whole)

    def _keep(self, url: str, stamp: bytes, tallies: _Tallies) -> None:
        if not tallies:
            return
        try:
            self.store.keep(url, stamp, tallies)
        except OSError as error:
            self.unkept = str(error)

    def used(self, each: Provable) -> FromProofs:
        files = len(self.stamps)
        measured = sum(each.digest in found for found in self.new.values())
        return FromProofs(files, files - measured, self.store.shown, self.unkept)

    def tally(self, each: Provable) -> Tally | None:
        """Of all files; None where something that was kept is not to be had any more."""
        if isinstance(each.part, KeyPart):
            return self._key_tally(each, each.part)
        (tally,) = each.part.tallies(1)
        for url in self.stamps:
            tally.take(self._latest(url, each), engine_name(url))
        found: Tally = tally
        return found

    def _latest(self, url: str, each: Provable) -> bytes:
        measured = self.new.get(url, {})
        return measured[each.digest] if each.digest in measured else self.kept[url][each.digest]

    def _key_tally(self, each: Provable, part: KeyPart) -> KeyTally | None:
        kept = distinct_of(self.store.kept(self._place, b"", [each.digest]).get(each.digest))
        counts = {url: KeptHashes.of(self._latest(url, each)) for url in self.stamps}
        distinct = frozenset() if self.verify else kept
        files = KeyFiles(self.stamps, counts, lambda url: self._hashes(url, each), distinct)
        proof = key_proof(part, files)
        if proof is None:
            return None
        now = frozenset(self.stamps.values()) if proof.distinct else distinct
        if now != kept:
            self._keep_distinct(each, now)
        return proof.tally

    @property
    def _place(self) -> str:
        """Under which is kept what is known of all files together."""
        return f"{self.location}#distinct"

    def _keep_distinct(self, each: Provable, stamps: Iterable[bytes]) -> None:
        self._keep(self._place, b"", {each.digest: distinct_bytes(stamps)})

    def _hashes(self, url: str, each: Provable) -> bytes | None:
        """What is damaged goes, so that the next run has it again."""
        found = self._whole(url, each)
        if found is None:
            self.store.forget(url)
        return found
