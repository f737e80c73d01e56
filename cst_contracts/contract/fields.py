"""Forms of fields to field contracts: one for every node of the promised type.

Children that are spelled out under `fields` take the place of the bare `struct` in the type text.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.forms import Form
from cst_contracts.contract.model import FieldContract, Metadata
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.reading import Problems
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import (
    TypeNode,
    child_nodes,
    child_path,
    has_open_struct,
    parse_type,
)
from cst_contracts.errors import InvalidType, Problem

# Stands for the spelled-out children while their place in the type is looked for.
_CHILDREN = pa.field("fields", pa.null(), metadata={"spelled out": "below"})

MAX_LEVELS = 64
_INHERITED = frozenset({"exact", "sensitive", "allow_empty"})


class _Draft(Struct, frozen=True):
    """A field whose type is known and whose path is not yet. `outline` is its type with `_CHILDREN`
    in place of what `fields` spells out."""

    form: Form
    field: pa.Field
    outline: pa.DataType
    children: tuple["_Draft", ...]


class _Inherited(Struct, frozen=True):
    exact: bool = False
    sensitive: bool = False
    allow_empty: bool = False

    def overridden(self, form: Form) -> "_Inherited":
        if form.values.keys().isdisjoint(_INHERITED):
            return self
        return _Inherited(
            form.flag("exact", default=self.exact),
            form.flag("sensitive", default=self.sensitive),
            form.flag("allow_empty", default=self.allow_empty),
        )


def build_fields(forms: Iterable[Form], problems: Problems) -> tuple[FieldContract, ...]:
    """Those fields whose names and types could be read."""
    return tuple(
        _contract(draft, child_path("", draft.field.name), _Inherited())
        for draft in _drafts(tuple(forms), problems)
    )


def read_type(
    text: Scalar, problems: Problems, children: Sequence[pa.Field] | None = None
) -> pa.DataType | None:
    try:
        return parse_type(text.text, children) if children else _closed_type(text.text)
    except InvalidType as error:
        problems.append(Problem(text.place_of(error.offset), error.what, error.instead))
        return None


@lru_cache(maxsize=1024)
def _closed_type(text: str) -> pa.DataType:
    """A project's contracts say `string` and `int64` thousands of times."""
    return parse_type(text)


def _drafts(forms: Sequence[Form], problems: Problems) -> tuple[_Draft, ...]:
    """Of fields that stand side by side; where a name is used twice, of the first."""
    refuse_repeats(filter(None, (form.text("name") for form in forms)), "field", problems)
    drafts: dict[str, _Draft] = {}
    for form in forms:
        if draft := _draft(form, problems):
            drafts.setdefault(draft.field.name, draft)
    return tuple(drafts.values())


def _draft(form: Form, problems: Problems) -> _Draft | None:
    drafts = _drafts(form.forms("fields"), problems)
    name, text = form.text("name"), form.text("type")
    if text is None or not _is_open_where_spelled_out(form, text, problems):
        return None
    has_children = "fields" in form.key_places
    outline = read_type(text, problems, [_CHILDREN] if has_children else None)
    if outline is None or (has_children and not _is_reachable(form, text, outline, problems)):
        return None
    if name is None or len(drafts) < len(form.items("fields")):
        return None
    if drafts and levels(outline) + max(map(_levels_of, drafts)) > MAX_LEVELS:
        what = f"a type nested deeper than {MAX_LEVELS} levels with its `fields`"
        problems.append(Problem(text.place, what, "write a flatter type"))
        return None
    type_ = read_type(text, problems, [draft.field for draft in drafts]) if drafts else outline
    if type_ is None:
        return None
    nullable = form.flag("nullable", default=True)
    if pa.types.is_null(type_) and not nullable:
        what = "a field of type `null` holds nothing else"
        problems.append(Problem(text.place, what, "leave `nullable: false` out"))
        return None
    field = pa.field(name.text, type_, nullable, dict(_metadata(form)) or None)
    return _Draft(form, field, outline, drafts)


def _is_open_where_spelled_out(form: Form, text: Scalar, problems: Problems) -> bool:
    is_open = "struct" in text.text and has_open_struct(text.text)
    has_fields = "fields" in form.key_places
    if is_open and not has_fields:
        instead = "add `fields: [{name: …, type: …}]`, or write `struct<name: type>`"
        problems.append(Problem(text.place, "a bare `struct` without `fields`", instead))
    elif has_fields and not is_open:
        instead = "write `struct`, `list<struct>` or `map<string, struct>`, or leave `fields` out"
        what = "`fields` beside a type without a bare `struct`"
        problems.append(Problem(form.key_places["fields"], what, instead))
    return is_open == has_fields


def _is_reachable(form: Form, text: Scalar, outline: pa.DataType, problems: Problems) -> bool:
    if _leads_to_children(outline):
        return True
    what = f"`fields` inside {shown(text.text)}, where no path leads"
    instead = "write the struct's children in the type"
    problems.append(Problem(form.key_places["fields"], what, instead))
    return False


def levels(type_: pa.DataType) -> int:
    return 1 + max((levels(node.field.type) for node in child_nodes("", type_)), default=0)


def _levels_of(draft: _Draft) -> int:
    return levels(draft.outline) + max(map(_levels_of, draft.children), default=0)


def _leads_to_children(outline: pa.DataType) -> bool:
    return _is_bare(outline) or any(
        _leads_to_children(node.field.type) for node in child_nodes("", outline)
    )


def _is_bare(outline: pa.DataType) -> bool:
    return (
        pa.types.is_struct(outline)
        and outline.num_fields == 1
        and bool(outline.field(0).equals(_CHILDREN, check_metadata=True))
    )


def _contract(draft: _Draft, path: str, inherited: _Inherited) -> FieldContract:
    form, field = draft.form, draft.field
    flags = inherited.overridden(form)
    return FieldContract(
        path,
        field.name,
        field.type,
        form.place,
        nullable=field.nullable,
        exact=flags.exact,
        sensitive=flags.sensitive,
        allow_empty=flags.allow_empty,
        metadata=_metadata(form),
        description=form.words("description"),
        children=_children(draft, path, field.type, draft.outline, flags),
    )


def _children(
    draft: _Draft, path: str, type_: pa.DataType, outline: pa.DataType, flags: _Inherited
) -> tuple[FieldContract, ...]:
    if not type_.num_fields:
        return ()
    if _is_bare(outline):
        return tuple(
            _contract(child, child_path(path, child.field.name), flags) for child in draft.children
        )
    keys_path = f"{path}{{}}.key" if pa.types.is_map(type_) else None
    return tuple(
        # Arrow's maps have no null keys: there is nothing to promise about them.
        _written_in_type(draft, node, below.field.type, flags, nullable=node.path == keys_path)
        for node, below in zip(child_nodes(path, type_), child_nodes(path, outline), strict=True)
    )


def _written_in_type(
    draft: _Draft, node: TypeNode, outline: pa.DataType, flags: _Inherited, *, nullable: bool
) -> FieldContract:
    metadata = node.field.metadata or {}
    return FieldContract(
        node.path,
        node.name,
        node.field.type,
        draft.form.place,
        nullable=nullable or node.field.nullable,
        exact=flags.exact,
        sensitive=flags.sensitive,
        allow_empty=flags.allow_empty,
        metadata=tuple((key.decode(), value.decode()) for key, value in metadata.items()),
        children=_children(draft, node.path, node.field.type, outline, flags),
    )


def _metadata(form: Form) -> Metadata:
    return tuple(
        (key.text, value.text) for key, value in form.pairs("metadata") if isinstance(value, Scalar)
    )
