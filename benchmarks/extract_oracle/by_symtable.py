"""Who binds a name, compared with `symtable`; full names of definitions, with what is compiled."""

import builtins
import re
import symtable
from collections.abc import Iterator
from types import CodeType

from benchmarks.extract_oracle.source import Difference, Source, only_on_one_side

Answer = tuple[str, str | None, str | None]  # a name, and the kind and the path of what binds it

_MANGLED = re.compile(r"^_[^\W_]\w*?(?=__\w*[^_]_?$)")
_COMPREHENSIONS = frozenset({"listcomp", "setcomp", "dictcomp", "genexpr"})
# What Python's tables leave to the running interpreter, and the rows tell.
_IMPLICIT = re.compile(
    "__(annotations|builtins|cached|doc|file|loader|name|package|path|spec|class|module|qualname)__"
)
_FUTURE = re.compile(rb"(from\s+__future__\s+import[^\n]*?)\bannotations\b")


def differences(source: Source) -> Iterator[Difference]:
    # With this import, names in annotations are in no table.
    code = _FUTURE.sub(rb"\1generators ", source.data)
    table = symtable.symtable(code.decode(), source.path, "exec")
    python = dict.fromkeys(_answers(table, ()), 0)
    if code != source.data and python.pop(("generators", "global", None), None) is not None:
        python["annotations", "global", None] = 0
    yield from only_on_one_side("scopes", source, python, _told(source))
    compiled = compile(source.data, source.path, "exec", dont_inherit=True)
    yield from only_on_one_side("qualified names", source, _qualnames(compiled), _defined(source))


def _told(source: Source) -> dict[Answer, int]:
    return {
        (_plain(row["ref_text"]), row["scope_type"], row["scope_name"]): source.line(row["bstart"])
        for row in source.rows("refs")
        if row["scope_role"] and not _IMPLICIT.fullmatch(row["ref_text"])
    }


def _plain(name: str) -> str:
    """Without the class's name that Python puts before private names."""
    return _MANGLED.sub("", name)


class _Tables(tuple[symtable.SymbolTable, ...]):
    """The tables from the module down to one."""

    @property
    def path(self) -> str | None:
        names = [_shown(table) for table in self[1:]]
        return ".".join(name for name in names if name) or None


def _shown(table: symtable.SymbolTable) -> str | None:
    name = table.get_name()
    if name in _COMPREHENSIONS:
        return "<comprehension>"
    if name == "lambda":
        return "<lambda>"
    return name if str(table.get_type()).endswith(("function", "class")) else None


def _answers(
    table: symtable.SymbolTable, outer: tuple[symtable.SymbolTable, ...]
) -> Iterator[Answer]:
    tables = _Tables((*outer, table))
    for symbol in table.get_symbols():
        name = symbol.get_name()
        if _used(symbol) and not _IMPLICIT.fullmatch(name) and not name.startswith("."):
            yield _answer(symbol, tables)
    for child in table.get_children():
        yield from _answers(child, tables)


def _used(symbol: symtable.Symbol) -> bool:
    """Not merely declared, or handed through to a block further in."""
    return (
        symbol.is_referenced()
        or symbol.is_assigned()
        or symbol.is_parameter()
        or symbol.is_imported()
    )


def _answer(symbol: symtable.Symbol, tables: _Tables) -> Answer:
    name = symbol.get_name()
    home = _home(symbol, tables)
    if home is not None:
        return _plain(name), _kind(home[-1]), home.path
    return _plain(name), "builtin" if hasattr(builtins, name) else None, None


def _home(symbol: symtable.Symbol, tables: _Tables) -> _Tables | None:
    name = symbol.get_name()
    if symbol.is_free():
        for depth in range(len(tables) - 1, 0, -1):
            table = tables[depth - 1]
            if table.get_type() != "class" and _is_local(table, name):
                return _Tables(tables[:depth])
        return None
    if symbol.is_global() or len(tables) == 1:
        return _Tables(tables[:1]) if _bound_in_module(tables[0], name) else None
    return tables


def _is_local(table: symtable.SymbolTable, name: str) -> bool:
    return name in table.get_identifiers() and table.lookup(name).is_local()


def _bound_in_module(table: symtable.SymbolTable, name: str) -> bool:
    """By the module itself or by a `global` of some block in it."""
    if name in table.get_identifiers():
        symbol = table.lookup(name)
        if table.get_type() == "module" and _binds(symbol):
            return True
        if symbol.is_declared_global() and _binds(symbol):
            return True
    return any(_bound_in_module(child, name) for child in table.get_children())


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_annotated()


def _kind(table: symtable.SymbolTable) -> str:
    if table.get_name() in _COMPREHENSIONS:
        return "comprehension"
    kinds = {"module": "global", "function": "function", "class": "class"}
    return kinds.get(str(table.get_type()), "annotation")


def _defined(source: Source) -> dict[str, int]:
    return {row["qnames"][0]["name"]: source.line(row["def_bstart"]) for row in source.rows("defs")}


def _qualnames(code: CodeType) -> dict[str, int]:
    """Of functions and classes; what stands under a condition that is always false is not compiled."""
    found: dict[str, int] = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if not constant.co_name.startswith("<"):
                found[constant.co_qualname] = constant.co_firstlineno
            found |= _qualnames(constant)
    return found
