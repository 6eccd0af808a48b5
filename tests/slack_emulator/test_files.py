"""Files: who may see them, and how."""

from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, SlackEmulator
from bot.slack_emulator.payloads import share_files
from tests.slack_emulator.samples import error
from tests.support.http import call

PNG = b"\x89PNG\r\n\x1a\nrest"
EVIL = b"<svg onload=alert(1)>"
GENERAL = "C0GENERAL"


def with_scopes(slack: SlackEmulator, *scopes: str) -> None:
    slack.install({"oauth_config": {"scopes": {"bot": scopes}}})


def fetch(url: str, token: str = "xoxb-emulator") -> tuple[int, str, bytes]:
    answer = call(url, headers={"Authorization": f"Bearer {token}"})
    return answer.status, answer.headers["Content-Type"], answer.data


def test_files_are_for_a_good_token_with_the_scope(client: WebClient, slack: SlackEmulator) -> None:
    theirs = slack.store.files.add("U0ADMIN", "b.txt", b"y")
    assert error(client.files_info, file=theirs.id) == "not_visible"
    slack.store.files.share(theirs, GENERAL)
    url = client.files_info(file=theirs.id)["file"]["url_private"]
    for token in ("", "xoxb-other", "xapp-emulator"):
        assert fetch(url, token)[0] == 302
    with_scopes(slack, "files:write")
    assert (fetch(url)[0], error(client.files_info, file="F1")) == (302, "missing_scope")
    with_scopes(slack, "files:read")
    assert fetch(url.replace(theirs.id, "F404"))[0] == 404
    assert error(client.files_getUploadURLExternal, filename="a", length=1) == "missing_scope"


def test_only_pictures_are_drawn_and_only_for_who_is_there(slack: SlackEmulator, server: EmulatorServer) -> None:
    picked = {"그림 1.png": PNG, "a.html": EVIL, "b.svg": EVIL, "c.png": EVIL, 'd"><b>.gif': EVIL}
    files = [slack.store.files.add("U0ADMIN", name, data) for name, data in picked.items()]
    share_files(slack, files, "G0MINISTRY", "U0ADMIN", text="")
    page = call(f"{server.url}/as/U0ADMIN/c/G0MINISTRY").text
    assert (page.count("<img"), "<b>.gif" in page) == (1, False)
    answers = [call(f"{server.url}/as/U0MEMBER/files/{file.id}").headers for file in files]
    assert [headers["Content-Disposition"].partition(";")[0] for headers in answers] == ["inline", *["attachment"] * 4]
    assert all("sandbox" in headers["Content-Security-Policy"] for headers in answers)
    download = call(f"{server.url}/as/U0ADMIN/files/{files[0].id}?download").headers["Content-Disposition"]
    assert download == "attachment; filename*=UTF-8''%EA%B7%B8%EB%A6%BC%201.png"
    for path in (f"U0GUEST/files/{files[0].id}", f"U0NOBODY/files/{files[0].id}", "U0ADMIN/files/F404"):
        assert call(f"{server.url}/as/{path}").status == 404
