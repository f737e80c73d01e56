"""Which files are measured where proofs are kept, and what a plan and a promise say of it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.rows import answers, observing, placed, table_contract

from cst_contracts.contract.model import TableContract
from cst_contracts.engine.access.one_file import rows_of_file
from cst_contracts.engine.rows import by_file
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.plan import Answer, Scanned
from cst_contracts.engine.rows.proofs import provable
from cst_contracts.engine.session.waiting import waiting_at_most
from cst_contracts.facts import (
    CouldNotLook,
    NullCount,
    RowOrder,
    RowPlace,
    RuleCount,
    Sample,
    Trouble,
    ValueCount,
)
from cst_contracts.needs import AnyRowNeed, NullsNeed

CONTRACT = """
table: t
source: {{format: {format}, location: t, ordered_by: [id]{more}}}
fields:
  - {{name: id, type: int64}}
  - {{name: word, type: string, nullable: false, enum: [a, b]}}
  - {{name: parts, type: "list<struct<n: int32 not null>>"}}
rules:
  - {{name: small, sql: id + 0 < 10}}
"""
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("word", pa.string()),
        pa.field("parts", pa.list_(pa.field("element", pa.struct([("n", pa.int32())])))),
    ]
)


def contract(
    format_: str = "parquet", more: str = "", old: str = "", new: str = ""
) -> TableContract:
    return table_contract(CONTRACT.format(format=format_, more=more).replace(old, new))


def write(lake: Path, name: str, ids: Sequence[int], word: str | None = "a") -> None:
    file = lake / "t" / f"{name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows(ids, word), file, write_statistics=False)


def rows(ids: Sequence[int], word: str | None = "a") -> pa.Table:
    parts = [[{"n": each}] for each in ids]
    return pa.table({"id": ids, "word": [word] * len(ids), "parts": parts}, SCHEMA)


class Looked:
    """A run: its answers, what its plan says by need, and the files that were measured one by one."""

    def __init__(self, lake: Path, promised: TableContract, **options: Any) -> None:
        self._measured: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(by_file, "rows_of_file", self._rows_of_file)
            observer = observing(lake, [promised], proofs=lake / "proofs", **options)
            self.found = placed(answers(observer, promised))
        self.plan = dict(
            line.strip().split(": ", 1)
            for line in str(*observer.plans()).splitlines()
            if ": " in line
        )

    @property
    def files(self) -> list[str]:
        return sorted(self._measured)

    def _rows_of_file(self, context: Any, table: str, schema: pa.Schema, url: str) -> Any:
        self._measured.append(url.rpartition("/")[2].partition(".")[0])
        return rows_of_file(context, table, schema, url)


def test_only_what_is_new_is_measured_and_the_plan_says_so(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 2])
    write(tmp_path, "b", [3, 4])
    first = Looked(tmp_path, contract())
    assert first.files == ["a", "b"]
    assert first.plan["nulls[word]"] == "in the scan, in all 2 files"

    again = Looked(tmp_path, contract())
    assert (again.files, again.found) == ([], first.found)
    assert {again.plan[each] for each in ("nulls[word]", "enum[word]", "rule[small]")} == {
        "no row read, proofs of all 2 files"
    }

    write(tmp_path, "c", [5, 11], word="x")
    later = Looked(tmp_path, contract())
    assert later.files == ["c"]
    assert later.plan["rule[small]"] == "in the scan, in 1 of 3 files; proofs of the other 2"
    assert later.found == {
        "nulls[word]": NullCount(6, 0, rows=6),
        "enum[word]": ValueCount(6, 2, (("'x'", 2),), 0, rows=6),
        "rule[small]": RuleCount(6, 1),
        "order[measured]": RowOrder(6, 0),
    }


def test_a_plan_that_reads_nothing_has_no_scan(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 2])
    promised = contract()
    assert "one scan of" in str(*_observed(tmp_path, promised).plans())
    assert "one scan of" not in str(*_observed(tmp_path, promised).plans())


def _observed(lake: Path, promised: TableContract) -> Any:
    observer = observing(lake, [promised], proofs=lake / "proofs")
    answers(observer, promised)
    return observer


def test_another_promise_is_measured_alone(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 2])
    Looked(tmp_path, contract())
    changed = Looked(tmp_path, contract(old="id + 0 < 10", new="id + 0 < 2"))
    assert changed.found["rule[small]"] == RuleCount(2, 1)
    assert changed.plan["rule[small]"] == "in the scan, in the one file"
    assert changed.plan["enum[word]"] == "no row read, proofs of the one file"


def test_a_line_that_moves_and_a_bound_that_is_told_measure_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 20])
    Looked(tmp_path, contract())
    old, new = "{name: small, sql: id + 0 < 10}", "\n    {name: less, sql: id + 0 < 10, at_most: 1}"
    assert Looked(tmp_path, contract(old=old, new=new)).files == []


def test_a_field_of_another_type_or_flag_is_another_one() -> None:
    need = NullsNeed("t", "word")
    scanned: dict[AnyRowNeed, Answer] = {need: Scanned(need, "word")}

    def digest(field: pa.Field, *others: pa.Field) -> bytes:
        schema = pa.schema([*others, field])
        found = provable(NullPart(schema, (need,), 0), scanned, schema, frozenset(), frozenset())
        assert found is not None
        return found.digest

    plain = pa.field("word", pa.string())
    assert digest(plain) == digest(plain, pa.field("id", pa.int64()))
    others = [plain.with_type(pa.large_string()), plain.with_nullable(False)]  # noqa: FBT003
    others.append(plain.with_metadata({"ARROW:extension:name": "x"}))
    assert len({digest(each) for each in (plain, *others)}) == 4


def test_a_delta_table_is_measured_by_the_files_of_its_version(tmp_path: Path) -> None:
    for ids in ([1, 2], [3, 4]):
        write_deltalake(str(tmp_path / "t"), rows(ids), mode="append")
    assert len(Looked(tmp_path, contract("delta")).files) == 2
    write_deltalake(str(tmp_path / "t"), rows([5]), mode="append")
    later = Looked(tmp_path, contract("delta"))
    assert len(later.files) == 1
    assert later.found["rule[small]"] == RuleCount(5, 0)
    write_deltalake(str(tmp_path / "t"), rows([6]), mode="overwrite")
    assert Looked(tmp_path, contract("delta")).found["rule[small]"] == RuleCount(1, 0)
    as_before = Looked(tmp_path, contract("delta", more=", as_of: {version: 2}"))
    assert (as_before.files, as_before.found) == ([], later.found)


def test_rows_that_break_a_promise_are_found_once_and_kept(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 2])
    write(tmp_path, "b", [4, 30, 3])
    first = Looked(tmp_path, contract(), samples=2)
    again = Looked(tmp_path, contract(), samples=2)
    assert again.files == []
    assert again.found == first.found
    assert again.found["rule[small]"] == RuleCount(5, 1, (Sample(RowPlace("b.parquet", 1), ()),))
    order = again.found["order[measured]"]
    assert [(each.file, each.row) for each in order.examples] == [("b.parquet", 2)]


def test_where_a_field_stands_in_folders_all_files_are_scanned(tmp_path: Path) -> None:
    write(tmp_path, "p=1/a", [1, 2])
    write(tmp_path, "p=2/b", [3])
    text = CONTRACT.format(format="parquet", more=", partitioned_by: [{name: p, type: int32}]")
    promised = table_contract(f"{text}  - {{name: of_folders, sql: p + id < 5}}\n")
    first, again = Looked(tmp_path, promised), Looked(tmp_path, promised)
    assert again.files == []
    assert again.found == first.found
    assert again.found["rule[of_folders]"] == RuleCount(3, 1)
    assert again.plan["rule[of_folders]"] == "in the scan"
    assert again.plan["rule[small]"] == "no row read, proofs of all 2 files"


def test_no_value_of_a_sensitive_field_is_kept(tmp_path: Path) -> None:
    private = "an order is a row of values"
    write(tmp_path, "a", [1, 2], word=private)
    text = CONTRACT.format(format="parquet", more="").replace(
        "ordered_by: [id]", "ordered_by: [word]"
    )
    told = table_contract(text)
    hidden = table_contract(text.replace("enum: [a, b]", "enum: [a, b], sensitive: true"))
    assert kept(tmp_path, hidden).count(private.encode()) == 0
    assert Looked(tmp_path, hidden).plan["order[measured] by word asc nulls last"] == "in the scan"
    assert Looked(tmp_path, hidden).plan["enum[word]"] == "no row read, proofs of the one file"
    assert kept(tmp_path, told).count(private.encode()) > 0


def kept(lake: Path, promised: TableContract) -> bytes:
    Looked(lake, promised)
    return b"".join(file.read_bytes() for file in (lake / "proofs").glob("*.proofs"))


def test_what_fails_in_one_file_is_told_as_without_proofs(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 2])
    write(tmp_path, "b", [3, 0])
    promised = contract(old="id + 0 < 10", new="6 / id > 0")
    found = [answers(observing(tmp_path, [promised]), promised)]
    found += [Looked(tmp_path, promised).found for _ in range(2)]
    assert found[0] == found[1] == found[2]
    assert isinstance(found[0]["rule[small]"], CouldNotLook)
    assert found[0]["nulls[word]"] == NullCount(4, 0, rows=4)
    assert Looked(tmp_path, promised).plan["rule[small]"] == "in the scan"


def test_a_query_may_take_as_long_as_without_proofs(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path, name, [1, 2])
    with waiting_at_most(1e-6):
        found = observing(tmp_path, [contract()], proofs=tmp_path / "proofs").answer(
            NullsNeed("t", "word")
        )
    assert isinstance(found, CouldNotLook)
    assert found.trouble is Trouble.SLOW
    assert not list((tmp_path / "proofs").glob("*.proofs"))


def test_a_file_that_changes_under_the_reader_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a", [1, 2])

    def changing(context: Any, table: str, schema: pa.Schema, url: str) -> Any:
        write(tmp_path, "a", [1, 2, 3])
        return rows_of_file(context, table, schema, url)

    monkeypatch.setattr(by_file, "rows_of_file", changing)
    observer = observing(tmp_path, [contract()], proofs=tmp_path / "proofs")
    assert answers(observer, contract())["rule[small]"] == RuleCount(3, 0)
    assert not list((tmp_path / "proofs").glob("*.proofs"))


def test_a_folder_that_takes_nothing_is_told_by_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    write(tmp_path, "a", [1, 2])
    (tmp_path / "proofs").mkdir()
    monkeypatch.setattr("cst_contracts.files.proofs.write_atomic", full)
    looked = Looked(tmp_path, contract())
    assert looked.found["rule[small]"] == RuleCount(2, 0)
    assert looked.plan["rule[small]"] == (
        f"in the scan, in the one file, which {tmp_path / 'proofs'} could not keep: "
        "[Errno 28] No space left on device"
    )


def test_verified_data_are_read_all_the_same_and_agree(tmp_path: Path) -> None:
    write(tmp_path, "a", [1, 2])
    first = Looked(tmp_path, contract())
    verified = Looked(tmp_path, contract(), verify_data=True)
    assert (verified.files, verified.found) == (["a"], first.found)
    assert verified.plan["rule[small]"] == "in the scan, in the one file"


def test_a_page_that_was_exchanged_is_met_by_whoever_verifies(tmp_path: Path) -> None:
    file = tmp_path / "t" / "a.parquet"
    file.parent.mkdir()
    plain = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    pq.write_table(rows([1, 2, 5, 3]), file, **plain)
    before = Looked(tmp_path, contract())
    exchange(file, old=5, new=50)
    believing = Looked(tmp_path, contract())
    assert (believing.files, believing.found) == ([], before.found)

    verified = Looked(tmp_path, contract(), verify_data=True)
    trouble = verified.found["rule[small]"]
    assert isinstance(trouble, CouldNotLook)
    assert trouble.trouble is Trouble.PROOF
    assert trouble.reason == (
        f"the rows of a.parquet are others than when a proof was kept in {tmp_path / 'proofs'}, under the "
        "same size, time and footer; what is kept now is what they are"
    )
    assert verified.found["nulls[word]"] == before.found["nulls[word]"]
    now = Looked(tmp_path, contract())
    assert (now.files, now.found["rule[small]"]) == ([], RuleCount(4, 1))


def exchange(file: Path, old: int, new: int) -> None:
    """A number in a data page, with the file's time as it was."""
    before, whole = file.stat(), file.read_bytes()
    stored = old.to_bytes(8, "little")
    assert whole.count(stored) == 1
    file.write_bytes(whole.replace(stored, new.to_bytes(8, "little")))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
