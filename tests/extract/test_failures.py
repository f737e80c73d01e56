from pathlib import Path
from typing import Any

import pytest

from cst_contracts.extract.file import extract_bytes, extract_file, lost_file
from cst_contracts.extract.parsing import MAX_BRACKETS, nesting
from cst_contracts.extract.schema import TABLES
from cst_contracts.extract.sources import SourceFile

Row = dict[str, Any]


def errors(data: bytes) -> list[Row]:
    found: list[Row] = extract_bytes("repo", "m.py", data).column("parse_errors")[0].as_py()
    return found


@pytest.mark.parametrize(
    ("data", "error_type", "message"),
    [
        (b"x = 1\ndef f(:\n", "ParserSyntaxError", "parser error: error at"),
        (b"print 'Python 2'\n", "ParserSyntaxError", "parser error"),
        (b"x = \x00\n", "ParserSyntaxError", r"'\0' is not a valid character"),
        (b"if x:\n\ty\n        z\n", "ParserSyntaxError", "inconsistent mixing of tabs and spaces"),
        (b"'\xff\xfe'\n", "SyntaxError", "invalid or missing encoding declaration"),
        (b"\n\n\n'\xff'\n", "UnicodeDecodeError", "utf-8: invalid start byte"),
        (b"# coding: nope\n", "SyntaxError", "unknown encoding: nope"),
        (b"# coding: hex\n", "LookupError", "'hex' is not a text encoding"),
        (b"(" * 5000 + b")" * 5000, "NestingError", "more than 200 brackets inside each other"),
        (
            b"x = " + b"-" * 9000 + b"1\n",
            "NestingError",
            "nested deeper than Python itself accepts",
        ),
    ],
)
def test_a_file_that_does_not_parse_is_a_row_that_says_why(
    data: bytes, error_type: str, message: str
) -> None:
    row = extract_bytes("repo", "m.py", data)

    (error,) = row.column("parse_errors")[0].as_py()
    assert error["error_type"] == error_type
    assert message in error["message"]
    assert error["path"] == "m.py"
    assert all(row.column(table)[0].as_py() == [] for table in TABLES if table != "parse_errors")


def test_a_syntax_error_has_its_place() -> None:
    (error,) = errors(b"x = 1\ny = 2\nz = (3 4)\n")

    assert (error["raw_line"], error["editor_line"], error["line_base"]) == (3, 3, 1)
    assert error["editor_column"] == error["raw_column"] + 1
    assert error["context"].startswith("z = (3 4)\n")
    assert dict(error["meta"]) == {"stage": "parse"}


def test_scopes_that_python_refuses_leave_the_rest() -> None:
    row = extract_bytes("repo", "m.py", b"nonlocal x\nx = f(1)\n")

    (error,) = row.column("parse_errors")[0].as_py()
    assert error["error_type"] == "SyntaxError"
    assert error["message"] == "nonlocal declaration not allowed at module level"
    assert dict(error["meta"]) == {"stage": "scopes"}
    refs = row.column("refs")[0].as_py()
    assert [(ref["ref_text"], ref["expr_ctx"]) for ref in refs] == [
        ("x", "LOAD"),
        ("x", "STORE"),
        ("f", "LOAD"),
    ]
    assert {ref["scope_type"] for ref in refs} == {None}
    assert len(row.column("callsites")[0]) == 1


def test_a_file_that_cannot_be_read_is_a_row_without_a_digest(tmp_path: Path) -> None:
    row = extract_file(SourceFile("repo", "gone.py", tmp_path / "gone.py"))

    (error,) = row.column("parse_errors")[0].as_py()
    assert (error["error_type"], error["message"]) == (
        "FileNotFoundError",
        "No such file or directory",
    )
    assert row.column("file_sha256")[0].as_py() is None


def test_a_file_that_kills_its_process_is_a_row(tmp_path: Path) -> None:
    row = lost_file(SourceFile("repo", "m.py", tmp_path / "m.py"))

    (error,) = row.column("parse_errors")[0].as_py()
    assert error["error_type"] == "WorkerDiedError"
    assert error["message"] == "the process that read this file died"


@pytest.mark.parametrize(
    ("data", "deepest"),
    [
        (b"", 0),
        (b"f(a[{1}])", 3),
        (b"()()()", 1),
        (b'# (((\n\'(((\'\n"""\n(((\n"""\n(r\'\\\'(\')', 1),
        (b")))(", 1),
    ],
)
def test_nesting_counts_brackets_and_not_text(data: bytes, deepest: int) -> None:
    assert nesting(data) == deepest


def test_what_python_can_nest_is_parsed() -> None:
    depth = MAX_BRACKETS // 2

    assert errors(b"(" * depth + b"1" + b")" * depth + b"\n") == []
