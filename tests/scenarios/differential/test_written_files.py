"""What is promised of how data files are written is kept by those that were written so, and by no others.

A naive judge knows what the writer was told: encodings, bloom filters, claims of an order, metadata of the
schema and of a field, and the rest of `files`. `CST_EXAMPLES=40` makes forty times as many tables.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import convert_to_deltalake
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from support.gate import Promises, judge, observer_of, parsed
from support.tables import DELTA, PARQUET

from cst_contracts.report.manifest_file import Outcome
from cst_contracts.report.promise import findings_of

SCHEMA = pa.schema(
    [
        ("n", pa.int64()),
        ("t", pa.string()),
        ("s", pa.struct([("x", pa.int64())])),
        ("l", pa.list_(pa.struct([("k", pa.string())]))),
    ]
)
#: Each column, what it may be encoded as, and how pyarrow calls it.
COLUMNS = {"n": "n", "t": "t", "s.x": "s.x", "l[].k": "l.list.element.k"}
ENCODINGS = {
    "n": ["plain", "dictionary", "delta_binary_packed", "byte_stream_split"],
    "t": ["plain", "dictionary", "delta_byte_array", "delta_length_byte_array"],
    "s.x": ["plain", "dictionary"],
    "l[].k": ["plain", "dictionary", "delta_byte_array"],
}
Row = dict[str, Any]
ROW = st.fixed_dictionaries(
    {
        "n": st.integers(0, 3),
        "t": st.sampled_from(["a", "ä", ""]),
        "s": st.fixed_dictionaries({"x": st.integers(0, 3)}),
        "l": st.lists(st.fixed_dictionaries({"k": st.sampled_from("ab")}), min_size=1, max_size=2),
    }
)


class Packing(NamedTuple):
    """How a writer writes a file; `claims` are the first terms of `ORDER` that its footer names."""

    encodings: Mapping[str, str]
    bloomed: frozenset[str]
    claims: int
    codec: str
    statistics: bool
    pages: bool
    group: int
    metadata: Mapping[str, str]
    unit: str | None


#: The order that is promised, as pyarrow claims it.
ORDER = [pq.SortingColumn(0), pq.SortingColumn(1, descending=True)]
ORDERED_BY = ["n", {"field": "t", "direction": "desc"}]
METADATA = st.dictionaries(st.sampled_from(["made_by", "run"]), st.sampled_from(["a", "b"]))
PACKINGS = st.builds(
    Packing,
    st.fixed_dictionaries({path: st.sampled_from(each) for path, each in ENCODINGS.items()}),
    st.frozensets(st.sampled_from(list(COLUMNS))),
    st.integers(0, 2),
    st.sampled_from(["zstd", "zstd", "snappy"]),
    st.sampled_from([True, True, False]),
    st.sampled_from([True, True, False]),
    st.integers(1, 3),
    METADATA,
    st.sampled_from(["byte", "byte", None, "line"]),
)
File = tuple[list[Row], Packing]
FILES = st.lists(st.tuples(st.lists(ROW, min_size=1, max_size=4), PACKINGS), min_size=1, max_size=3)


class Promised(NamedTuple):
    encodings: Mapping[str, str]
    bloomed: Sequence[str]
    terms: int
    group: tuple[int, int]
    bytes: int


PROMISED = st.builds(
    Promised,
    st.fixed_dictionaries(
        {}, optional={p: st.sampled_from(e) for p, e in ENCODINGS.items()}
    ).filter(bool),
    st.lists(st.sampled_from(list(COLUMNS)), min_size=1, unique=True),
    st.integers(1, 2),
    st.sampled_from([(1, 2), (2, 2), (1, 3), (3, 3)]),
    st.integers(1_500, 2_500),
)


ROWS: list[Row] = [{"n": n, "t": "a", "s": {"x": n}, "l": [{"k": "a"}]} for n in range(3)]
SAID = Promised(
    {"n": "delta_binary_packed", "l[].k": "dictionary"}, list(COLUMNS), 2, (2, 2), 3_000
)
#: A file that keeps what is `SAID`, and one that breaks all of it.
KEEPING = Packing(
    {**dict.fromkeys(COLUMNS, "dictionary"), "n": "delta_binary_packed"},
    frozenset(COLUMNS),
    2,
    "zstd",
    statistics=True,
    pages=True,
    group=2,
    metadata={"made_by": "a"},
    unit="byte",
)
BREAKING = Packing(
    dict.fromkeys(COLUMNS, "plain"),
    frozenset(),
    0,
    "snappy",
    statistics=False,
    pages=False,
    group=3,
    metadata={},
    unit=None,
)


def text_of(format_: str, promised: Promised) -> str:
    least, most = promised.group
    files = {
        "codec": "zstd",
        "encodings": dict(promised.encodings),
        "statistics": ["n", "t"],
        "bloom_filters": list(promised.bloomed),
        "page_index": ["n", "l[].k"],
        "row_group_rows": {"at_least": least, "at_most": most},
        "bytes": {"at_most": f"{promised.bytes}B"},
        "sorting_columns": True,
    }
    fields = [{"name": each.name, "type": str(each.type)} for each in SCHEMA]
    fields[0]["metadata"] = {"unit": "byte"}
    return json.dumps(
        {
            "table": "t",
            "source": {
                "format": format_,
                "location": "t",
                "ordered_by": ORDERED_BY[: promised.terms],
                "files": files,
            },
            "fields": fields,
            "metadata": {"made_by": "a"},
        }
    )


def write(files: Sequence[File], folder: Path, format_: str) -> None:
    folder.mkdir()
    for number, (rows, packing) in enumerate(files):
        unit = None if packing.unit is None else {"unit": packing.unit}
        schema = SCHEMA.set(0, SCHEMA.field(0).with_metadata(unit))
        schema = schema.with_metadata(dict(packing.metadata) or None)
        plain = {p: e for p, e in packing.encodings.items() if e != "dictionary"}
        pq.write_table(
            pa.Table.from_pylist(rows, schema),
            folder / f"{number}.parquet",
            compression=packing.codec,
            use_dictionary=[COLUMNS[path] for path in packing.encodings if path not in plain],
            column_encoding={COLUMNS[path]: each.upper() for path, each in plain.items()},
            bloom_filter_options={COLUMNS[path]: {"ndv": 8} for path in packing.bloomed},
            sorting_columns=ORDER[: packing.claims] or None,
            write_statistics=packing.statistics,
            write_page_index=packing.pages,
            row_group_size=packing.group,
        )
    if format_ == DELTA:
        convert_to_deltalake(folder)


# What a naive judge makes of it


class Expected(NamedTuple):
    """`chunks` are the column chunks or row groups that are told to break the promise, and those of all."""

    outcome: Outcome
    chunks: tuple[int, int] | None = None


def groups(files: Sequence[File]) -> Iterator[tuple[Packing, int]]:
    """Each with its rows."""
    for rows, packing in files:
        for at in range(0, len(rows), packing.group):
            yield packing, len(rows[at : at + packing.group])


def of_chunks(
    files: Sequence[File], paths: Sequence[str], is_kept: Callable[[Packing, str], bool]
) -> Expected:
    every = [is_kept(packing, path) for packing, _ in groups(files) for path in paths]
    return verdict(every.count(False), len(every))


def verdict(wrong: int, of: int) -> Expected:
    return Expected(Outcome.BROKEN, (wrong, of)) if wrong else Expected(Outcome.KEPT)


def of_encodings(files: Sequence[File], promised: Mapping[str, str]) -> Expected:
    """The dictionary of a chunk is plain itself, so that no footer tells whether values are, too."""
    found = of_chunks(
        files,
        list(promised),
        lambda packing, path: (
            packing.encodings[path] in (promised[path], "dictionary")
            if promised[path] == "plain"
            else packing.encodings[path] == promised[path]
        ),
    )
    untold = any(
        promised[path] == "plain" and packing.encodings[path] == "dictionary"
        for packing, _ in groups(files)
        for path in promised
    )
    return Expected(Outcome.UNDECIDED) if untold and found.outcome is Outcome.KEPT else found


def of_sizes(files: Sequence[File], least: int, most: int) -> Expected:
    """The last row group of a file has the rows that are left."""
    sizes = [
        [len(rows[at : at + packing.group]) for at in range(0, len(rows), packing.group)]
        for rows, packing in files
    ]
    few = any(size < least for each in sizes for size in each[:-1])
    return Expected(
        Outcome.BROKEN
        if few or any(size > most for each in sizes for size in each)
        else Outcome.KEPT
    )


def of_claims(files: Sequence[File], terms: int) -> Expected:
    every = [packing.claims >= terms for packing, _ in groups(files)]
    return verdict(every.count(False), len(every))


def of_metadata(files: Sequence[File], format_: str) -> Expected:
    """Of files that contradict each other, in whatever metadata, a session has none; a log keeps none."""
    told = [
        {**packing.metadata, **({} if packing.unit is None else {"n.unit": packing.unit})}
        for _, packing in files
    ]
    pairs = {pair for each in told for pair in each.items()}
    contradicting = len(pairs) > len({key for key, _ in pairs})
    there = any(each.get("made_by") == "a" for each in told)
    kept = there and not contradicting and format_ == PARQUET
    return Expected(Outcome.KEPT if kept else Outcome.BROKEN)


def naive(
    files: Sequence[File], format_: str, promised: Promised, largest: int
) -> dict[str, Expected]:
    return {
        "files[codec]": of_chunks(files, list(COLUMNS), lambda each, _: each.codec == "zstd"),
        "files[encodings]": of_encodings(files, promised.encodings),
        "files[statistics]": of_chunks(files, ["n", "t"], lambda each, _: each.statistics),
        "files[bloom_filters]": of_chunks(
            files, promised.bloomed, lambda each, path: path in each.bloomed
        ),
        "files[page_index]": of_chunks(
            files, ["n", "l[].k"], lambda each, _: each.pages and each.statistics
        ),
        "files[row_group_rows]": of_sizes(files, *promised.group),
        "files[bytes]": Expected(Outcome.BROKEN if largest > promised.bytes else Outcome.KEPT),
        "files[sorting_columns]": of_claims(files, promised.terms),
        "metadata[made_by]": of_metadata(files, format_),
        "field[n]": Expected(
            Outcome.KEPT if all(each.unit == "byte" for _, each in files) else Outcome.BROKEN
        ),
    }


def found_of(promises: Promises) -> dict[str, Expected]:
    return {
        check: Expected(outcome, told_of(promises, check))
        for check, outcome in promises.outcomes.items()
    }


def told_of(promises: Promises, check: str) -> tuple[int, int] | None:
    """How many are told to be otherwise than promised, of how many."""
    if promises.outcomes[check] is not Outcome.BROKEN:
        return None
    words = r"(\d+) (?:column chunk|row group)s? of (\d+)"
    told = [re.search(words, each.observed) for each in findings_of(promises[check])]
    counts = [(int(each[1]), int(each[2])) for each in told if each is not None]
    return (sum(wrong for wrong, _ in counts), counts[0][1]) if counts else None


@pytest.mark.parametrize("format_", [PARQUET, DELTA])
def test_files_keep_what_their_writer_was_told(format_: str) -> None:
    met: set[tuple[str, Outcome]] = set()

    @settings(
        max_examples=15 * int(os.environ.get("CST_EXAMPLES", "1")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @example([(ROWS, KEEPING)], SAID)
    @example([(ROWS, BREAKING)], SAID._replace(bytes=1))
    @given(FILES, PROMISED)
    def compare(files: list[File], promised: Promised) -> None:
        files = files if format_ == PARQUET else of_one_schema(files)
        with tempfile.TemporaryDirectory() as folder:
            write(files, Path(folder) / "t", format_)
            contracts = parsed([text_of(format_, promised)])
            asked = ("files", "metadata", "field[n]")
            judged = judge(
                contracts, observer_of(contracts, folder), lambda check: check.id.startswith(asked)
            )
            largest = max(file.stat().st_size for file in Path(folder, "t").glob("*.parquet"))
        wanted, found = naive(files, format_, promised, largest), found_of(judged.of("t"))
        assert found.keys() == wanted.keys()
        wrong = {each: (found[each], wanted[each]) for each in found if found[each] != wanted[each]}
        assert not wrong, wrong
        met.update((check, each.outcome) for check, each in found.items())

    compare()
    checks = {check for check, _ in met}
    assert {(check, Outcome.BROKEN) for check in checks} <= met
    never = {"metadata[made_by]"} if format_ == DELTA else set()
    assert {(check, Outcome.KEPT) for check in checks - never} <= met


def of_one_schema(files: Sequence[File]) -> list[File]:
    """A log has one schema, and refuses files that contradict it."""
    (_, first), *_ = files
    return [
        (rows, packing._replace(metadata=first.metadata, unit=first.unit))
        for rows, packing in files
    ]
