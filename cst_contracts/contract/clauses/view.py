"""One view that the session registers: what it is made of, and how it is written."""

from typing import TypeAlias

from msgspec import Struct

from cst_contracts.contract.clauses.field import FIELD_LIST, FieldContract, build_fields
from cst_contracts.contract.clauses.reads import FOREIGN_READS, READS, build_reads
from cst_contracts.contract.forms import Form, texts
from cst_contracts.contract.kinds import (
    FIELD_NAME,
    FIELD_NAMES,
    FLAG,
    SQL,
    TABLE_NAME,
    Condition,
    EitherKind,
    Foreign,
    Key,
    ListKind,
    PairsKind,
    Record,
    Refusal,
    TextKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import Promised, refuse_repeats
from cst_contracts.contract.problems import Problems
from cst_contracts.location import Location


class Expand(Struct, frozen=True):
    """One row per entry of a map column: `attr_key`, `attr_value`."""

    column: str


class Extract(Struct, frozen=True):
    """One column per pair: the value of `key` in a map column, named after the key."""

    entries: tuple[tuple[str, str], ...]


class Pack(Struct, frozen=True):
    """A struct column made of other columns."""

    struct: str
    fields: tuple[str, ...]


class Flatten(Struct, frozen=True):
    """A struct column's fields as columns."""

    column: str


class Explode(Struct, frozen=True):
    """One row per element of a list<struct> column, its struct's fields as columns."""

    column: str


class Sql(Struct, frozen=True):
    query: str


ViewDefinition: TypeAlias = Expand | Extract | Pack | Flatten | Explode | Sql


class ViewContract(Struct, frozen=True):
    """A view. `of` is the relation that it reads: by default the contract's own table. `reads` None: it may
    read whatever it does."""

    name: str
    definition: ViewDefinition
    of: str
    place: Location
    keep: tuple[str, ...] = ()
    fields: tuple[FieldContract, ...] = ()
    allow_empty: bool = False
    reads: tuple[str, ...] | None = None


class DraftView(Struct, frozen=True):
    """A view with the form it was read from, which has the places of its parts."""

    form: Form
    contract: ViewContract

    @property
    def of(self) -> str | None:
        """The relation that the view reads; None for a query, which may read several."""
        return None if isinstance(self.contract.definition, Sql) else self.contract.of


VIEW = Record(
    "view",
    "A view to register in the session.",
    keys_by_name(
        required_key("name", TABLE_NAME, "Name of the view.", "cst_refs_attrs", "…"),
        Key("expand", FIELD_NAME, "A map column: the view has one row per entry.", "attrs"),
        Key(
            "extract",
            PairsKind(
                EitherKind(
                    TextKind("a map key"),
                    ListKind(TextKind("a map key"), "a map key", least=1),
                    "a map key, or a list of map keys",
                ),
                "a map key",
                least=1,
            ),
            "Map columns and the keys whose values become columns.",
            "{attrs: origin}",
        ),
        Key(
            "pack",
            PairsKind(FIELD_NAMES, "the fields of a packed struct", least=1, most=1),
            "A struct column and the columns to make it of.",
            "{span: [bstart, bend]}",
        ),
        Key("flatten", FIELD_NAME, "A struct column whose fields become columns.", "span"),
        Key(
            "explode",
            FIELD_NAME,
            "A list<struct> column: the view has one row per element, and the struct's fields as columns.",
            "refs",
        ),
        Key(
            "sql",
            SQL,
            "The query whose rows the view has.",
            "\"SELECT file_id FROM cst_refs WHERE expr_ctx = 'LOAD'\"",
        ),
        Key(
            "of",
            TABLE_NAME,
            "The relation to read; this contract's own table by default.",
            "cst_ref_spans",
        ),
        Key(
            "keep",
            ListKind(FIELD_NAME, "a field name"),
            "Further columns of the relation that the view carries along.",
            "[file_id, ref_id]",
            default=(),
        ),
        Key(
            "fields",
            FIELD_LIST,
            "The promised fields of the view, in order.",
            "[{name: file_id, type: string}]",
        ),
        READS,
        Key(
            "allow_empty",
            FLAG,
            "Whether a view is kept that has no row, or extracts a key that no row has.",
            "true",
            default=False,
        ),
    ),
    exactly_one=("expand", "extract", "pack", "flatten", "explode", "sql"),
    conditions=(
        Condition(
            "sql",
            refuses=(
                Refusal("keep", "`keep` beside `sql`", "select the columns in the query instead"),
            ),
        ),
    ),
    foreign=(
        Foreign(("query", "select", "as", "definition"), "write `sql: $value`", means="sql"),
        Foreign(("from", "source", "table", "relation"), "write `of: $value`"),
        Foreign(("unnest",), "write `explode: $value`", means="explode"),
        Foreign(("columns",), "write `fields:`"),
        FOREIGN_READS,
    ),
)


def draft_view(form: Form, table: str, promised: Promised, problems: Problems) -> DraftView | None:
    """The view that a form describes; None if it says nothing that a view could be made of."""
    fields = build_fields(form.forms("fields"), problems)
    keep = form.texts("keep")
    refuse_repeats(keep, "column", problems)
    definition = _definition(form, problems)
    if definition is None:
        return None
    kept = tuple(name.text for name in keep)
    of = form.words("of") or table
    allow_empty = form.flag("allow_empty")
    reads = build_reads(form, promised, problems)
    view = ViewContract(
        form.words("name"), definition, of, form.place, kept, fields, allow_empty, reads
    )
    return DraftView(form, view)


def _definition(form: Form, problems: Problems) -> ViewDefinition | None:
    """The definition, or any of them if there are several, which is reported elsewhere."""
    if query := form.text("sql"):
        return Sql(query.text)
    if extracted := form.pairs("extract"):
        keys = [(column.text, key) for column, value in extracted for key in texts(value)]
        refuse_repeats((key for _, key in keys), "column", problems)
        return Extract(tuple((column, key.text) for column, key in keys))
    if packed := form.pairs("pack"):
        struct, value = packed[0]
        refuse_repeats(texts(value), "column", problems)
        return Pack(struct.text, tuple(name.text for name in texts(value)))
    if column := form.text("expand"):
        return Expand(column.text)
    if column := form.text("flatten"):
        return Flatten(column.text)
    if column := form.text("explode"):
        return Explode(column.text)
    return None
