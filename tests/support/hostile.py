"""The attacks and bad days of docs/security.md, each with the tests that try it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TEST = re.compile(r"`(test_\w+)`")


def attacks() -> dict[str, set[str]]:
    """Return the names of the tests of each line, ``what is tried: what happens``."""
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    section = page.partition("\n## Attacks and bad days\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if _TEST.search(line)]
    return {f"{tried}: {outcome}": {*_TEST.findall(tests)} for tried, outcome, tests in rows}
