"""Finds functions in SQL text that give another value each time they are called."""

import re

from cst_contracts.facts import CouldNotLook, SessionFacts
from cst_contracts.needs import Answers, SessionNeed

#: Text, quoted names and comments.
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_CALL = re.compile(r"\b(\w+)\s*\(")
#: SQL calls them without parentheses, too.
_CLOCKS = ("current_date", "current_time", "current_timestamp", "now", "random", "uuid")
_CLOCK = re.compile(r"\b(current_date|current_time|current_timestamp)\b")


def volatile_call(sql: str, answers: Answers) -> str | None:
    """A function that the expression calls and that does not give the same for the same arguments."""
    volatile = set(_CLOCKS)
    match answers[SessionNeed()]:
        case SessionFacts(functions=functions):
            volatile.update(each.name for each in functions if not each.deterministic)
        case CouldNotLook():
            pass  # the engine's own are known all the same
    code = _QUOTED.sub("", sql).casefold()
    called = (*_CALL.findall(code), *_CLOCK.findall(code))
    return next((f"{name}()" for name in called if name in volatile), None)
