"""The stable words for what can be wrong, and what each means."""

from enum import StrEnum


class FindingCode(StrEnum):
    """Written in reports and manifests; a code never changes its meaning."""

    INVALID_CONTRACT = "invalid-contract"
    NOT_CHECKABLE = "not-checkable"
    SESSION_UNREADABLE = "session-unreadable"
    TABLE_MISSING = "table-missing"
    TABLE_UNREADABLE = "table-unreadable"
    QUERY_TOO_SLOW = "query-too-slow"
    DELTA_READ_AS_PARQUET = "delta-read-as-parquet"
    FEATURE_UNSUPPORTED = "feature-unsupported"
    VERSION_MISSING = "version-missing"
    VERSION_VACUUMED = "version-vacuumed"
    TIME_BEFORE_HISTORY = "time-before-history"
    TIME_AFTER_HISTORY = "time-after-history"
    LOG_DIFFERS = "log-differs"
    LOG_NULLABILITY = "log-nullability"
    LOG_PARTITIONS = "log-partitions"
    RULE_NOT_ENFORCED = "rule-not-enforced"
    CONSTRAINT_UNPROMISED = "constraint-unpromised"
    NO_CONSTRAINTS = "no-constraints"
    DECLARED_UNPROMISED = "declared-unpromised"
    DELIMITER_FOUND = "delimiter-found"
    SOURCE_DIFFERS = "source-differs"
    FILES_UNREAD = "files-unread"
    FILES_IGNORED = "files-ignored"
    EMPTY_TABLE = "empty-table"
    ROW_COUNT_DISAGREES = "row-count-disagrees"
    DATA_READ = "data-read"
    PROOF_DISAGREES = "proof-disagrees"
    FIELD_MISSING = "field-missing"
    FIELD_MISSING_IN_FILES = "field-missing-in-files"
    FILE_OF_ANOTHER_SCHEMA = "file-of-another-schema"
    FIELD_POSITION = "field-position"
    FIELD_UNPROMISED = "field-unpromised"
    FIELD_ORDER = "field-order"
    TYPE_MISMATCH = "type-mismatch"
    DECLARED_NULLABLE = "declared-nullable"
    STORED_NULLABLE = "stored-nullable"
    METADATA_MISMATCH = "metadata-mismatch"
    METADATA_DIFFERS_IN_FILES = "metadata-differs-in-files"
    CAST_IN_FILES = "cast-in-files"
    DROPPED_IN_FILES = "dropped-in-files"
    RECASED_IN_FILES = "recased-in-files"
    MOVED_IN_FILES = "moved-in-files"
    RESPELLED_IN_FILES = "respelled-in-files"
    PARTITION_MISSING = "partition-missing"
    PARTITION_POSITION = "partition-position"
    PARTITION_TYPE = "partition-type"
    PARTITION_VALUE = "partition-value"
    PARTITION_LAYOUT = "partition-layout"
    FILE_CODEC = "file-codec"
    FILE_ENCODING = "file-encoding"
    FILE_STATISTICS = "file-statistics"
    FILE_BLOOM_FILTER = "file-bloom-filter"
    FILE_PAGE_INDEX = "file-page-index"
    FILE_ROW_GROUPS = "file-row-groups"
    FILE_BYTES = "file-bytes"
    FILE_ORDER = "file-order"
    NOT_UNBOUNDED = "not-unbounded"
    NOT_A_PIPE = "not-a-pipe"
    STREAM_CUT = "stream-cut"
    STREAM_SILENT = "stream-silent"
    STATISTICS_INEFFECTIVE = "statistics-ineffective"
    PRUNING_INEFFECTIVE = "pruning-ineffective"
    NOTHING_TO_PRUNE = "nothing-to-prune"
    ORDER_NOT_DECLARED = "order-not-declared"
    ORDER_CONFLICT = "order-conflict"
    ORDER_NOT_USED = "order-not-used"
    ROWS_OUT_OF_ORDER = "rows-out-of-order"
    DUPLICATE_KEYS = "duplicate-keys"
    NULL_KEYS = "null-keys"
    DANGLING_REFERENCES = "dangling-references"
    REFERENCE_TYPES = "reference-types"
    ROWS_STALE = "rows-stale"
    RULE_VIOLATED = "rule-violated"
    RULE_UNPLANNED = "rule-unplanned"
    RULE_VOLATILE = "rule-volatile"
    AGGREGATE_VIOLATED = "aggregate-violated"
    AGGREGATE_UNPLANNED = "aggregate-unplanned"
    NULL_VALUES = "null-values"
    VIOLATIONS_TOLERATED = "violations-tolerated"
    VALUE_NOT_LISTED = "value-not-listed"
    VALUE_OUT_OF_RANGE = "value-out-of-range"
    PATTERN_NOT_FOUND = "pattern-not-found"
    VALUE_LENGTH = "value-length"
    NOTHING_TO_COUNT = "nothing-to-count"
    FUNCTION_MISSING = "function-missing"
    FUNCTION_KIND = "function-kind"
    FUNCTION_ARGUMENTS = "function-arguments"
    FUNCTION_RETURNS = "function-returns"
    SHADOWED_FUNCTION = "shadowed-function"
    SETTING_UNKNOWN = "setting-unknown"
    SETTING_DIFFERS = "setting-differs"
    SETTING_WITHOUT_EFFECT = "setting-without-effect"
    CATALOG_ROOT = "catalog-root"
    CATALOG_EMPTY = "catalog-empty"
    CATALOG_MISSING = "catalog-missing"
    CATALOG_UNEXPECTED = "catalog-unexpected"
    CATALOG_STRAY = "catalog-stray"
    CATALOG_UNREADABLE = "catalog-unreadable"
    CATALOG_DIFFERS = "catalog-differs"
    CATALOG_CONFLICT = "catalog-conflict"
    VIEW_UNUSABLE = "view-unusable"
    VIEW_COLUMNS = "view-columns"
    VIEW_ROWS = "view-rows"
    VIEW_DIFFERS = "view-differs"
    SPANS_CHANGED = "spans-changed"
    QUERY_UNPLANNED = "query-unplanned"
    QUERY_FAILED = "query-failed"
    PARAMETER_TYPE = "parameter-type"
    READS_MORE = "reads-more"
    READS_LESS = "reads-less"
    LIBRARY_MISSING = "library-missing"
    INTEROP_REFUSED = "interop-refused"
    INTEROP_FIELD = "interop-field"
    INTEROP_TYPE = "interop-type"
    INTEROP_ROWS = "interop-rows"
    SNAPSHOT_MISSING = "snapshot-missing"
    SNAPSHOT_DIFFERS = "snapshot-differs"
    SNAPSHOT_UNREADABLE = "snapshot-unreadable"
    WAIVER_EXPIRED = "waiver-expired"
    WAIVER_UNUSED = "waiver-unused"


EXPLANATIONS: dict[FindingCode, str] = {
    FindingCode.INVALID_CONTRACT: "The file is no contract of this language; its promises could not be read.",
    FindingCode.NOT_CHECKABLE: "No check for it in this version, or the facts it needs are out of reach.",
    FindingCode.SESSION_UNREADABLE: "No session could be opened, or it refused to tell about itself.",
    FindingCode.TABLE_MISSING: "Neither the session nor the promised location has the table.",
    FindingCode.TABLE_UNREADABLE: "The table is there; the engine could not read it.",
    FindingCode.QUERY_TOO_SLOW: "The engine took longer than a query may take, and was not waited for.",
    FindingCode.DELTA_READ_AS_PARQUET: "A Delta table, where the contract names Parquet files.",
    FindingCode.FEATURE_UNSUPPORTED: "The Delta table needs a reader's feature that this version lacks.",
    FindingCode.VERSION_MISSING: "The Delta table has no such version, or its log can no longer make it.",
    FindingCode.VERSION_VACUUMED: "The Delta log still has the version; its data files are gone.",
    FindingCode.TIME_BEFORE_HISTORY: "No version of the Delta table that the log still has is that old.",
    FindingCode.TIME_AFTER_HISTORY: "The time is past the last commit: the latest version is read.",
    FindingCode.LOG_DIFFERS: "The Delta log's schema and the session's differ, legitimate differences aside.",
    FindingCode.LOG_NULLABILITY: "The Delta log and the contract differ in what may be null.",
    FindingCode.LOG_PARTITIONS: "The Delta log is partitioned by fields that nobody promised as such.",
    FindingCode.RULE_NOT_ENFORCED: "No constraint of the Delta log says what the rule says.",
    FindingCode.CONSTRAINT_UNPROMISED: "The Delta log holds writers to a constraint that no rule promises.",
    FindingCode.NO_CONSTRAINTS: "There is neither a rule nor a constraint to compare.",
    FindingCode.DECLARED_UNPROMISED: "The engine believes what a registration declares and nobody promises.",
    FindingCode.DELIMITER_FOUND: "CSV files have no commas between values; the header told what they have.",
    FindingCode.SOURCE_DIFFERS: "The session's table is not the one that the contract's `source` names.",
    FindingCode.FILES_UNREAD: "Data files lie in the table's folder, and nobody reads them.",
    FindingCode.FILES_IGNORED: "The engine reads files that the contract means to be left unread.",
    FindingCode.EMPTY_TABLE: "The table has no rows, and the contract does not allow that.",
    FindingCode.ROW_COUNT_DISAGREES: "The count that metadata answer and the rows that are read differ.",
    FindingCode.DATA_READ: "All pages of all promised fields could be read, as `--verify-data` asks; told.",
    FindingCode.PROOF_DISAGREES: "A data file has other rows than when a proof was kept, and looks the same.",
    FindingCode.FIELD_MISSING: "A promised field, or a node below one, is not in the session's schema.",
    FindingCode.FIELD_MISSING_IN_FILES: "Some data files lack a promised field; the engine reads null there.",
    FindingCode.FILE_OF_ANOTHER_SCHEMA: "A data file lacks most of the fields that the others have.",
    FindingCode.FIELD_POSITION: "The field stands at another place among its promised siblings.",
    FindingCode.FIELD_UNPROMISED: "There is a field that nobody promised, and extra fields are forbidden.",
    FindingCode.FIELD_ORDER: "The promised fields stand in another order.",
    FindingCode.TYPE_MISMATCH: "The data type differs, equivalent spellings aside.",
    FindingCode.DECLARED_NULLABLE: "Promised not null; the session's schema declares the field nullable.",
    FindingCode.STORED_NULLABLE: "Promised not null; the storage (Parquet schema, Delta log) allows nulls.",
    FindingCode.METADATA_MISMATCH: "Promised field metadata is absent or has another value.",
    FindingCode.METADATA_DIFFERS_IN_FILES: "Data files differ in metadata that nobody promised.",
    FindingCode.CAST_IN_FILES: "Data files hold a field as another type, and the engine casts it.",
    FindingCode.DROPPED_IN_FILES: "Data files hold a field that the table does not have.",
    FindingCode.RECASED_IN_FILES: "Data files call a field so in other case; the engine reads null.",
    FindingCode.MOVED_IN_FILES: "Data files have their fields in another order than the table.",
    FindingCode.RESPELLED_IN_FILES: "Data files spell a type otherwise that counts as the same.",
    FindingCode.PARTITION_MISSING: "The storage is not partitioned by the promised field.",
    FindingCode.PARTITION_POSITION: "The storage is partitioned by the promised fields in another order.",
    FindingCode.PARTITION_TYPE: "The partition field has another data type.",
    FindingCode.PARTITION_VALUE: "A partition value in the storage does not parse as the promised type.",
    FindingCode.PARTITION_LAYOUT: "Files lie outside the promised folders: skipped, or in the engine's way.",
    FindingCode.FILE_CODEC: "Columns of data files are compressed otherwise than promised.",
    FindingCode.FILE_ENCODING: "Columns of data files do not use the promised encoding.",
    FindingCode.FILE_STATISTICS: "Footers of data files lack the promised statistics.",
    FindingCode.FILE_BLOOM_FILTER: "Data files lack promised bloom filters.",
    FindingCode.FILE_PAGE_INDEX: "Data files lack the promised index of their pages.",
    FindingCode.FILE_ROW_GROUPS: "Row groups of data files have more or fewer rows than promised.",
    FindingCode.FILE_BYTES: "Data files are larger or smaller than promised.",
    FindingCode.FILE_ORDER: "Footers of data files do not name the promised order.",
    FindingCode.NOT_UNBOUNDED: "The engine's plan reads the table as a source that ends.",
    FindingCode.NOT_A_PIPE: "A file, which ends, and no named pipe: told, or red where a pipe is promised.",
    FindingCode.STREAM_CUT: "Only the first rows of an unbounded table were looked at; told, and not red.",
    FindingCode.STREAM_SILENT: "No row of an unbounded table came in the time that was given.",
    FindingCode.STATISTICS_INEFFECTIVE: "Rows are read for what statistics should answer, or the reverse.",
    FindingCode.PRUNING_INEFFECTIVE: "Files or row groups are read that a query excludes, or the reverse.",
    FindingCode.NOTHING_TO_PRUNE: "The stored ranges overlap: no predicate would leave a row group out.",
    FindingCode.ORDER_NOT_DECLARED: "The engine's plan does not show the promised order.",
    FindingCode.ORDER_CONFLICT: "A file's footer claims an order that contradicts the promised one.",
    FindingCode.ORDER_NOT_USED: "A query sorted by the promised order still needs a sort.",
    FindingCode.ROWS_OUT_OF_ORDER: "Rows of a data file are not in the promised order.",
    FindingCode.DUPLICATE_KEYS: "Several rows have the same key.",
    FindingCode.NULL_KEYS: "Rows have a null in their key: told, and left out of the count of duplicates.",
    FindingCode.DANGLING_REFERENCES: "Values refer to rows that the other table does not have.",
    FindingCode.REFERENCE_TYPES: "A reference and what it refers to are of types that only a cast compares.",
    FindingCode.ROWS_STALE: "The newest row is older than promised.",
    FindingCode.RULE_VIOLATED: "The rule is false for some rows.",
    FindingCode.RULE_UNPLANNED: "The engine cannot plan the rule, or it is no boolean expression.",
    FindingCode.RULE_VOLATILE: "The rule or aggregate calls a function that gives another value each time.",
    FindingCode.AGGREGATE_VIOLATED: "The aggregate is false for all rows together, or for some groups.",
    FindingCode.AGGREGATE_UNPLANNED: "The engine cannot plan the aggregate, or it is no boolean aggregate.",
    FindingCode.NULL_VALUES: "Rows hold nulls where none is promised.",
    FindingCode.VIOLATIONS_TOLERATED: "Some break the promise, no more than are tolerated: told, not red.",
    FindingCode.VALUE_NOT_LISTED: "Rows hold values that are none of those which `enum` lists.",
    FindingCode.VALUE_OUT_OF_RANGE: "Rows hold values that lie beyond a minimum or maximum, or are NaN.",
    FindingCode.PATTERN_NOT_FOUND: "Rows hold texts in which the pattern is not found.",
    FindingCode.VALUE_LENGTH: "Rows hold texts or bytes that are shorter or longer than promised.",
    FindingCode.NOTHING_TO_COUNT: "No row, or no element of any list, was there to look at.",
    FindingCode.FUNCTION_MISSING: "The session has no such function, and a promise or a view needs it.",
    FindingCode.FUNCTION_KIND: "The function is of another kind (scalar, aggregate, window, table).",
    FindingCode.FUNCTION_ARGUMENTS: "The function does not take the promised arguments.",
    FindingCode.FUNCTION_RETURNS: "The function returns another type.",
    FindingCode.SHADOWED_FUNCTION: "Another function stands under the name of one of the engine's own.",
    FindingCode.SETTING_UNKNOWN: "The session has no setting of that name.",
    FindingCode.SETTING_DIFFERS: "The setting's effective value is another one.",
    FindingCode.SETTING_WITHOUT_EFFECT: "The setting has its value, and the engine behaves as if it had not.",
    FindingCode.CATALOG_ROOT: "The artifact root of a catalog is not there, or it cannot be listed.",
    FindingCode.CATALOG_EMPTY: "Nothing lies in the artifact root, and no table of it is declared.",
    FindingCode.CATALOG_MISSING: "A declared table is not in the artifact root.",
    FindingCode.CATALOG_UNEXPECTED: "A table in the artifact root is none of the declared ones.",
    FindingCode.CATALOG_STRAY: "A file or folder in the artifact root is no table of the catalog's format.",
    FindingCode.CATALOG_UNREADABLE: "The engine could not read a table in the artifact root.",
    FindingCode.CATALOG_DIFFERS: "A table in the artifact root has not the schema of its contract.",
    FindingCode.CATALOG_CONFLICT: "A table in the artifact root is defined somewhere else, too.",
    FindingCode.VIEW_UNUSABLE: "The view could not be registered, planned or run.",
    FindingCode.VIEW_COLUMNS: "The view lacks a column that its definition makes or keeps.",
    FindingCode.VIEW_ROWS: "The view has more or fewer rows than its definition makes of what it reads.",
    FindingCode.VIEW_DIFFERS: "The session's own view has other rows than its definition in the contract.",
    FindingCode.SPANS_CHANGED: "What was packed and flattened again differs from the raw columns.",
    FindingCode.QUERY_UNPLANNED: "The engine cannot plan a reader's query, or it is no query.",
    FindingCode.QUERY_FAILED: "A reader's query was planned, and failed when it was run.",
    FindingCode.PARAMETER_TYPE: "The engine takes a query's parameter as another type than promised.",
    FindingCode.READS_MORE: "The plan of a query or view scans fields that `reads` does not name.",
    FindingCode.READS_LESS: "The plan scans fewer fields than `reads` names: told, and not red.",
    FindingCode.LIBRARY_MISSING: "A library that the table is to arrive in cannot be imported or is too old.",
    FindingCode.INTEROP_REFUSED: "A library does not take a field of the table's Arrow stream.",
    FindingCode.INTEROP_FIELD: "A field comes back from a library elsewhere, by another name or not at all.",
    FindingCode.INTEROP_TYPE: "A field comes back from a library as another type.",
    FindingCode.INTEROP_ROWS: "Rows come back from a library in another number or with other values.",
    FindingCode.SNAPSHOT_MISSING: "No snapshot has been accepted for this contract yet.",
    FindingCode.SNAPSHOT_DIFFERS: "What was observed is no longer what the snapshot holds.",
    FindingCode.SNAPSHOT_UNREADABLE: "The snapshot file cannot be compared; regenerate it.",
    FindingCode.WAIVER_EXPIRED: "A waiver names this broken promise, and its last day has passed.",
    FindingCode.WAIVER_UNUSED: "A waiver names this promise, and the promise is kept: delete the waiver.",
}
