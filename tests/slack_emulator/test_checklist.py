"""The table of docs/loopback.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_line_names_a_test_that_exists() -> None:
    named = re.findall(r"`(\w+\.py)::(test_\w+)` \|$", (ROOT / "docs/loopback.md").read_text(), re.MULTILINE)
    files = {name: (ROOT / "tests/slack_emulator" / f"test_{name}").read_text() for name, _ in named}
    missing = [f"{name}::{test}" for name, test in named if f"\ndef {test}(" not in files[name]]
    assert len(named) > 30
    assert missing == []
