"""The object store of a URL, for everybody who reads from it: DataFusion, pyarrow and deltalake.

All three are told the same place, the same credentials and how long to wait, and are told it here only.
Credentials come from the environment, and are looked up when a store is first needed.
"""

import os
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from typing import Protocol
from urllib.parse import unquote, urlsplit

from datafusion import SessionContext
from pyarrow.fs import FileSystem

from cst_contracts.contract.urls import is_stored
from cst_contracts.engine.session.clouds import azure_store, google_store
from cst_contracts.engine.session.s3 import s3_store
from cst_contracts.engine.session.trouble import IntrospectionError

#: The variables that say how a store is reached.
_VARIABLES = ("AWS_", "GOOGLE_", "AZURE_", "HOME")
_KNOWN = "file, s3, s3a, gs and az"


class Store(Hashable, Protocol):
    """How one bucket is reached. Equal stores are reached alike."""

    def for_engine(self) -> object:
        """What a session of DataFusion registers."""

    def for_files(self) -> FileSystem: ...

    def for_delta(self) -> dict[str, str]:
        """The options that deltalake takes."""

    def path(self, name: str) -> str:
        """Of an object, as the file system of `for_files` knows it."""


def bucket_of(url: str) -> str:
    """The URL's beginning, which says whose it is: `s3://bucket`."""
    found = urlsplit(url)
    return f"{found.scheme}://{found.netloc}"


def store_of(url: str) -> Store:
    """Raises IntrospectionError where the environment does not say how to reach it, or nobody could."""
    variables = tuple(item for item in os.environ.items() if item[0].startswith(_VARIABLES))
    return _store(bucket_of(url), variables)


def files_of(url: str) -> tuple[FileSystem, str]:
    """The file system of a URL of a store, and the path in it. Raises IntrospectionError."""
    store = store_of(url)
    return _file_system(store), store.path(unquote(urlsplit(url).path).strip("/")).rstrip("/")


def register_stores(context: SessionContext, urls: Iterable[str]) -> None:
    """Lets a session read below these URLs. One whose store cannot be had is left out: whoever opens a table
    there is told why."""
    for bucket in dict.fromkeys(bucket_of(url) for url in urls if is_stored(url)):
        try:
            store = store_of(bucket)
        except IntrospectionError:
            continue
        found = urlsplit(bucket)
        context.register_object_store(f"{found.scheme}://", _engine_store(store), found.netloc)


@cache
def _store(bucket: str, variables: tuple[tuple[str, str], ...]) -> Store:
    found, environment = urlsplit(bucket), dict(variables)
    if not found.netloc or "@" in found.netloc:
        raise IntrospectionError(f"{bucket} names no bucket")
    return _made(found.scheme, found.netloc, environment)


def _made(scheme: str, bucket: str, environment: Mapping[str, str]) -> Store:
    match scheme:
        case "s3" | "s3a":
            return s3_store(bucket, environment)
        case "gs":
            return google_store(bucket, environment)
        case "az":
            return azure_store(bucket, environment)
        case _:
            raise IntrospectionError(
                f"{scheme}:// is no place that can be read; known are {_KNOWN}"
            )


@cache
def _file_system(store: Store) -> FileSystem:
    """One connection pool for all that is read of a bucket."""
    return store.for_files()


@cache
def _engine_store(store: Store) -> object:
    """Each one reads the system's certificates, which takes 0.2 s."""
    return store.for_engine()
