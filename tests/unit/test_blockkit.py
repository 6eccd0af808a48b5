"""Block Kit builders: Slack's limits, literal text, and no silent truncation."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.blocks.blockkit import (
    LIMITS,
    Block,
    actions,
    button,
    context,
    fit,
    header,
    option,
    plain,
    sections,
    text_length,
)
from handlers.blocks.forms import modal
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape, link, split

EN, LEFT_OUT = Translator("en"), "… and {count} more"
pieces = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["&", "<", ">", "<!channel>", "<https://x.example|y>", "\n", " ", "|", "é" * 9]),
)
texts = st.lists(pieces, max_size=12).map("".join)
a_link = st.just(link("https://a.example/x", "label"))
mrkdwn = st.lists(st.one_of(texts.map(escape), a_link), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("url", "label", "expected"),
    [
        ("https://a.example", "A", "<https://a.example|A>"),
        ("https://a.example/x|y>z<", "A", "<https://a.example/x%7Cy%3Ez%3C|A>"),
        ("https://a.example", "A|B <c>", "<https://a.example|A¦B &lt;c&gt;>"),
    ],
)
def test_link_has_one_address_and_one_label(url: str, label: str, expected: str) -> None:
    assert link(url, label) == expected


def assert_whole(text: str, limit: int) -> None:
    """Assert that a text fits its limit, and has no half of an entity or link."""
    assert len(text) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    assert "<" not in re.sub(r"<[^<>]*>", "", text)


@given(mrkdwn, st.integers(30, 80))
def test_clip_fits_the_limit_and_marks_the_cut(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert_whole(clipped, limit)
    assert clipped == text or re.search(r" … \[\+\d+\]$", clipped)


@given(mrkdwn, st.integers(40, 120))
def test_split_keeps_all_text_within_the_limit(text: str, limit: int) -> None:
    parts = split(text, limit)

    assert re.sub(r"[ \n]", "", "".join(parts)) == re.sub(r"[ \n]", "", text)
    for part in parts:
        assert_whole(part, limit)


def test_split_prefers_line_ends_then_spaces() -> None:
    assert split("one\ntwo three", 8) == ["one", "two", "three"]
    assert split("abcdef", 4) == ["abcd", "ef"]
    assert split("", 4) == [""]


@given(st.lists(texts, max_size=80), st.integers(1, 500))
def test_message_overflow_is_counted(rows: list[str], times: int) -> None:
    blocks = [block for row in rows for block in sections(escape(row * times))]
    fitted = fit(EN, blocks, LEFT_OUT)

    assert len(fitted) <= LIMITS["message_blocks"]
    assert sum(text_length(block) for block in fitted[:-1]) <= LIMITS["message_text"]
    if len(fitted) < len(blocks) or fitted != blocks:
        assert fitted[-1]["elements"][0]["text"] == f"… and {len(blocks) - len(fitted) + 1} more"


def test_message_keeps_the_last_block_that_fits() -> None:
    blocks = [context(str(n)) for n in range(50)]
    assert fit(EN, blocks, LEFT_OUT) == blocks
    assert fit(EN, [*blocks, context("51")], LEFT_OUT) == [*blocks[:49], context("… and 2 more")]


def test_message_overflow_keeps_buttons() -> None:
    """Keep a preview that is too long recordable."""
    long = [block for _ in range(10) for block in sections("x" * 2900)]
    buttons = actions([button("Record", "record", "1")])
    fitted = fit(EN, [*long, buttons], LEFT_OUT)

    assert fitted[-1] == buttons
    assert fitted[-2]["elements"][0]["text"] == "… and 6 more"


@given(st.text(max_size=400))
def test_labels_stay_within_slack_limits(text: str) -> None:
    labels: list[tuple[Block, str]] = [
        (header(text)["text"], "header"),
        (button(text, "a")["text"], "button"),
        (option(text, "v")["text"], "option"),
        (modal(EN, "c", text, [], close=text, submit=text)["title"], "title"),
        (plain(text, 24), "title"),
    ]

    for block, limit in labels:
        assert 1 <= len(block["text"]) <= LIMITS[limit]
    assert len(option("x", text)["value"]) <= LIMITS["option_value"]
