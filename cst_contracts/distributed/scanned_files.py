"""What a cluster must know of a table's files: where they are, and how large."""

from cst_contracts.distributed.trouble import ClusterTrouble
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.storage.listing import sizes


def sizes_of(files: ScannableFiles, relation: str) -> dict[str, int]:
    """By the URLs of the files. Raises IntrospectionError."""
    storage = files.storage
    with looking_at(relation, storage.location):
        found = sizes(storage.location, storage.files)
    return {url: found.get(url, 0) for url in storage.files}


def refuse_other_rows(read: int, wanted: int | None, answered: int, tasks: int) -> None:
    """Raises ClusterTrouble where not all rows were read. `wanted` is what footers tell, if they do."""
    if answered == tasks and wanted in (None, read):
        return
    told = "" if wanted is None else f", and the footers tell of {wanted}"
    raise ClusterTrouble(f"has read {read} rows in {answered} of {tasks} tasks{told}")
