from typing import Any

import pytest

from cst_contracts.extract.file import extract_bytes

Row = dict[str, Any]

SOURCE = """\
import os.path as p
from m import original as alias, plain

top = len(plain)

class Box:
    size: int = top

    def get(self, key, *rest):
        del key
        global top
        top = [item for item in rest if item is not None]
        return self.size, p.join(alias, nobody), (lambda it: it)
"""


def refs(source: str) -> list[Row]:
    found: list[Row] = extract_bytes("repo", "m.py", source.encode()).column("refs")[0].as_py()
    return found


def ref(text: str, nth: int = 0, source: str = SOURCE) -> Row:
    return [row for row in refs(source) if row["ref_text"] == text][nth]


@pytest.mark.parametrize(
    ("text", "nth", "kind", "context"),
    [
        ("os", 0, "import", "LOAD"),
        ("p", 0, "import", "STORE"),
        ("m", 0, "module", "LOAD"),
        ("alias", 0, "import", "STORE"),
        ("top", 0, "name", "STORE"),
        ("plain", 1, "name", "LOAD"),
        ("Box", 0, "def", "STORE"),
        ("get", 0, "def", "STORE"),
        ("self", 0, "param", "STORE"),
        ("key", 1, "name", "DEL"),
        ("size", 1, "attribute", "LOAD"),
        ("join", 0, "attribute", "LOAD"),
    ],
)
def test_a_ref_has_its_part_and_its_context(text: str, nth: int, kind: str, context: str) -> None:
    row = ref(text, nth)

    assert (row["ref_kind"], row["expr_ctx"]) == (kind, context)


def test_a_keyword_is_no_expression() -> None:
    row = ref("key", source="f(key=1)\n")

    assert (row["ref_kind"], row["expr_ctx"], row["parent_kind"]) == ("keyword", None, "Arg")


@pytest.mark.parametrize("source", ["a.b = 1\n", "del a.b\n", "a.b[0]\n"])
def test_an_attribute_has_the_context_of_its_expression(source: str) -> None:
    contexts = {"a.b = 1\n": "STORE", "del a.b\n": "DEL", "a.b[0]\n": "LOAD"}

    assert ref("b", source=source)["expr_ctx"] == contexts[source]


@pytest.mark.parametrize(
    ("text", "nth", "scope", "role"),
    [
        ("top", 0, ("global", None), "assignment"),
        ("plain", 1, ("global", None), "access"),
        ("len", 0, ("builtin", None), "access"),
        ("size", 0, ("class", "Box"), "assignment"),
        ("get", 0, ("class", "Box"), "assignment"),
        ("key", 0, ("function", "Box.get"), "assignment"),
        ("key", 1, ("function", "Box.get"), "access"),
        ("item", 0, ("comprehension", "Box.get.<comprehension>"), "access"),
        ("item", 1, ("comprehension", "Box.get.<comprehension>"), "assignment"),
        ("it", 1, ("function", "<lambda>"), "access"),
        ("alias", 1, ("global", None), "access"),
        ("nobody", 0, (None, None), "access"),
        ("size", 1, (None, None), None),
        ("original", 0, (None, None), None),
    ],
)
def test_a_ref_names_the_scope_that_binds_it(
    text: str, nth: int, scope: tuple[str | None, str | None], role: str | None
) -> None:
    row = ref(text, nth)
    name = "Box.get.<lambda>" if scope[1] == "<lambda>" else scope[1]

    assert (row["scope_type"], row["scope_name"], row["scope_role"]) == (scope[0], name, role)


def test_a_name_declared_global_is_bound_in_the_module() -> None:
    inside = [row for row in refs(SOURCE) if row["ref_text"] == "top"][-1]

    assert (inside["expr_ctx"], inside["scope_type"]) == ("STORE", "global")
    assert dict(inside["attrs"]) == {"origin": "local", "written_in": "function"}


@pytest.mark.parametrize(
    ("text", "nth", "origin"), [("len", 0, "builtin"), ("p", 1, "import"), ("rest", 1, "local")]
)
def test_a_bound_ref_tells_its_origin(text: str, nth: int, origin: str) -> None:
    assert dict(ref(text, nth)["attrs"])["origin"] == origin


def test_type_parameters_are_bound_in_an_annotation_scope() -> None:
    row = ref("T", source="def f[T](x: T) -> T: ...\n")

    assert (row["scope_type"], row["scope_role"]) == ("annotation", "assignment")


def test_ids_are_unique_in_a_file_and_the_same_in_every_run() -> None:
    ids = [row["ref_id"] for row in refs(SOURCE)]

    assert len(set(ids)) == len(ids)
    assert ids == [row["ref_id"] for row in refs(SOURCE)]
