"""The functions that travel to the workers, which know nothing of this package before they have it.

A function within a function is pickled by value, with what it encloses. Therefore what it needs is imported
inside of it: on the worker, not here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from platform import python_version

import pyarrow as pa
from msgspec import Struct

from cst_contracts import __version__

#: What a task tells of itself. `trouble` says what the worker lacks, and is empty where it lacks nothing.
_OF_TASKS = "task int, trouble string, told binary"
Batches = Iterable[pa.RecordBatch]


class Ship(Struct, frozen=True):
    """What workers `run` over batches of a task's number and its load, and the columns that come of it. In
    rows of keys, `task` is null."""

    run: Callable[[Batches], Iterator[pa.RecordBatch]]
    schema: str = _OF_TASKS


def versions_here() -> Mapping[str, str]:
    """What has to be the same on the workers: other versions may count otherwise."""
    return {
        "cst-contracts": __version__,
        "datafusion": version("datafusion"),
        "Python": ".".join(python_version().split(".")[:2]),
    }


def shipped(work: bytes | None, wanted: Mapping[str, str]) -> Ship:
    """The outcome of each task. Without `work`, only versions are compared."""
    differs = _difference(wanted)

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        import pyarrow  # noqa: PLC0415

        trouble = differs()
        for batch in batches:
            told: list[bytes | None] = [None] * batch.num_rows
            if work is not None and not trouble:
                from cst_contracts.distributed.worker import measured  # noqa: PLC0415

                told = [measured(work, load) for load in batch.column(1).to_pylist()]
            yield pyarrow.record_batch(
                {
                    "task": batch.column(0),
                    "trouble": pyarrow.array([trouble] * batch.num_rows, pyarrow.string()),
                    "told": pyarrow.array(told, pyarrow.binary()),
                }
            )

    return Ship(run)


def shipped_rows(
    work: bytes, wanted: Mapping[str, str], columns: Mapping[str, str], module: str
) -> Ship:
    """What `gathered` in a module of this package makes of each task's files, in `columns` of these types,
    and the outcome of the task."""
    differs = _difference(wanted)
    schema = ", ".join([_OF_TASKS, *(f"{name} {type_}" for name, type_ in columns.items())])

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        import importlib  # noqa: PLC0415

        import pyarrow  # noqa: PLC0415

        types = {
            **{"task": pyarrow.int32(), "trouble": pyarrow.string(), "told": pyarrow.binary()},
            **{"side": pyarrow.int32(), "hash": pyarrow.int64(), "value": pyarrow.binary()},
            **{"file": pyarrow.string(), "row": pyarrow.int64()},
            **{"bucket": pyarrow.int32(), "block": pyarrow.binary()},
        }
        names = ["task", "trouble", "told", *columns]

        def padded(rows: int, found: Mapping[str, pa.Array]) -> pa.RecordBatch:
            held = [found.get(name, pyarrow.nulls(rows, types[name])) for name in names]
            return pyarrow.record_batch(held, names)

        def outcome(task: int, told: bytes | None) -> pa.RecordBatch:
            values = {"task": task, "trouble": trouble, "told": told}
            return padded(
                1, {name: pyarrow.array([each], types[name]) for name, each in values.items()}
            )

        trouble = differs()
        for batch in batches:
            for task, load in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                if trouble:
                    yield outcome(task, None)
                    continue
                for found in importlib.import_module(module).gathered(work, load):
                    if isinstance(found, bytes):
                        yield outcome(task, found)
                    else:
                        yield padded(len(found[names[-1]]), found)

    return Ship(run, schema)


def shipped_groups(work: bytes, wanted: Mapping[str, str]) -> Ship:
    """The outcome of each task that has sent blocks of groups, as it is, and that of the groups in them."""
    differs = _difference(wanted)

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        import pyarrow  # noqa: PLC0415

        names = ["task", "trouble", "told"]
        blocks = []
        for batch in batches:
            of_tasks = batch.filter(batch.column(0).is_valid())
            yield pyarrow.record_batch(of_tasks.columns[:3], names)
            blocks += [each for each in batch.column(4).to_pylist() if each is not None]
        if blocks:
            trouble = differs()
            told = None
            if not trouble:
                from cst_contracts.distributed.group_worker import grouped  # noqa: PLC0415

                told = grouped(work, blocks)
            columns = zip((-1, trouble, told), ("int32", "string", "binary"), strict=True)
            yield pyarrow.record_batch(
                [pyarrow.array([value], pyarrow.type_for_alias(name)) for value, name in columns],
                names,
            )

    return Ship(run)


def _difference(wanted: Mapping[str, str]) -> Callable[[], str]:
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

    return differs
