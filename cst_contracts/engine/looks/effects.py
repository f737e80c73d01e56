"""Whether settings of a session do what they say, told by how it reads a small file of ours.

A value in `df_settings` is no proof: another setting may override it, and an engine may drop it. The
session is left as it is: the file is read by way of a copy that has its settings.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from datafusion import SessionConfig, SessionContext

from cst_contracts.datatypes import print_type
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.settings import settings_of
from cst_contracts.facts import SettingEffect
from cst_contracts.sql.plan_text import answered_from_metadata
from cst_contracts.sql.selects import TABLE_NAMES, analyze, count_file, select_file, set_option

_SCHEMA = pa.schema(
    [
        pa.field("text", pa.string(), metadata={"semantic": "Text"}),
        pa.field("number", pa.int64(), nullable=False),
    ]
)
_ROWS, _GROUP, _PAGE = 400, 100, 10  # with something to exclude in a group, and in a page
_WANTED = "number = 350"
_PARQUET = "datafusion.execution.parquet"
_LISTINGS = "datafusion.runtime.list_files_cache_limit"
_CATALOG = "datafusion.catalog."
_LOCATION = "datafusion.catalog.location"
_FORMAT = "datafusion.catalog.format"
#: Whatever the session's own are, the questions and the plans are read as this module writes them.
_ASKED_IN = {
    "datafusion.explain.format": "indent",
    "datafusion.explain.analyze_level": "dev",
    "datafusion.sql_parser.dialect": "generic",
}


def setting_effects(context: SessionContext) -> Mapping[str, SettingEffect]:
    """Of the settings whose effect can be told, by name. Raises IntrospectionError."""
    with looking_at(None), TemporaryDirectory(prefix="cst_contracts_") as folder:
        values = settings_of(context)
        effects = {
            name: SettingEffect(does == (values[name] == "true"), told)
            for name, does, told in _switches(context, Path(folder))
            if name in values
        }
        if values.get(_LISTINGS) == "0":
            effects[_LISTINGS] = _listings(context, Path(folder))
        if values.get(_LOCATION):
            effects[_LOCATION] = effects[_FORMAT] = _mounted_by_engine(context, values)
        return effects


def _switches(context: SessionContext, folder: Path) -> Iterator[tuple[str, bool, str]]:
    """Name, whether the engine behaves as if it were on, and what was seen of that."""
    copy = _copy(context)
    file = _written(folder / "probe.parquet")
    counted = answered_from_metadata(copy.sql(count_file(file)).execution_plan().display_indent())
    told = "count(*) is answered from metadata" if counted else "count(*) reads the rows"
    yield "datafusion.execution.collect_statistics", counted, told
    field = copy.sql(f"{select_file(file)} LIMIT 1").to_arrow_table().schema.field("text")
    told = f"a string field comes out as {print_type(field.type)}"
    yield f"{_PARQUET}.schema_force_view_types", pa.types.is_string_view(field.type), told
    kept = b"semantic" in (
        pa.schema(copy.sql(select_file(file)).schema()).field("text").metadata or {}
    )
    told = f"a field's metadata is {'kept' if kept else 'dropped'}"
    yield f"{_PARQUET}.skip_metadata", not kept, told
    yield from _pruning(_analyzed(copy, f"{select_file(file)} WHERE {_WANTED}"))


def _copy(context: SessionContext) -> SessionContext:
    """With settings of its own, and the session's cache of listings."""
    copy = context.enable_url_table()
    for name, value in _ASKED_IN.items():
        copy.sql(set_option(name, value))
    return copy


def _pruning(plan: str) -> Iterator[tuple[str, bool, str]]:
    above = "FilterExec" in plan
    told = "rows are filtered above the scan" if above else "rows are filtered within the scan"
    yield f"{_PARQUET}.pushdown_filters", not above, told
    for name, metric, what in (
        ("pruning", "row_groups_pruned_statistics", "row groups"),
        ("enable_page_index", "page_index_pages_pruned", "pages"),
    ):
        found = re.search(rf"\b{metric}=(\d+) total → (\d+) matched", plan)
        total, matched = map(int, found.groups()) if found else (0, 0)
        told = f"{total - matched} of {total} {what} are left out"
        yield f"{_PARQUET}.{name}", matched < total, told


def _analyzed(context: SessionContext, query: str) -> str:
    return "\n".join(context.sql(analyze(query)).to_arrow_table().column("plan").to_pylist())


def _listings(context: SessionContext, folder: Path) -> SettingEffect:
    below = folder / "listed"
    below.mkdir()
    counts: list[int] = []
    for name in ("1.parquet", "2.parquet"):
        _written(below / name)
        frame = _copy(context).sql(count_file(f"{below}/"))
        counts.append(frame.to_arrow_table().column(0)[0].as_py())
    fits = counts == [_ROWS, 2 * _ROWS]
    return SettingEffect(fits, f"a file that came later is {'seen' if fits else 'not seen'}")


def _mounted_by_engine(context: SessionContext, values: Mapping[str, str | None]) -> SettingEffect:
    """DataFusion 55 drops a format that it does not know, `parquet` in lower case among them, in silence;
    therefore a session that has nothing else is made with these settings, to see what they alone load."""
    config = SessionConfig().with_information_schema(enabled=True)
    for name, value in values.items():
        if name.startswith(_CATALOG) and value:
            config = config.set(name, value)
    fresh = SessionContext(config)
    fresh.refresh_catalogs()
    loaded, there = _tables(fresh), _tables(context)
    told = f"they alone load {', '.join(sorted(loaded)) or 'no table'}"
    absent = sorted(loaded - there)
    if absent:
        told = f"{told}; the session lacks {', '.join(absent)}"
    return SettingEffect(bool(loaded) and not absent, told)


def _tables(context: SessionContext) -> frozenset[str]:
    return frozenset(context.sql(TABLE_NAMES).to_arrow_table().column(0).to_pylist())


def _written(file: Path) -> str:
    texts = [f"{number:09}" for number in range(_ROWS)]
    table = pa.table({"text": texts, "number": range(_ROWS)}, schema=_SCHEMA)
    pq.write_table(
        table,
        file,
        row_group_size=_GROUP,
        data_page_size=1,
        write_batch_size=_PAGE,
        write_page_index=True,
    )
    return str(file)
