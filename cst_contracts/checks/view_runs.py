"""Does a view have the columns that its definition makes, and do its rows keep the count?"""

from collections.abc import Iterator

import pyarrow as pa

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import ViewUsable
from cst_contracts.checks.verdict import Finding, Observation
from cst_contracts.contract.model import Expand, Explode, Extract, Flatten, Pack, Sql, ViewContract
from cst_contracts.datatypes import child_path, find_node
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import TableFacts, ValueFacts, ViewRun


def missing_columns(check: ViewUsable, facts: TableFacts) -> Iterator[Finding]:
    """Of a view that the contract makes, none can be missing; the project's own of the same name may
    be another thing."""
    absent = [path for path in _made(check.view) if find_node(facts.schema, path) is None]
    if absent:
        yield _finding(
            check,
            FindingCode.VIEW_COLUMNS,
            f"columns {', '.join(_made(check.view))}",
            f"no {', '.join(absent)}; there are {', '.join(_names(facts))}",
        )


def _made(view: ViewContract) -> tuple[str, ...]:
    """Paths of what is kept and made, as far as the definition alone tells."""
    kept = tuple(child_path("", name) for name in view.keep)
    match view.definition:
        case Expand():
            return (*kept, "attr_key", "attr_value")
        case Extract(entries=entries):
            return (*kept, *(child_path("", key) for _, key in entries))
        case Pack(struct=struct, fields=fields):
            above = child_path("", struct)
            return (*kept, *(child_path(above, name) for name in fields))
        case Flatten() | Explode() | Sql():
            return kept


def _names(facts: TableFacts) -> Iterator[str]:
    for field in facts.schema:
        below = [child.name for child in field.type] if pa.types.is_struct(field.type) else []
        yield f"{field.name}<{', '.join(below)}>" if below else field.name


def run_findings(check: ViewUsable, observation: Observation) -> Iterator[Finding]:
    match observation.view:
        case IntrospectionError() as error:
            promised = "a view that runs over all of its rows"
            yield _finding(check, FindingCode.VIEW_UNUSABLE, promised, error.cause)
        case ViewRun(values=ValueFacts(rows=rows), promised=promised, changed=changed):
            if promised is not None and promised != rows:
                expected = f"{promised} rows, {_origin(check.view)}"
                yield _finding(check, FindingCode.VIEW_ROWS, expected, f"{rows} rows")
            if changed:
                expected = f"the raw columns again, as {check.view.of} has packed them"
                observed = f"{changed} rows differ"
                yield _finding(check, FindingCode.SPANS_CHANGED, expected, observed)
        case None:
            return


def _origin(view: ViewContract) -> str:
    match view.definition:
        case Expand(column=column):
            return f"one for each entry of {view.of}.{column}"
        case Explode(column=column):
            return f"one for each element of {view.of}.{column}"
        case _:
            return f"one for each row of {view.of}"


def _finding(check: ViewUsable, code: FindingCode, promised: str, observed: str) -> Finding:
    return Finding(code, check.place, check.view.name, promised, observed)
