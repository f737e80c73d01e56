"""Makes of a verdict what pytest knows: passed, failed, skipped or xfailed."""

from collections.abc import Callable, Sequence

import pytest
from _pytest._code.code import (
    ExceptionChainRepr,
    ReprExceptionInfo,
    ReprFileLocation,
    TerminalRepr,
)

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.contract.model import Contract
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.report.text import first_line, told_verdict, unhinted

#: The codes of which this process has told how to have them explained.
_EXPLAINED = pytest.StashKey[set[FindingCode]]()


class BrokenPromiseWarning(pytest.PytestWarning):
    """A broken promise of severity `warn`."""


def tell(
    item: pytest.Item,
    contract: Contract,
    verdict: Verdict,
    source: Callable[[], Sequence[str]],
    *,
    failed: bool,
) -> None:
    """Raises pytest's own outcome exceptions; returns where the item passes.

    `source` reads the contract's lines, which only bad news quotes.
    """
    if not failed and isinstance(verdict, Kept | Vacuous):
        return
    samples, explained = (
        options_of(item.config).samples,
        item.config.stash.setdefault(_EXPLAINED, set()),
    )
    text = told_verdict(verdict, source(), contract, samples, explained)
    if failed or isinstance(verdict, Broken):
        explained |= unhinted(verdict)
    if failed:
        pytest.fail(text, pytrace=False)
    match verdict:
        case Broken():
            item.warn(BrokenPromiseWarning(text))
        case Waived(reason=reason):
            pytest.xfail(f"{reason}: {first_line(text)}")
        case Undecided(finding=finding, cause=Cause(table=table, check=check)):
            pytest.skip(f"{check} of {table} is red: {finding.observed}")
        case Undecided() | Kept() | Vacuous():
            raise AssertionError(
                f"{item.nodeid}: {type(verdict).__name__} should have failed or passed"
            )


def shortened(
    shown: str | TerminalRepr, item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]
) -> str | TerminalRepr:
    """A failure whose message, as lists of failures repeat it, is its first line.

    In CI and with `-vv`, pytest's short summary does not cut messages, and each would stand there whole,
    a second time.
    """
    if isinstance(shown, ExceptionChainRepr | ReprExceptionInfo) and isinstance(
        excinfo.value, pytest.fail.Exception
    ):
        path, line, _ = item.reportinfo()
        message = first_line(str(excinfo.value))
        shown.reprcrash = ReprFileLocation(str(path), (line or 0) + 1, message)
    return shown


def place_skip(item: pytest.Item, line: int, report: pytest.TestReport) -> None:
    """In the contract, not in this plugin; at one line, so that `-rs` folds equal ones."""
    match report.longrepr:
        case (_, _, reason):
            report.longrepr = (str(item.path), line, reason)
        case _:
            pass


def fail_for(lines: Sequence[str], session: pytest.Session) -> None:
    """A run that was green, or had nothing to run, is red for each of these lines."""
    green = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    if lines and session.exitstatus in green:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
