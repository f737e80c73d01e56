"""The page as a reader has it, in a real browser: opened from a file, filtered, linked into, at each width,
by keyboard, in the dark, in print, and without scripts."""

import re
from urllib.parse import quote

from playwright.sync_api import Page, expect
from support.chromium import Opener
from support.pages import CALM, DEEP, FILES, TORN

_DEEP_ID = f"{FILES}::nulls[{DEEP}]"


def address(kind: str, name: str) -> str:
    return f"#/{kind}/{quote(name, safe='')}"


def go(page: Page, target: str) -> None:
    """As a link in the page leads there; its page is made when this returns."""
    page.evaluate(
        """target => new Promise(made => {
            addEventListener("hashchange", () => made(), { once: true });
            location.hash = target;
        })""",
        target,
    )


def hash_of(page: Page) -> str:
    found: str = page.evaluate("location.hash")
    return found


def is_cut_or_scrolls(page: Page) -> bool:
    found: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return found


def test_the_verdict_is_first_and_is_the_tabs_title(show: Opener) -> None:
    page = show()
    expect(page).to_have_title("✕ 3 Contracts of atlas")
    expect(page.locator("h1")).to_have_text("3 of 16 promises fail, in 2 of 4 contracts.")
    expect(page.locator(".facts dd.big").first).to_have_text("14 of 16")
    expect(page.get_by_role("img", name="Promises not kept, run by run")).to_be_visible()
    expect(page.locator("main details.f")).to_have_count(5)
    first = page.locator("main details.f").first
    expect(first.locator(".what")).to_have_text(f"{DEEP} has 72 nulls among 2,400")
    expect(first.locator(".side")).to_have_text("new")


def test_a_finding_opens_to_both_sides_the_contracts_line_and_the_rows(show: Opener) -> None:
    page = show()
    finding = page.locator("main details.f").first
    finding.locator("summary").click()
    body = finding.locator(".body")
    expect(body.locator(".pv")).to_have_text("promisedno nullobserved72 nulls among 2400")
    expect(body.locator("pre.src")).to_have_text(
        "12- {name: byte_start, type: int32, nullable: false}"
    )
    expect(body.locator("table.rows tbody tr")).to_have_count(2)
    expect(body).to_contain_text("2 of 72 violating rows")
    expect(body).to_contain_text("the leaf itself is not in the sample")
    expect(body.locator(".do")).to_have_text(
        ["Read bysearch (search-team) through open_files", "What to doWrite nullable: true."]
    )
    expect(body.locator(".basis-b")).to_have_text("scan · all 400 rows")


def test_what_stands_in_the_way_says_what_it_holds_up_and_a_link_leads_there(show: Opener) -> None:
    page = show(address=address("t", TORN))
    expect(page.locator("main details.f").first).to_contain_text("holds up 2")
    page.locator(".wait a", has_text="field[a]").click()
    expect(page.locator("summary:focus")).to_have_text("field[a] waits for table")
    expect(page.locator(".stripcap")).to_have_text("Not looked at: the promised fields are shown.")


def test_filters_are_part_of_the_address_and_an_address_restores_them(show: Opener) -> None:
    page = show(address="#/promises")
    count = page.locator(".count")
    expect(count).to_have_text("16 of 16 promises")
    page.get_by_label("Any outcome").select_option("kept")
    expect(count).to_have_text("9 of 16 promises")
    page.get_by_label("Search promises").fill("declared-nullable")
    expect(count).to_have_text("1 of 16 promises")
    assert hash_of(page) == "#/promises?o=kept&q=declared-nullable"

    page.reload()
    expect(count).to_have_text("1 of 16 promises")
    expect(page.get_by_label("Any outcome")).to_have_value("kept")

    page.get_by_label("Search promises").fill("nothing is called that")
    page.get_by_role("link", name="Clear the filters").click()
    expect(count).to_have_text("16 of 16 promises")


def test_each_filter_finds_its_own(show: Opener) -> None:
    page = show()
    for query, found in (
        ("o=noted", 1),
        ("k=nulls", 1),
        ("own=no+owner", 5),
        (f"t={quote(CALM, safe='')}", 2),
        ("new=1", 7),
        ("o=undecided", 2),
    ):
        go(page, f"#/promises?{query}")
        expect(page.locator(".count")).to_have_text(f"{found} of 16 promises")


def test_every_number_leads_to_a_list_of_just_those(show: Opener) -> None:
    page = show()
    links = page.locator(".verdict .counts a")
    told = [
        (link.get_attribute("href"), link.locator("b").text_content()) for link in links.all()[:-1]
    ]
    assert [number for _, number in told] == ["3", "1", "2", "1", "9"]
    for target, number in told:
        go(page, str(target))
        expect(page.locator(".count")).to_have_text(f"{number} of 16 promises")


def test_causes_are_grouped_and_those_of_an_owner_shown(show: Opener) -> None:
    page = show()
    groups = page.locator("main h3.gh")
    expect(groups).to_have_text(
        ["filesextraction-team2", "tornno owner1", "refsgraph-team2"], use_inner_text=False
    )
    page.get_by_label("Every owner").select_option("graph-team")
    expect(page.locator("#causes")).to_have_text("2 causes")
    expect(page.locator("table.con tbody tr")).to_have_count(1)
    page.get_by_label("Grouped by").select_option("newest")
    expect(groups).to_have_count(0)


def test_contracts_are_sorted_and_filtered(show: Opener) -> None:
    page = show()
    names = page.locator("table.con tbody tr a")
    expect(names).to_have_text(["files", "torn", "refs", "calm"])
    page.get_by_role("button", name="Contract", exact=True).click()
    expect(names).to_have_text(["calm", "files", "refs", "torn"])
    head = page.locator("table.con th", has_text="Contract").first
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("button", name="Contract", exact=True).click()
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_label("Filter contracts").fill("graph")
    expect(names).to_have_text(["refs"])


def test_a_link_to_a_promise_opens_it_and_puts_the_reader_there(show: Opener) -> None:
    page = show(address=address("p", _DEEP_ID))
    expect(page.locator("summary:focus .what")).to_contain_text("has 72 nulls among 2,400")
    expect(page.locator("details.flash")).to_have_attribute("open", "")
    expect(page).to_have_title(re.compile(f"^{re.escape(_DEEP_ID)} . Contracts of atlas$"))


def test_a_link_to_a_kept_leaf_shows_it_alone_and_one_to_another_run_says_so(show: Opener) -> None:
    page = show(address=address("p", f"{FILES}::field[file_id]"))
    expect(page.locator("main h2").first).to_have_text("This promise")
    expect(page.locator("summary:focus")).to_contain_text("field[file_id]")

    page = show(address=address("p", f"{FILES}::field[gone]"))
    expect(page.locator("h1")).to_have_text("Not in this run")
    expect(page.locator("main")).to_contain_text(f"{FILES}::field[gone]")
    page.get_by_role("link", name="To the overview").click()
    expect(page.locator("h1")).to_contain_text("promises fail")


def test_each_leaf_of_the_schema_carries_its_promises(show: Opener) -> None:
    page = show(address=address("t", FILES))
    rows = page.locator("table.tree tbody tr")
    expect(rows).to_have_count(7)
    expect(rows.nth(4)).to_contain_text("byte_start")
    expect(rows.nth(4).locator(".chip.bad")).to_have_text("has 72 nulls among 2,400")
    expect(rows.nth(5)).to_contain_text("(promised)")
    expect(rows.nth(6)).to_contain_text("nobody promised it")
    opener = page.get_by_role("button", name="Hide what is in defs[].params[]", exact=True)
    opener.press("Enter")
    expect(rows).to_have_count(4)
    closed = page.get_by_role("button", name="Show what is in defs[].params[]", exact=True)
    expect(closed).to_be_focused()
    expect(rows.nth(2)).to_contain_text("2 not as promised inside")


def test_changes_say_what_broke_and_what_is_no_longer_looked_at(show: Opener) -> None:
    page = show(address="#/changes")
    expect(page.locator("h1")).to_have_text("What moved since Wed 2 Jan")
    expect(page.locator(".lead")).to_have_text("3 newly broken, 2 no longer looked at.")
    expect(page.locator("#h-lost + .qq")).to_have_text("2")
    page.get_by_text("The same as numbers").click()
    expect(page.locator(".numbers tbody tr")).to_have_count(3)


def test_without_an_earlier_run_nothing_is_said_to_be_new(show: Opener) -> None:
    page = show("sound", "#/changes")
    expect(page.locator("main")).to_contain_text("No earlier run was given")
    page = show("sound")
    expect(page.locator("h1")).to_have_text("All 16 promises are kept.")
    expect(page.locator("main")).not_to_contain_text("What to look at")
    expect(page.locator("main")).not_to_contain_text("since")


def test_a_run_of_nothing_says_so_and_shows_no_lists(show: Opener) -> None:
    page = show("empty")
    expect(page.locator("h1")).to_have_text("Nothing was promised.")
    expect(page.locator("main")).to_contain_text("pytest contracts --collect-only")
    expect(page.locator(".facts, .list, table")).to_have_count(0)


def test_no_page_scrolls_sideways_at_any_width(show: Opener) -> None:
    page = show()
    for target in ("#/run", address("p", _DEEP_ID), "#/promises", "#/changes", "#/t/nothing", "#/"):
        go(page, target)
        for width in (320, 390, 1024, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert not is_cut_or_scrolls(page), f"{target} at {width}"
            expect(page.locator(".rail")).to_be_visible(visible=width > 1100)


def test_the_keyboard_reaches_everything(show: Opener) -> None:
    page = show()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("main summary").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main details.f").first).to_have_attribute("open", "")
    page.keyboard.press("c")
    expect(page.locator("#live")).to_have_text(f"Copied {_DEEP_ID}")
    page.keyboard.press("/")
    expect(page.get_by_label("Find a contract")).to_be_focused()
    page.keyboard.type("jp")  # is text here
    assert hash_of(page) in ("", "#/")


def test_keys_lead_to_the_pages_and_can_be_switched_off(show: Opener) -> None:
    page = show()
    for key, title in (("p", "Promises"), ("m", "What moved"), ("r", "The run"), ("o", "3 of 16")):
        page.keyboard.press(key)
        expect(page.locator("h1")).to_contain_text(title)
        expect(page.locator("main")).to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    dialog.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("p")
    expect(page.locator("h1")).to_contain_text("3 of 16")


def test_light_and_dark_are_the_systems_until_the_reader_chooses(show: Opener) -> None:
    page = show(color_scheme="dark")
    body = page.locator("html")
    expect(body).to_have_css("background-color", "rgb(21, 21, 20)")
    page.get_by_role("button", name="Light or dark").click()
    expect(body).to_have_css("background-color", "rgb(250, 249, 247)")
    page.reload()
    expect(body).to_have_css("background-color", "rgb(250, 249, 247)")


def test_in_print_findings_are_open_and_light_and_the_frame_is_gone(show: Opener) -> None:
    page = show(color_scheme="dark", address=address("t", FILES))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator(".rail")).to_be_hidden()
    for finding in page.locator("main .list").first.locator("details.f").all():
        expect(finding).to_have_attribute("open", "")
    assert len(page.pdf()) > 1000
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_scripts_the_verdict_and_all_that_fails_are_read(show: Opener) -> None:
    page = show(java_script_enabled=False)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("h1")).to_have_text("3 of 16 promises fail, in 2 of 4 contracts.")
    expect(page.locator("tbody tr")).to_have_count(3)


def test_of_hundreds_of_contracts_only_what_is_on_view_is_made(show: Opener) -> None:
    page = show("many")
    expect(page.locator("h1")).to_have_text("200 of 20,000 promises fail, in 100 of 500 contracts.")
    assert page.evaluate("document.querySelectorAll('*').length") < 8000
    expect(page.locator("#causes")).to_have_text("200 causes")
    expect(page.locator("main details.f")).to_have_count(60)
    page.get_by_role("button", name="Show 140 more").click()
    expect(page.locator("main details.f")).to_have_count(200)
    page.get_by_role("button", name="Show all 500").click()
    expect(page.locator("table.con tbody tr")).to_have_count(500)
    go(page, "#/promises?q=table_499")
    expect(page.locator(".count")).to_have_text("40 of 20,000 promises")
    expect(page.locator(".rail summary")).to_have_text("Kept · 400")
