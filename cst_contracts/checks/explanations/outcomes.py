"""What can come of a check."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.checks.explanations.explanation import Explanation

OUTCOMES: Mapping[str, Explanation] = MappingProxyType(
    {
        "kept": Explanation(
            meaning="Somebody looked, and the promise holds.",
            why=(
                "It says what it rests on (schema, plan, statistics or scan) and how many rows "
                "were looked at."
            ),
            found=(
                "The check's question was answered, and the answer agrees with the contract; notes "
                "are told and not red."
            ),
            fix="Nothing to do; read the notes in the manifest.",
            example="1000 rows, basis scan",
        ),
        "broken": Explanation(
            meaning="Somebody looked, and the promise does not hold.",
            why="Readers rely on what is not so.",
            found=(
                "Promised and observed sides differ; the finding shows both, with the contract's "
                "line."
            ),
            fix=(
                "`cst-contracts explain CODE` tells what the code means. A breach that is known "
                "can be waived until a day."
            ),
            example="contracts/cst_refs.yaml:14:5: cst_refs nulls[ref_id]: broken [null-values]",
        ),
        "undecided": Explanation(
            meaning="Nobody could look, because something else is red.",
            why=(
                "A promise that was not looked at is not kept; it is red itself where nothing else "
                "is red for it."
            ),
            found=(
                "The table, field or file that the check needs could not be had; the finding names "
                "the check that is red for it."
            ),
            fix="Mend the check that is named first; the rest follows.",
            example=(
                "cst_refs nulls[ref_id]: undecided [field-missing]\n"
                "    observed: no such field to count in"
            ),
        ),
        "vacuous": Explanation(
            meaning="Somebody looked, and there was nothing to look at.",
            why=(
                "A promise about rows, elements or entries that are not there proves nothing, and "
                "would pass for ever."
            ),
            found="No rows, no element of any list, no constraint, no row group to leave out.",
            fix="Write the data; or write `allow_empty: true` at the clause where that is fine.",
            example="source: {format: parquet, location: t, allow_empty: true}",
        ),
        "waived": Explanation(
            meaning="The promise is broken, and a valid waiver names it.",
            why="The breach is known and has an owner and a last day; until then it fails no run.",
            found="The waiver's check and last day are compared with the broken promise and today.",
            fix=(
                "Keep the promise before the day, and delete the waiver: one for a kept promise is "
                "red."
            ),
            example=(
                "waivers:\n"
                '  - {check: "rule[known]", reason: fix pending, owner: team, expires: 2027-01-31}'
            ),
        ),
    }
)
