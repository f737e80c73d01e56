from typing import Any

import pytest

from cst_contracts.extract.file import extract_bytes

Row = dict[str, Any]

SOURCE = '''\
"""Module."""

@first
@second.of(1)
class Outer(Base):
    """Outer.

        Indented.
    """
    @property
    async def method(self, x: int, *args: "T", y=0, **kw: dict[str, int]) -> list[int]:
        "Method."
        def inner(): "One" "line"
        local: set[int] = x
        return inner

def bare():
    b"not text"
    1

total: float
type Alias[T: int] = list[T]
'''


def table(name: str, source: str = SOURCE) -> list[Row]:
    found: list[Row] = extract_bytes("repo", "pkg/m.py", source.encode()).column(name)[0].as_py()
    return found


def defs(source: str = SOURCE) -> dict[str, Row]:
    return {row["name"]: row for row in table("defs", source)}


def test_defs_are_told_with_their_kind_and_their_container() -> None:
    rows = table("defs")

    assert [(row["name"], row["kind"], row["container_def_kind"]) for row in rows] == [
        ("Outer", "class", "module"),
        ("method", "async_function", "class"),
        ("inner", "function", "async_function"),
        ("bare", "function", "module"),
    ]


def test_a_container_is_found_by_its_span_and_the_module_has_none() -> None:
    found = defs()

    for name, container in [("method", "Outer"), ("inner", "method")]:
        assert found[name]["container_def_bstart"] == found[container]["def_bstart"]
        assert found[name]["container_def_bend"] == found[container]["def_bend"]
    assert found["Outer"]["container_def_bstart"] is None


def test_a_def_has_its_qualified_and_its_full_name() -> None:
    row = defs()["inner"]

    assert row["qnames"] == [{"name": "Outer.method.<locals>.inner", "source": "LOCAL"}]
    assert row["def_fqns"] == ["pkg.m.Outer.method.<locals>.inner"]


def test_defs_of_the_same_name_have_ids_of_their_own() -> None:
    ids = [row["def_id"] for row in table("defs", "def f(): ...\ndef f(): ...\nclass f: ...\n")]

    assert len(set(ids)) == 3


def test_docstrings_are_told_with_the_def_they_document() -> None:
    found = defs()
    rows = table("docstrings")

    assert [(row["docstring"], row["owner_kind"], row["owner_def_id"]) for row in rows] == [
        ("Module.", "module", None),
        ("Outer.\n\nIndented.", "class", found["Outer"]["def_id"]),
        ("Method.", "async_function", found["method"]["def_id"]),
        ("Oneline", "function", found["inner"]["def_id"]),
    ]
    assert found["Outer"]["docstring"] == "Outer.\n\nIndented."
    assert found["bare"]["docstring"] is None


def test_a_docstring_spans_its_literal() -> None:
    data = SOURCE.encode()

    texts = [data[row["bstart"] : row["bend"]].decode() for row in table("docstrings")]

    assert texts[0] == '"""Module."""'
    assert texts[2:] == ['"Method."', '"One" "line"']


def test_a_docstring_that_utf8_cannot_hold_is_escaped() -> None:
    (row,) = table("docstrings", '"""\\ud800"""\n')

    assert row["docstring"] == "\\ud800"


def test_decorators_are_numbered_from_the_top() -> None:
    rows = table("decorators")

    assert [(row["decorator_index"], row["decorator_text"]) for row in rows] == [
        (0, "first"),
        (1, "second.of(1)"),
        (0, "property"),
    ]
    assert rows[1]["owner_def_id"] == defs()["Outer"]["def_id"]
    assert defs()["Outer"]["decorator_count"] == 2


def test_types_are_told_with_what_they_are_the_type_of() -> None:
    rows = [
        (row["expr_text"], row["expr_kind"], row["expr_role"], row["param_name"])
        for row in table("type_exprs")
    ]

    assert rows == [
        ("int", "Name", "param", "x"),
        ('"T"', "SimpleString", "param", "args"),
        ("dict[str, int]", "Subscript", "param", "kw"),
        ("list[int]", "Subscript", "return", None),
        ("set[int]", "Subscript", "variable", None),
        ("float", "Name", "variable", None),
        ("list[T]", "Subscript", "alias", None),
        ("int", "Name", "bound", None),
    ]


@pytest.mark.parametrize(
    ("text", "owner"), [("list[int]", "method"), ("set[int]", "method"), ("float", None)]
)
def test_a_type_belongs_to_the_innermost_def(text: str, owner: str | None) -> None:
    (row,) = [row for row in table("type_exprs") if row["expr_text"] == text]

    assert row["owner_def_bstart"] == (defs()[owner]["def_bstart"] if owner else None)
    assert row["owner_def_kind"] == ("async_function" if owner else "module")
