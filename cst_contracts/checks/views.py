"""Does a view of the contract run, and does it have the promised fields?"""

from collections.abc import Iterator

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Verdict,
    ViewUsable,
)
from cst_contracts.contract.model import NullabilityMode
from cst_contracts.datatypes import find_node, print_type, type_differences
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, TableFacts


def evaluate_view(check: ViewUsable, observation: Observation) -> Verdict:
    match observation.table:
        case IntrospectionError(table=str(other)) as error if other != check.view.name:
            finding = _finding(check, FindingCode.VIEW_UNUSABLE, "a view that runs", error.cause)
            return Undecided(finding, Cause(other, "table"))
        case IntrospectionError() as error:
            finding = _finding(check, FindingCode.VIEW_UNUSABLE, "a view that runs", error.cause)
            return Broken((finding,), Basis.PLAN)
        case TableFacts() as facts:
            findings = tuple(_fields(check, facts))
            return Broken(findings, Basis.SCHEMA) if findings else Kept(Basis.SCAN, facts.rows)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _finding(check: ViewUsable, code: FindingCode, promised: str, observed: str) -> Finding:
    return Finding(code, check.place, check.view.name, promised, observed)


def _fields(check: ViewUsable, facts: TableFacts) -> Iterator[Finding]:
    for field in check.view.fields:
        node = find_node(facts.schema, field.path)
        subject = f"{check.view.name}.{field.path}"
        promised = print_type(field.type)
        if node is None:
            code, observed = (
                FindingCode.FIELD_MISSING,
                f"absent; there are {', '.join(facts.schema.names)}",
            )
            yield Finding(code, field.place, subject, promised, observed)
            continue
        differences = type_differences(
            field.type, node.field.type, path=field.path, exact=field.exact
        )
        if differences:
            first = differences[0]
            more = f", and {len(differences) - 1} more" if len(differences) > 1 else ""
            observed = f"{first.path}: {first.observed}{more}"
            yield Finding(
                FindingCode.TYPE_MISMATCH,
                field.place,
                subject,
                f"{first.path}: {first.promised}",
                observed,
            )
        if (
            not field.nullable
            and node.field.nullable
            and check.nullability is NullabilityMode.STRICT
        ):
            yield Finding(
                FindingCode.DECLARED_NULLABLE,
                field.place,
                subject,
                "declared not null",
                "declared nullable",
            )
    if check.view.fields:
        promised_names = {field.name for field in check.view.fields}
        for name in facts.schema.names:
            if name not in promised_names:
                yield _finding(check, FindingCode.FIELD_UNPROMISED, "no such field", name)
