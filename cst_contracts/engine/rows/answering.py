"""Decides which reading of a relation's rows answers a question about them.

A stream is read once, for all that is asked of it. A view whose check is selected is run, and answers in
passing. All else is measured together, when the first of it is asked for: by the relation's files where these
alone are its rows, by queries where they are not.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

import pyarrow as pa
from msgspec.structs import replace

from cst_contracts.contract.model import ViewContract
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.aggregates import without_hidden
from cst_contracts.engine.rows.distinct import DistinctValues, read_distinct
from cst_contracts.engine.rows.elsewhere import sent
from cst_contracts.engine.rows.evidence import Evidence, footer_evidence
from cst_contracts.engine.rows.measures import (
    from_footers,
    is_broken,
    plan_rows,
)
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.rows.plan import RowPlan, Scannable
from cst_contracts.engine.rows.proving import Proving
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Result, Results, RowFact, all_failed
from cst_contracts.engine.rows.run_plan import run_plan, run_queries
from cst_contracts.engine.rows.samples import Samples
from cst_contracts.engine.rows.stream import StreamRead, read_stream
from cst_contracts.engine.rows.values import without_made_values
from cst_contracts.engine.rows.verifying import read_in_full
from cst_contracts.engine.rows.views import Run, Views
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.once import Once
from cst_contracts.engine.session.trouble import IntrospectionError, Refused
from cst_contracts.engine.session.waiting import within_bound
from cst_contracts.engine.storage.listing import stored_bytes
from cst_contracts.engine.storage.urls import is_local
from cst_contracts.facts import (
    AggregateCount,
    Basis,
    CouldNotLook,
    NullCount,
    RowCount,
    ShownRows,
    StreamFacts,
    Trouble,
    ValueCount,
    ViewRun,
)
from cst_contracts.needs import (
    AnyNeed,
    AnyRowNeed,
    NullsNeed,
    ReferenceNeed,
    RowCountNeed,
    RowsReadNeed,
    StreamNeed,
    ValuesNeed,
    ViewRunNeed,
)

#: Trouble that stands in the way of an answer, and not of the rows.
_OF_NEEDS = (Trouble.FIELD, Trouble.PROOF)


class RowAnswers:
    """Of the relations of a registry. All methods but `prepare` and `plans` raise IntrospectionError."""

    def __init__(self, registry: Registry, how: MeasuringOptions) -> None:
        self._registry = registry
        self._how = how
        self._access = RowAccess(registry)
        self._meter = Meter(how.progress)
        self._wanted: dict[str, dict[AnyRowNeed, None]] = {}
        self._views: dict[str, ViewContract] = {}
        self._streams: Once[str, StreamRead] = Once()
        self._runs: Views | None = None
        self._plans: dict[str, RowPlan] = {}
        self._results: Results = {}
        self._verified: Once[str, RowCount | None] = Once()
        self._looked_into: set[str] = set()

    def prepare(self, need: AnyNeed) -> None:
        if isinstance(need, AnyRowNeed):
            self._wanted.setdefault(need.relation, {})[need] = None
        elif isinstance(need, ViewRunNeed):
            self._views[need.view.name] = need.view

    def plans(self) -> list[RowPlan]:
        """Those that were made so far."""
        return list(self._plans.values())

    def answer(self, need: AnyRowNeed) -> RowFact:
        shown = self._how.told.get(need.relation, ShownRows())
        match self._result(need):
            case CouldNotLook() as trouble:
                raise IntrospectionError.of(trouble)
            case AggregateCount() as fact:
                return without_hidden(fact, shown)
            case ValueCount() as fact if isinstance(need, ValuesNeed):
                return without_made_values(fact, need, shown)
            case fact:
                return fact

    def count(self, need: RowCountNeed) -> RowCount:
        """A view's rows cost what its query costs, so they are not counted twice."""
        if self._registry.open(need.relation).format == "view" or need.relation in self._views:
            try:
                read = self.read(need) or self._rows_of_run(need.relation)
            except IntrospectionError:
                read = None  # whoever counts again is told why, if it cannot be counted
            if read is not None:
                return read
        return self._access.row_count(need.relation)

    def read(self, need: RowCountNeed | RowsReadNeed) -> RowCount | None:
        """How many rows were met by whoever counted nulls, or verified all data; None if nobody did."""
        verified = self._verified.get(need.relation, self._verify)
        met = self._met(need.relation)
        return met if verified is None else verified

    def _verify(self, relation: str) -> RowCount | None:
        """Reads every page of every promised field; None where nobody wants that, and of a view that is read
        in full when it is run."""
        if not self._how.verify_data or relation in self._views:
            return None
        if self._registry.promises_stream(relation):
            return None
        with self._meter.reading(relation):
            return read_in_full(self._access, relation, self._meter, self._how.elsewhere)

    def _met(self, relation: str) -> RowCount | None:
        needs = [each for each in self._wanted.get(relation, ()) if isinstance(each, NullsNeed)]
        results = [self._result(each) for each in needs]
        counts = [each for each in results if isinstance(each, NullCount)]
        for each in results:
            if isinstance(each, CouldNotLook) and each.trouble not in _OF_NEEDS:
                raise IntrospectionError.of(each)
        if not needs:
            return None
        if not counts:
            return self._access.row_count(relation)
        scanned = any(count.basis is Basis.SCAN for count in counts)
        return RowCount(counts[0].rows, Basis.SCAN if scanned else Basis.STATISTICS)

    def view_run(self, need: ViewRunNeed) -> ViewRun:
        self._views.setdefault(need.view.name, need.view)
        return self._running().run(need.view).facts

    def stream(self, need: StreamNeed) -> StreamFacts:
        return self._read_stream(need.relation).facts

    def _result(self, need: AnyRowNeed) -> Result:
        if self._registry.promises_stream(need.relation):
            return self._streamed(need)
        passing = self._answered_in_passing(need)
        return self._measured(need) if passing is None else passing

    def _streamed(self, need: AnyRowNeed) -> Result:
        results = self._read_stream(need.relation).results
        reason = f"its rows have come, and nobody has asked for {need} before"
        return results.get(need, CouldNotLook(reason, need.relation))

    def _read_stream(self, relation: str) -> StreamRead:
        """Read once, as the rows of a pipe come once."""
        needs = list(self._wanted.get(relation, ()))
        return self._streams.get(
            relation,
            lambda name: read_stream(self._access, name, needs, self._how.limits, self._meter),
        )

    def _answered_in_passing(self, need: AnyRowNeed) -> Result | None:
        """By the run of a view whose own check is selected; None where it does not answer, and where somebody
        wants to see violating rows."""
        try:
            run = self._run(need.relation)
        except IntrospectionError:
            return None  # to measure it tells why
        result = None if run is None else run.results.get(need)
        if result is None or (self._how.samples and is_broken(need, result)):
            return None
        return result

    def _rows_of_run(self, relation: str) -> RowCount | None:
        run = self._run(relation)
        return None if run is None else run.facts.rows

    def _run(self, relation: str) -> Run | None:
        """None for what is no view whose check is selected."""
        view = self._views.get(relation)
        return None if view is None else self._running().run(view)

    def _running(self) -> Views:
        if self._runs is None:
            verify = self._how.verify_data
            self._runs = Views(self._access, self._wanted, self._meter, verify_data=verify)
        return self._runs

    def _measured(self, need: AnyRowNeed) -> Result:
        """With all that is wanted of its relation, as far as it was not answered before."""
        if need not in self._results:
            wanted = [
                each for each in self._wanted.get(need.relation, ()) if each not in self._results
            ]
            needs = wanted if need in wanted else [need]
            self._results.update(self._measure(need.relation, needs))
        return self._results[need]

    def _measure(self, relation: str, needs: Sequence[AnyRowNeed]) -> Results:
        try:
            files, evidence = self._files(relation, needs)
            self._look_into_referred(needs)
            plan = plan_rows(relation, needs, self._scannable(files, evidence))
        except IntrospectionError as error:
            self._plans.pop(relation, None)
            return all_failed(needs, error)
        if files is not None and self._how.elsewhere is not None:
            plan = sent(plan, self._how.elsewhere, files, self._referred)
        self._plans[relation] = plan
        queries = Queries(self._access, relation, self._meter)
        samples = Samples(queries, self._how.shown.get(relation, ShownRows()), self._how.samples)
        if files is None:
            with self._meter.reading(relation):
                return samples.by_query(run_queries(needs, queries))
        proving = self._proving(files)
        with self._meter.reading(relation, self._bytes(files), plan.rows):
            results = run_plan(plan, files, samples, self._meter, self._how.elsewhere, proving)
        if proving is not None:
            self._plans[relation] = replace(plan, proofs=proving.used)
        return results

    def _proving(self, files: ScannableFiles) -> Proving | None:
        if self._how.proofs is None:
            return None
        shown = self._how.told.get(files.table, ShownRows())
        return Proving(self._how.proofs, files, shown, verify=self._how.verify_data)

    def _bytes(self, files: ScannableFiles) -> int | None:
        if self._how.progress is None:
            return None
        with looking_at(files.table, files.storage.location):
            return stored_bytes(files.storage.files)

    def _files(
        self, relation: str, needs: Collection[AnyRowNeed]
    ) -> tuple[ScannableFiles | None, Evidence | None]:
        self._looked_into.add(relation)
        files = self._access.source(relation)
        if files is None:
            return None, None
        with looking_at(relation, files.storage.location):
            asked = from_footers(needs)
            stored = files.storage.files
            evidence = footer_evidence(stored, asked.nulls, asked.ranges, asked.texts)
        if evidence.mixed:
            files = self._access.relaxed_source(relation)
        return files, evidence

    def _reads_all(self, files: ScannableFiles) -> bool:
        """Whether nothing is concluded from what is known of all values of a field."""
        return self._how.verify_data or files.supplied

    def _distinct(self, files: ScannableFiles, evidence: Evidence) -> Mapping[str, DistinctValues]:
        """Nothing where somebody else reads the rows, or has read most of them before; and of stores, which
        the engine reads faster. What stands in the way, the scan tells."""
        stored = files.storage.files
        few = evidence.few - evidence.mixed - {each.name for each in files.storage.partitions}
        spared = self._how.elsewhere is None and self._how.proofs is None
        small = evidence.rows < self._how.rows_worth_listing * len(stored)
        if self._reads_all(files) or small or not (few and spared and all(map(is_local, stored))):
            return {}
        try:
            found = within_bound(partial(read_distinct, stored, sorted(few)))
        except (OSError, pa.ArrowException, Refused):
            return {}
        rows = evidence.rows
        return {name: each for name, each in found.items() if each.values + each.nulls == rows}

    def _look_into_referred(self, needs: Iterable[AnyRowNeed]) -> None:
        """What one file of a table that is referred to requires must hide nothing in its others."""
        referred = {need.reference.table for need in needs if isinstance(need, ReferenceNeed)}
        for relation in referred - self._looked_into:
            try:
                self._files(relation, ())
            except IntrospectionError:
                continue  # the reference itself will tell

    def _referred(self, need: ReferenceNeed) -> ScannableFiles | None:
        try:
            return self._access.source(need.reference.table)
        except IntrospectionError:
            return None  # the reference itself will tell

    def _scannable(
        self, files: ScannableFiles | None, evidence: Evidence | None
    ) -> Scannable | None:
        if files is None or evidence is None:
            return None
        return Scannable(
            schema=files.schema,
            evidence=evidence,
            memory=self._how.memory,
            partitions=frozenset(partition.name for partition in files.storage.partitions),
            samples=self._how.samples,
            verify_data=self._how.verify_data,
            supplied=files.supplied,
            distinct=self._distinct(files, evidence),
            context=None if self._reads_all(files) else files.context,
        )
