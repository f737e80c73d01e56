"""Signals that ask a process to end → an exception, so that whatever it holds is given back."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_FATAL = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # Windows has no SIGHUP
_SHELL_OFFSET = 128


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Turns SIGTERM and SIGHUP into SystemExit, with the status that a shell tells of such an end.

    By default they end Python at once, and no `finally` removes what was half written. Handlers of the
    caller's own stay, and so does everything outside of the main thread, where none can be set.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        ours = [each for each in _FATAL if signal.getsignal(each) is signal.SIG_DFL]
        before = {each: signal.signal(each, _exit) for each in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_SHELL_OFFSET + number)
