"""Tells what has to follow where changes of a snapshot were accepted, for `cst-contracts diff` to pass."""

from collections.abc import Iterator, Sequence

from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.drift.changes import Change
from cst_contracts.drift.compatibility import rule_of
from cst_contracts.drift.fields import FieldAdded
from cst_contracts.drift.fingerprint import change_fingerprint
from cst_contracts.drift.telling import line_of
from cst_contracts.drift.versions import Step, stepped
from cst_contracts.drift.views import PlanChanged
from cst_contracts.report.lines import Line, Style, line

#: Another engine takes functions away by the dozen: so many changes are named.
_NAMED = 5


def following_lines(contract: Contract, changes: Sequence[Change]) -> Iterator[Line]:
    """A major step of the version, or a waiver of each change that breaks readers; else a minor step, where
    fields came that the contract may promise."""
    breaking = [each for each in changes if _breaks(contract, each)]
    if breaking:
        yield line(f"  must follow: {_major(contract)}:", Style.WARNED)
        for change in breaking[:_NAMED]:
            stamp = change_fingerprint(contract.name, rule_of(change).id, change)
            yield line(f"    waiver of {stamp}: {line_of(change)}")
        if len(breaking) > _NAMED:
            yield line(
                f"    and of {len(breaking) - _NAMED} more, which `cst-contracts diff` names"
            )
    elif contract.version is not None and any(isinstance(each, FieldAdded) for each in changes):
        minor = stepped(contract.version, Step.MINOR)
        step = f"a minor step of `version`, from {contract.version} to {minor}"
        yield line(f"  must follow: {step}, where the contract promises what was added")


def _major(contract: Contract) -> str:
    """The accepted file does not know which version the contract had before this change of the project."""
    if contract.version is None:
        return (
            "a waiver of each breaking change, as the contract has no `version` "
            "whose major step could announce it"
        )
    major = stepped(contract.version, Step.MAJOR)
    step = f"a major step of `version`, from {contract.version} to {major} if it is not made yet"
    return f"{step}, or a waiver of each breaking change"


def _breaks(contract: Contract, change: Change) -> bool:
    """A view that the contract defines is judged by its definition, whose change is the contract's own."""
    if isinstance(change, PlanChanged) and isinstance(contract, TableContract):
        return change.view not in {view.name for view in contract.views}
    return rule_of(change).breaks_readers
