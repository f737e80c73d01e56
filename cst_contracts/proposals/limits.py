"""Proposes what values may be: the few that there are, or the least and the greatest of them."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from msgspec import Struct

from cst_contracts.checks.wording import some
from cst_contracts.contract.model import LimitKind
from cst_contracts.datatypes import (
    TypeNode,
    child_path,
    leads_to,
    walk_nodes,
)
from cst_contracts.datatypes.values import Family, family, value_of, value_type
from cst_contracts.facts import ValueSpread
from cst_contracts.gate.observer import Observer
from cst_contracts.needs import SpreadNeed
from cst_contracts.proposals.keys import is_called_like_a_key
from cst_contracts.proposals.limit_clauses import Limits
from cst_contracts.proposals.looking import Seen, borne_out
from cst_contracts.proposals.outline import LimitLine
from cst_contracts.proposals.scalars import flow_list, scalar
from cst_contracts.proposals.sensitive import Hidden

#: Each value of an enumeration is met so often, on average: of less, tomorrow's rows have others.
_LEAST_OFTEN = 4
#: A longer text is no name of a thing.
_LONGEST = 60


class Wanted(Struct, frozen=True):
    """Which limits are asked for, and of which fields no value may be written down."""

    enums: bool = False
    ranges: bool = False
    hidden: Hidden = Hidden()


def limit_lines(seen: Seen, observer: Observer, wanted: Wanted) -> Limits:
    """Of views none where some contract calls a field sensitive: a view may have made its value of it.
    Raises Unseen where reading the values takes too long."""
    if not (wanted.enums or wanted.ranges) or (seen.view is not None and wanted.hidden.names):
        return {}
    nodes = {node.path: node for node in _open_nodes(seen, wanted)}
    needs = [SpreadNeed(seen.name, path) for path in nodes]
    observer.prepare(needs)  # all in one scan
    answers = [(nodes[need.path], borne_out(observer, need)) for need in needs]
    lines = {
        node.path: _line(node, answer, wanted)
        for node, answer in answers
        if answer is not None and answer.values
    }
    return {path: line for path, line in lines.items() if line is not None}


def hidden_note(seen: Seen, wanted: Wanted) -> str | None:
    """Says whose values are not told, so that nobody thinks that they were looked at and are free."""
    if not (wanted.enums or wanted.ranges):
        return None
    if seen.view is not None and wanted.hidden.names:
        return "no values are proposed of this view, since contracts here call fields sensitive"
    hidden = [node.path for node in _hidden(seen, wanted)]
    told = f"no values of {some(hidden)} are proposed, which may be sensitive"
    return told if hidden else None


def _open_nodes(seen: Seen, wanted: Wanted) -> Iterator[TypeNode]:
    """Without what is hidden, and all below it; and without partitions: to have a new one is their use."""
    hidden = [node.path for node in _hidden(seen, wanted)]
    partitions = {each.name for each in seen.facts.partitions or ()}
    names = partitions.union(seen.facts.hive_partitions)
    hidden += [child_path("", name) for name in names]
    for node in walk_nodes(seen.facts.schema):
        if _is_asked(node, wanted) and not any(leads_to(path, node.path) for path in hidden):
            yield node


def _hidden(seen: Seen, wanted: Wanted) -> Iterator[TypeNode]:
    """The outermost nodes that nothing is told of."""
    found: list[str] = []
    for node in walk_nodes(seen.facts.schema):
        if wanted.hidden.hides(node) and not any(leads_to(path, node.path) for path in found):
            found.append(node.path)
            yield node


def _is_asked(node: TypeNode, wanted: Wanted) -> bool:
    listed = wanted.enums and _may_be_listed(node.field.type)
    of_map = node.path.endswith("{}.value")
    return not of_map and (listed or (wanted.ranges and _has_range(node)))


def _may_be_listed(type_: pa.DataType) -> bool:
    plain = value_type(type_)
    return family(plain) is Family.TEXT or bool(pa.types.is_integer(plain))


def _has_range(node: TypeNode) -> bool:
    """What numbers things has no bounds."""
    measured = family(node.field.type) in (Family.NUMBER, Family.TIME)
    return measured and not is_called_like_a_key(node.name)


def _line(node: TypeNode, spread: ValueSpread, wanted: Wanted) -> LimitLine | None:
    if wanted.enums and _may_be_listed(node.field.type) and _is_listed(node, spread):
        return _enum(node, spread)
    if wanted.ranges and _has_range(node):
        return _range(node, spread)
    return None


def _is_listed(node: TypeNode, spread: ValueSpread) -> bool:
    different = spread.different
    if not different or len(different) * _LEAST_OFTEN > spread.values:
        return False
    return all(len(each) <= _LONGEST for each in different) and _all_readable(node, different)


def _enum(node: TypeNode, spread: ValueSpread) -> LimitLine:
    different = spread.different or ()
    texts = family(node.field.type) is Family.TEXT
    values = flow_list(different) if texts else f"[{', '.join(different)}]"
    evidence = f"{_counted(len(different), 'value')} in {_counted(spread.values, 'value')} (scan)"
    if len(different) == 1:
        evidence = f"the only one in {_counted(spread.values, 'value')} (scan)"
    return LimitLine(f"{LimitKind.ENUM}[{node.path}]", (("enum", values),), evidence)


def _range(node: TypeNode, spread: ValueSpread) -> LimitLine | None:
    """None where all values are one, or some is a NaN or infinite."""
    ends = () if spread.nans else tuple(filter(None, (spread.least, spread.greatest)))
    if len(set(ends)) < 2 or "inf" in ends or "-inf" in ends or not _all_readable(node, ends):
        return None
    least, greatest = map(scalar, ends) if family(node.field.type) is Family.TIME else ends
    evidence = f"{' to '.join(ends)} in {_counted(spread.values, 'value')} (scan)"
    pairs = (("minimum", least), ("maximum", greatest))
    return LimitLine(f"{LimitKind.RANGE}[{node.path}]", pairs, evidence)


def _all_readable(node: TypeNode, written: Sequence[str]) -> bool:
    """Whether a contract can say each of these exactly: some times are finer than it can."""
    try:
        for each in written:
            value_of(each, node.field.type)
    except ValueError:
        return False
    return True


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
