"""Block Kit as plain data: limits, text that stays text, and nothing cut without a word."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack_emulator.formatting.mrkdwn import RenderContext, to_html, to_plain
from handlers.blocks.blockkit import (
    LIMITS,
    Block,
    actions,
    button,
    context,
    fit,
    header,
    modal,
    option,
    plain,
    sections,
    text_length,
)
from handlers.slack.mrkdwn import clip, escape, link, split

READER = RenderContext()
LEFT_OUT = "… and {count} more"
pieces = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["&", "<", ">", "<!channel>", "<https://x.example|y>", "\n", " ", "|", "é" * 9]),
)
texts = st.lists(pieces, max_size=12).map("".join)
a_link = st.just(link("https://a.example/x", "label"))
mrkdwn = st.lists(st.one_of(texts.map(escape), a_link), max_size=12).map(" ".join)


@given(texts)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    assert not re.search(r"[<>]", escape(text))
    shown = to_html(escape(text), READER)
    assert "<" not in re.sub(r"</?(?:strong|em|s|br|code|pre|blockquote|div)\b[^>]*>", "", shown)


@pytest.mark.parametrize(
    "text", ["<!channel>", "<@U1>", "<https://x.example|your bank>", "a & b", "&amp;", "&lt;", "1 < 2 > 0"]
)
def test_what_is_escaped_reads_as_typed(text: str) -> None:
    assert to_plain(escape(text), READER) == text


@pytest.mark.parametrize(
    ("url", "label", "made"),
    [
        ("https://a.example", "A", "<https://a.example|A>"),
        ("https://a.example/x|y>z<", "A", "<https://a.example/x%7Cy%3Ez%3C|A>"),
        ("https://a.example", "A|B <c>", "<https://a.example|A¦B &lt;c&gt;>"),
    ],
)
def test_a_link_has_one_address_and_one_label(url: str, label: str, made: str) -> None:
    assert link(url, label) == made


@given(texts, st.integers(30, 80))
def test_clipped_text_fits_and_says_that_it_was_clipped(text: str, limit: int) -> None:
    clipped = clip(text, limit)

    assert len(clipped) <= limit
    assert clipped == text or re.search(r" … \[\+\d+\]$", clipped)


@given(mrkdwn, st.integers(30, 80))
def test_clipping_leaves_no_half_entity_and_no_half_link(text: str, limit: int) -> None:
    clipped = clip(text, limit)

    assert not re.search(r"&(?!amp;|lt;|gt;)", clipped)
    assert "<" not in re.sub(r"<[^<>]*>", "", clipped)


@given(mrkdwn, st.integers(40, 120))
def test_a_split_text_is_whole_and_each_part_fits(text: str, limit: int) -> None:
    parts = split(text, limit)

    assert all(len(part) <= limit for part in parts)
    assert re.sub(r"[ \n]", "", "".join(parts)) == re.sub(r"[ \n]", "", text)
    for part in parts:
        assert not re.search(r"&(?!amp;|lt;|gt;)", part)
        assert "<" not in re.sub(r"<[^<>]*>", "", part)


def test_text_is_split_at_line_ends_then_at_spaces() -> None:
    assert split("one\ntwo three", 8) == ["one", "two", "three"]
    assert split("abcdef", 4) == ["abcd", "ef"]
    assert split("", 4) == [""]


@given(st.lists(texts, max_size=80), st.integers(1, 500))
def test_what_does_not_fit_a_message_is_counted(rows: list[str], times: int) -> None:
    blocks = [block for row in rows for block in sections(escape(row * times))]
    kept = fit(blocks, LEFT_OUT)

    assert len(kept) <= LIMITS["message_blocks"]
    assert sum(text_length(block) for block in kept[:-1]) <= LIMITS["message_text"]
    if len(kept) < len(blocks) or kept != blocks:
        assert kept[-1]["elements"][0]["text"] == f"… and {len(blocks) - len(kept) + 1} more"


def test_the_last_block_that_fits_is_kept() -> None:
    blocks = [context(str(n)) for n in range(50)]
    assert fit(blocks, LEFT_OUT) == blocks
    assert fit([*blocks, context("51")], LEFT_OUT) == [*blocks[:49], context("… and 2 more")]


def test_buttons_are_kept_where_text_is_left_out() -> None:
    """A preview too long to show must still be one that can be recorded."""
    long = [block for _ in range(10) for block in sections("x" * 2900)]
    buttons = actions([button("Record", "record", "1")])
    kept = fit([*long, buttons], LEFT_OUT)

    assert kept[-1] == buttons
    assert kept[-2]["elements"][0]["text"] == "… and 6 more"


@given(st.text(max_size=400))
def test_labels_stay_within_slacks_limits(text: str) -> None:
    made: list[tuple[Block, str]] = [
        (header(text)["text"], "header"),
        (button(text, "a")["text"], "button"),
        (option(text, "v")["text"], "option"),
        (modal("c", text, [], close=text, submit=text)["title"], "title"),
        (plain(text, 24), "title"),
    ]

    for block, limit in made:
        assert 1 <= len(block["text"]) <= LIMITS[limit]
    assert len(option("x", text)["value"]) <= LIMITS["option_value"]
