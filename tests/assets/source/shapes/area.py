"""Classes: decorated, nested, generic, with slots and with a metaclass."""

from __future__ import annotations

import functools
import math as maths
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

Number = TypeVar("Number", bound=float)


def registered(kind: str, /, *tags: str, **options: object):
    """A decorator that takes arguments."""

    def register(cls: type) -> type:
        """Closes over its maker's arguments."""
        Shape.known[kind] = (cls, tags, options)
        return cls

    return register


class Shape(Generic[Number]):
    known: ClassVar[dict[str, tuple]] = {}

    @property
    def area(self) -> Number:
        raise NotImplementedError

    @staticmethod
    def unit() -> "Shape[float]":
        return Square(1.0)


@registered("square", "flat", "regular", sides=4)
@dataclass(frozen=True, order=True)
class Square(Shape[float]):
    """A square."""

    side: float = field(default=1.0, compare=True)

    class Corner:
        angle: int = 90

    @property
    @functools.lru_cache(maxsize=None)
    def area(self) -> float:
        return maths.pow(self.side, 2)


@registered("circle", "flat", **{"sides": 0})
class Circle(Shape[float]):
    def __init__(self, radius: float | None = None, *, centre: tuple[float, float] = (0.0, 0.0)):
        self.radius, self.centre = radius or 1.0, centre

    @property
    def area(self) -> float:
        return maths.pi * self.radius**2


def describe(*shapes: Shape[float], **names: str) -> dict[str, float]:
    return {names.get(type(each).__name__, "?"): each.area for each in shapes}
