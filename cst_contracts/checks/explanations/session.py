"""What functions, settings, catalogs, views, snapshots and waivers are found to be."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.explanations.explanation import Advice

FINDINGS: Mapping[FindingCode, Advice] = MappingProxyType(
    {
        FindingCode.FUNCTION_MISSING: Advice(
            why="Every query and view that calls the function fails.",
            found="The session's list of functions is searched, and a call is tried.",
            fix="Register it where the session is made, or mend its name.",
            example="functions: [arrow_typeof, {name: unnest, kind: table}]",
        ),
        FindingCode.FUNCTION_KIND: Advice(
            why=(
                "A scalar function cannot be called where an aggregate, window or table function "
                "is meant, and the reverse."
            ),
            found=(
                "The kind under which the session lists the name is compared with the promised one."
            ),
            fix="Promise the right `kind`, or register the other function under another name.",
            example="functions: [{name: unnest, kind: table}]",
        ),
        FindingCode.FUNCTION_ARGUMENTS: Advice(
            why="Calls with the promised arguments fail, or their values are cast first.",
            found=(
                "A call with arguments of the promised types is planned and run; where a function "
                "of yours casts them, that is told."
            ),
            fix="Register the function with these parameters, or promise those that it takes.",
            example="functions: [{name: map_entries, arguments: [map], returns: list}]",
        ),
        FindingCode.FUNCTION_RETURNS: Advice(
            why="Whatever is computed from the result is of another type.",
            found="The type that the call returned is compared with `returns`.",
            fix="Mend the function, or promise what it returns.",
            example=("promised: `map_entries(…)` returns list\nobserved: it returns string"),
        ),
        FindingCode.SHADOWED_FUNCTION: Advice(
            why="A query that calls the engine's own function gets another, silently.",
            found=(
                "The session's functions are compared with those of a new session of the same "
                "engine."
            ),
            fix="Register yours under a name that the engine does not use.",
            example=(
                "observed: the session has another function in place of the engine's own `upper`"
            ),
        ),
        FindingCode.SETTING_UNKNOWN: Advice(
            why=(
                "The promise has no effect: the engine knows no such setting, perhaps since an "
                "upgrade."
            ),
            found="The name is looked up in the session's `information_schema.df_settings`.",
            fix="Mend the name; the nearest known one is in the hint.",
            example='settings: {datafusion.execution.parquet.pushdown_filters: "true"}',
        ),
        FindingCode.SETTING_DIFFERS: Advice(
            why="Queries run under another policy than the one that was agreed on.",
            found="The effective value is read from the session.",
            fix=(
                "Set it where the session is made, or name a preset that does; a contract promises "
                "settings and sets none."
            ),
            example=('promised: "true"\nobserved: "false"'),
        ),
        FindingCode.SETTING_WITHOUT_EFFECT: Advice(
            why="The value reads as promised, and the engine does something else.",
            found=(
                "What the setting governs is tried, such as the type that strings of a Parquet "
                "file are read as."
            ),
            fix=(
                "Set it before the session is made; look for another setting that overrides it "
                "with `cst-contracts presets`."
            ),
            example="observed: a string field comes out as string",
        ),
        FindingCode.CATALOG_ROOT: Advice(
            why="None of the catalog's tables can be mounted.",
            found="The folder was to be listed.",
            fix=(
                "Mend `location`, or the lake root that it is relative to (`--lake`, in pytest "
                "`--cst-lake`)."
            ),
            example="catalog: {location: artifacts/, format: parquet}",
        ),
        FindingCode.CATALOG_EMPTY: Advice(
            why="A catalog without tables keeps every promise, and so proves nothing.",
            found="The folder was listed: nothing in it is a table.",
            fix="Write the tables, or take the clause out.",
            example="observed: nothing at file:///lake/artifacts/",
        ),
        FindingCode.CATALOG_MISSING: Advice(
            why="Queries and views that name the table fail.",
            found="Every name under `tables` is looked for in the folder.",
            fix="Write the table, or take its name out.",
            example="catalog: {location: artifacts/, format: parquet, tables: [cst_refs]}",
        ),
        FindingCode.CATALOG_UNEXPECTED: Advice(
            why="Somebody may come to rely on a table that nobody promises.",
            found="Every table in the folder is looked for under `tables`.",
            fix="Declare it under `tables`, or move it away.",
            example="observed: tmp_refs, as tmp_refs.parquet",
        ),
        FindingCode.CATALOG_STRAY: Advice(
            why="It is no table, and may be what is left of one, or of a write that failed.",
            found=(
                "Every entry of the folder is looked at; names that begin with `.` or `_` are left "
                "alone."
            ),
            fix="Move it away, or let its name begin with `_` or `.`.",
            example="observed: notes.txt: no parquet file",
        ),
        FindingCode.CATALOG_UNREADABLE: Advice(
            why="Every query of the table fails; the other tables are mounted all the same.",
            found="The engine was asked for the table's schema and raised the quoted error.",
            fix="Read the cause; most often a file is damaged or half written.",
            example="observed: cst_refs.parquet: Invalid Parquet file. Corrupt footer",
        ),
        FindingCode.CATALOG_DIFFERS: Advice(
            why="Readers of the mounted table see another schema than its contract promises.",
            found=(
                "The mounted table is held against the contract of its name; the first differences "
                "are told."
            ),
            fix="Check that contract alone: its own findings tell all.",
            example="observed: field[bstart]: int64",
        ),
        FindingCode.CATALOG_CONFLICT: Advice(
            why="Which of the two tables a query reads depends on who registers last.",
            found=(
                "The name is looked for among the contracts' sources, views and the project's own "
                "tables."
            ),
            fix="Leave the name to one of them.",
            example="observed: a view of contracts/refs.yaml as well",
        ),
        FindingCode.VIEW_UNUSABLE: Advice(
            why="Every query of the view fails.",
            found=(
                "The view was registered, planned and run over all of its rows; the engine's error "
                "is quoted."
            ),
            fix=(
                "Mend its definition, or what it reads; a value that a cast refuses shows only "
                "when all rows are read."
            ),
            example="observed: Cannot cast string 'x' to value of Int64 type",
        ),
        FindingCode.VIEW_COLUMNS: Advice(
            why="Queries of the view that name the column fail.",
            found=(
                "The columns that the definition makes or keeps are looked for in the view's "
                "schema."
            ),
            fix=(
                "See whether the project registers another view of the same name; mend one of the "
                "two."
            ),
            example=(
                "promised: columns ref_id, attr_key, attr_value\n"
                "observed: no attr_key; there are ref_id, key"
            ),
        ),
        FindingCode.VIEW_ROWS: Advice(
            why="The view loses or multiplies rows.",
            found=(
                "Its rows are counted, and compared with what its definition makes: one for each "
                "row, list element or map entry."
            ),
            fix=(
                "See whether the project registers another view of the same name, and what it "
                "joins or filters."
            ),
            example=(
                "promised: 1000 rows, one for each entry of cst_refs.attrs\nobserved: 990 rows"
            ),
        ),
        FindingCode.VIEW_DIFFERS: Advice(
            why="Who reads the session's view by the contract's words gets other values.",
            found=(
                "The rows of the session's view are compared with those of the contract's definition, "
                "run in the same session."
            ),
            fix="Register the view as the contract defines it, or mend the definition.",
            example="observed: 3 rows that the definition does not make, and 3 of its rows are not there",
        ),
        FindingCode.SPANS_CHANGED: Advice(
            why="Packing and flattening again must change nothing; here it does.",
            found="The flattened view is compared, row by row, with the columns that were packed.",
            fix="See that both views name the same fields in the same order.",
            example="observed: 3 rows differ",
        ),
        FindingCode.SNAPSHOT_MISSING: Advice(
            why="Without an accepted snapshot, drift of this contract is seen by nobody.",
            found="A file of the contract's name is looked for in the folder of snapshots.",
            fix="Accept what is there with `--snapshot-update`, and commit the file.",
            example="cst-contracts check --snapshot-update",
        ),
        FindingCode.SNAPSHOT_DIFFERS: Advice(
            why=(
                "Something moved that no promise covers; the change is told with what it means for "
                "readers."
            ),
            found=(
                "Schema, partitions, order, views and functions as observed are compared with the "
                "accepted file."
            ),
            fix=(
                "Undo the change; or, if it is meant, accept it with `--snapshot-update` and "
                "commit the file. Drift that is no matter is only told where `evolution` allows it."
            ),
            example="observed: b: int64 → int32 (breaking)",
        ),
        FindingCode.SNAPSHOT_UNREADABLE: Advice(
            why="What was accepted cannot be known, and so not compared.",
            found="The file is no snapshot, is cut short, or is of another version of the format.",
            fix="Take the file from version control, or write it again with `--snapshot-update`.",
            example="observed: cst_refs.json: not JSON",
        ),
        FindingCode.WAIVER_EXPIRED: Advice(
            why="The exception was for a time, and the time is over.",
            found="The waiver's last day is compared with today.",
            fix="Keep the promise; or talk to the waiver's owner, and write a new day.",
            example='waivers: [{check: "rule[known]", reason: …, owner: …, expires: 2027-01-31}]',
        ),
        FindingCode.WAIVER_UNUSED: Advice(
            why="A waiver that is left behind would hide the next breach.",
            found="The promise that the waiver names was looked at, and is kept.",
            fix="Delete the waiver.",
            example="observed: it is kept",
        ),
    }
)
