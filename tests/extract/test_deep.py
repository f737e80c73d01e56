import sys
import threading
from typing import Any

import pytest

from cst_contracts.extract.deep import on_deep_stack
from cst_contracts.extract.file import extract_bytes

# What Python 3.11 and later compile, and what ended at the usual limit of 1,000 frames.
DEEP = {
    "calls": "x" + ".b()" * 300,
    "sums": "(" + " + ".join(["'a'"] * 600) + ")",
    "strings": "(" + "\n".join(["'a'"] * 600) + ")",
    "lists": "[" * 150 + "]" * 150,
    "subscripts": "L[" * 100 + "int" + "]" * 100,
    "signs": "-" * 500 + "1",
    "lambdas": "lambda: " * 300 + "y",
}


def table(name: str, data: bytes) -> list[Any]:
    found: list[Any] = extract_bytes("repo", "m.py", data).column(name)[0].as_py()
    return found


@pytest.mark.parametrize("kind", DEEP)
def test_what_python_nests_is_extracted(kind: str) -> None:
    data = f"def kept(): pass\nx = {DEEP[kind]}\n".encode()
    compile(data, "m.py", "exec")

    assert table("parse_errors", data) == []
    assert [row["name"] for row in table("defs", data)] == ["kept"]


def test_a_long_chain_of_elifs_is_extracted() -> None:
    data = b"if a: pass\n" + b"elif b: pass\n" * 600 + b"def kept(): pass\n"

    assert table("parse_errors", data) == []
    assert len(table("defs", data)) == 1


@pytest.mark.parametrize(
    "source", ["x = " + "lambda: " * 8000 + "y\n", "x = " + "-" * 9000 + "1\n"]
)
def test_what_python_does_not_nest_is_told_and_not_tried(source: str) -> None:
    (error,) = table("parse_errors", source.encode())

    assert error["error_type"] == "NestingError"
    assert error["message"] == "nested deeper than Python itself accepts"


def _depth(frames: int) -> int:
    return 0 if frames == 0 else 1 + _depth(frames - 1)


def test_deep_work_leaves_the_callers_limits_as_they_were() -> None:
    before = sys.getrecursionlimit(), threading.stack_size()

    assert on_deep_stack(lambda: _depth(20_000)) == 20_000
    assert (sys.getrecursionlimit(), threading.stack_size()) == before
    with pytest.raises(RecursionError):
        _depth(20_000)


def test_what_deep_work_raises_is_raised_to_the_caller() -> None:
    with pytest.raises(SystemExit, match="3"):
        on_deep_stack(lambda: sys.exit(3))
    assert on_deep_stack(lambda: 1) == 1
