"""Changes rows, a value at a time, until the aggregates of a contract hold; or until one does not."""

from collections.abc import Iterator, Sequence
from random import Random

import pyarrow as pa

from cst_contracts.contract.model import AggregateContract, RuleContract, TableContract
from cst_contracts.datatypes import child_path, top_level
from cst_contracts.engine.rows.portions import rows_in_memory
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import Trouble
from cst_contracts.proof.errors import NoData, NoGroups, unanswered
from cst_contracts.proof.mentions import mentioned
from cst_contracts.proof.pools import Pool, pool_of
from cst_contracts.proof.pools_of import pools_of
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.rules import truths
from cst_contracts.sql.aggregates import numbered_groups, rows_of_columns

_STEPS = 150
#: In groups of more rows, all are made alike as often as one is changed alone.
_FEW, _ALIKE = 3, 0.5
_ROW = "__cst_row"


def truths_of_groups(
    relation: str, table: pa.Table, aggregate: AggregateContract
) -> list[bool | None]:
    """Of each group, whether it holds. Raises NoData where the engine does not answer it."""
    return [truth for _, truth in _groups(relation, table, [aggregate])]


def aggregated(contract: TableContract, rows: Rows, *, plain: bool) -> Rows:
    """Rows of which all aggregates hold, and rules as before. Raises NoGroups where none were found."""
    if not contract.aggregates or not rows.count:
        return rows
    changing = _Changing(contract, rows, plain)
    about = frozenset(changing.names)
    rules = [each for each in contract.rules if about & {*_names_of(each, rows)}]
    wrong, apart = _wrong(contract, rows, rules), False
    for _ in range(_STEPS + rows.count if changing.names else 0):
        if not wrong:
            break
        # All groups at once, which takes as long as one; where that was no help, one of them.
        undo = changing.all([changing.random.choice(wrong)] if apart else wrong)
        now = _wrong(contract, rows, rules)
        worse = len(now) > len(wrong)
        if worse:
            for name, row, value in reversed(undo):
                rows.columns[name][row] = value
        else:
            wrong = now
        apart = worse and not apart
    if wrong:
        table = rows.table()
        held = {each: truths_of_groups(contract.name, table, each) for each in contract.aggregates}
        left = [each for each, truths_ in held.items() if not all(truths_)]
        last = (left or contract.aggregates)[-1]  # the others may be kept without it
        raise NoGroups(contract.name, last.name, last.place)
    return rows


def _wrong(contract: TableContract, rows: Rows, rules: Sequence[RuleContract]) -> list[list[int]]:
    """The rows of each group of which an aggregate does not hold, and each of which a rule is false."""
    table = rows.table()
    held = _groups(contract.name, table, contract.aggregates)
    groups = [those for those, truth in held if those and not truth]
    if not rules:
        return groups
    told = truths(contract.name, table, rules)
    return groups + [[number] for number, truth in enumerate(told) if False in truth]


def _groups(
    relation: str, table: pa.Table, aggregates: Sequence[AggregateContract]
) -> list[tuple[list[int], bool | None]]:
    """Of each group of each aggregate, the numbers of its rows, and whether it holds."""
    numbered = table.append_column(_ROW, pa.array(range(table.num_rows), pa.int64()))
    with looking_at(relation):
        context = rows_in_memory(relation, numbered.schema, numbered.to_batches())
    rows = rows_of_columns(relation, numbered.schema.names, ())
    groups: list[tuple[list[int], bool | None]] = []
    for each in aggregates:
        query = numbered_groups(rows, each.sql, each.per, _ROW)
        try:
            with looking_at(relation):
                found = table_of(context.sql(query))
        except IntrospectionError as error:
            why = unanswered(error)
            if error.trouble is Trouble.SLOW:
                raise NoData(f"{each.place}: {why}") from error
            raise NoGroups(relation, each.name, each.place, why) from error
        numbers, held = (column.to_pylist() for column in found.columns)
        groups += zip(numbers, held, strict=True)
    return groups


class _Changing:
    """Puts other values into rows of groups."""

    def __init__(self, contract: TableContract, rows: Rows, plain: bool) -> None:  # noqa: FBT001
        self.names = free_fields(contract, rows) or ruled_fields(contract, rows)
        self.random = Random(0)  # noqa: S311 — tables, not secrets
        self._rows, self._plain = rows, plain
        self._pools = pools_of(contract, rows.schema, plain=plain) if self.names else {}
        self._number = 0

    def all(self, groups: Sequence[Sequence[int]]) -> list[tuple[str, int, object]]:
        """One row of each group has another value, and all others of some groups one that they share: of many
        rows that differ, nobody would find by chance how many have to be alike. What was there before, by its
        field and row."""
        undo: list[tuple[str, int, object]] = []
        for group in groups:
            name = self.names[self._number % len(self.names)]
            if len(group) > _FEW and self.random.random() < _ALIKE:
                if self.random.random() < _ALIKE:  # as one of them, which keeps its rules
                    like = self._rows.columns[name][self.random.choice(group)]
                    undo += self._put(name, group, like)
                    continue
                undo += self._put(name, group, self._any(name))
            undo += self._put(name, [self.random.choice(group)], self._any(name))
        return undo

    def _any(self, name: str) -> object:
        field = self._rows.schema.field(name)
        pool = self._pools.get(child_path("", name)) or pool_of(field.type, plain=self._plain)
        self._number += 1
        return self.random.choice(_values(pool, field, self._number))

    def _put(self, name: str, rows: Sequence[int], value: object) -> list[tuple[str, int, object]]:
        column = self._rows.columns[name]
        before = [(name, row, column[row]) for row in rows]
        for row in rows:
            column[row] = value
        return before


def changed(
    contract: TableContract, rows: Rows, *, plain: bool
) -> Iterator[tuple[int, str, object]]:
    """Row numbers, fields and values to put there, without an end: of the fields that aggregates mention and
    that no key or reference is about."""
    names = [*free_fields(contract, rows), *ruled_fields(contract, rows)]
    if not names:
        return
    pools = pools_of(contract, rows.schema, plain=plain)
    random = Random(0)  # noqa: S311 — tables, not secrets
    for number in range(1_000_000):
        name = names[number % len(names)]
        field = rows.schema.field(name)
        pool = pools.get(child_path("", name)) or pool_of(field.type, plain=plain)
        yield random.randrange(rows.count), name, random.choice(_values(pool, field, number))


def free_fields(contract: TableContract, rows: Rows) -> list[str]:
    """Those that aggregates mention, and no rule, key or reference is about."""
    ruled = frozenset(_in_rules(contract, rows))
    return [name for name in _loose_fields(contract, rows) if name not in ruled]


def ruled_fields(contract: TableContract, rows: Rows) -> list[str]:
    """Those that rules are about, too: not every value keeps these."""
    ruled = frozenset(_in_rules(contract, rows))
    return [name for name in _loose_fields(contract, rows) if name in ruled]


def _in_rules(contract: TableContract, rows: Rows) -> Iterator[str]:
    for each in contract.rules:
        yield from _names_of(each, rows)


def _names_of(rule: RuleContract, rows: Rows) -> tuple[str, ...]:
    return mentioned(rule.sql, rows.schema.names).names


def _loose_fields(contract: TableContract, rows: Rows) -> list[str]:
    bound = {
        *(top_level(path) for key in contract.keys for path in key.fields),
        *(top_level(path) for each in contract.references for path in each.fields),
    }
    about = {
        name
        for each in contract.aggregates
        for name in mentioned(each.sql, rows.schema.names).names
    }
    return [
        field.name
        for field in rows.schema
        if field.name in about - bound and not field.type.num_fields
    ]


def _values(pool: Pool, field: pa.Field, number: int) -> list[object]:
    further = pool.more(number) if pool.more is not None else None
    nulls = [None] if field.nullable else []
    return [*pool.values, *nulls, *([] if further is None else [further])]
