"""Measures how many changes of a room's code its tests notice: what `.ci/mutate` runs, in a copy.

mutmut makes the changes, knows which tests call which function, and runs the tests of each change in a fork
of a process that has loaded everything and run nothing. (One that has used DataFusion has threads that its
forks lack, so that their queries never end.) What is added here:

- a sample in random order, and a bound on the time;
- the order of the tests, and a bound on their time;
- changes of what runs while modules are loaded, and is called by few tests, in a new interpreter;
- the same tests in the same kind of fork without a change, which have to succeed;
- no change counts as noticed because its tests could not be started: mutmut takes that for a timeout.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from math import inf, sqrt
from pathlib import Path
from random import Random

import pytest
from mutation_rooms import PYTEST, room_of, tests_for
from mutmut.__main__ import collect_source_file_mutation_data, create_mutants
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.utils.file_utils import (
    change_cwd,
    copy_also_copy_files,
    copy_src_dir,
    setup_source_paths,
)
from mutmut.utils.format_utils import get_module_from_key, mangled_name_from_mutant_name
from mutmut.workers.isolation import ForkServerRunner, run_in_fork_with_result

#: Of tests that are tried on one change: what these do not notice counts as not noticed.
_SECONDS_OF_TESTS = 30.0
#: What so many tests do not notice, none of the others is asked once more in a new interpreter.
_FEW = 20
_SECONDS_AFRESH = 900
_TOLD_EACH = 25


class Outcome(StrEnum):
    KILLED = "a test failed"
    HUNG = "the tests did not end, and did not when tried again"
    CRASHED = "the process died, or pytest could not be started"
    SURVIVED = "no test noticed"
    UNREACHED = "no test calls it"


_NOTICED = frozenset({Outcome.KILLED, Outcome.HUNG})


class InOrder(PytestRunner):  # type: ignore[misc]
    """Runs tests in the order in which they are given, and all of them.

    pytest 9 finds no test by an id that has `::` within its parameters, therefore the tests of the functions
    are collected and those that are wanted chosen among them.
    """

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:  # noqa: ARG002
        places = {_plain(test): place for place, test in enumerate(tests)}

        class Chosen:
            def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
                kept = [item for item in items if _plain(item.nodeid) in places]
                if len(kept) != len(places):
                    raise pytest.UsageError(f"{len(kept)} tests of {len(places)} are found")
                items[:] = sorted(kept, key=lambda item: places[_plain(item.nodeid)])

        with change_cwd("mutants"):
            return int(self.execute_pytest(["-x", "-q", *_functions(places)], plugins=[Chosen()]))


def _plain(test: str) -> str:
    """pytest 9 escapes the parameters within an id once more each time that a module is collected."""
    return re.sub(r"\\+", r"\\", test)


def _functions(tests: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(test.partition("[")[0] for test in tests)


@dataclass(frozen=True)
class Tests:
    """The tests that are tried on one change, and the seconds that they took without it."""

    ids: Sequence[str]
    seconds: float


@dataclass(frozen=True)
class Trial:
    """`early` are the functions that run while the package and its tests are loaded, when no change can be
    switched on in a fork."""

    room: str
    runner: ForkServerRunner
    early: frozenset[str]

    def outcome(self, name: str) -> Outcome:
        tests = self._tests(name)
        outcome = Outcome.UNREACHED
        for some in _first_few_and_others(tests):
            outcome = self._forked(name, some)
            if outcome is not Outcome.SURVIVED:
                break
        if outcome in _NOTICED or len(tests.ids) >= _FEW:
            return outcome
        early = mangled_name_from_mutant_name(name) in self.early
        return self._afresh(name) if early else outcome

    def require_success_without_a_change(self, names: Iterable[str]) -> None:
        """What fails or hangs in a fork by itself would count as noticed with every change."""
        ids = dict.fromkeys(test for name in names for test in self._tests(name).ids)
        outcome = self._forked("cst_contracts.x_none__mutmut_1", Tests(list(ids), _seconds_of(ids)))
        if outcome is not Outcome.SURVIVED:
            sys.exit(f"in a fork, without a change: {outcome}")

    def _tests(self, name: str) -> Tests:
        """Those that mirror the module come first, then those of its room, and of these the quick ones."""
        module = get_module_from_key(name).rpartition(".")[2]

        def rank(test: str) -> tuple[int, float]:
            mirrors = Path(test.partition("::")[0]).stem.startswith(f"test_{module}")
            near = 0 if mirrors else 1 if test.startswith(f"tests/{self.room}/") else 2
            return near, state().duration_by_test[test]

        calling = state().tests_by_mangled_function_name[mangled_name_from_mutant_name(name)]
        chosen: list[str] = []
        left = _SECONDS_OF_TESTS
        for test in sorted(calling, key=rank):
            lasts = state().duration_by_test[test]
            if not chosen or lasts <= left:
                chosen.append(test)
                left -= lasts
        return Tests(chosen, _seconds_of(chosen))

    def _forked(self, name: str, tests: Tests, patience: int = 1) -> Outcome:
        seconds_of_cpu = patience * int(2 * (20 + 4 * tests.seconds))  # by the clock, half of it
        self.runner.submit(name, list(tests.ids), seconds_of_cpu, tests.seconds)
        outcome = _outcome_of(self.runner.wait_for_result().exit_code)
        if outcome is Outcome.HUNG and patience == 1:
            return self._forked(name, tests, patience=2)
        return outcome

    def _afresh(self, name: str) -> Outcome:
        """In a new interpreter, which loads the package with the change. Which tests lean on what was loaded
        is not known, therefore all of the room's own are tried."""
        here = str(Path("mutants").absolute())
        chosen = tests_for(self.room)[:1]
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "pytest", "--rootdir=.", "-x", "-q", *PYTEST, *chosen],
                cwd=here,
                env=os.environ | {"MUTANT_UNDER_TEST": name, "PYTHONPATH": here},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS_AFRESH,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome.HUNG
        return _outcome_of(ended.returncode)


def _first_few_and_others(tests: Tests) -> Iterator[Tests]:
    """Most changes are noticed by one of the first few; to collect all takes longer than to run these."""
    for ids in (tests.ids[:_FEW], tests.ids[_FEW:]):
        if ids:
            yield Tests(ids, _seconds_of(ids))


def _seconds_of(tests: Iterable[str]) -> float:
    lasted: dict[str, float] = state().duration_by_test
    return sum(lasted[test] for test in tests)


def _outcome_of(code: int) -> Outcome:
    match code:
        case 0:
            return Outcome.SURVIVED
        case 1 | 2 | 3:  # a failure, an error while collecting, an error within pytest
            return Outcome.KILLED
        case -24:  # SIGXCPU, which mutmut sends when the time is up
            return Outcome.HUNG
        case _:
            return Outcome.CRASHED


def measure(what: str, sample: int, seed: int, seconds: float) -> list[Outcome]:
    _generate()
    early = _called_while_loading()
    runner = ForkServerRunner(max_workers=1, test_runner_class=InOrder, test_runner_args={})
    _find_out_which_test_calls_what(runner)
    known, _ = collect_source_file_mutation_data(mutant_names=())
    paths = {name: data.path for data, name, _ in known}
    order = sorted(paths)
    Random(seed).shuffle(order)  # noqa: S311  # a sample that anyone can draw again
    runner.startup()
    trial = Trial(room_of(what), runner, early)
    trial.require_success_without_a_change(order[:40])
    outcomes = []
    for name in _until(time.monotonic() + seconds, order[: sample or None]):
        outcomes.append(outcome := trial.outcome(name))
        if len(outcomes) % _TOLD_EACH == 0:
            print(f"{len(outcomes)} changes tried", file=sys.stderr, flush=True)
        if outcome not in _NOTICED:
            print(
                f"\n# {name}: {outcome}\n{get_diff_for_mutant(name, path=paths[name])}", flush=True
            )
    runner.signal_work_complete()
    runner.shutdown()
    print(f"\n== {what}: {len(outcomes)} of {len(order)} changes, seed {seed}")
    return outcomes


def _generate() -> None:
    Path("mutants").mkdir(exist_ok=True)
    set_mutant_under_test("mutant_generation")
    with redirect_stdout(StringIO()):
        copy_src_dir()
        copy_also_copy_files()
        setup_source_paths()
        create_mutants(1)


def _called_while_loading() -> frozenset[str]:
    def collect() -> frozenset[str]:
        set_mutant_under_test("stats")
        os.environ["MUTMUT_DEPENDENCY_DEPTH"] = "-1"
        PytestRunner().list_all_tests()
        return frozenset(state()._stats)

    with redirect_stdout(StringIO()):
        found: frozenset[str] = run_in_fork_with_result(collect)
    return found


def _find_out_which_test_calls_what(runner: ForkServerRunner) -> None:
    set_mutant_under_test("stats")
    with redirect_stdout(StringIO()) as output:
        ended = runner.collect_stats(None)
    if ended != 0:
        sys.exit(f"without a change, pytest ends with {ended}:\n{output.getvalue()}")


def _until(end: float, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if time.monotonic() > end:
            return
        yield name


def _estimate(noticed: int, tried: int) -> tuple[float, float, float]:
    """The share of what was tried, between the ends of Wilson's interval for the share of all."""
    z, share = 1.96, noticed / tried
    middle = share + z * z / (2 * tried)
    reach = z * sqrt(share * (1 - share) / tried + (z / (2 * tried)) ** 2)
    whole = 1 + z * z / tried
    return (middle - reach) / whole, share, (middle + reach) / whole


def main() -> None:
    parser = argparse.ArgumentParser(prog=".ci/mutate")
    parser.add_argument("what", help="a room or a module, such as engine/rows or checks/fields.py")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="so many, at random")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which ones")
    parser.add_argument("--seconds", type=float, default=inf, help="try no further one after these")
    percent = "end with 1 where the score of all is surely lower"
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT", help=percent)
    given = parser.parse_args()
    outcomes = measure(given.what, given.sample, given.seed, given.seconds)
    if not outcomes:
        sys.exit(2)
    for outcome, count in Counter(outcomes).most_common():
        print(f"{count:6} {outcome}")
    low, share, high = _estimate(sum(each in _NOTICED for each in outcomes), len(outcomes))
    print(f"noticed: {share:.1%}; of all, with 95 % confidence, between {low:.1%} and {high:.1%}")
    if 100 * high < given.at_least:
        sys.exit(1)


if __name__ == "__main__":
    main()
