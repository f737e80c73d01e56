"""Work that recurses as deep as source is nested, on a stack of its own.

LibCST's parser, visitors and printer recurse, several frames a level of nesting. On the caller's stack,
how deep a file may nest would depend on how deep the caller stands, and Python's default limit of 1,000
frames ends long before what Python compiles.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")

_RECURSION_LIMIT = 200_000  # frames; a level of nesting takes LibCST some ten
_PYTHONS_OWN_LIMIT = 1_000
_STACK_BYTES = 64 << 20  # of address space; LibCST's parser needs some 10 KiB a level of nesting

# Both settings belong to the whole process, so that two threads must not change them in turns.
_one_at_a_time = threading.Lock()


def on_deep_stack(work: Callable[[], Result]) -> Result:
    """Runs `work` in a thread with a large stack and a high recursion limit; raises what it raises.

    Everything that recurses further than the stack reaches ends this process, and no handler sees it.
    """
    outcome: Future[Result] = Future()
    with _one_at_a_time:
        stack, limit = threading.stack_size(_STACK_BYTES), sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
        try:
            thread = threading.Thread(target=_settle, args=(outcome, work), daemon=True)
            thread.start()
            threading.stack_size(stack)
            return outcome.result()
        finally:
            threading.stack_size(stack)
            sys.setrecursionlimit(limit)


@contextmanager
def usual_recursion_limit() -> Iterator[None]:
    """Inside of deep work: Python's own limit, which its compiler goes by."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_PYTHONS_OWN_LIMIT)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _settle(outcome: "Future[Result]", work: Callable[[], Result]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001  # the caller's thread raises it
        outcome.set_exception(error)
