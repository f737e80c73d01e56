"""What a table, its fields and its contract file can be found to be."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.explanations.explanation import Advice

FINDINGS: Mapping[FindingCode, Advice] = MappingProxyType(
    {
        FindingCode.INVALID_CONTRACT: Advice(
            why="None of the file's promises are looked at, so that the table could break unseen.",
            found=(
                "The file is parsed and its checks are planned, before any session is opened; all "
                "problems are told at once."
            ),
            fix=(
                "Go to each place that is named and write what stands after the semicolon; "
                "`cst-contracts lint` tells the same without data."
            ),
            example="contracts/t.yaml:4:3: unknown key `nulable`; did you mean `nullable`?",
        ),
        FindingCode.NOT_CHECKABLE: Advice(
            why=(
                "A promise that nobody can look at is not kept: it is red unless something else is "
                "red for it."
            ),
            found=(
                "The session tells nothing of how the table is stored, or its plan shows no scan "
                "to ask about."
            ),
            fix="Give the table a `source` with a `location`, or take the promise out.",
            example="source: {format: delta, location: cst_refs}",
        ),
        FindingCode.SESSION_UNREADABLE: Advice(
            why="Without a session no table, function or setting can be looked at.",
            found=(
                "Opening the session, or a query of its information schema, raised an error, which "
                "is quoted."
            ),
            fix=(
                "Read the quoted cause: mismatched package versions, a hook of the project that "
                "raised, or `information_schema` turned off."
            ),
            example="SessionConfig().with_information_schema(True)",
        ),
        FindingCode.TABLE_MISSING: Advice(
            why="Readers find no table at all.",
            found="The promised location was listed, and the session was asked for the name.",
            fix=(
                "Mend `location` under `source`, name the lake root (`--lake`, in pytest "
                "`--cst-lake`), or register the table in the project's session."
            ),
            example="source: {format: parquet, location: cst_refs}",
        ),
        FindingCode.TABLE_UNREADABLE: Advice(
            why="The table is there, and every reader will meet the same error.",
            found=(
                "The engine was asked for the table's schema or rows and raised the quoted error."
            ),
            fix=(
                "Read the cause, which is in the engine's words: most often a damaged or "
                "half-written file, a missing right, or the wrong `format`."
            ),
            example="observed: part-3.parquet: Invalid Parquet file. Corrupt footer",
        ),
        FindingCode.QUERY_TOO_SLOW: Advice(
            why=(
                "Nobody knows whether the promise is kept: a look that was given up is no look. All "
                "else of the run was looked at."
            ),
            found=(
                "Each query of the engine has the time that `--cst-query-seconds` names. A scan that answers "
                "many promises at once is one query; over the bound, it is done again without the rules, and "
                "once for each rule, so that a slow rule is red alone."
            ),
            fix=(
                "Allow more time (`--cst-query-seconds`, `--query-seconds` of `cst-contracts check`, "
                "`query_seconds` in Python), or ask less: a rule over fewer fields, a view that joins less, "
                "a table of fewer rows."
            ),
            example="observed: it took longer than the 60 s that a query may take (query_seconds)",
        ),
        FindingCode.DELTA_READ_AS_PARQUET: Advice(
            why=(
                "The files of a Delta table hold deleted and overwritten rows, too: reading them "
                "as Parquet gives wrong answers."
            ),
            found=(
                "The location holds a `_delta_log` folder, and the contract says `format: parquet`."
            ),
            fix="Write `format: delta` under `source`.",
            example="source: {format: delta, location: cst_refs}",
        ),
        FindingCode.FEATURE_UNSUPPORTED: Advice(
            why=(
                "A reader that does not know a feature of the table, such as a new type, would "
                "read wrong rows."
            ),
            found=(
                "The Delta log's protocol names reader features that the installed deltalake does "
                "not have."
            ),
            fix=(
                "Have the table written without the feature, or read it with an engine that knows "
                "it."
            ),
            example=(
                "observed: its readers need the table feature variantType, which this version "
                "cannot read"
            ),
        ),
        FindingCode.SOURCE_DIFFERS: Advice(
            why=(
                "What the storage keeps is then nothing that readers of the session's table get: other "
                "files, another version, a filter, or a view in its place."
            ),
            found=(
                "The files in the plan of the session's table are compared with those of `source`; "
                "where no plan names them, as of a Delta table, the rows of both."
            ),
            fix=(
                "Register what `source` names, or have `source` name what is registered. Until then "
                "rows are measured in the session's table."
            ),
            example=("promised: the 3 files of version 12\nobserved: the session reads version 11"),
        ),
        FindingCode.FILES_UNREAD: Advice(
            why="Somebody has written rows that no query of the table returns.",
            found=(
                "Everything below the location is listed. What is no data to any engine (names that "
                "start with `_` or `.`) is left out."
            ),
            fix=(
                "Rename the files to the format's ending, move them into the folder or one named "
                "`key=value`; or name them under `ignore`."
            ),
            example='source: {format: parquet, location: t, ignore: ["*.bak", "old/**"]}',
        ),
        FindingCode.FILES_IGNORED: Advice(
            why="The contract says that nobody means these files to be read, and the engine reads them.",
            found="The patterns of `ignore` are compared with the files that are read.",
            fix="Move the files out of the table's folder, or take the pattern out of `ignore`.",
            example='source: {format: parquet, location: t, ignore: ["*.bak"]}',
        ),
        FindingCode.EMPTY_TABLE: Advice(
            why="An empty table keeps every promise about its rows, and so proves nothing.",
            found="The session counts no rows.",
            fix=(
                "Write the rows; or write `allow_empty: true` under `source` where an empty table "
                "is fine."
            ),
            example="source: {format: parquet, location: t, allow_empty: true}",
        ),
        FindingCode.ROW_COUNT_DISAGREES: Advice(
            why="Metadata and data tell different things; one of them is what a reader gets.",
            found=(
                "`count(*)`, which the engine may answer from metadata, is compared with the rows "
                "that a scan read."
            ),
            fix=(
                "Look for damaged, missing or foreign data files; for a table that the project "
                "registers, see that it reads what `source` names."
            ),
            example=(
                "promised: count(*) = 1000, as the engine answers it\nobserved: 900 rows read"
            ),
        ),
        FindingCode.DATA_READ: Advice(
            why="Where no promise is about values, nobody would meet a page that cannot be read.",
            found=(
                "With `--verify-data` (in pytest `--cst-verify-data`) every page of every promised "
                "field was decoded, and the rows were counted on the way."
            ),
            fix="There is nothing to mend; the note says how much was read.",
            example="observed: every page of 12 fields read, 20634 rows",
        ),
        FindingCode.PROOF_DISAGREES: Advice(
            why="Runs that believed the proof may have been green over rows that they have not read.",
            found=(
                "With `--proofs` and `--verify-data` every file is read, and what is measured is compared "
                "with what was kept. The file has the size, the time and the footer that it had, and "
                "other rows."
            ),
            fix=(
                "Find out who writes into data files, or whether the disk is damaged. What was measured "
                "now has been kept instead; run again to see what holds of it."
            ),
            example=(
                "observed: the rows of part-7.parquet are others than when a proof was kept in .proofs"
            ),
        ),
        FindingCode.DECLARED_UNPROMISED: Advice(
            why=(
                "The engine answers by what is declared: it drops DISTINCT over a declared key, folds "
                "IS NOT NULL to true, and does not sort what is declared as sorted."
            ),
            found=(
                "The session's schema and plan of a table that the project has registered were "
                "compared with the contract's nullability, keys and order."
            ),
            fix="Promise it, so that the rows are measured, or leave it out of the registration.",
            example="keys: [[id]]",
        ),
        FindingCode.DELIMITER_FOUND: Advice(
            why="Who reads the files without this contract has to find the delimiter out, too.",
            found=(
                "The contract names no delimiter, the header does not hold the promised names between "
                "commas, and it does between semicolons, tabs or bars."
            ),
            fix="Name it, below `source`.",
            example='source: {format: csv, location: t, options: {delimiter: ";"}}',
        ),
        FindingCode.FIELD_MISSING: Advice(
            why="A query that names the field fails.",
            found="The path is looked up in the session's schema, at any depth.",
            fix=(
                "Write the field; or, if it was renamed or is no longer there, change the contract "
                "and tell the table's readers."
            ),
            example=(
                "promised: bend: int64\n"
                "observed: absent; there are file_id, bstart, b_end\n"
                "hint:     there is `b_end`: was it renamed, or is it meant?"
            ),
        ),
        FindingCode.FIELD_POSITION: Advice(
            why="Readers that take fields by position, as INSERT and CSV do, get another field.",
            found=(
                "The field's place among its promised siblings is compared with its place in the "
                "schema; hive partitions do not count."
            ),
            fix=(
                "Write the fields in the promised order, change the order in the contract, or "
                "write `field_order: any`."
            ),
            example="field_order: any",
        ),
        FindingCode.FIELD_UNPROMISED: Advice(
            why=(
                "Whoever relies on an unpromised field can lose it without notice, and `SELECT *` "
                "changes its shape."
            ),
            found=(
                "Every field and struct member of the session's schema is looked up in the "
                "contract."
            ),
            fix="Promise it under `fields`, or write `extra_fields: allow`.",
            example="extra_fields: allow",
        ),
        FindingCode.FIELD_ORDER: Advice(
            why="Readers that take fields by position get others than they expect.",
            found=(
                "The order of the promised fields in the session's schema is compared with the "
                "contract's."
            ),
            fix=(
                "Write the fields in the promised order, or write `field_order: any` where it does "
                "not matter."
            ),
            example=("promised: ref_id, path, bstart\nobserved: path, ref_id, bstart"),
        ),
        FindingCode.TYPE_MISMATCH: Advice(
            why=(
                "Readers get values of another type: casts fail, numbers overflow, comparisons "
                "change."
            ),
            found=(
                "Both types are compared as structures; spellings that engines change in passing, "
                "such as string and string_view, count as one."
            ),
            fix=(
                "Write the promised type, or promise what is written; `exact: true` asks for the "
                "very spelling."
            ),
            example=("promised: int32\nobserved: int64"),
        ),
        FindingCode.DECLARED_NULLABLE: Advice(
            why=(
                "An engine that sees a nullable field must expect nulls, and so must the code that "
                "reads it."
            ),
            found=(
                "The flag of the field in the session's schema is read. Views and most writers "
                "leave it open."
            ),
            fix=(
                "Declare the field NOT NULL where the table is written; under `nullability: "
                "values` the flag is only told."
            ),
            example="nullability: values",
        ),
        FindingCode.STORED_NULLABLE: Advice(
            why="Nothing in the storage keeps a writer from adding a null.",
            found=(
                "The flag in the Parquet schema or the Delta log is read, apart from what the "
                "session declares."
            ),
            fix=(
                "Write the files with a schema that says not null; under `nullability: values` the "
                "flag is only told."
            ),
            example='pa.field("ref_id", pa.string(), nullable=False)',
        ),
        FindingCode.METADATA_MISMATCH: Advice(
            why=(
                "Programs that read the meaning of a field from its metadata find none, or another."
            ),
            found=(
                "Each promised key is looked up in the field's Arrow metadata, as the session "
                "shows it."
            ),
            fix=(
                "Write the metadata with the data. If it is in the files, turn "
                "`datafusion.execution.parquet.skip_metadata` off."
            ),
            example="- {name: path, type: string, metadata: {semantic: FilePath}}",
        ),
        FindingCode.METADATA_DIFFERS_IN_FILES: Advice(
            why=(
                "Which of the values a reader meets depends on the file that it happens to open first."
            ),
            found="The schema of each data file is read from its footer, and the fields' metadata compared.",
            fix="Nothing to do where nobody reads the metadata; else promise the value that counts.",
            example="- {name: path, type: string, metadata: {semantic: FilePath}}",
        ),
        FindingCode.CAST_IN_FILES: Advice(
            why=(
                "A wider type holds all that the files have. A narrower or another one may not: the engine "
                "fails on the first value without room, or rounds it, or reads text for a number."
            ),
            found=(
                "The schema of each data file is read from its footer, and held against the session's: what "
                "differs is what the engine casts. It is weighed as drift from the file to the table."
            ),
            fix=(
                "Write the files that are named again; or say with `evolution` that the type was widened "
                "while old files stay."
            ),
            example="evolution: {types: widen}",
        ),
        FindingCode.DROPPED_IN_FILES: Advice(
            why="Nobody who reads the table can see the field, and nobody is told that it is there.",
            found=(
                "The schema of each data file is read from its footer, and held against the one that the "
                "project has declared, or the Delta log's."
            ),
            fix="Declare the field, or leave it out of the files. By default it is only told.",
            example="observed: note not read, since the table has no such field, in 3.parquet, 1 of 8 files",
        ),
        FindingCode.RECASED_IN_FILES: Advice(
            why=(
                "DataFusion 55 finds fields by their names, letter for letter, therefore `Path` in a file is "
                "not the table's `path`: every row has null there."
            ),
            found="A file lacks a field, and has one whose name differs from it in case only.",
            fix="Write the files that are named again, with the table's spelling.",
            example="observed: path called Path, which is another name to the engine, and null in 1.parquet",
        ),
        FindingCode.MOVED_IN_FILES: Advice(
            why=(
                "The engine finds fields by name, therefore this is only told. Who reads single files by "
                "position gets another field's values."
            ),
            found="The schema of each data file is read from its footer, down to the leaves.",
            fix="Nothing to do, or write the files again. `field_order: any` says that it does not matter.",
            example="field_order: any",
        ),
        FindingCode.RESPELLED_IN_FILES: Advice(
            why=(
                "Nothing is lost: engines exchange these types in passing. Readers of single files may see "
                "another layout of text, or another name of a list's child."
            ),
            found="The schemas of data files are compared exactly, and told where they are not all alike.",
            fix="Nothing to do.",
            example="observed: tags list<item: string>, read as list<element: string>, in 1.parquet",
        ),
        FindingCode.FIELD_MISSING_IN_FILES: Advice(
            why=(
                "The engine reads null for every row of such a file, so that a writer that has lost a "
                "field looks like data without values."
            ),
            found="The schema of each data file is read from its footer, down to the leaves.",
            fix=(
                "Write the files that are named again; or write `missing_in_files: allow` where the "
                "field was added later and old files are meant to stay."
            ),
            example="source: {format: parquet, location: t, missing_in_files: allow}",
        ),
        FindingCode.FILE_OF_ANOTHER_SCHEMA: Advice(
            why="Rows of another table are read among this one's, with null in nearly every field.",
            found=(
                "A data file lacks more than half of the fields that most data files of the table have."
            ),
            fix="Move the files that are named out of the table's folder.",
            example="observed: most of them are missing in part-7.parquet",
        ),
    }
)
