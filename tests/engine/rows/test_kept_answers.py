"""Answers of queries that are kept: what makes them void, what is never kept, and what plans say of them."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.rows import observing, table_contract

from cst_contracts.contract.model import TableContract
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.kept_answers import KeptAnswers
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results
from cst_contracts.facts import (
    AggregateCount,
    CouldNotLook,
    KeyCount,
    ReferenceCount,
    ShownRows,
    Trouble,
)
from cst_contracts.files.proofs import open_proofs
from cst_contracts.needs import AggregateNeed, AnyRowNeed, KeyNeed, ReferenceNeed

CONTRACT = """\
table: t
source: {{format: {format}, location: t}}
fields:
  - {{name: id, type: int64}}
  - {{name: word, type: string{more}}}
  - {{name: share, type: double}}
references: [{{fields: [id], table: u, to: [id]}}]
aggregates: [{{name: few, sql: count(*) < 2, per: [word]}}]
"""
OTHER = "table: u\nsource: {format: parquet, location: u}\nfields: [{name: id, type: int64}]\n"
KEPT = "no row read, proofs of all {} files"
FEW = "in {} of {} files; proofs of the other {}"
DEEP = pa.schema([("s", pa.list_(pa.struct([("id", pa.int64())])))])
REFERENCE, KEY = "reference[id→u.id]", "unique[share]"
FORMATS = ["parquet", "delta"]


def rows(ids: Sequence[int], word: str = "a") -> pa.Table:
    shares = [float(each) for each in ids]
    return pa.table({"id": ids, "word": [word] * len(ids), "share": shares})


def write(lake: Path, format_: str, number: int, ids: Sequence[int], word: str = "a") -> None:
    if format_ == "delta":
        write_deltalake(lake / "t", rows(ids, word), mode="append")
        return
    (lake / "t").mkdir(exist_ok=True)
    pq.write_table(rows(ids, word), lake / "t" / f"{number}.parquet")


def write_other(lake: Path, ids: Sequence[int], name: str = "0") -> None:
    (lake / "u").mkdir(exist_ok=True)
    pq.write_table(pa.table({"id": list(ids)}), lake / "u" / f"{name}.parquet")


def contract(format_: str = "parquet", more: str = "") -> TableContract:
    return table_contract(CONTRACT.format(format=format_, more=more))


class Looked:
    """A run: its answers, and what its plan says of each, by need."""

    def __init__(self, lake: Path, promised: TableContract, **options: Any) -> None:
        needs = needs_of(promised)
        contracts = [promised, table_contract(OTHER)]
        options = {"proofs": lake / "proofs", **options}
        observer = observing(lake, contracts, needs, **options)
        self.found = {str(need): observer.answer(need) for need in needs}
        lines = [line.strip().split(": ", 1) for line in str(*observer.plans()).splitlines()]
        self.plan = {line[0]: line[1] for line in lines if len(line) == 2}


def needs_of(promised: TableContract) -> list[AnyRowNeed]:
    (reference,), (aggregate,) = promised.references, promised.aggregates
    return [
        KeyNeed("t", ("share",)),
        ReferenceNeed("t", reference),
        AggregateNeed("t", aggregate),
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_what_queries_found_is_kept_until_a_file_is_another(tmp_path: Path, format_: str) -> None:
    write(tmp_path, format_, 0, [1, 2, 2])
    write(tmp_path, format_, 1, [3], "b")
    write_other(tmp_path, [1, 2])
    promised = contract(format_)
    first = Looked(tmp_path, promised)
    assert first.found[KEY] == KeyCount(4, 1, 0)
    assert first.found[REFERENCE] == ReferenceCount(4, 1)
    assert first.plan[REFERENCE] == "a query of its own, since it reads two relations"

    again = Looked(tmp_path, promised)
    assert again.found == first.found
    assert again.plan[REFERENCE] == KEPT.format(3)
    assert again.plan[KEY] == again.plan["aggregate[few]"] == KEPT.format(2)

    write_other(tmp_path, [1, 2, 3])
    referred = Looked(tmp_path, promised)
    assert referred.found[REFERENCE] == ReferenceCount(4, 0)
    assert referred.plan[KEY] == KEPT.format(2)

    write(tmp_path, format_, 2, [4], "b")
    later = Looked(tmp_path, promised)
    assert later.found[KEY] == KeyCount(5, 1, 0)
    assert later.found[REFERENCE] == ReferenceCount(5, 1)
    count = later.found["aggregate[few]"]
    assert isinstance(count, AggregateCount)
    assert (count.rows, count.violations) == (5, 2)


@pytest.mark.parametrize("format_", FORMATS)
def test_references_of_new_files_alone_are_looked_for_while_all_others_are_known_to_be_there(
    tmp_path: Path, format_: str
) -> None:
    for number in range(3):
        write(tmp_path, format_, number, [number, number + 1])
    write_other(tmp_path, range(6))
    promised = contract(format_)
    assert Looked(tmp_path, promised).found[REFERENCE] == ReferenceCount(6, 0)

    write(tmp_path, format_, 3, [5])
    appended = Looked(tmp_path, promised)
    assert appended.found[REFERENCE] == ReferenceCount(7, 0)
    assert appended.plan[REFERENCE] == f"a query of its own, {FEW.format(1, 4, 3)}"

    write_other(tmp_path, [8, 9], "1")
    grown = Looked(tmp_path, promised)
    assert grown.found[REFERENCE] == ReferenceCount(7, 0)
    assert grown.plan[REFERENCE] == KEPT.format(4)

    write(tmp_path, format_, 4, [7, 8])
    dangling = Looked(tmp_path, promised)
    assert dangling.found[REFERENCE] == ReferenceCount(9, 1)
    write(tmp_path, format_, 5, [9])
    later = Looked(tmp_path, promised)
    assert later.found[REFERENCE] == ReferenceCount(10, 1)
    assert later.plan[REFERENCE] == f"a query of its own, {FEW.format(2, 6, 4)}"


def test_what_has_been_found_is_looked_for_again_where_it_may_be_gone(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path, "parquet", number, [number])
    write_other(tmp_path, [0, 1, 2])
    write_other(tmp_path, [3], "1")
    assert Looked(tmp_path, contract()).found[REFERENCE] == ReferenceCount(3, 0)
    write_other(tmp_path, [0, 1])
    replaced = Looked(tmp_path, contract())
    assert replaced.found[REFERENCE] == ReferenceCount(3, 1)
    assert replaced.plan[REFERENCE] == "a query of its own, since it reads two relations"


def test_new_rows_are_looked_for_on_one_partition_where_keys_may_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def may_spill(_: RowAccess, context: SessionContext, relations: Iterable[str]) -> bool:
        asked.append((type(context).__name__, *relations))
        return True

    for number in range(2):
        write(tmp_path, "parquet", number, [number])
    write_other(tmp_path, range(3))
    Looked(tmp_path, contract())
    write(tmp_path, "parquet", 2, [2])
    monkeypatch.setattr(RowAccess, "may_spill", may_spill)
    assert Looked(tmp_path, contract()).found[REFERENCE] == ReferenceCount(3, 0)
    one = ("SessionContext", "t")
    assert asked == [(*one, "u"), one, one]


def test_where_data_are_verified_new_rows_are_looked_for_among_all(tmp_path: Path) -> None:
    for number in range(2):
        write(tmp_path, "parquet", number, [number])
    write_other(tmp_path, range(3))
    Looked(tmp_path, contract())
    write(tmp_path, "parquet", 2, [2])
    verified = Looked(tmp_path, contract(), verify_data=True)
    assert verified.found[REFERENCE] == ReferenceCount(3, 0)
    assert verified.plan[REFERENCE] == "a query of its own, since it reads two relations"


def test_a_folder_that_takes_no_answer_is_told_by_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    for number in range(2):
        write(tmp_path, "parquet", number, [number])
    write_other(tmp_path, range(3))
    (tmp_path / "proofs").mkdir()
    lost = f", which {tmp_path / 'proofs'} could not keep: [Errno 28] No space left on device"
    with monkeypatch.context() as patched:
        patched.setattr("cst_contracts.files.proofs.write_atomic", full)
        looked = Looked(tmp_path, contract())
        assert looked.found[KEY] == KeyCount(2, 0, 0)
        assert looked.plan[REFERENCE] == f"a query of its own, since it reads two relations{lost}"
        assert looked.plan[KEY].endswith(f"equal hashes{lost}")
    Looked(tmp_path, contract())
    write(tmp_path, "parquet", 2, [2])
    monkeypatch.setattr("cst_contracts.files.proofs.write_atomic", full)
    few = f"in 1 of 3 files{lost}; proofs of the other 2"
    assert Looked(tmp_path, contract()).plan[REFERENCE] == f"a query of its own, {few}"


def test_nulls_deep_in_new_files_are_no_references(tmp_path: Path) -> None:
    text = (
        "table: t\nsource: {format: parquet, location: t}\nfields:\n"
        '  - {name: s, type: "list<struct<id: int64>>"}\n'
        'references: [{fields: ["s[].id"], table: u, to: [id]}]\n'
    )
    promised = table_contract(text)
    need = ReferenceNeed("t", promised.references[0])
    (tmp_path / "t").mkdir()
    write_other(tmp_path, [1, 2])
    contracts = [promised, table_contract(OTHER)]
    kept: object = None
    several: list[list[int | None]] = [[1, None], [], [2, 2], [None, 3]]
    for number, ids in enumerate(several):
        held = pa.table({"s": [[{"id": each} for each in ids], None]}, DEEP)
        pq.write_table(held, tmp_path / "t" / f"{number}.parquet")
        kept, plain = (
            observing(tmp_path, contracts, proofs=proofs).answer(need)
            for proofs in (tmp_path / "proofs", None)
        )
        assert kept == plain
    assert kept == ReferenceCount(4, 1)


def test_another_question_is_asked(tmp_path: Path) -> None:
    write(tmp_path, "parquet", 0, [1, 2])
    write_other(tmp_path, [1])
    Looked(tmp_path, contract())
    changed = CONTRACT.format(format="parquet", more="").replace("count(*) < 2", "count(*) < 3")
    asked = Looked(tmp_path, table_contract(changed))
    assert asked.plan["aggregate[few]"].startswith("a query of its own")
    count = asked.found["aggregate[few]"]
    assert isinstance(count, AggregateCount)
    assert count.violations == 0
    assert asked.plan[REFERENCE] == KEPT.format(2)


@pytest.mark.parametrize("more", ["", ", sensitive: true"])
def test_no_group_is_kept_that_is_named_by_what_is_sensitive(tmp_path: Path, more: str) -> None:
    private = "an order is a row of values"
    write(tmp_path, "parquet", 0, [1, 2], private)
    write_other(tmp_path, [1])
    Looked(tmp_path, contract(more=more))
    kept = b"".join(file.read_bytes() for file in (tmp_path / "proofs").glob("*.proofs"))
    assert (private.encode() in kept) is not bool(more)
    plan = Looked(tmp_path, contract(more=more)).plan["aggregate[few]"]
    assert plan.startswith("a query of its own" if more else "no row read")


def test_what_stands_in_folders_is_no_files(tmp_path: Path) -> None:
    for word in "ab":
        folder = tmp_path / "t" / f"word={word}"
        folder.mkdir(parents=True)
        pq.write_table(rows([1, 2]).drop_columns(["word"]), folder / "0.parquet")
    write_other(tmp_path, [1])
    text = CONTRACT.format(format="parquet", more="")
    promised = table_contract(text.replace("location: t", "location: t, partitioned_by: [word]"))
    first, again = Looked(tmp_path, promised), Looked(tmp_path, promised)
    assert again.found == first.found
    assert again.plan["aggregate[few]"].startswith("a query of its own")
    assert again.plan[REFERENCE] == KEPT.format(3)


def test_functions_of_the_projects_own_may_be_others_tomorrow(tmp_path: Path) -> None:
    write(tmp_path, "parquet", 0, [1, 2])
    write_other(tmp_path, [1])
    sessions = SessionContext(), SessionContext()
    for session in sessions:
        for name in "tu":
            session.register_parquet(name, f"{tmp_path / name}/")
    _, looked = (Looked(tmp_path, contract(), session=session) for session in sessions)
    assert looked.plan["aggregate[few]"].startswith("a query of its own")
    assert looked.plan[REFERENCE] == KEPT.format(2)


def test_a_file_that_changes_while_it_is_asked_is_not_kept(tmp_path: Path) -> None:
    write(tmp_path, "parquet", 0, [1, 2])
    need = KeyNeed("t", ("share",))
    observer = observing(tmp_path, [contract()], [need])
    assert isinstance(observer, DataFusionObserver)
    queries = Queries(observer._rows._access, "t")
    files = queries.access.source("t")
    assert files is not None
    store = open_proofs(tmp_path / "proofs", {})
    kept = KeptAnswers(store, queries, files, ShownRows(), verify=False)

    def changing(_: Sequence[AnyRowNeed]) -> Results:
        write(tmp_path, "parquet", 0, [1, 2, 3])
        return {need: KeyCount(3, 0, 0)}

    found, used = kept.of([need], changing)
    assert (found, used[need].kept) == ({need: KeyCount(3, 0, 0)}, 0)
    assert not list((tmp_path / "proofs").glob("*.proofs"))


def test_a_damaged_answer_is_none(tmp_path: Path) -> None:
    write(tmp_path, "parquet", 0, [1, 2])
    write_other(tmp_path, [1])
    first = Looked(tmp_path, contract())
    for file in (tmp_path / "proofs").glob("*.proofs"):
        file.write_bytes(file.read_bytes()[:-3])
    again = Looked(tmp_path, contract())
    assert again.found == first.found
    assert again.plan[REFERENCE].startswith("a query of its own")


def test_what_is_verified_is_asked_all_the_same_and_has_to_agree(tmp_path: Path) -> None:
    write_other(tmp_path, [1, 5])
    (tmp_path / "t").mkdir()
    file = tmp_path / "t" / "0.parquet"
    plain = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    pq.write_table(rows([1, 5]), file, **plain)
    first = Looked(tmp_path, contract())
    verified = Looked(tmp_path, contract(), verify_data=True)
    assert verified.found == first.found
    assert verified.plan[REFERENCE].startswith("a query of its own")

    data = file.read_bytes()
    old, new = (each.to_bytes(8, "little") for each in (5, 6))
    before = file.stat()
    file.write_bytes(data.replace(old, new, 1))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert Looked(tmp_path, contract()).found == first.found
    trouble = Looked(tmp_path, contract(), verify_data=True).found[REFERENCE]
    told = (
        f"the rows of t are others than when a proof was kept in {tmp_path / 'proofs'}, under the same "
        "sizes, times and footers; what is kept now is what they are"
    )
    assert trouble == CouldNotLook(told, "t", trouble=Trouble.PROOF)
    assert Looked(tmp_path, contract()).found[REFERENCE] == ReferenceCount(2, 1)
