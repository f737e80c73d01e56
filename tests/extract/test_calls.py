from typing import Any

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, QualifiedName, QualifiedNameProvider

from cst_contracts.extract.file import extract_bytes

Row = dict[str, Any]


def table(name: str, source: str, path: str = "pkg/sub/m.py") -> list[Row]:
    found: list[Row] = extract_bytes("repo", path, source.encode()).column(name)[0].as_py()
    return found


def call(source: str, path: str = "pkg/sub/m.py") -> Row:
    """The outermost call."""
    return table("callsites", source, path)[0]


@pytest.mark.parametrize(
    ("source", "shape", "dotted"),
    [
        ("f()", "name", "f"),
        ("a.b.c(1)", "attribute", "a.b.c"),
        ("a().b()", "attribute_of_expression", None),
        ("f()()", "call", None),
        ("f[0]()", "subscript", None),
        ("(lambda: 0)()", "lambda", None),
        ("(a or b)()", "expression", None),
    ],
)
def test_a_callee_has_a_shape_and_perhaps_a_dotted_name(
    source: str, shape: str, dotted: str | None
) -> None:
    row = call(source)

    assert (row["callee_shape"], row["callee_dotted"]) == (shape, dotted)


@pytest.mark.parametrize(
    ("source", "qname", "origin", "full"),
    [
        ("len()", "builtins.len", "BUILTIN", "builtins.len"),
        ("import os.path as p\np.join()", "os.path.join", "IMPORT", "os.path.join"),
        ("from . import x\nx.y()", ".x.y", "IMPORT", "pkg.sub.x.y"),
        ("from ..up import z\nz()", "..up.z", "IMPORT", "pkg.up.z"),
        ("def f(): ...\nf()", "f", "LOCAL", "pkg.sub.m.f"),
        (
            "class A:\n  def f(self):\n    def g(): ...\n    g()",
            "A.f.<locals>.g",
            "LOCAL",
            "pkg.sub.m.A.f.<locals>.g",
        ),
    ],
)
def test_a_callee_has_its_qualified_and_its_full_name(
    source: str, qname: str, origin: str, full: str
) -> None:
    row = call(source)

    assert row["callee_qnames"] == [{"name": qname, "source": origin}]
    assert row["callee_fqns"] == [full]


def test_an_import_that_leaves_the_package_has_no_full_name() -> None:
    row = call("from ... import x\nx()", path="pkg/m.py")

    assert row["callee_qnames"] == [{"name": "...x", "source": "IMPORT"}]
    assert row["callee_fqns"] == []


def test_relative_imports_of_a_package_start_at_the_package_itself() -> None:
    assert call("from .a import x\nx()", path="pkg/__init__.py")["callee_fqns"] == ["pkg.a.x"]


def test_all_names_that_a_callee_may_have_are_told_in_order() -> None:
    source = "if c:\n  from b import f\nelse:\n  from a import f\nf()"

    assert [name["name"] for name in call(source)["callee_qnames"]] == ["a.f", "b.f"]


def test_an_unknown_callee_has_no_qualified_name() -> None:
    assert call("nobody()")["callee_qnames"] == []


def _evaluated(names: Any) -> set[QualifiedName]:
    return set(names() if callable(names) else names)


def test_qualified_names_are_those_of_libcst() -> None:
    source = "import a.b\nfrom c import d as e\ndef f():\n  a.b.g(e(len(f())), e.h()(f))\n"
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    names = wrapper.resolve(QualifiedNameProvider)
    provided = {
        wrapper.module.code_for_node(node): {name.name for name in _evaluated(names[node])}
        for node in names
        if isinstance(node, (cst.Name, cst.Attribute, cst.Call))
    }

    rows = table("callsites", source)

    assert len(rows) == 6
    for row in rows:
        assert {name["name"] for name in row["callee_qnames"]} == provided[row["callee_text"]]


def test_arguments_are_told_one_by_one() -> None:
    rows = table("call_args", "f(a, *b, k=(c), **d)\n")

    assert [(row["arg_index"], row["keyword"], row["star"], row["arg_text"]) for row in rows] == [
        (0, None, None, "a"),
        (1, None, "*", "b"),
        (2, "k", None, "c"),
        (3, None, "**", "d"),
    ]


def test_an_argument_belongs_to_the_innermost_call() -> None:
    calls = {row["callee_text"]: row for row in table("callsites", "f(g(x), y)\n")}
    args = {row["arg_text"]: row for row in table("call_args", "f(g(x), y)\n")}

    assert args["x"]["call_id"] == calls["g"]["call_id"]
    assert args["y"]["call_id"] == args["g(x)"]["call_id"] == calls["f"]["call_id"]
    assert (args["x"]["call_bstart"], args["x"]["call_bend"]) == (2, 6)
    assert [calls[name]["arg_count"] for name in "fg"] == [2, 1]


def test_calls_that_start_together_have_ids_of_their_own() -> None:
    ids = [row["call_id"] for row in table("callsites", "f()()(1)(2).g()\n(f())()\n")]

    assert len(set(ids)) == len(ids) == 7
