"""Keys from hashes that were kept: what is known of files together, and what has to be looked for."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rows import answers, observing, placed, table_contract

from cst_contracts.contract.model import TableContract
from cst_contracts.engine.rows import key_proofs
from cst_contracts.engine.rows.key_proofs import KeyFiles, distinct_bytes, distinct_of, key_proof
from cst_contracts.engine.rows.key_tally import KeptHashes, KeyPart
from cst_contracts.facts import KeyCount, RowPlace, Sample
from cst_contracts.needs import KeyNeed

NEED = KeyNeed("t", ("x",))
#: Those at the ends, those that differ in their last bit alone, and those that begin alike.
HASHES = st.sampled_from(
    [-(2**63), -(2**63) + 1, -1, 0, 1, 2**40, 2**40 + 1, 2**63 - 1, *range(5, 40)]
)
FILES = st.lists(st.lists(HASHES, max_size=6), min_size=1, max_size=8)


def part(room: int = 1000) -> KeyPart:
    # No file is looked into before hashes are equal.
    return KeyPart(NEED, ("x",), room, files=None)  # type: ignore[arg-type]


def kept(hashes: Sequence[int], incomplete: int = 0) -> bytes:
    found = np.sort(np.array(hashes, np.int64))
    return KeptHashes(len(found), incomplete).data + found.tobytes()


def files_of(data: Mapping[str, bytes], distinct: set[str]) -> KeyFiles:
    counts = {name: KeptHashes.of(each) for name, each in data.items()}
    stamps = {name: name.encode() for name in data}
    return KeyFiles(stamps, counts, data.get, frozenset(each.encode() for each in distinct))


@given(files=FILES, known=st.sets(st.integers(0, 7)), room=st.sampled_from([2, 1000]))
def test_hashes_are_distinct_where_no_two_are_equal(
    files: list[list[int]], known: set[int], room: int
) -> None:
    """`known` files are distinct, as far as they are."""
    together: list[int] = []
    distinct = set()
    for number in sorted(known & set(range(len(files)))):
        if len({*together, *files[number]}) == len(together) + len(files[number]):
            together += files[number]
            distinct.add(str(number))
    data = {str(number): kept(each, number) for number, each in enumerate(files)}
    proof = key_proof(part(room), files_of(data, distinct))
    hashes = [each for file in files for each in file]
    assert proof is not None
    assert proof.distinct == (len(set(hashes)) == len(hashes))
    missing = sum(range(len(files)))
    expected = {NEED: KeyCount(len(hashes), 0, missing)} if proof.distinct else {}
    assert proof.tally.answers() == expected


def test_hashes_of_files_that_are_known_to_be_distinct_are_not_even_read() -> None:
    data = {"a": kept([1, 2, 3], 1), "b": kept([4, 5])}
    files = files_of(data, {"a", "b", "of a file that is gone"})
    unread = KeyFiles(files.stamps, files.counts, lambda _: None, files.distinct)
    proof = key_proof(part(), unread)
    assert proof is not None
    assert proof.distinct
    assert proof.tally.answers() == {NEED: KeyCount(5, 0, 1)}


@pytest.mark.parametrize("distinct", [set(), {"a"}, {"b"}])
def test_hashes_that_are_not_to_be_had_answer_nothing(distinct: set[str]) -> None:
    files = files_of({"a": kept(range(100)), "b": kept([200])}, distinct)
    for lost in "ab":
        some = KeyFiles(
            files.stamps,
            files.counts,
            lambda url, lost=lost: None if url == lost else kept([200]),  # type: ignore[misc]
            files.distinct,
        )
        assert key_proof(part(), some) is None


def test_what_is_known_together_comes_back() -> None:
    assert distinct_of(distinct_bytes([b"b", b"a"])) == {b"a", b"b"}
    assert distinct_of(None) == frozenset()


CONTRACT = """
table: t
source: {{format: parquet, location: t{more}}}
fields:
  - {{name: x, type: int64}}
  - {{name: word, type: string}}
  - {{name: parts, type: "list<struct<n: int64>>"}}
keys: {keys}
"""


def contract(keys: str = "[[x]]", more: str = "") -> TableContract:
    return table_contract(CONTRACT.format(keys=keys, more=more))


def write(lake: Path, name: str, numbers: Sequence[int | None]) -> None:
    file = lake / "t" / f"{name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    parts = pa.array(
        [[{"n": each}, {"n": None}] for each in numbers], pa.list_(pa.struct([("n", pa.int64())]))
    )
    words = pa.array(["a word"] * len(numbers))
    table = pa.table({"x": pa.array(numbers, pa.int64()), "word": words, "parts": parts})
    pq.write_table(table, file, write_statistics=False)


def looked(lake: Path, promised: TableContract, **options: Any) -> tuple[Any, str]:
    """The answer, and what the plan says of it."""
    observer = observing(lake, [promised], proofs=lake / "proofs", **options)
    (found,) = placed(
        {key: each for key, each in answers(observer, promised).items() if key.startswith("unique")}
    ).values()
    (line,) = [each for each in str(*observer.plans()).splitlines() if each.startswith("  unique")]
    return found, line.partition(": ")[2]


def test_only_new_files_are_hashed_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcd":
        write(tmp_path, name, range(ord(name) * 10, ord(name) * 10 + 10))
    assert looked(tmp_path, contract()) == (
        KeyCount(40, 0, 0),
        "hashes, in all 4 files; equal ones looked up",
    )
    monkeypatch.setattr(key_proofs, "_of_all", None)
    nothing = "hashes, no row read, proofs of all 4 files; equal ones looked up"
    assert looked(tmp_path, contract()) == (KeyCount(40, 0, 0), nothing)
    write(tmp_path, "e", [1, None, 2])
    few = "hashes, in 1 of 5 files; proofs of the other 4; equal ones looked up"
    assert looked(tmp_path, contract()) == (KeyCount(42, 0, 1), few)
    (tmp_path / "t" / "a.parquet").unlink()
    assert looked(tmp_path, contract()) == (KeyCount(32, 0, 1), nothing)


def test_a_key_of_a_new_file_that_an_old_one_has_is_found_in_both(tmp_path: Path) -> None:
    for name in "abcd":
        write(tmp_path, name, range(ord(name) * 10, ord(name) * 10 + 10))
    looked(tmp_path, contract())
    write(tmp_path, "e", [1, ord("b") * 10 + 3])
    places = (Sample(RowPlace("b.parquet", 3), ()), Sample(RowPlace("e.parquet", 1), ()))
    for _ in range(2):
        assert looked(tmp_path, contract(), samples=3)[0] == KeyCount(42, 1, 0, places)
    (tmp_path / "t" / "b.parquet").unlink()
    assert looked(tmp_path, contract())[0] == KeyCount(32, 0, 0)


def test_a_copy_of_a_file_shares_all_of_its_keys(tmp_path: Path) -> None:
    for name in "abcde":
        write(tmp_path, name, range(ord(name) * 10, ord(name) * 10 + 10))
    assert looked(tmp_path, contract())[0] == KeyCount(50, 0, 0)
    shutil.copy2(tmp_path / "t" / "a.parquet", tmp_path / "t" / "z.parquet")
    assert looked(tmp_path, contract())[0] == KeyCount(60, 10, 0)


def test_a_key_in_lists_is_hashed_file_by_file(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 2])
    write(tmp_path, "b", [3])
    promised = contract("[['parts[].n']]")
    assert looked(tmp_path, promised) == (
        KeyCount(3, 0, 3),
        "hashes, in all 2 files; equal ones looked up",
    )
    write(tmp_path, "c", [2])
    found, plan = looked(tmp_path, promised, samples=1)
    assert found == KeyCount(4, 1, 4, (Sample(RowPlace("a.parquet", 1), ()),))
    assert plan == "hashes, in 1 of 3 files; proofs of the other 2; equal ones looked up"


def test_a_key_that_begins_an_order_is_hashed_where_files_overlap(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 3])
    write(tmp_path, "b", [2, 4])
    promised = contract(more=", ordered_by: [x]")
    for way in ("in all 2 files", "no row read, proofs of all 2 files"):
        found, plan = looked(tmp_path, promised)
        assert found == KeyCount(4, 0, 0)
        assert plan == (
            f"neighbours, {way}; where files overlap, unique[x]: hashes, {way}; equal ones looked up"
        )


def test_no_hash_of_a_sensitive_value_is_kept(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 2])
    text = CONTRACT.format(keys="[[x, word]]", more="")
    hidden = table_contract(text.replace("type: string", "type: string, sensitive: true"))
    assert looked(tmp_path, hidden)[1] == "hashes from the scan, sorted; equal ones looked up"
    assert not list((tmp_path / "proofs").glob("*.proofs"))


def test_hashes_that_are_damaged_are_made_again(tmp_path: Path) -> None:
    write(tmp_path, "a", range(100))
    looked(tmp_path, contract())
    (largest,) = (
        each for each in (tmp_path / "proofs").glob("*.proofs") if each.stat().st_size > 800
    )
    whole = largest.read_bytes()
    largest.write_bytes(whole[:-3] + b"\0" + whole[-2:])
    write(tmp_path, "b", [1])
    places = (Sample(RowPlace("a.parquet", 1), ()), Sample(RowPlace("b.parquet", 0), ()))
    damaged, _ = looked(tmp_path, contract(), samples=3)
    assert damaged == KeyCount(101, 1, 0, places)
    again, plan = looked(tmp_path, contract(), samples=3)
    assert again == damaged
    assert plan == "hashes, no row read, proofs of all 2 files; equal ones looked up"


def test_more_keys_in_one_file_than_memory_holds_are_scanned_together(tmp_path: Path) -> None:
    write(tmp_path, "a", range(300))
    observer = observing(tmp_path, [contract()], memory=64 * 1024**2, proofs=tmp_path / "proofs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cst_contracts.engine.rows.keys._SHARE_OF_HASHES", 1e-5)
        found = answers(observer, contract())["unique[x]"]
    assert found == KeyCount(300, 0, 0)
    assert "unique[x]: hashes from the scan" in str(*observer.plans())
