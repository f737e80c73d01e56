"""What a project may supply in its conftest.py."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from datafusion import SessionContext


@pytest.hookspec(firstresult=True)
def pytest_cst_contracts_session(config: pytest.Config) -> "SessionContext | None":
    """The session that the contracts are checked against, asked for once a process, when needed.

    Tables that it has are used as they are. Without an implementation, or with None, a session is
    opened, and tables are registered from the contracts' `source` clauses.
    """


@pytest.hookspec(firstresult=True)
def pytest_cst_contracts_lake(config: pytest.Config) -> str | None:
    """The lake root where none is configured, asked for once a process, when needed: a folder or a URI.

    Without an implementation, or with None, it is pytest's rootdir.
    """
