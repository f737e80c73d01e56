from typing import Any

import pytest

from cst_contracts.extract.file import extract_bytes

Row = dict[str, Any]


def imports(source: str) -> list[Row]:
    found: list[Row] = extract_bytes("repo", "m.py", source.encode()).column("imports")[0].as_py()
    return found


@pytest.mark.parametrize(
    ("source", "kind", "module", "level", "name", "asname", "star"),
    [
        ("import a", "import", "a", 0, None, None, False),
        ("import a.b.c", "import", "a.b.c", 0, None, None, False),
        ("import a.b as c", "import", "a.b", 0, None, "c", False),
        ("from a.b import c", "from", "a.b", 0, "c", None, False),
        ("from a import b as c", "from", "a", 0, "b", "c", False),
        ("from . import x", "from", None, 1, "x", None, False),
        ("from ..up import x", "from", "up", 2, "x", None, False),
        ("from a import *", "from", "a", 0, "*", None, True),
        ("from .... import *", "from", None, 4, "*", None, True),
    ],
)
def test_every_form_of_import(  # one argument a field
    source: str,
    kind: str,
    module: str | None,
    level: int,
    name: str | None,
    asname: str | None,
    star: bool,  # noqa: FBT001  # the field's own type
) -> None:
    (row,) = imports(source)

    fields = ("kind", "module", "relative_level", "name", "asname", "is_star")
    assert tuple(row[field] for field in fields) == (kind, module, level, name, asname, star)


def test_every_name_of_a_statement_is_a_row_with_its_own_span() -> None:
    source = "from m import (a, b as c,\n    d)\n"
    rows = imports(source)

    assert [source[row["alias_bstart"] : row["alias_bend"]] for row in rows] == ["a", "b as c", "d"]
    assert {(row["stmt_bstart"], row["stmt_bend"]) for row in rows} == {(0, len(source) - 1)}


def test_future_imports_are_told_in_the_manifest() -> None:
    data = b"from __future__ import division as d, annotations\nfrom m import *\n"

    (row,) = extract_bytes("repo", "a/b.pyi", data).column("parse_manifest")[0].as_py()

    assert row["future_imports"] == ["annotations", "division"]
    assert (row["module_name"], row["package_name"]) == ("a.b", "a")
    assert (row["default_newline"], row["has_trailing_newline"]) == ("\n", True)
