"""Token store on both databases: encrypted tokens, one installation per workspace, states valid once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import MetaData, Table, func, select, text

from bot.config import load_settings
from bot.installation.token_store import StateStore, TokenStore, WorkspaceNotAllowed
from db.database import Database
from db.errors import AidError
from db.installation_tables import BOTS, INSTALLATIONS, STATES, TOKENS, WORKSPACE_TABLES
from db.maintenance.backup import backup
from db.maintenance.json_snapshot import read_record, write_snapshot
from db.models import Base

NOW = datetime(2026, 2, 10, 15, 0, 30, 500_000, tzinfo=UTC)
KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))
LONGEST = "xoxb-" + "9" * 250
"""Longer than any that Slack gives, and too long for the stores' own columns once it is encrypted."""


def store_of(
    database: Database, *keys: str, clock: Any = None, client_id: str = "1.2", invited: str = ""
) -> TokenStore:
    environment = {"SLACK_CLIENT_ID": client_id, "AID_TOKEN_KEY": ",".join(keys or (KEY,)), "AID_WORKSPACES": invited}
    return TokenStore(database, load_settings(environment, slack=False), clock or (lambda: NOW))


def installation(team: str | None, token: str = "xoxb-1-secret", **more: Any) -> Installation:
    named = {"app_id": "A1", "team_name": "A team", "bot_id": "B1", "bot_user_id": "U1BOT", "user_id": "U1"}
    return Installation(team_id=team, bot_token=token, **named, **more)


def rows(database: Database, name: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        return [dict(row) for row in session.execute(select(Base.metadata.tables[name])).mappings()]


def test_tables_have_every_column_of_slack_sdk() -> None:
    """Fail if a new version of slack_sdk writes a column that the tables lack."""
    theirs = MetaData()
    tables = (
        SQLAlchemyInstallationStore.build_bots_table(theirs, BOTS),
        SQLAlchemyInstallationStore.build_installations_table(theirs, INSTALLATIONS),
        SQLAlchemyOAuthStateStore.build_oauth_states_table(theirs, STATES),
    )

    def described(table: Table) -> dict[str, tuple[bool, bool]]:
        return {column.name: (bool(column.nullable), column.primary_key) for column in table.c}

    for table in tables:
        assert described(table) == described(Base.metadata.tables[table.name])
    names = {column.name for table in tables for column in table.c}
    assert {name for name in names if re.search("token$|webhook_url", name)} == set(TOKENS)


def test_token_round_trips_and_is_stored_encrypted(database: Database) -> None:
    store = store_of(database)
    webhook = "https://hooks.example.org/secret"
    store.save(installation("T1", LONGEST, user_token="xoxp-secret", incoming_webhook_url=webhook))

    bot = store.of("T1")
    assert (bot.bot_token, bot.team_id, bot.bot_user_id) == (LONGEST, "T1", "U1BOT")
    whole = store.find_installation(enterprise_id=None, team_id="T1")
    assert (whole.bot_token, whole.user_token, whole.incoming_webhook_url) == (LONGEST, "xoxp-secret", webhook)
    stored = repr([rows(database, name) for name in WORKSPACE_TABLES])
    assert "T1" in stored
    assert not re.search(r"xox[bp]-|99999|hooks\.", stored)


def test_database_backup_and_export_contain_no_token(database: Database, tmp_path: Path) -> None:
    store_of(database).save(installation("T1", LONGEST))
    backup(database, tmp_path / "copy.db")
    write_snapshot(database, tmp_path / "record.json")

    for file in tmp_path.iterdir():
        assert b"xoxb-" not in file.read_bytes(), file
    copy = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    restored = store_of(copy).of("T1")  # a backup is whole: with the key it works on
    assert restored.bot_token == LONGEST
    copy.close()
    exported = (tmp_path / "record.json").read_text(encoding="utf-8")
    assert not [name for name in WORKSPACE_TABLES if f'"{name}"' in exported]
    assert rows(database, BOTS)[0]["bot_token"] not in exported


def test_restore_keeps_the_installations_of_the_target(database: Database, tmp_path: Path) -> None:
    store_of(database).save(installation("T1"))
    write_snapshot(database, tmp_path / "record.json")
    read_record(database, tmp_path / "record.json")
    assert store_of(database).teams() == ["T1"]


def test_reinstall_replaces_the_installation(database: Database) -> None:
    now = [NOW]
    store = store_of(database, clock=lambda: now[0])
    for number, team in enumerate(["T1", "T2", "T1", "T1"]):
        now[0] += timedelta(seconds=number)
        store.save(installation(team, f"xoxb-{number}", enterprise_id="E1" if number == 3 else None))

    assert store.teams() == ["T1", "T2"]
    assert [getattr(store.of(team), "bot_token", None) for team in ("T1", "T2")] == ["xoxb-3", "xoxb-1"]
    assert [len(rows(database, name)) for name in (BOTS, INSTALLATIONS)] == [2, 2]
    assert store_of(database).teams() == ["T1", "T2"]  # another process knows at once
    assert store_of(database, client_id="3.4").teams() == []  # another app has none of it


def test_only_invited_workspaces_may_install_and_stay(database: Database) -> None:
    for team in ("T1", "T2"):
        store_of(database).save(installation(team))
    store = store_of(database, invited="T2, T3")

    assert store.teams() == ["T2"]
    assert store.of("T1") is None
    with pytest.raises(WorkspaceNotAllowed, match="T1"):
        store.save(installation("T1"))
    store.save(installation("T3"))
    assert store.teams() == ["T2", "T3"]
    assert store_of(database).teams() == ["T1", "T2", "T3"]
    assert store.forget("T1", NOW)  # who leaves leaves nothing behind, invited or not
    assert store_of(database).teams() == ["T2", "T3"]


@pytest.mark.parametrize(
    ("late", "forgotten"),
    [(timedelta(minutes=-5), False), (timedelta(microseconds=-500_000), True), (timedelta(0), True)],
)
def test_events_before_the_last_install_are_ignored(database: Database, late: timedelta, forgotten: bool) -> None:
    """Slack's event times are whole seconds, and it repeats events that were not acknowledged."""
    store = store_of(database)
    for team in ("T1", "T2"):
        store.save(installation(team, enterprise_id="E1"))

    assert store.forget("T1", NOW + late) is forgotten
    assert store.teams() == (["T2"] if forgotten else ["T1", "T2"])
    assert len(rows(database, INSTALLATIONS)) == (1 if forgotten else 2)
    assert store.forget("T3", NOW) is False


def test_key_rotation_reencrypts_tokens(database: Database) -> None:
    store_of(database, KEY).save(installation("T1", user_token="xoxp-secret"))
    both = store_of(database, OTHER_KEY, KEY)
    before = rows(database, BOTS)[0]["bot_token"]
    both.reencrypt()

    assert rows(database, BOTS)[0]["bot_token"] != before
    bot_installation = store_of(database, OTHER_KEY).find_installation(enterprise_id=None, team_id="T1")
    assert (bot_installation.bot_token, bot_installation.user_token) == ("xoxb-1-secret", "xoxp-secret")


def test_wrong_key_is_one_sentence_and_changes_nothing(database: Database) -> None:
    store_of(database, KEY).save(installation("T1"))
    before = rows(database, BOTS)
    wrong = store_of(database, OTHER_KEY)
    for action in (wrong.reencrypt, lambda: wrong.of("T1")):
        with pytest.raises(AidError, match=r"cannot be read with AID_TOKEN_KEY\. Put the key back"):
            action()
    assert rows(database, BOTS) == before


def test_oauth_state_is_consumed_once_concurrently(database: Database) -> None:
    store = StateStore(database)
    states = [store.issue() for _ in range(5)]
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(store.consume, states * 4))
    assert sum(results) == 5
    assert store.consume("never issued") is False


def test_expired_oauth_states_are_rejected_and_deleted(database: Database) -> None:
    store = StateStore(database)
    old = store.issue()
    with database.writing() as session:
        session.execute(text(f"UPDATE {STATES} SET expire_at = '2026-01-01 00:00:00'"))
    assert store.consume(old) is False
    store.issue()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Base.metadata.tables[STATES])) == 1
