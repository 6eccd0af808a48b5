"""OAuth installation through a browser: from the install page to a token, and its error pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.installation.manifest import SCOPES
from bot.slack_emulator import Fault
from tests.support.harness import BotHarness
from tests.support.two_workspaces import FIRST, SECOND, Browser, TwoWorkspaces, open_both, query


@pytest.fixture
def both(seeded_url: str) -> Iterator[TwoWorkspaces]:
    with open_both(seeded_url) as running:
        yield running


@pytest.fixture(scope="module")
def installing(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoWorkspaces]:
    """Run one bot for what installs nothing."""
    path = shutil.copy(seeded_file, tmp_path_factory.mktemp("installing") / "aid.db")
    with open_both(f"sqlite:///{path}") as running:
        yield running


def test_install_requests_only_the_scopes_of_the_manifest(both: TwoWorkspaces) -> None:
    page = Browser().get(f"{both.url}/slack/install?team=T9&redirect_uri=https://evil.example")

    assert page.headers["location"].startswith(f"{both.server.url}/oauth/v2/authorize?")
    parameters = query(page.headers["location"])
    assert set(parameters) - {"user_scope"} == {"state", "client_id", "scope"}
    assert parameters["scope"].split(",") == list(SCOPES)
    assert page.headers["set-cookie"].startswith(f"slack-app-oauth-state={parameters['state']}; Secure; HttpOnly")


def test_bot_without_installations_is_ready(both: TwoWorkspaces) -> None:
    assert both.bot.workspaces.teams() == []
    assert both.call("/readyz").status == 200
    assert "the bot is no longer installed" in both.admin.types("/aid-status").text


def test_install_state_is_valid_once_in_its_browser(both: TwoWorkspaces) -> None:
    browser = Browser()
    back = both.allow(browser, both.begin(browser), FIRST)

    elsewhere = Browser().get(back)
    assert (elsewhere.status, "Start again" in elsewhere.text) == (400, True)
    assert both.bot.workspaces.teams() == []
    assert browser.get(back).status == 200
    assert browser.get(back).status == 401
    assert len(both.slack.calls("oauth.v2.access")) == 1
    assert both.bot.workspaces.teams() == [FIRST]


@pytest.mark.parametrize(
    ("parameters", "status", "sentence"),
    [
        ("error=access_denied", 200, "You or a workspace owner did not approve the app."),
        ("error=%3Cb%3Eodd", 200, "Slack gave a reason that I don&#x27;t know."),
        ("state={state}", 401, "Start again"),
        ("state={state}&code=wrong", 401, "Slack did not confirm the installation."),
        ("state=other&code=wrong", 400, "Start again"),
        ("", 400, "Start again"),
    ],
)
def test_install_error_is_a_page_in_words(
    installing: TwoWorkspaces, parameters: str, status: int, sentence: str
) -> None:
    browser = Browser()
    form = installing.begin(browser)
    page = browser.get(f"{installing.url}/slack/oauth_redirect?{parameters.format(**form)}")

    assert page.status == status
    assert sentence in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'href="/slack/install"' in page.text
    assert installing.bot.workspaces.teams() == []
    browser.language = "fr, ko;q=0.5"
    assert "설치되지 않았습니다" in browser.get(f"{installing.url}/slack/oauth_redirect?error=access_denied").text


def test_install_reports_wrong_secret_and_silent_slack(both: TwoWorkspaces, caplog: pytest.LogCaptureFixture) -> None:
    both.directory.client_secret = "another"
    assert "Slack did not confirm the installation." in both.install(FIRST).text
    assert "bad_client_secret" in caplog.text
    both.directory.client_secret = both.settings.client_secret
    both.slack.faults.add("auth.test", Fault.drop_before())
    assert "Slack did not confirm the installation." in both.install(FIRST).text
    assert both.bot.workspaces.teams() == []
    assert both.install(FIRST).status == 200


def test_install_for_an_organisation_is_refused(both: TwoWorkspaces) -> None:
    both.directory.organisation = True
    page = both.install(FIRST)

    assert page.status == 403
    assert "it works in single workspaces only" in page.text
    assert both.bot.workspaces.teams() == []


def test_install_to_an_uninvited_workspace_is_refused(seeded_url: str) -> None:
    with open_both(seeded_url, AID_WORKSPACES=SECOND) as both:
        page = both.install(FIRST)
        assert page.status == 403
        assert f"Workspace {FIRST} is not allowed to use this bot." in page.text
        assert both.install(SECOND).status == 200
        assert both.bot.workspaces.teams() == [SECOND]


def test_install_writes_no_secret(both: TwoWorkspaces, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    pages = both.install(FIRST).text + both.install(SECOND).text
    both.admin.types("/aid-update GG-1 note hello")
    both.alerts()

    file = Path(str(make_url(both.settings.database_url).database))
    stored = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    secrets = {*both.tokens(), both.settings.client_secret, *both.settings.token_keys}
    assert f"installed to workspace {FIRST} by U0ADMIN" in caplog.text
    for secret in secrets:
        assert secret not in caplog.text + pages + repr(both.settings)
        assert secret.encode() not in stored
    assert b"xoxb-" not in stored


def test_single_workspace_bot_has_no_install_pages(over_http: BotHarness) -> None:
    assert [over_http.call(path).status for path in ("/slack/install", "/slack/oauth_redirect")] == [404, 404]
    assert over_http.bot.app.oauth_flow is None
