"""How a table is found to be stored: Delta logs, partitions, streams, statistics and pruning."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.explanations.explanation import Advice

FINDINGS: Mapping[FindingCode, Advice] = MappingProxyType(
    {
        FindingCode.VERSION_MISSING: Advice(
            why="Results that were to be reproducible at that version can no longer be made.",
            found="The Delta log is asked for the promised version.",
            fix="Name a version that `DeltaTable.history()` lists.",
            example="source: {format: delta, location: t, as_of: {version: 12}}",
        ),
        FindingCode.VERSION_VACUUMED: Advice(
            why="The log still lists the version, but reading it fails on files that are gone.",
            found="The data files that the log names for the version are looked for.",
            fix=(
                "Name a later version; keep files for longer with "
                "`delta.deletedFileRetentionDuration`."
            ),
            example="observed: version 3 is in the log, and its data is gone: part-0.parquet",
        ),
        FindingCode.TIME_BEFORE_HISTORY: Advice(
            why="What the table held at that time cannot be known any more.",
            found="The time is compared with the first commit that the log still has.",
            fix=(
                "Name a later time, or a version. A commit's time is its log file's, which a copy "
                "of the table may have changed."
            ),
            example="as_of: {timestamp: 2026-01-31T00:00:00Z}",
        ),
        FindingCode.TIME_AFTER_HISTORY: Advice(
            why=(
                "The next commit may be earlier than the time that is named: the same contract "
                "then reads another version."
            ),
            found="The time is compared with the last commit's; it is told, and not red.",
            fix="Name the version, to read the same one also when there are later ones.",
            example="as_of: {version: 12}",
        ),
        FindingCode.LOG_DIFFERS: Advice(
            why="Two readers of one table, by the log and by the session, see different types.",
            found=(
                "Delta log and session are compared at every node, differences that engines make "
                "on purpose aside."
            ),
            fix="Register the table at the version that the contract reads, and from its log.",
            example=(
                "promised: in the contract int64\n"
                "observed: in the Delta log int64; in the session int32"
            ),
        ),
        FindingCode.LOG_NULLABILITY: Advice(
            why="Where the log allows nulls, no writer is held to the promise that there are none.",
            found="The log's flag of each promised field is compared with the contract's.",
            fix=(
                "Declare the field NOT NULL in the Delta table; or promise `nullable: true`. Under "
                "`nullability: values` it is only told."
            ),
            example="ALTER TABLE t ALTER COLUMN ref_id SET NOT NULL",
        ),
        FindingCode.LOG_PARTITIONS: Advice(
            why="Readers do not know that a predicate on the field would leave most files unread.",
            found="The log's partition fields are compared with those under `partitioned_by`.",
            fix="Promise the field under `partitioned_by`.",
            example="source: {format: delta, location: t, partitioned_by: [repo]}",
        ),
        FindingCode.RULE_NOT_ENFORCED: Advice(
            why="The rule holds today; nothing keeps a writer from breaking it tomorrow.",
            found=(
                "The rule and the log's constraints are compared as the planner understands both."
            ),
            fix=(
                "Add a CHECK constraint to the table; or take `enforced: true` off the rule. "
                "Without that key it is only told."
            ),
            example="ALTER TABLE t ADD CONSTRAINT forward CHECK (bend >= bstart)",
        ),
        FindingCode.CONSTRAINT_UNPROMISED: Advice(
            why="Writers are held to what readers cannot rely on, since nobody promised it.",
            found=(
                "Each constraint of the log is looked for among the rules and fields of the "
                "contract."
            ),
            fix="Promise it under `rules`. It is red only under `extra_constraints: forbid`.",
            example="rules: [{name: forward, sql: bend >= bstart}]",
        ),
        FindingCode.NO_CONSTRAINTS: Advice(
            why="There is nothing to compare, so that the check says nothing; this is allowed.",
            found="The contract has no rule, and the Delta log no constraint.",
            fix="Write `rules`, and add them to the table as CHECK constraints.",
            example="rules: [{name: forward, sql: bend >= bstart, enforced: true}]",
        ),
        FindingCode.FILE_CODEC: Advice(
            why="Files take more room than was reckoned with, or need a library that a reader lacks.",
            found="The footers name the codec of every column chunk.",
            fix=(
                "Write the files again: `compression` of pyarrow's `write_table`, "
                "`datafusion.execution.parquet.compression`, `WriterProperties(compression=…)` of deltalake."
            ),
            example="observed: path, bstart: snappy in 12 column chunks of 24, the first in part-0.parquet, "
            "row group 0",
        ),
        FindingCode.FILE_ENCODING: Advice(
            why="Without a dictionary, filters compare every value, and what repeats is stored each time.",
            found=(
                "The footers list the encodings of every column chunk, of values and of dictionaries alike, "
                "and not of which pages: a chunk keeps the promise that uses the encoding at all."
            ),
            fix=(
                "Write the files again: `use_dictionary` or `column_encoding` of pyarrow's `write_table`, "
                "`datafusion.execution.parquet.encoding`."
            ),
            example="files: {encodings: {path: dictionary, bstart: delta_binary_packed}}",
        ),
        FindingCode.FILE_STATISTICS: Advice(
            why="What nobody knows of a row group cannot keep it from being read.",
            found=(
                "The footers are asked for null count, least and greatest value of every column chunk. "
                "Chunks whose values may all be NaN, or in empty lists, have none, and are undecided."
            ),
            fix=(
                "Write the files again with statistics; take columns out whose values have no order, or "
                "are longer than the writer keeps."
            ),
            example="files: {statistics: [path, bstart]}",
        ),
        FindingCode.FILE_BLOOM_FILTER: Advice(
            why="To look up one value, every file has to be read whose range it is in.",
            found="The footers say where the bloom filter of each column chunk is; it is not read.",
            fix=(
                "Write the files again: `bloom_filter_options` of pyarrow's `write_table`, "
                "`datafusion.execution.parquet.bloom_filter_on_write`, `BloomFilterProperties` of deltalake."
            ),
            example="files: {bloom_filters: [ref_id]}",
        ),
        FindingCode.FILE_PAGE_INDEX: Advice(
            why="Within a row group, no page can be left out.",
            found=(
                "The footers say whether each column chunk has a column index and an offset index; they are "
                "not read."
            ),
            fix=(
                "Write the files again: `write_page_index` of pyarrow's `write_table`, "
                "`datafusion.execution.parquet.statistics_enabled` = page."
            ),
            example="files: {page_index: true}",
        ),
        FindingCode.FILE_ROW_GROUPS: Advice(
            why=(
                "Row groups are what is read at once and left out at once: large ones take memory, small "
                "ones time."
            ),
            found="The footers have the rows of every row group. A file's last one may have fewer.",
            fix=(
                "Write the files again: `row_group_size` of pyarrow's `write_table`, "
                "`datafusion.execution.parquet.max_row_group_size`."
            ),
            example="files: {row_group_rows: {at_least: 100000, at_most: 1000000}}",
        ),
        FindingCode.FILE_BYTES: Advice(
            why="Thousands of small files take longer to list and open than to read.",
            found="The sizes of the files are listed where they lie.",
            fix="Compact the table (`DeltaTable.optimize.compact()`), or have its writer write larger files.",
            example="files: {bytes: {at_least: 1MB, at_most: 1GB}}",
        ),
        FindingCode.FILE_ORDER: Advice(
            why="Readers that go by the footers alone sort rows that are sorted.",
            found=(
                "`sorting_columns` of every row group have to be, or begin with, the fields of `ordered_by` "
                "without those of partitions."
            ),
            fix="Write the files again with `sorting_columns`, or take `sorting_columns: true` out.",
            example="files: {sorting_columns: true}",
        ),
        FindingCode.PARTITION_MISSING: Advice(
            why="Queries that filter by the field read every file instead of one folder.",
            found=(
                "The partition fields are read from the Delta log, or from the names of folders "
                "(`repo=…/`)."
            ),
            fix="Write the table partitioned by the field, or take it out of `partitioned_by`.",
            example=("promised: partitioned by repo, commit\nobserved: partitioned by repo"),
        ),
        FindingCode.PARTITION_POSITION: Advice(
            why="Whoever lists folders or builds paths by hand looks in the wrong place.",
            found=(
                "The order of the partition fields in the storage is compared with the contract's."
            ),
            fix="Write the folders in the promised order, or promise the order that there is.",
            example=("promised: by repo, commit\nobserved: by commit, repo"),
        ),
        FindingCode.PARTITION_TYPE: Advice(
            why="A filter compares values as another type: as text, '10' sorts before '9'.",
            found=(
                "The type under which the session shows the partition field is compared with the "
                "promised one."
            ),
            fix=(
                "Promise the type that the session shows, or register the table with the promised "
                "one."
            ),
            example="partitioned_by: [{name: year, type: int32}]",
        ),
        FindingCode.PARTITION_VALUE: Advice(
            why=(
                "With the promised type the engine cannot read that folder; a reader who filters "
                "by it gets an error."
            ),
            found=(
                "Every value in the folders' names, or in the Delta log, is parsed as the promised "
                "type."
            ),
            fix=(
                "Rename the folder that is told, or promise a type that all values fit, such as "
                "string."
            ),
            example=("promised: values of int32\nobserved: 'unknown'"),
        ),
        FindingCode.PARTITION_LAYOUT: Advice(
            why=(
                "The engine skips these files without a word: their rows are missing from every "
                "query."
            ),
            found=(
                "All data files below the location are listed, and those outside of `field=value/` "
                "folders are told."
            ),
            fix="Move the files into the layout, or out of the table's folder.",
            example=(
                "promised: every file under repo=…/\nobserved: the engine skips old/part-0.parquet"
            ),
        ),
        FindingCode.NOT_UNBOUNDED: Advice(
            why="Queries that are to run for ever on a stream would end.",
            found="The engine's plan says whether it takes the source for one without an end.",
            fix="Register it with CREATE UNBOUNDED EXTERNAL TABLE, or leave `unbounded` out.",
            example="source: {format: json, location: events.json, unbounded: true}",
        ),
        FindingCode.NOT_A_PIPE: Advice(
            why="A file ends, and a reader that waits for more rows of it waits in vain.",
            found="What lies at the location is looked at: a named pipe or a file.",
            fix="Make it with `mkfifo`; or leave `fifo: true` out, and it is only told.",
            example="source: {format: csv, location: rows.fifo, unbounded: true, fifo: true}",
        ),
        FindingCode.STREAM_CUT: Advice(
            why="What was kept by the rows that came may be broken by those that come later.",
            found=(
                "Reading stopped at the limit of rows or of seconds, or where the pipe's writer "
                "went away; told, and not red."
            ),
            fix=(
                "Raise the limits where that says too little (in pytest `--cst-stream-rows`, "
                "`--cst-stream-seconds`)."
            ),
            example="observed: only the first 100,000 rows",
        ),
        FindingCode.STREAM_SILENT: Advice(
            why="No row came, therefore no promise about rows was looked at.",
            found="The source was opened and waited for, as long as the limit of seconds allows.",
            fix="Start the writer, or wait longer (in pytest `--cst-stream-seconds`).",
            example="observed: none came: what came within 10 seconds",
        ),
        FindingCode.STATISTICS_INEFFECTIVE: Advice(
            why=(
                "Counts, minima and maxima take a scan of all rows where metadata could answer; "
                "or, where `statistics: false` is promised, metadata are trusted."
            ),
            found=(
                "The plans of `count(*)` and of aggregates over single fields show a scan, or a "
                "constant."
            ),
            fix=(
                "Write the files with statistics and turn "
                "`datafusion.execution.collect_statistics` on, or leave the key out. CSV and JSON "
                "have none."
            ),
            example="observed: rows are read for count(*), bstart",
        ),
        FindingCode.PRUNING_INEFFECTIVE: Advice(
            why=(
                "Queries that need little read everything; or, where `pruning: false` is promised, "
                "files are left out."
            ),
            found=(
                "The plan of a query with a predicate that excludes some file or row group tells "
                "what is read."
            ),
            fix=(
                "Write files with statistics, sorted by what is queried, and leave Parquet's "
                "pruning settings on; or leave the key out."
            ),
            example=("promised: row groups left out for bstart > 99\nobserved: all are read"),
        ),
        FindingCode.NOTHING_TO_PRUNE: Advice(
            why=(
                "Pruning is promised, but no predicate could leave a row group out: the promise "
                "helps nobody."
            ),
            found="The minimum and maximum of each row group are compared: all overlap.",
            fix=(
                "Sort the rows before they are written, or write smaller row groups. It is told, "
                "and not red."
            ),
            example='pq.write_table(table.sort_by("bstart"), file, row_group_size=100_000)',
        ),
    }
)
