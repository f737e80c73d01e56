"""What each kind of check promises, by its id; what stands in brackets is the user's."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.explanations.explanation import Explanation

KINDS: Mapping[str, Explanation] = MappingProxyType(
    {
        "contract": Explanation(
            meaning="The file is a contract of this language.",
            why="A file that cannot be read promises nothing, and nobody would notice.",
            found=(
                "Shown only for a file that is ill-formed, in place of its promises; needs no data."
            ),
            fix=(
                "Mend every place that is named; `cst-contracts lint` tells the same in an instant."
            ),
            example="contracts/t.yaml:4:3: unknown key `nulable`; did you mean `nullable`?",
        ),
        "table": Explanation(
            meaning="The table is there, and the engine can open it.",
            why=(
                "All that is promised of the table rests on this; its other checks are undecided "
                "while it is red."
            ),
            found=(
                "The location is listed and the table opened, or looked up in the project's "
                "session."
            ),
            fix="Mend `source`, the lake root or the session, as the code of the finding says.",
            example=("table: cst_refs\nsource: {format: delta, location: cst_refs}"),
        ),
        "source": Explanation(
            meaning="The session's table is what `source` names: those files or that version, and all of it.",
            why=(
                "Where the project registers the table itself, its readers get what it registered, and not "
                "what the contract names."
            ),
            found=(
                "The files in the plan of the session's table are compared with those of `source`; of a "
                "Delta table, whose plan names none, sizes and up to a million rows. Kept by itself where "
                "the contract has registered the table."
            ),
            fix="Register what `source` names, or have it name what is registered.",
            example="source: {format: delta, location: cst_refs, as_of: {version: 12}}",
        ),
        "rows": Explanation(
            meaning="The table has rows, and as many as its metadata say.",
            why="Promises about values are kept by an empty table without meaning anything.",
            found="`count(*)` is compared with the rows that other promises read.",
            fix=(
                "Write the rows, or allow an empty table; look for damaged files where the counts "
                "differ."
            ),
            example="source: {format: parquet, location: t, allow_empty: true}",
        ),
        "field[path]": Explanation(
            meaning=(
                "The field, or the node below one, is there, at its place, of its type, as "
                "nullable as promised, with its metadata."
            ),
            why="Readers name fields and rely on their types.",
            found=(
                "The session's schema is compared with the contract at this very path; the "
                "storage's own flags are read apart."
            ),
            fix=(
                "The finding shows both sides; change the table, or the contract and then its "
                "readers."
            ),
            example=("fields:\n  - {name: bstart, type: int64, nullable: false}"),
        ),
        "fields": Explanation(
            meaning="The promised fields stand in their order, and there are no others.",
            why=(
                "Readers that take all fields, or take them by position, see any other field and "
                "order."
            ),
            found="The top-level names of the session's schema are compared with the contract's.",
            fix=(
                "Promise the field or the order that there is; or write `extra_fields: allow`, "
                "`field_order: any`."
            ),
            example=("extra_fields: allow\nfield_order: any"),
        ),
        "metadata[key]": Explanation(
            meaning="The table's schema has this pair of metadata; more is fine.",
            why="Readers find by it which version, owner or meaning the rows have.",
            found="The metadata of the session's schema are compared with the contract's.",
            fix=(
                "Have the table written with the pair, or change the promise. A session hides "
                "metadata unless datafusion.execution.parquet.skip_metadata is false."
            ),
            example="metadata: {schema_name: cst_refs}",
        ),
        "freshness[field]": Explanation(
            meaning="The newest row is no older than promised, by a field of times.",
            why="A table that nobody writes any more keeps all of its other promises.",
            found=(
                "The greatest value of the field is read from the rows, and compared with the clock "
                "of the machine that runs the gate."
            ),
            fix="See why nothing was written; or allow a greater age with `within`.",
            example="freshness: {field: extracted_at, within: 24h}",
        ),
        "files[promise]": Explanation(
            meaning="The data files are written as promised: packed so, with these statistics, of this size.",
            why=(
                "How fast a table is read, and how much of it can be left unread, is decided when its files "
                "are written; the next writer may know nothing of it."
            ),
            found=(
                "From the footers of the Parquet files that the session reads, those of a Delta table's "
                "version too; sizes from their listing. What a footer does not say is undecided."
            ),
            fix=(
                "Have the files written again with the options that the writer has for it, or promise "
                "what there is."
            ),
            example="source: {format: parquet, location: t, files: {codec: zstd, statistics: [path]}}",
        ),
        "nulls[path]": Explanation(
            meaning="No row holds a null at this path, or no more than `max_nulls` allow.",
            why="A flag is only a claim; this looks at the values, which code will meet.",
            found=(
                "From the files' schemas or footers where they prove it, else by a scan of the "
                "stored values."
            ),
            fix=(
                "Fill the values, promise `nullable: true`, or say with `max_nulls: 12%` how many may be "
                "null; `--samples 3` (in pytest `--cst-samples 3`) shows some rows."
            ),
            example="fields: [{name: ref_id, type: string, nullable: false}]",
        ),
        "enum[path]": Explanation(
            meaning="Every value at this path is one of those listed.",
            why="Readers have a case for each listed value, and none for another.",
            found=(
                "A scan of the stored values; of those in a dictionary, each entry is looked up "
                "once. Null is no value, and is kept."
            ),
            fix=(
                "Mend the rows, or the clause; `--samples 3` (in pytest `--cst-samples 3`) shows "
                "some rows."
            ),
            example="fields: [{name: expr_ctx, type: string, enum: [LOAD, STORE, DEL]}]",
        ),
        "range[path]": Explanation(
            meaning="Every value at this path lies within the bounds.",
            why="What readers compute with values beyond them is senseless.",
            found=(
                "From the least and greatest values in the files' footers where these prove it (of "
                "whole numbers only), else by a scan of the stored values. Arrow compares them: text "
                "by its bytes, times as instants. NaN lies in no range; null is kept."
            ),
            fix=(
                "Mend the rows, or the clause; `--samples 3` (in pytest `--cst-samples 3`) shows "
                "some rows."
            ),
            example="fields: [{name: bstart, type: int64, minimum: 0}]",
        ),
        "pattern[path]": Explanation(
            meaning="The pattern is found in every text at this path.",
            why="Code that takes the text apart, or joins by it, relies on its form.",
            found=(
                "A scan of the stored texts with the regular expression (RE2), anywhere in the text "
                "unless `^` and `$` say otherwise; of those in a dictionary, each entry once. Null "
                "is kept."
            ),
            fix=(
                "Mend the rows, or the clause; `--samples 3` (in pytest `--cst-samples 3`) shows "
                "some rows."
            ),
            example="fields: [{name: commit, type: string, pattern: '^[0-9a-f]{40}$'}]",
        ),
        "length[path]": Explanation(
            meaning="Every text or binary value at this path is as long as promised.",
            why="A text that is too long is cut or refused further on.",
            found=(
                "A scan of the stored values: characters (Unicode code points) of text, bytes of "
                "binary values. Null is kept."
            ),
            fix=(
                "Mend the rows, or the clause; `--samples 3` (in pytest `--cst-samples 3`) shows "
                "some rows."
            ),
            example="fields: [{name: path, type: string, min_length: 1, max_length: 1024}]",
        ),
        "unique[a,b]": Explanation(
            meaning="No two rows have the same key; or no more than `at_most` are too many.",
            why="Joins by a key that repeats multiply rows.",
            found=(
                "Hashes of the keys from one scan; equal ones are looked up exactly. Keys with a "
                "null are told and left out."
            ),
            fix=(
                "Remove the duplicates, or promise a longer key; `--samples 3` (in pytest "
                "`--cst-samples 3`) shows some."
            ),
            example="keys: [[ref_id], [file_id, bstart]]",
        ),
        "reference[a→table.b]": Explanation(
            meaning="Every value without a null is in the other table, or all but `at_most`.",
            why="Joins lose rows that point at nothing.",
            found="The values are looked up among the other table's, whatever its format.",
            fix="Write the missing rows of the other table, or remove those that point at them.",
            example="references: [{fields: [file_id], table: libcst_files_v1, to: [file_id]}]",
        ),
        "rule[name]": Explanation(
            meaning="A boolean SQL expression is false for no row, or for no more than `at_most`.",
            why=(
                "It says what a type cannot say, such as that a span does not end before it begins."
            ),
            found="The expression is computed for every row; null counts as kept, as in SQL CHECK.",
            fix="Mend the rows, or the rule; `severity: warn` only warns.",
            example="rules: [{name: forward, sql: bend >= bstart}]",
        ),
        "aggregate[name]": Explanation(
            meaning="A boolean SQL expression of aggregates is true of all rows together, or of each group.",
            why=(
                "It says what no row says alone, such as that a hundred files are there, or some of each "
                "repository."
            ),
            found=(
                "The engine computes it from the stored rows, and believes no statistics. NULL is vacuous, "
                "and red unless `allow_empty` stands at the aggregate."
            ),
            fix="Mend the rows, or the aggregate; `severity: warn` only warns.",
            example="aggregates: [{name: enough_files, sql: count(DISTINCT path) >= 100, per: [repo]}]",
        ),
        "order[declared]": Explanation(
            meaning=(
                "The engine takes the promised sort order up, and no file's footer claims another."
            ),
            why=(
                "Only an engine that knows of the order saves a sort; one that believes a wrong "
                "claim answers wrong."
            ),
            found=(
                "The plan of a scan shows the order; footers of Parquet files show what they claim."
            ),
            fix="Register the table with the order, or mend `ordered_by`.",
            example="source: {format: parquet, location: t, ordered_by: [path, bstart]}",
        ),
        "order[measured]": Explanation(
            meaning="The stored rows of every file are in the promised sort order.",
            why=(
                "A declared order is only a claim. Engines believe it: over unsorted rows their "
                "answers are wrong."
            ),
            found=(
                "Every row is compared with the one before it in the same file, past any "
                "declaration."
            ),
            fix="Sort the rows before they are written, or take `ordered_by` out.",
            example="ordered_by: [path, {field: bstart, direction: desc, nulls: last}]",
        ),
        "order[plan]": Explanation(
            meaning="A query that sorts by the promised order needs no sort.",
            why="That is what the order is for.",
            found="Such a query is planned, and its plan searched for a SortExec.",
            fix="Register the table with the order; see `order[declared]`.",
            example="EXPLAIN SELECT * FROM t ORDER BY path",
        ),
        "partition[field]": Explanation(
            meaning=(
                "The storage is partitioned by the field, at that place, with values of its type, "
                "and no file lies outside."
            ),
            why=(
                "A predicate on the field then reads one folder; and a file outside of the folders "
                "is read by nobody."
            ),
            found="From the Delta log or the names of folders, and from a list of all data files.",
            fix="Move stray files; write the partitions as promised, or promise what there is.",
            example="partitioned_by: [repo, {name: year, type: int32}]",
        ),
        "unbounded": Explanation(
            meaning="The engine reads the table as a source without an end.",
            why="Only then does it plan queries that can run on a stream.",
            found=(
                "The plan says so; where `fifo: true` is promised, the location is looked at, too."
            ),
            fix="Register it as unbounded, or leave the key out.",
            example="source: {format: json, location: events.json, unbounded: true}",
        ),
        "delta[as_of]": Explanation(
            meaning="The named version of the Delta table, or the one of that time, can be read.",
            why=(
                "Results are to be reproducible; the table's other checks are undecided while this "
                "is red."
            ),
            found="The log is asked for it, and its data files are looked for.",
            fix="Name a version that `DeltaTable.history()` lists.",
            example="as_of: {version: 12}",
        ),
        "delta[parity]": Explanation(
            meaning="Contract, Delta log and session say the same of the table, at every node.",
            why="Readers by the log and readers by the session would else see different tables.",
            found="The three schemas are compared, differences that engines make on purpose aside.",
            fix=(
                "The finding shows all three sides; register the table from its log, or mend the "
                "contract."
            ),
            example="observed: in the Delta log int64; in the session int32",
        ),
        "delta[constraints]": Explanation(
            meaning=(
                "Rules with `enforced: true` are constraints of the Delta log; with "
                "`extra_constraints: forbid` there are no others."
            ),
            why=(
                "A constraint keeps every writer from breaking the rule, and not only this check "
                "from missing it."
            ),
            found="Rules and constraints are compared as the planner understands both.",
            fix="Add the CHECK constraint to the table, or promise it under `rules`.",
            example="rules: [{name: forward, sql: bend >= bstart, enforced: true}]",
        ),
        "statistics": Explanation(
            meaning=(
                "Counts, minima and maxima are answered from statistics, or are not, as promised."
            ),
            why="A dashboard's count of ten million rows is then a matter of milliseconds.",
            found="The plans of such queries are looked at, and nothing is run.",
            fix="Write files with statistics and collect them; or leave the key out.",
            example="source: {format: parquet, location: t, statistics: true}",
        ),
        "pruning": Explanation(
            meaning=(
                "Row groups and files that a predicate excludes are left unread, or are all read, "
                "as promised."
            ),
            why="It decides whether a query that needs little reads everything.",
            found=(
                "A predicate that excludes something is made from the stored ranges, and its plan "
                "looked at."
            ),
            fix="Write files with statistics, sorted by what is queried; or leave the key out.",
            example="source: {format: parquet, location: t, pruning: true}",
        ),
        "view[name]": Explanation(
            meaning=(
                "The view has its definition's columns and its promised fields, runs over all "
                "rows, and keeps their count."
            ),
            why="Queries read views as they read tables; a view can plan well and fail on a row.",
            found="It is registered, planned, and run; its rows are counted against what it reads.",
            fix="Mend the definition or what it reads, as the code of the finding says.",
            example="views: [{name: cst_refs_attrs, expand: attrs, keep: [ref_id]}]",
        ),
        "query[name]": Explanation(
            meaning=(
                "Readers can run the query with parameters of the promised types, it gives the promised "
                "fields, and it scans no field that `reads` does not name."
            ),
            why=(
                "A table may keep all that it promises and break the queries that it is there for; and "
                "who knows what they read knows what may change."
            ),
            found=(
                "The session plans it with its parameters open, and then runs it for at most its first "
                "thousand rows, with the `example` of each parameter; without one, with a value of the "
                "field that it is compared with, or with zero or an empty text."
            ),
            fix="Mend the query or what it reads, as the code of the finding says.",
            example=(
                "queries: [{name: refs_of_file, sql: SELECT ref_id FROM cst_refs WHERE path = $path, "
                "parameters: {path: string}, reads: [path, ref_id]}]"
            ),
        ),
        "interop[library]": Explanation(
            meaning=(
                "The table's Arrow stream arrives in a library that readers use, and comes back with the "
                "same names, types and rows."
            ),
            why=(
                "Readers who leave the engine get what their library makes of a type that it does not have: "
                "another unit, another zone, an error."
            ),
            found=(
                "The session's stream of the first thousand rows is handed to the library and taken back as "
                "Arrow; fields are compared by name and type at every depth, layouts of one type aside, and "
                "values row by row."
            ),
            fix="Store a type that the library has, or cast where it is read, as the finding says.",
            example="interop: [polars, pandas, duckdb]",
        ),
        "function[name]": Explanation(
            meaning=(
                "The function is in the session, of its kind, takes and returns the promised "
                "types, and hides none of the engine's own."
            ),
            why="Views and queries that call it fail, or call something else.",
            found="The session's list is searched, and a call with the promised arguments is run.",
            fix="Register it where the session is made.",
            example="functions: [{name: map_entries, arguments: [map], returns: list}]",
        ),
        "setting[name]": Explanation(
            meaning="The setting is in force, and is seen to work where that can be seen.",
            why=(
                "Settings decide types, pruning and results; a promise of one sets nothing by "
                "itself."
            ),
            found=(
                "The effective value is read from the session, and the engine's behaviour is tried."
            ),
            fix="Set it where the session is made, or name a preset.",
            example='settings: {datafusion.execution.parquet.pushdown_filters: "true"}',
        ),
        "catalog": Explanation(
            meaning=(
                "The tables of a folder are those that are declared, readable, as their contracts "
                "promise them, and defined nowhere else."
            ),
            why="A folder that is mounted as a whole brings along whatever somebody leaves in it.",
            found="The folder is listed, every table opened and held against its contract.",
            fix="Each table that is amiss is told by name; the others work.",
            example="catalog: {location: artifacts/, format: parquet, tables: [cst_refs]}",
        ),
        "snapshot[schema]": Explanation(
            meaning=(
                "The schema, partitions, order and views of the table are as they were accepted."
            ),
            why="It tells of drift in what nobody thought to promise.",
            found=(
                "What is observed is compared with the accepted file, and each change with what it "
                "means for readers."
            ),
            fix="Undo the change, or accept it with `--snapshot-update` and commit the file.",
            example="observed: b: int64 → int32 (breaking)",
        ),
        "snapshot[functions]": Explanation(
            meaning="The functions of the session are as they were accepted.",
            why="An upgrade of the engine can take functions away, or change what they return.",
            found="The session's functions and signatures are compared with the accepted file.",
            fix="Undo the change, or accept it with `--snapshot-update` and commit the file.",
            example="observed: scalar function map_entries: present → absent (breaking)",
        ),
    }
)
