"""Looks at the world, each taken once: the result is kept, and so is the error that stood in its way."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from cst_contracts.errors import IntrospectionError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def remembered(
    memory: dict[K, T | IntrospectionError], key: K, look: Callable[[], T | IntrospectionError]
) -> T | IntrospectionError:
    if key not in memory:
        try:
            memory[key] = look()
        except IntrospectionError as error:
            memory[key] = error
    return memory[key]
