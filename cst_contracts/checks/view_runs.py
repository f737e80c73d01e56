"""Does a view have the columns that its definition makes, and do its rows keep the count?"""

from collections.abc import Iterator

import pyarrow as pa

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Finding
from cst_contracts.checks.wording import difference_in_words
from cst_contracts.contract.model import Expand, Explode, Extract, Flatten, Pack, Sql, ViewContract
from cst_contracts.datatypes import child_path, find_node
from cst_contracts.facts import CouldNotLook, TableFacts, ViewRun


def missing_columns(view: ViewContract, facts: TableFacts) -> Iterator[Finding]:
    """Of a view that the contract makes, none can be missing; the project's own of the same name may
    be another thing."""
    absent = [path for path in _made(view) if find_node(facts.schema, path) is None]
    if absent:
        promised = f"columns {', '.join(_made(view))}"
        observed = f"no {', '.join(absent)}; there are {', '.join(_names(facts))}"
        yield _finding(view, FindingCode.VIEW_COLUMNS, promised, observed)


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


def unrun(view: ViewContract, trouble: CouldNotLook) -> Finding:
    promised = "a view that runs over all of its rows"
    return _finding(view, FindingCode.VIEW_UNUSABLE, promised, trouble.reason)


def run_findings(view: ViewContract, run: ViewRun) -> Iterator[Finding]:
    rows = run.rows.rows
    if run.promised is not None and run.promised != rows:
        expected = f"{run.promised} rows, {_origin(view)}"
        yield _finding(view, FindingCode.VIEW_ROWS, expected, f"{rows} rows")
    if run.differing is not None and not run.differing.is_none:
        expected = "the rows that its definition in the contract makes"
        yield _finding(view, FindingCode.VIEW_DIFFERS, expected, difference_in_words(run.differing))
    if run.changed:
        expected = f"the raw columns again, as {view.of} has packed them"
        yield _finding(view, FindingCode.SPANS_CHANGED, expected, f"{run.changed} rows differ")


def nothing_made(view: ViewContract, run: ViewRun) -> Finding | None:
    """What is missing of a view that holds nothing to look at."""
    hint = "" if view.allow_empty else "write `allow_empty: true` at the view if that is fine"
    if not run.rows.rows:
        promised, observed = "at least one row", "0 rows"
    elif run.absent:
        promised, observed = "keys that some row has", f"no row has {', '.join(run.absent)}"
    else:
        return None
    code = FindingCode.NOTHING_TO_COUNT
    return Finding(code, view.place, view.name, promised, observed, hint)


def _origin(view: ViewContract) -> str:
    match view.definition:
        case Expand(column=column):
            return f"one for each entry of {view.of}.{column}"
        case Explode(column=column):
            return f"one for each element of {view.of}.{column}"
        case Extract() | Pack() | Flatten() | Sql():
            return f"one for each row of {view.of}"


def _finding(view: ViewContract, code: FindingCode, promised: str, observed: str) -> Finding:
    return Finding(code, view.place, view.name, promised, observed)
