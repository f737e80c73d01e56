"""Type text, as Arrow prints it or shorter, to `pa.DataType`."""

import re
from collections.abc import Callable, Sequence

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes.leaves import parse_integer, parse_leaf, parse_size
from cst_contracts.datatypes.names import nearest_name
from cst_contracts.datatypes.scanner import JSON_STRING, Scanner, shown
from cst_contracts.errors import InvalidType

MAX_DEPTH = 64
MAX_LENGTH = 1_000_000
_MAX_TYPE_CODE = 127

_WORD = re.compile(r"""[^\s<>\[\](){},:="']+""")
# A name is raw up to its colon, so `timestamp[us, tz=+02:00]` is none: its comma comes first.
_RAW_NAME = re.compile(r'([^:<>,"{}]*):')
_QUOTED_NAME = re.compile(rf"(?={JSON_STRING.pattern}\s*:)", re.DOTALL)
_RAW_ENTRY_NAME = re.compile(r"\(\s*'([^']*)'\s*\)")
_NOT_NULL = re.compile(r"not\s+null\b")
_OPEN_STRUCT = re.compile(r"(?:^|[<,:=])\s*struct\s*(?=$|[,>{=(]|not\s)")
# The closing quote is optional, so that an open string is passed once and not from each quote.
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)

_LISTS: dict[str, Callable[[pa.Field], pa.DataType]] = {
    "list": pa.list_,
    "large_list": pa.large_list,
    "list_view": pa.list_view,
    "large_list_view": pa.large_list_view,
}


def parse_type(text: str, struct_children: Sequence[pa.Field] | None = None) -> pa.DataType:
    """The type that `text` spells; raises `InvalidType`.

    With `struct_children` the text holds exactly one bare `struct`, which gets these children;
    without, a bare `struct` is an error. A list's child is called `item` unless the text names it.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidType(
            f"{len(text)} characters are too many for a type",
            f"write at most {MAX_LENGTH} characters",
            MAX_LENGTH,
        )
    _refuse_unencodable(text)
    parser = _TypeParser(Scanner(text), struct_children)
    parsed = parser.type(depth=0)
    _expect_bare_end(parser.scanner)
    if struct_children is not None and not parser.open_struct_met:
        raise InvalidType(
            f"{shown(text)} has no bare `struct` for these children",
            "write `struct` without children in the type, or leave the children out",
            0,
        )
    return parsed


def has_open_struct(text: str) -> bool:
    """Whether a bare `struct` stands in the text, its children to be spelled out elsewhere."""
    return _OPEN_STRUCT.search(_STRINGS.sub('""', text)) is not None


def _refuse_unencodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        what = "a lone surrogate is no character"
        raise InvalidType(what, "write the character itself", error.start) from error


def _expect_bare_end(scanner: Scanner) -> None:
    if scanner.match(_NOT_NULL):
        raise scanner.error(
            "`not null` is no part of a type", "write `nullable: false` beside the type"
        )
    if scanner.sees("{"):
        raise scanner.error("metadata is no part of a type", "write `metadata:` beside the type")
    scanner.expect_end()


class _TypeParser(Struct):
    scanner: Scanner
    struct_children: Sequence[pa.Field] | None
    open_struct_met: bool = False

    def type(self, depth: int) -> pa.DataType:
        start = self.scanner.skip_space()
        if depth > MAX_DEPTH:
            raise self.scanner.error(
                f"a type nested deeper than {MAX_DEPTH} levels", "write a flatter type"
            )
        instead = "write one as Arrow prints it, such as `int64` or `list<string>`"
        word = self.scanner.expect_match(_WORD, "a type", instead).group()
        leaf = parse_leaf(word, self.scanner)
        return self._nested(word, start, depth + 1) if leaf is None else leaf

    def _nested(self, word: str, start: int, depth: int) -> pa.DataType:
        if word in _LISTS:
            return _LISTS[word](self._list_child(depth))
        match word:
            case "fixed_size_list":
                return pa.list_(self._list_child(depth), parse_size(self.scanner))
            case "struct":
                return pa.struct(self._struct_children(start, depth))
            case "map":
                return self._map(depth)
            case "dictionary":
                return self._dictionary(depth)
            case "run_end_encoded":
                return self._run_end_encoded(depth)
            case "dense_union" | "sparse_union":
                return self._union(word.removesuffix("_union"), depth)
            case _:
                what = f"{shown(word)} is no Arrow type"
                raise self.scanner.error(what, nearest_name(word), start)

    def _list_child(self, depth: int) -> pa.Field:
        self.scanner.expect("<")
        name = self._name()
        child = self._unnamed_field("item" if name is None else name, depth)
        self.scanner.expect(">")
        return child

    def _struct_children(self, start: int, depth: int) -> Sequence[pa.Field]:
        if self.scanner.sees("<"):
            return self._distinct_children(depth)
        if self.struct_children is None:
            what = "a bare `struct` has no children"
            raise self.scanner.error(what, "write `struct<name: type>`", start)
        if self.open_struct_met:
            what = "a second bare `struct`, and children for one"
            raise self.scanner.error(what, "write `struct<name: type>`", start)
        self.open_struct_met = True
        return self.struct_children

    def _distinct_children(self, depth: int) -> Sequence[pa.Field]:
        children: dict[str, pa.Field] = {}
        self.scanner.expect("<")
        if self.scanner.take(">"):
            return ()
        while True:
            start = self.scanner.skip_space()
            child = self._field(depth)
            if child.name in children:
                what = f"the name {shown(child.name)} is used twice"
                raise self.scanner.error(what, "give each child its own name", start)
            children[child.name] = child
            if self.scanner.expect(",", ">") == ">":
                return tuple(children.values())

    def _map(self, depth: int) -> pa.DataType:
        self.scanner.expect("<")
        key = self._map_side("key", depth).with_nullable(nullable=False)
        self.scanner.expect(",")
        value = self._map_side("value", depth)
        keys_sorted = self.scanner.take(",")
        if keys_sorted:
            self.scanner.expect("keys_sorted")
        # The name of the entries themselves, which Arrow prints and pyarrow cannot set.
        self._entry_name()
        self.scanner.expect(">")
        return pa.map_(key, value, keys_sorted=keys_sorted)

    def _map_side(self, default_name: str, depth: int) -> pa.Field:
        side = self._unnamed_field(default_name, depth)
        name = self._entry_name()
        return side if name is None else side.with_name(name)

    def _entry_name(self) -> str | None:
        raw = self.scanner.match(_RAW_ENTRY_NAME)
        if raw:
            return raw[1]
        if not self.scanner.take("("):
            return None
        name = self.scanner.json_string()
        self.scanner.expect(")")
        return name

    def _dictionary(self, depth: int) -> pa.DataType:
        self.scanner.expect("<")
        self.scanner.expect_keyword("values", "=")
        values = self.type(depth)
        self.scanner.expect(",")
        self.scanner.expect_keyword("indices", "=")
        start = self.scanner.skip_space()
        indices = self.type(depth)
        if not pa.types.is_integer(indices):
            what = f"`{indices}` cannot be the indices of a dictionary"
            raise self.scanner.error(what, "write an integer type, such as `int32`", start)
        ordered = False
        if self.scanner.take(","):
            self.scanner.expect_keyword("ordered", "=")
            ordered = self.scanner.expect("0", "1") == "1"
        self.scanner.expect(">")
        return pa.dictionary(indices, values, ordered=ordered)

    def _run_end_encoded(self, depth: int) -> pa.DataType:
        self.scanner.expect("<")
        self.scanner.expect_keyword("run_ends", ":")
        start = self.scanner.skip_space()
        run_ends = self.type(depth)
        if run_ends not in (pa.int16(), pa.int32(), pa.int64()):
            what = f"`{run_ends}` cannot be the type of run ends"
            raise self.scanner.error(what, "write `int16`, `int32` or `int64`", start)
        self.scanner.expect(",")
        self.scanner.expect_keyword("values", ":")
        values = self.type(depth)
        self.scanner.expect(">")
        return pa.run_end_encoded(run_ends, values)

    def _union(self, mode: str, depth: int) -> pa.DataType:
        children: list[pa.Field] = []
        codes: list[int] = []
        self.scanner.expect("<")
        more = not self.scanner.take(">")
        while more:
            children.append(self._field(depth))
            self.scanner.expect("=")
            start = self.scanner.skip_space()
            code = parse_integer(self.scanner, "the type code", 0, _MAX_TYPE_CODE)
            if code in codes:
                what = f"the type code {code} is used twice"
                raise self.scanner.error(what, "give each child its own code", start)
            codes.append(code)
            more = self.scanner.expect(",", ">") == ","
        return pa.union(children, mode, codes)

    def _field(self, depth: int) -> pa.Field:
        start = self.scanner.skip_space()
        name = self._name()
        if name is None:
            what = "a child without a name"
            raise self.scanner.error(what, "write `name: type`", start)
        return self._unnamed_field(name, depth)

    def _name(self) -> str | None:
        if self.scanner.match(_QUOTED_NAME):
            name = self.scanner.json_string()
            self.scanner.expect(":")
            return name
        raw = self.scanner.match(_RAW_NAME)
        return raw[1].rstrip() if raw else None

    def _unnamed_field(self, name: str, depth: int) -> pa.Field:
        type_ = self.type(depth)
        nullable = self.scanner.match(_NOT_NULL) is None
        metadata = self.scanner.metadata() if self.scanner.sees("{") else None
        # Apart from the field's making, which refuses `null not null` though Arrow can hold it.
        return pa.field(name, type_, metadata=metadata or None).with_nullable(nullable=nullable)
