"""Asynchronous code, and types in the new syntax."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

type Handler[T] = Callable[[T], Awaitable[None]]


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[str]:
    """Opens and closes."""
    yield name


async def each[T: (int, str)](source: AsyncIterator[T], handle: Handler[T]) -> list[T]:
    found = [item async for item in source if await handle(item) is None]
    async with opened("log") as log, asyncio.timeout(1):
        async for item in source:
            await asyncio.gather(*(handle(one) for one in found), return_exceptions=True)
            log.upper().strip().split(",")[0].join([])
    return found


class Stream[T]:
    async def __aenter__(self) -> "Stream[T]":
        return self
