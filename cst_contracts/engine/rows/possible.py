"""Asks rules of the values that their fields have, where few are known to be all, in place of every row."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

import pyarrow as pa
from datafusion import DataFrame, Expr, SessionContext
from datafusion.expr import Between, BinaryExpr
from msgspec import Struct

from cst_contracts.contract.folded import folded_names
from cst_contracts.engine.rows.distinct import is_text
from cst_contracts.engine.rows.evidence import RangeEvidence
from cst_contracts.engine.rows.plan import ENDS, Enumerated, Proved, Scannable
from cst_contracts.engine.rows.rule_tally import planned_rule
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import Basis, RuleCount
from cst_contracts.needs import RuleNeed

#: So many combinations of values are asked in the time that thousands of rows take.
_MOST = 4096
#: What is longer takes as long to be planned, once more, as rows take.
_LONG = 2000
_NAME = "__cst_possible"
_BOUNDING = frozenset({"BinaryExpr", "Between"})
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "="})
#: What the engine calls a number in a text of its own.
_NUMBERS = ("Int64(", "UInt64(", "Float64(", "Decimal128(")
#: They tell of a row where it stands, or by lot.
_OF_ROWS = ("input_file_name", "file_row_index", "random", "uuid")


class Settled(Struct, frozen=True):
    """What a rule says of all rows, and the `fields` of which so many `combinations` of values were asked."""

    fact: RuleCount
    fields: tuple[str, ...]
    combinations: int

    def answer(self, need: RuleNeed) -> Proved | Enumerated:
        if self.fact.basis is Basis.STATISTICS:
            return Proved(need, self.fact, ENDS)
        return Enumerated(need, self.fact, self.fields, self.combinations)


class _Field(Struct, frozen=True):
    """What is known of a field's values. `ends`: these are only the least and the greatest one."""

    name: str
    known: pa.Array
    values: int
    nulls: int
    ends: bool

    @property
    def asked(self) -> Sequence[object]:
        listed = self.known.to_pylist()
        return [*listed, None] if self.nulls else listed


def settled_rules(needs: Sequence[RuleNeed], scannable: Scannable) -> Mapping[RuleNeed, Settled]:
    """Of those rules that no row can break. One that is false for some combination of values is left out, as
    it may still be true of every row."""
    context, rows = scannable.context, scannable.evidence.rows
    if context is None or not rows:
        return {}
    known = {each.name: each for each in _fields(scannable)}
    groups: dict[tuple[str, ...], list[RuleNeed]] = {}
    for need in needs:
        named = tuple(name for name in known if name.casefold() in need.rule.sql.casefold())
        if named and _may_be_asked(need.rule.sql, scannable.schema.names):
            groups.setdefault(named, []).append(need)
    settled: dict[RuleNeed, Settled] = {}
    for names, own in groups.items():
        fields = [known[name] for name in names]
        if prod(len(each.asked) for each in fields) <= _MOST:
            asked = _Asked(fields, context, rows)
            settled.update(asked.settled(own))
    return settled


def _may_be_asked(sql: str, fields: Sequence[str]) -> bool:
    """Not of a text whose names mean other fields where there are others: the scan refuses it."""
    of_rows = any(name in sql.casefold() for name in _OF_ROWS)
    return len(sql) <= _LONG and not of_rows and not any(folded_names(sql, fields))


def _fields(scannable: Scannable) -> Iterator[_Field]:
    evidence = scannable.evidence
    for field in scannable.schema:
        name = field.name
        found, range_ = scannable.distinct.get(name), evidence.ranges.get(name)
        if name in evidence.mixed or name in scannable.partitions:
            continue
        if found is not None and is_text(field.type):
            different = found.different.cast(field.type)
            yield _Field(name, different, found.values, found.nulls, ends=False)
        elif range_ is not None and _fits(range_, field.type):
            ends = pa.array(sorted({range_.least, range_.greatest}), field.type)
            yield _Field(name, ends, range_.values, evidence.rows - range_.values, ends=True)


def _fits(found: RangeEvidence, type_: pa.DataType) -> bool:
    """Whether the table's own integers hold what the files' hold."""
    if not pa.types.is_integer(type_):
        return False
    signed = pa.types.is_signed_integer(type_)
    most = 2 ** (type_.bit_width - signed) - 1
    return found.least >= (-most - 1 if signed else 0) and found.greatest <= most


class _Asked(Struct, frozen=True):
    """Every combination of the fields' values, in a session that evaluates rules as the scan would."""

    fields: Sequence[_Field]
    context: SessionContext
    rows: int

    def settled(self, needs: Sequence[RuleNeed]) -> Iterator[tuple[RuleNeed, Settled]]:
        """A rule that the engine does not take here is none of these fields alone: the scan will tell."""
        names = tuple(each.name for each in self.fields)
        # Of ends alone, footers have told everything.
        basis = Basis.STATISTICS if all(each.ends for each in self.fields) else Basis.SCAN
        frame = self.context.from_arrow(self._combinations(), name=_NAME)
        try:
            planned = [
                (need, expression) for need in needs if (expression := self._planned(frame, need))
            ]
            for need, found in self._evaluated(frame, planned):
                known = self._known(found)
                if not found.false_count and known is not None:
                    fact = RuleCount(self.rows, 0, known=known, basis=basis)
                    yield need, Settled(fact, names, len(found))
        finally:
            self.context.deregister_table(_NAME)

    def _combinations(self) -> pa.Table:
        columns = zip(*product(*(each.asked for each in self.fields)), strict=True)
        named = zip(self.fields, columns, strict=True)
        return pa.table({each.name: pa.array(column, each.known.type) for each, column in named})

    def _planned(self, frame: DataFrame, need: RuleNeed) -> Expr | None:
        try:
            expression = planned_rule(frame, need.relation, need.rule)
        except IntrospectionError:
            return None
        ends = [each.name for each in self.fields if each.ends]
        return expression if _bounds(expression, ends) else None

    def _evaluated(
        self, frame: DataFrame, planned: Sequence[tuple[RuleNeed, Expr]]
    ) -> Iterator[tuple[RuleNeed, pa.BooleanArray]]:
        """All in one query; where some rule fails, each in its own."""
        if not planned:
            return
        columns = [
            expression.alias(f"{_NAME}{number}") for number, (_, expression) in enumerate(planned)
        ]
        try:
            with looking_at(planned[0][0].relation):
                found = table_of(frame.select(*columns))
        except IntrospectionError:
            if len(planned) > 1:
                for each in planned:
                    yield from self._evaluated(frame, [each])
            return
        for (need, _), column in zip(planned, found.columns, strict=True):
            yield need, column.combine_chunks()

    def _known(self, found: pa.BooleanArray) -> bool | None:
        """Whether the rule is NULL for not all rows; None where that depends on which combinations there are.

        Of one field, it is certain that some row has a value, and that some row has none."""
        if not found.null_count:
            return True
        if found.null_count == len(found):
            return False
        if len(self.fields) > 1:
            return None
        (only,) = self.fields
        of_values = found.slice(0, len(only.known))
        if only.values and not of_values.null_count:
            return True
        return True if only.nulls and found[-1].is_valid else None


def _bounds(expression: Expr, ends: Sequence[str]) -> bool:
    """Whether it is true between two values of these fields if it is true of both: for fields of which only
    the ends are known, it has to say nothing but bounds, each a number."""
    if not any(name in expression.canonical_name() for name in ends):
        return True
    if expression.variant_name() not in _BOUNDING:
        return False  # the Python class of some other expressions cannot be had
    match expression.to_variant():
        case BinaryExpr() as each if each.op() == "AND":
            return _bounds(each.left(), ends) and _bounds(each.right(), ends)
        case BinaryExpr() as each:
            sides = each.left(), each.right()
            compared = any(map(_is_field, sides)) and any(map(_is_number, sides))
            return compared and each.op() in _COMPARISONS
        case Between() as each:
            bounds = _is_number(each.low()) and _is_number(each.high())
            return bounds and _is_field(each.expr()) and not each.negated()
        case other:
            raise AssertionError(f"{other} is no comparison")


def _is_field(expression: Expr) -> bool:
    return expression.variant_name() == "Column"


def _is_number(expression: Expr) -> bool:
    return expression.variant_name() == "Literal" and expression.canonical_name().startswith(
        _NUMBERS
    )
