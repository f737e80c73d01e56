"""Needs to answers by queries: for relations that are no files, and for what files alone cannot tell."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.contract.model import ReferenceContract, RuleContract
from cst_contracts.engine.access.scannable import Source
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.rows.counts import (
    Other,
    count_keys,
    count_references,
    count_rules,
    dangling_places,
    duplicate_places,
)
from cst_contracts.engine.rows.null_tally import ValueFacts
from cst_contracts.engine.rows.row_order import order_of_file, together
from cst_contracts.engine.rows.rule_by_batch import count_rule_by_batch, mentioned
from cst_contracts.engine.rows.sampling import Sampling
from cst_contracts.engine.rows.values import measure_nulls
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.settings import one_partition
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.urls import file_name
from cst_contracts.facts import (
    Basis,
    KeyCount,
    ReferenceCount,
    RowOrder,
    RowPlace,
    RuleCount,
    Sample,
    ShownRows,
    SortTerm,
)
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, OrderNeed, ReferenceNeed, RuleNeed
from cst_contracts.sql.names import identifier

Answered: TypeAlias = (
    ValueFacts | KeyCount | ReferenceCount | RuleCount | RowOrder | IntrospectionError
)


class Asked:
    """Of one relation of a access. What fails is answered by its error."""

    def __init__(self, access: RowAccess, relation: str) -> None:
        self._access = access
        self._relation = relation

    def answers(self, needs: Sequence[AnyRowNeed]) -> dict[AnyRowNeed, Answered]:
        """Counts of nulls in one pass, and rules in one."""
        answers: dict[AnyRowNeed, Answered] = {}
        answers.update(self._nulls([need for need in needs if isinstance(need, NullsNeed)]))
        answers.update(self._rules([need for need in needs if isinstance(need, RuleNeed)]))
        for need in needs:
            if need not in answers:
                answers[need] = self._answer(need)
        return answers

    def with_samples(
        self, answers: dict[AnyRowNeed, Answered], shown: ShownRows, most: int
    ) -> dict[AnyRowNeed, Answered]:
        """Of the violations that have none yet. What cannot be found again is told as a sample."""
        if not most:
            return answers
        return {need: self._sampled(need, answers[need], shown, most) for need in answers}

    def _sampled(
        self, need: AnyRowNeed, answered: Answered, shown: ShownRows, most: int
    ) -> Answered:
        match need, answered:
            case NullsNeed(path=path), ValueFacts(nulls=nulls) if path in nulls:
                count = nulls[path]
                if not count.nulls or count.samples:
                    return answered
                samples = self._samples(need, [path], shown, most)
                return replace(answered, nulls={path: replace(count, samples=samples)})
            case KeyNeed(paths=paths), KeyCount(duplicates=duplicates, samples=()) if duplicates:
                return replace(answered, samples=self._samples(need, paths, shown, most))
            case ReferenceNeed(reference=reference), ReferenceCount(
                dangling=dangling, samples=()
            ) if dangling:
                _, other = self._sides(reference)
                samples = self._samples(need, reference.fields, shown, most, other)
                return replace(answered, samples=samples)
            case RuleNeed(), RuleCount(violations=violations, samples=()) if violations:
                return replace(answered, samples=self._samples(need, (), shown, most))
            case _:
                return answered

    def _samples(
        self,
        need: AnyRowNeed,
        paths: Sequence[str],
        shown: ShownRows,
        most: int,
        other: Other | None = None,
    ) -> tuple[Sample, ...]:
        try:
            storage = self._access.storage(self._relation)
        except IntrospectionError:
            storage = None  # its files are not its rows
        context = self._session(paths)
        contexts, relations = [context], [self._relation]
        if other is not None:
            contexts, relations = [context, other[0]], [self._relation, other[1]]
        with self._not_waiting(contexts, *relations):
            return Sampling(context, self._relation, need, most, storage, other).samples(shown)

    def _answer(self, need: AnyRowNeed) -> Answered:
        try:
            match need:
                case KeyNeed(paths=paths):
                    context = self._session(paths)
                    with self._not_waiting([context], self._relation):
                        return count_keys(context, self._relation, paths)
                case ReferenceNeed(reference=reference):
                    return self._reference(reference)
                case OrderNeed(terms=terms):
                    return self._order(terms)
                case NullsNeed() | RuleNeed():
                    raise AssertionError(f"{need} is answered with others of its kind")
        except IntrospectionError as error:
            return error

    def dangling_places(
        self, reference: ReferenceContract, source: Source, most: int
    ) -> tuple[RowPlace, ...]:
        """None where a field stands in the log of its table. Raises IntrospectionError."""
        here, there = self._sides(reference)
        if here is not source.context:
            return ()
        with self._not_waiting([here, there[0]], self._relation, reference.table):
            return dangling_places(here, self._relation, reference.fields, there, most)

    def duplicate_places(
        self, paths: Sequence[str], source: Source, most: int
    ) -> tuple[RowPlace, ...]:
        """As above."""
        if self._session(paths) is not source.context:
            return ()
        with self._not_waiting([source.context], self._relation):
            return duplicate_places(source.context, self._relation, paths, most)

    def narrowed(self, source: Source, paths: Sequence[str]) -> Source:
        """As little of its files as holds the paths. Raises IntrospectionError."""
        return self._access.narrowed(source, paths)

    def _session(self, paths: Sequence[str]) -> SessionContext:
        return self._access.stored_session(self._relation, paths)

    def _reference(self, reference: ReferenceContract) -> ReferenceCount:
        here, there = self._sides(reference)
        with self._not_waiting([here, there[0]], self._relation, reference.table):
            return count_references(here, self._relation, reference.fields, there)

    @contextmanager
    def _not_waiting(self, contexts: Sequence[SessionContext], *relations: str) -> Iterator[None]:
        """For keys that may spill, which on several partitions the engine may never read back."""
        with ExitStack() as stack:
            for context in contexts:
                if self._access.may_spill(context, relations):
                    stack.enter_context(one_partition(context))
            yield

    def _sides(self, reference: ReferenceContract) -> tuple[SessionContext, Other]:
        other = self._access.stored_session(reference.table, reference.to)
        return self._session(reference.fields), (other, reference.table, reference.to)

    def _order(self, terms: Sequence[SortTerm]) -> RowOrder:
        """File by file, each in its own order. Raises IntrospectionError."""
        storage = self._access.storage(self._relation)
        if storage is None:
            cause = "order is a property of files, and nobody knows those of this table"
            raise IntrospectionError(cause, relation=self._relation)
        partitions = {partition.name for partition in storage.partitions}
        stored = [term for term in terms if term.field not in partitions]
        columns = [identifier(term.field) for term in stored]
        if not stored:  # ordered by folders alone: each file has one value
            rows = self._access.row_count(self._relation).rows
            return RowOrder(rows, 0, basis=Basis.SCHEMA)
        # In one partition, a file's rows come in the file's order.
        context = open_session({"datafusion.execution.target_partitions": "1"})
        with looking_at(self._relation, storage.location):
            return together(
                order_of_file(
                    file_name(url),
                    (
                        batch.to_pyarrow()
                        for batch in stored_format(storage.format, storage.dialect)
                        .read_file(context, url, storage.file_schema)
                        .select(*columns)
                        .execute_stream()
                    ),
                    stored,
                )
                for url in storage.files
            )

    def _nulls(self, needs: Sequence[NullsNeed]) -> dict[AnyRowNeed, Answered]:
        if not needs:
            return {}
        try:
            found = self._null_counts([need.path for need in needs])
        except IntrospectionError as error:
            return dict.fromkeys(needs, error)
        return {need: _only(found, need.path) for need in needs}

    def _null_counts(self, paths: Sequence[str]) -> ValueFacts:
        """One pass over the rows for all paths. Raises IntrospectionError."""
        registry = self._access.registry
        opened = registry.open(self._relation)
        logged = opened.delta is not None and not opened.supplied
        context = self._session(paths) if logged else registry.context
        return measure_nulls(context, registry.scratch, self._relation, opened, paths)

    def _rules(self, needs: Sequence[RuleNeed]) -> dict[AnyRowNeed, Answered]:
        if not needs:
            return {}
        try:
            counts = self._counted([need.rule for need in needs])
        except IntrospectionError as error:
            return dict.fromkeys(needs, error)
        return {need: counts[need.rule] for need in needs}

    def _counted(
        self, rules: Sequence[RuleContract]
    ) -> dict[RuleContract, RuleCount | IntrospectionError]:
        """A Delta table's provider folds `IS NOT NULL` where the log says so, whatever the files hold."""
        schema = self._access.logged_schema(self._relation)
        if schema is None:
            return count_rules(self._session(()), self._relation, rules)
        counts: dict[RuleContract, RuleCount | IntrospectionError] = {}
        for rule in rules:  # each alone: what one reads may be refused
            columns = mentioned(schema, rule)
            read = pa.schema([schema.field(name) for name in columns])
            rows = self._access.logged_rows(self._relation, columns)
            try:
                counts[rule] = count_rule_by_batch(self._relation, read, rows, rule)
            except IntrospectionError as error:
                counts[rule] = error
        return counts


def _only(found: ValueFacts, path: str) -> ValueFacts:
    """A path that the relation does not have has no count."""
    nulls = {path: found.nulls[path]} if path in found.nulls else {}
    return ValueFacts(found.rows, found.basis, nulls)
