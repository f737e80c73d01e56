"""Annotations of a GitHub workflow: one line each, which its log shows at the place in the diff."""

from enum import StrEnum

from cst_contracts.location import Location


class Level(StrEnum):
    """How GitHub shows an annotation."""

    ERROR = "error"
    WARNING = "warning"


def annotation(level: Level, place: Location, title: str, message: str) -> str:
    """One workflow command. GitHub ends properties at `,` and `:` and the command at a line's end,
    therefore these are escaped as its own toolkit escapes them."""
    properties = {"file": place.file, "line": place.line, "col": place.column, "title": title}
    spelled = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{level} {spelled}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
