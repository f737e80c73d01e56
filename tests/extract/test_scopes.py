"""Each place where LibCST's `ScopeProvider` and Python disagree: what either says, and what the rows say.

They are listed in `docs/reference/cst-tables.md`; where LibCST changes its answer, the list changes.
"""

import symtable
from typing import Any

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, QualifiedNameProvider, ScopeProvider

from cst_contracts.extract.file import extract_bytes

Row = dict[str, Any]

WALRUS = "def f(xs):\n    [y := x for x in xs]\n    return y\n"
MATCH = "def f(v):\n    match v:\n        case [a, *b]: pass\n        case {'k': c, **d}: pass\n"
NONLOCAL = "def f():\n    x = 1\n    def g():\n        def h():\n            nonlocal x\n            x = 2\n"
LATE = "def f():\n    print(x)\n    x = 1\n"
DELETED = "x = 1\ndef f():\n    del x\n"
PRIVATE = "class C:\n    __x = 1\n    y = _C__x\n"
METHOD = "class C:\n    def f(self):\n        return __class__\n"
PATTERN = "def f(v, x):\n    match v:\n        case P(x=1): pass\n"


def table(name: str, source: str) -> list[Row]:
    found: list[Row] = extract_bytes("repo", "m.py", source.encode()).column(name)[0].as_py()
    return found


def bound_by(source: str, name: str, nth: int) -> tuple[str | None, str | None]:
    row = [row for row in table("refs", source) if row["ref_text"] == name][nth]
    return row["scope_type"], row["scope_name"]


def libcst_says(source: str, name: str, nth: int) -> str | None:
    """The class of the scope of what LibCST's own scope finds for a name."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    scopes = wrapper.resolve(ScopeProvider)
    found = [scopes[node] for node in scopes if isinstance(node, cst.Name) and node.value == name]
    scope: Any = found[nth]
    kinds = {_shown(assignment.scope) for assignment in scope[name]}
    return min(kinds, default=None)


def _shown(scope: Any) -> str:
    return f"{type(scope).__name__} {getattr(scope, 'name', None) or ''}".strip()


@pytest.mark.parametrize(
    ("source", "name", "nth", "libcst", "python"),
    [
        (WALRUS, "y", 0, "ComprehensionScope", ("function", "f")),
        (WALRUS, "y", 1, None, ("function", "f")),
        (MATCH, "a", 0, None, ("function", "f")),
        (MATCH, "b", 0, None, ("function", "f")),
        (MATCH, "c", 0, None, ("function", "f")),
        (MATCH, "d", 0, None, ("function", "f")),
        (PATTERN, "x", 1, "FunctionScope f", (None, None)),
        (NONLOCAL, "x", -1, "FunctionScope g", ("function", "f")),
        (DELETED, "x", 1, "GlobalScope", ("function", "f")),
        (PRIVATE, "_C__x", 0, None, ("class", "C")),
        (METHOD, "__class__", 0, "BuiltinScope", ("class", "C")),
        ("__name__\n", "__name__", 0, "BuiltinScope", ("global", None)),
        ("x = None\n", "None", 0, "BuiltinScope", (None, None)),
        ("def f[T](x=T): pass\n", "T", -1, "AnnotationScope", (None, None)),
    ],
)
def test_python_binds_a_name_elsewhere_than_libcst_says(
    source: str, name: str, nth: int, libcst: str | None, python: tuple[str | None, str | None]
) -> None:
    assert libcst_says(source, name, nth) == libcst
    assert bound_by(source, name, nth) == python


def test_a_name_that_a_function_binds_further_down_is_its_own() -> None:
    assert bound_by(LATE, "x", 0) == ("function", "f")
    (function,) = symtable.symtable(LATE, "m.py", "exec").get_children()
    assert function.lookup("x").is_local()


@pytest.mark.parametrize(
    ("source", "name", "nth", "python"),
    [
        ("x = 1\nclass C:\n    x = 2\n    def f(self): return x\n", "x", 2, ("global", None)),
        ("class C:\n    x = 1\n    y = [x for _ in x]\n", "x", 1, (None, None)),
        ("class C:\n    x = 1\n    y = [x for _ in x]\n", "x", 2, ("class", "C")),
        ("def f():\n    global x\n    x = 1\nx\n", "x", 1, ("global", None)),
        ("def f():\n    global x\n    x = 1\nx\n", "x", 2, ("global", None)),
        ("def f(a, b=a): pass\n", "a", 1, (None, None)),
        ("class C[T]:\n    def f(self, t: T): pass\n", "T", 1, ("annotation", "C")),
        ("class C:\n    x = int\n    def f[T](self, t: x): pass\n", "x", 1, ("class", "C")),
        ("type A[T] = list[T]\n", "T", 1, ("annotation", None)),
        ("x = lambda y: (lambda: y)\n", "y", 1, ("function", "<lambda>")),
        ("try: pass\nexcept E as e: e\n", "e", 1, ("global", None)),
        ("import a.b\na\n", "a", 1, ("global", None)),
        ("class C:\n    __qualname__\n", "__qualname__", 0, ("class", "C")),
        ("def f():\n    import __x\n", "__x", 0, ("function", "f")),
        ("class C:\n    import __x\n_C__x\n", "_C__x", 0, (None, None)),
        ("[x for x in x]\n", "x", 2, (None, None)),
        ("def f():\n    x: int\n    return x\n", "x", 1, ("function", "f")),
    ],
)  # fmt: skip
def test_names_follow_the_rules_of_pythons_blocks(
    source: str, name: str, nth: int, python: tuple[str | None, str | None]
) -> None:
    expected = ("annotation", None) if python == ("annotation", "C") else python

    assert bound_by(source, name, nth) == expected


def test_a_captured_name_is_assigned_and_a_constant_does_nothing() -> None:
    roles = {row["ref_text"]: row["scope_role"] for row in table("refs", MATCH + "None\n")}

    assert {roles[name] for name in "abcd"} == {"assignment"}
    assert roles["None"] is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nonlocal x\n", "nonlocal declaration not allowed at module level"),
        ("def f():\n    nonlocal x\n", "no binding for nonlocal 'x' found"),
    ],
)
def test_a_nonlocal_without_a_binding_is_told_as_python_tells_it(source: str, message: str) -> None:
    (error,) = table("parse_errors", source)

    assert (error["error_type"], error["message"]) == ("SyntaxError", message)
    assert dict(error["meta"]) == {"stage": "scopes"}
    with pytest.raises(SyntaxError, match=message):
        compile(source, "m.py", "exec")


GLOBAL = "def f():\n    global G\n    class G:\n        def m(self): pass\n"
REBOUND = "def h():\n    x = 1\n    def g():\n        nonlocal x\n        def x(): pass\n"


@pytest.mark.parametrize(
    ("source", "name", "libcst", "python"),
    [
        (GLOBAL, "m", "f.<locals>.G.m", "G.m"),
        (REBOUND, "x", "h.<locals>.x", "h.<locals>.g.<locals>.x"),
    ],
)
def test_python_names_a_definition_otherwise_than_libcst_does(
    source: str, name: str, libcst: str, python: str
) -> None:
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    names: Any = wrapper.resolve(QualifiedNameProvider)
    (node,) = [
        each for each in names if isinstance(each, cst.FunctionDef) and each.name.value == name
    ]
    (row,) = [row for row in table("defs", source) if row["name"] == name]

    provided = names[node]() if callable(names[node]) else names[node]
    assert [each.name for each in provided] == [libcst]
    assert row["qnames"] == [{"name": python, "source": "LOCAL"}]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("','.join(x)\n", []),
        ("(1).bit_length()\n", []),
        ("str.join(x)\n", ["builtins.str.join"]),
        ("(lambda f: f())\n", ["<lambda>.<locals>.f"]),
        ("open = 1\nopen()\n", ["open"]),
        ("open = open()\n", ["builtins.open"]),
        ("import a as f\nf()\nimport b as f\n", ["a"]),
        ("class C:\n    len = len()\n", ["builtins.len"]),
        ("def f():\n    len()\n    len = 1\n", ["f.<locals>.len"]),
        ("for f in f(): pass\n", ["f"]),
        ("import f\nfor f in f(): pass\n", ["f"]),
        ("a[0].b()\n", []),
        ("import a\na[0].b().c()\n", ["a.b", "a.b.c"]),
        ("from . import *\nx()\n", []),
    ],
)
def test_a_callee_has_the_names_that_it_may_have_where_it_is_called(
    source: str, names: list[str]
) -> None:
    told = [name["name"] for row in table("callsites", source) for name in row["callee_qnames"]]

    assert sorted(set(told)) == names
