"""Lets the groups of an aggregate meet on a cluster, and counts those of which it is not true."""

from collections.abc import Sequence

import pyarrow as pa

from cst_contracts.distributed import group_worker
from cst_contracts.distributed.group_worker import GroupWork, sent_group_work, table_in
from cst_contracts.distributed.outcomes import (
    Aggregated,
    Gathered,
    Grouped,
    Measured,
    tasks_in,
)
from cst_contracts.distributed.pieces import Load
from cst_contracts.distributed.scanned_files import refuse_other_rows, whole_files
from cst_contracts.distributed.sharing import shared_out
from cst_contracts.distributed.shipping import shipped_groups, shipped_rows
from cst_contracts.distributed.workers import Workers
from cst_contracts.engine.rows.aggregate_parts import PartedAggregate
from cst_contracts.engine.rows.aggregates import named_groups, named_values
from cst_contracts.engine.rows.elsewhere import GroupsOf
from cst_contracts.facts import AggregateCount

#: More buckets would be as many blocks of each task, most of them of a few groups.
_MOST_BUCKETS = 1_000
_COLUMNS = {"bucket": "int", "block": "binary"}


def count_groups(workers: Workers, wanted: GroupsOf) -> AggregateCount:
    """Raises ClusterTrouble, ScanFailed and IntrospectionError."""
    files = wanted.files
    tasks = shared_out(whole_files(files, wanted.relation))
    loads = [Load(tuple(pieces)).sent() for pieces in tasks]
    schema = files.schema
    parted = PartedAggregate(wanted.relation, wanted.aggregate, schema)
    buckets = min(len(loads), _MOST_BUCKETS) if parted.dealt_by else 1
    work = GroupWork(files.table, wanted.relation, schema, wanted.aggregate, buckets)
    outcomes = _outcomes(workers, sent_group_work(work), loads, buckets)
    read = [each.complete for each in outcomes if isinstance(each, Gathered)]
    refuse_other_rows(sum(read), wanted.rows, len(read), len(loads))
    if parted.per:
        return _of_groups(parted, [each for each in outcomes if isinstance(each, Grouped)])
    found = [table_in(each.values) for each in outcomes if isinstance(each, Aggregated)]
    return _of_all(parted, found)


def _outcomes(
    workers: Workers, work: bytes, loads: Sequence[bytes], buckets: int
) -> list[Measured]:
    """Of those tasks that have read rows, and of those that have put parts together."""
    by_file = shipped_rows(work, workers.versions, _COLUMNS, group_worker.__name__)
    by_group = shipped_groups(work, workers.versions)
    told = workers.asked(
        lambda talking: (
            talking.rows(by_file, loads)
            .repartition(buckets, "bucket")
            .mapInArrow(by_group.run, by_group.schema)
            .toArrow()
        )
    )
    return [task.outcome() for task in tasks_in(told)]


def _of_all(parted: PartedAggregate, found: Sequence[pa.Table]) -> AggregateCount:
    told = parted.told(parted.together(found))
    return AggregateCount(
        told.rows,
        told.groups,
        told.false,
        told.null,
        computed=() if told.values is None else named_values(told.values, parted.relation),
        fields=parted.fields,
    )


def _of_groups(parted: PartedAggregate, found: Sequence[Grouped]) -> AggregateCount:
    false = [table_in(each.largest_false) for each in found if each.false]
    null = [table_in(each.largest_null) for each in found if each.null]
    return AggregateCount(
        rows=sum(each.rows for each in found),
        groups=sum(each.groups for each in found),
        violations=sum(each.false for each in found),
        unknown=sum(each.null for each in found),
        false=named_groups(parted.largest(false), parted.per) if false else (),
        null=named_groups(parted.largest(null), parted.per) if null else (),
        fields=parted.fields,
    )
