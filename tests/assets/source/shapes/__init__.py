"""A package whose modules read each other in every way that an import can be written."""

from .area import *
from .area import Square as Box, describe
from . import area, text as words

__all__ = ["Box", "area", "describe", "words"]
