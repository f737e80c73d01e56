"""The page as one file: it allows nothing but itself, says the same to readers without scripts, and holds
neither what could end its data nor what nobody may see."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace
from support.pages import faulty_run, many_contracts, sound_run
from support.project import Project
from support.promises import manifest, red

from cst_contracts.report.html import page as page_module
from cst_contracts.report.html.page import embedded, page
from cst_contracts.report.manifest_file import WaiverEntry

#: What has ended, begun or hidden scripts in other reports.
NASTY = (
    "</script><img src=x onerror=alert(1)>",
    "<!-- <script>",
    "]]>\u2028\u2029",
    "\u202eevil",
    "w" * 1000,
    "a.b[].c{}\"'`${1}",
)


class Parts(HTMLParser):
    """The texts of a page's scripts and styles, by what they are, and all else that is read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.words: list[str] = []
        self.data = ""
        self.links: list[str] = []
        self._in: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in = "data" if given.get("id") == "data" else tag
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 — the parser's signature
        self._in = None

    def handle_data(self, data: str) -> None:
        match self._in:
            case "data":
                self.data += data
            case "script":
                self.scripts.append(data)
            case "style":
                self.styles.append(data)
            case _:
                self.words.append(data)


def data_of(text: str) -> Any:
    return json.loads(Parts(text).data)


def test_the_policy_allows_the_scripts_and_the_style_of_the_page_and_nothing_else() -> None:
    text = page(faulty_run())
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    parts = Parts(text)
    allowed = set(re.findall(r"sha256-[\w+/=]+", policy))
    written = [*parts.scripts, *parts.styles]
    digests = [
        base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in written
    ]
    assert {f"sha256-{each}" for each in digests} == allowed
    assert len(allowed) == 3
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_nothing_is_asked_of_anybody_else() -> None:
    text = page(faulty_run(), [sound_run()])
    assert all(link.startswith(("#", "data:,")) for link in Parts(text).links)
    assert set(re.findall(r"https?://[\w./]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|innerHTML|eval\(", text)


def test_data_come_back_as_they_were_whatever_is_in_them() -> None:
    text = page(manifest(*(replace(red(nasty), observed=nasty, hint=nasty) for nasty in NASTY)))
    data = data_of(text)
    assert [each[1] for each in data["promises"]] == [f"nulls[{nasty}]" for nasty in NASTY]
    assert set(NASTY) <= set(data["texts"])
    assert text.count("</script>") == 3
    assert "<img" not in text
    assert embedded("<!--</script>&\u2028") == '"\\u003c!--\\u003c/script\\u003e\\u0026\\u2028"'


def test_readers_without_scripts_have_the_verdict_and_all_that_fails() -> None:
    words = " ".join(" ".join(Parts(page(faulty_run())).words).split())
    assert "3 of 16 promises fail, in 2 of 4 contracts." in words
    assert "1 more only warns. 1 is waived, until 2030-02-01." in words
    assert "contracts/torn.yaml::table broken a table that the engine can read" in words
    assert "rule[known]" not in words


def test_of_very_many_that_fail_the_first_are_told_without_scripts() -> None:
    assert page(many_contracts(100, 100)).count('<th scope="row">') == 20 * 5
    failing = manifest(*(red(f"f{number}") for number in range(500)))
    assert page(failing).count('<th scope="row">') == 400


def test_the_same_manifests_give_the_same_bytes() -> None:
    assert page(faulty_run(), [sound_run()]) == page(faulty_run(), [sound_run()])


def test_twenty_thousand_promises_are_a_page_of_two_megabytes() -> None:
    text = page(many_contracts(500, 40))
    assert len(data_of(text)["promises"]) == 20_000
    assert len(text) < 2_000_000


def test_every_script_beside_the_page_is_in_it() -> None:
    """A file that nobody names would be shipped and not run."""
    folder = Path(page_module.__file__).parent / "templates"
    text = page(sound_run())
    for file in folder.glob("*.js"):
        assert file.read_text(encoding="utf-8") in text, file.name


def test_secrets_of_rows_places_and_options_are_not_in_it(tmp_path: Path) -> None:
    """Sensitive values are in violating rows, in a waiver nothing is, and the lake's place has a token."""
    project = Project(tmp_path)
    project.lake.mkdir()
    rows = {"id": [1, 1, None], "card": ["SECRET-4111", "SECRET-4112", "SECRET-4113"]}
    pq.write_table(pa.table(rows), project.lake / "t.parquet")
    project.write(
        t="table: t\nsource: {format: parquet, location: t.parquet}\nnullability: values\n"
        "fields:\n  - {name: id, type: int64, nullable: false}\n"
        "  - {name: card, type: string, sensitive: true}\nkeys: [[id], [card]]\n"
        "rules: [{name: short, sql: length(card) < 3}]\n"
    )
    result = project.check(samples=3)
    assert {each.check for each in result.failed} == {"nulls[id]", "unique[id]", "rule[short]"}
    run = result.manifest()
    assert run.run is not None
    placed = replace(run, run=replace(run.run, lake="s3://key:TOKEN-1@bucket/lake"))
    tables = tuple(replace(each, location="s3://bucket?sig=TOKEN-2") for each in run.tables)

    text = page(replace(placed, tables=tables))

    assert "redacted" in text
    assert not re.search(r"SECRET|TOKEN", text)
    assert str(tmp_path.parent) not in text


def test_a_waiver_is_told_with_its_reason_its_owner_and_its_end() -> None:
    (each,) = [row for row in data_of(page(faulty_run()))["promises"] if row[1] == "rule[level]"]
    assert each[-1]["waiver"] == ["backfill", "ana", "2030-02-01"]
    assert WaiverEntry.__struct_fields__ == ("reason", "owner", "expires")
