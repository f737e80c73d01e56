"""What helps with findings about readers' queries, and about what queries and views read."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.explanations.explanation import Advice

FINDINGS: Mapping[FindingCode, Advice] = MappingProxyType(
    {
        FindingCode.QUERY_UNPLANNED: Advice(
            why="Every reader who runs the query gets an error.",
            found=(
                "The engine was asked to plan it in the session, with its parameters left open, and may only "
                "read; its error is quoted."
            ),
            fix="Mend the query, or bring back the field, table or type that it needs.",
            example="observed: there is no field ref",
        ),
        FindingCode.QUERY_FAILED: Advice(
            why="Readers get an error in the place of rows.",
            found=(
                "The query was run with a value for each parameter, for at most its first thousand rows; "
                "the engine's error is quoted."
            ),
            fix="Mend the query, or the value that it fails on; `try_cast` gives null where a cast fails.",
            example="observed: Cannot cast string 'a.py' to value of Int64 type",
        ),
        FindingCode.PARAMETER_TYPE: Advice(
            why=(
                "A value of the promised type is compared by way of a cast, often of the whole column, or "
                "it is an error."
            ),
            found="The engine's plan tells what a parameter is compared with, and so the type that it takes.",
            fix="Promise the type that the field has, or write a cast into the SQL.",
            example="promised: $path: int64\nobserved: taken as string_view",
        ),
        FindingCode.READS_MORE: Advice(
            why=(
                "Whoever changes the other field breaks a reader whom nobody knows; and a wider scan costs "
                "more."
            ),
            found=(
                "The scans of the optimized plan are looked at, those of subqueries and of the tables under "
                "views included: their projections, their filters, and the part of a struct that is taken "
                "out right above a scan."
            ),
            fix="Name the field under `reads`, or take it out of the SQL.",
            example="promised: reads path, ref_id\nobserved: the plan scans bstart",
        ),
        FindingCode.READS_LESS: Advice(
            why="The list says more than is true: a change of such a field would break nothing here.",
            found="A field that `reads` names is in no scan of the optimized plan.",
            fix="Take it out of `reads`, unless the query is to read it one day.",
            example="observed: the plan does not scan bend",
        ),
        FindingCode.LIBRARY_MISSING: Advice(
            why="Nobody has looked, so that nobody knows what its users get.",
            found="The library was imported, and that failed, or it is older than what was ever tried.",
            fix="Install it: `pip install polars --upgrade`, or all with `cst-contracts[interop]`.",
            example="observed: polars cannot be imported: No module named 'polars'",
        ),
        FindingCode.INTEROP_REFUSED: Advice(
            why="Its users get an error in the place of the table.",
            found=(
                "The library raised an error when it was handed the stream; each field was then handed over "
                "alone, and this one was not taken."
            ),
            fix="Store a type that the library has, or let its users leave the field out.",
            example="promised: decimal256(50, 2)\nobserved: duckdb 1.4.0: Unsupported Internal Arrow Type",
        ),
        FindingCode.INTEROP_FIELD: Advice(
            why="Its users find no field of the promised name.",
            found="The schema that comes back is held against the one that was handed over, at every depth.",
            fix="Rename the field: DuckDB, for one, takes names that differ in their case only for the same.",
            example="promised: A: int64\nobserved: absent",
        ),
        FindingCode.INTEROP_TYPE: Advice(
            why=(
                "Its users compute with another type: in other units, in another zone, or without a length "
                "that was fixed."
            ),
            found=(
                "The types are compared as a field's are, so that layouts such as `string` and `string_view` "
                "are the same; so are the names of UTC, and the one zone of a DuckDB session."
            ),
            fix="Store a type that the library has, or leave the library out of `interop`.",
            example="promised: time32[ms]\nobserved: time64[ns] in polars",
        ),
        FindingCode.INTEROP_ROWS: Advice(
            why="Its users see other data than the engine's.",
            found=(
                "The rows are counted, and the values of each field compared in their sequence; NaN equals "
                "NaN."
            ),
            fix="Report it to the library, with the field and its type.",
            example="promised: the same values\nobserved: 3 of 1000 rows differ in duckdb",
        ),
    }
)
