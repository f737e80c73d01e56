"""When a data file counts as the one that was there before."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.engine.storage.stamps import stamp, stamps


def write(file: Path, values: list[int], **options: object) -> bytes:
    """The stamp, with a time that is always the same."""
    pq.write_table(pa.table({"x": values}), file, compression="none", **options)
    return stamped(file)


def stamped(file: Path) -> bytes:
    os.utime(file, ns=(10**18, 10**18))
    return stamp(file.as_uri())


def test_a_file_that_nobody_touched_keeps_its_stamp(tmp_path: Path) -> None:
    file = tmp_path / "0.parquet"
    assert write(file, [1, 2, 3]) == stamped(file) == write(file, [1, 2, 3])


def test_another_time_size_name_or_footer_is_another_file(tmp_path: Path) -> None:
    file = tmp_path / "0.parquet"
    first = write(file, [1, 2, 3])
    size = file.stat().st_size
    found = {first, write(file, [1, 2, 4])}
    assert file.stat().st_size == size  # the footer alone tells: it has the greatest value
    found.add(write(file, [1, 2, 3, 4]))
    found.add(write(tmp_path / "1.parquet", [1, 2, 3]))
    os.utime(file, ns=(10**18, 10**18 + 1))
    found.add(stamp(file.as_uri()))
    assert len(found) == 5


def test_pages_under_the_same_footer_are_not_told(tmp_path: Path) -> None:
    """What only reading them tells, and what the manual says of it."""
    file = tmp_path / "0.parquet"
    first = write(file, [1, 2, 3], use_dictionary=False)
    whole = file.read_bytes()
    two = (2).to_bytes(8, "little")
    assert whole.count(two) == 1
    file.write_bytes(whole.replace(two, (1).to_bytes(8, "little")))
    assert pq.read_table(file).column("x").to_pylist() == [1, 1, 3]
    assert stamped(file) == first


def test_a_long_footer_is_read_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "0.parquet"
    names = [f"a rather long name of a column, number {number}" for number in range(1200)]

    def wide(last: int) -> bytes:
        columns = {name: [0] for name in names}
        pq.write_table(pa.table({**columns, names[0]: [last]}), file, compression="none")
        return stamped(file)

    first = wide(1)
    assert pq.read_metadata(file).serialized_size > 128 * 1024
    assert wide(2) != first


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1\xff\xff\xff\x7fPAR1"])
def test_what_is_no_parquet_file_has_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "0.parquet").write_bytes(data)
    with pytest.raises(OSError, match=r"0\.parquet does not end as a Parquet file does"):
        stamp((tmp_path / "0.parquet").as_uri())


def test_what_is_not_there_has_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        stamps([(tmp_path / "0.parquet").as_uri()])
