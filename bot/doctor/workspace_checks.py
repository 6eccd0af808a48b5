"""Doctor checks for several workspaces: token, scopes, admins and channels of each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from bot.app import slack_client
from bot.config import Settings
from bot.doctor.slack_checks import TIMEOUT_SECONDS, CheckResult, Token, failed, info, ok, way_in
from bot.installation.oauth import InstalledWorkspaces
from bot.installation.token_store import TokenStore
from bot.installation.workspaces import INSTALL
from db.database import Database
from db.errors import AidError
from handlers.auth.membership import MemberDirectory

AGAIN = f"Install the bot there again, at {INSTALL}."
NOBODY = info("admins", "nobody of it may record; put a user id of theirs into AID_ADMINS if somebody should")


def examine_workspaces(
    settings: Settings, database: Database | None, clock: Callable[[], datetime]
) -> Iterator[CheckResult]:
    client = slack_client(settings, TIMEOUT_SECONDS)
    yield way_in(settings, client)
    if database is None:
        yield info("workspaces", "not looked at before the database is right")
        return
    if not settings.workspaces:
        anybody = "any workspace that knows the address, and may then read the record; AID_WORKSPACES limits it"
        yield info("invited", anybody)
    store = TokenStore(database, settings, clock)
    workspaces = InstalledWorkspaces(settings, database, store, client, MemberDirectory(database, clock, _call))
    try:
        clients = {team: workspaces.client_for(team) for team in workspaces.teams()}
    except AidError as error:
        yield failed("token key", str(error))
        return
    if not clients:
        yield info("workspaces", f"none has installed the bot yet; start it and open {INSTALL} at its public address")
        return
    yield ok("workspaces", f"{len(clients)} have installed the bot")
    here = {team: workspaces.members_of(team, settings.admins) for team in clients}
    for team, client_of_team in clients.items():
        token = Token(client_of_team, AGAIN)
        yield from (_of(team, result) for result in token.findings(clock()))
        if token.team_id:
            yield from (_of(team, result) for result in token.findings_of_record(database, here[team], NOBODY))
    for stranger in sorted(settings.admins - frozenset().union(*here.values())):
        advice = "Copy the member id from the person's profile."
        yield failed("admins", f"{stranger} is in none of the workspaces. {advice}")


def _call(work: Callable[[], object]) -> None:
    work()


def _of(team_id: str, result: CheckResult) -> CheckResult:
    return replace(result, about=f"{team_id}, {result.about}")
