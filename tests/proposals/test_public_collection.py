"""Tables of Parquet's public test collection have contracts that they keep, or are refused by name."""

from pathlib import Path

import pytest
from support.starting import Starting

from cst_contracts.proposals.writing import Started

COLLECTION = Path(__file__).parents[1] / "assets" / "parquet-testing"
#: Of files that the engine refuses, what it says.
REFUSED = {
    "ARROW-GH-45185": "first repetition level of batch must be 0",
    "ARROW-RS-GH-6229-DICTHEADER": "Integer overflow",
    "ARROW-RS-GH-6229-LEVELS": "Insufficient repetition levels",
    "PARQUET-1481": "Unexpected Type -7",
    "dict-page-offset-zero": "Expected list element type",
    "incorrect_map_schema": "Map keys must be annotated as required",
    "nation_dict-malformed": "Invalid page header",
}
#: Its footer tells of no row, and its row group of six: the engine counts six, and reads none.
CONTRADICTORY = "repeated_no_annotation"


@pytest.fixture
def started(starting: Starting) -> Started:
    for file in COLLECTION.glob("*.parquet"):
        table = starting.lake / file.stem / file.name
        table.parent.mkdir(parents=True)
        table.write_bytes(file.read_bytes())
    return starting.start()


def test_what_is_written_is_kept_at_once(starting: Starting, started: Started) -> None:
    files = {file.stem for file in COLLECTION.glob("*.parquet")}

    written = {proposal.table for _, proposal in started.written}

    assert len(written) == len(files) - len(REFUSED)
    assert len(written) > 40
    broken = {each.subject: each.code for each in starting.checked().promises if each.failed}
    assert broken == {CONTRADICTORY: "row-count-disagrees"}
    assert [each.table for _, each in started.written if each.red] == [CONTRADICTORY]


def test_what_the_engine_refuses_is_named_with_its_words(started: Started) -> None:
    refused = {each.source.name: each.reason for each in started.unwritten}

    assert set(refused) == set(REFUSED)
    for name, words in REFUSED.items():
        assert words in refused[name]
