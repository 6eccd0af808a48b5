"""OAuth for several workspaces, each with its own token. Imported only if the settings ask for it."""

import copy
import logging
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from urllib.parse import urljoin

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.oauth.oauth_flow import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth.installation_store import Installation

from bot.config import SLACK, Settings
from bot.installation.manifest import SCOPES
from bot.installation.pages import InstallPages
from bot.installation.token_store import StateStore, TokenStore
from bot.installation.workspaces import INSTALL, REDIRECT, Installed
from db.database import Database
from handlers.auth.membership import MemberDirectory
from handlers.auth.permissions import AccessLevel
from handlers.context import Actor
from handlers.i18n.translator import Translator
from handlers.installation.pages import NOT_INSTALLED

LOG = logging.getLogger(__name__)
AUTHORIZE = "https://slack.com/oauth/v2/authorize"


@dataclass(frozen=True, slots=True)
class InstalledWorkspaces:
    """Workspaces that have installed the bot, read anew each time since other processes write; ``client`` has no token."""

    settings: Settings
    database: Database
    store: TokenStore
    client: WebClient
    standings: MemberDirectory

    def teams(self) -> list[str]:
        return self.store.teams()

    def client_for(self, team_id: str) -> WebClient:
        bot = self.store.of(team_id)
        if bot is None:
            raise LookupError(f"workspace {team_id} has not installed the bot")
        client = copy.copy(self.client)
        client.token = bot.bot_token
        return client

    def members_of(self, team_id: str, listed: frozenset[str]) -> frozenset[str]:
        """Return the listed users of one workspace: AID_ADMINS lists people of all, and Slack knows which is whose."""
        try:
            client = self.client_for(team_id)
        except LookupError:
            return listed
        return frozenset(
            user_id
            for user_id in listed
            if self.standings.ever(client, Actor(team_id, user_id)).access_level is not AccessLevel.STRANGER
        )

    def for_bolt(self, installed: Installed) -> dict[str, object]:
        settings = self.settings
        oauth = OAuthSettings(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            scopes=list(SCOPES),
            user_scopes=[],
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            install_page_rendering_enabled=False,
            authorization_url=AUTHORIZE
            if settings.api_url == SLACK
            else urljoin(settings.api_url, "/oauth/v2/authorize"),
            callback_options=InstallPages(settings.language).options(),
            installation_store=self.store,
            installation_store_bot_only=True,
            state_store=StateStore(self.database),
        )
        return {
            "client": self.client,
            "authorize": StoredTokenAuthorize(self.store),
            "oauth_flow": InstallFlow(oauth, self.client, installed),
            "user_facing_authorize_error_message": Translator(settings.language).plain(NOT_INSTALLED),
        }

    def forget(self, team_id: str, told_at: datetime) -> None:
        self.store.forget(team_id, told_at)


def installed_workspaces(
    settings: Settings, database: Database, client: WebClient, standings: MemberDirectory
) -> InstalledWorkspaces:
    """Return the installed workspaces; ``client`` has no token. Raises AidError if a stored token cannot be read."""
    store = TokenStore(database, settings, standings.clock)
    store.reencrypt()
    if not store.teams():
        LOG.warning("no workspace has installed the bot yet: open %s at the address that Slack reaches", INSTALL)
    return InstalledWorkspaces(settings, database, store, client, standings)


class StoredTokenAuthorize(Authorize):
    """Authorization with the stored token of the request's workspace, without a call to Slack."""

    def __init__(self, store: TokenStore) -> None:
        self._store = store

    def __call__(self, *, team_id: str | None, user_id: str | None, **_: object) -> AuthorizeResult | None:
        bot = self._store.of(team_id) if team_id else None
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=bot.enterprise_id,
            team_id=bot.team_id,
            team=bot.team_name,
            bot_user_id=bot.bot_user_id,
            bot_id=bot.bot_id,
            bot_token=bot.bot_token,
            bot_scopes=bot.bot_scopes,
            user_id=user_id,
        )


class InstallFlow(OAuthFlow):
    """Bolt's installation flow, without parameters from the URL and robust against network errors."""

    def __init__(self, settings: OAuthSettings, client: WebClient, installed: Installed) -> None:
        super().__init__(client=client, settings=settings)
        self._installed = installed

    def build_authorize_url(self, state: str, request: BoltRequest) -> str:  # noqa: ARG002
        return str(self.settings.authorize_url_generator.generate(state=state))

    def run_installation(self, code: str) -> Installation | None:
        try:
            return super().run_installation(code)
        except (SlackClientError, OSError, HTTPException):
            LOG.exception("the result of an installation could not be read from Slack")
            return None

    def store_installation(self, request: BoltRequest, installation: Installation) -> None:
        super().store_installation(request, installation)
        self._installed(str(installation.team_id))
