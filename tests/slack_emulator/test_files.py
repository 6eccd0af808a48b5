"""Files as slack_sdk meets them: uploads, look-ups, who may see what, events, bounds."""

import contextlib
import http.client
import json
import struct
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_emulator import Fault, SlackEmulator
from bot.slack_emulator.state.file_types import kind_of
from tests.slack_emulator.sample_app import plain

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"rest"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GENERAL = "C0GENERAL"
SCOPES = ["app_mentions:read", "chat:write", "files:read", "files:write", "channels:history"]


def error(call: Any, **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def subscribed(slack: SlackEmulator, *events: str, scopes: list[str] | None = None) -> SlackEmulator:
    slack.install(
        {
            "settings": {"event_subscriptions": {"bot_events": list(events)}},
            "oauth_config": {"scopes": {"bot": SCOPES if scopes is None else scopes}},
        },
    )
    return slack


def heard(slack: SlackEmulator, kind: str) -> list[dict[str, Any]]:
    events = [sent.payload["event"] for sent in slack.traffic_log.sent("events_api")]
    return [event for event in events if event["type"] == kind]


def fetch(url: str, token: str = "xoxb-loopback") -> tuple[int, str, bytes]:
    """Status, content type and body; redirects are followed."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers["Content-Type"], refused.read()


def test_an_upload_of_text_is_a_message_with_a_file(client: WebClient, slack: SlackEmulator) -> None:
    answer = client.files_upload_v2(
        channel=GENERAL, content="ref,status\nGG-1,held\n", filename="export.csv", initial_comment="The list"
    )
    (message,) = client.conversations_history(channel=GENERAL)["messages"]
    assert (message["text"], message["user"], message["subtype"]) == ("The list", "U0BOT", "file_share")
    (file,) = message["files"]
    assert file["id"] == answer["file"]["id"]
    told = ("name", "title", "filetype", "mimetype", "pretty_type", "size", "mode", "lines")
    assert [file[key] for key in told] == ["export.csv", "export.csv", "csv", "text/csv", "CSV", 21, "snippet", 2]
    assert client.files_info(file=file["id"])["content"].startswith("ref,status")
    assert slack.messages("#general")[0].files == (file,)


def test_the_answer_tells_no_type_and_no_shares_yet_but_the_look_up_does(client: WebClient) -> None:
    answer = client.files_upload_v2(channel=GENERAL, content=PNG, filename="chart.png", alt_txt="A chart")["file"]
    assert (answer["mimetype"], answer["shares"], answer["channels"]) == ("", {}, [])
    file = client.files_info(file=answer["id"])["file"]
    assert (file["mimetype"], file["original_w"], file["original_h"]) == ("image/png", 640, 480)
    assert (file["alt_txt"], file["is_public"], file["channels"]) == ("A chart", True, [GENERAL])
    (share,) = file["shares"]["public"][GENERAL]
    assert share["ts"] == client.conversations_history(channel=GENERAL)["messages"][0]["ts"]


def test_paths_bytes_and_several_files_go_into_one_message(client: WebClient, tmp_path: Path) -> None:
    letter = tmp_path / "letter 1.pdf"
    letter.write_bytes(b"%PDF-1.7\0")
    uploads = [{"file": str(letter), "title": "Letter"}, {"content": PNG, "filename": "seal"}]
    client.files_upload_v2(channel=GENERAL, file_uploads=uploads)
    (message,) = client.conversations_history(channel=GENERAL)["messages"]
    assert [(f["title"], f["name"], f["filetype"]) for f in message["files"]] == [
        ("Letter", "letter 1.pdf", "pdf"),
        ("seal", "seal", "png"),
    ]
    assert fetch(message["files"][0]["url_private"]) == (200, "application/pdf", b"%PDF-1.7\0")


def test_an_upload_into_a_thread_and_into_several_channels(client: WebClient) -> None:
    parent = client.chat_postMessage(channel=GENERAL, text="GG-1")["ts"]
    client.files_upload_v2(channel=GENERAL, thread_ts=parent, content="x", filename="a.txt", initial_comment="see")
    _, reply = client.conversations_replies(channel=GENERAL, ts=parent)["messages"]
    assert (reply["text"], reply["files"][0]["name"]) == ("see", "a.txt")
    assert len(client.conversations_history(channel=GENERAL)["messages"]) == 1
    both = client.files_upload_v2(channels=[GENERAL, "U0MEMBER"], content="y", filename="b.txt")["file"]
    shown = client.files_info(file=both["id"])["file"]
    assert (shown["channels"], shown["ims"]) == (
        [GENERAL],
        [client.conversations_open(users="U0MEMBER")["channel"]["id"]],
    )


def test_an_upload_without_a_channel_stays_private(client: WebClient, slack: SlackEmulator) -> None:
    file = slack.store.files.find(client.files_upload_v2(content="x", filename="a.txt")["file"]["id"])
    assert slack.messages("#general") == []
    assert slack.store.can_see_file("U0BOT", file)
    assert not slack.store.can_see_file("U0ADMIN", file)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"length": 3}, "invalid_arguments"),
        ({"filename": "a", "length": 0}, "missing_argument"),
        ({"filename": "a", "length": "many"}, "invalid_arguments"),
        ({"filename": "a", "length": -1}, "invalid_arguments"),
        ({"filename": "a", "length": 3, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"filename": "a", "length": 3, "snippet_type": "klingon"}, "unknown_snippet_type"),
        ({"filename": "a", "length": 2_000_000, "snippet_type": "python"}, "snippet_too_large"),
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
        ({"channel_id": "#general"}, "invalid_arguments"),
        ({"channel_id": "U0MEMBER"}, "invalid_arguments"),
        ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
        ({"channel_id": "G0MINISTRY"}, "channel_not_found"),
        ({"channel_id": "C0GYEONGGI"}, "not_in_channel"),
        ({"channels": "C0NOWHERE"}, "invalid_channel"),
        ({"channels": ",".join(["C0GENERAL"] * 101)}, "channels_limit_exceeded"),
        ({"channels": "C0GENERAL,C0ALERTS", "thread_ts": "1.0"}, "invalid_arguments"),
        ({"channel_id": GENERAL, "thread_ts": "1.0"}, "thread_not_found"),
        ({"channel_id": GENERAL, "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
    ],
)
def test_completing_is_refused_and_can_be_tried_again(
    client: WebClient, slack: SlackEmulator, args: dict[str, Any], expected: str
) -> None:
    file_id = uploaded(client)
    assert error(
        client.api_call, api_method="files.completeUploadExternal", json={"files": [{"id": file_id}], **args}
    ) == (expected)
    assert slack.messages("#general") == []
    client.files_completeUploadExternal(files=[{"id": file_id, "title": "now"}], channel_id=GENERAL)
    assert error(client.files_completeUploadExternal, files=[{"id": file_id}]) == "file_not_found"


def uploaded(client: WebClient, data: bytes = b"abc") -> str:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=len(data))
    assert put(ticket["upload_url"], data) == (200, f"OK - {len(data)}")
    return str(ticket["file_id"])


def put(url: str, data: bytes, content_type: str = "application/octet-stream") -> tuple[int, str]:
    request = urllib.request.Request(url, data, {"Content-Type": content_type})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_an_upload_address_takes_the_announced_bytes_once(client: WebClient) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    assert error(client.files_completeUploadExternal, files=[{"id": ticket["file_id"]}]) == "file_not_found"
    assert put(ticket["upload_url"], b"four")[0] == 400
    assert put(ticket["upload_url"], b"x" * 100_000)[0] == 413
    form = b'--b\r\nContent-Disposition: form-data; name="filename"; filename="a.txt"\r\n\r\nabc\r\n--b--\r\n'
    assert put(ticket["upload_url"], form, "multipart/form-data; boundary=b") == (200, "OK - 3")
    assert put(ticket["upload_url"], b"abc")[0] == 404


def test_without_a_token_comes_a_page_to_sign_in_instead_of_the_file(client: WebClient, slack: SlackEmulator) -> None:
    file = client.files_info(file=client.files_upload_v2(content=PNG, filename="a.png")["file"]["id"])["file"]
    assert fetch(file["url_private_download"]) == (200, "image/png", PNG)
    for token in ("", "xoxb-other", "xapp-loopback"):
        status, kind, body = fetch(file["url_private"], token)
        assert (status, kind.split(";")[0], b"Sign in" in body) == (200, "text/html", True)
    subscribed(slack, scopes=["files:write"])
    assert b"Sign in" in fetch(file["url_private"])[2]
    subscribed(slack)
    assert fetch(file["url_private"].replace(file["id"], "F404"))[0] == 404


def test_files_of_places_that_the_bot_cannot_read_are_not_for_it(client: WebClient, slack: SlackEmulator) -> None:
    slack.invite("ministry-desk")
    secret = client.files_upload_v2(channel="G0MINISTRY", content="x", filename="a.txt")["file"]
    theirs = slack.store.files.add("U0ADMIN", "b.txt", b"y")
    assert error(client.files_info, file=theirs.id) == "not_visible"
    found = slack.store.files.find(secret["id"])
    assert [slack.store.can_see_file(user, found) for user in ("U0MEMBER", "U0GUEST")] == [True, False]


def test_a_message_that_is_gone_shares_nothing(client: WebClient, slack: SlackEmulator) -> None:
    file = client.files_upload_v2(channel=GENERAL, content="x", filename="a.txt")["file"]["id"]
    assert slack.store.can_see_file("U0MEMBER", slack.store.files.find(file))
    client.chat_delete(channel=GENERAL, ts=slack.messages("#general")[0].ts)
    assert not slack.store.can_see_file("U0MEMBER", slack.store.files.find(file))
    shown = client.files_info(file=file)["file"]
    assert (shown["channels"], shown["shares"], shown["is_public"]) == ([], {}, False)


@pytest.mark.parametrize("fault", [Fault.http(500), Fault.drop_before(), Fault.error("down")])
def test_an_upload_that_fails_can_be_sent_again(client: WebClient, slack: SlackEmulator, fault: Fault) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    slack.faults.add("upload", fault)
    with contextlib.suppress(OSError, http.client.HTTPException):
        assert put(ticket["upload_url"], b"abc")[0] == 500
    assert put(ticket["upload_url"], b"abc") == (200, "OK - 3")
    assert [call.ok for call in slack.calls("upload")] == [False, True]


def test_scopes_are_asked_for(client: WebClient, slack: SlackEmulator) -> None:
    subscribed(slack, scopes=["chat:write", "files:read"])
    with pytest.raises(SlackApiError) as caught:
        client.files_upload_v2(channel=GENERAL, content="x", filename="a.txt")
    assert (caught.value.response["error"], caught.value.response["needed"]) == ("missing_scope", "files:write")
    assert error(client.files_info, file="F1") == "file_not_found"
    subscribed(slack, scopes=["files:write"])
    assert error(client.files_info, file="F1") == "missing_scope"


def test_the_app_hears_of_shared_files(client: WebClient, slack: SlackEmulator) -> None:
    subscribed(slack, "file_shared", "message.channels")
    file = client.files_upload_v2(channel=GENERAL, content="x", filename="a.txt", initial_comment="list")["file"]
    slack.wait_for(lambda: len(heard(slack, "file_shared")) == 1)
    (message,) = heard(slack, "message")
    assert (message["subtype"], message["text"], message["channel_type"]) == ("file_share", "list", "channel")
    assert message["files"][0]["id"] == file["id"]
    (shared,) = heard(slack, "file_shared")
    assert (shared["file_id"], shared["file"], shared["channel_id"]) == (file["id"], {"id": file["id"]}, GENERAL)
    assert (shared["user_id"], shared["event_ts"]) == ("U0BOT", message["ts"])


def test_what_does_not_fit_is_refused_not_dropped(client: WebClient, slack: SlackEmulator) -> None:
    slack.store.files.room = 10
    kept = client.files_upload_v2(channel=GENERAL, content="12345678", filename="a.txt")["file"]
    assert error(client.files_getUploadURLExternal, filename="b.txt", length=3) == "storage_limit_reached"
    assert client.files_info(file=kept["id"])["content"] == "12345678"


def test_blocks_stand_over_a_file_when_there_is_no_comment(client: WebClient) -> None:
    blocks = json.dumps([{"type": "header", "text": plain("Export")}])
    client.files_upload_v2(channel=GENERAL, content="x", filename="a.txt", blocks=blocks)
    assert client.conversations_history(channel=GENERAL)["messages"][0]["blocks"][0]["text"]["text"] == "Export"


JPEG = b"\xff\xd8\xff\xe0\0\x04xx\xff\xc0\0\x11\x08" + struct.pack(">HH", 30, 20) + b"rest"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", PNG, ("png", "image/png", 640, 480)),
        ("a", b"GIF89a" + struct.pack("<HH", 5, 6), ("gif", "image/gif", 5, 6)),
        ("a.png", JPEG, ("jpg", "image/jpeg", 20, 30)),
        ("a.jpg", b"\xff\xd8\xff\xe0", ("jpg", "image/jpeg", 0, 0)),
        ("a", b"RIFF\0\0\0\0WEBPVP8 ", ("webp", "image/webp", 0, 0)),
        ("a.png", b"<svg onload=x>", ("text", "text/plain", 0, 0)),
        ("a.gif", b"GIF8\0", ("binary", "application/octet-stream", 0, 0)),
        ("보고서.XLSX", b"PK\0", ("xlsx", XLSX, 0, 0)),
        ("a.md", "한국어".encode() * 1000, ("markdown", "text/plain", 0, 0)),
    ],
)
def test_a_type_is_told_by_what_is_in_a_file_and_else_by_its_name(
    name: str, data: bytes, told: tuple[str, str, int, int]
) -> None:
    kind = kind_of(name, data)
    assert (kind.filetype, kind.mimetype, kind.width, kind.height) == told
