"""A bare pyarrow loop over the footers: fields, types, rows, and the nulls that the statistics count."""

import sys
from pathlib import Path

import agreed
import pyarrow.parquet as pq

nulls, rows = 0, 0
for file in sorted(Path(sys.argv[1]).glob("*.parquet")):
    footer = pq.read_metadata(file)
    rows += footer.num_rows
    agreed.end_if_the_fields_differ(
        {field.name: str(field.type) for field in footer.schema.to_arrow_schema()},
        dict.fromkeys(agreed.TEXTS, "string")
        | dict.fromkeys(agreed.WHOLES, "int64")
        | {"attrs": "map<string, string ('attrs')>"},
    )
    for group in range(footer.num_row_groups):
        row_group = footer.row_group(group)
        for leaf in range(len(agreed.FIELDS) - 1):  # but the map
            nulls += row_group.column(leaf).statistics.null_count
print(rows, "rows")
agreed.end({agreed.NULLS: nulls})
