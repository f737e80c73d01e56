"""Imports the client of Spark Connect, which must not end the process.

pyspark-client 4.2 takes a process whose main module has no file, such as `python -c` or a worker of
pytest-xdist, for doctests of its own, and exits where no Spark is installed. Therefore the main module has a
file while the client is imported.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _main_with_a_file() -> Iterator[None]:
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = "<no file>"
    try:
        yield
    finally:
        del main.__file__


with _main_with_a_file():
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client.retries import DefaultPolicy, RetryPolicyState
    from pyspark.sql.connect.session import SparkSession

__all__ = ["Patience", "PySparkException", "SparkSession"]


class Patience(DefaultPolicy):  # type: ignore[misc]  # the client has no types
    """A policy that ends in the error itself. pyspark-client 4.2 warns where retries are used up, in threads
    that nobody waits for, at the end of a process, too."""

    def to_state(self) -> "RetryPolicyState":
        return _Left(self)


class _Left(RetryPolicyState):  # type: ignore[misc]  # the same
    def next_attempt(self, exception: BaseException | None = None) -> int | None:
        wait: int | None = super().next_attempt(exception)
        if wait is None and exception is not None:
            raise exception
        return wait
