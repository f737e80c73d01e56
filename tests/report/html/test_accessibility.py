"""The page by the rules of axe-core, a checker of accessibility: none is broken, on any page, light or dark,
wide or narrow."""

from collections.abc import Sequence
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from support.chromium import Opener
from support.pages import DEEP, FILES, TORN

_MAIN = ("#/", f"#/p/{quote(f'{FILES}::nulls[{DEEP}]', safe='')}", "#/promises")
_OTHERS = (f"#/t/{quote(TORN, safe='')}", "#/changes", "#/run")


def broken_rules(page: Page) -> list[str]:
    """Once nothing moves any more: colours in passing are not judged."""
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize(
    ("width", "scheme", "addresses"), [(1440, "light", (*_MAIN, *_OTHERS)), (390, "dark", _MAIN)]
)
def test_no_rule_of_accessibility_is_broken(
    show: Opener, width: int, scheme: str, addresses: Sequence[str]
) -> None:
    page = show(width=width, color_scheme=scheme, reduced_motion="reduce")
    for address in addresses:
        page.goto(f"{page.url.partition('#')[0]}{address}")
        assert broken_rules(page) == [], address


def test_the_checker_sees_what_is_broken(show: Opener) -> None:
    page = show("empty", reduced_motion="reduce")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [rule.partition(":")[0] for rule in broken_rules(page)] == ["button-name"]
