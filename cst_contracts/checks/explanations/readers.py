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
    }
)
