"""What the rows of a table are found to be: order, keys, references, rules, nulls."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.explanations.explanation import Advice

FINDINGS: Mapping[FindingCode, Advice] = MappingProxyType(
    {
        FindingCode.ROWS_STALE: Advice(
            why="Readers go on as if the table were of today, while nothing has been written.",
            found="The greatest value of the field is read from the rows, and compared with the clock.",
            fix="See why the last write is so long ago; or allow a greater age with `within`.",
            example="observed: the newest is of 2026-11-20T06:00:00+00:00, 8 days ago",
        ),
        FindingCode.ORDER_NOT_DECLARED: Advice(
            why=(
                "The engine does not know that the rows are sorted, and sorts them again for every "
                "query that needs it."
            ),
            found="The plan of a scan shows the order that the engine takes the source to have.",
            fix=(
                "Register the table with the order (`file_sort_order`, `WITH ORDER`); leave it to "
                "the contract's `source` where the project need not register it."
            ),
            example='ctx.register_parquet("t", "t/", file_sort_order=[[col("path").sort()]])',
        ),
        FindingCode.ORDER_CONFLICT: Advice(
            why=(
                "The engine believes the footer's claim, and merges or skips rows by the wrong "
                "order."
            ),
            found="`sorting_columns` of every Parquet footer are compared with the promised order.",
            fix="Rewrite the files with the right claim or none; or mend `ordered_by`.",
            example="observed: part-0.parquet claims bstart asc nulls last in the footer",
        ),
        FindingCode.ORDER_NOT_USED: Advice(
            why="Queries that ask for the promised order pay for a sort.",
            found="A query that sorts by it is planned; a SortExec in the plan is red.",
            fix=(
                "Register the table with the order; see `order[declared]`, which is most often red "
                "as well."
            ),
            example=(
                "promised: ORDER BY path asc nulls last sorts nothing\n"
                "observed: the plan has a SortExec"
            ),
        ),
        FindingCode.ROWS_OUT_OF_ORDER: Advice(
            why=(
                "An engine that believes the declared order gives wrong answers: it sorts no more, "
                "and joins by it."
            ),
            found=(
                "The stored rows of every file are read one after another and compared with their "
                "neighbour, past any declaration."
            ),
            fix="Sort the rows before they are written, or take `ordered_by` out.",
            example="observed: 1 row out of order; first in part-0.parquet, row 99: 'a' after 'b'",
        ),
        FindingCode.DUPLICATE_KEYS: Advice(
            why="Joins by the key multiply rows, and sums over them are wrong.",
            found="The key of every row is hashed in one scan; equal hashes are looked up exactly.",
            fix=(
                "Remove the duplicates where the table is written, or promise a longer key; "
                "`--samples 3` (in pytest `--cst-samples 3`) shows some, those of one key together."
            ),
            example=("promised: unique ref_id\nobserved: 2 more rows than keys, of 1000"),
        ),
        FindingCode.VIOLATIONS_TOLERATED: Advice(
            why=(
                "Some rows break a promise that is kept all the same, since the contract says how many "
                "may: whoever reads them should know that they are there."
            ),
            found=(
                "All that break it are counted, exactly, and compared with `at_most` or `max_nulls`; a "
                "share is of the rows, elements or values that were looked at. Told, and not red."
            ),
            fix="Mend the rows and lower the bound; `at_most: 0` makes the next one red.",
            example=(
                "promised: bend >= bstart; at most 0.1% may break it\n"
                "observed: false for 3 of 20000 rows (0.015%)"
            ),
        ),
        FindingCode.NULL_KEYS: Advice(
            why=(
                "A row whose key has a null is found by no join; as in SQL, it is no duplicate of "
                "any other."
            ),
            found="The scan counts keys with a null apart; told, and not red.",
            fix="Write `nullable: false` on the key's fields to make nulls red.",
            example="observed: 3 rows with a null in the key",
        ),
        FindingCode.DANGLING_REFERENCES: Advice(
            why="Joins to the other table lose these rows.",
            found=(
                "Every value without a null is looked up among the other table's; `--samples 3` "
                "(in pytest `--cst-samples 3`) shows some that are absent."
            ),
            fix=(
                "Write the missing rows of the other table, or remove the rows that point at "
                "nothing."
            ),
            example=(
                "promised: every file_id in libcst_files_v1.file_id\n"
                "observed: 12 of 1000 references dangle"
            ),
        ),
        FindingCode.REFERENCE_TYPES: Advice(
            why="A join would cast one side: '007' and 7 would be equal, or never.",
            found="The types of both sides are compared; whole numbers of any width go together.",
            fix="Give both fields one type.",
            example="references: [{fields: [file_id], table: files, to: [file_id]}]",
        ),
        FindingCode.RULE_VIOLATED: Advice(
            why="Readers rely on the rule, and some rows break it.",
            found=(
                "The expression is computed for every row. False counts as a violation; null is "
                "kept, as in SQL CHECK."
            ),
            fix=(
                "Mend the rows, or the rule; `--samples 3` (in pytest `--cst-samples 3`) shows "
                "some rows for which it is false."
            ),
            example=("promised: bend >= bstart\nobserved: false for 7 of 1000 rows"),
        ),
        FindingCode.RULE_UNPLANNED: Advice(
            why="A rule that cannot be computed says nothing of any row.",
            found=(
                "The engine was asked to plan the expression over the table's fields; its error is "
                "quoted."
            ),
            fix=(
                "Write one boolean expression without subqueries over fields of the table, in "
                "DataFusion's SQL."
            ),
            example="rules: [{name: forward, sql: bend >= bstart}]",
        ),
        FindingCode.RULE_VOLATILE: Advice(
            why="What is kept now may be broken a second later, though no row has changed.",
            found=(
                "The rule calls the clock, or a function that the session lists as not "
                "deterministic. It was not computed for any row."
            ),
            fix="Compare fields with each other, or with constants.",
            example="rules: [{name: recent, sql: \"seen_at >= DATE '2026-01-01'\"}]",
        ),
        FindingCode.AGGREGATE_VIOLATED: Advice(
            why="Readers rely on what all rows together are, such as that no day is missing.",
            found=(
                "The engine computes the aggregates by group from the stored rows, and believes no "
                "statistics. Of all rows together the values are told; of groups the largest five for "
                "which it is false, unless a field that makes them, or is aggregated, is sensitive."
            ),
            fix="Write what is missing, mend the rows, or the aggregate; `severity: warn` only warns.",
            example=(
                "promised: count(DISTINCT path) >= 100 per repo\n"
                "observed: false for 1 of 12 groups: repo='attrs' (7210 rows)"
            ),
        ),
        FindingCode.AGGREGATE_UNPLANNED: Advice(
            why="An aggregate that cannot be computed says nothing of any row.",
            found=(
                "The engine was asked to plan the expression over the table's fields, grouped by those "
                "in `per`; its error is quoted."
            ),
            fix=(
                "Write one boolean expression of aggregates over fields of the table, in DataFusion's "
                "SQL. What is true of every row is a rule."
            ),
            example="aggregates: [{name: enough_files, sql: count(DISTINCT path) >= 100}]",
        ),
        FindingCode.NULL_VALUES: Advice(
            why="Code that was promised a value meets none.",
            found=(
                "The stored values are counted past any declaration, from schemas or footers where "
                "these prove it, else by a scan. A null parent or an empty list holds no null."
            ),
            fix=(
                "Fill the values where the table is written, or promise `nullable: true`; "
                "`--samples 3` (in pytest `--cst-samples 3`) shows some rows."
            ),
            example=("promised: no null\nobserved: 7 nulls among 20634"),
        ),
        FindingCode.VALUE_NOT_LISTED: Advice(
            why="Readers have a case for each listed value, and none for another.",
            found=(
                "Every value is looked up in the list; of what the file keeps as a dictionary, each entry. "
                "Null is no value, and is kept. The most frequent offending values are told, none of a "
                "field that is `sensitive`."
            ),
            fix=(
                "Mend the rows, or add the value to `enum`; `--samples 3` (in pytest `--cst-samples 3`) "
                "shows some rows."
            ),
            example=(
                "promised: one of 'LOAD', 'STORE', 'DEL'\n"
                "observed: 7 of 20634 values: 'Load' (6), 'AUG' (1)"
            ),
        ),
        FindingCode.VALUE_OUT_OF_RANGE: Advice(
            why="Sums, offsets and dates that readers compute with are senseless beyond the bounds.",
            found=(
                "Every value is compared as Arrow compares it: text by its bytes, times as instants. NaN "
                "lies in no range, and null is kept."
            ),
            fix=(
                "Mend the rows, or the bounds; `--samples 3` (in pytest `--cst-samples 3`) shows some rows."
            ),
            example="promised: at least 0\nobserved: 2 of 1000 values: -1 (2)",
        ),
        FindingCode.PATTERN_NOT_FOUND: Advice(
            why="Code that takes the text apart, or joins by it, relies on its form.",
            found=(
                "The regular expression (RE2) is looked for in every text, anywhere unless `^` and `$` say "
                "otherwise. Null is kept."
            ),
            fix=(
                "Mend the rows, or the pattern; `--samples 3` (in pytest `--cst-samples 3`) shows some rows."
            ),
            example="promised: matches ^[0-9a-f]{40}$\nobserved: 3 of 1000 values: 'HEAD' (3)",
        ),
        FindingCode.VALUE_LENGTH: Advice(
            why="A text that is too long is cut or refused further on; one that is empty says nothing.",
            found=(
                "Characters (Unicode code points) of every text are counted, or bytes of every binary "
                "value. Null is kept."
            ),
            fix=(
                "Mend the rows, or the bounds; `--samples 3` (in pytest `--cst-samples 3`) shows some rows."
            ),
            example="promised: at least 1 character\nobserved: 4 of 1000 values: '' (4)",
        ),
        FindingCode.NOTHING_TO_COUNT: Advice(
            why="A promise about values that are not there is kept by nothing.",
            found=(
                "The rows were read, and none holds a value at the path: all lists or maps are "
                "empty, all parents null. A rule that is NULL for every row, a view without rows and "
                "an extracted key that no row has are told so, too."
            ),
            fix=(
                "Write the values; or write `allow_empty: true` at the clause (the list or map, the "
                "rule, the reference, the view) where that is fine."
            ),
            example='- {name: attrs, type: "map<string, string>", allow_empty: true}',
        ),
    }
)
