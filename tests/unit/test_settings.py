"""Settings from the environment: defaults, and all problems reported at once."""

import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.config import BadSettings, load_settings
from handlers.context import ReportingOrganisation

SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
HTTP = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret"}
SIGNED = {"SLACK_SIGNING_SECRET": "secret"}
EXPECTED = (
    "an identifier that begins with a code of org-id.guide, IATI's organisation type and the name, such as "
    "XE-EXAMPLE-1 21 Example Relief."
)
NO_REPORTERS = ("Example Relief", "XE-EXAMPLE-1 21", "XE-EXAMPLE-1 20 Relief", "XE-A-1/2 21 Relief", "1-A-2 21 R")
DATABASES = "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://."
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
SEVERAL = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "client", "AID_TOKEN_KEY": KEY}


def problems(environment: dict[str, str], *, slack: bool = True) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        load_settings(environment, slack=slack)
    return caught.value.problems


def test_settings_without_environment_use_defaults() -> None:
    settings = load_settings({}, slack=False)

    assert settings.database_url == "sqlite:///aid-status.db"
    assert settings.api_url == "https://slack.com/api/"
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert (settings.language, settings.timezone, settings.log_format) == ("en", ZoneInfo("UTC"), "text")
    assert settings.admins == frozenset()


def test_empty_setting_counts_as_not_set() -> None:
    assert load_settings(
        {"PORT": " ", "DATABASE_URL": "", "AID_LANGUAGE": "", "AID_TIMEZONE": "  "}, slack=False
    ) == load_settings({}, slack=False)


@pytest.mark.parametrize(("environment", "socket_mode"), [(SOCKET, True), (HTTP, False), ({**SOCKET, **HTTP}, True)])
def test_app_token_selects_socket_mode(environment: dict[str, str], socket_mode: bool) -> None:
    assert load_settings(environment, slack=True).socket_mode is socket_mode


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        (SOCKET, 3000),
        ({**SOCKET, "PORT": "0"}, 0),
        ({**HTTP, "PORT": "4000"}, 4001),
        ({**SOCKET, "SLACK_CLIENT_ID": "1.2"}, 3001),
        ({**HTTP, "HEALTH_PORT": "9"}, 9),
    ],
)
def test_health_has_a_port_of_its_own(environment: dict[str, str], port: int) -> None:
    assert load_settings(environment, slack=False).health_port == port


@pytest.mark.parametrize("text", ["U1,U2", "U1, U2", "U1 U2", " U1 ,, U2 ,"])
def test_admins_are_separated_by_commas_or_blanks(text: str) -> None:
    assert load_settings({"AID_ADMINS": text}, slack=False).admins == {"U1", "U2"}


@pytest.mark.parametrize("ref", ["XE-EXAMPLE-1", "KR-BRN-123-45-67890", "CA_ON-ONT-7", "XM-DAC-41122"])
def test_reporter_is_an_identifier_a_type_and_a_name(ref: str) -> None:
    settings = load_settings({"AID_IATI_ORG": f"{ref} 11 Gyeonggi Province"}, slack=False)
    assert settings.reporter == ReportingOrganisation(ref, "11", "Gyeonggi Province")


def test_api_address_gets_a_final_slash() -> None:
    assert load_settings({"SLACK_API_URL": "http://127.0.0.1:9/api"}, slack=False).api_url == "http://127.0.0.1:9/api/"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("AID_LANGUAGE", "fr", "AID_LANGUAGE is “fr”; it takes en or ko."),
        ("AID_TIMEZONE", "Seoul", "AID_TIMEZONE is “Seoul”, which is no time zone. Write one like Asia/Seoul."),
        ("AID_TIMEZONE", "../etc", "AID_TIMEZONE is “../etc”, which is no time zone. Write one like Asia/Seoul."),
        *(("AID_IATI_ORG", wrong, f"AID_IATI_ORG is “{wrong}”; it takes {EXPECTED}") for wrong in NO_REPORTERS),
        *(
            ("PORT", wrong, f"PORT is “{wrong}”; it takes a number up to 65535.")
            for wrong in ("web", "70000", "-1", "²")
        ),
        ("LOG_FORMAT", "xml", "LOG_FORMAT is “xml”; it takes text or json."),
        *(("DATABASE_URL", wrong, DATABASES) for wrong in ("mysql://x", "aid.db", "postgresql+psycopg://u@h:port/x")),
        (
            "AID_WORKSPACES",
            "T1, aid-circle",
            "AID_WORKSPACES takes ids of workspaces such as T012AB3CD (as in Slack’s address in a browser), not aid-circle.",
        ),
        ("AID_LANGAUGE", "ko", "AID_LANGAUGE is no setting. Did you mean AID_LANGUAGE? .env.example lists them all."),
        ("SLACK_API_URL", "slack.com", "SLACK_API_URL must begin with https:// (or http:// for a Slack emulator)."),
    ],
)
def test_invalid_setting_is_reported(name: str, value: str, sentence: str) -> None:
    assert problems({**SOCKET, name: value}) == [sentence]
    assert problems({name: value}, slack=False) == [sentence]


def test_all_invalid_settings_are_reported_at_once() -> None:
    wrong = {"AID_LANGUAGE": "fr", "PORT": "x", "LOG_FORMAT": "y", "AID_TIMEZONE": "z"}
    reported = problems({"SLACK_BOT_TOKEN": "xoxp-1", **wrong})
    names = ["SLACK_BOT_TOKEN", "Neither", "AID_LANGUAGE", "AID_TIMEZONE", "PORT", "LOG_FORMAT"]
    assert [each.split()[0] for each in reported] == names


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"SLACK_BOT_TOKEN": "xoxb-1"},
            "Neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set.",
        ),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN is missing or does not begin with xoxb-."),
        (
            {"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1"},
            "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped:",
        ),
        ({**SOCKET, "SLACK_APP_TOKEN": "xoxb-2"}, "SLACK_APP_TOKEN does not begin with xapp-."),
    ],
)
def test_slack_settings_are_required_only_for_slack(environment: dict[str, str], sentence: str) -> None:
    (problem,) = problems(environment)
    assert problem.startswith(sentence)
    load_settings(environment, slack=False)


@pytest.mark.parametrize("way", [{"SLACK_APP_TOKEN": "xapp-1"}, {"SLACK_SIGNING_SECRET": "secret"}])
def test_several_workspaces_require_no_token(way: dict[str, str]) -> None:
    settings = load_settings({**SEVERAL, **way}, slack=True)

    assert settings.several_workspaces
    assert settings.token_keys == (KEY,)
    assert not load_settings(SOCKET, slack=True).several_workspaces


def test_token_key_accepts_a_second_key() -> None:
    assert load_settings({**SEVERAL, **SIGNED, "AID_TOKEN_KEY": f"{KEY}, {KEY}"}, slack=True).token_keys == (KEY, KEY)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"SLACK_CLIENT_ID": "1.2"},
            "SLACK_CLIENT_ID is set without SLACK_CLIENT_SECRET and AID_TOKEN_KEY. Several workspaces need all three,",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxb-1", "AID_TOKEN_KEY": KEY},
            "AID_TOKEN_KEY is set without SLACK_CLIENT_ID and SLACK_CLIENT_SECRET.",
        ),
        ({**SEVERAL, "AID_TOKEN_KEY": ""}, "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set without AID_TOKEN_KEY."),
        ({**SEVERAL, "SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN is set beside SLACK_CLIENT_ID and the like."),
        ({**SEVERAL, "AID_TOKEN_KEY": "password"}, "AID_TOKEN_KEY is not a key, or several separated by commas."),
        ({**SEVERAL, "AID_TOKEN_KEY": f"{KEY},열쇠"}, "AID_TOKEN_KEY is not a key, or several separated by commas."),
    ],
)
def test_conflicting_multi_workspace_settings_are_reported(environment: dict[str, str], sentence: str) -> None:
    (problem,) = problems({**SIGNED, **environment})
    assert problem.startswith(sentence)
    load_settings(environment, slack=False)


def test_documented_key_command_makes_a_key() -> None:
    """Run the command that the sentence about a wrong key names."""
    (problem,) = problems({**SEVERAL, **SIGNED, "AID_TOKEN_KEY": "password"})
    code = problem.partition('-c "')[2].partition('"')[0]
    key = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert load_settings({**SEVERAL, **SIGNED, "AID_TOKEN_KEY": key}, slack=True).token_keys == (key,)


def test_settings_errors_contain_no_secret() -> None:
    secret = {
        "SLACK_BOT_TOKEN": "xoxp-secret",
        "SLACK_APP_TOKEN": "xoxb-secret",
        "DATABASE_URL": "postgres://u:secret@h/x",
    }
    reported = " ".join(problems(secret))
    assert "secret" not in reported


def test_env_example_explains_each_setting_and_loads() -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    names = [line.partition("=")[0] for line in example.splitlines() if line and not line.startswith("#")]

    assert " ".join(names) == (
        "SLACK_BOT_TOKEN SLACK_APP_TOKEN SLACK_SIGNING_SECRET SLACK_CLIENT_ID SLACK_CLIENT_SECRET AID_TOKEN_KEY"
        " AID_WORKSPACES SLACK_API_URL DATABASE_URL AID_ADMINS AID_LANGUAGE AID_TIMEZONE AID_IATI_ORG HOST PORT"
        " HEALTH_PORT LOG_FORMAT"
    )
    load_settings(dict.fromkeys(names, "") | SOCKET, slack=True)
