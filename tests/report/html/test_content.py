"""What the page embeds: contracts in order, each promise in a few items, and each text once."""

from msgspec import json
from msgspec.structs import replace
from support.pages import DEEP, faulty_run, many_contracts, sound_run
from support.promises import manifest, promise, red

from cst_contracts.report.html.content import content
from cst_contracts.report.manifest_file import ConsumerEntry, LookedAt, RunEntry, SampleEntry, Unit


def test_contracts_that_fail_come_first_and_kept_ones_last() -> None:
    data = content(faulty_run(), ()).data
    assert [each["name"] for each in data["contracts"]] == ["files", "torn", "refs", "calm"]
    assert [data["contracts"][of]["name"] for of, *_ in data["causes"]] == [
        "files",
        "torn",
        "files",
        "refs",
        "refs",
    ]


def test_a_kept_promise_is_a_few_items_and_carries_no_object() -> None:
    data = content(sound_run(), ()).data
    assert all(not isinstance(each[-1], dict) for each in data["promises"])
    assert data["texts"] == []


def test_a_contract_names_its_owner_and_those_that_refer_to_it() -> None:
    files, _, refs, calm = content(faulty_run(), ()).data["contracts"]
    assert (files["owner"], files["referring"]) == ("extraction-team", [2])
    assert "owner" not in calm
    assert "referring" not in refs


def test_a_failed_promise_names_whom_it_concerns() -> None:
    readers = (ConsumerEntry(name="billing", owner="team", through="seen"), ConsumerEntry(name="x"))
    data = content(manifest(replace(red("a"), consumers=readers), red("b")), ()).data
    told, other = (each[-1] for each in data["promises"])
    assert [data["texts"][each] for each in told["consumers"]] == [
        "billing (team) through seen",
        "x",
    ]
    assert "consumers" not in other


def test_rows_show_what_the_promise_speaks_of_first_and_say_where_the_leaf_is_not_among_them() -> (
    None
):
    data = content(faulty_run(), ()).data
    (deep,) = [each[-1] for each in data["promises"] if each[1] == f"nulls[{DEEP}]"]
    assert deep["samples"] == {
        "columns": ["file_id", "secret"],
        "marked": 0,
        "absent": True,
        "rows": [
            ["part-0.parquet", 3, None, ["'f3'", "<redacted>"]],
            ["part-0.parquet", 20, None, ["'f20'", "<redacted>"]],
        ],
    }
    sample = SampleEntry(row=1, values={"b": "2", "a": "NULL"}, cut=("b",))
    (told,) = content(manifest(replace(red("a"), samples=(sample,))), ()).data["promises"]
    assert told[-1]["samples"]["columns"] == ["a", "b"]
    assert told[-1]["samples"]["marked"] == 1
    assert told[-1]["samples"]["rows"] == [[None, 1, None, ["NULL", "2"], ["b"]]]


def test_places_without_values_are_rows_without_columns() -> None:
    sample = SampleEntry(file="p.parquet", row=1)
    (told,) = content(manifest(replace(red("a"), samples=(sample,))), ()).data["promises"]
    assert told[-1]["samples"]["columns"] == []
    assert told[-1]["samples"]["absent"] is False


def test_rows_that_were_read_and_rows_that_are_only_answered_for_are_told_apart() -> None:
    facts = content(faulty_run(), ()).data["facts"]
    assert facts["rows"] == 400 + 20634 + 3
    assert (facts["answered"], facts["read"], facts["tables"], facts["unopened"]) == (
        400,
        400,
        3,
        1,
    )


def test_how_much_an_answer_covers_is_told_where_it_is_not_simply_all() -> None:
    def covers(looked_at: LookedAt) -> object:
        run = manifest(replace(red("a"), rows=5, looked_at=looked_at))
        return content(run, ()).data["promises"][0][-1].get("covers")

    assert covers(LookedAt(rows=5, read=5)) is None
    assert covers(LookedAt(rows=5, read=0)) is None
    assert covers(LookedAt(rows=5, read=5, of=9)) == [5, 5, 9, "row"]
    assert covers(LookedAt(rows=5, read=5, unit=Unit.ELEMENT)) == [5, 5, None, "element"]


def test_equal_texts_of_many_promises_are_stored_once() -> None:
    data = content(many_contracts(50, 40), ()).data
    assert sorted(data["texts"]) == sorted(set(data["texts"]))
    assert len(data["texts"]) <= 5
    assert len(json.encode(data)) / len(data["promises"]) < 110


def test_a_manifest_of_an_earlier_release_has_no_contracts_and_is_shown_all_the_same() -> None:
    old = replace(manifest(red("a"), promise("contracts/u.yaml", "u", "rows")), contracts=())
    data = content(old, ()).data
    assert [each["name"] for each in data["contracts"]] == ["t", "u"]


def test_the_title_is_the_project_and_no_place_of_the_machine_is_told() -> None:
    run = RunEntry(deselected=0, root="/home/ana/private/atlas", lake="/mnt/lake-of-ana")
    told = content(replace(faulty_run(), run=run), ())
    assert told.title == "Contracts of atlas"
    text = json.encode(told.data).decode()
    assert not any(word in text for word in ("private", "lake-of-ana", "/srv/secret"))
