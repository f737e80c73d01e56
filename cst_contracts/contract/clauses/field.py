"""One promised field: how it is written, and a promise for every node of its type.

Children that are spelled out under `fields` take the place of the bare `struct` in the type text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.clauses.severity import Severity, severity_key
from cst_contracts.contract.clauses.tolerance import (
    FOREIGN_MAX_NULLS,
    MAX_NULLS,
    NOTHING_TOLERATED,
    Tolerance,
    written_tolerance,
)
from cst_contracts.contract.clauses.value_constraints import (
    CONSTRAINT_FOREIGN,
    CONSTRAINT_KEYS,
    Constraints,
    ValueConstraint,
    read_constraints,
)
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    ARROW_TYPE,
    FIELD_NAME,
    FLAG,
    PROSE,
    Condition,
    Foreign,
    Key,
    ListKind,
    PairsKind,
    Record,
    RecordKind,
    Refusal,
    choice_of,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.type_text import MAX_LEVELS, levels, read_type
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import TypeNode, child_nodes, child_path, has_open_struct
from cst_contracts.errors import Problem
from cst_contracts.location import Location

Metadata: TypeAlias = tuple[tuple[str, str], ...]


class NullabilityMode(StrEnum):
    """What breaks `nullable: false`: nulls that are found (`VALUES`), or flags that allow null, too
    (`STRICT`)."""

    STRICT = "strict"
    VALUES = "values"


class FieldContract(Struct, frozen=True):
    """A promised field, or one node below it.

    `path` spells the way down: `refs[].span.bstart`, `attrs{}.key`, `future_imports[]`. `type` is
    the whole promised type, children included; `children` are its nodes, one promise each. A node
    that is only written inside its field's type text has its field's place.
    """

    path: str
    name: str
    type: pa.DataType
    place: Location
    nullable: bool = True
    nullability: NullabilityMode | None = None
    exact: bool = False
    sensitive: bool = False
    allow_empty: bool = False
    metadata: Metadata = ()
    description: str = ""
    constraints: tuple[ValueConstraint, ...] = ()
    children: tuple["FieldContract", ...] = ()
    severity: Severity = Severity.ERROR
    max_nulls: Tolerance | None = None

    @property
    def promises_values(self) -> bool:
        """Whether nulls are counted in it."""
        return not self.nullable or self.max_nulls is not None

    @property
    def tolerance(self) -> Tolerance:
        """How many of its values may be null, where they are counted."""
        return self.max_nulls or NOTHING_TOLERATED

    def walk(self) -> Iterator["FieldContract"]:
        """This node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


FIELD_LIST = ListKind(RecordKind("field"), "a field", least=1)

FIELD = Record(
    "field",
    "One promised field.",
    keys_by_name(
        required_key("name", FIELD_NAME, "Name of the field.", "file_id", "…"),
        required_key(
            "type",
            ARROW_TYPE,
            "Type as Arrow prints it; a bare `struct` takes its children from `fields`.",
            "string",
            "…",
        ),
        Key(
            "nullable",
            FLAG,
            "Whether null is allowed; `false` promises the values and, with `nullability: strict`, the "
            "declared flag and the stored flag.",
            "false",
            default=True,
        ),
        MAX_NULLS,
        severity_key("promise about the values of this field, and of all below it,"),
        Key(
            "nullability",
            choice_of(NullabilityMode),
            "Whether flags that allow null break `nullable: false`, too, for this field and all below "
            "it; as the table says by default.",
            "strict",
        ),
        Key(
            "description",
            PROSE,
            "What the field holds.",
            "Stable id of the source file.",
            default="",
        ),
        Key(
            "metadata",
            PairsKind(PROSE, "a metadata value"),
            "Metadata that the field has, text to text; more is fine.",
            "{semantic: FileId}",
            default=(),
        ),
        Key(
            "exact",
            FLAG,
            "Whether types that engines exchange for one another, such as string and large_string, are "
            "told apart.",
            "true",
            default=False,
        ),
        Key(
            "sensitive",
            FLAG,
            "Whether values of this field are kept out of the samples that are shown.",
            "true",
            default=False,
        ),
        Key(
            "allow_empty",
            FLAG,
            "Whether the lists and maps of this field may all be empty, or its values all null, so that "
            "nothing can be looked at.",
            "true",
            default=False,
        ),
        Key(
            "fields",
            FIELD_LIST,
            "The children of the bare `struct` in `type`.",
            "[{name: bstart, type: int64}]",
        ),
        *CONSTRAINT_KEYS,
    ),
    conditions=(
        Condition(
            "max_nulls",
            refuses=(
                Refusal(
                    "nullable",
                    "`nullable` beside `max_nulls`",
                    "leave one of them out: `nullable: false` allows no null",
                ),
            ),
        ),
    ),
    foreign=(
        FOREIGN_MAX_NULLS,
        Foreign(
            ("required", "not_null", "non_null", "mandatory"),
            "write `nullable: false`",
            if_false="write `nullable: true`",
        ),
        Foreign(
            ("unique", "primary_key", "is_unique", "primary", "key"),
            "write `keys: [[$name]]` beside the table's `fields`",
            if_false="leave it out: only what `keys` names is unique",
        ),
        Foreign(
            ("data_type", "dtype", "logical_type", "physical_type"),
            "write `type: $value`",
            means="type",
        ),
        Foreign(("column", "field"), "write `name: $value`", means="name"),
        Foreign(("comment", "doc", "title"), "write `description: $value`"),
        Foreign(("columns", "children", "properties"), "write `type: struct` and `fields:`"),
        Foreign(("items", "element"), "write `type: list<…>`", means="type"),
        Foreign(("pii", "secret"), "write `sensitive: $value`"),
        Foreign(
            ("check", "checks", "tests", "constraint", "constraints", "rule", "rules"),
            "write `rules: [{name: …, sql: …}]` beside the table's `fields`",
        ),
        Foreign(
            ("references", "foreign_key"),
            "write `references: [{fields: [$name], table: …, to: […]}]` beside the table's `fields`",
        ),
        *CONSTRAINT_FOREIGN,
    ),
)

# Stands for the spelled-out children while their place in the type is looked for.
_CHILDREN = pa.field("fields", pa.null(), metadata={"spelled out": "below"})


class _Draft(Struct, frozen=True):
    """A field whose type is known and whose path is not, yet. `outline` is its type with `_CHILDREN`
    in place of what `fields` spells out."""

    form: Form
    field: pa.Field
    outline: pa.DataType
    children: tuple["_Draft", ...]
    constraints: Constraints


class _Inherited(Struct, frozen=True):
    """What a field says for all nodes below it that say nothing else, and `constraints`: what it says of
    single ones, by their paths."""

    nullability: NullabilityMode | None = None
    exact: bool = False
    sensitive: bool = False
    allow_empty: bool = False
    severity: Severity = Severity.ERROR
    constraints: Mapping[str, tuple[ValueConstraint, ...]] = {}

    def overridden(self, form: Form) -> "_Inherited":
        if form.values.keys().isdisjoint(self.__struct_fields__):
            return self
        mode = form.optional("nullability")
        return _Inherited(
            self.nullability if mode is None else NullabilityMode(mode),
            _own_or(form.value("exact", bool), self.exact),
            _own_or(form.value("sensitive", bool), self.sensitive),
            _own_or(form.value("allow_empty", bool), self.allow_empty),
            Severity(form.optional("severity") or self.severity),
        )


def _own_or(own: bool | None, inherited: bool) -> bool:  # noqa: FBT001
    return inherited if own is None else own


def build_fields(forms: Iterable[Form], problems: Problems) -> tuple[FieldContract, ...]:
    """The contracts of those fields whose names and types could be read."""
    return tuple(
        _contract(draft, child_path("", draft.field.name), _Inherited())
        for draft in _drafts(tuple(forms), problems)
    )


def _drafts(forms: Sequence[Form], problems: Problems) -> tuple[_Draft, ...]:
    """Drafts of fields that stand side by side; where a name is used twice, of the first."""
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
    nullable = form.flag("nullable")
    if pa.types.is_null(type_) and not nullable:
        what = "a field of type `null` holds nothing else"
        problems.append(Problem(text.place, what, "leave `nullable: false` out"))
        return None
    field = pa.field(name.text, type_, nullable, dict(_metadata(form)) or None)
    return _Draft(form, field, outline, drafts, read_constraints(form, type_, problems))


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
    constraints = {path + way: each for way, each in draft.constraints.items()}
    flags = replace(inherited.overridden(form), constraints=constraints)
    return FieldContract(
        path,
        field.name,
        field.type,
        form.place,
        nullable=field.nullable,
        nullability=flags.nullability,
        exact=flags.exact,
        sensitive=flags.sensitive,
        allow_empty=flags.allow_empty,
        metadata=_metadata(form),
        description=form.words("description"),
        constraints=constraints.get(path, ()),
        children=_children(draft, path, field.type, draft.outline, flags),
        severity=flags.severity,
        max_nulls=written_tolerance(form, "max_nulls"),
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
        nullability=flags.nullability,
        exact=flags.exact,
        sensitive=flags.sensitive,
        allow_empty=flags.allow_empty,
        metadata=tuple((key.decode(), value.decode()) for key, value in metadata.items()),
        constraints=flags.constraints.get(node.path, ()),
        children=_children(draft, node.path, node.field.type, outline, flags),
        severity=flags.severity,
    )


def _metadata(form: Form) -> Metadata:
    return tuple(
        (key.text, value.text) for key, value in form.pairs("metadata") if isinstance(value, Scalar)
    )
