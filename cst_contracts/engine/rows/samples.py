"""Shows violating rows: those whose places are known, read again from their files, and others by a query."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes.value_text import quoted_value
from cst_contracts.engine.access.scannable import REDACTED, ScannableFiles, file_below
from cst_contracts.engine.rows.measures import is_broken, measure_of
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Result, Results, RowFact
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.facts import CouldNotLook, Others, RowOrder, RowPlace, Sample, ShownRows
from cst_contracts.needs import AnyRowNeed
from cst_contracts.sql.names import identifier

_FILE = "__cst_file"
#: Its name, and whether it is redacted.
_Column: TypeAlias = tuple[str, bool]


class Samples(Struct, frozen=True):
    """The first `most` violating rows of each need of one relation, with what `shown` allows of them."""

    queries: Queries
    shown: ShownRows
    most: int

    def of_places(self, fact: RowFact, files: ScannableFiles) -> RowFact:
        """The rows of which a tally has the places, as people know their files. Raises
        IntrospectionError."""
        places = [each.place for each in fact.samples if isinstance(each.place, RowPlace)]
        with looking_at(files.table, files.storage.location):
            placed = replace(fact, samples=files.samples(places, self.shown.fields))
        if not isinstance(placed, RowOrder):
            return placed
        examples = (replace(each, file=files.file(each.file)) for each in placed.examples)
        return replace(placed, examples=tuple(examples))

    def by_query(self, results: Results, files: ScannableFiles | None = None) -> Results:
        """Of violations that have no samples yet: by their places where `files` has them, else by their
        values. What cannot be found again is told as a sample."""
        if not self.most:
            return results
        return {need: self._with_samples(need, each, files) for need, each in results.items()}

    def _with_samples(
        self, need: AnyRowNeed, result: Result, files: ScannableFiles | None
    ) -> Result:
        if isinstance(result, CouldNotLook) or result.samples or not is_broken(need, result):
            return result
        try:
            if files is not None:
                places = measure_of(need).places(need, self.queries, self.most)
                if places:
                    placed = tuple(Sample(place, ()) for place in places)
                    return self.of_places(replace(result, samples=placed), files)
        except IntrospectionError as error:
            return error.answer
        return replace(result, samples=tuple(self._selected(need)))

    def _selected(self, need: AnyRowNeed) -> Iterator[Sample]:
        try:
            storage = self._storage()
            context = self.queries.session(measure_of(need).paths_read(need))
            with looking_at(self.queries.relation):
                schema = self.queries.schema(context)
            columns = list(_columns(schema, self.shown))
            found = self._found(need, context, columns, storage)
        except IntrospectionError as error:
            yield Sample(None, (("not found again", error.reason),))
            return
        for row in range(found.num_rows):
            yield _sample(found, row, columns, storage)

    def _storage(self) -> Storage | None:
        """None where its files are not its rows."""
        try:
            return self.queries.access.storage(self.queries.relation)
        except IntrospectionError:
            return None

    def _found(
        self,
        need: AnyRowNeed,
        context: SessionContext,
        columns: Sequence[_Column],
        storage: Storage | None,
    ) -> pa.Table:
        """With the rows' files where they can be told: between a scan and what is computed of it, the engine
        may forget them."""
        carried = {
            f"__s{number}": identifier(name)
            for number, (name, redacted) in enumerate(columns)
            if not redacted
        }
        if storage is not None and storage.capabilities.names_file_of_row:
            try:
                return self._rows(need, context, {**carried, _FILE: "input_file_name()"})
            except IntrospectionError:
                pass  # asked without the file, it tells what else is wrong
        # Of a row all of whose fields are redacted, it is still told that there is one.
        return self._rows(need, context, carried or {"__s": "1"})

    def _rows(
        self, need: AnyRowNeed, context: SessionContext, carried: Mapping[str, str]
    ) -> pa.Table:
        with looking_at(self.queries.relation):
            return measure_of(need).rows(need, context, self.queries, carried, self.most)


def _sample(
    found: pa.Table, row: int, columns: Sequence[_Column], storage: Storage | None
) -> Sample:
    values = tuple(
        (name, REDACTED if redacted else quoted_value(found.column(f"__s{number}")[row]))
        for number, (name, redacted) in enumerate(columns)
    )
    if storage is None or _FILE not in found.column_names:
        return Sample(None, values)
    return Sample(file_below(storage, found.column(_FILE)[row].as_py()), values)


def _columns(schema: pa.Schema, shown: ShownRows) -> Iterator[_Column]:
    sensitive = {field.name: field.sensitive for field in shown.fields}
    for name in schema.names:
        if name in sensitive:
            yield name, sensitive[name]
        elif shown.others is not Others.LEFT_OUT:
            yield name, shown.others is Others.REDACTED
