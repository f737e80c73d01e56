"""Contracts over files of their own, judged as a run of pytest judges them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from cst_contracts.checks.model import FunctionsSnapshot, SchemaSnapshot
from datafusion import SessionContext
from measuring import MEMORY, run_of

from cst_contracts.checks.plan import plan
from cst_contracts.checks.shown import shown_rows
from cst_contracts.checks.verdict import Finding, Verdict
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.relations import preset_settings, relations
from cst_contracts.engine.formats.pipes import Limits
from cst_contracts.engine.relations.registry import LiveCatalog
from cst_contracts.engine.rows.measurements import Measuring
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.report.promise import Outcome, findings_of, outcome_of


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts of one contract, by check id."""

    verdicts: Mapping[str, Verdict]

    def __getitem__(self, check: str) -> Verdict:
        return self.verdicts[check]

    @property
    def outcomes(self) -> dict[str, Outcome]:
        return {check: outcome_of(verdict) for check, verdict in self.verdicts.items()}

    @property
    def red(self) -> dict[str, tuple[str, ...]]:
        """Codes of what is neither kept nor allowed to be vacuous."""
        return {
            check: tuple(finding.code.value for finding in findings_of(verdict))
            for check, verdict in self.verdicts.items()
            if outcome_of(verdict) is not Outcome.KEPT and not getattr(verdict, "allowed", False)
        }

    def finding(self, check: str) -> Finding:
        """The first."""
        return findings_of(self.verdicts[check])[0]


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Judged]:
    """Of the first of some contracts' texts, with locations relative to `tmp_path`."""

    def judge_texts(
        *texts: str,
        supplied: SessionContext | None = None,
        only: str | None = None,
        limits: Limits | None = None,
        samples: int = 0,
    ) -> Judged:
        contracts = [
            parse_contract(text.encode(), f"contracts/{index}.yaml")
            for index, text in enumerate(texts)
        ]
        selected = [
            (contract, check)
            for contract in contracts
            for check in plan(contract)
            if not isinstance(check, SchemaSnapshot | FunctionsSnapshot)
            and (only is None or check.id == only)
        ]
        context = open_session(preset_settings(contracts)) if supplied is None else supplied
        catalog = LiveCatalog(
            context, relations(contracts), Lake(str(tmp_path)), supplied=supplied is not None
        )
        shown = shown_rows(catalog.relations)
        how = Measuring(MEMORY, samples, shown=shown, limits=limits or Limits())
        run = run_of(catalog, selected, how)
        told = [(contract, check, run.judge(contract, check)) for contract, check in selected]
        return Judged(
            {check.id: verdict for contract, check, verdict in told if contract is contracts[0]}
        )

    return judge_texts
