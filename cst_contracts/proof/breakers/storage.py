"""Breaks promises about how tables are stored and planned: orders, statistics, pruning, streams and logs."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from datafusion import SessionContext
from deltalake import DeltaTable
from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.delta.constraints import DeltaConstraints
from cst_contracts.checks.delta.parity import DeltaParity
from cst_contracts.checks.delta.version import VersionRead
from cst_contracts.checks.field_set import FieldsComplete
from cst_contracts.checks.ordering import OrderDeclared, OrderPlanned
from cst_contracts.checks.policies import PruningEffective, StatisticsEffective
from cst_contracts.checks.snapshots import SchemaSnapshot
from cst_contracts.checks.source import SourceRead
from cst_contracts.checks.streams import SourceUnbounded
from cst_contracts.contract.clauses.files import FileTrait
from cst_contracts.contract.model import AsOfVersion, SourceFormat
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable
from cst_contracts.proof.breakers.files import is_of_files, rests_on_statistics
from cst_contracts.proof.staging import register

#: Called as nothing of a contract's is likely to be.
_EXTRA = "cst_extra"


def break_declared_order(check: OrderDeclared, ground: Ground) -> Iterator[Break | Unbreakable]:
    """A footer that claims another order. Formats without footers are registered as promised."""
    stage = ground.stage
    if stage.layout.format is not SourceFormat.PARQUET:
        why = f"{stage.layout.format} has no claims of its own: who registers it declares the promised order"
        yield Unbreakable(why, counted=False)
        return
    names = [each for each in stage.rows.schema.names if each not in stage.layout.partitioned_by]
    inside = [term for term in check.terms if term.field in names]
    if not inside:
        yield Unbreakable("a file has one value of each partition field", counted=False)
        return
    column = names.index(inside[0].field)
    claim = pq.SortingColumn(column, descending=not inside[0].descending, nulls_first=False)
    claims = replace(stage, layout=replace(stage.layout, claims=(claim,)))
    yield Break(
        "a footer that claims another order",
        FindingCode.ORDER_CONFLICT,
        [claims],
        lambda other: (
            isinstance(other, OrderPlanned) or is_of_files(other, FileTrait.SORTING_COLUMNS)
        ),
    )


def break_planned_order(check: OrderPlanned, ground: Ground) -> Iterator[Break | Unbreakable]:
    """Files whose ranges overlap, read by one partition of the engine."""
    stage = ground.stage
    if len(stage.parts()) < 2:
        yield Unbreakable("the rows, or the location, leave room for one file only", counted=False)
        return
    one = {**stage.settings, "datafusion.execution.target_partitions": "1"}
    tries = [replace(stage, settings=one, cuts=(), dealt=2)]
    yield Break(
        "files whose ranges overlap",
        FindingCode.ORDER_NOT_USED,
        tries,
        lambda other: isinstance(other, OrderDeclared),
    )


def break_statistics(check: StatisticsEffective, ground: Ground) -> Iterator[Break | Unbreakable]:
    stage, code = ground.stage, FindingCode.STATISTICS_INEFFECTIVE
    if not check.policy.wanted:
        collected = {**stage.settings, "datafusion.execution.collect_statistics": "true"}
        yield Break("statistics collected", code, [replace(stage, settings=collected)])
        return
    none = replace(stage, layout=replace(stage.layout, statistics=False))
    yield Break("files without statistics", code, [none], rests_on_statistics)


def break_pruning(check: PruningEffective, ground: Ground) -> Iterator[Break | Unbreakable]:
    stage, code = ground.stage, FindingCode.PRUNING_INEFFECTIVE
    if not check.policy.wanted:
        pruned = {**stage.settings, "datafusion.execution.parquet.pruning": "true"}
        yield Break("row groups left out", code, [replace(stage, settings=pruned)])
        return
    none = replace(stage, layout=replace(stage.layout, statistics=False))
    yield Break("files without statistics", code, [none], rests_on_statistics)


def break_unbounded(check: SourceUnbounded, ground: Ground) -> Iterator[Break | Unbreakable]:
    """The session has the same rows, and they end."""

    def bounded(session: SessionContext) -> None:
        register(session, check.table, ground.stage.rows.table())

    stage = replace(ground.stage, session=(bounded,))
    yield Break("the same rows, which end", FindingCode.NOT_UNBOUNDED, [stage])


def break_version(check: VersionRead, ground: Ground) -> Iterator[Break | Unbreakable]:
    """A log that ends before the version, or that begins after it."""
    if not isinstance(check.as_of, AsOfVersion):
        yield Unbreakable("no log can be written at a time in the past", counted=False)
        return
    version = check.as_of.version

    def forgotten(place: Path) -> None:
        """A checkpoint makes the older commits unnecessary; then they are cleared away."""
        table = DeltaTable(place)
        table.alter.set_table_properties({"delta.checkpointInterval": "100"})
        DeltaTable(place).create_checkpoint()
        for number in range(version + 1):
            (place / "_delta_log" / f"{number:020}.json").unlink()

    stage = replace(ground.stage, files=(forgotten,))
    code = FindingCode.VERSION_MISSING
    yield Break("a log that begins after it", code, [stage], lambda other: other.id == "table")


def break_parity(check: DeltaParity, ground: Ground) -> Iterator[Break | Unbreakable]:
    """A log with partitions that nobody promised. Where none are promised at all, any are only noted: there,
    the session has other fields than the log."""
    if check.partitions:
        yield _partitioned_otherwise(check, ground)
    else:
        yield _a_field_more(check, ground)


def _partitioned_otherwise(check: DeltaParity, ground: Ground) -> Break | Unbreakable:
    stage = ground.stage
    taken = set(stage.layout.partitioned_by)
    free = [
        field.name
        for field in check.fields
        if field.name not in taken
        and not field.type.num_fields
        and "" not in stage.rows.columns[field.name]  # which a partition's value cannot be
    ]
    # A file holds one field at least.
    if not free or len(taken) + 1 == len(stage.rows.schema):
        return Unbreakable("no field is left that the log could be partitioned by", counted=False)
    name = min(free, key=lambda each: len({repr(value) for value in stage.rows.columns[each]}))
    more = (*stage.layout.partitioned_by, name)
    other = replace(stage, layout=replace(stage.layout, partitioned_by=more))
    return Break(
        f"a log partitioned by {name}, too",
        FindingCode.LOG_PARTITIONS,
        [other],
        # In more files, whose ranges overlap.
        lambda each: (
            each.id in ("snapshot[schema]", "statistics", "pruning", "order[plan]")
            or is_of_files(each, *FileTrait)
        ),
    )


def _a_field_more(check: DeltaParity, ground: Ground) -> Break:
    """A session of the project's own that reads the same rows, and not the log."""
    rows = ground.stage.rows.table()

    def otherwise(session: SessionContext) -> None:
        more = rows.append_column(_EXTRA, pa.nulls(rows.num_rows, pa.int64()))
        register(session, check.table, more)

    def hangs(other: Check) -> bool:
        """Nothing of storage is known where a session reads rows of its own."""
        return isinstance(other, SourceRead | FieldsComplete | SchemaSnapshot)

    stage = replace(ground.stage, session=(otherwise,))
    what = "a session with a field that the log has not"
    return Break(what, FindingCode.LOG_DIFFERS, [stage], hangs)


def break_constraints(check: DeltaConstraints, ground: Ground) -> Iterator[Break | Unbreakable]:
    stage = ground.stage
    for rule in check.rules:
        if rule.enforced:
            left = {
                name: sql for name, sql in stage.layout.constraints.items() if name != rule.name
            }
            fewer = replace(stage, layout=replace(stage.layout, constraints=left))
            what = f"the constraint {rule.name} dropped"
            yield Break(what, FindingCode.RULE_NOT_ENFORCED, [fewer])
    if check.forbid_extra:
        name = stage.rows.schema.names[0]
        more = {**stage.layout.constraints, _EXTRA: f'"{name}" = "{name}"'}
        extra = replace(stage, layout=replace(stage.layout, constraints=more))
        yield Break("a constraint more", FindingCode.CONSTRAINT_UNPROMISED, [extra])
    if not check.forbid_extra and not any(rule.enforced for rule in check.rules):
        why = "no rule is `enforced`, and `extra_constraints` are allowed"
        yield Unbreakable(why, counted=False)
