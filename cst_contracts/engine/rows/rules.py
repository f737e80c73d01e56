"""The measure of rules: for how many rows a rule is false, and where the first of them stand."""

import re
from collections.abc import Mapping, Sequence
from functools import partial

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.contract.model import RuleContract
from cst_contracts.datatypes import child_path
from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.engine.access.undeclared import rows_undeclared
from cst_contracts.engine.access.ways import LoggedRows
from cst_contracts.engine.rows.measure import FromFooters, Measure, Scanning
from cst_contracts.engine.rows.plan import Answer, Scannable, Scanned
from cst_contracts.engine.rows.portions import Portions
from cst_contracts.engine.rows.possible import settled_rules
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Result, Results, all_failed
from cst_contracts.engine.rows.rule_tally import RulePart, planned_rule
from cst_contracts.engine.rows.scan import results_of, scan, scan_apart
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import RuleCount
from cst_contracts.needs import RuleNeed


class RuleMeasure(Measure[RuleNeed]):
    """Counts rows for which a rule is false. The engine evaluates all rules of a relation in one pass."""

    def from_footers(self, need: RuleNeed) -> FromFooters:
        words = _words(need.rule)
        bounds = _NUMBER.search(need.rule.sql) and _COMPARING.search(need.rule.sql)
        return FromFooters(ranges=words if bounds else (), texts=words)

    def paths_read(self, need: RuleNeed) -> Sequence[str]:  # noqa: ARG002
        return ()

    def plan(
        self,
        needs: Sequence[RuleNeed],
        scannable: Scannable,
        planned: Sequence[Answer],  # noqa: ARG002
    ) -> Sequence[Answer]:
        settled = settled_rules(needs, scannable)
        return [
            settled[need].answer(need) if need in settled else Scanned(need, f"what {need} reads")
            for need in needs
        ]

    def paths(self, answers: Sequence[Answer], schema: pa.Schema) -> Sequence[str]:
        """Rules may look at all that is in a field."""
        return [
            child_path("", name)
            for need in _scanned(answers)
            for name in fields_named_in(schema, need.rule)
        ]

    def parts(self, answers: Sequence[Answer], scanning: Scanning) -> Sequence[RulePart]:
        """Rules that these rows alone cannot answer, as those over fields that no file has, are left out."""
        found: list[RulePart] = []
        alike = scanning.without_rows()
        for number, need in enumerate(_scanned(answers)):
            try:
                expression = planned_rule(scanning.frame, scanning.relation, need.rule, alike)
            except IntrospectionError:
                continue  # asked by a query, it tells the error if it cannot be planned there, either
            found.append(RulePart.of(need, expression, number, scanning.samples))
        return found

    def in_portions(self, need: RuleNeed) -> Answer:
        return Scanned(need, str(need))

    def by_query(self, needs: Sequence[RuleNeed], queries: Queries) -> Results:
        """DataFusion 55 folds `IS NOT NULL` to true where a Delta table's log says so, whatever the files
        hold, therefore its rows are handed over as the log reads them."""
        try:
            logged = None if queries.held else queries.access.logged(queries.relation)
            if logged is None:
                return _counted(needs, queries)
            # Each alone: the fields that one reads may be refused.
            return {need: _counted_in_log(need, logged, queries) for need in needs}
        except IntrospectionError as error:
            return all_failed(needs, error)

    def violations(self, fact: RuleCount) -> int:
        return fact.violations

    def looked_at(self, fact: RuleCount) -> int:
        return fact.rows

    def rows(
        self,
        need: RuleNeed,
        context: SessionContext,
        queries: Queries,
        carried: Mapping[str, str],
        most: int,
    ) -> pa.Table:
        frame = rows_undeclared(context, queries.relation)
        broken = frame.filter(~planned_rule(frame, queries.relation, need.rule))
        selected = [frame.parse_sql_expr(each).alias(name) for name, each in carried.items()]
        return table_of(broken.select(*selected).limit(most))


RULES = RuleMeasure()

_WORD = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r'"((?:[^"]|"")+)"')
_NUMBER = re.compile(r"\d")
_COMPARING = re.compile(r"[<>=]|\bbetween\b", re.IGNORECASE)


def fields_named_in(schema: pa.Schema, rule: RuleContract) -> list[str]:
    """The fields that a rule may read: those whose name stands in its text, and maybe more."""
    text = rule.sql.casefold()
    named = [name for name in schema.names if '"' in name or name.casefold() in text]
    return named or schema.names[:1]


def _words(rule: RuleContract) -> tuple[str, ...]:
    """Whatever may name a field."""
    return tuple(dict.fromkeys((*_WORD.findall(rule.sql), *_QUOTED.findall(rule.sql))))


def _scanned(answers: Sequence[Answer]) -> list[RuleNeed]:
    needs = (answer.need for answer in answers if isinstance(answer, Scanned))
    return [need for need in needs if isinstance(need, RuleNeed)]


def _counted(needs: Sequence[RuleNeed], queries: Queries) -> Results:
    """In one pass; a rule that fails in it is asked again, alone."""
    relation = queries.relation
    results: Results = {}
    with looking_at(relation):
        frame = rows_undeclared(queries.session(), relation)
    parts: list[RulePart] = []
    for number, need in enumerate(needs):
        try:
            expression = planned_rule(frame, relation, need.rule)
        except IntrospectionError as error:
            results[need] = error.answer
        else:
            parts.append(RulePart.of(need, expression, number))
    read = partial(scan, frame, meter=queries.meter)
    return {**results, **results_of(scan_apart(parts, read, relation))}


def _counted_in_log(need: RuleNeed, logged: LoggedRows, queries: Queries) -> Result:
    """Nothing in the schema counts as NOT NULL."""
    columns = fields_named_in(logged.schema, need.rule)
    read = pa.schema([relaxed(logged.schema.field(name)) for name in columns])
    portions = Portions(queries.relation, read)
    try:
        expression = planned_rule(portions.frame(), queries.relation, need.rule)
        portions.measure([RulePart.of(need, expression, 0)])
        with looking_at(queries.relation):
            for batch in logged.rows(columns):
                portions.add([_cast(batch, read)])
                if portions.failed:
                    break
    except IntrospectionError as error:
        return error.answer
    return portions.results()[need]


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(batch.columns, schema, strict=True)
    return pa.record_batch([column.cast(field.type) for column, field in columns], schema)
