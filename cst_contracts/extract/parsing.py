"""The bytes of a file → its Syntax, and what LibCST could not do."""

import ast
import re
from typing import NamedTuple

import libcst as cst
from libcst.metadata import (
    ByteSpanPositionProvider,
    ExpressionContextProvider,
    MetadataWrapper,
    WhitespaceInclusivePositionProvider,
)

from cst_contracts.extract.binding import Contexts
from cst_contracts.extract.deep import usual_recursion_limit
from cst_contracts.extract.failures import NestingError, ParseError, parse_error
from cst_contracts.extract.identity import FileIdentity
from cst_contracts.extract.module_names import ModuleName
from cst_contracts.extract.offsets import Offsets
from cst_contracts.extract.scopes import Scopes
from cst_contracts.extract.syntax import Syntax, by_type
from cst_contracts.extract.tree import Placed, Spans, place

MAX_BRACKETS = 200  # CPython's own limit; LibCST has none

_TOKEN = re.compile(
    rb"#[^\r\n]*"
    rb"|'''(?:\\.|[^\\])*?'''"
    rb'|"""(?:\\.|[^\\])*?"""'
    rb"|'(?:\\.|[^'\\\r\n])*'"
    rb'|"(?:\\.|[^"\\\r\n])*"'
    rb"|[()\[\]{}]",
    re.DOTALL,
)


class Parsed(NamedTuple):
    """No `syntax` where the file does not parse, no `errors` where all went well."""

    syntax: Syntax | None
    errors: tuple[ParseError, ...]


def parse(identity: FileIdentity, name: ModuleName, data: bytes) -> Parsed:
    try:
        module = _module(data)
    except BaseException as error:  # noqa: BLE001  # see there
        _reraise_unless_from_libcst(error)
        return Parsed(None, (parse_error(identity, "parse", error, data),))
    try:
        return _syntax(identity, name, data, module)
    except BaseException as error:  # noqa: BLE001  # see there
        _reraise_unless_from_libcst(error)
        return Parsed(None, (parse_error(identity, "metadata", error),))


def _module(data: bytes) -> cst.Module:
    if nesting(data) > MAX_BRACKETS:
        raise NestingError(f"more than {MAX_BRACKETS} brackets inside each other")
    if _too_deep(data):
        raise NestingError("nested deeper than Python itself accepts")
    return cst.parse_module(data)


def _too_deep(data: bytes) -> bool:
    """Whether Python's own parser gives up over the depth of the source.

    LibCST 1.9 takes memory with the square of the depth: 12 GB for 8,000 lambdas inside each other.
    """
    try:
        with usual_recursion_limit():
            compile(data, "<source>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (MemoryError, RecursionError):
        return True
    except (SyntaxError, ValueError, LookupError):
        return False  # for LibCST to tell: it reads other versions of Python, too
    return False


def _syntax(identity: FileIdentity, name: ModuleName, data: bytes, module: cst.Module) -> Parsed:
    # The parser's tree has no node twice, which is all that the copy would be for.
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    placed = place(module, spans)
    contexts = wrapper.resolve(ExpressionContextProvider)
    scopes, errors = _scopes(identity, placed, contexts)
    syntax = Syntax(
        identity=identity,
        module=module,
        module_name=name,
        placed=placed,
        offsets=_offsets(data, module, spans),
        spans=spans,
        argument_lists=_argument_lists(placed, spans),
        ranges=wrapper.resolve(WhitespaceInclusivePositionProvider),
        contexts=contexts,
        scopes=scopes,
        by_type=by_type(placed),
    )
    return Parsed(syntax, errors)


def _scopes(
    identity: FileIdentity, placed: list[Placed], contexts: Contexts
) -> tuple[Scopes, tuple[ParseError, ...]]:
    try:
        return Scopes.of(placed, contexts), ()
    except SyntaxError as error:
        return Scopes((), {}), (parse_error(identity, "scopes", error),)


def _reraise_unless_from_libcst(error: BaseException) -> None:
    """One file must not end the others' extraction, whatever LibCST does with it; a panic of its
    native parser is no Exception, and its class can only be told by name."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error


def _offsets(data: bytes, module: cst.Module, spans: Spans) -> Offsets:
    text = data.decode(module.encoding)
    # LibCST can only drop form feeds: as long as the text, it is the text, and need not be printed.
    uncounted = 0 if module.has_trailing_newline else len(module.default_newline)
    same = spans[module].length == len(text.encode()) + uncounted
    return Offsets.of(data, module.encoding, text, text if same else module.code)


def _argument_lists(placed: list[Placed], spans: Spans) -> dict[cst.CSTNode, tuple[int, int]]:
    """Per generator that is a call's only argument: where the brackets of the call open and close.

    They are those of the generator, too.
    """
    found: dict[cst.CSTNode, tuple[int, int]] = {}
    for each in placed:
        match each.node:
            case cst.Call(args=[cst.Arg(value=cst.GeneratorExp() as generator)]) as call:
                opening = spans[call.whitespace_before_args].start - 1
                found[generator] = (opening, spans[call].start + spans[call].length)
            case _:
                pass
    return found


def nesting(data: bytes) -> int:
    """How many brackets are open at the same time, strings and comments aside."""
    depth = deepest = 0
    for token in _TOKEN.finditer(data):
        text = token.group()
        if text in {b"(", b"[", b"{"}:
            depth += 1
            deepest = max(deepest, depth)
        elif text in {b")", b"]", b"}"}:
            depth = max(0, depth - 1)
    return deepest
