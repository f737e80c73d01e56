"""A small sample of `python -m benchmarks.extract_oracle`, and that it goes red."""

import sysconfig
from pathlib import Path

import msgspec
import pytest

from benchmarks.extract_oracle import by_ast, by_symtable, by_tokenize
from benchmarks.extract_oracle.comparing import compared, lost
from benchmarks.extract_oracle.source import Source

STDLIB = Path(sysconfig.get_path("stdlib"))
ASSETS = Path(__file__).parent.parent / "assets" / "source"

# Short, and with closures, private names, generators, classes in functions, patterns and globals.
SAMPLE = (
    "bisect.py",
    "contextvars.py",
    "keyword.py",
    "reprlib.py",
    "sched.py",
    "json/encoder.py",
    "this.py",
)
SOURCE = b"def f(a):\n    # why\n    return [b for b in a]\n"


@pytest.mark.parametrize("name", SAMPLE)
def test_rows_of_the_standard_library_agree_with_python(name: str) -> None:
    assert list(compared(name, (STDLIB / name).read_bytes())) == []


@pytest.mark.parametrize("file", sorted(ASSETS.rglob("*.py")), ids=lambda file: file.name)
def test_rows_of_the_assets_agree_with_python(file: Path) -> None:
    assert list(compared(file.name, file.read_bytes())) == []


def test_a_semicolon_at_the_end_of_a_definition_is_no_difference() -> None:
    assert list(compared("m.py", b"def f():\n    x = 1 ;\n")) == []


def changed(table: str, **columns: object) -> Source:
    """The source with the first row of a table changed."""
    source = Source.of("m.py", SOURCE)
    first, *others = source.row[table]
    return msgspec.structs.replace(
        source, row={**source.row, table: [{**first, **columns}, *others]}
    )


def test_a_span_that_python_does_not_have_is_a_difference() -> None:
    told = [str(each) for each in by_ast.differences(changed("defs", def_bend=3))]

    assert told == [
        "m.py:1: only Python has (0, 45, 'f', 0)",
        "m.py:1: only a row has (0, 3, 'f', 0)",
    ]


def test_a_scope_that_python_does_not_have_is_a_difference() -> None:
    told = [each.what for each in by_symtable.differences(changed("refs", scope_type="class"))]

    assert told == [
        "only Python has ('f', 'global', None)",
        "only a row has ('f', 'class', None)",
    ]


def test_a_token_that_no_row_has_is_a_difference() -> None:
    told = [each.what for each in by_tokenize.differences(changed("refs", bend=6))]

    assert told == ["only Python has (4, 5)", "only a row has (4, 6)"]


def test_a_file_that_is_lost_is_a_difference() -> None:
    source = Source.of("m.py", b"def f(:\n")

    assert [each.what[:34] for each in lost(source)] == ["ParserSyntaxError: parser error: er"[:34]]


def test_a_place_that_python_does_not_tell_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_tokenize, "_refused", lambda _data: (7, 7))

    told = list(by_tokenize.misplaced(Source.of("m.py", b"f(a, b)\n"), seed=1))

    assert {each.kind for each in told} == {"places of errors"}
