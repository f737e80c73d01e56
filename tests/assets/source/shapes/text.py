# Names and text beyond ASCII: bytes, code points and columns count differently here.
"""Größen und Wörter – 面積, площадь, 📐"""

from ..nowhere import missing
from .area import describe as beschreibe

größe: int = 3
面積 = größe * größe
GRUSS = "Grüße, 世界! 🎉 e\u0301 é"


def länge(wort: str = "Straße") -> int:
    """Zählt Zeichen, nicht Bytes."""
    return len(wort) + len(f"{größe!r:>{面積}} – {wort.upper()}")
