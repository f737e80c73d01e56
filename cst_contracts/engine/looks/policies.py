"""What the plan of a live table shows of statistics that answer queries, and of files and row groups that
are left unread."""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from datafusion import SessionContext, col
from datafusion import functions as f

from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.waiting import plan_of, table_of
from cst_contracts.engine.storage.footers import OpenFooter, footers
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.facts import PruningFacts, StatisticsFacts
from cst_contracts.needs import PruningNeed, StatisticsNeed
from cst_contracts.sql.names import identifier, literal, table_name
from cst_contracts.sql.plan_text import (
    Pruned,
    answered_from_metadata,
    pruned_files,
    pruned_row_groups,
)
from cst_contracts.sql.selects import analyze, count_rows, select_where


def statistics_facts(registry: Registry, need: StatisticsNeed) -> StatisticsFacts:
    """Of `count(*)`, and of each flat field: the count of what is no null, which statistics tell, or where
    nothing can be null, the least value."""
    table, opened = need.relation, registry.open(need.relation)
    context, storage = opened.counting or registry.context, opened.storage
    folders = frozenset() if storage is None else storage.hive_partitions
    with looking_at(table):
        counted = answered_from_metadata(plan_of(context.sql(count_rows(table))).display_indent())
        flat = [
            each
            for each in live_schema(context, table)
            if each.name not in folders and (each.nullable or _is_whole(each.type))
            if not pa.types.is_nested(each.type)
        ]
        if not flat or _answered(context, table, flat):
            return StatisticsFacts(counted, tuple(each.name for each in flat), ())
        scanned = [each.name for each in flat if not _answered(context, table, [each])]
        return StatisticsFacts(counted, tuple(each.name for each in flat), tuple(scanned))


def _is_whole(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_temporal(type_))


def _answered(context: SessionContext, table: str, fields: Sequence[pa.Field]) -> bool:
    asked = [
        (f.count if each.nullable else f.min)(col(identifier(each.name))).alias(f"__a{index}")
        for index, each in enumerate(fields)
    ]
    plan = plan_of(context.table(table_name(table)).aggregate([], asked))
    return answered_from_metadata(plan.display_indent())


def pruning_facts(registry: Registry, need: PruningNeed) -> PruningFacts:
    """Asked with a predicate that leaves row groups out, and one that leaves partitions out, where the
    stored values allow for one."""
    table, context = need.relation, registry.context
    storage = registry.open(table).storage
    if storage is None or not storage.capabilities.has_footers:
        return PruningFacts(row_groups=False)
    with looking_at(table, storage.location):
        opened = list(map(OpenFooter, storage.files, footers(storage.files)))
        ranges = list(_ranges(opened))
        chosen = next(filter(None, map(_bound, ranges)), None)
        groups = None if chosen is None else _asked(context, table, *chosen)
        folders = _folders(context, table, storage)
    return PruningFacts(
        row_groups=True,
        statistics=bool(ranges),
        empty=not any(each.metadata.num_rows for each in opened),
        predicate=None if chosen is None else f"{chosen[0]} <= {chosen[1]}",
        left_out=None if groups is None else pruned_row_groups(groups) is Pruned.SOME,
        partition=None if folders is None else folders[0],
        files_left_out=None if folders is None else folders[1],
    )


_Range = tuple[str, int | str, int | str]


def _ranges(files: Iterable[OpenFooter]) -> Iterator[list[_Range]]:
    """Of each file and each of its fields of whole numbers or text: the ranges of its row groups."""
    for opened in files:
        metadata = opened.metadata
        for index in range(metadata.num_columns):
            groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
            ranges = (_range(opened, group, index) for group in groups)
            found = [each for each in ranges if each is not None]
            if found and len(found) == len(groups):
                yield found


def _range(opened: OpenFooter, group: pq.RowGroupMetaData, index: int) -> _Range | None:
    statistics, name = opened.statistics(group, index), group.column(index).path_in_schema
    if "." in name or statistics is None or not statistics.has_min_max:
        return None
    least, most = statistics.min, statistics.max
    if type(least) is not type(most) or not isinstance(least, int | str) or isinstance(least, bool):
        return None
    return name, least, most


def _bound(groups: Sequence[_Range]) -> tuple[str, str] | None:
    """A field and a value, where some row groups of a file hold only greater ones."""
    least = min(most for _, _, most in groups)
    if not any(low > least for _, low, _ in groups):  # type: ignore[operator]
        return None
    return groups[0][0], literal(least) if isinstance(least, str) else str(least)


def _asked(context: SessionContext, table: str, name: str, bound: str) -> str:
    query = select_where(table, name, "<=", bound)
    return str(table_of(context.sql(analyze(query))).column(1)[0].as_py())


def _folders(context: SessionContext, table: str, storage: Storage) -> tuple[str, bool] | None:
    """A partition of several values, and whether files of the others are left unread."""
    for each in storage.partitions:
        if each.name in storage.hive_partitions and each.values > 1:
            value = context.sql(f"{select_where(table, each.name, 'IS NOT', 'NULL')} LIMIT 1")
            first = literal(str(table_of(value).column(0)[0].as_py()))
            query = select_where(table, each.name, "=", first)
            told = str(table_of(context.sql(analyze(query))).column(1)[0].as_py())
            read = pruned_files(told)
            return each.name, read is not None and read < len(storage.files)
    return None
