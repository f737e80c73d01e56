"""Violating rows by a query: of relations whose files are not scanned. Where a row stands is not known, at
most in which file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.contract.model import ReferenceContract
from cst_contracts.datatypes.value_text import quoted_value
from cst_contracts.engine.access.scannable import REDACTED, told_file
from cst_contracts.engine.rows.counts import Other, keys_of, planned_rule
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.facts import Others, Sample, ShownRows
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, OrderNeed, ReferenceNeed, RuleNeed
from cst_contracts.sql.keys import (
    dangling_rows,
    flattened,
    null_rows,
    rows_with,
    shared_keys,
)
from cst_contracts.sql.names import identifier, table_name

_FILE = "__cst_file"
#: Its name, and whether it is redacted.
_Column: TypeAlias = tuple[str, bool]


class Sampling(Struct, frozen=True):
    """The first `most` violating rows that the engine finds. `storage` is the relation's, where there is one;
    `other` is what a reference refers to."""

    context: SessionContext
    relation: str
    need: AnyRowNeed
    most: int
    storage: Storage | None = None
    other: Other | None = None

    def samples(self, shown: ShownRows) -> tuple[Sample, ...]:
        """What stands in their way is told as one."""
        try:
            with looking_at(self.relation):
                columns = list(_columns(live_schema(self.context, self.relation), shown))
        except IntrospectionError as error:
            return (_untold(error),)
        found = self._found(columns)
        if isinstance(found, IntrospectionError):
            return (_untold(found),)
        return tuple(self._sample(found, row, columns) for row in range(found.num_rows))

    def _found(self, columns: Sequence[_Column]) -> pa.Table | IntrospectionError:
        """With the rows' files where they can be told: between a scan and what is computed of it, the engine
        may forget them."""
        carried = {
            f"__s{number}": identifier(name)
            for number, (name, redacted) in enumerate(columns)
            if not redacted
        }
        if self.storage is not None and self.storage.capabilities.names_file_of_row:
            found = self._rows({**carried, _FILE: "input_file_name()"})
            if not isinstance(found, IntrospectionError):
                return found
        # Of a row all of whose fields are redacted, it is still told that there is one.
        return self._rows(carried or {"__s": "1"})

    def _rows(self, carried: Mapping[str, str]) -> pa.Table | IntrospectionError:
        try:
            with looking_at(self.relation):
                return self._queried(carried)
        except IntrospectionError as error:
            return error

    def _queried(self, carried: Mapping[str, str]) -> pa.Table:
        context, relation, most = self.context, self.relation, self.most
        schema, names = live_schema(context, relation), list(carried)
        match self.need:
            case NullsNeed(path=path):
                return context.sql(
                    null_rows(schema, relation, path, carried, most)
                ).to_arrow_table()
            case KeyNeed(paths=paths):
                few = shared_keys(flattened(schema, relation, paths), len(paths))
                here = flattened(schema, relation, paths, carried)
                return context.sql(rows_with(few, here, len(paths), names, most)).to_arrow_table()
            case ReferenceNeed(reference=ReferenceContract(fields=fields)):
                if self.other is None:
                    raise AssertionError(f"{self.need} refers to nothing")
                here = flattened(schema, relation, fields, carried)
                with keys_of(context, self.other) as there:
                    query = dangling_rows(here, there, len(fields), names, most)
                    return context.sql(query).to_arrow_table()
            case RuleNeed(rule=rule):
                frame = context.table(table_name(relation))
                broken = frame.filter(~planned_rule(frame, relation, rule))
                selected = [
                    frame.parse_sql_expr(each).alias(name) for name, each in carried.items()
                ]
                return broken.select(*selected).limit(most).to_arrow_table()
            case OrderNeed():
                raise AssertionError("the rows that are out of order are told anyway")

    def _sample(self, found: pa.Table, row: int, columns: Sequence[_Column]) -> Sample:
        values = tuple(
            (name, REDACTED if redacted else quoted_value(found.column(f"__s{number}")[row]))
            for number, (name, redacted) in enumerate(columns)
        )
        if self.storage is None or _FILE not in found.column_names:
            return Sample(None, values)
        return Sample(told_file(self.storage, found.column(_FILE)[row].as_py()), values)


def _columns(schema: pa.Schema, shown: ShownRows) -> Iterator[_Column]:
    sensitive = {field.name: field.sensitive for field in shown.fields}
    for name in schema.names:
        if name in sensitive:
            yield name, sensitive[name]
        elif shown.others is not Others.LEFT_OUT:
            yield name, shown.others is Others.REDACTED


def _untold(error: IntrospectionError) -> Sample:
    return Sample(None, (("not found again", error.reason),))
