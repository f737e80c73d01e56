"""What a task reads: files as a whole, and pieces of large ones."""

from collections.abc import Callable, Iterator, Sequence
from platform import node
from typing import TypeVar
from zlib import compress, decompress

import msgspec
from datafusion import SessionContext
from msgspec import Struct
from pyarrow.fs import FileType

from cst_contracts.distributed.outcomes import Failed, Unseen, sent_outcome
from cst_contracts.engine.access.one_file import WHOLE, Share, session_of_shares
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.places import info_of

T = TypeVar("T")


class Piece(Struct, frozen=True):
    """`size` is that of the whole file, in bytes; `outside` are the values of those fields that do not
    stand in it, as text."""

    url: str
    size: int
    share: Share = WHOLE
    outside: tuple[tuple[str, str | None], ...] = ()

    @property
    def bytes(self) -> int:
        return self.size // self.share.of


class Load(Struct, frozen=True):
    """What one task has to read, of one side where the keys of two tables meet."""

    pieces: tuple[Piece, ...] = ()
    side: int = 0

    def sent(self) -> bytes:
        """Packed: of a million files, the URLs alone would be more than Spark takes in one message."""
        return compress(msgspec.msgpack.encode(self))


_LOADS = msgspec.msgpack.Decoder(Load)


def load_of(sent: bytes) -> Load:
    return _LOADS.decode(decompress(sent))


def opened(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, SessionContext]]:
    """Each with a session in which it can be read alone. Raises IntrospectionError."""
    urls = [piece.url for piece in pieces]
    sessions: dict[int, SessionContext] = {}
    for piece in pieces:
        of = piece.share.of
        if of not in sessions:
            sessions[of] = session_of_shares(of, urls)
        yield piece, sessions[of]


def answered(pieces: Sequence[Piece], found: Callable[[], Iterator[T]]) -> Iterator[T | bytes]:
    """What is found of these pieces, or the outcome that says what stands in the way."""
    try:
        for lacking in _unseen(pieces):
            yield sent_outcome(lacking)
            return
        yield from found()
    except IntrospectionError as error:
        yield sent_outcome(Failed(error.reason, error.trouble))


def _unseen(pieces: Sequence[Piece]) -> Iterator[Unseen]:
    """Those files that are not to be found where this runs, or are other ones. Raises IntrospectionError."""
    for piece in pieces:
        with looking_at(None, piece.url):
            info = info_of(piece.url)
        if info.type is not FileType.File:
            yield Unseen(node(), piece.url, "no such file")
        elif info.size != piece.size:
            observed = f"a file of {info.size} bytes, not {piece.size}"
            yield Unseen(node(), piece.url, observed)
