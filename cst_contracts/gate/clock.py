"""When a run began: by the clock, and by one that nobody sets."""

import time
from datetime import UTC, datetime

from msgspec import Struct


class Begun(Struct, frozen=True):
    """`ticks` are of a clock that never goes back."""

    started: datetime
    ticks: float

    def seconds(self) -> float:
        """Since then."""
        return round(time.monotonic() - self.ticks, 3)


def begin() -> Begun:
    return Begun(datetime.now(UTC), time.monotonic())
