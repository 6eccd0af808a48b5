"""The bot's own table of limits against what the emulator takes, so that they cannot drift apart."""

from collections.abc import Callable

import pytest

from bot.slack_emulator.block_kit.blocks import message_problems, view_problems
from bot.slack_emulator.block_kit.elements import INPUT_TEXT
from handlers.blocks.blockkit import LIMITS, bar_chart
from tests.slack_emulator.block_samples import actions, asked, element
from tests.slack_emulator.sample_app import Json, button, modal, option, plain, section


def in_message(*blocks: Json) -> list[str]:
    return message_problems(list(blocks))


def in_modal(blocks: list[Json], title: str = "Title", **more: str) -> list[str]:
    return view_problems(modal(title, blocks, **more))


def texts(count: int) -> str:
    return "x" * count


EXACT: dict[str, Callable[[int], list[str]]] = {
    "message_blocks": lambda n: in_message(*[section("x")] * n),
    "view_blocks": lambda n: in_modal([section("x")] * n),
    "section": lambda n: in_message(section(texts(n))),
    "field": lambda n: in_message({"type": "section", "fields": [plain(texts(n))]}),
    "fields": lambda n: in_message({"type": "section", "fields": [plain("x")] * n}),
    "header": lambda n: in_message({"type": "header", "text": plain(texts(n))}),
    "button": lambda n: in_message(actions(button(texts(n), "x"))),
    "button_value": lambda n: in_message(actions(button("x", "x", value=texts(n)))),
    "option": lambda n: in_modal([actions(element("static_select", options=[option(texts(n), "x")]))]),
    "option_value": lambda n: in_modal([actions(element("static_select", options=[option("x", texts(n))]))]),
    "options": lambda n: in_modal([actions(element("static_select", options=[option(str(i)) for i in range(n)]))]),
    "actions": lambda n: in_message(actions(*[button("x", str(i)) for i in range(n)])),
    "title": lambda n: in_modal([], texts(n)),
    "private_metadata": lambda n: in_modal([], private_metadata=texts(n)),
    "input": lambda n: in_modal([asked("plain_text_input", initial_value=texts(n))]),
    "label": lambda n: in_modal([{**asked("datepicker"), "label": plain(texts(n))}]),
    "chart_title": lambda n: in_message(
        {**bar_chart("", {"Days": {"2024": 1}}, ("Year", "Days"))[0], "title": texts(n)}
    ),
}
STRICTER: dict[str, Callable[[int], list[str]]] = {
    "message_text": lambda n: in_message(*[section(texts(2000))] * (n // 2000)),
    "context": lambda n: in_message({"type": "context", "elements": [plain(texts(n))]}),
}
UNKNOWN_TO_SLACK = {"error", "fallback"}
"""The words of an error at a field, and of a notification: limits of the bot's own."""


def test_every_limit_of_the_bot_is_compared() -> None:
    assert LIMITS.keys() == EXACT.keys() | STRICTER.keys() | UNKNOWN_TO_SLACK
    assert LIMITS["input"] == INPUT_TEXT


@pytest.mark.parametrize("name", [*EXACT, *STRICTER])
def test_what_the_bot_sends_at_its_limit_is_taken(name: str) -> None:
    assert {**EXACT, **STRICTER}[name](LIMITS[name]) == []


@pytest.mark.parametrize("name", EXACT)
def test_one_more_is_refused(name: str) -> None:
    assert EXACT[name](LIMITS[name] + 1)
