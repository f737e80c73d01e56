"""The Chromium of the system, where there is one: in CI there must be one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING = (
    "no Chromium on PATH, and so the page of a run is not looked at in a browser: install Debian's"
    " package `chromium`, or any of " + ", ".join(_NAMES)
)
#: Nothing of it asks anybody anything, and it runs as root and without a screen, too.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Without one, tests fail in CI, and elsewhere are not run and say why."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(_MISSING, pytrace=False)
        pytest.skip(_MISSING)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, headless=True, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class Opener(Protocol):
    """Opens the page of a made-up run, at an address in it; options are those of a browser's context."""

    def __call__(
        self, run: str = "faulty", address: str = "", *, width: int = 1440, **options: Any
    ) -> Page: ...
