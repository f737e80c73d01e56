"""Reads YAML text as nodes that know their places, and refuses what a contract has no use for."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeAlias

import yaml
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.wording import shown
from cst_contracts.errors import InvalidContract, Problem
from cst_contracts.location import Location

MAX_DEPTH = 64
MAX_ALIASED_NODES = 10_000
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep", "write it flatter"

# The C loader is ten times as fast, and PyYAML may have been built without it.
_LOADER: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Named one by one: a class of all that is printable takes as long to compile as a hundred others.
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class Scalar(Struct, frozen=True):
    """A text. `plain`: written without quotes. `inset`: columns from `place` to the first character of the
    text, where the text stands in the file as it is."""

    text: str
    plain: bool
    place: Location
    inset: int | None = None

    def place_of(self, offset: int) -> Location:
        """Where the character at `offset` of the text is written, as near as can be told."""
        if self.inset is None:
            return self.place
        return replace(self.place, column=self.place.column + self.inset + offset)


class Sequence(Struct, frozen=True):
    """A list. `flow`: written in brackets, and not as a column of dashes."""

    items: tuple["Node", ...]
    place: Location
    flow: bool = False


class Mapping(Struct, frozen=True):
    """A mapping, whose keys are unique texts."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    place: Location


Node: TypeAlias = Scalar | Sequence | Mapping


class Document(Struct, frozen=True):
    """A file's content. `problems` are those that do not keep the rest of it from being read."""

    root: Node
    problems: tuple[Problem, ...]


def read_nodes(data: bytes, file: str) -> Document:
    composer = _Composer(_decode(data, file), file)
    try:
        root = composer.compose_document()
    # The two others: escapes beyond Unicode, where PyYAML has no libyaml.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        problem = _syntax_problem(error, file)
        raise InvalidContract([*composer.problems, problem]) from error
    return Document(root, tuple(composer.problems))


def _decode(data: bytes, file: str) -> str:
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        place = _end_of(data[: error.start].decode("utf-8").removeprefix("\ufeff"), file)
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise InvalidContract([Problem(place, what, "save the file as UTF-8")]) from error
    problems = [
        Problem(
            _end_of(text[: match.start()], file),
            f"character U+{ord(match[0]):04X} cannot stand in YAML text",
            "remove it",
        )
        for match in _UNREADABLE.finditer(text)
    ]
    if problems:
        raise InvalidContract(problems)
    return text


def _end_of(text: str, file: str) -> Location:
    lines = re.split("\r\n|\r|\n", text)
    return Location(file, len(lines), len(lines[-1]) + 1)


def _syntax_problem(error: Exception, file: str) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Problem(Location(file, 1, 1), f"not YAML: {shown(str(error))}", "write YAML text")
    mark = error.problem_mark
    place = Location(file, mark.line + 1, mark.column + 1)
    if "nesting depth" in str(
        error.problem
    ):  # libyaml, where it reads ahead of us, has a limit, too
        return Problem(place, *_TOO_DEEP)
    words = [error.context, error.problem]
    what = "not YAML: " + ", ".join(" ".join(word.split()) for word in words if word)
    if "tab" in what or "cannot start any token" in what:
        instead = "indent with spaces, not tabs; quote text that starts with %, @ or `"
    elif "flow" in what:
        instead = "close what is open here; quote text that has commas, colons or brackets in it"
    else:
        instead = "check the indentation, brackets and quotes up to here"
    return Problem(place, what, instead)


class _Composer:
    """Makes nodes of YAML events. Reports to `problems` what does not keep it from going on, and raises
    InvalidContract for all else."""

    def __init__(self, text: str, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._next: Callable[[], Any] = _LOADER(text).get_event
        self._anchored: dict[str, Node] = {}
        self._open: set[str] = set()
        self._aliased_nodes = 0

    def compose_document(self) -> Node:
        self._next()
        start = self._next()
        if isinstance(start, yaml.StreamEndEvent):
            self._stop(
                Location(self._file, 1, 1),
                "the file is empty",
                "start it with `table:` or `session:`",
            )
        root = self._compose(self._next(), depth=1)
        self._next()
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._report(
                self._place(after),
                "a second document in the same file",
                "put each contract in a file of its own",
            )
        return root

    def _compose(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._anchor(event, self._scalar(event))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        place = self._place(event)
        if depth > MAX_DEPTH:
            self._stop(place, *_TOO_DEEP)
        if event.tag is not None:
            self._refuse_tag(event, place)
        if event.anchor:
            self._anchored.pop(event.anchor, None)
            self._open.add(event.anchor)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._anchor(
                event, Sequence(tuple(self._items(depth)), place, bool(event.flow_style))
            )
        return self._anchor(event, Mapping(tuple(self._entries(depth)), place))

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            yield self._compose(event, depth + 1)

    def _entries(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        first_lines: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._compose(event, depth + 1)
            value = self._compose(self._next(), depth + 1)
            if not isinstance(key, Scalar):
                self._report(key.place, "a key that is a list or a mapping", "write a text as key")
            elif key.plain and key.text == "<<":
                self._report(key.place, "merge key `<<`", "write the merged keys out")
            elif key.text in first_lines:
                self._report(
                    key.place,
                    f"duplicate key {shown(key.text)}",
                    f"keep one of the two, the first is on line {first_lines[key.text]}",
                )
            else:
                first_lines[key.text] = key.place.line
                yield key, value

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        plain: bool = event.implicit[0]
        start, end = event.start_mark, event.end_mark
        place = Location(self._file, start.line + 1, start.column + 1)
        if event.tag is not None:
            self._refuse_tag(event, place)
        quotes = 0 if plain else 1
        as_is = end.column - start.column == len(text) + 2 * quotes and start.line == end.line
        if not as_is and (match := _NO_TEXT.search(text)):
            what = f"text with the character U+{ord(match[0]):04X}"
            self._report(place, what, "leave its escape out")
            text = _NO_TEXT.sub("\ufffd", text)
        return Scalar(text, plain, place, quotes if as_is else None)

    def _anchor(self, event: Any, node: Node) -> Node:
        if event.anchor:
            self._open.discard(event.anchor)
            self._anchored[event.anchor] = node
        return node

    def _alias(self, event: Any, depth: int) -> Node:
        place = self._place(event)
        name = str(event.anchor)
        if name in self._open:
            self._stop(
                place, f"alias `*{name}` stands inside its own anchor", "write the value out"
            )
        if name not in self._anchored:
            self._stop(place, f"alias `*{name}` has no anchor", f"write `&{name}` before it")
        node = self._anchored[name]
        size, height = _extent(node)
        self._aliased_nodes += size
        if self._aliased_nodes > MAX_ALIASED_NODES or depth + height - 1 > MAX_DEPTH:
            self._stop(place, f"alias `*{name}` makes the file too large", "write the values out")
        return replace(node, place=place, inset=None) if isinstance(node, Scalar) else node

    def _refuse_tag(self, event: Any, place: Location) -> None:
        self._report(place, f"YAML tag {shown(event.tag)}", "leave the tag out")

    def _place(self, event: Any) -> Location:
        mark = event.start_mark
        return Location(self._file, mark.line + 1, mark.column + 1)

    def _report(self, place: Location, what: str, instead: str) -> None:
        self.problems.append(Problem(place, what, instead))

    def _stop(self, place: Location, what: str, instead: str) -> NoReturn:
        raise InvalidContract([*self.problems, Problem(place, what, instead)])


def _extent(node: Node) -> tuple[int, int]:
    """How many nodes a node has, itself included, and on how many levels."""
    if isinstance(node, Scalar):
        return 1, 1
    below = (
        node.items
        if isinstance(node, Sequence)
        else [each for entry in node.entries for each in entry]
    )
    extents = [_extent(each) for each in below]
    return 1 + sum(size for size, _ in extents), 1 + max((high for _, high in extents), default=0)
