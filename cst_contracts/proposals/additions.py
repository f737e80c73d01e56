"""What today's rows bear out beyond a contract that is there, as splices of its text."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

import yaml
from msgspec import Struct

from cst_contracts.contract.model import FieldContract, OneOf, TableContract, Within
from cst_contracts.contract.wording import printable
from cst_contracts.proposals.documents import (
    NotEditable,
    Splice,
    compose,
    dash_column,
    end_of_line,
    entries,
    last_index,
    replaced,
    spliced,
    unix_text,
    with_ends_of,
)
from cst_contracts.proposals.layout import key_text, limit_texts, reference_text
from cst_contracts.proposals.limit_clauses import Limits, clause_of
from cst_contracts.proposals.outline import KeyLine, LimitLine, ReferenceLine
from cst_contracts.proposals.updates import Update, struct_of


class Additions(Struct, frozen=True):
    """What the rows of one table bear out. `limits` are by path; `note` says whose values are not told."""

    keys: tuple[KeyLine, ...] = ()
    references: tuple[ReferenceLine, ...] = ()
    limits: Limits = MappingProxyType({})
    note: str | None = None


class _Line(Struct, frozen=True):
    """An entry of a list at the root: its YAML, what it rests on, and how it is told."""

    text: str
    evidence: str
    told: str


def added(contract: TableContract, text: str, additions: Additions) -> Update:
    """What the contract already says of the same fields stays as it is. Limits of what is inside of a struct
    that stands in a type's text have no place there, and are left out. Raises NotEditable."""
    unix = unix_text(text)
    root = compose(unix)
    keys, references = _keys(contract, additions), _references(contract, additions)
    limits = [*_Limiting(unix, additions.limits).of(root, contract.fields, block=True)]
    lists = _lists(unix, root, {"keys": keys, "references": references})
    new = spliced(unix, (*lists, *(splice for each in limits for splice in each.splices)))
    told = [each.told for each in (*keys, *references)]
    return Update(with_ends_of(text, new), (*told, *(each.told for each in limits)))


def _keys(contract: TableContract, additions: Additions) -> list[_Line]:
    known = {frozenset(each.fields) for each in contract.keys}
    return [
        _Line(key_text(each), each.evidence, f"unique ({', '.join(each.fields)}): {each.evidence}")
        for each in additions.keys
        if frozenset(each.fields) not in known
    ]


def _references(contract: TableContract, additions: Additions) -> list[_Line]:
    known = {each.fields for each in contract.references}
    found = [each for each in additions.references if each.fields not in known]
    return [_Line(reference_text(each), each.evidence, _reference_told(each)) for each in found]


def _reference_told(each: ReferenceLine) -> str:
    to = f"{each.table} ({', '.join(each.to)})"
    return f"({', '.join(each.fields)}) references {to}: {each.evidence}"


def _lists(text: str, root: yaml.MappingNode, wanted: dict[str, list[_Line]]) -> Iterator[Splice]:
    """At the end of lists that are there; lists that are not stand behind everything else."""
    there = entries(root)
    new: list[str] = []
    for key, lines in wanted.items():
        if lines and key in there:
            yield _longer(text, there[key], lines)
        elif lines:
            new += ["", f"{key}:", *(f"  - {_commented(each)}" for each in lines)]
    if new and root.flow_style:
        raise NotEditable("it stands in braces")
    if new:
        end = end_of_line(text, last_index(root))
        yield Splice(end, end, "".join(f"\n{each}" for each in new))


def _longer(text: str, sequence: yaml.Node, lines: Sequence[_Line]) -> Splice:
    if not isinstance(sequence, yaml.SequenceNode):
        raise NotEditable("a clause that has to be a list is none")
    texts = [each.text for each in lines]
    if not sequence.value:
        return replaced(sequence, f"[{', '.join(texts)}]")
    if sequence.flow_style:
        end = last_index(sequence.value[-1])
        return Splice(end, end, "".join(f", {each}" for each in texts))
    indent = " " * dash_column(text, sequence)
    end = end_of_line(text, last_index(sequence))
    return Splice(end, end, "".join(f"\n{indent}- {_commented(each)}" for each in lines))


def _commented(line: _Line) -> str:
    return f"{line.text}  # {printable(line.evidence)}" if line.evidence else line.text


class _Limited(Struct, frozen=True):
    told: str
    splices: tuple[Splice, ...]


class _Limiting(Struct, frozen=True):
    """Adds limits to the fields of one text."""

    text: str
    limits: Limits

    def of(
        self, mapping: yaml.MappingNode, fields: Sequence[FieldContract], *, block: bool
    ) -> Iterator[_Limited]:
        """`block`: all lists above stand in columns of dashes, so that a comment may end a field's line."""
        sequence = entries(mapping)["fields"]
        if not isinstance(sequence, yaml.SequenceNode):
            raise NotEditable("`fields` is no list")
        block = block and not sequence.flow_style
        for node, field in zip(sequence.value, fields, strict=True):
            yield from self._field(node, field, block=block)

    def _field(
        self, node: yaml.MappingNode, field: FieldContract, *, block: bool
    ) -> Iterator[_Limited]:
        keys = entries(node)
        known = {each.path for each in field.walk() if _is_limited(each) or each.sensitive}
        limits = {path: line for path, line in self.limits.items() if path not in known}
        lines = [
            each
            for each in clause_of(field.path, field.type, limits)
            if keys.keys().isdisjoint(key for key, _ in each.pairs)
        ]
        if lines:
            splices = tuple(self._splices(node, lines, block=block))
            told = "; ".join(f"{each.check}: {each.evidence}" for each in lines)
            yield _Limited(told, splices)
        if "fields" in keys:
            yield from self.of(node, struct_of(field).children, block=block and not node.flow_style)

    def _splices(
        self, node: yaml.MappingNode, lines: Sequence[LimitLine], *, block: bool
    ) -> Iterator[Splice]:
        if not node.flow_style:
            indent = " " * node.value[0][0].start_mark.column
            end = end_of_line(self.text, last_index(entries(node)["type"]))
            told = (f"\n{indent}{text}" for line in lines for text in limit_texts(line))
            yield Splice(end, end, "".join(told))
            return
        pairs = [pair for line in lines for pair in line.pairs]
        end = last_index(node.value[-1][1])
        yield Splice(end, end, "".join(f", {key}: {value}" for key, value in pairs))
        closed = node.end_mark.index
        if block and not self.text[closed : end_of_line(self.text, closed)].strip():
            why = "; ".join(line.evidence for line in lines)
            yield Splice(closed, closed, f"  # {printable(why)}")


def _is_limited(field: FieldContract) -> bool:
    return any(isinstance(each.limit, OneOf | Within) for each in field.constraints)
