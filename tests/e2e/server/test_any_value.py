"""Any value in a payload, at any listener: answered in words, with no live mention and nothing half written.

Slack returns the values that the bot gave it; old messages, other versions and people who forge requests with a
stolen session do not.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack_emulator.block_kit.blocks import check_message, check_options, check_view
from db.integrity.check import find_problems
from tests.e2e.server.test_any_text import NASTY, WORDS, assert_tame, line_texts
from tests.support.harness import BotHarness
from tests.support.requests import LISTENERS, send_request

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


states = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.none() | values.map(option) for name in MENUS},
        **{name: st.lists(values.map(option), max_size=3) for name in SEVERAL},
        **{name: st.none() | values for name in TEXTS},
    },
)


def state_of(values: Any) -> Any:
    """Convert a form's values to Slack's state: by block, then by action."""
    kinds = {
        **dict.fromkeys(MENUS, ("static_select", "selected_option")),
        **dict.fromkeys(SEVERAL, ("multi_external_select", "selected_options")),
        **dict.fromkeys(TEXTS, ("plain_text_input", "value")),
    }
    return {name: {name: {"type": kinds[name][0], kinds[name][1]: value}} for name, value in values.items()}


many = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


class ErrorLog(logging.Handler):
    """Handler that collects logged errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "work after an answer failed" not in record.getMessage():  # the views here are not open; see the last test
            self.said.append(self.format(record))


@pytest.fixture(scope="module")
def error_log() -> Iterator[ErrorLog]:
    handler = ErrorLog()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


@many
@given(user=st.sampled_from(PEOPLE), value=values, state=states)
@pytest.mark.parametrize("entry", LISTENERS)
def test_any_value_at_any_listener_is_answered(
    busy: BotHarness, error_log: ErrorLog, cases: Counter[str], entry: str, user: str, value: Any, state: Any
) -> None:
    cases[entry] += 1
    error_log.said.clear()
    result = send_request(busy, user, entry, value, state_of(state))

    assert result.ack.acked
    assert not error_log.said, error_log.said[-1][-1500:]
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
    with busy.database.reading() as session:
        assert find_problems(session) == []
