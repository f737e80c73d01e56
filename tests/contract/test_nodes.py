import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.contract import nodes
from cst_contracts.contract.nodes import Mapping, Node, Scalar, Sequence, read_nodes
from cst_contracts.errors import InvalidContract
from cst_contracts.location import Location


def _problems(data: bytes | str) -> list[str]:
    """Those of a readable document, or of the refusal."""
    try:
        document = read_nodes(data.encode() if isinstance(data, str) else data, "c.yaml")
    except InvalidContract as refusal:
        return [str(problem) for problem in refusal.problems]
    return [str(problem) for problem in document.problems]


def _at(line: int, column: int) -> Location:
    return Location("c.yaml", line, column)


def _plain_scalar(text: str, place: Location) -> Scalar:
    return Scalar(text, plain=True, place=place, inset=0)


def _quoted_scalar(text: str, place: Location) -> Scalar:
    return Scalar(text, plain=False, place=place, inset=1)


def test_nodes_know_their_places_and_whether_they_are_quoted() -> None:
    text = "table: cst\nfields:\n  - {name: 'é', type: \"int64\"}\n"
    assert read_nodes(text.encode(), "c.yaml").root == Mapping(
        (
            (_plain_scalar("table", _at(1, 1)), _plain_scalar("cst", _at(1, 8))),
            (
                _plain_scalar("fields", _at(2, 1)),
                Sequence(
                    (
                        Mapping(
                            (
                                (
                                    _plain_scalar("name", _at(3, 6)),
                                    _quoted_scalar("é", _at(3, 12)),
                                ),
                                (
                                    _plain_scalar("type", _at(3, 17)),
                                    _quoted_scalar("int64", _at(3, 23)),
                                ),
                            ),
                            _at(3, 5),
                        ),
                    ),
                    _at(3, 3),
                ),
            ),
        ),
        _at(1, 1),
    )


def test_a_byte_order_mark_is_accepted_and_moves_no_column() -> None:
    assert read_nodes(b"\xef\xbb\xbfa: b", "c.yaml") == read_nodes(b"a: b", "c.yaml")


def test_anchors_in_moderation_are_fine_and_an_alias_has_its_own_place() -> None:
    root = read_nodes(b"a: &x string\nb: *x", "c.yaml").root
    assert isinstance(root, Mapping)
    assert root.entries[1][1] == Scalar("string", plain=True, place=_at(2, 4))


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("t: list<x>", 5, _at(1, 9)),
        ("t: 'list<x>'", 5, _at(1, 10)),
        ('t: "li\\x73t<x>"', 5, _at(1, 4)),
        ("t: list<\n  x>", 6, _at(1, 4)),
    ],
)
def test_a_character_of_a_scalar_has_a_place_where_it_stands_as_written(
    text: str, offset: int, place: Location
) -> None:
    root = read_nodes(text.encode(), "c.yaml").root
    assert isinstance(root, Mapping)
    scalar = root.entries[0][1]
    assert isinstance(scalar, Scalar)
    assert scalar.place_of(offset) == place


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("", "1:1: the file is empty; start it with `table:` or `session:`"),
        ("# words\n", "1:1: the file is empty; start it with `table:` or `session:`"),
        ("a: 1\nb: 2\na: 3", "3:1: duplicate key `a`; keep one of the two, the first is on line 1"),
        ("{a: 1, 'a': 2}", "1:8: duplicate key `a`; keep one of the two, the first is on line 1"),
        (
            "a: !!python/name:os.system x",
            "1:4: YAML tag `tag:yaml.org,2002:python/name:os.system`; leave the tag out",
        ),
        ("a: !foo [x]", "1:4: YAML tag `!foo`; leave the tag out"),
        ("a: ! x", "1:4: YAML tag `!`; leave the tag out"),
        (
            "a: b\n---\nc: d",
            "2:1: a second document in the same file; put each contract in a file of its own",
        ),
        (
            "a: &x [*x]",
            "1:8: alias `*x` stands inside its own anchor; write the value out",
        ),
        ("a: *x", "1:4: alias `*x` has no anchor; write `&x` before it"),
        ("a: {<<: {b: c}}", "1:5: merge key `<<`; write the merged keys out"),
        ("? [a]\n: b", "1:3: a key that is a list or a mapping; write a text as key"),
        (b"a: b\nc: \xe9\xff", "2:4: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        (b"\xff\xfea\x00", "1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
        ("a: b\nc: \x07", "2:4: character U+0007 cannot stand in YAML text; remove it"),
        ("a: \ufeffb", "1:4: character U+FEFF cannot stand in YAML text; remove it"),
        ('a: "b\\0"', "1:4: text with the character U+0000; leave its escape out"),
        (
            "a:\n\t- b",
            "2:1: not YAML: while scanning for the next token, found character that cannot start "
            "any token; indent with spaces, not tabs; quote text that starts with %, @ or `",
        ),
        (
            "a: {b: c\nd: e",
            "2:2: not YAML: while parsing a flow mapping, did not find expected ',' or '}'; "
            "close what is open here; quote text that has commas, colons or brackets in it",
        ),
        (
            "a: 'b",
            "1:6: not YAML: while scanning a quoted scalar, found unexpected end of stream; "
            "check the indentation, brackets and quotes up to here",
        ),
    ],
)
def test_what_a_contract_has_no_use_for_is_refused_where_it_stands(
    data: bytes | str, problem: str
) -> None:
    assert _problems(data) == [f"c.yaml:{problem}"]


def test_what_is_wrong_before_a_syntax_error_is_told_with_it() -> None:
    first, second = _problems("a: !x b\na: c\nd: [")[:2]
    assert first == "c.yaml:1:4: YAML tag `!x`; leave the tag out"
    assert second.startswith("c.yaml:2:1: duplicate key `a`")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_limited_where_the_limit_is_passed(opening: str) -> None:
    place = 1 + len(opening) * nodes.MAX_DEPTH
    assert _problems(opening * 500) == [
        f"c.yaml:1:{place}: nested more than 64 levels deep; write it flatter"
    ]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_what_the_parser_itself_finds_too_deep_is_told_alike(opening: str) -> None:
    (problem,) = _problems(opening * 5000)
    assert problem.endswith(": nested more than 64 levels deep; write it flatter")


def test_aliases_cannot_blow_a_file_up() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (problem,) = _problems(bomb)
    assert problem == "c.yaml:4:36: alias `*c` makes the file too large; write the values out"


def test_aliases_cannot_nest_deeper_than_the_limit() -> None:
    tower = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 100))
    (problem,) = _problems(tower)
    assert problem == "c.yaml:64:12: alias `*a62` makes the file too large; write the values out"


def test_the_loader_without_libyaml_reads_the_same(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_libyaml = read_nodes(table.encode(), "c.yaml")
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    assert read_nodes(table.encode(), "c.yaml") == with_libyaml


@pytest.mark.parametrize(
    "text", ['a: "\\ud800"', 'a: "\\U00110000"', 'a: "\\UFFFFFFFF"', "a: [", "\t", "a: *b"]
)
def test_the_loader_without_libyaml_refuses_with_places_too(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    (problem,) = _problems(text)
    assert problem.startswith("c.yaml:1:")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert all(problem.startswith("c.yaml:") for problem in _problems(data))


_NAMES = st.text("abcé🐍 ", min_size=1, max_size=4)
_TREES = st.recursive(
    _NAMES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_NAMES, below, max_size=3),
    max_leaves=12,
)


@given(_TREES, st.sampled_from([None, 2]))
def test_every_place_points_at_what_is_written_there(tree: object, indent: int | None) -> None:
    text = json.dumps(tree, ensure_ascii=False, indent=indent)
    lines = text.splitlines()
    root = read_nodes(text.encode(), "c.yaml").root
    assert _values(root) == tree
    for scalar in _scalars(root):
        rest = lines[scalar.place.line - 1][scalar.place.column - 1 :]
        assert rest.startswith(f'"{scalar.text}"')
        character = lines[scalar.place.line - 1][scalar.place_of(0).column - 1]
        assert character == scalar.text[0]


def _values(node: Node) -> object:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [_values(item) for item in node.items]
        case Mapping():
            return {key.text: _values(value) for key, value in node.entries}


def _scalars(node: Node) -> list[Scalar]:
    match node:
        case Scalar():
            return [node]
        case Sequence():
            return [scalar for item in node.items for scalar in _scalars(item)]
        case Mapping():
            return [each for entry in node.entries for part in entry for each in _scalars(part)]
