"""Reads all that is stored of a relation's promised fields, whoever asks about their values."""

from datafusion import DataFrame

from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.access.undeclared import rows_undeclared
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.rows.elements import ElementPart, ElementTally
from cst_contracts.engine.rows.elsewhere import Elsewhere
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.scan import scan
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Basis, CouldNotLook, RowCount


def read_in_full(
    access: RowAccess, relation: str, meter: Meter, elsewhere: Elsewhere | None = None
) -> RowCount:
    """Every page of every promised field that the relation has: `elsewhere` where its files alone are its
    rows. Raises IntrospectionError."""
    storage = access.opened(relation).storage
    promised = access.registry.promised_fields(relation).names
    context = access.stored_session(relation, ())
    with looking_at(relation, None if storage is None else storage.location):
        frame = rows_undeclared(context, relation)
        names = tuple(name for name in frame.schema().names if name in promised)
        files = None if elsewhere is None else access.source(relation)
        stored = () if files is None else _stored(files, names)
        if files is None or elsewhere is None or not stored:
            return RowCount(_read(frame, names, meter), Basis.SCAN, len(names))
    rows = elsewhere.rows_read(files, relation, stored)
    if isinstance(rows, CouldNotLook):
        raise IntrospectionError.of(rows)
    return RowCount(rows, Basis.SCAN, len(names))


def _stored(files: ScannableFiles, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those that stand in the files themselves."""
    stored = files.stored_schema.names
    return tuple(name for name in names if name in stored)


def _read(frame: DataFrame, names: tuple[str, ...], meter: Meter) -> int:
    (found,) = scan(frame, [ElementPart(names, ())], meter=meter)
    if not isinstance(found, ElementTally):
        raise AssertionError(f"{names} were not counted")
    return found.rows
