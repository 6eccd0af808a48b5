"""One browser and one demo for a file; every test finds the demo as it begins."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.demo_page import CHROMIUM, Visitor, launch, running_demo


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Debian's chromium is not installed")
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo in English; starting over costs no process, no imports and no migration."""
    with running_demo(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture
def visitor(browser: Browser, demo: str) -> Iterator[Visitor]:
    """Somebody at the page of a demo that has just started over; an error in the page's own scripts fails the test."""
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    assert page.request.post(f"{demo}/start-over").ok
    yield Visitor(page, demo)
    page.close()
    assert problems == []
