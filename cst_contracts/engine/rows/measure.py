"""What a measure is: all that can be done to answer one kind of question about rows.

A scan of files, a stream's portions and the run of a view read rows in stretches and hand them to the same
tallies. Tallies of several threads, portions or machines are merged; they travel as bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self, TypeVar

import pyarrow as pa
from datafusion import DataFrame, Expr, SessionContext
from msgspec import Struct

from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.plan import Answer, Scannable
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results, RowFact
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.facts import RowPlace
from cst_contracts.needs import AnyRowNeed
from cst_contracts.sql.names import name_parts

N_contra = TypeVar("N_contra", contravariant=True)
_NOTHING = "__cst_without_rows"


class Tally(Protocol):
    """What the rows that one thread has met add up to."""

    def add(self, stretch: Stretch) -> None: ...

    def merge(self, other: Self) -> None:
        """Takes over what another of the same part has met; the other must not be used any more."""

    def answers(self) -> Mapping[AnyRowNeed, RowFact]:
        """What the tally proves by itself. Violating rows are told by their places alone."""

    def to_bytes(self) -> bytes:
        """All that `Part.restored` needs to make the tally again, in another process, too."""


class KeptTally(Tally, Protocol):
    """A tally that is kept from one run to the next, file by file and need by need."""

    def apart(self) -> Sequence[bytes]:
        """`to_bytes` of the same in tallies of one need each, as `Part.apart` makes parts."""

    def take(self, data: bytes, file: str) -> None:
        """Merges a tally of the one `file`, as `to_bytes` gave it before anybody knew the file's name."""


class Keeping(Struct, frozen=True):
    """How the tallies of a part of one need are kept.

    `asks` are plain values: all that a tally depends on beside the file, and the names and types of the
    fields that are read. `holds` are fields of which values, or hashes of values, stand in it. Where that is
    too large to be held of each file, its first `summary` bytes are; else 0."""

    asks: tuple[object, ...]
    holds: tuple[str, ...] = ()
    summary: int = 0


class Part(Protocol):
    """What one measure takes from a scan."""

    @property
    def needs(self) -> tuple[AnyRowNeed, ...]: ...

    @property
    def fields(self) -> Sequence[str]:
        """The top-level fields that it reads as they are stored."""

    @property
    def columns(self) -> Sequence[Expr]:
        """What the engine computes for it, under names that no other part uses."""

    @property
    def placed(self) -> bool:
        """Whether it must know in which file a row stands, and where."""

    @property
    def keeping(self) -> Keeping | None:
        """None where its tallies are not kept, and where it has several needs."""

    def tallies(self, number: int) -> Sequence[Any]:
        """Empty tallies for so many threads, which share the memory of the part."""

    def restored(self, data: bytes) -> Any:
        """The tally that `Tally.to_bytes` was called on."""

    def apart(self) -> Sequence["Part"]:
        """The same in parts of one need each."""

    def settled(self, tally: Any) -> Mapping[AnyRowNeed, RowFact]:
        """What the whole tally answers, with the rows looked up that it leaves in doubt. A need that is
        missing can be answered by a query only. Raises what the engine raises."""


class Scanning(Struct, frozen=True):
    """Rows that are about to be scanned: of files, of a stream's portion or of a view. `files` is None where
    they are no files. `samples` violating rows of each need are looked for."""

    frame: DataFrame
    schema: pa.Schema
    relation: str
    samples: int = 0
    files: ScannableFiles | None = None

    def without_rows(self) -> DataFrame | None:
        """As many columns of the same types in the same session; None of what are no files. A plan over a
        table lists all of its files, which takes a second for some ten thousand."""
        if self.files is None:
            return None
        nothing = pa.RecordBatch.from_pylist([], self.schema)
        rows = self.files.context.create_dataframe([[nothing]], name=_NOTHING)
        self.files.context.deregister_table(_NOTHING)
        return rows.alias(name_parts(self.relation)[-1])


class FromFooters(Struct, frozen=True):
    """What footers may tell that answers a need, or leaves less to be read: whether there are nulls at some
    paths, the least and the greatest value at others, and for fields of these names whether their texts seem
    to be few different ones."""

    nulls: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


class Measure(Protocol[N_contra]):
    """Answers all needs of one class. Methods whose result is no `Results` raise IntrospectionError."""

    def from_footers(self, need: N_contra) -> FromFooters:  # noqa: ARG002
        return FromFooters()

    def paths_read(self, need: N_contra) -> Sequence[str]:
        """Where the fields are that a query about it reads; empty where it may read all."""

    def plan(
        self, needs: Sequence[N_contra], scannable: Scannable, planned: Sequence[Answer]
    ) -> Sequence[Answer]:
        """The cheapest way to each answer; `planned` are those of the measures before this one."""

    def paths(self, answers: Sequence[Answer], schema: pa.Schema) -> Sequence[str]:  # noqa: ARG002
        """Where the fields are that the scan looks at for this measure's answers."""
        return ()

    def parts(
        self,
        answers: Sequence[Answer],  # noqa: ARG002
        scanning: Scanning,  # noqa: ARG002
    ) -> Sequence[Part]:
        """Of these answers, those of this measure that the scan gives. A need without a part has to be
        asked by a query."""
        return ()

    def in_portions(self, need: N_contra) -> Answer | None:  # noqa: ARG002
        """How the scan answers it over the portions of a stream, one after the other; None where all rows
        have to be held and asked together."""
        return None

    def by_query(self, needs: Sequence[N_contra], queries: Queries) -> Results:
        """Answers without a scan of files, each with its error where it fails."""

    def violations(self, fact: Any) -> int:
        """How many rows break the promise, so that some can be selected."""

    def looked_at(self, fact: Any) -> int:
        """How many rows, elements or values could have broken it."""

    def places(
        self,
        need: N_contra,  # noqa: ARG002
        queries: Queries,  # noqa: ARG002
        most: int,  # noqa: ARG002
    ) -> tuple[RowPlace, ...]:
        """Where the first violating rows stand, in the engine's words, of a table of files that a query has
        counted; empty where a query cannot tell."""
        return ()

    def rows(
        self,
        need: N_contra,
        context: SessionContext,  # noqa: ARG002
        queries: Queries,  # noqa: ARG002
        carried: Mapping[str, str],  # noqa: ARG002
        most: int,
    ) -> pa.Table:
        """Some violating rows, found by a query in `context`: of each, the expressions in `carried` under
        their names. Raises what the engine raises."""
        raise AssertionError(f"no query finds the first {most} rows that break {need}")
