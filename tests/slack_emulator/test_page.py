"""The page over plain HTTP: what it shows, and what its forms do."""

import html
import re
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, SimulatedUser, SlackEmulator
from tests.slack_emulator.sample_app import button, section
from tests.support.http import call

BACK = "/as/U0ADMIN/c/C0GENERAL"


class Browser:
    """Fetches pages and sends forms; redirects are followed."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, path: str) -> str:
        return self._followed(path)

    def post(self, path: str, fields: list[tuple[str, str]], **headers: str) -> str:
        return self._followed(path, urlencode(fields).encode(), headers)

    def _followed(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> str:
        request = urllib.request.Request(self._url + path, body, headers or {})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())

    def status(self, path: str, headers: dict[str, str] | None = None) -> int:
        return call(self._url + path, headers=headers or {}).status

    def say(self, text: str, back: str = BACK) -> str:
        channel = back.rsplit("/", 1)[-1]
        return self.post("/as/U0ADMIN/send", [("back", back), ("channel", channel), ("text", text)])

    def act(self, page: str, do: str, *fields: tuple[str, str]) -> str:
        """Use a button of the last form that has it, with the form's hidden fields."""
        form = [
            form
            for form in re.findall(r"<form.*?</form>", page, re.DOTALL)
            if f'value="{do}"' in form or do.startswith("choose")
        ][-1]
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
        return self.post("/as/U0ADMIN/act", [*((k, html.unescape(v)) for k, v in hidden), ("do", do), *fields])


@pytest.fixture
def browser(server: EmulatorServer, in_process: SlackEmulator) -> Browser:
    assert in_process.delivery
    return Browser(server.url)


def test_the_page_begins_with_the_first_channel(browser: Browser) -> None:
    page = browser.get("/")
    assert "<title>#general – Aid circle</title>" in page
    assert all(name in page for name in ("aid-alerts", "gyeonggi", "Mina Lee", "Alex Guest"))
    assert "gyeonggi" not in browser.get("/as/U0GUEST/c/C0GENERAL")


def test_a_command_is_typed_and_its_answer_pressed(browser: Browser, slack: SlackEmulator) -> None:
    page = browser.say("/status")
    assert "Only visible to you" in page
    assert "<strong>Under review</strong>" in page
    page = browser.act(page, "press!act:share")
    assert "Shared." in page
    assert "(shared)" in slack.person("U0GUEST").screen("#general")
    assert "Only visible" not in browser.get("/as/U0GUEST/c/C0GENERAL")


def test_what_only_one_sees_is_dismissed_by_them_alone(browser: Browser, slack: SlackEmulator) -> None:
    browser.say("/status")
    (message,) = slack.person("U0ADMIN").messages("#general")
    surface = ("surface", f"{message.channel}/{message.ts}")
    browser.post("/as/U0GUEST/dismiss", [("back", "/as/U0GUEST/c/C0GENERAL"), surface])
    assert slack.person("U0ADMIN").messages("#general") == [message]
    assert "Only visible to you" not in browser.post("/as/U0ADMIN/dismiss", [("back", BACK), surface])
    assert slack.person("U0ADMIN").messages("#general") == []


def test_a_modal_is_filled_in_and_sent(browser: Browser, slack: SlackEmulator, admin: SimulatedUser) -> None:
    page = browser.say("/update")
    assert re.search(r'<dialog class="modal"[^>]* open', page)
    url = html.unescape(re.findall(r'data-remote="([^"]*)"', page)[0])
    assert '"GG-1"' in browser.get(f"{url}&q=gg")
    page = browser.act(page, "submit", ("v!p:projects", "GG-1"), ("v!n:note", "errors"))
    assert "Please complete this required field." in page
    assert '<option value="GG-1" selected>' in page
    page = browser.act(page, "choose!k:kind", ("v!p:projects", "GG-1"), ("v!k:kind", "hold"), ("v!n:note", "a\r\nb"))
    assert ">Holder</label>" in page
    rest = [("v!p:projects", "GG-1"), ("v!k:kind", "hold"), ("v!h:holder", "United States"), ("v!t:tell", "me")]
    page = browser.act(page, "submit", *rest, ("v!n:note", "a\r\nb"))
    assert "<dialog" not in page
    assert admin.modal is None
    values = slack.traffic_log.sent("interactive")[-1].payload["view"]["state"]["values"]
    assert values["n"]["note"]["value"] == "a\nb"
    assert values["p"]["projects"]["selected_options"][0]["value"] == "GG-1"


def test_text_from_the_bot_cannot_break_out(browser: Browser, client: WebClient) -> None:
    evil = '<script>alert(1)</script> <javascript:alert(1)|x> "><img src=x> <https://x.org/"onload=alert(1)|y>'
    blocks = [
        section(evil),
        {"type": "context", "elements": [{"type": "plain_text", "text": evil}]},
        {"type": "actions", "elements": [button('"><b>', '"><b>')]},
    ]
    client.chat_postMessage(channel="C0GENERAL", text=evil, blocks=blocks)
    page = browser.get(BACK)
    messages = page[page.index('<section id="messages"') : page.index("</section>")]
    assert not re.search(r"<script|<img|<b>|javascript:alert\(1\)\"| onload=", messages.replace("&#34;onload=", ""))


def test_threads_unread_marks_and_home(browser: Browser, client: WebClient, admin: SimulatedUser) -> None:
    parent = admin.mention("#general", "GG-1?")
    client.chat_postMessage(channel="C0ALERTS", text="news")
    page = browser.get(BACK)
    assert "1 reply" in page
    assert '1<span class="hidden"> unread' in page
    assert "<title>(1) #general" in page
    thread = browser.get(f"{BACK}?thread={parent.ts}")
    assert "heard:" in thread[thread.index("thread-messages") :]
    browser.get("/as/U0ADMIN/c/C0ALERTS")
    assert "unread" not in browser.get(BACK)
    assert "My projects" in browser.get("/as/U0ADMIN/home")


def test_what_cannot_be_done_is_said(browser: Browser) -> None:
    page = browser.say("/status")
    browser.act(page, "press!act:share")
    assert "This button or field no longer exists" in browser.act(page, "press!act:share")


def test_other_sites_stay_out(browser: Browser) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        for path in ("/as/U0ADMIN/send", "/api/chat.postMessage"):
            with pytest.raises(urllib.error.HTTPError) as caught:
                browser.post(path, [("back", BACK), ("channel", "C0GENERAL"), ("text", "x")], **headers)
            assert caught.value.code == 403
            caught.value.close()


def test_a_page_elsewhere_cannot_write(browser: Browser, slack: SlackEmulator) -> None:
    """An address in a picture carries the token, but GET writes nothing, and nothing is done for another site."""
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    write = "/api/chat.postMessage?token=xoxb-emulator&channel=C0GENERAL&text=x"
    read = "/api/conversations.history?token=xoxb-emulator&channel=C0GENERAL"
    link = {**elsewhere, "Sec-Fetch-Mode": "navigate"}
    assert [browser.status(write), browser.status(write, elsewhere), browser.status(read, link)] == [405, 403, 403]
    assert [browser.status(read), browser.status(BACK, link), browser.status(BACK, elsewhere)] == [200, 200, 403]
    assert slack.messages("#general") == []


def test_news_comes_as_an_event(server: EmulatorServer, slack: SlackEmulator) -> None:
    with urllib.request.urlopen(f"{server.url}/as/U0ADMIN/news", timeout=10) as stream:
        assert stream.readline() == b": hello\n"
        slack.store.post("C0GENERAL", "U0MEMBER", text="news")
        assert b"event: news\n" in [stream.readline() for _ in range(2)]
