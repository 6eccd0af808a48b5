"""Demo: the bot against the Slack emulator, shown as a page in the browser."""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import select

from bot.app import build
from bot.config import Settings, load_settings
from bot.demo.suggestions import ABOUT, TRIES, following
from bot.installation.manifest import manifest
from bot.server.server import Server
from bot.slack_emulator import EmulatorServer, SlackEmulator, demo_workspace, seed_demo
from db.database import Database
from db.domain.dates import utc_now
from db.maintenance.migrate import migrate
from db.maintenance.seed import seed_article, seed_council
from db.models import Project
from db.subscriptions.subscriptions import subscribe

LOCALES = {"en": "en-US", "ko": "ko-KR"}
ADMIN, ALERTS = "U0ADMIN", "C0ALERTS"


@contextmanager
def demo(*, port: int = 0, language: str = "en") -> Iterator[tuple[str, SlackEmulator]]:
    """Run the demo with a record of its own; yield the page's address. Raises OSError if the port (0: any) is taken."""
    slack = demo_workspace()
    with EmulatorServer(slack, port=port) as server:
        running = _Running(slack, server, language)
        slack.start_over = running.start_over
        slack.about, slack.tries = ABOUT, TRIES
        running.begin()
        try:
            yield server.url, slack
        finally:
            running.end()


class _Running:
    """Bot behind the page; it can be replaced by a fresh one while the page stays open."""

    def __init__(self, slack: SlackEmulator, server: EmulatorServer, language: str) -> None:
        self._slack = slack
        self._server = server
        self._language = language
        self._lock = threading.Lock()
        self._resources = ExitStack()
        self._record, refs = _new_record(slack.store.team.id, language)
        slack.following = following(refs)

    def start_over(self) -> None:
        with self._lock:
            self._resources.close()
            self._slack.store.wait_for(lambda: not self._server.socket.connected)
            self._slack.clear()
            seed_demo(self._slack)
            self.begin()

    def end(self) -> None:
        with self._lock:
            self._resources.close()

    def begin(self) -> None:
        slack = self._slack
        slack.install(manifest())
        for user in list(slack.store.users.values()):
            slack.edit_user(user.id, locale=LOCALES[self._language])
        with ExitStack() as resources:
            path = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="aid-demo-"))) / "demo.db"
            path.write_bytes(self._record)
            settings = _settings(path, self._server.base_url, self._language)
            database = Database(settings.database_url)
            resources.callback(database.close)
            bot = build(settings, database)
            bot.start()
            resources.callback(bot.stop)
            resources.enter_context(Server(settings, bot))
            self._server.socket.wait_until_connected()
            self._resources = resources.pop_all()


def _settings(database: Path, api_url: str, language: str) -> Settings:
    return load_settings(
        {
            "SLACK_BOT_TOKEN": "xoxb-emulator",
            "SLACK_APP_TOKEN": "xapp-emulator",
            "SLACK_SIGNING_SECRET": "emulator",
            "SLACK_API_URL": api_url,
            "DATABASE_URL": f"sqlite:///{database}",
            "AID_ADMINS": ADMIN,
            "AID_LANGUAGE": language,
            "PORT": "0",
        },
        slack=True,
    )


def _new_record(team_id: str, language: str) -> tuple[bytes, Sequence[str]]:
    """Return the database as the demo begins, and its projects' refs; it is copied, since making it takes seconds."""
    with tempfile.TemporaryDirectory(prefix="aid-demo-") as folder:
        path, now = Path(folder) / "demo.db", utc_now()
        database = Database(f"sqlite:///{path}")
        migrate(database)
        with database.writing() as session:
            seed_council(session)
            seed_article(session, now=now)
            subscribe(session, team_id, ALERTS, ADMIN, "", language, now=now)
            refs = session.scalars(select(Project.ref).order_by(Project.id)).all()
        database.close()
        return path.read_bytes(), refs
