"""Items that break their promise once, in place of looking at a lake, and the scores of a run of them."""

from collections.abc import Generator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import Struct, convert, field, to_builtins
from msgspec.json import decode, encode

from cst_contracts.contract.model import TableContract
from cst_contracts.engine.session.versions import require_fitting
from cst_contracts.errors import CstContractsError
from cst_contracts.files.contracts import list_contracts
from cst_contracts.gate.clock import begin
from cst_contracts.proof.errors import NoData
from cst_contracts.proof.score import Outcome, Proof, Score
from cst_contracts.proof.telling import is_bad_news, score_lines, told_proof
from cst_contracts.pytest_plugin.collect import CheckItem, ContractFile, InvalidItem
from cst_contracts.pytest_plugin.imports import plain_imports
from cst_contracts.pytest_plugin.keywords import keyword
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.pytest_plugin.outcome import fail_for, place_skip
from cst_contracts.pytest_plugin.overview import proof_header_line, uncollected_line
from cst_contracts.pytest_plugin.state import SELECTION, Selection, contract_files

if TYPE_CHECKING:
    from cst_contracts.proof.proving import Proving

_ATTRIBUTE = "cst_proofs"
_WORKER_OUTPUT = "workeroutput"  # set by xdist, on workers
_WORKER_KEY = "cst_contracts_proofs"
_PROOFS = pytest.StashKey[Score]()


class ProofFile(ContractFile):
    """One contract. The data that keep it are made once, when its first promise is proven."""

    @property
    def item_type(self) -> type[CheckItem]:
        return ProofItem

    @cached_property
    def begun(self) -> "Proving | CstContractsError":
        """An error where no data can be made that keep the contract."""
        config = self.config
        contract = contract_files(config).load(self.path)
        contracts, _ = contract_files(config).known(list_contracts(options_of(config).contracts))
        tables = {each.name: each for each in contracts if isinstance(each, TableContract)}
        try:
            require_fitting()
            # Loads datafusion and deltalake: collection does without, and a mismatched pair must not be.
            with plain_imports(config):
                from cst_contracts.proof.proving import proving_of  # noqa: PLC0415

            seconds = options_of(config).query_seconds
            return proving_of(contract, tables, begin().started, seconds)
        except NoData as error:
            return CstContractsError(f"no data are known that keep this contract: {error}")
        except CstContractsError as error:
            return error


class ProofItem(CheckItem):
    """A check over data that keep its contract, and over such as break it: these it has to notice."""

    parent: ProofFile

    def runtest(self) -> None:
        try:
            proofs = self._proofs()
        except KeyboardInterrupt:
            # pytest shows the arguments of all frames that it was raised in, and DataFusion 55 runs a query
            # again for `repr(DataFrame)`: raised here, it has none of the engine's frames.
            raise KeyboardInterrupt from None
        self.stash[_PROOFS] = Score(self.contract.file, self.contract.name, proofs)
        self._tell(proofs)

    def _proofs(self) -> tuple[Proof, ...]:
        begun = self.parent.begun
        if isinstance(begun, CstContractsError):
            pytest.fail(str(begun), pytrace=False)
        return tuple(begun.proofs(self.check))

    def _tell(self, proofs: Sequence[Proof]) -> None:
        """Raises pytest's own outcome exceptions; returns where every way to break it was noticed."""
        source = self.parent.source()
        bad = [line for each in filter(is_bad_news, proofs) for line in told_proof(each, source)]
        if bad:
            pytest.fail("\n".join(bad), pytrace=False)
        if all(each.outcome is Outcome.UNBREAKABLE for each in proofs):
            pytest.skip(f"cannot be broken: {'; '.join(each.why for each in proofs)}")


class _Collected(Struct, frozen=True):
    """What one process of a run has collected; as JSON, it travels from a worker to the controller."""

    files: int = 0
    unread: list[str] = field(default_factory=list)


class Proofs:
    """What a run's items have proven, one a process. Its methods are hooks that pytest calls by name. Under
    xdist the workers' reports end at the controller's."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._scores: list[Score] = []
        self._collected: list[_Collected] = []
        self._failed: list[str] = []
        config.stash[SELECTION] = Selection()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config) -> None:
        """Before pytest reads the expression of `-k`."""
        config.option.keyword = keyword(config.option.keyword)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        unread = self._config.stash[SELECTION].deselected_invalid
        unread += [item.nodeid for item in items if isinstance(item, InvalidItem)]

    def pytest_report_header(self, config: pytest.Config) -> str:
        return proof_header_line(config)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report = yield
        if call.when == "call" and isinstance(item, ProofItem) and _PROOFS in item.stash:
            setattr(report, _ATTRIBUTE, to_builtins(item.stash[_PROOFS]))
            place_skip(item, item.place.line, report)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, _ATTRIBUTE, None)
        if told is not None:
            self._scores.append(convert(told, Score))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """xdist, on the controller."""
        output = getattr(node, _WORKER_OUTPUT, {}).get(_WORKER_KEY)
        if output is not None:
            self._collected.append(decode(output, type=_Collected))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.config.option.collectonly:
            return
        selection = self._config.stash[SELECTION]
        collected = _Collected(len(selection.collected), selection.deselected_invalid)
        if hasattr(self._config, "workerinput"):
            output: dict[str, Any] = getattr(self._config, _WORKER_OUTPUT)
            output[_WORKER_KEY] = encode(collected).decode()
            return
        self._collected.append(collected)
        self._failed = [*self._failures(green=session.exitstatus == pytest.ExitCode.OK)]
        fail_for(self._failed, session)

    def _failures(self, *, green: bool) -> list[str]:
        """What is wrong with the run as a whole."""
        unread = {node for each in self._collected for node in each.unread}
        failures = [
            f"{node} was deselected, and the file is no contract: see it with `pytest {node}`"
            for node in sorted(unread)
        ]
        if not any(each.files for each in self._collected):
            failures.append(uncollected_line(self._config, "--cst-prove"))
        elif green and not any(score.killed for score in self._scores):
            failures.append("--cst-prove is given, and no promise was proven")
        return failures

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._scores and not self._failed:
            return
        terminalreporter.write_sep("-", "proof of contracts")
        for line in score_lines(merged(self._scores)) if self._scores else ():
            terminalreporter.write_line(line)
        for line in self._failed:
            terminalreporter.write_line(line, red=True, bold=True)


def merged(scores: Sequence[Score]) -> Sequence[Score]:
    """One score a contract, in the order of the files."""
    by_contract: dict[tuple[str, str], list[Proof]] = {}
    for score in scores:
        by_contract.setdefault((score.file, score.name), []).extend(score.proofs)
    return [Score(*names, tuple(proofs)) for names, proofs in sorted(by_contract.items())]
