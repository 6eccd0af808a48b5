"""Composition root: the only place that creates and wires the parts of a running bot."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware
from slack_bolt.middleware.request_verification import RequestVerification
from slack_bolt.request.internals import build_context
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.background_tasks import BackgroundTasks
from bot.config import Settings
from bot.installation.workspaces import OneWorkspace, Workspaces
from bot.monitoring.late_answers import LateAnswers
from bot.monitoring.metrics import Metrics
from bot.monitoring.request_log import InstrumentedApp
from bot.scheduler import TICK_SECONDS, Scheduler
from bot.sender.deliverer import SenderContext
from bot.sender.dispatcher import Sender
from bot.sender.settings import SenderSettings
from bot.slack_client import Connections, Instruments
from bot.slack_clock import SlackClock
from db.database import Database
from db.domain.dates import new_york_date, utc_now
from db.epoch import begin_epoch
from db.outbox.deliveries import resume_team
from db.outbox.notices import queue_messages
from db.people import admins
from db.recording.suggestions import ask_about_old
from handlers import errors
from handlers.admin import command as admin
from handlers.alerts import channel_events, resume
from handlers.alerts import command as alerts
from handlers.alerts.renderer import render
from handlers.auth.authorization import Authorizer
from handlers.auth.membership import MemberDirectory
from handlers.context import AppContext
from handlers.home import listeners as home
from handlers.installation import listeners as installation
from handlers.slack.client import PromptRespond
from handlers.status import command as status
from handlers.status import follow, mention
from handlers.updates import command as update
from handlers.updates import shortcut, workflow_step

LOG = logging.getLogger(__name__)

LISTENER_THREADS = 32
DRAIN_SECONDS = 6.0
ANSWER_SECONDS = 2.5  # Slack waits three for an answer


@dataclass(frozen=True, slots=True)
class Bot:
    """Parts of one running bot."""

    app: App
    app_context: AppContext
    sender: Sender
    background: BackgroundTasks
    scheduler: Scheduler
    workspaces: Workspaces
    metrics: Metrics
    clock: SlackClock
    connections: Connections

    def start(self) -> None:
        """Resume deliveries that waited for a working token, and start sending."""
        with self.app_context.database.writing() as session:
            begin_epoch(session, self.app_context.clock())
            for team_id in self.workspaces.teams():
                resume_team(session, team_id, self.app_context.clock())
        self.sender.start()
        self.scheduler.start()

    def stop(self) -> None:
        """Finish the work in progress; anything left when time is up stays in the outbox."""
        with ThreadPoolExecutor() as pool:
            for stop in (self.scheduler.stop, self.background.close, self.sender.stop):
                pool.submit(stop, DRAIN_SECONDS)
        self.connections.close()


def build(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime] = utc_now,
    pace: SenderSettings | None = None,
    tick_seconds: float = TICK_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> Bot:
    """Wire a bot for the workspace of its token, or for the workspaces that install it. It corrects ``clock`` by Slack's.

    Raises SlackApiError if Slack rejects the token, AidError if stored tokens cannot be read.
    """
    pace = pace or SenderSettings()
    metrics = Metrics()
    clock = clock if isinstance(clock, SlackClock) else SlackClock(clock)
    connections = Connections(settings.api_url)
    instruments = Instruments(metrics.slack_failed, clock, connections)
    client = instruments.on(slack_client(settings, pace.timeout_seconds))
    client.ssl = connections.ssl  # which takes long to make, and slack_sdk makes anew for each call
    background = BackgroundTasks()
    members = MemberDirectory(database, clock, partial(background.submit, lane="member"))
    workspaces: Workspaces
    if settings.several_workspaces:
        from bot.installation.oauth import installed_workspaces  # noqa: PLC0415  heavy, and one workspace needs none of it

        workspaces = installed_workspaces(settings, database, client, members)
    else:
        workspaces = OneWorkspace(client, client.auth_test())
    sender_context = SenderContext(
        database=database,
        clock=clock,
        settings=pace,
        client_for=workspaces.client_for,
        render=lambda session, delivery: render(session, delivery, new_york_date(clock()), listed=settings.admins),
        admins=lambda session, team: admins(session, team, listed=workspaces.members_of(team, settings.admins)),
    )
    sender = Sender(sender_context)
    app_context = AppContext(
        database=database,
        clock=clock,
        admins=settings.admins,
        language=settings.language,
        zone=settings.timezone.key,
        notify_sender=sender.wake,
        run_after_response=background.submit,
        slack_language=members.language_of,
        reporter=settings.reporter,
    )

    def tell_admins(session: Session, now: datetime) -> int:
        queued = 0
        for team in workspaces.teams():
            people = sender_context.admins(session, team)
            queued += queue_messages(session, team, people, settings.language, now)
            queued += ask_about_old(session, team, dict.fromkeys(people, settings.language), now)
        return queued

    scheduler = Scheduler(database, clock, sender.wake, seconds=tick_seconds, others=(tell_admins,))
    late = LateAnswers(app_context, answer_seconds)
    app = _app(settings, workspaces, app_context, members, metrics, instruments, late)
    return Bot(app, app_context, sender, background, scheduler, workspaces, metrics, clock, connections)


def _app(
    settings: Settings,
    workspaces: Workspaces,
    app_context: AppContext,
    members: MemberDirectory,
    metrics: Metrics,
    instruments: Instruments,
    late: LateAnswers,
) -> App:
    app = InstrumentedApp(
        Authorizer(app_context, members),
        metrics,
        late,
        **workspaces.for_bolt(_resume(app_context)),
        name="aid-status",  # otherwise Bolt reads the source of every stack frame to find one
        signing_secret=settings.signing_secret or "not used in Socket Mode",
        process_before_response=True,  # answers in the ack; the default mode polls for it
        token_verification_enabled=False,
        before_authorize=_PrepareRequest(instruments, settings.api_url),
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener"),
    )
    for surface in (errors, status, update, alerts, resume, follow, home, mention, shortcut, workflow_step):
        surface.register(app, app_context)
    admin.register(app, app_context, members)
    installation.register(app, workspaces.forget)
    channel_events.register(app, app_context, members.follow)
    for middleware in app._middleware_list:  # noqa: SLF001  Bolt has no setting for it
        if isinstance(middleware, RequestVerification):
            middleware.verifier.clock = instruments.clock
    app.assert_all_listeners_listed()
    app.sort_listeners()
    return app


def _resume(app_context: AppContext) -> Callable[[str], None]:
    """Return a function that resumes a workspace's blocked deliveries once it has a token."""

    def resume(team_id: str) -> None:
        with app_context.database.writing() as session:
            resume_team(session, team_id, app_context.clock())
        app_context.notify_sender()

    return resume


class _PrepareRequest(Middleware):
    """Middleware that prepares a request before any other; ``redelivered`` in the body says that Slack sent it before.

    From here on ``team_id`` in the body is the workspace that the bot is installed in. Slack's own fields may name that
    of a person of another organisation, who pressed or wrote in a shared channel.
    """

    def __init__(self, instruments: Instruments, api_url: str) -> None:
        self._instruments = instruments
        self._api_url = api_url

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002, ARG002  named by Bolt
        _read_form(req)
        if not is_response_url(str(req.context.response_url or ""), self._api_url):
            LOG.warning("refused a request whose response_url is not Slack's")
            return BoltResponse(status=400)
        req.body["team_id"] = req.context.team_id
        req.body["redelivered"] = "x-slack-retry-num" in req.headers
        req.context["respond"] = PromptRespond(response_url=req.context.response_url)
        req.context["client"] = self._instruments.on(req.context.client)
        return next()


def _read_form(request: BoltRequest) -> None:
    """Parse a form that Bolt did not: over HTTP it skips any with the word "payload" in it, such as in typed text."""
    if not request.body and request.raw_body:
        request.body = dict(parse_qsl(request.raw_body, keep_blank_values=True))
        build_context(request.context, request.body)


def is_response_url(url: str, api_url: str) -> bool:
    """Return True for the addresses that answers may go to: none, Slack's hooks, and the server that the bot calls."""
    try:
        target, api = urlsplit(url), urlsplit(api_url)
    except ValueError:  # brackets that hold no address
        return False
    hosts = {api.hostname, f"hooks.{api.hostname}", "hooks.slack.com"}
    return not url or (target.scheme in {"https", api.scheme} and target.hostname in hosts)


def slack_client(settings: Settings, timeout: float) -> WebClient:
    """Return a client without retries: the outbox decides what is sent again."""
    return WebClient(
        token=settings.bot_token or None, base_url=settings.api_url, timeout=int(timeout), retry_handlers=[]
    )
