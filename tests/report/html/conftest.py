"""A browser, and pages of runs that it opens from files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request
from support.chromium import Opener, chromium
from support.pages import faulty_run, many_contracts, run_of, sound_run

from cst_contracts.report.html.page import page
from cst_contracts.report.manifest_file import Manifest

_RUNS: dict[str, Callable[[], tuple[Manifest, list[Manifest]]]] = {
    "faulty": lambda: (faulty_run(), [sound_run(1), sound_run(2)]),
    "sound": lambda: (sound_run(), []),
    "many": lambda: (many_contracts(500, 40), []),
    "empty": lambda: (run_of(1, [], []), []),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed behind each module: while Playwright is open, no other test of its process can use asyncio."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("pages")

    def file(name: str) -> Path:
        made = folder / f"{name}.html"
        if not made.exists():
            run, earlier = _RUNS[name]()
            made.write_text(page(run, earlier), encoding="utf-8")
        return made

    return file


@pytest.fixture
def show(browser: Browser, page_file: Callable[[str], Path]) -> Iterator[Opener]:
    """Opens the page of a run, at an address in it. What it complains of, and whatever else it asks for, is
    red at the end of the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def show(run: str = "faulty", address: str = "", *, width: int = 1440, **options: Any) -> Page:
        file = page_file(run)
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        opened = context.new_page()

        def ask(request: Request) -> None:
            if not request.url.startswith((file.as_uri(), "data:")):
                complaints.append(f"asks for {request.url}")

        opened.on("request", ask)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda message: complaints.append(message.text))
        opened.goto(f"{file.as_uri()}{address}")
        return opened

    yield show
    for context in contexts:
        context.close()
    assert complaints == []
