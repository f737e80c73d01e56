"""A plan's scan, run: one reading of a relation's files that answers everything planned for it.

Each partition of the engine's plan is a stream of batches in the order of its files, and a thread reads
it. What the engine computes best (rules, hashes) it hands over as columns; nulls and order are read off
the arrays as they are stored, past any declaration.
"""

from collections.abc import Sequence, Set
from typing import TypeAlias

import pyarrow as pa
from datafusion import DataFrame, Expr, col, lit
from datafusion import functions as f
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes import top_level
from cst_contracts.engine.rows.hashes import Hashes
from cst_contracts.engine.rows.order_tally import OrderTally
from cst_contracts.engine.rows.plan import Compared, Hashed
from cst_contracts.engine.rows.stretches import FILE, ROW, Stretch, stretches
from cst_contracts.engine.rows.tallies import NullPlaces, Places, RuleTally
from cst_contracts.engine.rows.threads import read_partitions
from cst_contracts.facts import NullCount, RowOrder, RowPlace
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, RuleNeed
from cst_contracts.sql.names import HIVE_NULL, identifier


class Scan(Struct, frozen=True):
    """What one reading of `frame` is for. `keys` are flat. Partition fields in `null_folders` have folders
    that are named for no value."""

    frame: DataFrame
    schema: pa.Schema
    nulls: tuple[NullsNeed, ...]
    rules: tuple[tuple[RuleNeed, Expr], ...]
    keys: tuple[Hashed, ...]
    orders: tuple[Compared, ...]
    samples: int
    null_folders: frozenset[str] = frozenset()

    @property
    def needs(self) -> list[AnyRowNeed]:
        rules, orders = (rule for rule, _ in self.rules), (order.need for order in self.orders)
        keys = (key.need for key in self.keys)
        return [*self.nulls, *rules, *keys, *orders]

    @property
    def fields(self) -> list[str]:
        """What is read as it is stored."""
        found = dict.fromkeys(top_level(need.path) for need in self.nulls)
        found.update(dict.fromkeys(term.field for order in self.orders for term in order.terms))
        return list(found)

    @property
    def placed(self) -> bool:
        """Whether it must be known in which file a row is, and where."""
        return bool(self.orders or self.samples)

    def only(self, need: AnyRowNeed) -> "Scan":
        return replace(
            self,
            nulls=tuple(each for each in self.nulls if each == need),
            rules=tuple(each for each in self.rules if each[0] == need),
            keys=tuple(each for each in self.keys if each.need == need),
            orders=tuple(each for each in self.orders if each.need == need),
        )


class NullsRead(Struct, frozen=True):
    rows: int
    count: NullCount
    places: tuple[RowPlace, ...]


class RuleRead(Struct, frozen=True):
    rows: int
    violations: int
    places: tuple[RowPlace, ...]


class OrderRead(Struct, frozen=True):
    """`unique`: neighbours tell that no two rows share the key that the order begins with. They do not
    where files overlap, rows are out of order, or a key has a null."""

    order: RowOrder
    places: tuple[RowPlace, ...]
    unique: bool


Read: TypeAlias = NullsRead | RuleRead | OrderRead | Hashes


def read(scan: Scan) -> dict[AnyRowNeed, Read]:
    """Raises what the engine raises."""
    hashes = {key.need: Hashes(key.room) for key in scan.keys}
    readings = read_partitions(scan.frame.select(*_columns(scan)), lambda: _Reading(scan, hashes))
    found = _together(scan, readings)
    for need, gathered in hashes.items():
        found[need] = gathered
    return found


def places() -> list[Expr]:
    return [f.input_file_name().alias(FILE), f.file_row_index().alias(ROW)]


def hash_of(paths: Sequence[str]) -> Expr:
    return f.spark.xxhash64(*(col(identifier(path)) for path in paths))


def without_value(paths: Sequence[str]) -> Expr:
    first, *others = (col(identifier(path)).is_null() for path in paths)
    for other in others:
        first = first | other
    return first


def _columns(scan: Scan) -> list[Expr]:
    columns = places() if scan.placed else []
    columns.extend(_stored(name, scan.null_folders) for name in scan.fields)
    columns.extend(rule.alias(_rule(number)) for number, (_, rule) in enumerate(scan.rules))
    for number, key in enumerate(scan.keys):
        columns.append(hash_of(key.need.paths).alias(_hash(number)))
        columns.append(without_value(key.need.paths).alias(_missing(number)))
    return columns


def _stored(name: str, null_folders: Set[str]) -> Expr:
    stored = col(identifier(name))
    return f.nullif(stored, lit(HIVE_NULL)).alias(name) if name in null_folders else stored


def _rule(number: int) -> str:
    return f"__cst_rule{number}"


def _hash(number: int) -> str:
    return f"__cst_hash{number}"


def _missing(number: int) -> str:
    return f"__cst_missing{number}"


class _Reading:
    """One thread's."""

    def __init__(self, scan: Scan, hashes: dict[KeyNeed, Hashes]) -> None:
        self._hashes = list(hashes.values())
        self.nulls = NullPlaces(scan.schema, [need.path for need in scan.nulls], scan.samples)
        self.rules = [RuleTally(_rule(n), Places(scan.samples)) for n in range(len(scan.rules))]
        self.orders = [
            OrderTally(order.terms, order.prefix, Places(scan.samples)) for order in scan.orders
        ]
        self._placed = scan.placed
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        for number, hashes in enumerate(self._hashes):
            whole = Stretch(batch, "", 0)
            hashes.add(whole.column(_hash(number)), whole.column(_missing(number)))
        for stretch in stretches(batch) if self._placed else (Stretch(batch, "", 0),):
            self.nulls.add(stretch)
            for rule in self.rules:
                rule.add(stretch)
            for order in self.orders:
                order.add(stretch)


def _together(scan: Scan, readings: Sequence[_Reading]) -> dict[AnyRowNeed, Read]:
    found: dict[AnyRowNeed, Read] = {}
    for need in scan.nulls:
        tallies = [reading.nulls.tally for reading in readings]
        values = sum(tally.values[need.path] for tally in tallies)
        nulls = sum(tally.nulls[need.path] for tally in tallies)
        places = _first(scan, [reading.nulls.places[need.path] for reading in readings])
        rows = sum(reading.rows for reading in readings)
        found[need] = NullsRead(rows, NullCount(values, nulls), places)
    for number, (rule, _) in enumerate(scan.rules):
        parts = [reading.rules[number] for reading in readings]
        found[rule] = RuleRead(
            sum(part.rows for part in parts),
            sum(part.violations for part in parts),
            _first(scan, [part.places for part in parts]),
        )
    for number, order in enumerate(scan.orders):
        found[order.need] = _order([reading.orders[number] for reading in readings])
    return found


def _first(scan: Scan, parts: Sequence[Places]) -> tuple[RowPlace, ...]:
    return tuple(Places(scan.samples, [place for part in parts for place in part.found]).first())


def _order(parts: Sequence[OrderTally]) -> OrderRead:
    whole = parts[0].together(parts[1:])
    return OrderRead(whole.order(), tuple(whole.places.first()), whole.unique())
