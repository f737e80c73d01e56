"""Tallies the rows for which a rule, evaluated by the engine, is false."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Self, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
from datafusion import DataFrame, Expr
from msgspec import Struct, field

from cst_contracts.contract.folded import folded_names, quoted
from cst_contracts.contract.model import RuleContract
from cst_contracts.engine.rows.measure import Keeping
from cst_contracts.engine.rows.places import Places
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.bounds import refuse_deep
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import plan_of
from cst_contracts.facts import RuleCount, Trouble
from cst_contracts.needs import AnyRowNeed, RuleNeed

#: What DataFusion 55 says of an aggregate where there are no groups.
_AGGREGATE = "logical expression AggregateFunction"
_AGGREGATES = "it aggregates rows; write what is true of all of them together under `aggregates`"


def planned_rule(
    frame: DataFrame, relation: str, rule: RuleContract, alike: DataFrame | None = None
) -> Expr:
    """The rule as one boolean expression over the frame's rows. What can be planned over those that are
    `alike` is not planned over these.

    The engine parses it as an expression, not as text in a statement, so that it can be nothing else.
    Raises IntrospectionError.
    """
    refuse_deep(rule.sql, relation, Trouble.RULE)
    refuse_folded_names(frame, relation, rule.sql)
    try:
        with looking_at(relation):
            expression = frame.parse_sql_expr(rule.sql)
            selected = frame.select(expression.alias("__rule"))
            type_ = pa.schema(selected.schema()).field(0).type
            if alike is None or not _can_be_planned(alike, relation, rule.sql):
                plan_of(frame.filter(expression))
    except IntrospectionError as error:
        if error.trouble is Trouble.SLOW:
            raise
        told = _AGGREGATES if _AGGREGATE in error.reason else error.reason
        raise IntrospectionError(told, relation=relation, trouble=Trouble.RULE) from error
    if not pa.types.is_boolean(type_):
        reason = f"it is of type {type_}, not bool"
        raise IntrospectionError(reason, relation=relation, trouble=Trouble.RULE)
    if _names_no_field(rule.sql):
        reason = "it names no field of the table, so that it says nothing of any row"
        raise IntrospectionError(reason, relation=relation, trouble=Trouble.RULE)
    return expression


def _can_be_planned(frame: DataFrame, relation: str, sql: str) -> bool:
    try:
        with looking_at(relation):
            plan_of(frame.filter(frame.parse_sql_expr(sql)))
    except IntrospectionError as error:
        if error.trouble is Trouble.SLOW:
            raise
        return False
    return True


def _names_no_field(sql: str) -> bool:
    """Whether it can be planned where there is no field to name."""
    try:
        with looking_at(None):
            _fieldless().parse_sql_expr(sql)
    except IntrospectionError:
        return False
    return True


@cache
def _fieldless() -> DataFrame:
    return open_believing_nothing().from_pydict({"__cst_nothing": []})


def refuse_folded_names(frame: DataFrame, relation: str, sql: str) -> None:
    """Of fields that the relation has and nobody promised: those that are, the contract's reader refuses.
    Raises IntrospectionError, of trouble RULE."""
    names = tuple(folded_names(sql, frame.schema().names))
    if names:
        reason = f"without quotes it is asked of another field: write {quoted(names)}"
        raise IntrospectionError(reason, relation=relation, trouble=Trouble.RULE)


class RulePart(Struct, frozen=True):
    """One rule, which the engine evaluates to a boolean `column`."""

    need: RuleNeed
    expression: Expr
    column: str
    samples: int = 0

    @classmethod
    def of(cls, need: RuleNeed, expression: Expr, number: int, samples: int = 0) -> Self:
        """`number` tells it from the other rules of a scan."""
        column = f"__cst_rule{number}"
        return cls(need, expression.alias(column), column, samples)

    @property
    def needs(self) -> tuple[RuleNeed, ...]:
        return (self.need,)

    @property
    def fields(self) -> Sequence[str]:
        return ()

    @property
    def columns(self) -> Sequence[Expr]:
        return (self.expression,)

    @property
    def placed(self) -> bool:
        return self.samples > 0

    @property
    def keeping(self) -> Keeping:
        """A rule's text may name its relation."""
        return Keeping(("rule", self.need.relation, self.need.rule.sql, self.samples))

    def tallies(self, number: int) -> Sequence["RuleTally"]:
        return [RuleTally(self.need, self.column, Places(self.samples)) for _ in range(number)]

    def restored(self, data: bytes) -> "RuleTally":
        rows, violations, known, places = msgspec.msgpack.decode(data, type=_Counts)
        return RuleTally(self.need, self.column, places, rows, violations, known)

    def apart(self) -> Sequence["RulePart"]:
        return (self,)

    def settled(self, tally: "RuleTally") -> Mapping[AnyRowNeed, RuleCount]:
        return tally.answers()


#: What travels of a tally: rows, violations, whether any is known, and places.
_Counts: TypeAlias = tuple[int, int, bool, Places]


class RuleTally(Struct):
    """Of a rule, false is a violation and NULL is none. `known`: some row gave one or the other."""

    need: RuleNeed
    column: str
    places: Places = field(default_factory=lambda: Places(0))
    rows: int = 0
    violations: int = 0
    known: bool = False

    def add(self, stretch: Stretch) -> None:
        held = stretch.column(self.column)
        false = held.false_count
        self.rows += len(held)
        self.violations += false
        self.known = self.known or held.null_count < len(held)
        if false and self.places.most:
            flags = held.fill_null(fill_value=True).to_numpy(zero_copy_only=False)
            self.places.add(stretch, np.flatnonzero(~flags))

    def merge(self, other: "RuleTally") -> None:
        self.rows += other.rows
        self.violations += other.violations
        self.known = self.known or other.known
        self.places.merge(other.places)

    def answers(self) -> Mapping[AnyRowNeed, RuleCount]:
        known = self.known or not self.rows
        samples = self.places.samples()
        return {self.need: RuleCount(self.rows, self.violations, samples, known)}

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode((self.rows, self.violations, self.known, self.places))

    def apart(self) -> Sequence[bytes]:
        counts = self.rows, self.violations, self.known, self.places.few()
        return (msgspec.msgpack.encode(counts),)

    def take(self, data: bytes, file: str) -> None:
        rows, violations, known, places = msgspec.msgpack.decode(data, type=_Counts)
        other = RuleTally(self.need, self.column, places.within(file), rows, violations, known)
        self.merge(other)
