"""JSON text, read as typed values: what is wrong is one sentence with its place."""

import pytest
from msgspec import Struct

from cst_contracts.drift.document import Document
from cst_contracts.errors import ManifestError


class Inner(Struct):
    n: int
    flag: bool | None = None


class Outer(Struct):
    inner: tuple[Inner, ...]
    named: dict[str, float]


def document(text: str) -> Document:
    return Document(text, "m.json", "write it again", ManifestError)


def test_a_document_is_read_as_what_it_should_be() -> None:
    read = document('{"inner": [{"n": 1}], "named": {"a": 0.5}}')
    assert read.members().keys() == {"inner", "named"}
    assert read.read(Outer) == Outer((Inner(1),), {"a": 0.5})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"inner": [{}], "named": {}}', 'm.json: inner[0]: "n" is missing'),
        ('{"named": {}}', 'm.json: "inner" is missing'),
        (
            '{"inner": [{"n": "1"}], "named": {}}',
            "m.json: inner[0].n: expected a whole number, found a string",
        ),
        (
            '{"inner": [{"n": 1, "flag": 1}], "named": {}}',
            "m.json: inner[0].flag: expected true or false or null, found a whole number",
        ),
        (
            '{"inner": {}, "named": {}}',
            "m.json: inner: expected an array, found an object",
        ),
        (
            '{"inner": [], "named": {"a": []}}',
            "m.json: named[...]: expected a number, found an array",
        ),
    ],
)
def test_another_shape_is_refused_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(ManifestError) as caught:
        document(text).read(Outer)
    assert str(caught.value) == f"{sentence}; write it again"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{,", "m.json:1:2: not JSON (*)"),
        ("7", "m.json: expected an object, found 7"),
        ('{"a": {"b": 1, "b": 2}}', 'm.json: member "b" stands twice in one object'),
        ("[" * 100_000, "m.json: nested too deeply"),
    ],
)
def test_what_is_no_object_is_refused(text: str, sentence: str) -> None:
    head, _, tail = sentence.partition("*")
    with pytest.raises(ManifestError) as caught:
        document(text).members()
    assert str(caught.value).startswith(head)
    assert str(caught.value).endswith(f"{tail}; write it again")
