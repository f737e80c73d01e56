"""A YAML text that is edited where it says something else, and nowhere besides.

What no edit touches stays byte by byte: comments, order, spaces and quotes. Round-trip libraries keep
comments, too, but lay out anew what stands in braces over several lines.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import yaml
from msgspec import Struct

#: What this package has written behind a line that says `nullable: false`, and is no longer true.
_EVIDENCE = re.compile(r"[ \t]+# no null in [\d,]+ \w+ \(\w+\)[ \t]*$", re.MULTILINE)


class NotEditable(Exception):
    """The text is laid out in a way that nothing here knows how to edit; the message says which."""


class Splice(Struct, frozen=True):
    """The characters from `start` to `end` give way to `text`."""

    start: int
    end: int
    text: str


def unix_text(text: str) -> str:
    """With line feeds alone. Raises NotEditable where lines end differently."""
    unix = text.replace("\r\n", "\n")
    if "\r" in unix or (unix != text and text.count("\n") != text.count("\r\n")):
        raise NotEditable("its lines end differently")
    return unix


def with_ends_of(text: str, new: str) -> str:
    """What is new, with lines that end as those of the text do."""
    return new.replace("\n", "\r\n") if "\r\n" in text else new


def compose(text: str) -> yaml.MappingNode:
    """The root mapping of a contract that can be read. Raises NotEditable."""
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
        raise NotEditable("it has aliases, so that an edit might change another place, too")
    root = yaml.compose(text, yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise NotEditable("it is no mapping")
    return root


def entries(mapping: yaml.MappingNode) -> Mapping[str, yaml.Node]:
    return {key.value: value for key, value in mapping.value}


def key_of(mapping: yaml.MappingNode, name: str) -> yaml.Node:
    found: yaml.Node = next(key for key, _ in mapping.value if key.value == name)
    return found


def spliced(text: str, splices: Iterable[Splice], offset: int = 0) -> str:
    """Splices do not overlap; they count from a text of which this one begins at `offset`."""
    for each in sorted(splices, key=lambda each: each.start, reverse=True):
        text = f"{text[: each.start - offset]}{each.text}{text[each.end - offset :]}"
    return text


def replaced(node: yaml.Node, text: str) -> Splice:
    return Splice(node.start_mark.index, node.end_mark.index, text)


def with_key(
    text: str, mapping: yaml.MappingNode, key: str, value: str, after: str | None = None
) -> Splice:
    """The value of a key that is there changes, or the key is added: as the last one, or behind another."""
    found = entries(mapping)
    if key in found:
        return replaced(found[key], value)
    last = mapping.value[-1][1] if after is None else found[after]
    if mapping.flow_style:
        end = last_index(last)
        return Splice(end, end, f", {key}: {value}")
    column = mapping.value[0][0].start_mark.column
    end = end_of_line(text, last_index(last))
    return Splice(end, end, f"\n{' ' * column}{key}: {value}")


def without_evidence(text: str, node: yaml.Node) -> tuple[Splice, ...]:
    """Takes out what this package has written of nulls behind the line of a node."""
    start = last_index(node)
    found = _EVIDENCE.search(text, start, end_of_line(text, start))
    return () if found is None else (Splice(found.start(), found.end(), ""),)


class Chunk(Struct, frozen=True):
    """One entry of a list with all that belongs to it: in a column of dashes the lines above it, too, that
    are empty or comments; in brackets only itself."""

    start: int
    end: int


def chunks(text: str, above: yaml.Node, sequence: yaml.SequenceNode) -> Sequence[Chunk]:
    """Of a list whose key is `above`. Raises NotEditable where comments stand between entries in brackets."""
    if sequence.flow_style:
        inner = [Chunk(each.start_mark.index, each.end_mark.index) for each in sequence.value]
        gaps = [text[one.end : two.start] for one, two in pairwise(inner)]
        if any("#" in gap for gap in gaps):
            raise NotEditable("comments stand between fields in brackets")
        return inner
    found: list[Chunk] = []
    start = end_of_line(text, last_index(above))
    for each in sequence.value:
        end = end_of_line(text, last_index(each))
        found.append(Chunk(start, end))
        start = end
    return found


def dash_column(text: str, sequence: yaml.SequenceNode) -> int:
    """Of the entries of a column of dashes."""
    mark = sequence.value[0].start_mark
    line = text[mark.index - mark.column : mark.index]
    if "-" not in line:
        raise NotEditable("a dash stands alone on its line")
    return line.rindex("-")


def last_index(node: yaml.Node) -> int:
    """Where a node's last character is. PyYAML ends a block where the next token begins, after comments."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        return last_index(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return last_index(node.value[-1])
    return _trimmed(node)


def _trimmed(node: yaml.Node) -> int:
    """A folded text ends after its line."""
    end, mark = node.end_mark.index, node.end_mark
    return end - 1 if mark.column == 0 and end > node.start_mark.index else end


def end_of_line(text: str, index: int) -> int:
    """Before the line's end."""
    end = text.find("\n", index)
    return len(text) if end < 0 else end
