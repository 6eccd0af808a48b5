"""Files: uploads by slack_sdk into one conversation, at the page and in a form; who may see them, and how."""

import contextlib
import http.client
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, Fault, LocalFile, SimulatedUser, SlackEmulator, UserActionError
from tests.slack_emulator.samples import asked, error, modal
from tests.support.http import call

PNG = b"\x89PNG\r\n\x1a\nrest"
EVIL = b"<svg onload=alert(1)>"
GENERAL = "C0GENERAL"
LETTER = LocalFile("letter.PDF", b"%PDF-1.7\0")


def with_scopes(slack: SlackEmulator, *scopes: str) -> None:
    slack.install({"oauth_config": {"scopes": {"bot": scopes}}})


def fetch(url: str, token: str = "xoxb-emulator") -> tuple[int, str, bytes]:
    """Status, content type and body."""
    answer = call(url, headers={"Authorization": f"Bearer {token}"})
    return answer.status, answer.headers["Content-Type"], answer.data


def put(url: str, data: bytes) -> tuple[int, str]:
    return call(url, "POST", data).said


def test_an_upload_is_a_message_with_a_file(client: WebClient, server: EmulatorServer) -> None:
    given = {"filename": "chart.png", "title": "Chart", "alt_txt": "A chart", "initial_comment": "See"}
    uploaded = client.files_upload_v2(channel=GENERAL, content=PNG, **given)["file"]
    (message,) = client.conversations_history(channel=GENERAL)["messages"]
    assert (message["text"], message["user"], message["subtype"]) == ("See", "U0BOT", "file_share")
    (file,) = message["files"]
    told = ("id", "name", "title", "alt_txt", "filetype", "mimetype", "size")
    assert [file[key] for key in told] == [
        uploaded["id"],
        "chart.png",
        "Chart",
        "A chart",
        "png",
        "image/png",
        len(PNG),
    ]
    assert client.files_info(file=file["id"])["file"] == file
    assert fetch(file["url_private"]) == (200, "image/png", PNG)
    page = call(f"{server.url}/as/U0ADMIN/c/{GENERAL}").text
    assert f'<img src="/as/U0ADMIN/files/{file["id"]}" alt="A chart">' in page


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"length": 3}, "invalid_arguments"),
        ({"filename": "a", "length": 0}, "missing_argument"),
        ({"filename": "a", "length": "many"}, "invalid_arguments"),
        ({"filename": "a", "length": 3, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"filename": "a", "length": 10**9}, "file_upload_size_restricted"),
    ],
)
def test_upload_addresses_are_refused(client: WebClient, args: dict[str, Any], expected: str) -> None:
    assert error(client.api_call, api_method="files.getUploadURLExternal", params=args) == expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"files": []}, "invalid_arguments"),
        ({"files": [{"title": "x"}]}, "invalid_arguments"),
        ({"files": [{"id": "F404"}]}, "file_not_found"),
        ({"channel_id": "G0MINISTRY"}, "channel_not_found"),
        ({"channel_id": "C0GYEONGGI"}, "not_in_channel"),
    ],
)
def test_an_upload_is_completed_once_and_refused_till_then(
    client: WebClient, slack: SlackEmulator, args: dict[str, Any], expected: str
) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    good = {"files": [{"id": ticket["file_id"], "title": "now"}], "channel_id": GENERAL}
    assert error(client.files_completeUploadExternal, **good) == "file_not_found"
    answers = [put(ticket["upload_url"], data) for data in (b"four", b"abc", b"abc")]
    assert [status for status, _ in answers] == [400, 200, 404]
    assert error(client.api_call, api_method="files.completeUploadExternal", json={**good, **args}) == expected
    assert slack.messages("#general") == []
    client.files_completeUploadExternal(**good)
    assert error(client.files_completeUploadExternal, **good) == "file_not_found"


@pytest.mark.parametrize("fault", [Fault.http(500), Fault.drop_before(), Fault.error("down")])
def test_an_upload_that_fails_can_be_sent_again(client: WebClient, slack: SlackEmulator, fault: Fault) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    slack.faults.add("upload", fault)
    with contextlib.suppress(OSError, http.client.HTTPException):
        assert put(ticket["upload_url"], b"abc")[0] == 500
    assert put(ticket["upload_url"], b"abc") == (200, "OK - 3")
    assert [call.ok for call in slack.calls("upload")] == [False, True]


def test_files_are_for_a_good_token_with_the_scope(client: WebClient, slack: SlackEmulator) -> None:
    theirs = slack.store.files.add("U0ADMIN", "b.txt", b"y")
    assert error(client.files_info, file=theirs.id) == "not_visible"
    slack.store.files.share(theirs, GENERAL)
    url = client.files_info(file=theirs.id)["file"]["url_private"]
    view = modal("Letters", [asked("file_input")])
    for token in ("", "xoxb-other", "xapp-emulator"):
        assert fetch(url, token)[0] == 302
    with_scopes(slack, "files:write")
    assert (fetch(url)[0], error(client.files_info, file="F1")) == (302, "missing_scope")
    assert error(client.views_open, trigger_id="none", view=view) == "missing_scope"
    with_scopes(slack, "files:read")
    assert fetch(url.replace(theirs.id, "F404"))[0] == 404
    assert error(client.files_getUploadURLExternal, filename="a", length=1) == "missing_scope"
    assert error(client.views_open, trigger_id="none", view=view) == "invalid_trigger_id"


def test_only_pictures_are_drawn_and_only_for_who_is_there(slack: SlackEmulator, server: EmulatorServer) -> None:
    picked = [
        LocalFile("그림 1.png", PNG),
        *(LocalFile(name, EVIL) for name in ("a.html", "b.svg", "c.png", 'd"><b>.gif')),
    ]
    slack.person("U0ADMIN").say("ministry-desk", "", files=picked)
    page = call(f"{server.url}/as/U0ADMIN/c/G0MINISTRY").text
    assert (page.count("<img"), "<b>.gif" in page) == (1, False)
    files = [file["id"] for file in slack.messages("ministry-desk")[0].files]
    answers = [call(f"{server.url}/as/U0MEMBER/files/{file}").headers for file in files]
    assert [headers["Content-Disposition"].partition(";")[0] for headers in answers] == ["inline", *["attachment"] * 4]
    assert all("sandbox" in headers["Content-Security-Policy"] for headers in answers)
    download = call(f"{server.url}/as/U0ADMIN/files/{files[0]}?download").headers["Content-Disposition"]
    assert download == "attachment; filename*=UTF-8''%EA%B7%B8%EB%A6%BC%201.png"
    for path in (f"U0GUEST/files/{files[0]}", f"U0NOBODY/files/{files[0]}", "U0ADMIN/files/F404"):
        assert call(f"{server.url}/as/{path}").status == 404


def test_too_large_is_said_and_nothing_is_posted(slack: SlackEmulator, admin: SimulatedUser) -> None:
    slack.store.files.largest = 2 * 1024 * 1024
    with pytest.raises(UserActionError, match=r"film\.mp4 is too large: a file may have 2 MB at most"):
        admin.say("#general", "", files=[LocalFile("good.txt", b"x"), LocalFile("film.mp4", b"x" * 3_000_000)])
    assert slack.messages("#general") == slack.store.files.every() == []


def test_picked_files_reach_the_app_whole(in_process: SlackEmulator, client: WebClient, app: App) -> None:
    in_process.views.open("U0ADMIN", modal("Letters", [{**asked("file_input", action_id="f"), "block_id": "l"}]))
    assert in_process.person("U0ADMIN").submit(values={"l": [LETTER]}).closed
    (letter,) = app.heard[-1]["view"]["state"]["values"]["l"]["f"]["files"]
    told = ("name", "filetype", "mimetype", "user", "size")
    assert [letter[key] for key in told] == ["letter.PDF", "pdf", "application/pdf", "U0ADMIN", 9]
    assert fetch(letter["url_private_download"]) == (200, "application/pdf", LETTER.data)
    assert client.files_info(file=letter["id"])["file"] == letter
