"""The demo: the bot against a Slack on this machine, shown as a page in the browser."""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import select

from bot.app import Bot, build
from bot.config import Settings, load_settings
from bot.demo.suggestions import TRIES, following
from bot.installation.manifest import manifest
from bot.server.server import Server
from bot.slack_emulator import EmulatorServer, SlackEmulator, demo_workspace, seed_demo
from db.database import Database
from db.maintenance.migrate import migrate
from db.maintenance.seed import seed_article, seed_council
from db.models import Project
from db.subscriptions.subscriptions import subscribe

LOCALES = {"en": "en-US", "ko": "ko-KR"}
ADMIN, ALERTS = "U0ADMIN", "C0ALERTS"


@contextmanager
def demo(*, port: int = 0, language: str = "en") -> Iterator[tuple[str, SlackEmulator]]:
    """Run the demo on 127.0.0.1 with a record of its own; gives the page's address. ``port`` 0 takes a free one.

    Raises OSError where the port is taken.
    """
    slack = demo_workspace()
    with EmulatorServer(slack, port=port) as server:
        running = _Running(slack, server, language)
        slack.start_over = running.start_over
        slack.tries = TRIES
        running.begin()
        try:
            yield server.url, slack
        finally:
            running.end()


class _Running:
    """The bot behind the page, which can be put away and begun anew while the page stays."""

    def __init__(self, slack: SlackEmulator, server: EmulatorServer, language: str) -> None:
        self._slack = slack
        self._server = server
        self._language = language
        self._turn = threading.Lock()
        self._life = ExitStack()

    def start_over(self) -> None:
        """Empty the workspace and the record. One at a time."""
        with self._turn:
            self._life.close()
            self._slack.store.wait_for(lambda: not self._server.socket.connected)
            self._slack.clear()
            seed_demo(self._slack)
            self._begin()

    def begin(self) -> None:
        with self._turn:
            self._begin()

    def end(self) -> None:
        with self._turn:
            self._life.close()

    def _begin(self) -> None:
        slack = self._slack
        slack.install(manifest())
        for user in list(slack.store.users.values()):
            slack.edit_user(user.id, locale=LOCALES[self._language])
        with ExitStack() as life:
            folder = life.enter_context(tempfile.TemporaryDirectory(prefix="aid-demo-"))
            settings = _settings(Path(folder) / "demo.db", self._server.base_url, self._language)
            database = Database(settings.database_url)
            life.callback(database.close)
            migrate(database)
            bot = build(settings, database)
            slack.following = following(_furnish(bot, slack))
            bot.start()
            life.callback(bot.stop)
            life.enter_context(Server(settings, bot))
            self._server.socket.wait_until_connected()
            self._life = life.pop_all()


def _settings(database: Path, api_url: str, language: str) -> Settings:
    return load_settings(
        {
            "SLACK_BOT_TOKEN": "xoxb-loopback",
            "SLACK_APP_TOKEN": "xapp-loopback",
            "SLACK_SIGNING_SECRET": "loopback",
            "SLACK_API_URL": api_url,
            "DATABASE_URL": f"sqlite:///{database}",
            "AID_ADMINS": ADMIN,
            "AID_LANGUAGE": language,
            "PORT": "0",
        },
        slack=True,
    )


def _furnish(bot: Bot, slack: SlackEmulator) -> Sequence[str]:
    """Return the 17 projects, and a channel that is subscribed; gives the projects' refs."""
    app_context = bot.app_context
    with app_context.database.writing() as session:
        seed_council(session)
        seed_article(session, now=app_context.clock())
        subscribe(session, slack.store.team.id, ALERTS, ADMIN, "", app_context.language, now=app_context.clock())
        return session.scalars(select(Project.ref).order_by(Project.id)).all()
