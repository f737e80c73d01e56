"""Whatever becomes of files, contracts and versions, a run that believes proofs answers as one that has none.

`CST_EXAMPLES=40` makes forty times as many sequences as a run of the suite does.
"""

import os
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from support.rows import answers, observing, table_contract

import cst_contracts.gate.opening
from cst_contracts.contract.model import TableContract
from cst_contracts.needs import AggregateNeed, AnyRowNeed, NewestNeed

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("word", pa.string()),
        pa.field("at", pa.timestamp("us")),
        pa.field("parts", pa.list_(pa.field("element", pa.struct([("n", pa.int32())])))),
        pa.field("share", pa.float64()),
    ]
)
#: What contracts of a table differ in, so that promises come, go and change.
PROMISES = {
    "keys": ["[]", "[[id]]", "[[word], [id]]", "[['parts[].n'], [share]]"],
    "rules": [
        "[]",
        "[{name: r, sql: id > 3}]",
        "[{name: r, sql: id > 4}, {name: s, sql: 'word IS NOT NULL'}]",
    ],
    "word": [
        "",
        ", enum: [a, b]",
        ", enum: [a]",
        ", pattern: '[ab]', max_length: 1, sensitive: true",
    ],
    "id": ["", ", maximum: 8", ", maximum: 9, nullable: false"],
    "order": ["", ", ordered_by: [id]", ", ordered_by: [id, word]"],
    "references": [
        "[]",
        "[{fields: [id], table: u, to: [id]}]",
        "[{fields: [id], table: u, to: [id]}, {fields: ['parts[].n'], table: t, to: [id]}]",
    ],
    "aggregates": [
        "[]",
        "[{name: g, sql: max(id) < 150}]",
        "[{name: g, sql: count(id) > 5}, {name: h, sql: count(*) < 3, per: [word]}]",
    ],
}
CONTRACT = """table: t
source: {{format: {format}, location: t{order}}}
fields:
  - {{name: id, type: int64{id}}}
  - {{name: word, type: string, nullable: false{word}}}
  - {{name: at, type: "timestamp[us]"}}
  - name: parts
    type: list<struct>
    fields: [{{name: n, type: int32, nullable: false}}]
  - {{name: share, type: double}}
keys: {keys}
rules: {rules}
references: {references}
aggregates: {aggregates}
"""
OTHER = "table: u\nsource: {format: parquet, location: u}\nfields: [{name: id, type: int64}]\n"


def rows_of(seed: int) -> pa.Table:
    """Seldom as promised, and of two seeds seldom the same."""
    drawn = random.Random(seed)  # noqa: S311 - no secret
    number = drawn.randint(1, 6)
    ids = sorted(drawn.sample(range(200), number))
    if drawn.random() < 0.3:
        drawn.shuffle(ids)
    return pa.table(
        {
            "id": [None if drawn.random() < 0.05 else each for each in ids],
            "word": [drawn.choice(["a", "b", "c", f"w{seed}", None]) for _ in ids],
            "at": [drawn.randint(0, 10**9) for _ in ids],
            "parts": [[{"n": drawn.choice([1, 2, None])}] * drawn.randint(0, 2) for _ in ids],
            "share": [drawn.choice([0.5, -0.0, 0.0, float(each)]) for each in ids],
        },
        SCHEMA,
    )


class ParquetTable:
    """A folder of files, changed as writers change them."""

    format = "parquet"

    def __init__(self, lake: Path) -> None:
        self.folder = lake / "t"
        self.folder.mkdir()
        self._next = 0

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))

    def append(self, seed: int) -> None:
        self._write(self.folder / f"{self._next:03}.parquet", rows_of(seed))
        self._next += 1

    def rewrite(self, seed: int) -> None:
        self._write(self._some(seed), rows_of(seed))

    def rewrite_at_once(self, seed: int) -> None:
        """With as many rows and the same time: what the file is seen by from outside stays, mostly."""
        file = self._some(seed)
        before = file.stat()
        table = pq.read_table(file)
        moved = pa.array([None if each is None else each + 1 for each in table["id"].to_pylist()])
        self._write(file, table.set_column(0, SCHEMA.field("id"), moved.cast(pa.int64())))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    def remove(self, seed: int) -> None:
        if len(self.files) > 1:
            self._some(seed).unlink()

    def rename(self, seed: int) -> None:
        """In front of the others, so that places of rows come in another sequence."""
        self._some(seed).rename(self.folder / f"-{self._next:03}.parquet")
        self._next += 1

    def _some(self, seed: int) -> Path:
        return self.files[seed % len(self.files)]

    def _write(self, file: Path, table: pa.Table) -> None:
        # Without statistics most promises need a scan.
        pq.write_table(table, file, write_statistics=["id"], compression="none")


class DeltaLogTable:
    """A Delta table, changed by its log."""

    format = "delta"

    def __init__(self, lake: Path) -> None:
        self.path = str(lake / "t")

    def append(self, seed: int) -> None:
        write_deltalake(self.path, rows_of(seed), mode="append")

    def rewrite(self, seed: int) -> None:
        write_deltalake(self.path, rows_of(seed), mode="overwrite")

    def rewrite_at_once(self, seed: int) -> None:  # noqa: ARG002 - of all files
        DeltaTable(self.path).optimize.compact()

    def remove(self, seed: int) -> None:
        DeltaTable(self.path).delete(f"id % 5 = {seed % 5}")

    def rename(self, seed: int) -> None:
        """Back to what was there before."""
        table = DeltaTable(self.path)
        table.restore(seed % table.version())


Made = ParquetTable | DeltaLogTable
#: Of the table, one of its methods by name and a seed.
Change = tuple[str, int]
CHANGES = st.tuples(
    st.sampled_from(
        ["append", "rewrite", "rewrite_at_once", "remove", "rename", "nothing", "refer"]
    ),
    st.integers(0, 50),
)


CONTRACTS = st.fixed_dictionaries({key: st.sampled_from(each) for key, each in PROMISES.items()})
#: How often rows are looked for, whether proofs are damaged, and whether versions change.
BEFALLEN = (
    st.sampled_from([0, 2]),
    st.one_of(st.none(), st.none(), st.integers(0, 1000)),
    st.sampled_from(["", "", "", "0.0.1", "0.0.2"]),
)


class Proofs:
    """The folder of proofs, and what befalls it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def damage(self, seed: int) -> None:
        """Another byte somewhere in a file, one that is cut, and one of another kind."""
        files = sorted(self.folder.glob("*.proofs"))
        for number, file in enumerate(files[:3]):
            data = bytearray(file.read_bytes())
            at = seed * 7919 % max(1, len(data))
            match number:
                case 0:
                    data[at : at + 1] = b"\x55"
                    file.write_bytes(data)
                case 1:
                    file.write_bytes(data[:at])
                case _:
                    file.write_bytes(b"")


@dataclass(frozen=True)
class Step:
    """What happens between two runs, and what the second asks."""

    changed: Change
    promises: Mapping[str, str]
    samples: int = 0
    damaged: int | None = None
    version: str = ""

    def change(self, table: Made, lake: Path) -> None:
        name, seed = self.changed
        if name == "refer":
            write_other(lake, seed)
        elif name != "nothing":
            getattr(table, name)(seed)

    def befall(self, proofs: Proofs, patch: pytest.MonkeyPatch) -> None:
        if self.damaged is not None:
            proofs.damage(self.damaged)
        if self.version:
            patch.setattr(cst_contracts.gate.opening, "__version__", self.version)


def write_other(lake: Path, seed: int) -> None:
    """The table that is referred to, which grows, loses some of what it had, or has it again."""
    (lake / "u").mkdir(exist_ok=True)
    ids, name = (range(200, 250), str(seed)) if seed % 2 else (range(0, 200, seed % 3 + 1), "0")
    pq.write_table(pa.table({"id": pa.array(ids, pa.int64())}), lake / "u" / f"{name}.parquet")


def contract_of(made: Made, promises: Mapping[str, str]) -> TableContract:
    return table_contract(CONTRACT.format(format=made.format, **promises))


def told(lake: Path, contract: TableContract, proofs: Path | None, samples: int) -> Any:
    """Every answer, with the places and the values of rows."""
    more: list[AnyRowNeed] = [NewestNeed("t", "at")]
    more += [AggregateNeed("t", each) for each in contract.aggregates]
    contracts = [contract, table_contract(OTHER)]
    observer = observing(lake, contracts, more, samples=samples, proofs=proofs)
    found = {**answers(observer, contract), **{str(each): observer.answer(each) for each in more}}
    if proofs is not None:
        assert "it has no files" not in str(*observer.plans())
    return found


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """A first run, and some later ones."""
    drawn = draw(st.lists(st.builds(Step, CHANGES, CONTRACTS, *BEFALLEN), min_size=2, max_size=5))
    return [Step(("append", 1), drawn[0].promises), *drawn]


#: What is said of each value, so that no file can be another one unseen.
STRICT = {
    "keys": "[[id]]",
    "rules": "[{name: r, sql: id > 4}, {name: s, sql: 'word IS NOT NULL'}]",
    "word": ", enum: [a, b]",
    "id": ", maximum: 8",
    "order": ", ordered_by: [id]",
    "references": PROMISES["references"][2],
    "aggregates": PROMISES["aggregates"][2],
}
#: Each change once, with nothing else that happens.
EACH = [
    Step((change, seed), STRICT)
    for seed, change in enumerate(
        (
            *("append", "append", "rewrite_at_once", "rewrite", "rename", "append", "refer"),
            *("remove", "nothing"),
        )
    )
]


@pytest.mark.parametrize("made", [ParquetTable, DeltaLogTable])
def test_a_run_with_proofs_answers_as_one_without(made: Callable[[Path], Made]) -> None:
    @settings(
        max_examples=4 * int(os.environ.get("CST_EXAMPLES", "1")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # to shrink takes minutes
    )
    @example(sequence=EACH)
    @given(sequence=steps())
    def compare(sequence: Sequence[Step]) -> None:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            (Path(folder) / "lake").mkdir()
            table = made(Path(folder) / "lake")
            table.append(0)
            write_other(Path(folder) / "lake", 0)
            proofs = Proofs(Path(folder) / "proofs")
            for number, step in enumerate(sequence):
                step.change(table, Path(folder) / "lake")
                step.befall(proofs, patch)
                contract = contract_of(table, step.promises)
                plain = told(Path(folder) / "lake", contract, None, step.samples)
                proved = told(Path(folder) / "lake", contract, proofs.folder, step.samples)
                assert proved == plain, (number, step)

    compare()
