"""Takes out of texts what no URL of a contract should have: users, passwords and queries."""

import re
from urllib.parse import urlsplit

from cst_contracts.contract.nodes import Scalar
from cst_contracts.errors import Problem

_USER = re.compile(r"\b([A-Za-z][\w+.-]*://)[^/\s@'\"]*@")
_QUERY = re.compile(r"\b([A-Za-z][\w+.-]*://[^\s?#'\"]*)\?[^\s'\")]*")


def without_credentials(text: str) -> str:
    """The text, its URLs without user, password and query: keys of object stores stand in both."""
    return _QUERY.sub(r"\1", _USER.sub(r"\1", text)) if "://" in text else text


def holds_credentials(url: str) -> bool:
    """Of a file on this machine, a question mark is part of its name."""
    found = urlsplit(url)
    return "@" in found.netloc or bool(found.query and found.scheme not in ("", "file"))


def is_stored(url: str) -> bool:
    """Whether the URL is one of a store, and no path on this machine."""
    return not url.startswith("file:")


def refuse_credentials(location: Scalar | None, problems: list[Problem]) -> None:
    """Whoever reads a contract would read them. The problem does not repeat them."""
    if location is not None and "://" in location.text and holds_credentials(location.text):
        what = "`location` with a user, a password or a query in its URL"
        instead = (
            "leave them out: credentials and endpoints come from the environment, or from a profile"
        )
        problems.append(Problem(location.place, what, instead))
