"""The contracts' session, for a project's own tests."""

import warnings
from typing import TYPE_CHECKING

import pytest

from cst_contracts.facts import CouldNotLook
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.pytest_plugin.state import SELECTION, gate_of

if TYPE_CHECKING:
    from datafusion import SessionContext


def whole_session(config: pytest.Config) -> "SessionContext":
    if SELECTION not in config.stash:
        folder = options_of(config).contracts
        pytest.fail(f"cst_session: there is no folder of contracts {folder}", pytrace=False)
    opened = gate_of(config).observer.whole_session()
    if isinstance(opened, CouldNotLook):
        pytest.fail(f"cst_session: {opened.sentence}", pytrace=False)
    context, errors = opened
    for each in errors:
        warnings.warn(pytest.PytestWarning(f"cst_session: {each.sentence}"), stacklevel=2)
    return context
