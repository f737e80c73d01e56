"""The blocks of a file (Python's word for what has names of its own) and the rules that names follow.

LibCST's `ScopeProvider` answers otherwise than Python in a dozen places, which
`docs/reference/cst-tables.md` lists; these are the rules of Python's own symbol table.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Optional

from msgspec import Struct, field


class BlockKind(StrEnum):
    """`annotation` blocks hold the type parameters of functions, classes and type aliases."""

    GLOBAL = "global"
    FUNCTION = "function"
    CLASS = "class"
    COMPREHENSION = "comprehension"
    ANNOTATION = "annotation"


class Origin(StrEnum):
    """`implicit` names are bound by Python itself, such as `__file__` and `__class__`."""

    IMPORT = "import"
    BUILTIN = "builtin"
    LOCAL = "local"
    IMPLICIT = "implicit"


class Bound(Struct, frozen=True):
    """One binding of a name. `qname` is what it is called in full, or what an import imports.

    The block that binds it sees it from the node number `seen_from` on: `x = x + 1` does not read the
    `x` that it binds.
    """

    origin: Origin
    qname: str
    seen_from: int = 0


_IMPLICIT_IN_MODULE = frozenset(
    {
        "__annotations__",
        "__builtins__",
        "__cached__",
        "__doc__",
        "__file__",
        "__loader__",
        "__name__",
        "__package__",
        "__path__",
        "__spec__",
    }
)
_IMPLICIT_IN_CLASS_BODY = frozenset({"__module__", "__qualname__"})
_IMPLICIT_IN_METHODS = "__class__"


class Block(Struct, eq=False):
    """A piece of source that has names of its own, with a method for each way from a name to its block.

    `name` is that of a function or class, and None of a lambda; `bound` has what the block binds.
    """

    kind: BlockKind
    name: str | None = None
    parent: Optional["Block"] = None
    class_name: str | None = None  # of the class around, which private names are mangled with
    bound: dict[str, list[Bound]] = field(default_factory=dict)
    global_names: set[str] = field(default_factory=set)
    nonlocal_names: set[str] = field(default_factory=set)

    def inner(self, kind: BlockKind, name: str | None = None) -> "Block":
        class_name = name if kind is BlockKind.CLASS else self.class_name
        return Block(kind, name, self, class_name)

    def outwards(self) -> Iterator["Block"]:
        at: Block | None = self
        while at is not None:
            yield at
            at = at.parent

    @property
    def module(self) -> "Block":
        *_, module = self.outwards()
        return module

    @property
    def path(self) -> str | None:
        """`Class.method`, from the module inwards; None for the module, which has no name of its own."""
        names = [block.shown for block in self.outwards()]
        return ".".join(name for name in reversed(names) if name) or None

    @property
    def shown(self) -> str | None:
        match self.kind:
            case BlockKind.GLOBAL | BlockKind.ANNOTATION:
                return None
            case BlockKind.COMPREHENSION:
                return "<comprehension>"
            case BlockKind.FUNCTION | BlockKind.CLASS:
                return self.name or "<lambda>"

    def qualified(self, name: str) -> str:
        """What `name` is called in full where this block defines it: Python's `__qualname__`."""
        parts = [name]
        within, defined = self.around_definitions(), name
        while defined not in within.global_names and within.parent is not None:
            if within.kind is BlockKind.FUNCTION:
                parts.append("<locals>")
            defined = within.shown or ""
            parts.append(defined)
            within = within.parent.around_definitions()
        return ".".join(reversed(parts))

    def around_definitions(self) -> "Block":
        """The block that a definition in this one belongs to: type parameters are around it, no owner."""
        return next(block for block in self.outwards() if block.kind is not BlockKind.ANNOTATION)

    def around_comprehensions(self) -> "Block":
        """The block that `:=` binds in (PEP 572)."""
        return next(block for block in self.outwards() if block.kind is not BlockKind.COMPREHENSION)

    def mangled(self, name: str) -> str:
        """The name that Python gives to a class's private names: `__x` in `class C` is `_C__x`."""
        owner = (self.class_name or "").lstrip("_")
        private = name.startswith("__") and not name.endswith("__")
        return f"_{owner}{name}" if owner and private else name

    def home(self, name: str) -> Optional["Block"]:
        """The block whose name this is, read in this block; None where no block of the file has it."""
        for at in self.outwards():
            if name in at.global_names:
                return self.module
            if at._binds(name, self):
                return at
        return self.module if name in _IMPLICIT_IN_MODULE else None

    def _binds(self, name: str, reader: "Block") -> bool:
        if self is not reader and self.kind is BlockKind.CLASS:
            if name == _IMPLICIT_IN_METHODS:
                return True
            # Functions in a class do not see its names; what it says of type parameters does.
            if not (reader.kind is BlockKind.ANNOTATION and reader.parent is self):
                return False
        if self.kind is BlockKind.CLASS and name in _IMPLICIT_IN_CLASS_BODY:
            return True
        return name in self.bound

    def declared_home(self, name: str) -> "Block":
        """The block that a binding of the name in this block belongs to."""
        if name in self.global_names:
            return self.module
        if name in self.nonlocal_names:
            return self.function_that_binds(name) or self
        return self

    def function_that_binds(self, name: str) -> Optional["Block"]:
        """The block whose name `nonlocal name` in this block means."""
        around = (block for block in self.outwards() if block is not self)
        return next(
            (at for at in around if at.kind is BlockKind.FUNCTION and name in at.bound), None
        )
