"""Contracts of a test's own, as files of a folder."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cst_contracts.proof.contracts import prove_contracts
from cst_contracts.proof.score import Score


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], Path]:
    """Writes contracts by name, and makes their folder the current one."""
    monkeypatch.chdir(tmp_path)

    def write(contracts: Mapping[str, str]) -> Path:
        for name, text in contracts.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def proven(written: Callable[[Mapping[str, str]], Path]) -> Callable[..., Score]:
    """The score of one contract; of all checks, or of those whose id has a part."""

    def prove(text: str, *patterns: str) -> Score:
        (score,) = prove_contracts([written({"t": text}) / "t.yaml"], patterns)
        return score

    return prove
