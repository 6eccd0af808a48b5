"""Files at the page, over plain HTTP: shared in a channel, drawn or offered for download, picked in a form."""

from email.message import Message
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, LocalFile, SimulatedUser, SlackEmulator, View
from tests.slack_emulator.sample_app import error, field, modal
from tests.slack_emulator.test_files import PNG, fetch, with_scopes
from tests.slack_emulator.test_page import BACK, Browser
from tests.support.http import call

Part = tuple[str, str, bytes | None]
"""A field's name, its text or its file's name, the file's bytes."""
EVIL = b"<html><script>alert(1)</script></html>"
LETTER = LocalFile("letter.PDF", b"%PDF-1.7\0")
INPUT = {"type": "file_input", "action_id": "files", "filetypes": ["pdf", "jpg"], "max_files": 2}


class FileBrowser(Browser):
    """Sends forms with files, too."""

    def upload(self, path: str, parts: list[Part]) -> str:
        body = b"".join(_part(*part) for part in parts) + b"--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        return self._followed(path, body, headers)

    def share(self, *files: tuple[str, bytes], text: str = "") -> str:
        rest: list[Part] = [("back", BACK, None), ("channel", BACK.rsplit("/", 1)[-1], None), ("text", text, None)]
        return self.upload("/as/U0ADMIN/send", [*rest, *(("file", name, data) for name, data in files)])

    def file(self, path: str) -> tuple[int, Message]:
        answer = call(self._url + path)
        return answer.status, answer.headers


def _part(name: str, text: str, data: bytes | None) -> bytes:
    file = "" if data is None else f'; filename="{text}"'
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'
    kind = "" if data is None else "Content-Type: text/html\r\n"
    return f"{head}{kind}\r\n".encode() + (text.encode() if data is None else data) + b"\r\n"


@pytest.fixture
def browser(server: EmulatorServer, in_process: SlackEmulator) -> FileBrowser:
    assert in_process.delivery
    return FileBrowser(server.url)


@pytest.fixture
def got(app: App, in_process: SlackEmulator) -> list[dict[str, Any]]:
    """The states that the app was sent."""
    assert in_process.delivery
    heard: list[dict[str, Any]] = []

    @app.view("letters")
    def submitted(ack: Any, view: dict[str, Any]) -> None:
        ack()
        heard.append(view["state"]["values"])

    return heard


def opened(slack: SlackEmulator, *, optional: bool = False) -> View:
    blocks = [
        field("Letters", INPUT, "l", optional=optional),
        field("Note", {"type": "plain_text_input", "action_id": "note"}, "n", optional=True),
    ]
    return slack.views.open("U0ADMIN", modal("Letters", blocks, callback_id="letters"))


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
    assert client.conversations_history(channel="C0GENERAL")["messages"][0]["files"] == [picture, table]
    assert "[file: list.csv]" in slack.person("U0ADMIN").screen("#general")


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
    assert "Commands can&#39;t include files" in browser.share(("a.txt", b"x"), text="/status")
    assert slack.messages("#general") == []
    assert slack.store.files.every() == []


def test_a_mention_with_a_file_reaches_the_app(slack: SlackEmulator, in_process: SlackEmulator) -> None:
    files = [LocalFile("letter.pdf", b"%PDF\0")]
    message = in_process.person("U0ADMIN").say("#general", "@aid-status read this", files=files)
    (told,) = slack.traffic_log.sent("events_api")
    assert told.payload["event"]["files"] == list(message.files)


def test_picked_files_reach_the_app_whole(
    client: WebClient, slack: SlackEmulator, admin: SimulatedUser, got: list[dict[str, Any]]
) -> None:
    view = opened(slack)
    assert admin.submit(view).errors == {"l": "Please complete this required field."}
    assert admin.submit(view, {"Letters": [LETTER, LocalFile("seal.jpeg", PNG)], "Note": "two"}).closed
    entry = got[-1]["l"]["files"]
    assert entry["type"] == "file_input"
    letter, seal = entry["files"]
    told = ("name", "filetype", "mimetype", "user", "size")
    assert [letter[key] for key in told] == ["letter.PDF", "pdf", "application/pdf", "U0ADMIN", 9]
    assert (seal["filetype"], got[-1]["n"]["note"]["value"]) == ("png", "two")
    assert fetch(letter["url_private_download"]) == (200, "application/pdf", LETTER.data)
    assert client.files_info(file=letter["id"])["file"] == letter


@pytest.mark.parametrize(
    ("picked", "said"),
    [
        ([LocalFile("run.exe", b"MZ")], "run.exe is of a type that is not accepted here; accepted: pdf, jpg."),
        ([LocalFile("pdf", b"x")], "pdf is of a type that is not accepted here; accepted: pdf, jpg."),
        ([LETTER] * 3, "Please choose no more than 2 files."),
        ([LocalFile("big.pdf", b"x" * (10 * 1024 * 1024 + 1))], "big.pdf is larger than 10 MB."),
    ],
    ids=["type", "no ending", "too many", "too large"],
)
def test_what_an_input_does_not_take_stands_at_its_block(
    slack: SlackEmulator, admin: SimulatedUser, got: list[dict[str, Any]], picked: list[LocalFile], said: str
) -> None:
    outcome = admin.submit(opened(slack, optional=True), {"Letters": picked})
    assert (outcome.errors, outcome.closed, got) == ({"l": said}, False, [])
    assert slack.store.files.every() == []
    assert admin.submit(values={"Letters": LETTER}).closed
    assert [file["name"] for file in got[-1]["l"]["files"]["files"]] == ["letter.PDF"]


def test_without_the_scope_the_input_is_refused(client: WebClient, slack: SlackEmulator) -> None:
    with_scopes(slack, "chat:write")
    trigger = slack.site.tickets.trigger("U0ADMIN")
    source = modal("Letters", [field("Letters", INPUT, "l")])
    assert error(client.views_open, trigger_id=trigger, view=source) == "missing_scope"
    with_scopes(slack)
    client.views_open(trigger_id=trigger, view=source)


def test_the_page_uploads_at_once_keeps_and_leaves_out(
    slack: SlackEmulator, browser: FileBrowser, got: list[dict[str, Any]]
) -> None:
    view, name = opened(slack), "l:files"

    def act(do: str, *parts: Part) -> str:
        base: list[Part] = [("surface", view.id, None), ("back", BACK, None), ("do", do, None)]
        has: list[Part] = [("has", name, None), ("has", "n:note", None)]
        return browser.upload("/as/U0ADMIN/act", [*base, *has, *parts])

    assert 'accept=".pdf,.jpg"' in browser.get(BACK)
    page = act(f"keep!{name}", (f"v!{name}", "letter.pdf", LETTER.data), ("v!n:note", "kept", None))
    (first,) = slack.store.files.every()
    assert f'value="{first.id}" checked' in page
    assert 'value="kept"' in page
    page = act("submit", (f"v!{name}", first.id, None), (f"v!{name}", "run.exe", b"MZ"), ("v!n:note", "typed", None))
    assert "run.exe is of a type that is not accepted here" in page
    assert 'value="typed"' in page
    assert got == []
    page = act(f"keep!{name}", (f"v!{name}", "other.pdf", LETTER.data))
    assert first.id not in page
    (held, _) = slack.store.files.every()
    assert "<dialog" not in act("submit", (f"v!{name}", held.id, None))
    assert [file["id"] for file in got[-1]["l"]["files"]["files"]] == [held.id]
