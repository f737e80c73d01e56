"""Processes that hear the signals that end them, whatever the tests themselves were told to ignore."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = (signal.SIGINT, signal.SIGHUP)


@contextmanager
def endings_heard() -> Iterator[None]:
    """For what is started in here. `nohup`, and a shell without job control that starts something in the
    background, have these signals ignored, which is inherited."""
    ignored = [each for each in _ENDING if signal.getsignal(each) is signal.SIG_IGN]
    for each in ignored:
        signal.signal(each, signal.SIG_DFL)
    try:
        yield
    finally:
        for each in ignored:
            signal.signal(each, signal.SIG_IGN)
