"""Gathers what items have told: for the summary, the manifest, orphans, and the exit status."""

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from msgspec import convert, to_builtins
from msgspec.json import decode, encode
from msgspec.structs import replace

from cst_contracts.errors import ManifestError
from cst_contracts.files.manifests import write_manifest_text
from cst_contracts.files.results import write_results
from cst_contracts.gate.clock import begin
from cst_contracts.gate.gate import Selected
from cst_contracts.gate.manifests import load_manifest
from cst_contracts.gate.result import RunResult
from cst_contracts.pytest_plugin.collect import RECORD, CheckItem, InvalidItem
from cst_contracts.pytest_plugin.keywords import keyword
from cst_contracts.pytest_plugin.manifest import (
    ProcessFacts,
    process_facts,
    result_of,
    run_entry,
)
from cst_contracts.pytest_plugin.options import AGAINST, Options, options_of
from cst_contracts.pytest_plugin.orphans import orphans_of
from cst_contracts.pytest_plugin.outcome import fail_for, place_skip
from cst_contracts.pytest_plugin.overview import header_line, uncollected_line, unselected_line
from cst_contracts.pytest_plugin.state import (
    SELECTION,
    SHARED_FOLDER,
    Selection,
    open_gate,
    opened_gate,
)
from cst_contracts.report.lines import Line, Style, line
from cst_contracts.report.manifest_file import Manifest, PromiseRecord
from cst_contracts.report.reports import WantedReport, wanted_report
from cst_contracts.report.results import results
from cst_contracts.report.since import since, since_lines
from cst_contracts.report.summary import summary_lines

_ATTRIBUTE = "cst_promise"
_WORKER_OUTPUT = "workeroutput"  # set by xdist, on workers
_WORKER_KEY = "cst_contracts"
#: As pytest's writer knows it; the writer also knows whether colour is wanted (NO_COLOR, `--color`).
_MARKUP: dict[Style, dict[str, bool]] = {
    Style.PLAIN: {},
    Style.HEAD: {"bold": True},
    Style.BROKEN: {"red": True, "bold": True},
    Style.WARNED: {"yellow": True},
    Style.KEPT: {"green": True},
    Style.QUIET: {"light": True},
}


def _wanted_reports(config: pytest.Config) -> tuple[WantedReport, ...]:
    """Files are relative to where pytest was started. Raises UsageError."""
    try:
        found = [wanted_report(text) for text in options_of(config).reports]
    except ValueError as error:
        raise pytest.UsageError(f"--cst-report: {error}") from None
    folder = config.invocation_params.dir
    return tuple(replace(each, file=str(folder / each.file)) for each in found)


def _require_earlier(config: pytest.Config) -> None:
    """Raises UsageError, before the run, where the command line names a file that is no manifest. An ini key
    is of runs without contracts, too, and of the first run of all."""
    if AGAINST in options_of(config).given:
        try:
            _earlier(config)
        except ManifestError as error:
            raise pytest.UsageError(f"{AGAINST}: {error}") from None


def _earlier(config: pytest.Config) -> tuple[Manifest, ...]:
    return tuple(load_manifest(file) for file in options_of(config).against)


class Record:
    """What a run's items have told, one record a process. Most of its methods are hooks that pytest calls by
    name. Under xdist the workers' reports and facts end at the controller's.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._reports = _wanted_reports(config)
        _require_earlier(config)
        self._begun = begin()
        self._records: dict[tuple[str, str], PromiseRecord] = {}
        self._facts: list[ProcessFacts] = []
        self._workers = 0
        self._shared: TemporaryDirectory[str] | None = None
        self._summed: Sequence[PromiseRecord] = ()
        self._lines: list[Line] = []
        self._moved: list[Line] = []
        self._plans: list[str] = []
        config.stash[SELECTION] = Selection()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config) -> None:
        """Before pytest reads the expression of `-k`."""
        config.option.keyword = keyword(config.option.keyword)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        selection = self._config.stash[SELECTION]
        for item in items:
            if isinstance(item, InvalidItem):
                selection.deselected_invalid.append(item.nodeid)
            if isinstance(item, CheckItem | InvalidItem):
                selection.deselected += 1
                selection.files.add(item.path)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.config.option.collectonly:
            return
        selection = self._config.stash[SELECTION]
        ours = [item for item in session.items if isinstance(item, CheckItem | InvalidItem)]
        # Other plugins may shuffle items; reports are in the order of files and of their lines.
        for item in sorted(ours, key=lambda item: (item.path, item.position)):
            if isinstance(item, CheckItem):
                selection.checks.append(Selected(item.contract, item.check))
            selection.files.add(item.path)
            selection.promises.append(item.untold("the run ended before it", failed=False))

    def pytest_report_header(self, config: pytest.Config) -> str:
        return header_line(config)

    def pytest_report_collectionfinish(self, config: pytest.Config) -> str | None:
        found = config.stash[SELECTION].collected or not options_of(config).contracts.is_dir()
        return None if found else unselected_line(config)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Opens the gate before the first item runs.

        What was collected stays to the end: to search it for garbage takes a fifteenth of a run over hundreds
        of contracts. Of a project's own tests some may be about garbage: with them, it is searched.
        """
        if _will_look(session):
            open_gate(session.config)
        if not all(isinstance(item, CheckItem | InvalidItem) for item in session.items):
            return (yield)
        gc.freeze()
        try:
            return (yield)
        finally:
            gc.unfreeze()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if isinstance(item, CheckItem | InvalidItem) and report.when != "teardown":
            record = _record(item, call, report)
            if record is not None:
                setattr(report, _ATTRIBUTE, to_builtins(record))
            if isinstance(item, CheckItem) and RECORD in item.stash:
                place_skip(item, item.contract.place.line, report)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, _ATTRIBUTE, None)
        if told is not None:
            record = convert(told, PromiseRecord)
            self._records[record.contract, record.check] = record

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """xdist, on the controller: its workers agree on the version that they read of a Delta table."""
        if self._shared is None:
            self._shared = TemporaryDirectory(prefix="cst-contracts-")
        node.workerinput[SHARED_FOLDER] = self._shared.name

    def pytest_unconfigure(self) -> None:
        if self._shared is not None:
            self._shared.cleanup()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """xdist, on the controller: a worker that died has no output, and its part is missing."""
        self._workers += 1
        output = getattr(node, _WORKER_OUTPUT, {}).get(_WORKER_KEY)
        if output is not None:
            self._facts.append(decode(output, type=ProcessFacts))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.config.option.collectonly:
            return
        if hasattr(self._config, "workerinput"):
            facts = process_facts(self._config, opened_gate(self._config))
            output: dict[str, Any] = getattr(self._config, _WORKER_OUTPUT)
            output[_WORKER_KEY] = encode(facts).decode()
            return
        if not self._workers:
            self._facts.append(process_facts(self._config, opened_gate(self._config)))
        self._finish(session)

    def _finish(self, session: pytest.Session) -> None:
        options = options_of(self._config)
        asked = bool(self._records) or options.reported
        result = self._result(asked=asked)
        if options.plan:
            self._plans = [line for plan in result.plans for line in plan.splitlines()]
        failed = [*self._unread_lines(), *self._uncollected_lines(options)]
        failed.extend(result.failures if asked else ())
        fail_for(failed, session)
        failed.extend(self._unwritten(options, result, int(session.exitstatus)))
        fail_for(failed, session)
        self._summed = result.promises
        self._lines = [*result.accepted, *(line(each, Style.BROKEN) for each in failed)]

    def _result(self, *, asked: bool) -> RunResult:
        """`asked`: somebody wants to know of promises, also where none was looked at."""
        complete = len(self._facts) == max(self._workers, 1)
        answered = len(self._records)
        orphans = orphans_of(self._config, self._facts, answered=answered, complete=complete)
        records = self._in_order() if asked else ()
        return result_of(self._config, self._facts, records, orphans)

    def _uncollected_lines(self, options: Options) -> Iterator[str]:
        """A test that uses the contracts' session has asked for what the flags are about, too."""
        found = any(facts.collected or facts.opened for facts in self._facts)
        if options.given and not found:
            yield uncollected_line(self._config, options.given[0])

    def _unwritten(self, options: Options, result: RunResult, status: int) -> Iterator[str]:
        """Writes what is asked for; a line says why, where a file cannot be written or read."""
        if not options.reported and not (options.against and self._records):
            return
        run = run_entry(self._config, self._begun, self._facts, status)
        manifest = replace(result, run=run).manifest()
        earlier: tuple[Manifest, ...] = ()
        try:
            earlier = _earlier(self._config)
        except ManifestError as error:
            yield str(error)
        moved = since(manifest, earlier)
        self._moved = [] if moved is None else [*since_lines(moved)]
        for write in self._writes(options, manifest, earlier):
            try:
                write()
            except ManifestError as error:
                yield str(error)

    def _writes(
        self, options: Options, manifest: Manifest, earlier: Sequence[Manifest]
    ) -> Iterator[Callable[[], None]]:
        wanted = self._reports
        if options.manifest is not None:
            wanted = (WantedReport("json", str(options.manifest)), *wanted)
        for each in wanted:
            yield partial(write_manifest_text, Path(each.file), each.text(manifest, earlier))
        if options.results is not None:
            yield partial(write_results, options.results, results(manifest))

    def _in_order(self) -> tuple[PromiseRecord, ...]:
        """Every selected promise as collected, also where the run ended before its item."""
        records = {
            (record.contract, record.check): record
            for facts in self._facts
            for record in facts.promises
        }
        return tuple((records | self._records).values())

    def _unread_lines(self) -> Sequence[str]:
        unread = {node for facts in self._facts for node in facts.deselected_invalid}
        return [
            f"{node} was deselected, and the file is no contract: see it with `pytest {node}`"
            for node in sorted(unread)
        ]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._plans:
            terminalreporter.write_sep("-", "how rows were measured")
            for plan in self._plans:
                terminalreporter.write_line(plan)
        if self._summed or self._lines:
            terminalreporter.write_sep("-", "contracts")
            width = self._config.get_terminal_writer().fullwidth
            verbose = self._config.get_verbosity() > 0
            summed = summary_lines(self._summed, width, verbose=verbose)
            for spans in (*summed, *self._moved, *self._lines):
                for span in spans:
                    terminalreporter.write(span.text, **_MARKUP[span.style])
                terminalreporter.write_line("")


def _will_look(session: pytest.Session) -> bool:
    """Whether an item of ours is going to run."""
    options = session.config.option
    if options.collectonly or options.setuponly:
        return False
    if session.testsfailed and not options.continue_on_collection_errors:
        return False
    return any(isinstance(item, CheckItem) for item in session.items)


def _record(
    item: CheckItem | InvalidItem, call: pytest.CallInfo[None], report: pytest.TestReport
) -> PromiseRecord | None:
    """What the item told, or that a fixture, a mark or another plugin kept it from telling."""
    if report.when == "call" and RECORD in item.stash:
        record = item.stash[RECORD]
        return _hidden(record, report) if record.failed and not report.failed else record
    if call.excinfo is None:
        return None
    why = f"{report.when}: {call.excinfo.typename}: {call.excinfo.value}"
    record = item.untold(why, failed=report.failed)
    return record if report.failed else _hidden(record, report)


def _hidden(record: PromiseRecord, report: pytest.TestReport) -> PromiseRecord:
    """By a mark or a fixture of the project: `xfail` makes skips of failures."""
    match getattr(report, "wasxfail", None), report.longrepr:
        case str(reason), _:
            hidden_by = f"xfail: {reason}" if reason else "xfail"
        case _, (_, _, reason):
            hidden_by = str(reason)
        case _:
            hidden_by = report.outcome
    return replace(record, failed=False, hidden_by=hidden_by)
