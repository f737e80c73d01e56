"""Turns the locations of contracts into URLs under the lake root, and URLs into local paths."""

import os
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from cst_contracts.contract.urls import holds_credentials
from cst_contracts.engine.session.secrets import filled
from cst_contracts.engine.session.trouble import IntrospectionError


class Lake(Struct, frozen=True):
    """`root` is a folder or a URI without a trailing slash."""

    root: str

    def locate(self, location: str) -> str:
        """The URL of a contract's location; a folder's ends in a slash."""
        if urlsplit(location).scheme and "://" in location:
            return location
        if "://" in self.root and location in (".", "./"):
            return f"{self.root.rstrip('/')}/"
        if "://" in self.root:
            return f"{self.root.rstrip('/')}/{quote(location)}"
        # What pathlib raises, for a link to itself or a name that is too long, would end the whole run: that
        # nothing can be read there is told of the table, as of any other place.
        path = os.path.realpath(Path(self.root, location))
        url = Path(path).as_uri()
        is_folder = os.path.isdir(path)  # noqa: PTH112 - as said
        return f"{url}/" if is_folder and not url.endswith("/") else url


def locate(location: str, lake: Lake | None, table: str | None = None) -> str:
    """The URL of a contract's location, each `${NAME}` filled in from the environment. Raises
    IntrospectionError where only a lake would tell, where the environment lacks a name, and for a URL with
    credentials in it."""
    location = _filled(location, table)
    if lake is not None:
        _refuse_outside(location, table)
        lake = Lake(_filled(lake.root, table))
        return _clean(lake.locate(location), table)
    if "://" in location:
        return _clean(location, table)
    cause = (
        "its location is relative and no lake root is given (--lake, pytest's --cst-lake, or `cst_lake` in "
        "pytest's configuration)"
    )
    raise IntrospectionError(cause, relation=table, location=location or None)


def _filled(text: str, table: str | None) -> str:
    try:
        return filled(text, os.environ)
    except KeyError as error:
        reason = (
            f"its location names ${{{error.args[0]}}}, and the environment has none of that name"
        )
        raise IntrospectionError(reason, relation=table, location=text) from None


def _clean(url: str, table: str | None) -> str:
    """Raises IntrospectionError for a user, a password or a query: whoever reads a contract or a command line
    would read them, too."""
    if holds_credentials(url):
        reason = (
            "its URL holds a user, a password or a query; credentials and endpoints come from the "
            "environment (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, …) or a profile"
        )
        raise IntrospectionError(reason, relation=table, location=url)
    return url


def _refuse_outside(location: str, table: str | None) -> None:
    """A contract that means a place outside of the lake says so by a URI. What a link in the lake leads to is
    the word of whoever keeps the lake."""
    if "://" in location:
        return
    parts = PurePosixPath(os.path.normpath(location)).parts
    if parts[:1] == ("..",) or Path(location).is_absolute():
        reason = f"its location {location} is outside of the lake; write a URI (file:///…) if it is meant"
        raise IntrospectionError(reason, relation=table, location=location)


def is_local(url: str) -> bool:
    return url.startswith("file://")


def local_path(url: str) -> Path:
    """Of a `file://` URL."""
    return Path(local_name(url))


def local_name(url: str) -> str:
    """As above, as a text."""
    return unquote(urlsplit(url).path)


def file_name(url: str) -> str:
    return unquote(url.rstrip("/").rsplit("/", 1)[-1])


def relative_name(location: str, url: str) -> str:
    """A data file as people know it: its path below the table's location."""
    root, name = f"{unquote(location).rstrip('/')}/", unquote(url)
    return name.removeprefix(root) if name.startswith(root) else file_name(url)


def same_place(one: str, other: str) -> bool:
    """Of two URLs, links resolved where they can be."""
    if is_local(one) and is_local(other):
        return local_path(one).resolve() == local_path(other).resolve()
    return unquote(one).rstrip("/") == unquote(other).rstrip("/")


def is_below(url: str, folder: str) -> bool:
    """Links resolved where they can be; a folder is below itself."""
    if is_local(url) and is_local(folder):
        return local_path(url).resolve().is_relative_to(local_path(folder).resolve())
    return f"{unquote(url).rstrip('/')}/".startswith(f"{unquote(folder).rstrip('/')}/")
