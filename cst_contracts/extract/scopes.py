"""Blocks and bindings → who binds a name, and what it is called in full."""

import builtins
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import libcst as cst
from msgspec import Struct

from cst_contracts.extract.binding import CONSTANTS, Contexts, Part, binding_block, names
from cst_contracts.extract.blocks import Block, BlockKind, Bound, Origin
from cst_contracts.extract.tree import Placed, called


class QName(NamedTuple):
    """A qualified name and where it comes from: IMPORT, BUILTIN or LOCAL."""

    name: str
    source: str


class Binding(NamedTuple):
    """The scope that binds a name; None where no assignment is in sight."""

    scope_type: str | None
    scope_name: str | None
    role: str
    origin: str | None


class Scopes(Struct, frozen=True):
    """Where Python could not tell the scopes, there are no `blocks`, and every answer is empty."""

    blocks: Sequence[Block]
    parts: Mapping[cst.CSTNode, Part]

    @classmethod
    def of(cls, placed: Sequence[Placed], contexts: Contexts) -> "Scopes":
        found = names(placed, contexts)
        return cls(found.blocks, found.parts)

    def binding(self, placed: Placed, name: cst.Name) -> Binding | None:
        """None for what is no name of a scope: attributes, keywords, declarations, constants."""
        match self.parts.get(name):
            case Part.BIND:
                return self._binding(placed, name, "assignment")
            case Part.READ | Part.DELETE:
                return self._binding(placed, name, "access")
            case Part.DECLARE | Part.NEITHER | None:
                return None

    def written_in(self, placed: Placed) -> str | None:
        return self.blocks[placed.cst_id].kind.value if self.blocks else None

    def defined(self, placed: Placed, name: str) -> list[QName]:
        """What a function or class is called in full: its `__qualname__`."""
        if not self.blocks:
            return []
        return [QName(self.blocks[placed.cst_id].qualified(name), "LOCAL")]

    def called(self, placed: Placed) -> list[QName]:
        """All that an expression may be called in full, as far as it starts with a name."""
        full = called(placed.node)
        if full is None or not self.blocks:
            return []
        head, dot, rest = full.partition(".")
        block = self.blocks[placed.cst_id]
        bound = _meant(block, block.mangled(head), placed.cst_id)
        return sorted({QName(f"{each.qname}{dot}{rest}", _source(each)) for each in bound})

    def _binding(self, placed: Placed, name: cst.Name, role: str) -> Binding:
        block = binding_block(placed, self.blocks[placed.cst_id])
        mangled = block.mangled(name.value)
        home = block.home(mangled)
        if home is not None:
            return Binding(home.kind.value, home.path, role, _origin(home, mangled).value)
        if _is_builtin(mangled):
            return Binding("builtin", None, role, Origin.BUILTIN.value)
        return Binding(None, None, role, None)


def _origin(home: Block, name: str) -> Origin:
    if name not in home.bound:
        return Origin.LOCAL if name in home.global_names else Origin.IMPLICIT
    return min((each.origin for each in home.bound[name]), default=Origin.LOCAL)


def _meant(block: Block, name: str, number: int) -> list[Bound]:
    """The bindings that a name may stand for which is read at this node; none where there is none."""
    home = block.home(name)
    if home is None:
        return [Bound(Origin.BUILTIN, f"builtins.{name}")] if _is_builtin(name) else []
    found = home.bound.get(name, [])
    if home is not block:
        return found
    earlier = [each for each in found if each.seen_from <= number]
    return earlier or _further_out(block, name, number) or found


def _further_out(block: Block, name: str, number: int) -> list[Bound]:
    """What Python reads in a module or a class whose own name is not bound yet."""
    match block.kind:
        case BlockKind.CLASS:
            return _meant(block.module, name, number)
        case BlockKind.GLOBAL:
            return [Bound(Origin.BUILTIN, f"builtins.{name}")] if _is_builtin(name) else []
        case BlockKind.FUNCTION | BlockKind.COMPREHENSION | BlockKind.ANNOTATION:
            return []


def _is_builtin(name: str) -> bool:
    return hasattr(builtins, name) and name not in CONSTANTS


def _source(bound: Bound) -> str:
    match bound.origin:
        case Origin.IMPORT | Origin.BUILTIN:
            return bound.origin.name
        case Origin.LOCAL | Origin.IMPLICIT:
            return "LOCAL"
