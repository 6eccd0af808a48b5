"""Files as slack_sdk meets them: uploads into one conversation, look-ups, who may see what."""

import contextlib
import http.client
import struct
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_emulator import Fault, SlackEmulator
from bot.slack_emulator.state.file_types import kind_of
from tests.slack_emulator.sample_app import error
from tests.support.http import call

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"rest"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GENERAL = "C0GENERAL"
SCOPES = ["app_mentions:read", "chat:write", "files:read", "files:write", "channels:history"]


def with_scopes(slack: SlackEmulator, *scopes: str) -> SlackEmulator:
    slack.install({"oauth_config": {"scopes": {"bot": scopes or SCOPES}}})
    return slack


def fetch(url: str, token: str = "xoxb-emulator") -> tuple[int, str, bytes]:
    """Status, content type and body."""
    answer = call(url, headers={"Authorization": f"Bearer {token}"})
    return answer.status, answer.headers["Content-Type"], answer.data


def put(url: str, data: bytes) -> tuple[int, str]:
    return call(url, "POST", data).said


def test_an_upload_of_text_is_a_message_with_a_file(client: WebClient, slack: SlackEmulator, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("ref,status\nGG-1,held\n")
    answer = client.files_upload_v2(
        channel=GENERAL, file=str(path), filename="export.csv", title="Export", initial_comment="The list"
    )
    (message,) = client.conversations_history(channel=GENERAL)["messages"]
    assert (message["text"], message["user"], message["subtype"]) == ("The list", "U0BOT", "file_share")
    (file,) = message["files"]
    assert file["id"] == answer["file"]["id"]
    told = ("name", "title", "filetype", "mimetype", "pretty_type", "size", "lines")
    assert [file[key] for key in told] == ["export.csv", "Export", "csv", "text/csv", "CSV", 21, 2]
    assert client.files_info(file=file["id"])["file"] == file
    assert slack.messages("#general")[0].files == (file,)


def test_a_picture_has_its_size_and_words_for_who_does_not_see_it(client: WebClient) -> None:
    answer = client.files_upload_v2(channel=GENERAL, content=PNG, filename="chart.png", alt_txt="A chart")["file"]
    file = client.files_info(file=answer["id"])["file"]
    assert (file["mimetype"], file["original_w"], file["original_h"]) == ("image/png", 640, 480)
    assert file["alt_txt"] == "A chart"
    assert fetch(file["url_private"]) == (200, "image/png", PNG)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"length": 3}, "invalid_arguments"),
        ({"filename": "a", "length": 0}, "missing_argument"),
        ({"filename": "a", "length": "many"}, "invalid_arguments"),
        ({"filename": "a", "length": -1}, "invalid_arguments"),
        ({"filename": "a", "length": 3, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"filename": "a", "length": 10**9}, "file_upload_size_restricted"),
    ],
)
def test_upload_addresses_are_refused(client: WebClient, args: dict[str, Any], expected: str) -> None:
    assert error(client.api_call, api_method="files.getUploadURLExternal", params=args) == expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"files": "no list"}, "invalid_arguments"),
        ({"files": []}, "invalid_arguments"),
        ({"files": [{"title": "x"}]}, "invalid_arguments"),
        ({"files": [{"id": "F404"}]}, "file_not_found"),
        ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
        ({"channel_id": "G0MINISTRY"}, "channel_not_found"),
        ({"channel_id": "C0GYEONGGI"}, "not_in_channel"),
    ],
)
def test_completing_is_refused_and_can_be_tried_again(
    client: WebClient, slack: SlackEmulator, args: dict[str, Any], expected: str
) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    assert put(ticket["upload_url"], b"abc") == (200, "OK - 3")
    good = {"files": [{"id": ticket["file_id"], "title": "now"}], "channel_id": GENERAL}
    assert error(client.api_call, api_method="files.completeUploadExternal", json={**good, **args}) == expected
    assert slack.messages("#general") == []
    client.files_completeUploadExternal(**good)
    assert error(client.files_completeUploadExternal, **good) == "file_not_found"


def test_an_upload_address_takes_the_announced_bytes_once(client: WebClient) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    files = [{"id": ticket["file_id"]}]
    assert error(client.files_completeUploadExternal, files=files, channel_id=GENERAL) == "file_not_found"
    assert put(ticket["upload_url"], b"four")[0] == 400
    assert put(ticket["upload_url"], b"abc") == (200, "OK - 3")
    assert put(ticket["upload_url"], b"abc")[0] == 404


@pytest.mark.parametrize("fault", [Fault.http(500), Fault.drop_before(), Fault.error("down")])
def test_an_upload_that_fails_can_be_sent_again(client: WebClient, slack: SlackEmulator, fault: Fault) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    slack.faults.add("upload", fault)
    with contextlib.suppress(OSError, http.client.HTTPException):
        assert put(ticket["upload_url"], b"abc")[0] == 500
    assert put(ticket["upload_url"], b"abc") == (200, "OK - 3")
    assert [call.ok for call in slack.calls("upload")] == [False, True]


def test_without_a_good_token_the_file_is_elsewhere(client: WebClient, slack: SlackEmulator) -> None:
    answer = client.files_upload_v2(channel=GENERAL, content=PNG, filename="a.png")["file"]
    file = client.files_info(file=answer["id"])["file"]
    for token in ("", "xoxb-other", "xapp-emulator"):
        assert fetch(file["url_private"], token)[0] == 302
    with_scopes(slack, "files:write")
    assert fetch(file["url_private"])[0] == 302
    with_scopes(slack)
    assert fetch(file["url_private"].replace(file["id"], "F404"))[0] == 404


def test_files_that_the_bot_cannot_read_are_not_for_it(client: WebClient, slack: SlackEmulator) -> None:
    theirs = slack.store.files.add("U0ADMIN", "b.txt", b"y")
    assert error(client.files_info, file=theirs.id) == "not_visible"
    slack.store.files.share(theirs, GENERAL)
    assert client.files_info(file=theirs.id)["file"]["name"] == "b.txt"


def test_scopes_are_asked_for(client: WebClient, slack: SlackEmulator) -> None:
    with_scopes(slack, "chat:write", "files:read")
    with pytest.raises(SlackApiError) as caught:
        client.files_upload_v2(channel=GENERAL, content="x", filename="a.txt")
    assert (caught.value.response["error"], caught.value.response["needed"]) == ("missing_scope", "files:write")
    assert error(client.files_info, file="F1") == "file_not_found"
    with_scopes(slack, "files:write")
    assert error(client.files_info, file="F1") == "missing_scope"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", PNG, ("png", "image/png", 640, 480)),
        ("a", b"GIF89a", ("gif", "image/gif", 0, 0)),
        ("a.png", b"\xff\xd8\xff\xe0", ("jpg", "image/jpeg", 0, 0)),
        ("a.png", b"<svg onload=x>", ("text", "text/plain", 0, 0)),
        ("a.gif", b"GIF8\0", ("binary", "application/octet-stream", 0, 0)),
        ("보고서.XLSX", b"PK\0", ("xlsx", XLSX, 0, 0)),
    ],
)
def test_a_type_is_told_by_what_is_in_a_file_and_else_by_its_name(
    name: str, data: bytes, told: tuple[str, str, int, int]
) -> None:
    kind = kind_of(name, data)
    assert (kind.filetype, kind.mimetype, kind.width, kind.height) == told
