"""Installation store: slack_sdk's stores in the bot's own database, with every token encrypted."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import ColumnElement, Dialect, FromClause, Text, bindparam, delete, select, update
from sqlalchemy.types import TypeDecorator

from bot.config import Settings
from db.database import Database
from db.errors import AidError
from db.installation_tables import BOTS, INSTALLATIONS, STATES, TOKENS

LOG = logging.getLogger(__name__)
STATE_SECONDS = 600  # time to press Allow on Slack's page

WRONG_KEY = (
    "The workspaces' tokens cannot be read with AID_TOKEN_KEY. Put the key back that they were encrypted with, after the "
    "new one and a comma if you want another. If it is lost, empty the tables slack_bots and slack_installations, and "
    "install the bot to each workspace again."
)


class OrgInstallRejected(BoltError):
    """Error: the bot was installed for a whole organisation, which it does not support."""


class WorkspaceNotAllowed(BoltError):
    """Error: the bot was installed to a workspace that AID_WORKSPACES does not list."""


class Encrypted(TypeDecorator[str]):
    """Column type for encrypted text. Reading with a wrong key raises AidError."""

    impl = Text
    cache_ok = True  # statements are cached by table, and a table belongs to one store and its key

    def __init__(self, cipher: MultiFernet) -> None:
        super().__init__()
        self._cipher = cipher

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else self._cipher.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        try:
            return None if value is None else self._cipher.decrypt(value).decode()
        except InvalidToken as error:
            raise AidError(WRONG_KEY) from error


class TokenStore(SQLAlchemyInstallationStore):
    """Newest installation of each workspace that ``settings`` allow. ``clock`` gives aware UTC."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        super().__init__(settings.client_id, database.write_engine, BOTS, INSTALLATIONS)
        self._reading = database.engine
        self._allowed = settings.workspaces
        self._clock = clock
        cipher = MultiFernet([Fernet(key) for key in settings.token_keys])
        for column in (*self.bots.c, *self.installations.c):
            if column.name in TOKENS:
                column.type = Encrypted(cipher)
        of_team = self.bots.select().where(self._ours(self.bots), self.bots.c.team_id == bindparam("team"))
        self._of_team = of_team.order_by(self.bots.c.id.desc()).limit(1)

    def teams(self) -> list[str]:
        query = select(self.bots.c.team_id).distinct().where(self._ours(self.bots)).order_by(self.bots.c.team_id)
        with self._reading.connect() as connection:
            return [team for team in connection.scalars(query) if self._is_allowed(team)]

    def of(self, team_id: str) -> Bot | None:
        """Return the workspace's newest installation or None. Raises AidError if the key is wrong."""
        return self._newest(team_id) if self._is_allowed(team_id) else None

    def _newest(self, team_id: str) -> Bot | None:
        with self._reading.connect() as connection:
            row = connection.execute(self._of_team, {"team": team_id}).mappings().first()
        return None if row is None else self.build_bot_entity(row)

    def save(self, installation: Installation) -> None:
        """Replace the workspace's installation. Raises OrgInstallRejected, WorkspaceNotAllowed."""
        if installation.is_enterprise_install or not installation.team_id:
            raise OrgInstallRejected("installed for a whole organisation")
        if not self._is_allowed(installation.team_id):
            raise WorkspaceNotAllowed(installation.team_id)
        installation.installed_at = self._clock().timestamp()
        super().save(installation)
        with self.engine.begin() as connection:
            for table in (self.bots, self.installations):
                own = (self._ours(table), table.c.team_id == installation.team_id)
                newest = connection.scalar(select(table.c.id).where(*own).order_by(table.c.id.desc()).limit(1))
                connection.execute(delete(table).where(*own, table.c.id != newest))
        LOG.info("installed to workspace %s by %s", installation.team_id, installation.user_id)

    def forget(self, team_id: str, told_at: datetime) -> bool:
        """Delete a workspace's installations. Return False if it has none, or installed the bot again after ``told_at``."""
        bot = self._newest(team_id)
        if bot is None or told_at < datetime.fromtimestamp(int(bot.installed_at), UTC):
            return False
        self.delete_all(enterprise_id=bot.enterprise_id, team_id=team_id)
        LOG.warning("workspace %s has removed the bot; its messages wait until it is installed again", team_id)
        return True

    def reencrypt(self) -> None:
        """Encrypt every token with the first key, so that older keys can be dropped. Raises AidError if no key reads one."""
        with self.engine.begin() as connection:
            for table in (self.bots, self.installations):
                tokens = [column for column in table.c if column.name in TOKENS]
                for row in connection.execute(select(table.c.id, *tokens).where(self._ours(table))).mappings().all():
                    values = {name: value for name, value in row.items() if name != "id"}
                    connection.execute(update(table).where(table.c.id == row["id"]).values(values))

    def _is_allowed(self, team_id: str) -> bool:
        return not self._allowed or team_id in self._allowed

    def _ours(self, table: FromClause) -> ColumnElement[bool]:
        own: ColumnElement[bool] = table.c.client_id == self.client_id
        return own


class StateStore(SQLAlchemyOAuthStateStore):
    """OAuth states of installations in progress. Each is valid once, even for concurrent requests."""

    def __init__(self, database: Database) -> None:
        super().__init__(STATE_SECONDS, database.write_engine, LOG, STATES)

    def issue(self, *more: object, **how: object) -> str:
        with self.engine.begin() as connection:
            connection.execute(delete(self.oauth_states).where(self.oauth_states.c.expire_at <= _now()))
        return str(super().issue(*more, **how))

    def consume(self, state: str) -> bool:
        own = self.oauth_states.c
        with self.engine.begin() as connection:
            deleted = connection.execute(delete(self.oauth_states).where(own.state == state, own.expire_at > _now()))
            return deleted.rowcount == 1


def _now() -> datetime:
    """Return the machine's time as slack_sdk's store keeps it: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
