"""Reads all that is stored of a relation's promised fields, whoever asks about their values."""

from cst_contracts.engine.access.undeclared import rows_undeclared
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.rows.elements import ElementPart, ElementTally
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.scan import scan
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.facts import Basis, RowCount


def read_in_full(access: RowAccess, relation: str, meter: Meter) -> RowCount:
    """Every page of every promised field that the relation has. Raises IntrospectionError."""
    storage = access.opened(relation).storage
    promised = access.registry.promised_fields(relation).names
    context = access.stored_session(relation, ())
    with looking_at(relation, None if storage is None else storage.location):
        frame = rows_undeclared(context, relation)
        names = tuple(name for name in frame.schema().names if name in promised)
        (found,) = scan(frame, [ElementPart(names, ())], meter=meter)
    if not isinstance(found, ElementTally):
        raise AssertionError(f"{relation} was not counted")
    return RowCount(found.rows, Basis.SCAN, len(names))
