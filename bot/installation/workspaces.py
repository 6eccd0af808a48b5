"""Workspaces that a bot works for: that of its token, or all that have installed it (``bot.installation.oauth``)."""

import logging
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

LOG = logging.getLogger(__name__)
INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"  # start of an installation, and where Slack returns to

Installed = Callable[[str], None]  # called with the id of a workspace that has installed the bot, also when again


class Workspaces(Protocol):
    def teams(self) -> list[str]: ...

    def client_for(self, team_id: str) -> WebClient:
        """Return a client with the workspace's token and without retries. Raises LookupError if there is no token."""

    def members_of(self, team_id: str, listed: frozenset[str]) -> frozenset[str]:
        """Return the user ids that belong to the workspace; all of them if there is only one workspace."""

    def for_bolt(self, installed: Installed) -> dict[str, object]:
        """Return the arguments of the Bolt app that choose the token for a request."""

    def forget(self, team_id: str, told_at: datetime) -> None:
        """Handle Slack's event that a workspace removed the bot or revoked its token at ``told_at`` (aware UTC)."""


class FixedAuthorize(Authorize):
    """Authorization with the token of the settings. Bolt's own would ask Slack before the first answer."""

    def __init__(self, client: WebClient, identity: SlackResponse) -> None:
        self._result = AuthorizeResult.from_auth_test_response(bot_token=client.token, auth_test_response=identity)

    def __call__(self, **_: object) -> AuthorizeResult:
        return self._result


@dataclass(frozen=True, slots=True)
class OneWorkspace:
    """Workspace of the single token in the settings; ``identity`` is Slack's answer to ``auth.test``."""

    client: WebClient
    identity: SlackResponse

    @property
    def team_id(self) -> str:
        return str(self.identity["team_id"])

    def teams(self) -> list[str]:
        return [self.team_id]

    def client_for(self, team_id: str) -> WebClient:
        if team_id != self.team_id:
            raise LookupError(f"no token for workspace {team_id}")
        return self.client

    def members_of(self, _team_id: str, listed: frozenset[str]) -> frozenset[str]:
        return listed

    def for_bolt(self, _installed: Installed) -> dict[str, object]:
        authorize = FixedAuthorize(self.client, self.identity)
        tokenless = copy(self.client)
        tokenless.token = None  # else Bolt warns that it takes that of ``authorize``
        return {"client": tokenless, "authorize": authorize}

    def forget(self, team_id: str, told_at: datetime) -> None:
        """Log it only: the token is in the settings."""
        LOG.warning(
            "workspace %s removed the bot at %s; install it again and put its new token into SLACK_BOT_TOKEN",
            team_id,
            told_at.isoformat(),
        )
