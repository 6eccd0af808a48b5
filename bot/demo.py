"""The demo: the bot against a Slack on this machine, shown as a page in the browser."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from bot.demo_words import following
from bot.loopback import LoopbackServer, Slack, demo_world
from bot.manifest import manifest
from bot.serving import Serving
from bot.settings import Settings, load_settings
from bot.wiring import Bot, build
from db.database import Database
from db.migrate import migrate
from db.models import Project
from db.seed import seed_article, seed_council
from db.subscriptions import subscribe

LOCALES = {"en": "en-US", "ko": "ko-KR"}
ADMIN, ALERTS = "U0ADMIN", "C0ALERTS"


@contextmanager
def demo(*, port: int = 0, language: str = "en") -> Iterator[tuple[str, Slack]]:
    """Run the demo on 127.0.0.1 with a record of its own; gives the page's address. ``port`` 0 takes a free one."""
    slack = demo_world()
    slack.install(manifest())
    for user in list(slack.world.users.values()):
        slack.edit_user(user.id, locale=LOCALES[language])
    with tempfile.TemporaryDirectory(prefix="aid-demo-") as folder, LoopbackServer(slack, port=port) as server:
        settings = _settings(Path(folder) / "demo.db", server.base_url, language)
        database = Database(settings.database_url)
        migrate(database)
        bot = build(settings, database)
        slack.following = following(_furnish(bot))
        bot.start()
        with Serving(settings, bot):
            server.socket.wait_until_connected()
            yield server.url, slack
        bot.stop()
        database.close()


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


def _furnish(bot: Bot) -> Sequence[str]:
    """The 17 projects, and a channel that is subscribed; gives the projects' refs."""
    services = bot.services
    with services.database.writing() as session:
        seed_council(session)
        seed_article(session, now=services.clock())
        subscribe(session, bot.team_id, ALERTS, ADMIN, "", services.language, now=services.clock())
        return session.scalars(select(Project.ref).order_by(Project.id)).all()
