"""Contracts over files of their own, judged as every door judges them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from datafusion import SessionContext
from support.gate import Promises, judge, observer_of, parsed

from cst_contracts.checks.check import Check, Group
from cst_contracts.gate.project import STREAM_ROWS, STREAM_SECONDS


@pytest.fixture(name="judge")
def judge_texts(tmp_path: Path) -> Callable[..., Promises]:
    """Of the first of some contracts' texts, with locations relative to `tmp_path`."""

    def judged(
        *texts: str,
        supplied: SessionContext | None = None,
        only: str | None = None,
        stream_rows: int = STREAM_ROWS,
        stream_seconds: float = STREAM_SECONDS,
        samples: int = 0,
    ) -> Promises:
        contracts = parsed(texts)
        observer = observer_of(
            contracts,
            tmp_path,
            supplied,
            samples=samples,
            stream_rows=stream_rows,
            stream_seconds=stream_seconds,
        )

        def wanted(check: Check) -> bool:
            return check.group is not Group.SNAPSHOT and only in (None, check.id)

        return judge(contracts, observer, wanted).of(contracts[0].name)

    return judged
