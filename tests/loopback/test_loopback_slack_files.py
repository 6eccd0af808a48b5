"""Images in blocks that are files of the workspace: refused unless the bot may show them, drawn for who sees them."""

from typing import Any

import pytest
from loopback_sample import modal, section
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from test_loopback_file_page import FileBrowser
from test_loopback_files import PNG, error

from bot.loopback import LoopbackServer, Slack


def image(source: dict[str, Any]) -> dict[str, Any]:
    return {"type": "image", "slack_file": source, "alt_text": "A chart"}


def uploaded(client: WebClient, data: bytes = PNG, name: str = "chart.png") -> dict[str, Any]:
    file = client.files_upload_v2(content=data, filename=name)["file"]
    return dict(client.files_info(file=file["id"])["file"])


def refusal(client: WebClient, blocks: list[dict[str, Any]]) -> tuple[str, list[str]]:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0GENERAL", text="x", blocks=blocks)
    answer = caught.value.response
    return answer["error"], answer["response_metadata"]["messages"]


def test_by_id_by_address_and_by_permalink(client: WebClient, server: LoopbackServer, slack: Slack) -> None:
    file, browser = uploaded(client), FileBrowser(server.url)
    address = f"/as/U0GUEST/files/{file['id']}"
    assert browser.file(address)[0] == 404
    sources = [{"id": file["id"]}, {"url": file["url_private"]}, {"url": file["permalink"]}]
    blocks = [
        image(sources[0]),
        section("x", accessory=image(sources[1])),
        {"type": "context", "elements": [image(sources[2])]},
    ]
    client.chat_postMessage(channel="C0GENERAL", text="charts", blocks=blocks)
    assert slack.messages("#general")[0].blocks[0]["slack_file"] == sources[0]
    page = browser.get("/as/U0GUEST/c/C0GENERAL")
    assert page.count(f'<img class="image-file" src="{address}" alt="A chart">') == 3
    assert browser.file(address)[0] == 200


def test_what_may_not_be_shown_is_refused_with_a_pointer(client: WebClient, slack: Slack) -> None:
    theirs = slack.world.files.add("U0ADMIN", "secret.png", PNG)
    text, webp = uploaded(client, b"text", "fake.png"), uploaded(client, b"RIFF\0\0\0\0WEBPVP8 ")
    gone = uploaded(client)
    client.files_delete(file=gone["id"])
    other_name = uploaded(client)["url_private"].replace("chart", "map")
    wrong = [
        {"id": "F404"},
        {"id": theirs.id},
        {"id": text["id"]},
        {"id": webp["id"]},
        {"id": gone["id"]},
        {"url": other_name},
        {"url": "https://example.org/chart.png"},
    ]
    for source in wrong:
        expected = ["[ERROR] invalid slack file [json-pointer:/blocks/1/accessory/slack_file]"]
        assert refusal(client, [section("x"), section("y", accessory=image(source))]) == ("invalid_blocks", expected)
    both = {"id": theirs.id, "url": "https://example.org"}
    assert refusal(client, [image(both)])[0] == "invalid_blocks"
    assert slack.messages("#general") == []


def test_views_edits_and_response_urls_are_checked_too(client: WebClient, in_process: Slack, app: Any) -> None:
    file = uploaded(client)
    bad, good = [image({"id": "F404"})], [image({"id": file["id"]})]
    ts = client.chat_postMessage(channel="C0GENERAL", text="x")["ts"]
    assert error(client.chat_update, channel="C0GENERAL", ts=ts, text="x", blocks=bad) == "invalid_blocks"
    trigger = in_process.site.tickets.trigger("U0ADMIN")
    assert error(client.views_open, trigger_id=trigger, view=modal("T", bad)) == "invalid_arguments"
    assert error(client.views_publish, user_id="U0ADMIN", view={"type": "home", "blocks": bad}) == "invalid_arguments"
    in_process.person("U0ADMIN").command("/status", "none", channel="#general")
    hook = WebhookClient(app.heard[-1]["response_url"])
    assert (hook.send(blocks=bad).status_code, hook.send(blocks=good).body) == (400, "ok")


def test_in_a_view_only_its_reader_sees_the_picture(client: WebClient, slack: Slack, server: LoopbackServer) -> None:
    file, browser = uploaded(client), FileBrowser(server.url)
    view = modal("T", [image({"id": file["id"]})])
    client.views_open(trigger_id=slack.site.tickets.trigger("U0ADMIN"), view=view)
    assert browser.file(f"/as/U0ADMIN/files/{file['id']}")[0] == 200
    assert browser.file(f"/as/U0MEMBER/files/{file['id']}")[0] == 404
    client.views_publish(user_id="U0MEMBER", view={"type": "home", "blocks": [image({"id": file["id"]})]})
    assert browser.file(f"/as/U0MEMBER/files/{file['id']}")[0] == 200
