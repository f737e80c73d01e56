"""Verdict to what pytest makes of it: passed, failed, skipped or xfailed."""

from collections.abc import Callable, Sequence

import pytest

from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.report.text import told_verdict


class BrokenPromiseWarning(pytest.PytestWarning):
    """A broken promise of severity `warn`."""


def tell(
    item: pytest.Item, verdict: Verdict, source: Callable[[], Sequence[str]], *, failed: bool
) -> None:
    """Raises pytest's own outcome exceptions; returns where the item passes. `source` reads the
    contract's lines, which only bad news quotes."""
    if not failed and isinstance(verdict, Kept | Vacuous):
        return
    text = told_verdict(verdict, source())
    if failed:
        pytest.fail(text, pytrace=False)
    match verdict:
        case Broken():
            item.warn(BrokenPromiseWarning(text))
        case Waived(reason=reason):
            pytest.xfail(f"{reason}: {text.splitlines()[0]}")
        case Undecided(finding=finding, cause=Cause(table=table, check=check)):
            pytest.skip(f"{check} of {table} is red: {finding.observed}")
        case Undecided() | Kept() | Vacuous():
            raise AssertionError(
                f"{item.nodeid}: {type(verdict).__name__} should have failed or passed"
            )
