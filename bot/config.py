"""Configuration from the environment (``.env.example`` explains each setting); all problems are reported at once."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapidfuzz.process import extractOne
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from db.domain.code_lists import code_lists
from handlers.context import NO_REPORTER, ReportingOrganisation
from handlers.i18n.translator import LANGUAGES

SLACK = "https://slack.com/api/"
SQLITE = "sqlite:///aid-status.db"
KEY_BYTES = 32
PORT, MOST_PORT = "3000", 65535
TOKEN = re.compile(r"\bx(ox[a-z]|app)-\w\S*")

# IATI's rules 1.14.8 and 1.14.13: a country or an X code, a list of organisations there, and none of / & | ?
_REPORTER = re.compile(
    r"(?P<ref>[A-Z]{2}(?:_[A-Z]{2})?-[A-Z0-9_]+-[^\s/&|?]+)\s+(?P<type_code>[0-9]{2})\s+(?P<name>\S.*)"
)

# settings whose names begin so are the bot's alone, and a misspelt one would be passed over
OWN_PREFIX = "AID"
OWN = ("AID_ADMINS", "AID_LANGUAGE", "AID_TIMEZONE", "AID_IATI_ORG", "AID_TOKEN_KEY", "AID_WORKSPACES")
SEVERAL = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "AID_TOKEN_KEY")
UNSUITABLE = (
    "SLACK_BOT_TOKEN is missing or does not begin with xoxb-. Copy it from your Slack app's page “OAuth & Permissions”."
)


class BadSettings(Exception):
    """Invalid configuration, with one sentence for each problem."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = [TOKEN.sub("(a Slack token)", each) for each in problems]
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Settings:
    """Configuration from the environment. Without ``app_token`` the bot serves Slack over HTTP.

    With ``client_id`` each workspace installs the bot itself; ``token_keys`` are then Fernet keys, the first of which
    encrypts, and ``bot_token`` is empty. ``workspaces`` are the ids of those that may install it; empty: any.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    token_keys: tuple[str, ...] = field(repr=False)
    workspaces: frozenset[str]
    api_url: str
    database_url: str = field(repr=False)
    admins: frozenset[str]
    language: str
    timezone: ZoneInfo
    host: str
    port: int
    health_port: int
    log_format: str
    reporter: ReportingOrganisation

    @property
    def socket_mode(self) -> bool:
        return bool(self.app_token)

    @property
    def several_workspaces(self) -> bool:
        return bool(self.client_id)


def load_settings(environment: Mapping[str, str], *, slack: bool) -> Settings:
    """Read the settings; ``slack`` requires those that only ``run`` needs. Raises BadSettings."""
    read = {name: value.strip() for name, value in environment.items() if value.strip()}
    problems = [*(_slack_problems(read) if slack else []), *_problems(read)]
    if problems:
        raise BadSettings(problems)
    return Settings(
        bot_token=read.get("SLACK_BOT_TOKEN", ""),
        app_token=read.get("SLACK_APP_TOKEN", ""),
        signing_secret=read.get("SLACK_SIGNING_SECRET", ""),
        client_id=read.get("SLACK_CLIENT_ID", ""),
        client_secret=read.get("SLACK_CLIENT_SECRET", ""),
        token_keys=tuple(_split_list(read, "AID_TOKEN_KEY")),
        workspaces=frozenset(_split_list(read, "AID_WORKSPACES")),
        api_url=read.get("SLACK_API_URL", SLACK).rstrip("/") + "/",
        database_url=read.get("DATABASE_URL", SQLITE),
        admins=frozenset(_split_list(read, "AID_ADMINS")),
        language=read.get("AID_LANGUAGE", LANGUAGES[0]),
        timezone=ZoneInfo(read.get("AID_TIMEZONE", "UTC")),
        host=read.get("HOST", "127.0.0.1"),
        port=int(read.get("PORT", PORT)),
        health_port=_health_port(read),
        log_format=read.get("LOG_FORMAT", "text"),
        reporter=_reporter(read.get("AID_IATI_ORG", "")) or NO_REPORTER,
    )


def _slack_problems(read: Mapping[str, str]) -> list[str]:
    app_token = read.get("SLACK_APP_TOKEN", "")
    if app_token.startswith("xoxb-") and read.get("SLACK_BOT_TOKEN", "").startswith("xapp-"):
        return [
            "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped: the bot token begins with xoxb-, the app token with xapp-."
        ]
    problems = _workspace_problems(read)
    if app_token and not app_token.startswith("xapp-"):
        problems.append(
            "SLACK_APP_TOKEN does not begin with xapp-. Copy it from “Basic Information”, App-Level Tokens."
        )
    if not app_token and not read.get("SLACK_SIGNING_SECRET"):
        problems.append(
            "Neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set. Set one of them."
        )
    return problems


def _workspace_problems(read: Mapping[str, str]) -> list[str]:
    """Check that one workspace has its token in the settings, or that the three settings for several are all there."""
    present = [name for name in SEVERAL if name in read]
    token = read.get("SLACK_BOT_TOKEN", "")
    if not present:
        return [] if token.startswith("xoxb-") else [UNSUITABLE]
    problems = []
    if missing := [name for name in SEVERAL if name not in read]:
        problems.append(
            f"{' and '.join(present)} {'is' if len(present) == 1 else 'are'} set without {' and '.join(missing)}. Several "
            "workspaces need all three, one workspace none of them: docs/workspaces.md."
        )
    elif token:
        problems.append(
            "SLACK_BOT_TOKEN is set beside SLACK_CLIENT_ID and the like. With several workspaces each has a token of its "
            "own: take it out, and install the bot to that workspace too, at /slack/install."
        )
    if not all(_is_key(each) for each in _split_list(read, "AID_TOKEN_KEY")):
        problems.append(
            'AID_TOKEN_KEY is not a key, or several separated by commas. One is made by python -c "from '
            'cryptography.fernet import Fernet; print(Fernet.generate_key().decode())".'
        )
    return problems


def _is_key(text: str) -> bool:
    return _reads(base64.urlsafe_b64decode, text) and len(base64.urlsafe_b64decode(text)) == KEY_BYTES


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except (ValueError, OSError, ArgumentError, ZoneInfoNotFoundError):
        return False
    return True


def _problems(read: Mapping[str, str]) -> list[str]:
    problems = [
        f"{name} is no setting. Did you mean {extractOne(name, OWN)[0]}? .env.example lists them all."
        for name in sorted(read)
        if name.partition("_")[0] == OWN_PREFIX and name not in OWN
    ]
    if read.get("AID_LANGUAGE", LANGUAGES[0]) not in LANGUAGES:
        problems.append(f"AID_LANGUAGE is “{read['AID_LANGUAGE']}”; it takes {' or '.join(LANGUAGES)}.")
    malformed = [each for each in _split_list(read, "AID_ADMINS") if not re.fullmatch(r"[UW][A-Z0-9]{1,20}", each)]
    if malformed:
        problems.append(
            f"AID_ADMINS takes Slack user ids such as U012AB3CD (a profile's menu, “Copy member ID”), not "
            f"{', '.join(malformed)}."
        )
    if odd := [each for each in _split_list(read, "AID_WORKSPACES") if not re.fullmatch(r"T[A-Z0-9]{1,20}", each)]:
        problems.append(
            f"AID_WORKSPACES takes ids of workspaces such as T012AB3CD (as in Slack’s address in a browser), not "
            f"{', '.join(odd)}."
        )
    if not _reads(ZoneInfo, read.get("AID_TIMEZONE", "UTC")):
        problems.append(f"AID_TIMEZONE is “{read['AID_TIMEZONE']}”, which is no time zone. Write one like Asia/Seoul.")
    if "AID_IATI_ORG" in read and _reporter(read["AID_IATI_ORG"]) is None:
        problems.append(
            f"AID_IATI_ORG is “{read['AID_IATI_ORG']}”; it takes an identifier that begins with a code of org-id.guide, "
            "IATI's organisation type and the name, such as XE-EXAMPLE-1 21 Example Relief."
        )
    problems += [
        f"{name} is “{read[name]}”; it takes a number up to {MOST_PORT}."
        for name in ("PORT", "HEALTH_PORT")
        if name in read and not (read[name].isascii() and read[name].isdigit() and int(read[name]) <= MOST_PORT)
    ]
    if read.get("LOG_FORMAT", "text") not in {"text", "json"}:
        problems.append(f"LOG_FORMAT is “{read['LOG_FORMAT']}”; it takes text or json.")
    database = read.get("DATABASE_URL", SQLITE)
    if not (_reads(make_url, database) and database.startswith(("sqlite:///", "postgresql+psycopg://"))):
        problems.append("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    if not read.get("SLACK_API_URL", SLACK).startswith(("http://", "https://")):
        problems.append("SLACK_API_URL must begin with https:// (or http:// for a Slack emulator).")
    return problems


def _health_port(read: Mapping[str, str]) -> int:
    """Return the port as set; else that of PORT, or the next one where Slack or a browser is answered there."""
    port = int(read.get("PORT", PORT))
    taken = port and ("SLACK_APP_TOKEN" not in read or "SLACK_CLIENT_ID" in read)
    return int(read.get("HEALTH_PORT", min(port + 1, MOST_PORT) if taken else port))


def _reporter(text: str) -> ReportingOrganisation | None:
    match = _REPORTER.fullmatch(text)
    if match is None or match["type_code"] not in code_lists()["organisation_type"]:
        return None
    return ReportingOrganisation(**match.groupdict())


def _split_list(read: Mapping[str, str], name: str) -> list[str]:
    return read.get(name, "").replace(",", " ").split()
