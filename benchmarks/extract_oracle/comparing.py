"""One file compared by all oracles."""

from collections.abc import Iterator

from benchmarks.extract_oracle import by_ast, by_symtable, by_tokenize
from benchmarks.extract_oracle.source import Difference, Source


def compared(path: str, data: bytes, seed: int = 0) -> Iterator[Difference]:
    """Nothing for a file that this Python does not compile, or that is not in UTF-8."""
    if not _compiles(data):
        return
    source = Source.of(path, data)
    yield from lost(source)
    if source.rows("nodes"):
        yield from by_ast.differences(source)
        yield from by_symtable.differences(source)
        yield from by_tokenize.differences(source)
        yield from by_tokenize.misplaced(source, seed)


def lost(source: Source) -> Iterator[Difference]:
    """Whatever went wrong with a file that Python compiles."""
    for error in source.rows("parse_errors"):
        what = f"{error['error_type']}: {error['message'][:80]}"
        yield Difference("files lost", source.path, error["raw_line"] or 0, what)


def _compiles(data: bytes) -> bool:
    try:
        data.decode()
        compile(data, "<source>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return not data.startswith(b"\xef\xbb\xbf")
