"""The demo as a process of its own, and a browser that looks at its page."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STARTS_WITHIN, ENDS_WITHIN = 60.0, 30.0
ADMIN, MEMBER = "U0ADMIN", "U0MEMBER"
GENERAL, ALERTS = "C0GENERAL", "C0ALERTS"


@contextmanager
def running_demo(folder: Path, language: str = "en") -> Iterator[str]:
    """Run ``python -m bot demo`` in ``folder`` and give the page's address.

    Afterwards it is ended as a service manager would, by SIGTERM, and has to end well.
    """
    log = folder / "demo.log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "bot", "demo"],
            cwd=folder,
            env=_environment(language),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        try:
            yield _address(process, log)
            process.send_signal(signal.SIGTERM)
            code = process.wait(ENDS_WITHIN)
        finally:
            process.kill()
    assert code == 0, log.read_text()


def launch(playwright: Playwright) -> Browser:
    """Debian's chromium, that calls nobody."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the page, who may act as each of the people there."""

    page: Page
    url: str
    language: str = "en"

    def visit(self, channel: str = GENERAL, person: str = ADMIN) -> "Visitor":
        """Open a channel as a person."""
        self.page.goto(f"{self.url}/as/{person}/c/{channel}")
        return self

    def either(self, english: str, korean: str) -> str:
        """The words of this visitor's language."""
        return korean if self.language == "ko" else english

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


def _environment(language: str) -> dict[str, str]:
    """This process's environment without settings of the bot, with the project where Python finds it."""
    ours = ("AID_", "SLACK_", "DATABASE_URL", "HOST", "PORT", "LOG_FORMAT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    path = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")]))
    return {**kept, "PYTHONPATH": path, "AID_LANGUAGE": language}


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    """The address of the first line that it prints."""
    assert process.stdout
    watchdog = threading.Timer(STARTS_WITHIN, process.kill)
    watchdog.start()
    line = process.stdout.readline()
    watchdog.cancel()
    assert "http://127.0.0.1:" in line, log.read_text()
    return line.split()[-1]
