"""Tokens, the signing secret and the database password appear in no log, answer or page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.config import Settings, load_settings
from bot.slack_emulator import EmulatorServer, Fault, SignedHttp, SlackEmulator, User, demo_workspace
from tests.support.http import call
from tests.support.process import Output, Run, running

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-111canary-bot",
    "SLACK_APP_TOKEN": "xapp-222canary-app",
    "SLACK_SIGNING_SECRET": "333canary-signing",
}
PASSWORD = "444canary-password"
COMMANDS = ("migrate", "seed", "check", "doctor", "manifest", "backup copy.db", "export out.csv", "import none.csv")


def assert_no_secret(text: str) -> None:
    """Assert that a text contains no secret, nor its distinguishing part."""
    lines = [line for line in text.splitlines() if "canary" in line]
    assert not lines, "\n".join(lines)


def assert_only_words(output: Output) -> None:
    assert output.out + output.err
    assert "Traceback" not in output.out + output.err
    assert_no_secret(output.out + output.err)


@pytest.fixture
def slack() -> SlackEmulator:
    slack = demo_workspace()
    slack.store.add_user(User("U0SECOND", "soyeon.kim", "Soyeon Kim"))
    slack.invite("C0GENERAL", "U0SECOND")
    slack.app = replace(
        slack.app,
        bot_token=SECRETS["SLACK_BOT_TOKEN"],
        app_token=SECRETS["SLACK_APP_TOKEN"],
        signing_secret=SECRETS["SLACK_SIGNING_SECRET"],
    )
    return slack


@pytest.fixture
def server(slack: SlackEmulator) -> Iterator[EmulatorServer]:
    with EmulatorServer(slack, page=False) as server:
        yield server


def address_of(database: str, request: pytest.FixtureRequest) -> str:
    if database == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    url = make_url(request.getfixturevalue("postgres_url")).set(password=PASSWORD)
    return url.render_as_string(hide_password=False)


def environment(server: EmulatorServer, way: str, **more: str) -> dict[str, str]:
    unused = "SLACK_APP_TOKEN" if way == "signed HTTP" else "SLACK_SIGNING_SECRET"
    secrets = {name: value for name, value in SECRETS.items() if name != unused}
    return {**secrets, "SLACK_API_URL": server.base_url, "AID_ADMINS": "U0ADMIN", **more}


@pytest.mark.parametrize("how", [("sqlite", "Socket Mode", "text"), ("postgresql", "signed HTTP", "json")])
def test_running_bot_reveals_no_secret(
    slack: SlackEmulator,
    server: EmulatorServer,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    how: tuple[str, str, str],
) -> None:
    """Run commands, refusals, Slack errors, an unexpected error and foreign requests."""
    database, way, form = how
    database_url = address_of(database, request)
    with running(tmp_path, "run", **environment(server, way, DATABASE_URL=database_url, LOG_FORMAT=form)) as process:
        url = "http://127.0.0.1:" + process.wait_for(r"on port (\d+)")
        if way == "signed HTTP":
            slack.delivery = SignedHttp(f"{url}/slack/events", SECRETS["SLACK_SIGNING_SECRET"])
        else:
            server.socket.wait_until_connected()
        answers = [type_all(slack), in_trouble(slack), unforeseen(slack, database_url), *served(url)]
        process.end()
        output = process.output
    assert "unexpected error R-" in output
    assert "refused" in output
    for written in (
        output,
        *answers,
        *(str([each.args, each.answer]) for each in slack.calls() if each.method[:4] != "apps"),
    ):
        assert_no_secret(written)


def type_all(slack: SlackEmulator) -> str:
    lines = ["/aid-status", "/aid-update help", "/aid-update GG-1 note x", "/aid-admin people", "/aid-alerts on"]
    return "\n".join(
        slack.person(user).command(*line.split(" ", 1), channel="#general").text
        for user in ("U0ADMIN", "U0MEMBER")
        for line in [*lines, "/aid-admin delivery", "/aid-alerts test", "/aid-status GG-1"]
    )


def in_trouble(slack: SlackEmulator) -> str:
    answers = []
    for fault in (Fault.error("invalid_auth"), Fault.http(503), Fault.drop_before(), Fault.malformed_before()):
        for method in ("views.open", "chat.postMessage", "users.info"):
            slack.faults.add(method, fault)
        answers.append(slack.person("U0ADMIN").command("/aid-update", channel="#general").text)
        answers.append(slack.person("U0SECOND").command("/aid-update", channel="#general").text)
        slack.person("U0ADMIN").command("/aid-alerts", "test", channel="#general")
    return "\n".join(answers)


def unforeseen(slack: SlackEmulator, url: str) -> str:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE projects RENAME TO projects_gone"))
    answer = slack.person("U0ADMIN").command("/aid-status", "666canary-typed", channel="#general").text
    assert "Something went wrong" in answer
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE projects_gone RENAME TO projects"))
    engine.dispose()
    return answer


def served(url: str) -> Iterator[str]:
    forged = {"X-Slack-Signature": "v0=no", "X-Slack-Request-Timestamp": "1"}
    for path in ("healthz", "readyz", "metrics", "slack/events", ".env"):
        for body in (b"", b"{}", b"payload=%7B%7D"):
            answer = call(f"{url}/{path}", "POST" if body else "GET", body, forged)
            yield f"{answer.headers}{answer.text}"


UNREACHABLE = f"postgresql+psycopg://aid:{PASSWORD}@127.0.0.1:1/aid"
REFUSED = {
    "a bot token that Slack does not know": {"SLACK_BOT_TOKEN": "xoxb-555canary-wrong"},
    "a bot token that is none": {"SLACK_BOT_TOKEN": "555canary-wrong"},
    "an app token that Slack does not know": {"SLACK_APP_TOKEN": "xapp-555canary-wrong"},
    "an app token that is none": {"SLACK_APP_TOKEN": "555canary-wrong"},
    "a database that is not there": {"DATABASE_URL": UNREACHABLE},
    "a database of another kind": {"DATABASE_URL": f"mysql://aid:{PASSWORD}@127.0.0.1/aid"},
    "a database address that cannot be read": {"DATABASE_URL": f"postgresql+psycopg://aid:{PASSWORD}@host:port/aid"},
    "a database address without a scheme": {"DATABASE_URL": f"aid:{PASSWORD}@host/aid"},
    "a port that is none": {"PORT": "none"},
    "a Slack that is not there": {"SLACK_API_URL": "http://127.0.0.1:1/api/"},
    "tokens in the wrong places": {
        "AID_ADMINS": "xoxb-555canary",
        "PORT": "xapp-555canary",
        "LOG_FORMAT": "xoxb-555canary",
    },
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused_start_reveals_no_secret(server: EmulatorServer, run: Run, why: str) -> None:
    output = run("run", **environment(server, "Socket Mode", **{"PORT": "0"} | REFUSED[why]))
    assert output.code == 1
    assert_only_words(output)


@pytest.mark.parametrize("reachable", [True, False])
def test_other_commands_reveal_no_secret(server: EmulatorServer, run: Run, tmp_path: Path, *, reachable: bool) -> None:
    url = f"sqlite:///{tmp_path / 'aid.db'}" if reachable else UNREACHABLE
    for command in COMMANDS:
        assert_only_words(run(*command.split(), **environment(server, "Socket Mode", DATABASE_URL=url)))


def test_settings_repr_has_no_secret() -> None:
    values: dict[str, Any] = {**SECRETS, "DATABASE_URL": UNREACHABLE}
    settings: Settings = load_settings(values, slack=True)
    assert settings.bot_token == SECRETS["SLACK_BOT_TOKEN"]
    assert_no_secret(repr(settings))
