from typing import Any

import pytest

from cst_contracts.extract.file import extract_bytes

Place = tuple[int | None, int | None]


def error(data: bytes) -> dict[str, Any]:
    (found,) = extract_bytes("repo", "m.py", data).column("parse_errors")[0].as_py()
    told: dict[str, Any] = found
    return told


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("a = 1\nif a:\n    b = = 2\nc = 3\nd = 4\n", (3, 8)),
        ("x = (3 4)\n", (1, 7)),
        ("x = (3 4)", (1, 7)),
        ("é = (3 4)\nb\n", (1, 7)),
        ("x = 1 +\n\n\n\n", (1, 7)),
        ("a\r\nb = = 1\r\nc\r\n", (2, 4)),
        ("a\rb = = 1\rc\r", (2, 4)),
        ("\ufeffa = = 1\nb\n", (1, 4)),
        ("a\n\fb = = 1\nc\n", (2, 5)),
        ("f(:\n    pass\nx\n", (1, 2)),
        ("a # b\nb c\nd\n", (2, 2)),
        ("a = # b\nb\nd\n", (1, 4)),
        ("from a. import b\nc\n", (1, 8)),
        ("x = 3 + import\ny\n", (1, 8)),
        ("def if(): pass\nx\n", (1, 4)),
    ],
)
def test_a_syntax_error_is_told_where_python_finds_it(source: str, place: Place) -> None:
    told = error(source.encode())

    assert (told["raw_line"], told["raw_column"]) == place
    assert (told["editor_line"], told["editor_column"]) == (place[0], (place[1] or 0) + 1)
    with pytest.raises(SyntaxError) as python:
        compile(source.lstrip("\ufeff"), "m.py", "exec")
    assert python.value.lineno == place[0]


def test_the_context_is_the_line_with_a_caret_below_the_place() -> None:
    told = error(b"a = 1\nif a:\n\tb = = 2\nc = 3\n")

    assert told["context"] == "        b = = 2\n            ^"
    assert (told["raw_column"], told["editor_column"]) == (5, 13)


@pytest.mark.parametrize("line", ["b = 2]", "b = 'x", "b = $"])
def test_an_error_of_the_tokenizer_has_no_place_rather_than_a_wrong_one(line: str) -> None:
    told = error(f"a = 1\n{line}\nc = 3\n".encode())

    assert told["message"].startswith("tokenizer error")
    columns = ("raw_line", "raw_column", "editor_line", "editor_column", "context")
    assert {told[column] for column in columns} == {None}


def test_a_place_that_pythons_tokenizer_does_not_reach_is_that_of_the_last_token() -> None:
    told = error(b"f(\n\n")

    assert (told["raw_line"], told["raw_column"]) == (1, 1)
