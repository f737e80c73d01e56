"""Named policies of session settings, as data: preset name to setting name to value."""

from collections.abc import Mapping
from types import MappingProxyType

PRESETS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        # Everything a contract asks about can be seen (information_schema, field metadata, statistics),
        # nothing is read that statistics exclude, and string fields of Parquet files arrive as views.
        "cst": MappingProxyType(
            {
                "datafusion.catalog.information_schema": "true",
                "datafusion.execution.collect_statistics": "true",
                "datafusion.execution.parquet.enable_page_index": "true",
                "datafusion.execution.parquet.pruning": "true",
                "datafusion.execution.parquet.pushdown_filters": "true",
                "datafusion.execution.parquet.schema_force_view_types": "true",
                "datafusion.execution.parquet.skip_metadata": "false",
            }
        ),
    }
)
