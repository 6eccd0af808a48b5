"""Any value in a payload, at any listener: answered in words, with no live mention and nothing half written.

Slack returns the values that the bot gave it; old messages, other versions and people who forge requests with a
stolen session do not.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack_emulator.block_kit.blocks import check_message, check_options, check_view
from tests.e2e.server.test_any_text import NASTY, WORDS, assert_tame, line_texts
from tests.support.harness import BotHarness
from tests.support.proposals import problems
from tests.support.requests import LISTENERS, has_fields, send_request

MENTIONS = ("@U0ADMIN", "@U0SECOND", "@U0MEMBER", "@U0GUEST")
NOT_OPEN = (
    "not_found",
    "channel_not_found",
    "message_not_found",
    "thread_not_found",
    "invalid_trigger_id",
    "expired_trigger_id",
)
"""The views and messages here are made up, so Slack does not find them; all else has to be such as it takes."""

PEOPLE = ("U0ADMIN", "U0ADMIN", "U0SECOND", "U0MEMBER", "U0GUEST")
VALUES = (
    *NASTY, *WORDS, "", "0", "-1", "1e9", "99999999999999999999999", "٣", "one GG-1", "one", "list",
    "list x group:io", "list 1 group:", "1 group:io", "x group:io", "-5 zzz", "{}", "[]", "null", "{",
    '{"refs": ["GG-1"]}', '{"refs": 3, "corrects": "x"}', '{"corrects": 1, "refs": ["GG-1"], "seen": "x"}',
    '{"ref": "GG-1", "version": "x"}', '{"ref": "GG-99", "version": 1}', "C0ALERTS", "C0GENERAL", "C0NOWHERE", "on",
    "x" * 2000,
)  # fmt: skip
values = st.one_of(st.sampled_from(VALUES), line_texts)
MENUS = ("kind", "by", "as", "group", "applicant", "visibility", "currency", "alerts_hour", "alerts_digest")
SEVERAL = ("refs", "sectors", "lift", "alerts_group")
TEXTS = ("note", "until", "on", "on-inexact", "deadline", "deadline-hour", "source", "reported", "items", "value")
TEXTS += ("title_en", "ref", "amount_low", "alerts_words")


def option(value: str) -> Any:
    return {"text": {"type": "plain_text", "text": "x"}, "value": value}


def field(kind: str, name: str) -> Callable[[Any], Any]:
    """Return a function that makes a value the state of an input as Slack sends it."""
    return lambda value: {"type": kind, name: value}


states = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(MENUS, (st.none() | values.map(option)).map(field("static_select", "selected_option"))),
        **dict.fromkeys(
            SEVERAL, st.lists(values.map(option), max_size=3).map(field("multi_external_select", "selected_options"))
        ),
        **dict.fromkeys(TEXTS, (st.none() | values).map(field("plain_text_input", "value"))),
    },
).map(lambda fields: {name: {name: state} for name, state in fields.items()})  # by block, then by action


@settings(max_examples=30)
@given(data=st.data(), user=st.sampled_from(PEOPLE), value=values)
@pytest.mark.parametrize("entry", LISTENERS)
def test_any_value_at_any_listener_is_answered(
    busy: BotHarness,
    caplog: pytest.LogCaptureFixture,
    cases: Counter[str],
    entry: str,
    data: st.DataObject,
    user: str,
    value: Any,
) -> None:
    cases[entry] += 1
    caplog.clear()
    state = data.draw(states) if has_fields(entry) else None
    result = send_request(busy, user, entry, value, state)

    assert result.ack.acked
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    # the views here are not open; see the last test
    assert all("work after an answer failed" in record.getMessage() for record in errors), caplog.text[-1500:]
    assert "Something went wrong" not in json.dumps(result.ack.payload, ensure_ascii=False, default=str)
    assert_accepted(result.ack.payload or {})


def assert_accepted(answer: Any) -> None:
    """Assert that Slack accepts an answer and that it has no live mention."""
    if "blocks" in answer:
        assert_tame(check_message(answer["blocks"]), MENTIONS)
    if "view" in answer:
        assert_tame(check_view(answer["view"])["blocks"], MENTIONS)
    if "options" in answer:
        assert not check_options(answer)


def test_calls_and_record_stay_sound(busy: BotHarness) -> None:
    """Slack accepted every call, no message has a live mention, and the record is sound."""
    busy.wait(lambda: not busy.queued())
    for call in busy.slack.calls():
        assert call.error in {"", *NOT_OPEN}, (call.method, call.error)
        assert_tame(call.args.get("blocks") or [], MENTIONS)
    assert problems(busy.database) == []
