"""What moved since the newest of earlier runs, in a few lines."""

from datetime import UTC, datetime

from msgspec.structs import replace
from support.promises import manifest, promise, red

from cst_contracts.report.manifest_file import Manifest, RunEntry
from cst_contracts.report.markdown import markdown
from cst_contracts.report.since import since, since_lines, since_markdown

FILE = "contracts/t.yaml"


def at(day: int, told: Manifest) -> Manifest:
    return replace(told, run=RunEntry(deselected=0, started=datetime(2026, 11, day, tzinfo=UTC)))


def lines(now: Manifest, *earlier: Manifest) -> list[str]:
    found = since(now, earlier)
    assert found is not None
    return ["".join(span.text for span in each) for each in since_lines(found)]


def test_the_newest_of_earlier_runs_counts() -> None:
    kept, now = manifest(promise(FILE, "t", "nulls[a]")), manifest(red("a"))
    told = [
        "since the run of 2026-11-02 00:00 UTC: 1 change: 1 breaks",
        "  breaks  contracts/t.yaml: nulls[a]: kept → broken [breaking]",
    ]
    assert lines(now, at(1, now), at(2, kept)) == told
    assert lines(now, at(2, kept), at(1, now)) == told
    assert lines(now, kept)[0].startswith("since an earlier run: 1 change")


def test_promises_that_are_not_looked_at_now_are_counted_and_not_lost() -> None:
    old = manifest(red("a"), promise(FILE, "t", "rows"), promise(FILE, "t", "unique[a]"))
    assert lines(manifest(red("a")), at(1, old)) == [
        "since the run of 2026-11-01 00:00 UTC: nothing moved; 2 promises of it not looked at now"
    ]


def test_of_very_many_the_first_are_told_and_the_rest_are_counted() -> None:
    names = [f"f{number}" for number in range(30)]
    old = manifest(*(promise(FILE, "t", f"nulls[{name}]") for name in names))
    found = since(manifest(*map(red, names)), [at(1, old)])
    assert found is not None
    told = list(since_markdown(found))
    assert len([each for each in told if each.startswith("- **breaks**")]) == 20
    assert "- … and 10 more; `cst-contracts diff OLD NEW` tells all" in told
    assert "  … and 10 more; `cst-contracts diff OLD NEW` tells all" in [
        "".join(span.text for span in each) for each in since_lines(found)
    ]


def test_markdown_without_an_earlier_run_says_nothing_of_one() -> None:
    assert since(manifest(red("a")), []) is None
    assert "Since" not in markdown(manifest(red("a")))
    assert "### Since the run of" in markdown(manifest(red("a")), [at(1, manifest(red("a")))])
