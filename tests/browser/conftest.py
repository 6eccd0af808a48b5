"""One browser for a file and one demo for all; every test finds the demo as it begins."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.demo_page import Visitor, running_demo
from tests.support.chromium import open_browser, open_page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo in English; starting over costs no process, no imports and no migration."""
    with running_demo(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture
def visitor(browser: Browser, demo: str) -> Iterator[Visitor]:
    """Somebody at the page of a demo that has just started over; an error in the page's own scripts fails the test."""
    with open_page(browser) as page:
        assert page.request.post(f"{demo}/start-over").ok
        yield Visitor(page, demo)
