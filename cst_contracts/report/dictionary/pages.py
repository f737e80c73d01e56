"""The pages of a data dictionary: one a contract, and one that leads to them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import (
    Contract,
    Evolution,
    FieldContract,
    SessionContract,
    SourceContract,
    TableContract,
    ViewContract,
)
from cst_contracts.contract.urls import without_credentials
from cst_contracts.datatypes import is_list, print_type
from cst_contracts.drift.consumers import Affected, readers
from cst_contracts.report.dictionary.outcomes import Outcomes, record_in_words
from cst_contracts.report.dictionary.promises import (
    checks_of,
    field_words,
    row_lines,
    view_words,
)
from cst_contracts.report.markup import code_in_table as code
from cst_contracts.report.markup import escaped

#: The first line of every page: by it, a page is known as one that may be written over.
MARK = "<!-- written by `cst-contracts docs`; edits are lost -->"
INDEX = "index.md"
_NO_FILE_NAME = re.compile(r"[^\w=-]+")


class Page(Struct, frozen=True):
    name: str
    text: str


def pages(
    contracts: Sequence[Contract], outcomes: Outcomes | None, title: str = "Data dictionary"
) -> tuple[Page, ...]:
    """The index first. Without `outcomes`, nothing is said of what was found."""
    dictionary = _Dictionary(contracts, outcomes)
    return (
        Page(INDEX, _text(dictionary.index(title))),
        *(Page(dictionary.names[each.file], _text(dictionary.page(each))) for each in contracts),
    )


def _text(lines: Iterable[str]) -> str:
    return "\n".join([MARK, "", *lines]).rstrip() + "\n"


class _Dictionary:
    """`names` are those of the pages, by the contract's file."""

    def __init__(self, contracts: Sequence[Contract], outcomes: Outcomes | None) -> None:
        self._contracts, self._outcomes = contracts, outcomes
        self.names = _page_names(contracts)
        self._pages = {
            each.name: self.names[each.file]
            for each in contracts
            if isinstance(each, TableContract)
        }

    def index(self, title: str) -> Iterator[str]:
        yield from (f"# {escaped(title)}", "")
        if self._outcomes is not None:
            yield from (f"What was found is of {escaped(self._outcomes.run)}.", "")
        rows = [
            (
                f"[{escaped(each.name)}]({self.names[each.file]})",
                escaped(each.description),
                escaped(each.owner),
                escaped(each.version or ""),
                *self._counted(each),
            )
            for each in self._contracts
        ]
        yield from _table(("contract", "meaning", "owner", "version", *self._found()), rows)
        yield from ("", "```{toctree}", ":hidden:", "")
        yield from (self.names[each.file].removesuffix(".md") for each in self._contracts)
        yield "```"

    def page(self, contract: Contract) -> Iterator[str]:
        yield from (f"# {escaped(contract.name)}", "")
        if contract.description:
            yield from (escaped(contract.description), "")
        yield from (f"- {each}" for each in self._facts(contract))
        yield ""
        match contract:
            case TableContract():
                yield from self._of_table(contract)
            case SessionContract():
                yield from self._of_session(contract)
        yield from self._waivers(contract)
        yield from self._bad(contract)

    def _facts(self, contract: Contract) -> Iterator[str]:
        """A line each, as far as the contract or the run says it."""
        if contract.version:
            yield f"version {escaped(contract.version)}"
        if contract.owner:
            yield f"owner: {escaped(contract.owner)}"
        yield f"contract: {code(contract.file)}"
        if isinstance(contract, TableContract):
            yield from _source(contract.source)
            yield from self._seen(contract)
        if contract.evolution is not None:
            overall = contract.evolution.overall or "by kind"
            yield f"evolution: {_EVOLUTION.get(overall, overall)}"
        if self._outcomes is not None:
            yield f"found: {self._outcomes.counted(contract)}, in {escaped(self._outcomes.run)}"

    def _seen(self, contract: TableContract) -> Iterator[str]:
        entry = None if self._outcomes is None else self._outcomes.tables.get(contract.name)
        if entry is None:
            return
        if entry.rows is not None:
            yield f"{entry.rows:,} row{'' if entry.rows == 1 else 's'} when it was looked at"
        if entry.delta_version is not None:
            yield f"Delta version {entry.delta_version}"

    def _of_table(self, contract: TableContract) -> Iterator[str]:
        yield from ("## Fields", "", *self._fields(contract))
        lines = list(row_lines(contract, self._link))
        if lines:
            rows = [
                (code(each.check), each.words, *self._told(contract, [each.check]))
                for each in lines
            ]
            yield from ("## Promises about rows", "")
            yield from (*_table(("promise", "it says", *self._found()), rows), "")
        for view in contract.views:
            yield from self._view(contract, view)
        yield from self._consumers(contract)
        if contract.functions:
            yield from ("## Functions", "", _codes(each.name for each in contract.functions), "")

    def _view(self, contract: TableContract, view: ViewContract) -> Iterator[str]:
        """What was found is of the view as a whole."""
        found = "".join(f" Found: {each}." for each in self._told(contract, [f"view[{view.name}]"]))
        yield from (f"## View {escaped(view.name)}", "", f"Made as {view_words(view)}.{found}", "")
        if view.fields:
            head = ("field", "type", "null", "meaning", "values")
            yield from (*_table(head, map(_field_row, _told_nodes(view.fields))), "")

    def _of_session(self, contract: SessionContract) -> Iterator[str]:
        if contract.preset:
            yield from (f"Settings of the preset {code(contract.preset)}, and:", "")
        if contract.settings:
            rows = [
                (
                    code(each.name),
                    code(each.value),
                    *self._told(contract, [f"setting[{each.name}]"]),
                )
                for each in contract.settings
            ]
            yield from ("## Settings", "", *_table(("setting", "value", *self._found()), rows), "")
        if contract.functions:
            yield from ("## Functions", "", _codes(each.name for each in contract.functions), "")

    def _fields(self, contract: TableContract) -> Iterator[str]:
        rows = [
            (*_field_row(node), *self._told(contract, self._checks(contract, node)))
            for node in _told_nodes(contract.fields)
        ]
        yield from _table(("field", "type", "null", "meaning", "values", *self._found()), rows)
        yield ""

    def _checks(self, contract: TableContract, node: FieldContract) -> Sequence[str]:
        """Those that the run has."""
        outcomes, ids = self._outcomes, checks_of(node)
        return (
            []
            if outcomes is None
            else [each for each in ids if outcomes.has(contract, each)] or ids[:1]
        )

    def _consumers(self, contract: TableContract) -> Iterator[str]:
        tables = [each for each in self._contracts if isinstance(each, TableContract)]
        found: Sequence[Affected] = readers(contract, tables)
        reads = {each.name: each.reads for each in contract.consumers}
        if not found:
            return
        rows = [
            (
                escaped(each.name),
                escaped(each.owner),
                code(each.through) if each.through else _codes(reads.get(each.name, ())) or "all",
            )
            for each in found
        ]
        yield from ("## Who reads it", "", *_table(("consumer", "owner", "reads"), rows), "")

    def _waivers(self, contract: Contract) -> Iterator[str]:
        if not contract.waivers:
            return
        rows = [
            (
                code(each.check or f"change {each.change}"),
                escaped(each.reason),
                escaped(each.owner),
                each.expires.isoformat(),
            )
            for each in contract.waivers
        ]
        yield from ("## Waivers", "", *_table(("of", "reason", "owner", "holds until"), rows))

    def _bad(self, contract: Contract) -> Iterator[str]:
        """All of them, those of no field, too."""
        bad = [] if self._outcomes is None else self._outcomes.bad(contract)
        if bad:
            rows = [(code(each.place), record_in_words(each)) for each in bad]
            yield from ("", "## Found not to be so", "", *_table(("place", "promise"), rows))

    def _link(self, table: str) -> str:
        page = self._pages.get(table)
        return code(table) if page is None else f"[{escaped(table)}]({page})"

    def _found(self) -> tuple[str, ...]:
        return () if self._outcomes is None else ("found",)

    def _counted(self, contract: Contract) -> tuple[str, ...]:
        return () if self._outcomes is None else (self._outcomes.counted(contract),)

    def _told(self, contract: Contract, checks: Iterable[str]) -> tuple[str, ...]:
        return () if self._outcomes is None else (self._outcomes.told(contract, checks),)


_EVOLUTION: Mapping[str, str] = {
    Evolution.FREEZE: "no change is accepted unseen",
    Evolution.NONE: "every change is accepted",
}


def outlined(type_: pa.DataType) -> str:
    """A type without the fields of its structs, which have lines of their own."""
    if pa.types.is_struct(type_):
        return "struct"
    if pa.types.is_map(type_):
        return f"map<{print_type(type_.key_type)}, {outlined(type_.item_type)}>"
    if is_list(type_):
        kind = print_type(type_).partition("<")[0]
        size = f"[{type_.list_size}]" if pa.types.is_fixed_size_list(type_) else ""
        return f"{kind}<{outlined(type_.value_type)}>{size}"
    return print_type(type_)


def _told_nodes(fields: Iterable[FieldContract]) -> list[FieldContract]:
    return [node for field in fields for node in field.walk() if _is_told(node)]


def _field_row(node: FieldContract) -> tuple[str, ...]:
    return (
        code(node.path),
        code(outlined(node.type)),
        "" if node.nullable else "not null",
        escaped(node.description),
        field_words(node),
    )


def _is_told(node: FieldContract) -> bool:
    """A list's element and a map's side are told where something is said of them."""
    inner = node.path.endswith(("[]", "{}.key", "{}.value"))
    return not inner or bool(node.description or node.constraints or node.max_nulls)


def _source(source: SourceContract | None) -> Iterator[str]:
    if source is None:
        yield "registered by the project"
        return
    there = "" if source.location is None else f", {code(without_credentials(source.location))}"
    yield f"stored as {source.format}{there}"
    if source.partitioned_by:
        yield f"partitioned by {_codes(each.name for each in source.partitioned_by)}"
    if source.ordered_by:
        yield f"ordered by {_codes(str(each.field) for each in source.ordered_by)}"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(map(code, names))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _page_names(contracts: Sequence[Contract]) -> dict[str, str]:
    """By the contract's file: no two alike, in whatever case."""
    names: dict[str, str] = {}
    taken = {INDEX.removesuffix(".md")}
    for contract in contracts:
        stem = _NO_FILE_NAME.sub("_", contract.name).strip("_") or "contract"
        numbered = (f"{stem}_{number}" for number in range(2, len(contracts) + 3))
        name = next(each for each in (stem, *numbered) if each.casefold() not in taken)
        taken.add(name.casefold())
        names[contract.file] = f"{name}.md"
    return names
