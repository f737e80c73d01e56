"""What a run has seen of tables, catalogs and the session, gathered from the answers. Never looks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from cst_contracts.facts import (
    CatalogFacts,
    CouldNotLook,
    SeenTable,
    SessionFacts,
)
from cst_contracts.needs import (
    AnyNeed,
    CatalogNeed,
    DiagnosticsNeed,
    NullsNeed,
    OrderPlanNeed,
    RelationNeed,
    RowCountNeed,
    RowsReadNeed,
    SchemaNeed,
    SessionNeed,
    StreamNeed,
    ViewQueryNeed,
)

A = TypeVar("A")


class Seen:
    """The answers of a run, by question."""

    def __init__(self, answers: Mapping[AnyNeed, Any]) -> None:
        self._answers = answers

    def session(self) -> SessionFacts | None:
        return _known(self._answers.get(SessionNeed()))

    def catalogs(self) -> tuple[CatalogFacts, ...]:
        found = (each for need, each in self._answers.items() if isinstance(need, CatalogNeed))
        return tuple(each for each in found if isinstance(each, CatalogFacts))

    def tables(self) -> tuple[SeenTable, ...]:
        """Those whose schema somebody has asked for, in that order."""
        schemas = [need for need in self._answers if isinstance(need, SchemaNeed)]
        by_relation: dict[str, list[AnyNeed]] = {}
        for need in self._answers:
            if isinstance(need, RelationNeed):
                by_relation.setdefault(need.relation, []).append(need)
        return tuple(self._table(need, by_relation[need.relation]) for need in schemas)

    def _table(self, schema: SchemaNeed, needs: Sequence[AnyNeed]) -> SeenTable:
        name, answer = schema.relation, self._answers[schema]
        if isinstance(answer, CouldNotLook):
            return SeenTable(name, None, trouble=answer)
        orders = [need for need in needs if isinstance(need, OrderPlanNeed)]
        return SeenTable(
            name,
            answer,
            rows=next(self._row_counts(needs), None),
            ordering=_known(self._answers[orders[0]]) if orders else None,
            query=_known(self._answers.get(ViewQueryNeed(name))),
            diagnostics=_known(self._answers.get(DiagnosticsNeed(name))) or (),
        )

    def _row_counts(self, needs: Sequence[AnyNeed]) -> Iterator[int]:
        """Each by somebody who has counted, the engine's own count first."""
        for kind in (RowCountNeed, RowsReadNeed, StreamNeed, NullsNeed):
            for need in needs:
                if isinstance(need, kind) and _known(self._answers[need]) is not None:
                    yield self._answers[need].rows


def _known(answer: A | CouldNotLook | None) -> A | None:
    return None if isinstance(answer, CouldNotLook) else answer
