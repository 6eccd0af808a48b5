"""Doctor checks that call Slack: the token, its scopes, Socket Mode, the clock, admins, channels."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.app import slack_client
from bot.config import Settings
from bot.installation.manifest import OPTIONAL, SCOPES
from bot.slack_clock import CLOCK_MARGIN, slack_date
from db.database import Database
from db.people import admins
from db.subscriptions.recipients import ARCHIVED
from db.subscriptions.subscriptions import active_in
from handlers.auth.membership import access_level_of
from handlers.auth.permissions import AccessLevel
from handlers.slack.channel_access import ASKED_NOTHING
from handlers.slack.errors import decode_error

TIMEOUT_SECONDS = 8.0
MAX_LOOKUPS = 40  # channels and admins that are looked up; Slack allows about fifty such calls a minute

AGAIN = "paste `python -m bot manifest` under “App Manifest” of your Slack app and install it to the workspace again"
NETWORK = "Check the network, and SLACK_API_URL if it is set."
NAME_ONE = "Put your own Slack user id into AID_ADMINS and restart the bot."
NEW_TOKEN = "Copy the token anew from “OAuth & Permissions” into SLACK_BOT_TOKEN."  # noqa: S105 - a sentence


class Level(StrEnum):
    """Level of a result: ``note`` is for information, ``wrong`` needs action."""

    FINE = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check; for ``wrong``, ``message`` ends with what to do."""

    level: Level
    about: str
    message: str

    @property
    def is_wrong(self) -> bool:
        return self.level is Level.WRONG

    def __str__(self) -> str:
        return f"{self.level:5} {self.about}: {self.message}"


ok = partial(CheckResult, Level.FINE)
info = partial(CheckResult, Level.NOTE)
failed = partial(CheckResult, Level.WRONG)


def examine_slack(
    settings: Settings, database: Database | None, clock: Callable[[], datetime]
) -> Iterator[CheckResult]:
    """Check the token and the connection; with a ``database`` also the people and channels of the record."""
    client = slack_client(settings, TIMEOUT_SECONDS)
    token = Token(client, NEW_TOKEN)
    yield from token.findings(clock())
    if token.team_id:
        yield way_in(settings, client)
        if database:
            nobody = failed("admins", f"nobody may record. {NAME_ONE}")
            yield from token.findings_of_record(database, settings.admins, nobody)


class Token:
    """Token of one workspace. ``advice`` is what to do if Slack rejects it; ``team_id`` is empty until it is accepted."""

    def __init__(self, client: WebClient, advice: str) -> None:
        self._client = client
        self._advice = advice
        self._granted: frozenset[str] | None = None
        self.team_id = ""

    def findings(self, now: datetime) -> Iterator[CheckResult]:
        """Check the token by auth.test, whose response also carries the scopes and Slack's time."""
        response = call_slack(self._client.auth_test)
        if isinstance(response, str):
            advice = self._advice if re.fullmatch(r"[a-z_]+", response) else NETWORK
            yield failed("bot token", f"Slack says {response}. {advice}")
            return
        self.team_id = str(response.get("team_id"))
        whose = f"{response.get('team')} ({self.team_id}) as {response.get('user')}"
        yield ok("bot token", f"is good for workspace {whose}")
        self._granted = _granted(response)
        yield from _scopes(self._granted)
        yield from _clock(response, now)

    def findings_of_record(
        self, database: Database, listed: frozenset[str], nobody: CheckResult
    ) -> Iterator[CheckResult]:
        with database.reading() as session:
            user_ids = admins(session, self.team_id, listed=listed)
        if not user_ids:
            yield nobody
        elif self._granted is None or "users:read" in self._granted:  # otherwise the scopes check has reported it
            yield from _people(self._client, user_ids, self.team_id)
        yield from _channels(self._client, database, self.team_id)


def call_slack(call: Callable[[], SlackResponse]) -> SlackResponse | str:
    """Return Slack's response, or in a word why there is none; of what it validates also what is wrong where."""
    try:
        return call()
    except SlackApiError as error:
        found = error.response.get("errors") or []
        details = [f"{each.get('pointer')}: {each.get('message')}" for each in found if isinstance(each, dict)]
        return "; ".join([decode_error(error).code or "nothing that can be read", *details])
    except (SlackClientError, OSError, HTTPException) as error:
        return f"nothing ({getattr(error, 'reason', None) or type(error).__name__})"


def _granted(response: SlackResponse) -> frozenset[str] | None:
    listed = next((str(value) for key, value in response.headers.items() if key.lower() == "x-oauth-scopes"), None)
    return None if listed is None else frozenset(each.strip() for each in listed.split(",") if each.strip())


def _scopes(granted: frozenset[str] | None) -> Iterator[CheckResult]:
    if granted is None:
        yield info("scopes", "Slack did not say which the token has")
        return
    missing, extra = [each for each in SCOPES if each not in granted], sorted(granted - set(SCOPES))
    for scope in missing:
        say = info if scope in OPTIONAL else failed
        yield say("scopes", f"{scope} is missing ({SCOPES[scope]}); {AGAIN}.")
    if extra:
        yield info("scopes", f"more than the bot uses: {', '.join(extra)}; {AGAIN} to be rid of them")
    if not missing:
        yield ok("scopes", f"all {len(SCOPES)} of the manifest are granted")


def _clock(response: SlackResponse, now: datetime) -> Iterator[CheckResult]:
    stamp = slack_date(response.headers)
    if not stamp:
        yield info("clock", "Slack did not say what time it is")
        return
    off = round((now - stamp).total_seconds())
    way = "ahead of" if off > 0 else "behind"
    if abs(now - stamp) > CLOCK_MARGIN:
        yield failed("clock", f"is {abs(off)} s {way} Slack's. Turn on time synchronisation.")
    else:
        yield ok("clock", "agrees with Slack's")


def way_in(settings: Settings, client: WebClient) -> CheckResult:
    """Check that Socket Mode gives an address, without connecting: Slack might send somebody's command there."""
    if not settings.socket_mode:
        return info(
            "HTTP",
            "only a request of Slack's shows whether SLACK_SIGNING_SECRET is right; the request URLs of the app have to be "
            "those of `python -m bot manifest --http URL`",
        )
    response = call_slack(lambda: client.apps_connections_open(app_token=settings.app_token))
    if isinstance(response, str):
        return failed(
            "Socket Mode",
            f"Slack says {response}. Switch it on for the app, and copy an app-level token with connections:write (“Basic "
            "Information”) into SLACK_APP_TOKEN.",
        )
    return ok("Socket Mode", "opens")


def _people(client: WebClient, user_ids: list[str], team_id: str) -> Iterator[CheckResult]:
    problems = [problem for each in user_ids[:MAX_LOOKUPS] if (problem := _person(client, each, team_id))]
    yield from (failed("admins", problem) for problem in problems)
    if not problems:
        yield ok("admins", f"{len(user_ids)}")


def _person(client: WebClient, user_id: str, team_id: str) -> str | None:
    response = call_slack(lambda: client.users_info(user=user_id))
    if isinstance(response, str):
        return f"{user_id}: Slack says {response}. Copy the member id from the person's profile."
    wrong = {
        AccessLevel.DEACTIVATED: "is deactivated. Take the id out of AID_ADMINS, or `/aid-admin revoke`.",
        AccessLevel.GUEST: "is a guest, who may not record. Name a member of the workspace.",
        AccessLevel.STRANGER: "is of another workspace, and may not record here.",
    }.get(access_level_of(response["user"], team_id))
    return f"{user_id} {wrong}" if wrong else None


def _channels(client: WebClient, database: Database, team_id: str) -> Iterator[CheckResult]:
    with database.reading() as session:
        rows = active_in(session, team_id)
        channels = list(dict.fromkeys((row.channel_id, row.blocked) for row in rows))
    visible = [each for each in channels if not each[0].startswith(ASKED_NOTHING)]
    if not channels:
        yield info("channels", "none is told of anything; type `/aid-alerts on` in one")
        return
    problems = [f"{key}: {text}" for key, blocked in visible[:MAX_LOOKUPS] if (text := _channel(client, key, blocked))]
    yield from (failed("channels", problem) for problem in problems)
    if len(visible) > MAX_LOOKUPS:
        yield info("channels", f"the first {MAX_LOOKUPS} of {len(visible)} were looked at")
    if not problems:
        yield ok("channels", f"{len(channels)} told of what happens")


def _channel(client: WebClient, channel_id: str, blocked: str | None) -> str | None:
    response = call_slack(lambda: client.conversations_info(channel=channel_id))
    if isinstance(response, str):
        return f"Slack says {response}. Invite the bot there, or have an admin type `/aid-alerts off` in it."
    channel = response["channel"]
    if channel.get("is_archived") and blocked == ARCHIVED:
        advice = "Unarchive it, or have an admin type `/aid-alerts off` with it."
        return f"it is archived, and its subscription rests. {advice}"
    if channel.get("is_archived"):
        advice = f"If the app does not get channel_archive, {AGAIN}."
        return f"it is archived, and the event of that did not arrive. {advice}"
    if not channel.get("is_member"):
        return "the bot is not in it. Type `/invite @aid-status` there, then press *Resume* in `/aid-admin delivery`."
    if blocked:
        return f"its messages wait ({blocked}). Press *Resume* in `/aid-admin delivery`."
    return None
