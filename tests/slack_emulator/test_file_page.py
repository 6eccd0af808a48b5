"""Files at the page, over plain HTTP: shared from the message field, drawn or offered for download."""

import urllib.error
import urllib.request
from email.message import Message

import pytest
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, LocalFile, SimulatedUser, SlackEmulator
from bot.slack_emulator.web import form_data
from tests.slack_emulator.test_files import PNG, heard, subscribed
from tests.slack_emulator.test_page import BACK, Browser

Part = tuple[str, str, bytes | None]
"""A field's name, its text or its file's name, the file's bytes."""
EVIL = b"<html><script>alert(1)</script></html>"


class FileBrowser(Browser):
    """Sends forms with files, too."""

    def upload(self, path: str, parts: list[Part]) -> str:
        body = b"".join(_part(*part) for part in parts) + b"--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        with urllib.request.urlopen(urllib.request.Request(self._url + path, body, headers), timeout=10) as answer:
            return str(answer.read().decode())

    def share(self, *files: tuple[str, bytes], text: str = "") -> str:
        rest: list[Part] = [("back", BACK, None), ("channel", BACK.rsplit("/", 1)[-1], None), ("text", text, None)]
        return self.upload("/as/U0ADMIN/send", [*rest, *(("file", name, data) for name, data in files)])

    def file(self, path: str) -> tuple[int, Message]:
        """Status and headers."""
        try:
            with urllib.request.urlopen(self._url + path, timeout=10) as answer:
                return answer.status, answer.headers
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers


def _part(name: str, text: str, data: bytes | None) -> bytes:
    file = "" if data is None else f'; filename="{text}"'
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'
    kind = "" if data is None else "Content-Type: text/html\r\n"
    return f"{head}{kind}\r\n".encode() + (text.encode() if data is None else data) + b"\r\n"


@pytest.fixture
def browser(server: EmulatorServer, in_process: SlackEmulator) -> FileBrowser:
    assert in_process.delivery
    return FileBrowser(server.url)


def test_a_picture_is_drawn_and_another_file_is_a_card(
    browser: FileBrowser, slack: SlackEmulator, client: WebClient
) -> None:
    page = browser.share(("chart", PNG), ("list.csv", b"ref\nGG-1"), text="see")
    (message,) = slack.messages("#general")
    picture, table = message.files
    assert f'<img src="/as/U0ADMIN/files/{picture["id"]}" alt="chart" width="640" height="480">' in page
    assert f'<a href="/as/U0ADMIN/files/{table["id"]}?download" download>' in page
    assert "CSV · 8 Bytes" in page
    assert "<pre>ref\nGG-1</pre>" in page
    assert (message.text, message.user, message.subtype) == ("see", "U0ADMIN", "file_share")
    assert client.conversations_history(channel="C0GENERAL")["messages"][0]["files"] == [picture, table]
    assert client.files_info(file=table["id"])["content"] == "ref\nGG-1"


def test_nothing_but_pictures_is_ever_drawn(browser: FileBrowser, slack: SlackEmulator) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    page = browser.share(("a.html", EVIL), ("b.svg", svg), ("c.png", EVIL), ('d"><b>.gif', EVIL))
    messages = page[page.index('<section id="messages"') : page.index("</section>")]
    assert "<img" not in messages
    assert "<b>.gif" not in messages
    for file in slack.messages("#general")[0].files:
        status, headers = browser.file(f"/as/U0ADMIN/files/{file['id']}")
        assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
        assert headers["Content-Disposition"].startswith("attachment;")
        assert "sandbox" in headers["Content-Security-Policy"]


def test_a_picture_can_be_downloaded_under_its_name(browser: FileBrowser, slack: SlackEmulator) -> None:
    browser.share(("그림 1.png", PNG))
    address = f"/as/U0ADMIN/files/{slack.messages('#general')[0].files[0]['id']}"
    assert browser.file(address)[1]["Content-Disposition"].startswith("inline;")
    name = browser.file(f"{address}?download")[1]["Content-Disposition"]
    assert name == "attachment; filename*=UTF-8''%EA%B7%B8%EB%A6%BC%201.png"


def test_only_who_is_in_the_channel_gets_its_files(browser: FileBrowser, slack: SlackEmulator) -> None:
    slack.person("U0ADMIN").say("ministry-desk", "", files=[LocalFile("letter.txt", b"x")])
    file = slack.messages("ministry-desk")[0].files[0]["id"]
    assert browser.file(f"/as/U0MEMBER/files/{file}")[0] == 200
    assert browser.file(f"/as/U0GUEST/files/{file}")[0] == 404
    assert browser.file(f"/as/U0NOBODY/files/{file}")[0] == 404
    assert browser.file("/as/U0ADMIN/files/F404")[0] == 404


def test_too_large_is_said_and_nothing_is_posted(browser: FileBrowser, slack: SlackEmulator) -> None:
    slack.store.files.largest = 2 * 1024 * 1024
    page = browser.share(("good.txt", b"x"), ("film.mp4", b"x" * 3_000_000), text="here")
    assert "film.mp4 is too large: a file may have 2 MB at most" in page
    slack.store.files.room = 10
    assert "no room left" in browser.share(("a.txt", b"x" * 6), ("b.txt", b"x" * 6))
    assert "a command takes no files" in browser.share(("a.txt", b"x"), text="/status")
    assert slack.messages("#general") == []
    assert slack.store.files.every() == []


def test_a_form_that_is_too_large_is_refused_in_words(
    browser: FileBrowser, slack: SlackEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_data, "LARGEST_FORM", 1024 * 1024)
    with pytest.raises(urllib.error.HTTPError) as caught:
        browser.share(("film.mp4", b"x" * 1_200_000))
    with caught.value as refused:
        assert (refused.code, refused.read().decode()) == (
            413,
            "This is too much at once: files of 1 MB together at most.",
        )
    assert slack.messages("#general") == []


def test_the_app_hears_of_a_shared_file_and_a_mention_with_it(
    client: WebClient, slack: SlackEmulator, in_process: SlackEmulator
) -> None:
    subscribed(in_process, "file_shared", "message.channels", "app_mention")
    admin = slack.person("U0ADMIN")
    message = admin.say("#general", "@aid-status read this", files=[LocalFile("letter.pdf", b"%PDF\0")])
    (told,) = [event for event in heard(slack, "message") if event["user"] == admin.id]
    assert (told["subtype"], told["user"], told["files"][0]["name"]) == ("file_share", "U0ADMIN", "letter.pdf")
    assert heard(slack, "app_mention")[0]["files"] == told["files"]
    assert heard(slack, "file_shared")[0]["file_id"] == message.files[0]["id"]
    assert "[file: letter.pdf]" in admin.screen("#general")
    assert client.conversations_history(channel="C0GENERAL")["messages"]


def test_the_app_hears_nothing_of_places_that_it_is_not_in(
    slack: SlackEmulator, in_process: SlackEmulator, admin: SimulatedUser
) -> None:
    subscribed(in_process, "file_shared", "message.groups")
    admin.say("ministry-desk", "secret", files=[LocalFile("a.txt", b"x")])
    assert slack.traffic_log.sent("events_api") == []
