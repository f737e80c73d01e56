"""The bytes of a file → its Syntax, and what LibCST could not do."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

import libcst as cst
from libcst.helpers.module import calculate_module_and_package
from libcst.metadata import (
    ByteSpanPositionProvider,
    ExpressionContextProvider,
    MetadataWrapper,
    ScopeProvider,
    WhitespaceInclusivePositionProvider,
)

from cst_contracts.extract.failures import NestingError, ParseError, parse_error
from cst_contracts.extract.identity import FileIdentity
from cst_contracts.extract.offsets import Offsets
from cst_contracts.extract.scopes import Scopes
from cst_contracts.extract.syntax import ModuleName, Syntax, by_type
from cst_contracts.extract.tree import Spans, place

MAX_BRACKETS = 200  # CPython's own limit; LibCST has none, and its stack ends at some thousands

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


def parse(identity: FileIdentity, data: bytes) -> Parsed:
    try:
        module = _module(data)
    except BaseException as error:  # noqa: BLE001  # see there
        _reraise_unless_from_libcst(error)
        return Parsed(None, (parse_error(identity, "parse", error),))
    try:
        return _syntax(identity, data, module)
    except BaseException as error:  # noqa: BLE001  # see there
        _reraise_unless_from_libcst(error)
        return Parsed(None, (parse_error(identity, "metadata", error),))


def _module(data: bytes) -> cst.Module:
    if nesting(data) > MAX_BRACKETS:
        raise NestingError(f"more than {MAX_BRACKETS} brackets inside each other")
    return cst.parse_module(data)


def _syntax(identity: FileIdentity, data: bytes, module: cst.Module) -> Parsed:
    # The parser's tree has no node twice, which is all that the copy would be for.
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    placed = place(module, spans)
    scopes, errors = _scopes(identity, wrapper)
    syntax = Syntax(
        identity=identity,
        module=module,
        module_name=_module_name(identity.path),
        placed=placed,
        offsets=_offsets(data, module, spans),
        spans=spans,
        ranges=wrapper.resolve(WhitespaceInclusivePositionProvider),
        contexts=wrapper.resolve(ExpressionContextProvider),
        scopes=scopes,
        by_type=by_type(placed),
    )
    return Parsed(syntax, errors)


def _scopes(
    identity: FileIdentity, wrapper: MetadataWrapper
) -> tuple[Scopes, tuple[ParseError, ...]]:
    try:
        return Scopes.of(wrapper.resolve(ScopeProvider)), ()
    except BaseException as error:  # noqa: BLE001  # see there
        _reraise_unless_from_libcst(error)
        return Scopes({}, {}, {}), (parse_error(identity, "scopes", error),)


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


def _module_name(path: str) -> ModuleName:
    found = calculate_module_and_package(".", str(PurePosixPath(path)))
    return ModuleName(found.name, found.package)


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
