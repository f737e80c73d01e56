"""The exit status of every verb, which scripts and CI jobs rely on."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class ExitCode(IntEnum):
    """These numbers keep their meaning. A run that looked at nothing never ends with `KEPT`."""

    KEPT = 0
    BROKEN = 1
    NOT_RUN = 2
    ILL_FORMED = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells number an end by a signal
    PIPE_CLOSED = 141  # 128 + SIGPIPE


MEANINGS: Mapping[ExitCode, str] = MappingProxyType(
    {
        ExitCode.KEPT: "done: every promise is kept, every file is well formed, nothing breaks",
        ExitCode.BROKEN: "a promise is broken, or a comparison finds what breaks",
        ExitCode.NOT_RUN: "could not run: bad usage, nothing to look at, unreadable input",
        ExitCode.ILL_FORMED: "a contract file is ill-formed",
        ExitCode.INTERRUPTED: "interrupted from the keyboard",
        ExitCode.PIPE_CLOSED: "whoever read the output stopped reading",
    }
)
