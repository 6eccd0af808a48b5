"""The way from *install* to a token, as a browser and Slack walk it; and where it ends in words."""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.installation.manifest import SCOPES
from bot.slack_emulator import Fault
from tests.support.harness import run_bot
from tests.support.two_workspaces import FIRST, SECOND, Both, Browser, open_both, query


@pytest.fixture
def both(seeded_url: str) -> Iterator[Both]:
    with open_both(seeded_url) as running:
        yield running


def test_slack_is_asked_for_the_scopes_of_the_manifest_and_for_nothing_else(both: Both) -> None:
    page = Browser().get(f"{both.url}/slack/install?team=T9&redirect_uri=https://evil.example")

    assert page.where.startswith(f"{both.server.url}/oauth/v2/authorize?")
    asked = query(page.where)
    assert set(asked) - {"user_scope"} == {"state", "client_id", "scope"}
    assert asked["scope"].split(",") == list(SCOPES)
    assert page.headers["set-cookie"].startswith(f"slack-app-oauth-state={asked['state']}; Secure; HttpOnly")


def test_a_bot_that_nobody_has_installed_yet_is_ready(both: Both) -> None:
    assert both.bot.workspaces.teams() == []
    assert Browser().get(f"{both.url}/readyz").status == 200
    assert "installation of the bot has ended" in both.admin.types("/aid-status").text


def test_a_beginning_is_good_once_and_in_its_own_browser(both: Both) -> None:
    browser = Browser()
    back = both.allow(browser, both.begin(browser), FIRST)

    elsewhere = Browser().get(back)
    assert (elsewhere.status, "Begin again" in elsewhere.text) == (400, True)
    assert both.bot.workspaces.teams() == []
    assert browser.get(back).status == 200
    assert browser.get(back).status == 401
    assert both.calls_with(both.slack, "oauth.v2.access") == 1
    assert both.bot.workspaces.teams() == [FIRST]


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        ("error=access_denied", 200, "You, or an owner of the workspace, did not allow it."),
        ("error=%3Cb%3Eodd", 200, "Slack says: &lt;b&gt;odd."),
        ("state={state}", 401, "Begin again"),
        ("state={state}&code=wrong", 401, "Slack did not confirm it."),
        ("state=other&code=wrong", 400, "Begin again"),
        ("", 400, "Begin again"),
    ],
)
def test_what_goes_wrong_is_a_page_in_words(both: Both, said: str, status: int, sentence: str) -> None:
    browser = Browser()
    form = both.begin(browser)
    page = browser.get(f"{both.url}/slack/oauth_redirect?{said.format(**form)}")

    assert page.status == status
    assert sentence in page.text
    assert 'href="/slack/install"' in page.text
    assert both.bot.workspaces.teams() == []
    browser.language = "fr, ko;q=0.5"
    assert "설치되지 않았습니다" in browser.get(f"{both.url}/slack/oauth_redirect?error=access_denied").text


def test_a_silent_slack_and_a_wrong_secret_are_said_too(both: Both, caplog: pytest.LogCaptureFixture) -> None:
    both.directory.client_secret = "another"
    assert "Slack did not confirm it." in both.install(FIRST).text
    assert "bad_client_secret" in caplog.text
    both.directory.client_secret = both.settings.client_secret
    both.slack.faults.add("auth.test", Fault.drop_before())
    assert "Slack did not confirm it." in both.install(FIRST).text
    assert both.bot.workspaces.teams() == []
    assert both.install(FIRST).status == 200


def test_an_organisation_is_refused_in_words(both: Both) -> None:
    both.directory.organisation = True
    page = both.install(FIRST)

    assert page.status == 403
    assert "installed for a whole organisation, and it works for single workspaces" in page.text
    assert both.bot.workspaces.teams() == []


def test_a_workspace_that_is_not_invited_is_told_so(seeded_url: str) -> None:
    with open_both(seeded_url, AID_WORKSPACES=SECOND) as both:
        page = both.install(FIRST)
        assert (page.status, f"Workspace {FIRST} is not among those that may use this bot." in page.text) == (
            403,
            True,
        )
        assert both.install(SECOND).status == 200
        assert both.bot.workspaces.teams() == [SECOND]


def test_no_token_code_or_secret_stands_in_the_database_the_log_or_a_page(
    both: Both, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    shown = both.install(FIRST).text + both.install(SECOND).text
    both.admin.types("/aid-update GG-1 note hello")
    both.alerts()

    file = Path(str(make_url(both.settings.database_url).database))
    found = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    secrets = {*both.tokens(), both.settings.client_secret, *both.settings.token_keys}
    assert f"installed to workspace {FIRST} by U0ADMIN" in caplog.text
    for secret in secrets:
        assert secret not in caplog.text + shown + repr(both.settings)
        assert secret.encode() not in found
    assert b"xoxb-" not in found


def test_one_workspace_has_no_such_pages(seeded_url: str) -> None:
    with run_bot(seeded_url, "signed HTTP") as harness:
        assert harness.serving
        for path in ("/slack/install", "/slack/oauth_redirect"):
            connection = HTTPConnection("127.0.0.1", harness.serving.port, timeout=10)
            connection.request("GET", path)
            assert connection.getresponse().status == 404
            connection.close()
        app = harness.bot.app
        assert app.oauth_flow is None
