"""The one event loop in which queries of the engine are waited for."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import cache
from threading import Thread
from typing import Any, TypeVar

A = TypeVar("A")


def started(work: Coroutine[Any, Any, A]) -> "Future[A]":
    return asyncio.run_coroutine_threadsafe(work, _loop())


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Only waits: what there is to compute, the engine computes in threads of its own."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, daemon=True, name="cst-contracts waiting").start()
    return loop
