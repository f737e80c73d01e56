"""The schema of a contract as rows of a tree: what is there, and what is promised and absent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.report.html.headlines import argument
from cst_contracts.report.manifest_file import FieldEntry, PromiseRecord

_STEPS = ".[{"
#: Kinds of checks whose brackets hold a name that is none of a field, though it may be spelled like one.
_OF_NO_FIELD = frozenset(
    {
        "aggregate",
        "delta",
        "fields",
        "function",
        "order",
        "query",
        "rule",
        "setting",
        "snapshot",
        "view",
    }
)


class Node(Struct):
    """One row. A list and its element share one, whose path ends in `[]`. `parent` is a row's number, -1 at
    the top. `there`: the table has it, or nobody has looked."""

    path: str
    name: str
    type: str
    nullable: bool
    parent: int
    there: bool = True
    branches: bool = False


class Tree(Struct, frozen=True):
    """`numbers` are those of rows by path; a list's and its element's are the same."""

    nodes: Sequence[Node]
    numbers: Mapping[str, int]

    def number_of(self, record: PromiseRecord) -> list[int]:
        """The rows that a promise is about; none for one of the table as a whole."""
        return sorted({self.numbers[path] for path in _paths(record) if path in self.numbers})


def tree(fields: Iterable[FieldEntry], records: Sequence[PromiseRecord]) -> Tree:
    nodes: list[Node] = []
    numbers: dict[str, int] = {}
    for each in fields:
        _add(Node(each.path, "", each.type, each.nullable, -1), nodes, numbers)
    looked = bool(nodes)
    for record in records:
        if record.field is not None and record.field not in numbers:
            _add(_promised(record, looked=looked), nodes, numbers)
    for node in nodes:
        if node.branches:
            node.type = _kind(node.type)
    return Tree(_in_depth(nodes, numbers), numbers)


def _promised(record: PromiseRecord, *, looked: bool) -> Node:
    """Of a field that is not there; its type is told by what found it missing."""
    path = record.field or ""
    told = record.promised or "" if record.code is FindingCode.FIELD_MISSING else ""
    type_ = told.removeprefix(f"{path}: ") if told.startswith(f"{path}: ") else ""
    return Node(path, "", type_, nullable=True, parent=-1, there=not looked)


def _add(node: Node, nodes: list[Node], numbers: dict[str, int]) -> None:
    above = _above(node.path, numbers)
    if above is not None:
        node.parent = numbers[above]
        parent = nodes[node.parent]
        if node.path == f"{parent.path}[]":
            parent.path, parent.name = f"{parent.path}[]", f"{parent.name}[]"
            numbers[node.path] = node.parent
            return
        parent.branches = True
    node.name = node.path[len(above or "") :].lstrip(".")
    numbers[node.path] = len(nodes)
    nodes.append(node)


def _kind(type_: str) -> str:
    """What a type is, without what is below it: nodes of their own say that."""
    outer, _, inner = type_.partition("<")
    of_list = inner.removesuffix(">").partition("<")[0]
    return f"{outer}<{of_list}>" if outer.endswith("list") and of_list == "struct" else outer


def _above(path: str, numbers: Mapping[str, int]) -> str | None:
    """The longest known path that a path goes on from."""
    for at in range(len(path) - 1, 0, -1):
        if path[at] in _STEPS and path[:at] in numbers:
            return path[:at]
    return None


def _in_depth(nodes: Sequence[Node], numbers: dict[str, int]) -> Sequence[Node]:
    """With each node's own behind it: what is promised and absent stands among its siblings."""
    below: dict[int, list[int]] = {}
    for number, node in enumerate(nodes):
        below.setdefault(node.parent, []).append(number)
    order = list(_walk(-1, below))
    place = {number: at for at, number in enumerate(order)} | {-1: -1}
    for node in nodes:
        node.parent = place[node.parent]
    numbers.update({path: place[number] for path, number in numbers.items()})
    return [nodes[number] for number in order]


def _walk(parent: int, below: Mapping[int, Sequence[int]]) -> Iterator[int]:
    for number in below.get(parent, ()):
        yield number
        yield from _walk(number, below)


def _paths(record: PromiseRecord) -> Iterator[str]:
    if record.field is not None:
        yield record.field
    elif record.check.partition("[")[0] not in _OF_NO_FIELD:
        inside = argument(record.check)
        yield inside
        yield from (each.strip() for each in inside.partition("→")[0].split(","))
