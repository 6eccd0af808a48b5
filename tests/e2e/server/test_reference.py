"""docs/reference.md is what the code says, and what the code says is all there is."""

import re
import urllib.request

from bot.installation.manifest import SCOPES, manifest
from bot.server.health import FIGURES
from db.domain.enums import Headline, UpdateKind
from tests.support.harness import run_bot
from tests.tools.reference_page import PAGE, page

MADE_BY_THE_PROCESS = ("SLACK_", "AID_", "DATABASE_URL", "HOST", "PORT", "LOG_FORMAT")


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: PYTHONPATH=. python tests/tools/reference_page.py"


def test_every_kind_headline_scope_and_setting_has_its_row() -> None:
    told = set(re.findall(r"^\| `([^`]+)` \| [^ |]", page(), re.MULTILINE))
    source = (PAGE.parents[1] / "bot" / "config.py").read_text(encoding="utf-8")
    settings = {name for name in re.findall(r'"([A-Z][A-Z_]+)"', source) if name.startswith(MADE_BY_THE_PROCESS)}

    assert settings >= {"SLACK_BOT_TOKEN", "LOG_FORMAT"}
    assert {*UpdateKind, *Headline, *SCOPES, *settings, *manifest()["oauth_config"]["scopes"]["bot"]} <= told


def test_every_figure_that_is_served_has_its_row_and_no_other(seeded_url: str) -> None:
    with run_bot(seeded_url, "signed HTTP") as harness:
        assert harness.serving is not None
        with urllib.request.urlopen(f"http://127.0.0.1:{harness.serving.port}/metrics") as answer:
            served = re.findall(r"^# HELP (\S+)", answer.read().decode(), re.MULTILINE)

    assert sorted(served) == sorted(FIGURES)
