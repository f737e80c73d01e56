"""Decides what samples may show of the rows of each table and view."""

from collections.abc import Iterable, Mapping

from cst_contracts.contract.model import FieldContract, Sql, TableContract, ViewContract
from cst_contracts.contract.relations import Relations
from cst_contracts.facts import Others, ShownField, ShownRows


def shown_rows(relations: Relations) -> dict[str, ShownRows]:
    """By relation. A table shows its promised fields, a view what it has. But where anything that a view
    reads is sensitive, only what it keeps of fields that are not: what it makes may tell of the others."""
    tables = {contract.name: contract for contract in relations.tables}
    shown = {
        name: ShownRows(tuple(ShownField(each.name, _is_sensitive(each)) for each in table.fields))
        for name, table in tables.items()
        if name not in relations.views
    }
    views = _Views(relations, tables)
    return {**shown, **{name: views.shown(view) for name, view in relations.views.items()}}


class _Views:
    def __init__(self, relations: Relations, tables: Mapping[str, TableContract]) -> None:
        self._relations, self._tables = relations, tables

    def shown(self, view: ViewContract) -> ShownRows:
        read = self._read_by(view)
        if not any(_is_sensitive(each) for name in read for each in self._promised(name)):
            return ShownRows(others=Others.SHOWN)
        fields = tuple(ShownField(name, sensitive=False) for name in self._open(view.name, read))
        return ShownRows(fields, Others.REDACTED)

    def _promised(self, name: str) -> tuple[FieldContract, ...]:
        view, table = self._relations.views.get(name), self._tables.get(name)
        of_view = () if view is None else view.fields
        return of_view if table is None else (*of_view, *table.fields)

    def _read_by(self, view: ViewContract) -> dict[str, None]:
        """All that the view is made of, itself first."""
        found = {view.name: None}
        waiting = [view]
        while waiting:
            for name in self._relations.read_by(waiting.pop()):
                below = self._relations.views.get(name)
                if below is not None and name not in found:
                    waiting.append(below)
                found[name] = None
        return found

    def _open(self, name: str, known: Mapping[str, None]) -> Iterable[str]:
        """The columns that are fields of a table, and not sensitive anywhere on the way."""
        hidden = {each.name for each in self._promised(name) if _is_sensitive(each)}
        view = self._relations.views.get(name)
        if view is None:
            return [each.name for each in self._promised(name) if each.name not in hidden]
        if isinstance(view.definition, Sql) or view.of not in known or view.of == name:
            return []
        kept = set(view.keep) - hidden
        return [column for column in self._open(view.of, known) if column in kept]


def _is_sensitive(field: FieldContract) -> bool:
    return any(each.sensitive for each in field.walk())
