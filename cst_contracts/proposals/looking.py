"""Asks an observer all that a first contract of a table rests on."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes import TypeNode, child_nodes, walk_nodes
from cst_contracts.facts import (
    CouldNotLook,
    FilesFacts,
    NullCount,
    QueryFacts,
    RowOrder,
    SortTerm,
    TableFacts,
    Trouble,
    UnboundedFacts,
)
from cst_contracts.gate.observer import Observer
from cst_contracts.needs import (
    FilesNeed,
    Need,
    NullsNeed,
    OrderClaimsNeed,
    OrderNeed,
    RowCountNeed,
    SchemaNeed,
    UnboundedNeed,
    ViewQueryNeed,
)
from cst_contracts.proposals.sources import Draft

A = TypeVar("A")


class Order(Struct, frozen=True):
    """An order that all footers claim, and what the rows say of it."""

    terms: tuple[SortTerm, ...]
    rows: RowOrder


class Seen(Struct, frozen=True):
    """What was observed of one table. `view` is None where it is no view; `nulls` are by path."""

    draft: Draft
    facts: TableFacts
    rows: int
    nulls: Mapping[str, NullCount]
    files: FilesFacts
    order: Order | None = None
    view: QueryFacts | None = None

    @property
    def name(self) -> str:
        return self.draft.source.name


class Unseen(Exception):
    """Something of a table could not be looked at, so that no contract can be written for it."""

    def __init__(self, trouble: CouldNotLook) -> None:
        self.trouble = trouble
        super().__init__(trouble.reason)


def seen(draft: Draft, observer: Observer) -> Seen:
    """Raises Unseen."""
    name = draft.source.name
    facts = _known(observer, SchemaNeed(name))
    view = _known(observer, ViewQueryNeed(name)) if draft.source.location is None else None
    if draft.source.location is None:
        _refuse_stream(name, _known(observer, UnboundedNeed(name)))
    rows = _known(observer, RowCountNeed(name)).rows
    counts = [NullsNeed(name, node.path) for node in counted_nodes(facts.schema)]
    claim = _claim(observer, facts) if rows else None
    observer.prepare(counts if claim is None else (*counts, claim))  # all in one scan
    nulls = {need.path: _known(observer, need) for need in counts}
    order = None if claim is None else _order(observer, claim)
    return Seen(draft, facts, rows, nulls, _files(observer, name), order, view)


def counted_nodes(schema: pa.Schema) -> Iterator[TypeNode]:
    """Every node that may be null: Arrow's maps have no null keys."""
    keys: set[str] = set()
    for node in walk_nodes(schema):
        if pa.types.is_map(node.field.type):
            keys.add(child_nodes(node.path, node.field.type)[0].path)
        if node.path not in keys and not pa.types.is_null(node.field.type):
            yield node


def borne_out(observer: Observer, need: Need[A]) -> A | None:
    """What rows say of something that may be proposed; None where it cannot be asked of them. Raises Unseen
    where the answer takes longer than a query may: whether to propose it, nobody knows."""
    answer = observer.answer(need)
    if not isinstance(answer, CouldNotLook):
        return answer
    if answer.trouble is Trouble.SLOW:
        raise Unseen(answer)
    return None


def unless_slow(what: str, look: Callable[[], A]) -> A | CouldNotLook:
    """`what` is looked at, for the reason where that takes too long."""
    try:
        return look()
    except Unseen as error:
        return replace(error.trouble, reason=f"{what}: {error.trouble.reason}")


def _known(observer: Observer, need: Need[A]) -> A:
    answer = observer.answer(need)
    if isinstance(answer, CouldNotLook):
        raise Unseen(answer)
    return answer


def _refuse_stream(name: str, facts: UnboundedFacts) -> None:
    if facts.infinite:
        reason = (
            "it is a source without an end, whose rows come once: write `unbounded: true` by hand"
        )
        raise Unseen(CouldNotLook(reason, name))


def _files(observer: Observer, name: str) -> FilesFacts:
    """Files whose schemas cannot be compared are as the table is, as far as anybody can tell."""
    answer = observer.answer(FilesNeed(name))
    return FilesFacts(0) if isinstance(answer, CouldNotLook) else answer


def _claim(observer: Observer, facts: TableFacts) -> OrderNeed | None:
    """The order that every footer claims, to be measured. None where none does, or they claim several."""
    claims = {each.terms for each in _known(observer, OrderClaimsNeed(facts.name))}
    terms = next(iter(claims)) if len(claims) == 1 else ()
    there = {term.field for term in terms} <= set(facts.schema.names)
    return OrderNeed(facts.name, terms) if terms and there else None


def _order(observer: Observer, claim: OrderNeed) -> Order | None:
    measured = observer.answer(claim)
    return None if isinstance(measured, CouldNotLook) else Order(claim.terms, measured)
