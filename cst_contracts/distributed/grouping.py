"""Lets the groups of an aggregate meet on a cluster, and counts those of which it is not true."""

from collections.abc import Sequence

from cst_contracts.distributed import group_worker
from cst_contracts.distributed.group_worker import GroupWork, sent_group_work, table_in
from cst_contracts.distributed.outcomes import Gathered, Grouped, tasks_in
from cst_contracts.distributed.pieces import Load
from cst_contracts.distributed.scanned_files import refuse_other_rows, sizes_of
from cst_contracts.distributed.sharing import shared_out
from cst_contracts.distributed.shipping import shipped_groups, shipped_rows
from cst_contracts.distributed.workers import Workers
from cst_contracts.engine.rows.aggregates import named_groups, named_values
from cst_contracts.engine.rows.elsewhere import GroupsOf
from cst_contracts.facts import AggregateCount

#: More buckets would be as many blocks of each task, most of them of a few groups.
_MOST_BUCKETS = 1_000
_COLUMNS = {"bucket": "int", "block": "binary"}


def count_groups(workers: Workers, wanted: GroupsOf) -> AggregateCount:
    """Raises ClusterTrouble, ScanFailed and IntrospectionError."""
    files, aggregate = wanted.files, wanted.aggregate
    tasks = shared_out(sizes_of(files, wanted.relation))
    loads = [Load(tuple(pieces)).sent() for pieces in tasks]
    buckets = min(len(loads), _MOST_BUCKETS) if aggregate.per else 1
    schema = files.stored_schema
    work = GroupWork(files.table, wanted.relation, schema, aggregate, buckets)
    found, grouped = _found(workers, sent_group_work(work), loads, buckets)
    refuse_other_rows(sum(each.complete for each in found), wanted.rows, len(found), len(loads))
    return _counted(work, grouped)


def _found(
    workers: Workers, work: bytes, loads: Sequence[bytes], buckets: int
) -> tuple[list[Gathered], list[Grouped]]:
    """The outcomes of those tasks that have read rows, and of those that have put groups together."""
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
    outcomes = [task.outcome() for task in tasks_in(told)]
    return (
        [each for each in outcomes if isinstance(each, Gathered)],
        [each for each in outcomes if isinstance(each, Grouped)],
    )


def _counted(work: GroupWork, found: Sequence[Grouped]) -> AggregateCount:
    parted, per = work.parted(), work.aggregate.per
    false = [table_in(each.largest_false) for each in found if each.false]
    null = [table_in(each.largest_null) for each in found if each.null]
    values = [parted.computed(table_in(each.values)) for each in found if each.values is not None]
    return AggregateCount(
        rows=sum(each.rows for each in found),
        groups=sum(each.groups for each in found),
        violations=sum(each.false for each in found),
        unknown=sum(each.null for each in found),
        false=named_groups(parted.largest(false), per) if per and false else (),
        null=named_groups(parted.largest(null), per) if per and null else (),
        computed=named_values(values[0], work.relation) if values else (),
        fields=parted.fields,
    )
