"""What a cluster must know of a table's files: where they are, and how large."""

from cst_contracts.distributed.pieces import Piece
from cst_contracts.distributed.trouble import ClusterTrouble
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.storage.listing import sizes


def whole_files(files: ScannableFiles, relation: str) -> list[Piece]:
    """Raises IntrospectionError."""
    storage = files.storage
    with looking_at(relation, storage.location):
        found = sizes(storage.location, storage.files)
        return [
            Piece(url, found.get(url, 0), outside=tuple(sorted(outside.items())))
            for url, outside in zip(storage.files, files.values_outside(), strict=True)
        ]


def refuse_other_rows(read: int, wanted: int | None, answered: int, tasks: int) -> None:
    """Raises ClusterTrouble where not all rows were read. `wanted` is what footers tell, if they do."""
    if answered == tasks and wanted in (None, read):
        return
    told = "" if wanted is None else f", and the footers tell of {wanted}"
    raise ClusterTrouble(f"has read {read} rows in {answered} of {tasks} tasks{told}")
