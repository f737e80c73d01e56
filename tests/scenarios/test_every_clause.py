"""Each kind of promise has a fault that turns it red and an oracle that judges it, and each clause is used.

No test proves what tests cover. What can be kept is that nobody adds a kind of promise, or a clause, and says
nothing of where it is red, what judges it independently, and where this repository uses it.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from cst_contracts.checks.explanations.kinds import KINDS
from cst_contracts.contract.clauses.files import FileTrait
from cst_contracts.contract.grammar import CLAUSES, RECORDS

TESTS = Path(__file__).parents[1]
CONTRACTS = TESTS.parent / "contracts"

MILLION = "scenarios/faults/test_million_rows.py"
SEEDED = "scenarios/faults/test_seeded_faults.py"
DELTA = "scenarios/faults/test_delta_faults.py"
EXTERNAL = "scenarios/external"
DIFFERENTIAL = "scenarios/differential"
VERDICTS = f"{DIFFERENTIAL}/test_verdicts.py::test_each_verdict_is_a_naive_judges"
WRITTEN = f"{DIFFERENTIAL}/test_written_files.py::test_files_keep_what_their_writer_was_told"
READERS = f"{DIFFERENTIAL}/test_files_and_readers.py"
SCHEMAS = "checks/test_schema_mutations.py"
#: Why nothing judges it independently.
ENGINE = "what an engine says of itself has no second witness"
LISTING = "it is there or it is not"


class Shown(NamedTuple):
    """A test with a seeded fault; and a differential one, or the reason why there is none."""

    fault: str
    oracle: str = ""
    none: str = ""


def million(test: str, oracle: str = VERDICTS) -> Shown:
    return Shown(f"{MILLION}::{test}", oracle)


#: By the kind of check as `explain` knows it; promises about files by what they promise.
SHOWN: Mapping[str, Shown] = {
    "contract": Shown(
        f"{SEEDED}::test_a_contract_with_three_mistakes",
        "contract/test_mutations.py::test_a_changed_contract_is_one_or_is_refused",
    ),
    "table": Shown(f"{SEEDED}::test_a_missing_folder", none=LISTING),
    "source": Shown(f"{EXTERNAL}/test_sources.py::test_a_file_less_is_red", none=LISTING),
    "rows": Shown(f"{SEEDED}::test_an_emptied_table", VERDICTS),
    "field[path]": million(
        "test_the_file_of_narrower_integers_is_told",
        f"{SCHEMAS}::test_another_type_is_red_at_its_own_path",
    ),
    "fields": Shown(
        f"{SEEDED}::test_an_added_column",
        f"{SCHEMAS}::test_an_extra_sibling_is_red_at_the_node_above_unless_extra_ones_are_allowed",
    ),
    "metadata[key]": million("test_metadata_of_the_schema_are_held_against_the_promise", WRITTEN),
    "freshness[field]": million("test_the_latest_of_a_million_times_is_a_minute_too_old"),
    **{
        f"files[{trait}]": million("test_files_that_are_written_otherwise_are_counted", WRITTEN)
        for trait in FileTrait
        if trait is not FileTrait.BYTES
    },
    "files[bytes]": million("test_the_one_file_that_is_a_byte_too_large_is_named", WRITTEN),
    "nulls[path]": million("test_nulls_in_a_key"),
    "enum[path]": million("test_values_that_are_not_listed"),
    "range[path]": million("test_values_out_of_range"),
    "pattern[path]": million("test_texts_of_another_form_and_length_none_of_them_told"),
    "length[path]": million("test_texts_of_another_form_and_length_none_of_them_told"),
    "unique[a,b]": million("test_duplicates"),
    "reference[a→table.b]": million("test_a_dangling_reference"),
    "rule[name]": million("test_spans_backwards"),
    "aggregate[name]": million("test_groups_are_counted_exactly"),
    "order[measured]": million("test_rows_out_of_order"),
    "order[declared]": Shown(f"{SEEDED}::test_a_footer_that_claims_another_order", none=ENGINE),
    "order[plan]": Shown(
        f"{EXTERNAL}/test_registered_orders.py::test_a_query_of_files_whose_ranges_overlap_sorts_and_is_red",
        none=ENGINE,
    ),
    "partition[field]": Shown(
        f"{SEEDED}::test_another_partition_column",
        f"{DIFFERENTIAL}/test_oracle.py::"
        "test_every_answer_about_a_lake_as_others_write_it_is_that_of_a_naive_reader",
    ),
    "unbounded": Shown(
        f"{EXTERNAL}/test_unbounded.py::test_a_file_where_a_pipe_is_promised_is_red", none=ENGINE
    ),
    "delta[as_of]": Shown(f"{DELTA}::test_a_version_that_was_never_there", none=LISTING),
    "delta[parity]": Shown(
        f"{DELTA}::test_a_session_that_reads_a_field_as_another_type", none=ENGINE
    ),
    "delta[constraints]": Shown(
        f"{DELTA}::test_a_promised_check_that_is_not_in_the_log", none=LISTING
    ),
    "statistics": Shown(
        f"{EXTERNAL}/test_policies.py::test_files_without_statistics_are_red", none=ENGINE
    ),
    "pruning": Shown(
        "checks/test_policies.py::test_what_a_query_excludes_and_is_read_is_red", none=ENGINE
    ),
    "view[name]": Shown(
        "scenarios/faults/test_own_views.py::test_other_rows_in_the_same_number_are_red",
        none="what a view holds is compared with its definition, run by the engine a second time",
    ),
    "query[name]": million(
        "test_what_readers_queries_give_is_counted",
        f"{READERS}::test_a_query_gives_what_a_naive_reader_picks",
    ),
    "interop[library]": million(
        "test_what_a_library_does_not_have_is_lost_there",
        f"{READERS}::test_rows_that_arrive_are_those_of_a_naive_reader",
    ),
    "function[name]": Shown(f"{SEEDED}::test_a_function_that_is_not_there", none=ENGINE),
    "setting[name]": Shown(f"{SEEDED}::test_a_setting_that_was_changed", none=ENGINE),
    "catalog": Shown(
        f"{SEEDED}::test_a_declared_table_that_the_auto_load_root_lacks", none=LISTING
    ),
    "snapshot[schema]": Shown(
        "checks/test_snapshots.py::test_what_drifted_is_red_change_by_change",
        "drift/test_changes.py::test_tables_differ_exactly_where_a_change_is_told",
    ),
    "snapshot[functions]": Shown(
        "drift/test_changes.py::test_functions_and_settings_that_moved_are_told",
        "drift/test_changes.py::test_sessions_differ_exactly_where_a_change_is_told",
    ),
}


def test_every_kind_of_promise_is_shown() -> None:
    kinds = {*KINDS, *(f"files[{trait}]" for trait in FileTrait)} - {"files[promise]"}
    assert set(SHOWN) == kinds


@pytest.mark.parametrize("kind", SHOWN)
def test_what_is_said_to_show_it_is_there(kind: str) -> None:
    shown = SHOWN[kind]
    assert bool(shown.oracle) != bool(shown.none)
    for test in filter(None, (shown.fault, shown.oracle)):
        file, _, name = test.partition("::")
        assert name in named_in(file), test


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


# Where this repository says it of its own tables

NOTHING = "there is nothing of that kind to say it of: "
#: Spellings of one clause, of which each says no more than the others.
LIMITS = frozenset(
    {"minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "min_length", "max_length"}
)
#: What may stand in a contract and stands in none of this repository, by its key, and why.
UNUSED: Mapping[str, str] = {
    "freshness": f"{NOTHING}no CST table has a field of times",
    "field_order": "the sequence is promised, as it is where nothing is written",
    "consumers": "nobody outside of this repository has said that they read the tables",
    "interop": "the README's first command installs none of these libraries, and would be red",
    "waivers": "every promise is kept",
    "unbounded": f"{NOTHING}no table is a stream",
    "fifo": f"{NOTHING}no table is a stream",
    "options": f"{NOTHING}no table is text",
    "ignore": "every file in the folders is meant to be read",
    "extra_constraints": "the logs have no constraints that nobody promises",
    "bloom_filters": "nothing that writes the tables makes them",
    "bytes": "the lake is as large as the source that it is made of",
    "row_group_rows": "the lake is as large as the source that it is made of",
    "exact": "readers take the engine's own string types",
    "sensitive": "the source is public",
    "elements": f"{NOTHING}lists of texts may hold any text",
    "map_keys": f"{NOTHING}attributes may have any name",
    "map_values": f"{NOTHING}attributes may have any value",
}


def test_every_clause_is_used_where_it_says_something_true() -> None:
    said = {key for file in CONTRACTS.glob("*.yaml") for key in keys_below(read(file))}
    records = ("table", "session", "source", "files", "field")
    known = {key for record in records for key in RECORDS[record].keys}
    assert {clause.key.name for clause in CLAUSES} <= known
    assert known - said - LIMITS == set(UNUSED)
    assert LIMITS & said


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def keys_below(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from keys_below(each)
