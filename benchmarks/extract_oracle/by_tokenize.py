"""Names and comments compared with `tokenize`, and places of syntax errors with the compiler's."""

import io
import keyword
import random
import tokenize
from collections.abc import Iterator

from benchmarks.extract_oracle.source import Difference, Source, Span, only_on_one_side
from cst_contracts.extract.file import extract_bytes

_WORDS = frozenset({*keyword.kwlist, *keyword.softkwlist})


def differences(source: Source) -> Iterator[Difference]:
    tokens = [(_span(source, token), token) for token in _tokens(source.data)]
    lines = {span: token.start[0] for span, token in tokens}
    strings = [span for span, token in tokens if token.type == tokenize.STRING]
    told = {
        (row["bstart"], row["bend"]): source.line(row["bstart"])
        for row in source.rows("refs")
        if not _inside(
            strings, row["bstart"]
        )  # in an f-string, which was one token up to Python 3.11
    }
    names = {
        span: lines[span]
        for span, token in tokens
        if token.type == tokenize.NAME and (token.string not in _WORDS or span in told)
    }
    yield from only_on_one_side("name tokens", source, names, told)
    comments = {span: lines[span] for span, token in tokens if token.type == tokenize.COMMENT}
    yield from only_on_one_side("comments", source, comments, _comments(source))


def misplaced(source: Source, seed: int, tries: int = 3) -> Iterator[Difference]:
    """Leaves a token out, and compares the places where Python and LibCST say `invalid syntax`.

    Python's other messages are about places of its own choice, and it counts bytes in some lines that are
    not ASCII.
    """
    tokens = [
        token for token in _tokens(source.data) if token.string.strip() and token.line.isascii()
    ]
    for token in random.Random(seed).sample(tokens, min(tries, len(tokens))):  # noqa: S311
        start, end = _span(source, token)
        data = source.data[:start] + source.data[end:]
        python = _refused(data)
        if python is None:
            continue
        errors = extract_bytes("oracle", source.path, data).column("parse_errors")[0].as_py()
        told = {(each["raw_line"], each["raw_column"]) for each in errors}
        if told != {python} and told != {(None, None)}:
            what = f"without {token.string!r} of {token.start}: Python {python}, rows {told}"
            yield Difference("places of errors", source.path, token.start[0], what)


def _refused(data: bytes) -> tuple[int, int] | None:
    try:
        compile(data, "<source>", "exec", dont_inherit=True)
    except SyntaxError as error:
        if error.msg == "invalid syntax" and error.lineno and error.offset:
            return error.lineno, error.offset - 1
    return None


def _tokens(data: bytes) -> Iterator[tokenize.TokenInfo]:
    return (
        token
        for token in tokenize.tokenize(io.BytesIO(data).readline)
        if token.type != tokenize.ENCODING
    )


def _span(source: Source, token: tokenize.TokenInfo) -> Span:
    before = len(token.line[: token.start[1]].encode())
    start = source.offset(token.start[0], before) if token.type != tokenize.STRING else 0
    if token.type == tokenize.STRING:
        first = token.line.split("\n", 1)[0]
        start = source.offset(token.start[0], len(first[: token.start[1]].encode()))
    return start, start + len(token.string.encode())


def _inside(strings: list[Span], offset: int) -> bool:
    return any(start <= offset < end for start, end in strings)


def _comments(source: Source) -> dict[Span, int]:
    spans = [row["span"] for row in source.rows("nodes") if row["kind"] == "Comment"]
    return {
        (
            at["byte_span"]["byte_start"],
            at["byte_span"]["byte_start"] + at["byte_span"]["byte_len"],
        ): (at["start"]["line0"] + 1)
        for at in spans
    }
