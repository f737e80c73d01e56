"""Placed nodes → the block that each of them stands in, and the names that the blocks bind.

The nodes are taken in the order of the source, so that the depth of the source does not matter.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto

import libcst as cst
from libcst.metadata import ExpressionContext
from msgspec import Struct

from cst_contracts.extract.blocks import Block, BlockKind, Bound, Origin
from cst_contracts.extract.tree import Placed, dotted, leftmost

Contexts = Mapping[cst.CSTNode, ExpressionContext | None]

CONSTANTS = frozenset({"None", "True", "False"})  # names to LibCST, and attributes of `builtins`

_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_TYPE_PARAMETERS = (cst.TypeVar, cst.TypeVarTuple, cst.ParamSpec)

# Names that these bind are not yet bound while they are evaluated.
_BOUND_AT_END = (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr)
_DEFINITIONS = (cst.FunctionDef, cst.ClassDef, cst.TypeAlias)
# The names that these hold are bound wherever their block reads them.
_BOUND_AT_ONCE = (cst.Param, cst.CompFor, *_TYPE_PARAMETERS)
_TELLING = (cst.ImportAlias, cst.For, *_BOUND_AT_ONCE, *_BOUND_AT_END, *_DEFINITIONS)


class Part(Enum):
    """What a name does where it stands."""

    BIND = auto()
    DELETE = auto()
    READ = auto()
    DECLARE = auto()
    NEITHER = auto()


class Names(Struct, frozen=True):
    """`blocks` are those that the nodes stand in, by `cst_id`; `parts` are those of the names."""

    blocks: Sequence[Block]
    parts: Mapping[cst.CSTNode, Part]


class _Order(Struct, frozen=True):
    """Where nodes stand in the source: their own numbers, and the last one below each number."""

    number: Mapping[cst.CSTNode, int]
    last: Sequence[int]


class _Found(Struct, frozen=True):
    """A name that `block` binds, or deletes where there is no `bound`."""

    block: Block
    name: str
    bound: Bound | None


def names(placed: Sequence[Placed], contexts: Contexts) -> Names:
    """Raises SyntaxError for a `nonlocal` that Python refuses, in Python's words."""
    blocks = _blocks(placed)
    parts: dict[cst.CSTNode, Part] = {
        each.node: _part(each, each.node, contexts)
        for each in placed
        if isinstance(each.node, cst.Name)
    }
    found = list(_found(placed, blocks, parts))
    # What is nonlocal belongs to a block that may bind the name further down only.
    for each in found:
        if each.name not in each.block.nonlocal_names:
            _bind(each.block.declared_home(each.name), each)
    for block in dict.fromkeys(blocks):
        _check_nonlocals(block)
    for each in found:
        if each.name in each.block.nonlocal_names:
            _bind(each.block.declared_home(each.name), each)
    return Names(blocks, parts)


def binding_block(placed: Placed, block: Block) -> Block:
    """The block that a name binds in that stands in `block`."""
    walrus = placed.parent is not None and isinstance(placed.parent.node, cst.NamedExpr)
    return block.around_comprehensions() if walrus and placed.slot == "target" else block


def _found(
    placed: Sequence[Placed], blocks: Sequence[Block], parts: Mapping[cst.CSTNode, Part]
) -> Iterator[_Found]:
    order = _order(placed)
    for each in placed:
        name = each.node
        if isinstance(name, cst.Name) and parts[name] in {Part.BIND, Part.DELETE}:
            block = binding_block(each, blocks[each.cst_id])
            bound = _bound(each, name, block, order) if parts[name] is Part.BIND else None
            yield _Found(block, block.mangled(name.value), bound)


def _bind(home: Block, found: _Found) -> None:
    bound = home.bound.setdefault(found.name, [])
    if found.bound is not None:
        bound.append(found.bound)


def _check_nonlocals(block: Block) -> None:
    for name in sorted(block.nonlocal_names):
        if block.parent is None:
            raise SyntaxError("nonlocal declaration not allowed at module level")
        if block.function_that_binds(name) is None:
            raise SyntaxError(f"no binding for nonlocal '{name}' found")


class _Opened(Struct, frozen=True):
    """The blocks of a definition: around it, of its type parameters if it has any, and of its body."""

    outer: Block
    parameters: Block
    body: Block


def _blocks(placed: Sequence[Placed]) -> list[Block]:
    blocks: list[Block] = []
    opened: dict[int, _Opened] = {}
    for each in placed:
        block = _block(each, blocks, opened)
        blocks.append(block)
        if (kind := _opens(each.node)) is not None:
            opened[each.cst_id] = _open(each.node, block, kind)
        elif isinstance(each.node, cst.NameItem):
            _declare(each, block)
    return blocks


def _opens(node: cst.CSTNode) -> BlockKind | None:
    match node:
        case cst.FunctionDef() | cst.Lambda():
            return BlockKind.FUNCTION
        case cst.ClassDef():
            return BlockKind.CLASS
        case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
            return BlockKind.COMPREHENSION
        case cst.TypeAlias():
            return BlockKind.ANNOTATION
        case _:
            return None


def _open(node: cst.CSTNode, outer: Block, kind: BlockKind) -> _Opened:
    if kind is BlockKind.ANNOTATION:
        alias = outer.inner(kind)
        return _Opened(outer, alias, alias)
    generic = getattr(node, "type_parameters", None) is not None
    parameters = outer.inner(BlockKind.ANNOTATION) if generic else outer
    name = node.name.value if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else None
    return _Opened(outer, parameters, parameters.inner(kind, name))


def _declare(item: Placed, block: Block) -> None:
    assert isinstance(item.node, cst.NameItem)  # noqa: S101  # its only caller has looked
    declared = (
        block.global_names
        if item.parent is not None and isinstance(item.parent.node, cst.Global)
        else block.nonlocal_names
    )
    declared.add(block.mangled(item.node.name.value))


def _block(placed: Placed, blocks: Sequence[Block], opened: Mapping[int, _Opened]) -> Block:
    """The block that a node stands in, from that of its parent and its place there."""
    parent = placed.parent
    if parent is None:
        return Block(BlockKind.GLOBAL)
    match parent.node, placed.slot:
        case ((cst.FunctionDef() | cst.Lambda()), ("params" | "body")):
            return opened[parent.cst_id].body
        case cst.ClassDef(), "body":
            return opened[parent.cst_id].body
        case cst.FunctionDef(), ("type_parameters" | "returns"):
            return opened[parent.cst_id].parameters
        case cst.ClassDef(), ("type_parameters" | "bases" | "keywords"):
            return opened[parent.cst_id].parameters
        case cst.TypeAlias(), ("type_parameters" | "value"):
            return opened[parent.cst_id].parameters
        case cst.Param(), "default":
            return opened[_function_of(parent).cst_id].outer
        case cst.Param(), "annotation":
            return opened[_function_of(parent).cst_id].parameters
        case cst.CompFor(), "iter" if parent.slot == "for_in" and parent.parent is not None:
            return opened[parent.parent.cst_id].outer  # the first iterable is evaluated outside
        case node, ("for_in" | "elt" | "key" | "value") if isinstance(node, _COMPREHENSIONS):
            return opened[parent.cst_id].body
        case _:
            return blocks[parent.cst_id]


def _function_of(param: Placed) -> Placed:
    parameters = param.parent
    assert parameters is not None  # noqa: S101  # a Param stands in Parameters,
    assert parameters.parent is not None  # noqa: S101  # and those in a function or a lambda
    return parameters.parent


def _part(placed: Placed, name: cst.Name, contexts: Contexts) -> Part:
    if name.value in CONSTANTS:
        return Part.NEITHER
    parent = placed.parent.node if placed.parent else None
    match parent, placed.slot:
        case (
            (cst.Attribute(), "attr") | (cst.Arg(), "keyword") | (cst.MatchKeywordElement(), "key")
        ):
            return Part.NEITHER
        case cst.NameItem(), _:
            return Part.DECLARE
        case (cst.MatchAs() | cst.MatchStar(), "name") | (cst.MatchMapping(), "rest"):
            return Part.BIND  # LibCST's provider takes them for names that are read
        case node, "name" if isinstance(node, (cst.TypeAlias, *_TYPE_PARAMETERS)):
            return Part.BIND
        case _:
            return _imported(placed) or _by_context(contexts.get(name))


def _by_context(context: ExpressionContext | None) -> Part:
    match context:
        case ExpressionContext.STORE:
            return Part.BIND
        case ExpressionContext.DEL:
            return Part.DELETE
        case ExpressionContext.LOAD | None:
            return Part.READ


def _imported(placed: Placed) -> Part | None:
    """None outside of imports; in one, only the name that it binds does anything."""
    at = placed
    while at.parent is not None and isinstance(at.node, (cst.Name, cst.Attribute)):
        at = at.parent
    match at.node:
        case cst.ImportFrom():
            return Part.NEITHER
        case cst.ImportAlias(asname=None, name=name):
            return Part.BIND if leftmost(name) is placed.node else Part.NEITHER
        case cst.ImportAlias():
            return Part.NEITHER
        case _:
            return None


def _bound(placed: Placed, name: cst.Name, block: Block, order: _Order) -> Bound:
    around = _telling(placed)
    if isinstance(around.node, cst.ImportAlias):
        return Bound(Origin.IMPORT, _import_of(around, name), placed.cst_id)
    return Bound(Origin.LOCAL, block.qualified(name.value), _seen_from(around, placed, order))


def _seen_from(around: Placed, placed: Placed, order: _Order) -> int:
    node = around.node
    if isinstance(node, _BOUND_AT_ONCE):
        return 0
    if isinstance(node, (*_BOUND_AT_END, *_DEFINITIONS)):
        return order.last[around.cst_id] + 1
    if isinstance(node, cst.For):
        # What is iterated over stands behind the target, and is evaluated before it is bound.
        return order.number[node.body]
    return placed.cst_id


def _telling(placed: Placed) -> Placed:
    """The node around a bound name that says when it is bound; its statement, where none does."""
    at = placed
    while at.parent is not None and not isinstance(at.node, (*_TELLING, cst.BaseSuite)):
        at = at.parent
    return at


def _import_of(alias: Placed, name: cst.Name) -> str:
    """What the bound name stands for: `import a.b` binds `a`, `from .m import x as y` binds `.m.x`."""
    assert isinstance(alias.node, cst.ImportAlias)  # noqa: S101  # its only caller has looked
    imported = dotted(alias.node.name) or ""
    statement = alias.parent.node if alias.parent else None
    if not isinstance(statement, cst.ImportFrom):
        return imported if alias.node.asname else name.value
    module = "." * len(statement.relative) + (
        dotted(statement.module) or "" if statement.module else ""
    )
    return f"{module}{imported}" if module.endswith(".") else f"{module}.{imported}"


def _order(placed: Sequence[Placed]) -> _Order:
    last = [each.cst_id for each in placed]
    for each in reversed(placed):
        if each.parent is not None:
            last[each.parent.cst_id] = max(last[each.parent.cst_id], last[each.cst_id])
    return _Order({each.node: each.cst_id for each in placed}, last)
