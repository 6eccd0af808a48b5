"""HTTP requests that are forged, replayed or malformed: refused without effect."""

import json
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import is_response_url
from bot.server.request_guard import MOST_KEPT, SECONDS, ReplayGuard
from bot.slack_emulator import answers_challenge
from db.models import Delivery
from tests.support.harness import BotHarness
from tests.support.http import FORM, command_body, sign, signed_command

SLACKS = ("Signature", "Request-Timestamp", "Retry-Num", "Retry-Reason")
NAMES = st.sampled_from([*(f"X-Slack-{name}" for name in SLACKS), "Content-Type", "X-A"])
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


def queued_tests(harness: BotHarness) -> int:
    with harness.database.reading() as session:
        return session.query(Delivery).filter(Delivery.kind == "test").count()


def test_replays_get_one_answer_one_after_another_or_at_once(over_http: BotHarness) -> None:
    over_http.admin.types("/aid-alerts on")
    body, headers = signed_command("/aid-alerts", "test")
    answers = [over_http.call("/slack/events", "POST", body, headers) for _ in range(3)]
    assert [each.status for each in answers] == [200, 401, 401]
    assert queued_tests(over_http) == 1

    body = command_body("/aid-alerts", "test", trigger_id="1.2.4")
    headers = sign(body)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(over_http.call, "/slack/events", "POST", body, headers) for _ in range(8)]
        statuses = Counter(each.result().status for each in futures)
    assert statuses == {200: 1, 401: 7}
    assert queued_tests(over_http) == 2


def test_forged_request_does_not_block_the_real_one(busy_over_http: BotHarness) -> None:
    assert answers_challenge(busy_over_http.slack.delivery)
    body, headers = signed_command("/aid-status", "GG-1")
    forged = busy_over_http.call("/slack/events", "POST", body + b"&x=1", headers)
    real = busy_over_http.call("/slack/events", "POST", body, headers)

    assert (forged.status, real.status) == (401, 200)
    assert json.loads(real.text)["text"].startswith("GG-1 · Under review")


ELSEWHERE = (
    "https://hooks.slack.com.evil.example/1",
    "https://evil.example/?hooks.slack.com",
    "https://hooks.slack.com@evil.example/",
    "http://169.254.169.254/latest",
    "https://[",
)


def test_answers_go_to_slack_alone(harness: BotHarness) -> None:
    """Whoever holds the signing secret still cannot make the bot call another server."""
    form = dict(parse_qsl(command_body("/aid-status", "GG-1")))
    press = {"type": "block_actions", "actions": [{"action_id": "status_ask", "value": "GG-1", "block_id": "b"}]}
    person = {"team": {"id": "T0LOOP"}, "user": {"id": "U0ADMIN"}, "trigger_id": "1.2.4"}
    for url in ELSEWHERE:
        assert harness.slack.deliver("slash_commands", {**form, "response_url": url}).status == 400, url
        assert harness.slack.deliver("interactive", {**press, **person, "response_url": url}).status == 400, url
    assert all(is_response_url(each, "https://slack.com/api/") for each in ("", "https://hooks.slack.com/commands/1"))


def test_replay_guard_keeps_signatures_while_valid() -> None:
    now = [0.0]
    replays = ReplayGuard(lambda: now[0])
    assert [replays.first_time("a"), replays.first_time("a")] == [True, False]
    now[0] = SECONDS - 1
    assert not replays.first_time("a")
    now[0] = SECONDS + 1
    assert replays.first_time("a")
    for number in range(MOST_KEPT):
        replays.first_time(str(number))
    assert replays.first_time("a")


@settings(max_examples=60)
@given(body=st.binary(max_size=300), headers=st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_unsigned_request_is_refused(
    busy_over_http: BotHarness, cases: Counter[str], body: bytes, headers: dict[str, str]
) -> None:
    cases["unsigned"] += 1
    response = busy_over_http.call("/slack/events", "POST", body, {"Content-Type": FORM, **headers})
    assert response.status in {400, 401}


@settings(max_examples=60)
@given(payload=JSON, form=st.booleans(), kind=st.sampled_from(["application/json", FORM, "text/plain", ""]))
def test_any_signed_request_is_answered(
    busy_over_http: BotHarness,
    cases: Counter[str],
    caplog: pytest.LogCaptureFixture,
    payload: object,
    form: bool,
    kind: str,
) -> None:
    """Only Slack can sign, but its payload may have an unexpected form."""
    cases["signed"] += 1
    text = json.dumps(payload)
    body = (f"payload={text}" if form else text).encode()
    before = busy_over_http.rows()
    with caplog.at_level(logging.ERROR):
        response = busy_over_http.call("/slack/events", "POST", body, sign(body, kind=kind))
    assert response.status in {200, 400, 401, 404}, response
    assert not [record for record in caplog.records if "Traceback" in record.getMessage()]
    assert busy_over_http.rows() == before
