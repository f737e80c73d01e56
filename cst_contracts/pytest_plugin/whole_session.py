"""The contracts' session, for a project's own tests."""

import warnings
from typing import TYPE_CHECKING

import pytest

from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.pytest_plugin.state import SELECTION, run_of

if TYPE_CHECKING:
    from datafusion import SessionContext


def whole_session(config: pytest.Config) -> "SessionContext":
    if SELECTION not in config.stash:
        folder = options_of(config).contracts
        pytest.fail(f"cst_session: there is no folder of contracts {folder}", pytrace=False)
    try:
        context, errors = run_of(config).whole_session()
    except IntrospectionError as error:
        pytest.fail(f"cst_session: {error}", pytrace=False)
    for each in errors:
        warnings.warn(pytest.PytestWarning(f"cst_session: {each}"), stacklevel=2)
    return context
