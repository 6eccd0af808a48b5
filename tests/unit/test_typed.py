"""Command text as Slack delivers it: entities, typography, options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.domain.text import settle
from handlers.slack.command_text import extract_options, mentioned_user, split_subcommand, unescape


@pytest.mark.parametrize(
    ("encoded", "text"),
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
def test_unescape_decodes_entities(encoded: str, text: str) -> None:
    assert unescape(encoded) == text


@given(st.text())
def test_unescape_round_trips_slack_escapes(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert unescape(escaped) == settle(text)


@pytest.mark.parametrize("text", ["<@U0MEMBER|mina.lee>", "<@U0MEMBER>", " <@U0MEMBER> ", "U0MEMBER"])
def test_parse_person_accepts_mention_or_id(text: str) -> None:
    assert mentioned_user(text) == "U0MEMBER"


@pytest.mark.parametrize("text", ["@mina", "", "U", "<@U0MEMBER> and more", "<#C1|x>"])
def test_parse_person_accepts_nothing_else(text: str) -> None:
    assert mentioned_user(text) is None
    assert mentioned_user("<@W123ABC>") == "W123ABC"


@pytest.mark.parametrize(
    ("text", "verb", "rest"),
    [
        ("", "", ""),
        ("On", "on", ""),
        ("on group:io", "on", "group:io"),
        ("  ON   group:io  -x ", "on", "group:io -x"),
        ("on\u0000\tgroup:io", "on", "group:io"),
        ("grant <@U1|mina>", "grant", "<@U1|mina>"),
    ],
)
def test_split_subcommand_uses_the_first_word(text: str, verb: str, rest: str) -> None:
    assert split_subcommand(text) == (verb, rest)


@pytest.mark.parametrize(
    ("text", "rest", "options"),
    [
        ("lang:ko group:io", "group:io", {"lang": "ko"}),
        ("lang:ko LANG:en", "", {"lang": "en"}),
        ("group:io", "group:io", {}),
        ('"lang:ko" x', '"lang:ko" x', {}),
        ("lang:", "", {"lang": ""}),
    ],
)
def test_extract_options_removes_them(text: str, rest: str, options: dict[str, str]) -> None:
    assert extract_options(text, ("lang",)) == (rest, options)
