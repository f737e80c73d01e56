"""Reads off the text of an optimized logical plan which fields its scans take from which relation.

DataFusion 55 shows plans as objects, too, without the queries that stand inside of expressions; the text has
all. Names stand unquoted in it, so that those of a relation have to be known.
"""

import re
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from cst_contracts.datatypes import child_path
from cst_contracts.facts import FieldRead

_SCAN = re.compile(r"^ *TableScan: (?P<relation>.+?)(?P<taken> projection=\[.*|, .*|)$")
_PROJECTION = " projection=["
#: Text stands in plans as it is, so what follows its end tells where it ends.
_TEXT = re.compile(r'Utf8(?:View)?\("(?P<text>.*?)"\)(?=$|[\s,)\]])', re.DOTALL)
_STEP = re.compile(r', Utf8\("([^"]*)"\)')


def fields_read(plan: str, schema_of: Callable[[str], pa.Schema | None]) -> Iterator[FieldRead]:
    """`schema_of` gives a relation's schema by its name in the plan; None for what is no relation, such as a
    table function."""
    lines = _TEXT.sub(_name_of_part, plan).splitlines()
    for number, line in enumerate(lines):
        scan = _SCAN.match(line)
        schema = None if scan is None else schema_of(scan["relation"])
        if scan is None or schema is None:
            continue
        above = _above(lines, number)
        for name in _scanned(scan["relation"], scan["taken"], schema):
            for path in _taken(scan["relation"], schema.field(name), above, scan["taken"]):
                yield FieldRead(scan["relation"], path)


def _name_of_part(text: re.Match[str]) -> str:
    """A text that may name a part of a struct, as the second argument of a call does; of others, nothing."""
    second = text.string[: text.start()].endswith(", ")
    return text[0] if second and not re.search(r'[\n".]', text["text"]) else ""


def _above(lines: Sequence[str], number: int) -> str:
    """The line of the node that a node hands its rows to."""
    deep = _depth(lines[number])
    return next((line for line in reversed(lines[:number]) if _depth(line) < deep), "")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _scanned(relation: str, taken: str, schema: pa.Schema) -> Iterator[str]:
    """The projected fields, and those that a filter of the scan reads without handing them on."""
    names = sorted(schema.names, key=len, reverse=True)
    if not taken.startswith(_PROJECTION):
        yield from schema.names
        return
    known = "|".join(map(re.escape, names))
    listed = re.compile(rf"({known})(?:, |(?=\]))")
    at, found = len(_PROJECTION), dict[str, None]()
    while name := listed.match(taken, at):
        found[name[1]] = None
        at = name.end()
    filtered = rf"(?<![\w.]){re.escape(relation)}\.({known})(?!\w)"
    yield from {**found, **dict.fromkeys(re.findall(filtered, taken[at:]))}


def _taken(relation: str, field: pa.Field, above: str, scan: str) -> Iterator[str]:
    """The nodes of a struct that are taken out of it where it is scanned: by the projection right above, and
    by filters of the scan. Else the whole field."""
    whole = child_path("", field.name)
    if not pa.types.is_struct(field.type) or not above.lstrip().startswith("Projection: "):
        yield whole
        return
    name = re.escape(f"{relation}.{field.name}")
    used = re.compile(
        rf"(?P<out>get_field\()?(?<![\w.]){name}(?![\w.])(?P<steps>(?:{_STEP.pattern})*)"
    )
    met = list(used.finditer(f"{above}\n{scan}"))
    paths = [_path(whole, use["steps"], field.type) if use["out"] else None for use in met]
    if not paths or None in paths:
        yield whole
    else:
        yield from dict.fromkeys(path for path in paths if path is not None)


def _path(path: str, steps: str, type_: pa.DataType) -> str | None:
    """Down as far as structs go: what is taken out of a map or a list takes all of it."""
    for name in _STEP.findall(steps):
        if not pa.types.is_struct(type_):
            break
        if type_.get_field_index(name) < 0:
            return None
        path, type_ = child_path(path, name), type_.field(name).type
    return path
