"""The demo as a process of its own, and somebody at its page."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.support.process import running

ADDRESS = r"http://127\.0\.0\.1:\d+"
ADMIN, MEMBER = "U0ADMIN", "U0MEMBER"
GENERAL, ALERTS = "C0GENERAL", "C0ALERTS"


@contextmanager
def running_demo(folder: Path, language: str = "en", ending: signal.Signals = signal.SIGTERM) -> Iterator[str]:
    """Run ``python -m bot demo`` in ``folder`` and give the page's address; afterwards it has to end well."""
    with running(folder, "demo", AID_LANGUAGE=language) as process:
        yield process.wait_for(ADDRESS)
        process.popen.send_signal(ending)
        assert process.wait() == 0, process.errors


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the page, who may act as each of the people there."""

    page: Page
    url: str

    def visit(self, channel: str = GENERAL, person: str = ADMIN) -> "Visitor":
        """Open a channel as a person."""
        self.page.goto(f"{self.url}/as/{person}/c/{channel}")
        return self

    def home(self, person: str = ADMIN) -> Locator:
        """Open the bot's App Home as a person."""
        self.page.goto(f"{self.url}/as/{person}/home")
        return self.page.locator("#home")

    def type(self, line: str) -> Locator:
        """Type a line and send it; gives the newest message, which the bot's answer becomes."""
        composer = self.page.get_by_role("combobox", name=re.compile("^(Message|메시지)$"))
        composer.fill(line)
        composer.press("Enter")
        return self.newest

    @property
    def messages(self) -> Locator:
        """All messages of the open channel, oldest first."""
        return self.page.locator("#messages article")

    @property
    def newest(self) -> Locator:
        return self.messages.last

    def form(self, title: str) -> Locator:
        """The open view with this title."""
        return self.page.get_by_role("dialog", name=title)
