"""LibCST's scopes → who binds a name, and what it is called in full."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import libcst as cst
from libcst.metadata import (
    Access,
    BaseAssignment,
    BuiltinAssignment,
    BuiltinScope,
    ClassScope,
    ComprehensionScope,
    FunctionScope,
    GlobalScope,
    ImportAssignment,
    Scope,
)
from libcst.metadata.scope_provider import AnnotationScope, LocalScope
from msgspec import Struct

from cst_contracts.extract.tree import leftmost

_TYPES: Mapping[type[Scope], str] = {
    GlobalScope: "global",
    FunctionScope: "function",
    ClassScope: "class",
    ComprehensionScope: "comprehension",
    AnnotationScope: "annotation",
    BuiltinScope: "builtin",
}


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
    """Where LibCST could not tell the scopes, `by_node` is empty, and so is every answer."""

    by_node: Mapping[cst.CSTNode, Scope]
    accesses: Mapping[cst.CSTNode, tuple[Access, ...]]
    assignments: Mapping[cst.CSTNode, BaseAssignment]

    @classmethod
    def of(cls, by_node: Mapping[cst.CSTNode, Scope | None]) -> "Scopes":
        known = {node: scope for node, scope in by_node.items() if scope is not None}
        scopes = list(dict.fromkeys(known.values()))
        accesses: dict[cst.CSTNode, list[Access]] = defaultdict(list)
        for access in (access for scope in scopes for access in scope.accesses):
            accesses[leftmost(access.node)].append(access)
        assignments = {
            _binder(assignment): assignment
            for scope in scopes
            for assignment in scope.assignments
            if not isinstance(assignment, BuiltinAssignment)
        }
        return cls(known, {node: tuple(found) for node, found in accesses.items()}, assignments)

    def binding(self, name: cst.CSTNode, binder: cst.CSTNode) -> Binding | None:
        """`binder` is the node that would bind the name: a def, a parameter, or the name itself."""
        if (accesses := self.accesses.get(name)) is not None:
            return _least(
                [referent for access in accesses for referent in access.referents], "access"
            )
        if (assignment := self.assignments.get(binder)) is not None:
            return _least([assignment], "assignment")
        return None

    def written_in(self, node: cst.CSTNode) -> str | None:
        scope = self.by_node.get(node)
        return None if scope is None else _TYPES[type(scope)]

    def qualified_names(self, node: cst.CSTNode) -> list[QName]:
        """What `QualifiedNameProvider` says of the node, without asking it about all others."""
        scope = self.by_node.get(node)
        if scope is None:
            return []
        return sorted(
            QName(name.name, name.source.name) for name in scope.get_qualified_names_for(node)
        )


def _binder(assignment: BaseAssignment) -> cst.CSTNode:
    if isinstance(assignment, ImportAssignment):
        return leftmost(assignment.as_name)
    node: cst.CSTNode = assignment.node  # type: ignore[attr-defined]  # builtins are left out above
    return node


def _least(referents: Iterable[BaseAssignment], role: str) -> Binding:
    """LibCST keeps the referents in sets; of several, the same one has to be told in every run."""
    bindings = [
        Binding(_TYPES[type(found.scope)], _name(found.scope), role, _origin(found))
        for found in referents
    ]
    return min(bindings, key=str, default=Binding(None, None, role, None))


def _origin(assignment: BaseAssignment) -> str:
    match assignment:
        case BuiltinAssignment():
            return "builtin"
        case ImportAssignment():
            return "import"
        case _:
            return "local"


def _name(scope: Scope) -> str | None:
    """`Class.method`; None for the module and the builtins, which have no name of their own."""
    names: list[str] = []
    while isinstance(scope, LocalScope):
        if not isinstance(scope, AnnotationScope):
            names.append(_own_name(scope))
        scope = scope.parent
    return ".".join(reversed(names)) or None


def _own_name(scope: LocalScope) -> str:
    if isinstance(scope, ComprehensionScope):
        return "<comprehension>"
    return scope.name or "<lambda>"
