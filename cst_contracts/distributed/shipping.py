"""The functions that travel to the workers, which know nothing of this package before they have it.

A function within a function is pickled by value, with what it encloses. Therefore what it needs is imported
inside of it: on the worker, not here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from platform import python_version

import pyarrow as pa

from cst_contracts import __version__

#: What a task gives back. `trouble` says what the worker lacks, and is empty where it lacks nothing.
SCHEMA = "task int, trouble string, told binary"
Batches = Iterable[pa.RecordBatch]
Ship = Callable[[Batches], Iterator[pa.RecordBatch]]


def versions_here() -> Mapping[str, str]:
    """What has to be the same on the workers: other versions may count otherwise."""
    return {
        "cst-contracts": __version__,
        "datafusion": version("datafusion"),
        "Python": ".".join(python_version().split(".")[:2]),
    }


def shipped(work: bytes | None, wanted: Mapping[str, str]) -> Ship:
    """Of batches of a task's number and its files, the outcome of each. Without `work`, only versions are
    compared."""

    def differs() -> str:
        import importlib.metadata  # noqa: PLC0415
        import platform  # noqa: PLC0415

        found = {"Python": ".".join(platform.python_version().split(".")[:2])}
        try:
            import cst_contracts  # noqa: PLC0415

            found["cst-contracts"] = cst_contracts.__version__
            found["datafusion"] = importlib.metadata.version("datafusion")
        except ImportError as error:
            return f"no cst-contracts {wanted['cst-contracts']}: {error}"
        other = [
            f"{name} {found[name]}, not {wanted[name]}"
            for name in wanted
            if found[name] != wanted[name]
        ]
        return "; ".join(other)

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        import pyarrow  # noqa: PLC0415

        trouble = differs()
        for batch in batches:
            told: list[bytes | None] = [None] * batch.num_rows
            if work is not None and not trouble:
                from cst_contracts.distributed.worker import measured  # noqa: PLC0415

                told = [measured(work, files) for files in batch.column(1).to_pylist()]
            yield pyarrow.record_batch(
                {
                    "task": batch.column(0),
                    "trouble": pyarrow.array([trouble] * batch.num_rows, pyarrow.string()),
                    "told": pyarrow.array(told, pyarrow.binary()),
                }
            )

    return run
