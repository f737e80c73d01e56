"""Makes the rows of a table that keeps its contract, and those of the tables that it refers to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.clauses.freshness import FreshnessContract
from cst_contracts.contract.clauses.source import TEXT_FORMATS
from cst_contracts.contract.model import ReferenceContract, RuleContract, TableContract
from cst_contracts.datatypes import child_path, top_level
from cst_contracts.proof.aggregates import aggregated
from cst_contracts.proof.candidates import Ruled, ruled_of
from cst_contracts.proof.choices import Choices, Seeded, Simplest
from cst_contracts.proof.columns import Drawing, Value
from cst_contracts.proof.errors import NoGroups, TooFewRows
from cst_contracts.proof.keys import unique
from cst_contracts.proof.moments import fresh, is_moment
from cst_contracts.proof.ordering import ordered
from cst_contracts.proof.pools_of import loose_of, pools_of, solid_of
from cst_contracts.proof.references import dangling, referring, stranger
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.rules import truths

#: Rows of a table that others refer to, beyond those that are asked for: there has to be a choice.
_FURTHER = 3
#: How often other references are tried for a row whose rules do not hold with those that it has.
_RETRIED = 32
#: How often all tables are made anew where those that are referred to leave no row to make.
_ATTEMPTS = 4
#: A time that rules tie to a young one may be as young, or by so much later or earlier.
_BESIDE = timedelta(days=1)
#: How many further rows are drawn for each that is lacking, one after the other.
_LOST = (2, 4, 8)


class Making(Struct, frozen=True):
    """`known` are the contracts by the names of their tables; `now` is what freshness is measured by. So many
    rows are drawn; where keys leave room for less than `fewest`, which is `least` by default, there are no
    such data. Of each leaf, some row has a value; where that is not `firm`, of those that promises are about.
    """

    known: Mapping[str, TableContract]
    choices: Choices
    now: datetime
    least: int
    most: int
    fewest: int | None = None
    firm: bool = True

    def tables(self, contract: TableContract) -> dict[str, Rows]:
        """By name, the contract's own last. Raises NoData."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._made(contract)
            except NoGroups:  # after a long search
                raise
            except TooFewRows:
                continue
        return self._made(contract)

    def _made(self, contract: TableContract) -> dict[str, Rows]:
        made: dict[str, Rows] = {}
        self._make(contract, made, ())
        return made

    def _make(self, contract: TableContract, made: dict[str, Rows], above: tuple[str, ...]) -> None:
        """What no contract is known of has what is referred to, and no more."""
        for reference in contract.references:
            if reference.table in (contract.name, *above, *made):
                continue
            other = self.known.get(reference.table)
            if other is not None:
                apart = replace(self, choices=self.choices.apart())
                apart._make(other, made, (*above, contract.name))
        rows = self._rows(contract, made, _FURTHER if above else 0)
        for name in dict.fromkeys(each.table for each in contract.references):
            if name not in made and name != contract.name:
                made[name] = stranger(
                    rows, [each for each in contract.references if each.table == name]
                )
        made[contract.name] = rows

    def _rows(self, contract: TableContract, made: Mapping[str, Rows], more: int = 0) -> Rows:
        """`more` rows than asked for."""
        least = max(1, self.least) + 1 if more else self.least
        count = self.choices.number(least, self.most + more)
        fewest = 1 if more else self.least if self.fewest is None else self.fewest
        plain = contract.source is not None and contract.source.format in TEXT_FORMATS
        rows = self._of_rows(contract, made, count, plain=plain)
        for lost in _LOST:
            if rows.count >= fewest:
                break
            further = count + lost * (fewest - rows.count)
            rows = self._of_rows(contract, made, further, plain=plain)
            rows = _without_hopeless(contract, rows.take(range(min(rows.count, count))), made)
        rows = aggregated(contract, rows, plain=plain)
        if rows.count < fewest:
            what = f"no {fewest} rows of {contract.name} are known that keep all of its promises"
            raise TooFewRows(f"{contract.place}: {what}")
        return ordered(contract, rows)

    def _of_rows(
        self, contract: TableContract, made: Mapping[str, Rows], count: int, *, plain: bool
    ) -> Rows:
        """Of so many that are drawn, those that keep what is promised of each, its key and its references."""
        schema = schema_of(contract)
        ruled = ruled_of(contract, schema, plain)
        rows = self._drawn(contract, schema, count, ruled, plain=plain)
        if contract.freshness is not None and count:
            _freshen(contract, contract.freshness, rows, ruled, self.now)
        changed: set[str] = set()
        if any(each.table == contract.name for each in contract.references):
            rows, changed = unique(contract, rows, plain=plain)
        met = [each for each in contract.references if each.table in {*made, contract.name}]
        referring(rows, met, {**made, contract.name: rows}, self.choices)
        rows, touched = unique(contract, rows, plain=plain)
        return _settled(contract, rows, ruled, {**made, contract.name: rows}, touched | changed)

    def _drawn(
        self,
        contract: TableContract,
        schema: pa.Schema,
        count: int,
        ruled: Sequence[Ruled],
        *,
        plain: bool,
    ) -> Rows:
        pools = pools_of(contract, schema, plain=plain)
        solid = solid_of(contract)
        loose = frozenset() if self.firm or plain else loose_of(contract)
        drawing = Drawing(self.choices, pools, plain, solid, loose)
        simplest = Drawing(Simplest(), pools, plain, solid, loose)
        columns: dict[str, list[Value]] = {}
        for group in ruled:
            columns.update(self._picked(group, count))
        for field in schema:
            if field.name not in columns:
                path = child_path("", field.name)
                drawn = simplest if self.choices.simple() else drawing
                columns[field.name] = drawn.column(path, field, count)
        return Rows(schema, columns).copy()

    def _picked(self, group: Ruled, count: int) -> dict[str, list[Value]]:
        """Of the first, all rules are true, and not NULL."""
        chosen = self.choices.bytes(2 * count)
        numbers = [chosen[2 * index] + 256 * chosen[2 * index + 1] for index in range(count)]
        numbers = [
            number % (len(group.keeping) if index else group.certain)
            for index, number in enumerate(numbers)
        ]
        picked = [group.keeping[number] for number in numbers]
        return {name: [row[index] for row in picked] for index, name in enumerate(group.names)}


def schema_of(contract: TableContract) -> pa.Schema:
    """The promised fields with their metadata, then the partition fields that stand nowhere else."""
    fields = [
        pa.field(each.name, each.type, each.nullable, dict(each.metadata) or None)
        for each in contract.fields
    ]
    named = {each.name for each in contract.fields}
    partitions = contract.source.partitioned_by if contract.source is not None else ()
    fields.extend(
        pa.field(partition.name, partition.type or pa.string(), nullable=False)
        for partition in partitions
        if partition.name not in named
    )
    metadata = {each.key: each.value for each in contract.metadata}
    return pa.schema(fields, metadata or None)


def _freshen(
    contract: TableContract,
    freshness: FreshnessContract,
    rows: Rows,
    ruled: Sequence[Ruled],
    now: datetime,
) -> None:
    """Makes the first row a young one. Where rules tie its time to other fields, these have the values of
    other rows that keep the rules, or the same time: the first of those of which no rule is false."""
    name = freshness.field
    type_ = rows.schema.field(name).type
    young = {name: fresh(freshness, type_, now)}
    group = next((each for each in ruled if name in each.names), None)
    if group is None:
        rows.columns[name][0] = young[name]
        return
    schema = pa.schema([rows.schema.field(each) for each in group.names])
    others = [each for each in schema if is_moment(each.type) and each.name != name]
    moments = [
        {each.name: fresh(freshness, type_, now + beside, each.type) for each in others}
        for beside in (timedelta(0), _BESIDE, -_BESIDE)
    ]
    drawn = tuple(rows.columns[each][0] for each in group.names)
    tried = [
        {**dict(zip(group.names, values, strict=True)), **times, **young}
        for values in (drawn, *group.keeping[:_RETRIED])
        for times in ({}, *moments)
    ]
    columns = {each: [values[each] for values in tried] for each in group.names}
    told = truths(contract.name, Rows(schema, columns).table(), group.rules)
    kept = (number for number, truth in enumerate(told) if False not in truth)
    for each, value in tried[next(kept, 0)].items():
        rows.columns[each][0] = value


def _settled(
    contract: TableContract,
    rows: Rows,
    ruled: Sequence[Ruled],
    made: Mapping[str, Rows],
    touched: set[str],
) -> Rows:
    """Rows whose rules came to be false when keys and references were made get other references, and are
    left out where none would do."""
    references = [each for each in contract.references if each.table in made]
    about = touched | {top_level(path) for each in references for path in each.fields}
    rules = [rule for each in ruled if about & set(each.names) for rule in each.rules]
    spoiled = _false(contract, rows, rules) | dangling(rows, references, made)
    if not spoiled:
        return rows
    kept = [number for number in range(rows.count) if number not in spoiled]
    mended = _mended(contract, rows.take(sorted(spoiled)), rules, references, made)
    together = {
        name: [*values, *mended.columns[name]] for name, values in rows.take(kept).columns.items()
    }
    found, _ = unique(contract, Rows(rows.schema, together), plain=True)
    return _hopeful(contract, found, rules, references, made)


def _without_hopeless(contract: TableContract, rows: Rows, made: Mapping[str, Rows]) -> Rows:
    """Of rows of which some were taken, others may have referred to these."""
    references = [each for each in contract.references if each.table == contract.name]
    return _hopeful(contract, rows, (), references, {**made, contract.name: rows})


def _hopeful(
    contract: TableContract,
    rows: Rows,
    rules: Sequence[RuleContract],
    references: Sequence[ReferenceContract],
    made: Mapping[str, Rows],
) -> Rows:
    while again := _hopeless(contract, rows, rules, references, made):
        rows = rows.take([number for number in range(rows.count) if number not in again])
    return rows


def _hopeless(
    contract: TableContract,
    rows: Rows,
    rules: Sequence[RuleContract],
    references: Sequence[ReferenceContract],
    made: Mapping[str, Rows],
) -> set[int]:
    """The rows that break a rule or a reference. Without them, others may refer to nothing."""
    there = {**made, contract.name: rows}
    return _false(contract, rows, rules) | dangling(rows, references, there)


def _mended(
    contract: TableContract,
    rows: Rows,
    rules: Sequence[RuleContract],
    references: Sequence[ReferenceContract],
    made: Mapping[str, Rows],
) -> Rows:
    tried = rows.take([number for number in range(rows.count) for _ in range(_RETRIED)])
    referring(tried, references, made, Seeded(0))
    spoiled = _false(contract, tried, rules) | dangling(tried, references, made)
    good: dict[int, int] = {}
    for number in range(tried.count):
        if number not in spoiled:
            good.setdefault(number // _RETRIED, number)
    return tried.take(list(good.values()))


def _false(contract: TableContract, rows: Rows, rules: Sequence[RuleContract]) -> set[int]:
    if not rules or not rows.count:
        return set()
    told = truths(contract.name, rows.table(), rules)
    return {number for number, truth in enumerate(told) if False in truth}


def try_rules(contract: TableContract, known: Mapping[str, TableContract]) -> None:
    """Tries out the rules of a contract and of those that it refers to, once for all tables that are made
    later. Raises NoRow."""
    pending, met = [contract], {contract.name}
    while pending:
        each = pending.pop()
        plain = each.source is not None and each.source.format in TEXT_FORMATS
        ruled_of(each, schema_of(each), plain)
        others = {reference.table for reference in each.references} - met
        met |= others
        pending += [known[name] for name in others if name in known]


def utc_now() -> datetime:
    return datetime.now(UTC)
