"""Works out the columns of each view, and tells which columns it reads are not there or do not fit."""

from collections.abc import Callable, Iterable, Mapping

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.clauses.view import (
    DraftView,
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
)
from cst_contracts.contract.forms import texts
from cst_contracts.contract.names import Columns, Types, refuse_unknown_columns
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.type_text import MAX_LEVELS, levels
from cst_contracts.contract.wording import listed, shown
from cst_contracts.datatypes import child_nodes, print_type
from cst_contracts.errors import Problem


def check_views(
    drafts: Iterable[DraftView], table: str, own: Columns | None, problems: Problems
) -> None:
    """Checks what views read. `own` are the table's columns; None where they are not all known."""
    pending = {draft.contract.name: draft for draft in drafts}
    known: dict[str, Columns | None] = {table: own}
    while pending:
        ready = [draft for draft in pending.values() if draft.of not in pending]
        if not ready:
            ready = _circle(pending)
            _report_circle(ready, problems)
        for draft in ready:
            name = draft.contract.name
            del pending[name]
            source = known.get(draft.of) if draft.of else None
            columns = _view_columns(draft, source, problems)
            known.setdefault(name, columns)


def _circle(pending: Mapping[str, DraftView]) -> list[DraftView]:
    """Finds views of which each reads the next and the last reads the first, if all read a pending one."""
    met: dict[str, DraftView] = {}
    draft = next(iter(pending.values()))
    while draft.contract.name not in met:
        met[draft.contract.name] = draft
        draft = pending[draft.contract.of]
    names = list(met)
    return [met[name] for name in names[names.index(draft.contract.name) :]]


def _report_circle(circle: list[DraftView], problems: Problems) -> None:
    names = [draft.contract.name for draft in circle]
    one = len(names) == 1
    what = (
        f"view {shown(names[0])} reads itself"
        if one
        else (f"views {listed(names, 'and')} read each other")
    )
    problems.append(Problem(circle[0].form.place, what, "name another relation under `of`"))


def _view_columns(draft: DraftView, source: Columns | None, problems: Problems) -> Columns | None:
    view = draft.contract
    promised = {field.name: field.type for field in view.fields}
    made = None
    if source is not None:
        refuse_unknown_columns(draft.form.texts("keep"), source, problems)
        made = _made_columns(draft, source, problems)
    if source is None or made is None:
        return Columns(view.name, promised) if promised else None
    for name in view.keep:
        if name in made:
            what = f"view {shown(view.name)} makes a column {shown(name)} and keeps one too"
            problems.append(Problem(draft.form.place, what, "leave one of the two out"))
    kept = {name: source.types.get(name) for name in view.keep}
    return Columns(view.name, {**made, **kept})


def _made_columns(draft: DraftView, source: Columns, problems: Problems) -> Types | None:
    """The columns that a view makes, without those it keeps; None where they cannot be known."""
    form = draft.form
    match draft.contract.definition:
        case Sql():
            return None
        case Expand():
            _of_shape(form.text("expand"), source, _MAP, problems)
            return None
        case Extract(entries):
            for column, _ in form.pairs("extract"):
                _of_shape(column, source, _MAP, problems)
            return {key: _map_value(source.types.get(column)) for column, key in entries}
        case Pack(struct, fields):
            columns = (column for _, items in form.pairs("pack") for column in texts(items))
            refuse_unknown_columns(columns, source, problems)
            return {struct: _packed(fields, source.types)}
        case Flatten():
            return _children_of(_of_shape(form.text("flatten"), source, _STRUCT, problems))
        case Explode():
            return _children_of(_of_shape(form.text("explode"), source, _STRUCTS, problems))


class _Shape(Struct, frozen=True):
    """A condition on a column's type, with the words for it."""

    words: str
    fits: Callable[[pa.DataType], bool]


def _of_shape(
    name: Scalar | None, source: Columns, shape: _Shape, problems: Problems
) -> pa.DataType | None:
    """The column's type where it is known and has the shape."""
    if name is None:
        return None
    refuse_unknown_columns([name], source, problems)
    type_ = source.types.get(name.text)
    if type_ is None or shape.fits(type_):
        return type_
    what = f"{shown(name.text)} is {shown(print_type(type_))}, not {shape.words}"
    problems.append(Problem(name.place, what, f"name a column that is {shape.words}"))
    return None


def _children_of(type_: pa.DataType | None) -> Types | None:
    """The children of a struct, or of a list's structs."""
    struct = type_ if type_ is None or pa.types.is_struct(type_) else _element(type_)
    return None if struct is None else {child.name: child.type for child in struct}


def _map_value(type_: pa.DataType | None) -> pa.DataType | None:
    return type_.item_type if type_ is not None and pa.types.is_map(type_) else None


def _packed(fields: Iterable[str], types: Types) -> pa.DataType | None:
    children = [(name, types.get(name)) for name in dict.fromkeys(fields)]
    if any(type_ is None or levels(type_) >= MAX_LEVELS for _, type_ in children):
        return None
    return pa.struct(children)


def _element(type_: pa.DataType) -> pa.DataType | None:
    """The type of a list's elements, whatever kind of list it is; None for other types."""
    nodes = child_nodes("", type_)
    return nodes[0].field.type if nodes and nodes[0].path == "[]" else None


def _is_list_of_structs(type_: pa.DataType) -> bool:
    element = _element(type_)
    return element is not None and pa.types.is_struct(element)


_MAP = _Shape("a map", pa.types.is_map)
_STRUCT = _Shape("a struct", pa.types.is_struct)
_STRUCTS = _Shape("a list of structs", _is_list_of_structs)
