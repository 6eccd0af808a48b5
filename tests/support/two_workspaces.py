"""A bot that two workspaces can install, reached over HTTP by Slack and by a browser."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.fernet import Fernet

from bot.app import build
from bot.config import load_settings
from bot.installation.manifest import manifest
from bot.server.server import Server
from bot.slack_emulator import (
    Channel,
    DirectoryServer,
    EmulatorServer,
    Installation,
    SignedHttp,
    SlackEmulator,
    Team,
    User,
    WorkspaceDirectory,
    demo_workspace,
)
from db.database import Database
from tests.support.harness import NEVER, QUICK, BotHarness, Clock, UserDriver
from tests.support.http import FORM, Answer, call

URL = "https://bot.example.org"
FIRST, SECOND = "T0LOOP", "T0SECOND"
SECRET = "emulator-client-secret"


@dataclass
class Browser:
    """A browser that keeps cookies and follows redirects only on request."""

    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, **form: str) -> Answer:
        """Open an address; with a form, post it there."""
        headers = {"Accept-Language": self.language, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if form:
            headers["Content-Type"] = FORM
        answer = call(url, "POST" if form else "GET", urlencode(form).encode(), headers)
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer


@dataclass
class TwoWorkspaces(BotHarness):
    """Harness of two workspaces; ids of the second one's people and channels begin with U1 and C1."""

    second_slack: SlackEmulator = field(kw_only=True)
    directory: WorkspaceDirectory = field(kw_only=True)

    @property
    def second_admin(self) -> UserDriver:
        return UserDriver(self.second_slack, "U1ADMIN")

    def begin(self, browser: Browser) -> dict[str, str]:
        """Open the install page and Slack's; return the form that Slack shows."""
        to_slack = browser.get(f"{self.url}/slack/install")
        assert to_slack.status == 302
        page = browser.get(to_slack.headers["location"])
        assert page.status == 200, page.text
        return dict(re.findall(r"name=(state|scope) value='([^']*)'", page.text))

    def allow(self, browser: Browser, form: dict[str, str], team: str) -> str:
        """Press *Allow*; return the address that Slack redirects to."""
        return browser.get(f"{self.server.url}/oauth/v2/allow", team=team, **form).headers["location"]

    def install(self, team: str, language: str = "en") -> Answer:
        """Install to a workspace; return the last page."""
        browser = Browser(language)
        return browser.get(self.allow(browser, self.begin(browser), team))

    def tokens(self) -> set[str]:
        return {each.app.bot_token for each in self.directory.workspaces}


def second_workspace(clock: Clock) -> SlackEmulator:
    slack = SlackEmulator(
        clock=clock.seconds,
        team=Team(SECOND, "second-circle", "Second circle"),
        app=Installation(bot_user="U1BOT", bot_id="B1BOT"),
    )
    for user_id, name, more in (("U1ADMIN", "Sori Han", {"is_admin": True}), ("U1BOT", "aid-status", {"is_bot": True})):
        slack.store.add_user(User(user_id, name.lower().replace(" ", "."), name, team_id=SECOND, **more))
    members = frozenset({"U1ADMIN", "U1BOT"})
    slack.store.put_channel(Channel("C1GENERAL", "general", members=members))
    slack.store.put_channel(Channel("C1ALERTS", "aid-alerts", members=members))
    return slack


def several_environment(base_url: str, database_url: str, **more: str) -> dict[str, str]:
    return {
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": SECRET,
        "AID_TOKEN_KEY": Fernet.generate_key().decode(),
        "SLACK_SIGNING_SECRET": "emulator",
        "SLACK_API_URL": base_url,
        "DATABASE_URL": database_url,
        "AID_ADMINS": "U0ADMIN,U1ADMIN",
        "PORT": "0",
        **more,
    }


@contextmanager
def open_both(database_url: str, **environment: str) -> Iterator[TwoWorkspaces]:
    """Run the bot between two workspaces that have not installed it."""
    clock = Clock()
    slacks = [demo_workspace(clock.seconds), second_workspace(clock)]
    directory = WorkspaceDirectory(slacks)
    for slack in slacks:
        slack.install(manifest(URL, install_at=URL))
        directory.retire(slack)
    with ExitStack() as life:
        server = life.enter_context(DirectoryServer(directory))
        life.enter_context(EmulatorServer(slacks[1], page=False))  # for what goes to a response_url
        database = Database(database_url)
        life.callback(database.close)
        settings = load_settings(several_environment(server.base_url, database_url, **environment), slack=True)
        bot = build(settings, database, clock=clock, pace=QUICK, tick_seconds=NEVER, answer_seconds=NEVER)
        both = TwoWorkspaces(
            slacks[0], server, settings, database, clock, bot, second_slack=slacks[1], directory=directory
        )
        bot.start()
        life.callback(bot.stop)
        both.serving = life.enter_context(Server(settings, bot))
        directory.redirect_url = f"{both.url}/slack/oauth_redirect"
        for slack in slacks:
            slack.delivery = server.socket if settings.socket_mode else SignedHttp(f"{both.url}/slack/events")
        if settings.socket_mode:
            server.socket.wait_until_connected()
        yield both
        if settings.socket_mode:
            both.hang_up()


def query(url: str) -> dict[str, Any]:
    return {key: value[0] for key, value in parse_qs(urlsplit(url).query).items()}
