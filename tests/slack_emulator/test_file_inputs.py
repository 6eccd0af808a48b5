"""Files picked in a modal: through a person's acts, and through the page's forms."""

from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, LocalFile, SimulatedUser, SlackEmulator, View
from tests.slack_emulator.sample_app import field, modal
from tests.slack_emulator.test_file_page import FileBrowser, Part
from tests.slack_emulator.test_files import PNG, error, fetch, subscribed

LETTER = LocalFile("letter.PDF", b"%PDF-1.7\0")
INPUT = {"type": "file_input", "action_id": "files", "filetypes": ["pdf", "jpg"], "max_files": 2}


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


def opened(client: WebClient, slack: SlackEmulator, *, optional: bool = False, **element: Any) -> View:
    blocks = [
        field("Letters", {**INPUT, **element}, "l", optional=optional),
        field("Note", {"type": "plain_text_input", "action_id": "note"}, "n", optional=True),
    ]
    source = modal("Letters", blocks, callback_id="letters")
    client.views_open(trigger_id=slack.site.tickets.trigger("U0ADMIN"), view=source)
    view = slack.views.top("U0ADMIN")
    assert view
    return view


def test_picked_files_reach_the_app_whole(
    client: WebClient, slack: SlackEmulator, admin: SimulatedUser, got: list[dict[str, Any]]
) -> None:
    view = opened(client, slack)
    assert admin.submit(view).errors == {"l": "Please complete this required field."}
    assert admin.submit(view, {"Letters": [LETTER, LocalFile("seal.jpeg", PNG)], "Note": "two"}).closed
    entry = got[-1]["l"]["files"]
    assert entry["type"] == "file_input"
    letter, seal = entry["files"]
    assert (letter["name"], letter["filetype"], letter["mimetype"], letter["user"]) == (
        "letter.PDF",
        "pdf",
        "application/pdf",
        "U0ADMIN",
    )
    assert (letter["size"], letter["shares"], letter["is_public"]) == (9, {}, False)
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
    client: WebClient,
    slack: SlackEmulator,
    admin: SimulatedUser,
    got: list[dict[str, Any]],
    picked: list[LocalFile],
    said: str,
) -> None:
    outcome = admin.submit(opened(client, slack, optional=True), {"Letters": picked})
    assert (outcome.errors, outcome.closed, got) == ({"l": said}, False, [])
    assert slack.store.files.every() == []
    assert admin.submit(values={"Letters": LETTER}).closed
    assert [file["name"] for file in got[-1]["l"]["files"]["files"]] == ["letter.PDF"]


def test_an_optional_input_may_stay_empty(
    client: WebClient, slack: SlackEmulator, admin: SimulatedUser, got: list[dict[str, Any]]
) -> None:
    assert admin.submit(opened(client, slack, optional=True)).closed
    assert got[-1]["l"]["files"] == {"type": "file_input", "files": []}


def test_a_full_workspace_is_said_at_the_block(client: WebClient, slack: SlackEmulator, admin: SimulatedUser) -> None:
    slack.store.files.room = 3
    assert "no room left" in admin.submit(opened(client, slack), {"Letters": LETTER}).errors["l"]


def test_without_the_scope_the_input_is_refused(client: WebClient, slack: SlackEmulator) -> None:
    subscribed(slack, scopes=["chat:write"])
    trigger = slack.site.tickets.trigger("U0ADMIN")
    source = modal("Letters", [field("Letters", INPUT, "l")])
    assert error(client.views_open, trigger_id=trigger, view=source) == "missing_scope"
    subscribed(slack)
    client.views_open(trigger_id=trigger, view=source)


def test_the_page_uploads_at_once_keeps_and_leaves_out(
    client: WebClient, slack: SlackEmulator, server: EmulatorServer, got: list[dict[str, Any]]
) -> None:
    browser, view = FileBrowser(server.url), opened(client, slack)
    name = "l:files"

    def act(do: str, *parts: Part) -> str:
        base: list[Part] = [("surface", view.id, None), ("back", "/as/U0ADMIN/c/C0GENERAL", None), ("do", do, None)]
        has: list[Part] = [("has", name, None), ("has", "n:note", None)]
        return browser.upload("/as/U0ADMIN/act", [*base, *has, *parts])

    page = browser.get("/as/U0ADMIN/c/C0GENERAL")
    assert 'accept=".pdf,.jpg"' in page
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
