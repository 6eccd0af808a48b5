"""docs/reference.md: equal to the code, and complete."""

import re

from bot.installation.manifest import SCOPES, manifest
from bot.server.health import FIGURES
from db.domain.enums import Headline, UpdateKind
from tests.support.harness import BotHarness
from tests.tools.reference_page import PAGE, page

MADE_BY_THE_PROCESS = ("SLACK_", "AID_", "DATABASE_URL", "HOST", "PORT", "LOG_FORMAT")


def test_reference_page_equals_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: .venv/bin/python -m tests.tools.reference_page"


def test_reference_has_every_kind_headline_and_setting() -> None:
    rows = set(re.findall(r"^\| `([^`]+)` \| [^ |]", page(), re.MULTILINE))
    source = (PAGE.parents[1] / "bot" / "config.py").read_text(encoding="utf-8")
    settings = {name for name in re.findall(r'"([A-Z][A-Z_]+)"', source) if name.startswith(MADE_BY_THE_PROCESS)}

    assert settings >= {"SLACK_BOT_TOKEN", "LOG_FORMAT"}
    assert {*UpdateKind, *Headline, *SCOPES, *settings, *manifest()["oauth_config"]["scopes"]["bot"]} <= rows


def test_reference_lists_exactly_the_served_metrics(over_http: BotHarness) -> None:
    served = re.findall(r"^# HELP (\S+)", over_http.call("/metrics").text, re.MULTILINE)

    assert sorted(served) == sorted(FIGURES)
