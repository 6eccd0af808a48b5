"""Text at the door: what people type, paste and upload is settled before it is compared or kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack_emulator.formatting.mrkdwn import RenderContext, to_html
from db.domain.code_lists import parse_state
from db.domain.text import normalize, settle, straighten, without_unseen
from db.domain.updates import Source
from db.projects.queries import canonical_ref
from db.search.filter import parse_filter
from handlers.blocks.blockkit import plain
from handlers.blocks.formatting import source
from handlers.i18n.translator import Translator
from handlers.slack.command_text import unescape
from handlers.slack.mrkdwn import INERT, Markup, escape, link
from handlers.updates.line_parser import parse_line

PLAIN = st.text(st.characters(categories=["L", "Nd", "P", "Sm", "Sc"]), max_size=60).map(
    lambda text: unicodedata.normalize("NFC", text.replace("\u115f", "").replace("\u1160", "").replace("\u3164", ""))
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("plain", "plain"),
        (unicodedata.normalize("NFD", "미국"), "미국"),
        ("\ufeffGG-1\u200b", "GG-1"),
        ("so\u00adft \u200ehy\u202aphen\u2069", "soft hyphen"),
        ("a\u00a0b\u3000c\u2009d\te", "a b c d e"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\0b\ud800c\x07d", "abc d"),
        ("MSF’s “list” — Ａ", "MSF’s “list” — Ａ"),
        ("👩🏽\u200d🚒 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ©\ufe0e", "👩🏽\u200d🚒 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ©\ufe0e"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("a\u200db\ufe0fc\U000e0067", "abc"),
        ("*\u034fx*\u034f", "*x*"),
    ],
)
def test_settle_keeps_what_can_be_seen(typed: str, kept: str) -> None:
    assert settle(typed) == kept


@given(st.text())
def test_settle_is_idempotent(text: str) -> None:
    assert settle(settle(text)) == settle(text)


@given(PLAIN)
def test_settle_keeps_plain_text(text: str) -> None:
    assert settle(text) == text.replace("\uffa0", "")


UNSEEN = [*map(chr, (0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD))]
"""Unicode's direction controls and zero-width characters."""


@pytest.mark.parametrize("char", UNSEEN)
def test_character_that_cannot_be_seen_reaches_no_screen(char: str) -> None:
    """Text of an earlier version may still hold it."""
    url = f"https://un.org/{char}a"
    assert char not in settle(f"gpj.{char}exe") + escape(f"a{char}b") + link(url, f"un{char}.org")
    assert plain(f"gpj.{char}exe", 75)["text"] == "gpj.exe"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.donga.com/a", "<https://www.donga.com/a|un.org, donga.com>"),
        ("https://un.org/a", "<https://un.org/a|un.org>"),
        ("https://un.org@evil.example/\u202egpj.exe", "<https://un.org@evil.example/gpj.exe|un.org, evil.example>"),
        ("https://\u0443n.org/a", "<https://\u0443n.org/a|un.org, xn--n-bub.org>"),
        ("https://[/", "<https://[/|un.org, https://[/>"),
    ],
)
def test_link_shows_where_it_leads(url: str, shown: str) -> None:
    assert source(Translator("en"), Source(url=url, publisher="un.org")).replace(INERT, "") == shown


@pytest.mark.parametrize(
    ("text", "straight"),
    [
        ("“x”„x‟«x»", '"x""x""x"'),
        ("it’s ‘x‛", "it's 'x'"),
        ("GG–1—2‑3−4", "GG-1-2-3-4"),
        ("ｏｎ：２０２６，Ｘ＃", "on:2026,X#"),
        ("２０２６。２、３", "2026.2,3"),
    ],
)
def test_straighten_replaces_typography(text: str, straight: str) -> None:
    assert straighten(text) == straight


@given(st.text())
def test_straighten_keeps_the_length(text: str) -> None:
    """Keep offsets: the parser cuts the note from the text as typed."""
    assert len(straighten(text)) == len(text)


@given(st.text())
def test_normalize_compares_settled_text(text: str) -> None:
    assert normalize(settle(text)) == normalize(text)


@pytest.mark.parametrize(
    "typed", ["ＧＧ－１", "*GG-1*", "_gg1_", "GG-1\u200b", "\ufeffgg–1 ", "`GG-1`", "“GG-1”", "*_GG-1_*"]
)
def test_canonical_ref_of_pasted_text(typed: str) -> None:
    assert canonical_ref(typed) == "GG-1"


@pytest.mark.parametrize("typed", [unicodedata.normalize("NFD", "미국"), "ｕｓ", "US\u200b", " United\u00a0States "])
def test_parse_state_of_pasted_text(typed: str) -> None:
    assert parse_state(typed) == "US"


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("GG-3 note \u200bon:2026-02-05 hello", "GG-3 note on:2026-02-05 hello"),
        ("ＧＧ－３　ｎｏｔｅ　on：２０２６－０２－０５　hello", "GG-3 note on:2026-02-05 hello"),
        (f"GG-3 hold by:{unicodedata.normalize('NFD', '미국')} x", "GG-3 hold by:미국 x"),
        ("GG-3\u00a0hold by:\u200eUS\u200e x", "GG-3 hold by:US x"),
    ],
)
def test_parse_line_of_pasted_text(typed: str, understood: str) -> None:
    assert parse_line(typed) == parse_line(understood)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [("group：io", "group:io"), ("\u200b–status:approved", "-status:approved"), ("“clean water”", '"clean water"')],
)
def test_parse_filter_of_pasted_text(typed: str, understood: str) -> None:
    assert parse_filter(typed) == parse_filter(understood)


WRITTEN = (
    *("3:+1:1 *x* `y`", "Tents *(winter)*", "_a_ ~b~ *_c_* **d** (*e*)", "```code```", "> quoted", "@here #general"),
    *(":tada::tada: :100: :-1: :보류:", "<@U1> <!channel> <https://example.org|x>", "5 * 3, snake_case_x, 14:30"),
)


@pytest.mark.parametrize("text", WRITTEN)
def test_escape_shows_text_as_written(text: str) -> None:
    """Keep the bot's own bold alive around it."""
    shown = to_html(f"*bold* {escape(text)} *bold*", RenderContext())
    seen = shown.replace(INERT, "").replace("&lt;", "<").replace("&gt;", ">")
    assert seen == f"<strong>bold</strong> {text} <strong>bold</strong>"


@pytest.mark.parametrize("text", [*WRITTEN, "🙂 ＞ 보류"])
def test_escape_pasted_back_is_the_text(text: str) -> None:
    assert unescape(escape(text)) == text


@pytest.mark.parametrize(
    "text",
    ["snake_case_x", "5*3", "14:30:15, 22:00-07:00", "a@example.org", "https://example.org/a_b*c:d:", "#", "#12"],
)
def test_escape_adds_nothing_where_nothing_could_act(text: str) -> None:
    assert escape(text) == text


def test_escape_and_link_guard_what_slack_would_act_on() -> None:
    assert escape("@here #general") == f"@{INERT}here #{INERT}general"
    assert escape(Markup("*x*")) == "*x*"
    assert link("https://example.org/a_b", "*x*") == f"<https://example.org/a_b|{INERT}*x*{INERT}>"


@given(st.text())
def test_escape_of_any_text_changes_nothing_else(text: str) -> None:
    plain = text.replace(INERT, "").replace("&", "")
    assert escape(plain).replace(INERT, "").replace("&lt;", "<").replace("&gt;", ">") == without_unseen(plain)
