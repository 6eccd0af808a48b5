"""Text as people type it and Slack hands it over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.command_text import (
    extract_options,
    mentioned_user,
    printable,
    split_subcommand,
    straighten,
    unescape,
)


@pytest.mark.parametrize(
    ("handed_over", "meant"),
    [
        ("plain", "plain"),
        ("", ""),
        ("<https://example.org/a?x=1&amp;y=2>", "https://example.org/a?x=1&y=2"),
        ("<https://example.org/a|example.org>", "https://example.org/a"),
        ("source:<https://example.org|example.org> seen", "source:https://example.org seen"),
        ("<mailto:a@example.org|a@example.org>", "mailto:a@example.org"),
        ("<@U1|mina.lee>", "<@U1|mina.lee>"),
        ("<#C1|general>", "<#C1|general>"),
        ("<!subteam^S1|@aid>", "<!subteam^S1|@aid>"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&lt;!channel&gt;", "<!channel>"),
        ("&amp;lt;", "&lt;"),
        ("&amp;amp;", "&amp;"),
        ("<", "<"),
        ("a < b", "a < b"),
        ("<<https://example.org>>", "<https://example.org>"),
        ("<>", ""),
    ],
)
def test_unescape_decodes_entities(handed_over: str, meant: str) -> None:
    assert unescape(handed_over) == meant


@given(st.text())
def test_unescape_round_trips_slack_escapes(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert unescape(escaped) == text


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("“x”", '"x"'),
        ("„x‟", '"x"'),
        ("it’s", "it's"),
        ("‘x‛", "'x'"),
        ("GG–1", "GG-1"),
        ("GG—1", "GG-1"),
        ("GG‑1", "GG-1"),
        ("−", "-"),
        ("on：2026", "on:2026"),
        ("GG-1，GG-2", "GG-1,GG-2"),
        ("a\u00a0b", "a b"),
        ("a\u3000b", "a b"),
    ],
)
def test_straighten_replaces_phone_typography(typed: str, plain: str) -> None:
    assert straighten(typed) == plain


@given(st.text())
def test_straighten_keeps_the_length(text: str) -> None:
    """The one-line form takes the note out of the original at the place found in the tidied text."""
    assert len(straighten(text)) == len(text)


@pytest.mark.parametrize(
    ("typed", "user"),
    [
        ("<@U0MEMBER|mina.lee>", "U0MEMBER"),
        ("<@U0MEMBER>", "U0MEMBER"),
        (" <@W123ABC> ", "W123ABC"),
        ("U0MEMBER", "U0MEMBER"),
        ("@mina", None),
        ("", None),
        ("U", None),
        ("<@U0MEMBER> and more", None),
        ("<#C1|x>", None),
    ],
)
def test_parse_person_accepts_mention_or_id(typed: str, user: str | None) -> None:
    assert mentioned_user(typed) == user


@pytest.mark.parametrize(
    ("typed", "verb", "rest"),
    [
        ("", "", ""),
        ("On", "on", ""),
        ("on group:io", "on", "group:io"),
        ("  ON   group:io  -x ", "on", "group:io -x"),
        ("on\u0000\tgroup:io", "on", "group:io"),
        ("grant <@U1|mina>", "grant", "<@U1|mina>"),
    ],
)
def test_split_subcommand_uses_the_first_word(typed: str, verb: str, rest: str) -> None:
    assert split_subcommand(typed) == (verb, rest)


@pytest.mark.parametrize(
    ("typed", "rest", "options"),
    [
        ("lang:ko group:io", "group:io", {"lang": "ko"}),
        ("lang:ko LANG:en", "", {"lang": "en"}),
        ("group:io", "group:io", {}),
        ('"lang:ko" x', '"lang:ko" x', {}),
        ("lang:", "", {"lang": ""}),
    ],
)
def test_extract_options_removes_them(typed: str, rest: str, options: dict[str, str]) -> None:
    assert extract_options(typed, ("lang",)) == (rest, options)


@given(st.text())
def test_printable_text_has_no_control_characters(text: str) -> None:
    assert printable(text).isprintable() or not any(ord(each) < 32 for each in printable(text))
