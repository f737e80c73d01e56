"""Remembers the result of each look, and the error that stood in its way, so that nobody looks twice."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from cst_contracts.engine.session.trouble import IntrospectionError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Once(Generic[K, T]):
    """Results by key."""

    def __init__(self) -> None:
        self._results: dict[K, T | IntrospectionError] = {}

    def get(self, key: K, look: Callable[[K], T]) -> T:
        """The first result of `look` for the key. Raises IntrospectionError, the same each time."""
        if key not in self._results:
            try:
                self._results[key] = look(key)
            except IntrospectionError as error:
                self._results[key] = error
        result = self._results[key]
        if isinstance(result, IntrospectionError):
            raise result
        return result

    def known(self, key: K) -> T | None:
        """The result, if there is one. Raises IntrospectionError, the same each time."""
        result = self._results.get(key)
        if isinstance(result, IntrospectionError):
            raise result
        return result

    def keep(self, key: K, result: T) -> T:
        self._results[key] = result
        return result

    @contextmanager
    def looking(self, key: K) -> Iterator[None]:
        """An IntrospectionError that leaves the block is the result for the key."""
        try:
            yield
        except IntrospectionError as error:
            self._results[key] = error
            raise

    def results(self) -> dict[K, T]:
        """Those that are no errors."""
        found = self._results.items()
        return {key: each for key, each in found if not isinstance(each, IntrospectionError)}
