"""What the stored rows of the live relations hold: each relation's measured once a process, as planned."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct, field

from cst_contracts.engine.access.scannable import Source
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.formats.pipes import Limits
from cst_contracts.engine.rows.asked import Answered, Asked
from cst_contracts.engine.rows.evidence import Evidence, footer_evidence
from cst_contracts.engine.rows.null_tally import ValueFacts
from cst_contracts.engine.rows.plan import RowPlan, Scannable, plan_rows
from cst_contracts.engine.rows.reading import answer_from_files
from cst_contracts.engine.rows.stream import StreamRead, read_stream
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Basis, NullCount, ShownRows
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, OrderNeed, ReferenceNeed, RuleNeed


class Measuring(Struct, frozen=True):
    """How: within `memory` bytes; `samples` violating rows of each promise are shown, with the fields in
    `shown` by relation; `verify_data`: no statistic is proof. `limits` are of what is
    looked at in unbounded relations."""

    memory: int
    samples: int = 0
    verify_data: bool = False
    shown: Mapping[str, ShownRows] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


_Answers: TypeAlias = dict[AnyRowNeed, Answered]


class Measurements:
    """Of the relations of a access. `wanted` is what a run needs of each: answered together, when the
    first of it is asked for."""

    def __init__(
        self,
        access: RowAccess,
        wanted: Mapping[str, Collection[AnyRowNeed]],
        how: Measuring,
    ) -> None:
        self._access = access
        self._wanted = wanted
        self._how = how
        self._plans: dict[str, RowPlan | IntrospectionError] = {}
        self._answers: dict[str, _Answers] = {}
        self._seen: set[str] = set()
        self._streams: dict[str, StreamRead | IntrospectionError] = {}

    @property
    def verify_data(self) -> bool:
        return self._how.verify_data

    @property
    def shows_samples(self) -> bool:
        return self._how.samples > 0

    def plans(self) -> list[RowPlan]:
        """Those that were made so far."""
        return [plan for plan in self._plans.values() if isinstance(plan, RowPlan)]

    def answer(self, relation: str, need: AnyRowNeed) -> Answered:
        answers = self._answers.setdefault(relation, {})
        if need not in answers:
            needs = [each for each in self._wanted.get(relation, ()) if each not in answers]
            answers.update(self._measure(relation, needs if need in needs else [need]))
        return answers[need]

    def stream(self, relation: str) -> StreamRead | IntrospectionError:
        """Of an unbounded relation: read once, as the rows of a pipe come once."""
        if relation not in self._streams:
            needs = list(self._wanted.get(relation, ()))
            try:
                self._streams[relation] = read_stream(
                    self._access, relation, needs, self._how.limits
                )
            except IntrospectionError as error:
                self._streams[relation] = error
        return self._streams[relation]

    def values(self, relation: str, paths: Sequence[str]) -> ValueFacts | IntrospectionError:
        """The counts of nulls. The error where one of them could not be had: rows could not be read."""
        nulls: dict[str, NullCount] = {}
        rows = 0
        for path in paths:
            match self.answer(relation, NullsNeed(relation, path)):
                case IntrospectionError() as error:
                    return error
                case ValueFacts() as found:
                    rows = found.rows
                    nulls.update(found.nulls)
                case other:
                    raise AssertionError(f"{other} answers no count of nulls")
        bases = {count.basis for count in nulls.values()}
        return ValueFacts(rows, Basis.SCAN if Basis.SCAN in bases else Basis.STATISTICS, nulls)

    def _measure(self, relation: str, needs: Sequence[AnyRowNeed]) -> _Answers:
        needs = list(dict.fromkeys(needs))
        try:
            source, evidence = self._looked_into(relation, needs)
            self._look_into_referred(needs)
            plan = self._planned(relation, needs, source, evidence)
        except IntrospectionError as error:
            self._plans[relation] = error
            return dict.fromkeys(needs, error)
        self._plans[relation] = plan
        asked = Asked(self._access, relation)
        shown = self._how.shown.get(relation, ShownRows())
        if source is None:
            return asked.with_samples(asked.answers(needs), shown, self._how.samples)
        return answer_from_files(plan, source, asked, self._how.samples, shown)

    def _looked_into(
        self, relation: str, needs: Sequence[AnyRowNeed]
    ) -> tuple[Source | None, Evidence | None]:
        self._seen.add(relation)
        source = self._access.source(relation)
        if source is None:
            return None, None
        with looking_at(relation, source.storage.location):
            evidence = footer_evidence(source.storage.files, _paths(needs))
        if evidence.mixed:
            source = self._access.relaxed_source(relation)
        return source, evidence

    def _look_into_referred(self, needs: Sequence[AnyRowNeed]) -> None:
        """What one of its files requires must hide nothing in the others."""
        referred = {need.reference.table for need in needs if isinstance(need, ReferenceNeed)}
        for relation in referred - self._seen:
            try:
                self._looked_into(relation, ())
            except IntrospectionError:
                continue  # the reference itself will tell

    def _planned(
        self,
        relation: str,
        needs: Sequence[AnyRowNeed],
        source: Source | None,
        evidence: Evidence | None,
    ) -> RowPlan:
        if source is None or evidence is None:
            return plan_rows(relation, needs, None)
        scannable = Scannable(
            schema=source.schema,
            evidence=evidence,
            memory=self._how.memory,
            partitions=frozenset(partition.name for partition in source.storage.partitions),
            samples=self._how.samples,
            verify_data=self._how.verify_data,
            supplied=source.supplied,
        )
        return plan_rows(relation, needs, scannable)


def _paths(needs: Sequence[AnyRowNeed]) -> list[str]:
    """Whose footers' statistics are of use."""
    found: dict[str, None] = {}
    for need in needs:
        match need:
            case NullsNeed(path=path):
                found[path] = None
            case KeyNeed(paths=paths):
                found.update(dict.fromkeys(path for path in paths if "[]" in path or "{}" in path))
            case RuleNeed() | OrderNeed() | ReferenceNeed():
                pass
    return list(found)
