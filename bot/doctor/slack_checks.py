"""The part of the doctor that asks Slack: the token, its scopes, Socket Mode, the clock, admins, channels."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.app import slack_client
from bot.config import Settings
from bot.doctor.result import CheckResult, failed, info, ok
from bot.installation.manifest import SCOPES
from db.database import Database
from db.people import admins
from db.subscriptions.subscriptions import subscriptions_of
from handlers.slack.channel_access import ASKED_NOTHING
from handlers.slack.errors import decode_error

TIMEOUT_SECONDS = 8.0
CLOCK_SECONDS = 60
"""How far the clock may be off. Slack's signatures are good for five minutes; leases and retries want much less."""

MOST_ASKED = 40
"""Channels and admins that are asked about; Slack answers about fifty such questions a minute."""

AGAIN = "paste `python -m bot manifest` under “App Manifest” of your Slack app and install it to the workspace again"
NETWORK = "Check the network, and SLACK_API_URL if it is set."
NAME_ONE = "Put your own Slack user id into AID_ADMINS and restart the bot."
NEW_TOKEN = "Copy the token anew from “OAuth & Permissions” into SLACK_BOT_TOKEN."  # noqa: S105 - a sentence


def examine_slack(
    settings: Settings, database: Database | None, clock: Callable[[], datetime]
) -> Iterator[CheckResult]:
    """Ask Slack; ``database`` None leaves out what is asked about people and channels of the record."""
    client = slack_client(settings, TIMEOUT_SECONDS)
    token = Token(client, NEW_TOKEN)
    yield from token.findings(clock())
    if token.team_id:
        yield way_in(settings, client)
        if database:
            yield from token.findings_of_record(
                database, settings.admins, failed("admins", f"nobody may record. {NAME_ONE}")
            )


class Token:
    """One workspace's token. ``advice`` is what to do where Slack does not know it; ``team_id`` empty until it is good."""

    def __init__(self, client: WebClient, advice: str) -> None:
        self._client = client
        self._advice = advice
        self._granted: frozenset[str] | None = None
        self.team_id = ""

    def findings(self, now: datetime) -> Iterator[CheckResult]:
        """Ask whose it is; what it may, and what time Slack has, comes with the answer."""
        told = _asked(self._client.auth_test)
        if isinstance(told, str):
            advice = self._advice if re.fullmatch(r"[a-z_]+", told) else NETWORK
            yield failed("bot token", f"Slack says {told}. {advice}")
            return
        self.team_id = str(told.get("team_id"))
        yield ok("bot token", f"is good for workspace {told.get('team')} ({self.team_id}) as {told.get('user')}")
        self._granted = _granted(told)
        yield from _scopes(self._granted)
        yield from _clock(told, now)

    def findings_of_record(
        self, database: Database, listed: frozenset[str], nobody: CheckResult
    ) -> Iterator[CheckResult]:
        """Ask about the people and channels of the record; ``nobody`` is found where no one may record."""
        with database.reading() as session:
            who = admins(session, self.team_id, listed=listed)
        if not who:
            yield nobody
        elif self._granted is None or "users:read" in self._granted:  # else it is said among the scopes
            yield from _people(self._client, who, self.team_id)
        yield from _channels(self._client, database, self.team_id)


def _asked(call: Callable[[], SlackResponse]) -> SlackResponse | str:
    """Slack's answer, or why there is none in a word."""
    try:
        return call()
    except SlackApiError as error:
        return decode_error(error).code or "nothing that can be read"
    except (SlackClientError, OSError, HTTPException) as error:
        return f"nothing ({getattr(error, 'reason', None) or type(error).__name__})"


def _header(answer: SlackResponse, name: str) -> str | None:
    return next((str(value) for key, value in answer.headers.items() if key.lower() == name), None)


def _granted(told: SlackResponse) -> frozenset[str] | None:
    listed = _header(told, "x-oauth-scopes")
    return None if listed is None else frozenset(each.strip() for each in listed.split(",") if each.strip())


def _scopes(granted: frozenset[str] | None) -> Iterator[CheckResult]:
    if granted is None:
        yield info("scopes", "Slack did not say which the token has")
        return
    missing, more = [each for each in SCOPES if each not in granted], sorted(granted - set(SCOPES))
    for scope in missing:
        yield failed("scopes", f"{scope} is missing ({SCOPES[scope]}); {AGAIN}.")
    if more:
        yield info("scopes", f"more than the bot uses: {', '.join(more)}; {AGAIN} to be rid of them")
    if not missing:
        yield ok("scopes", f"all {len(SCOPES)} of the manifest are granted")


def _clock(told: SlackResponse, now: datetime) -> Iterator[CheckResult]:
    stamp = _header(told, "date")
    if not stamp:
        yield info("clock", "Slack did not say what time it is")
        return
    off = round((now - parsedate_to_datetime(stamp)).total_seconds())
    if abs(off) > CLOCK_SECONDS:
        yield failed(
            "clock", f"is {abs(off)} s {'ahead of' if off > 0 else 'behind'} Slack's. Turn on time synchronisation."
        )
    else:
        yield ok("clock", "agrees with Slack's")


def way_in(settings: Settings, client: WebClient) -> CheckResult:
    """Socket Mode is asked for an address, which is not used: what connects may be sent somebody's command."""
    if not settings.socket_mode:
        return info(
            "HTTP",
            "only a request of Slack's shows whether SLACK_SIGNING_SECRET is right; the request URLs of the app have to be "
            "those of `python -m bot manifest --http URL`",
        )
    told = _asked(lambda: client.apps_connections_open(app_token=settings.app_token))
    if isinstance(told, str):
        return failed(
            "Socket Mode",
            f"Slack says {told}. Switch it on for the app, and copy an app-level token with connections:write (“Basic "
            "Information”) into SLACK_APP_TOKEN.",
        )
    return ok("Socket Mode", "opens")


def _people(client: WebClient, who: list[str], team_id: str) -> Iterator[CheckResult]:
    problems = [said for each in who[:MOST_ASKED] if (said := _person(client, each, team_id))]
    yield from (failed("admins", said) for said in problems)
    if not problems:
        yield ok("admins", f"{len(who)}")


def _person(client: WebClient, user_id: str, team_id: str) -> str | None:
    told = _asked(lambda: client.users_info(user=user_id))
    if isinstance(told, str):
        return f"{user_id}: Slack says {told}. Copy the member id from the person's profile."
    user = told["user"]
    if user.get("deleted"):
        return f"{user_id} is deactivated. Take the id out of AID_ADMINS, or `/aid-admin revoke`."
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return f"{user_id} is a guest, who may not record. Name a member of the workspace."
    if user.get("is_stranger") or user.get("team_id", team_id) != team_id:
        return f"{user_id} is of another workspace, and may not record here."
    return None


def _channels(client: WebClient, database: Database, team_id: str) -> Iterator[CheckResult]:
    with database.reading() as session:
        known = [(row.channel_id, row.blocked) for row in subscriptions_of(session, team_id)]
    asked = [each for each in known if not each[0].startswith(ASKED_NOTHING)]
    if not known:
        yield info("channels", "none is told of anything; type `/aid-alerts on` in one")
        return
    problems = [f"{key}: {said}" for key, blocked in asked[:MOST_ASKED] if (said := _channel(client, key, blocked))]
    yield from (failed("channels", said) for said in problems)
    if len(asked) > MOST_ASKED:
        yield info("channels", f"the first {MOST_ASKED} of {len(asked)} were looked at")
    if not problems:
        yield ok("channels", f"{len(known)} told of what happens")


def _channel(client: WebClient, channel_id: str, blocked: str | None) -> str | None:
    told = _asked(lambda: client.conversations_info(channel=channel_id))
    if isinstance(told, str):
        return f"Slack says {told}. Invite the bot there, or have an admin type `/aid-alerts off` in it."
    channel = told["channel"]
    if channel.get("is_archived"):
        return "it is archived. Unarchive it and press *Resume* in `/aid-admin delivery`, or forget it."
    if not channel.get("is_member"):
        return "the bot is not in it. Type `/invite @aid-status` there, then press *Resume* in `/aid-admin delivery`."
    if blocked:
        return f"its messages wait ({blocked}). Press *Resume* in `/aid-admin delivery`."
    return None
