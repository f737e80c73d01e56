"""The rules of the house that no linter knows: classes are narrow, and functions are short."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

import cst_contracts

Rule: TypeAlias = Callable[[ast.Module], Iterator[str]]
_PACKAGE = Path(cst_contracts.__file__).parent
_MODULES = sorted(_PACKAGE.rglob("*.py"))
_METHODS, _LINES = 10, 75


def too_wide(tree: ast.Module) -> Iterator[str]:
    """Classes of more public methods than ten whose docstring does not speak of its methods."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            functions = (each for each in node.body if isinstance(each, ast.FunctionDef))
            public = [each for each in functions if not each.name.startswith("_")]
            if len(public) > _METHODS and "method" not in (ast.get_docstring(node) or "").lower():
                yield node.name


def too_long(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and len(ast.unparse(node).splitlines()) > _LINES:
            yield node.name


@pytest.mark.parametrize("rule", [too_wide, too_long])
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    broken = {
        str(module.relative_to(_PACKAGE)): names
        for module in _MODULES
        if (names := list(rule(ast.parse(module.read_text(encoding="utf-8")))))
    }
    assert broken == {}


def test_the_rules_can_be_broken() -> None:
    methods = "\n".join(f"    def m{number}(self): ..." for number in range(_METHODS + 1))
    assert list(too_wide(ast.parse(f"class Wide:\n{methods}"))) == ["Wide"]
    assert list(too_wide(ast.parse(f'class Wide:\n    """Methods."""\n{methods}'))) == []
    body = "\n".join("    pass" for _ in range(_LINES))
    assert list(too_long(ast.parse(f"def long():\n{body}"))) == ["long"]
