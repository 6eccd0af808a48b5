"""Putting the running bot together; the only place that makes what everything else is passed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware
from slack_bolt.request.internals import build_context
from slack_sdk import WebClient

from bot.background_tasks import Background
from bot.config import Settings
from bot.installation.workspaces import OneWorkspace, Workspaces
from bot.monitoring.metrics import Figures, watched
from bot.monitoring.request_log import WatchedApp
from bot.scheduler import TICK_SECONDS, Clock
from bot.sender.deliverer import Desk
from bot.sender.dispatcher import Sender
from bot.sender.settings import SenderSettings
from db.database import Database
from db.domain.dates import committee_day, utc_now
from db.outbox.deliveries import resume_team
from db.people import admins
from handlers import errors
from handlers.admin import command as admin
from handlers.alerts import command as alerts
from handlers.alerts import resume
from handlers.alerts.renderer import compose
from handlers.auth.authorization import Gate
from handlers.auth.membership import Standings
from handlers.context import Services
from handlers.home import listeners as home
from handlers.installation import listeners as installation
from handlers.status import command as status
from handlers.status import follow, mention
from handlers.updates import command as update
from handlers.updates import shortcut, workflow_step

LISTENER_THREADS = 32
DRAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts of one running bot."""

    app: App
    services: Services
    sender: Sender
    background: Background
    clock: Clock
    workspaces: Workspaces
    figures: Figures

    def start(self) -> None:
        """Set going again what waited for a working token, and begin to send."""
        with self.services.database.writing() as session:
            for team_id in self.workspaces.teams():
                resume_team(session, team_id, self.services.clock())
        self.sender.start()
        self.clock.start()

    def stop(self) -> None:
        """Finish what is under way; what is not done in time is left to the outbox."""
        self.clock.stop(DRAIN_SECONDS)
        self.background.close()
        self.sender.stop(DRAIN_SECONDS)


def build(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime] = utc_now,
    pace: SenderSettings | None = None,
    tick_seconds: float = TICK_SECONDS,
) -> Bot:
    """Wire a bot for the workspace of its token, or for those that install it.

    Raises SlackApiError where Slack refuses the token, AidError where stored tokens cannot be read.
    """
    pace = pace or SenderSettings()
    figures = Figures()
    client = watched(slack_client(settings, pace.timeout_seconds), figures.slack_failed)
    standings = Standings(clock)
    workspaces = _several(settings, database, client, standings) if settings.several_workspaces else _one(client)
    background = Background()
    sender = Sender(
        Desk(
            database=database,
            clock=clock,
            settings=pace,
            client_for=workspaces.client_for,
            compose=lambda session, delivery: compose(session, delivery, committee_day(clock())),
            admins=lambda session, team: admins(
                session, team, listed=workspaces.of_workspace(team, settings.admins)
            ),
        )
    )
    services = Services(
        database=database,
        clock=clock,
        admins=settings.admins,
        language=settings.language,
        zone=settings.timezone.key,
        wake=sender.wake,
        later=background.later,
        slack_language=standings.language_of,
    )
    ticking = Clock(database, clock, sender.wake, seconds=tick_seconds)
    app = _app(settings, workspaces, services, standings, figures)
    return Bot(app, services, sender, background, ticking, workspaces, figures)


def _one(client: WebClient) -> Workspaces:
    return OneWorkspace(client, str(client.auth_test()["team_id"]))


def _several(settings: Settings, database: Database, client: WebClient, standings: Standings) -> Workspaces:
    from bot.installation.oauth import installed_workspaces  # noqa: PLC0415  one workspace needs none of what it imports

    return installed_workspaces(settings, database, client, standings)


def _app(
    settings: Settings, workspaces: Workspaces, services: Services, standings: Standings, figures: Figures
) -> App:
    """A Bolt app that answers in the ack itself (docs: its default mode polls for the ack)."""
    app = WatchedApp(
        Gate(services, standings),
        figures,
        **workspaces.for_bolt(_resume(services)),
        name="aid-status",  # else Bolt reads the source of every frame of the stack to find one
        signing_secret=settings.signing_secret or "not used in Socket Mode",
        process_before_response=True,
        token_verification_enabled=False,
        before_authorize=_Before(figures),
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener"),
    )
    for surface in (errors, status, update, alerts, resume, admin, follow, home, mention, shortcut, workflow_step):
        surface.register(app, services)
    installation.register(app, workspaces.forget)
    app.ensure_all_listed()
    app.look_at_forms_last()
    return app


def _resume(services: Services) -> Callable[[str], None]:
    """What waited for a workspace's token goes out once it has one."""

    def resume(team_id: str) -> None:
        with services.database.writing() as session:
            resume_team(session, team_id, services.clock())
        services.wake()

    return resume


class _Before(Middleware):
    """What is done to a request before anything else looks at it."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002, ARG002  named by Bolt
        _read_form(req)
        req.context["client"] = watched(req.context.client, self._figures.slack_failed)
        return next()


def _read_form(request: BoltRequest) -> None:
    """Over HTTP, Bolt leaves a form unread that has the word "payload" anywhere in it, such as in what was typed."""
    if not request.body and request.raw_body:
        request.body = dict(parse_qsl(request.raw_body, keep_blank_values=True))
        build_context(request.context, request.body)


def slack_client(settings: Settings, timeout: float) -> WebClient:
    """A client that never sends anything twice by itself."""
    return WebClient(token=settings.bot_token or None, base_url=settings.api_url, timeout=int(timeout), retry_handlers=[])
