"""Examples in the README, the guides, the help and the demo: each finds something in the record that ships."""

import re

import pytest

from bot.demo.suggestions import TRIES
from tests.support.harness import BotHarness
from tests.support.process import ROOT

PAGES = ("README.md", "docs/howto.md", "docs/quickstart.md")
NOTHING = ("No project matches", "There is no", "not understand", "이해하지 못", "없습니다: ")
_STATUS = re.compile(r"`(/aid-status[^`\n]*)`")


def examples() -> list[str]:
    pages = [line for page in PAGES for line in _STATUS.findall((ROOT / page).read_text(encoding="utf-8"))]
    tries = [line for lines in TRIES.values() for line, _ in lines if line.startswith("/aid-status")]
    return sorted({*pages, *tries} - {"/aid-status set:known-exemptions"})  # of the data that one imports


@pytest.mark.parametrize("language", ["en-US", "ko-KR"])
def test_every_example_finds_something(harness: BotHarness, language: str) -> None:
    harness.slack.edit_user("U0MEMBER", locale=language)
    help_text = harness.member.types("/aid-status help").message.text
    lines = [*examples(), *(line.replace("&amp;", "&") for line in _STATUS.findall(help_text))]
    answers = {line: harness.member.types(line).text for line in lines}
    assert {line: text[:80] for line, text in answers.items() if any(word in text for word in NOTHING)} == {}
