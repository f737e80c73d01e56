"""The sessions in which queries over the stored rows of one relation run."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.contract.model import ReferenceContract
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.rows.meter import UNWATCHED, Meter
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.settings import one_partition

#: The table that a reference points at: its session, name and paths.
Other: TypeAlias = tuple[SessionContext, str, Sequence[str]]


class Queries(Struct, frozen=True):
    """`held` has the rows of a stream under the relation's name, as they came; None: the rows are read where
    they are stored. Methods raise IntrospectionError."""

    access: RowAccess
    relation: str
    meter: Meter = UNWATCHED
    held: SessionContext | None = None

    def session(self, paths: Sequence[str] = ()) -> SessionContext:
        """In which the relation has the fields at these paths, all of them if none are named, with nothing
        declared."""
        if self.held is not None:
            return self.held
        return self.access.stored_session(self.relation, paths)

    def schema(self, context: SessionContext) -> pa.Schema:
        return live_schema(context, self.relation)

    def reads_files(self, context: SessionContext) -> bool:
        """Whether the engine can tell in this session where a row stands."""
        source = self.access.source(self.relation)
        return source is not None and context is source.context

    def sides(self, reference: ReferenceContract) -> tuple[SessionContext, Other]:
        there = self.access.stored_session(reference.table, reference.to)
        return self.session(reference.fields), (there, reference.table, reference.to)

    @contextmanager
    def spilling(self, contexts: Sequence[SessionContext], *relations: str) -> Iterator[None]:
        """Within, queries may spill the keys of these relations: on several partitions DataFusion 55 may
        never read back what it has spilled, therefore they run on one."""
        with ExitStack() as stack:
            for context in contexts:
                if context is not self.held and self.access.may_spill(context, relations):
                    stack.enter_context(one_partition(context))
            yield
