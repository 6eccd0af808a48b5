"""Imports of each command; a running bot imports nothing that only the demo needs."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = """
import sys
from bot.cli import main
code = main({command!r})
whole = ("bot.", "sqlalchemy.dialects.")
print(*sorted(set(name if name.startswith(whole) else name.split(".")[0] for name in sys.modules)))
sys.exit(code)
"""


def run(folder: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, which prints the modules that it imported."""
    return subprocess.run(
        [sys.executable, "-c", RUN.format(command=command.split())],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_imports_no_demo_module(sqlite_template: Path, tmp_path: Path) -> None:
    """Run until the call to Slack, which nobody answers."""
    shutil.copy(sqlite_template, tmp_path / "aid-status.db")
    secrets = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret"}
    ran = run(tmp_path, "run", SLACK_API_URL="http://127.0.0.1:9/api/", PORT="0", **secrets)
    imported = set(ran.stdout.split())

    assert ran.returncode == 1
    assert "\nSlack did not accept the bot: " in ran.stderr, ran.stderr
    assert {"bot.server.server", "bot.app", "bot.sender.dispatcher", "slack_bolt", "waitress"} <= imported
    assert not {name for name in imported if name.startswith("bot.slack_emulator")}
    assert not {"aiohttp", "jinja2", "bot.demo.demo", "pytest", "hypothesis"} & imported
    several = {"bot.installation.oauth", "bot.installation.token_store", "bot.installation.pages"}
    assert not {"cryptography", *several} & imported
    assert HEAVY & imported == {"slack_bolt", "slack_sdk", "waitress", "prometheus_client"}


HEAVY = {
    *("slack_bolt", "slack_sdk", "waitress", "aiohttp", "jinja2", "prometheus_client", "websocket"),
    *("alembic", "sqlalchemy.dialects.postgresql", "psycopg", "openpyxl", "matplotlib", "numpy", "PIL", "icalendar"),
    *("charset_normalizer", "tqdm"),
}
NEEDED = {
    "migrate": {"alembic", "sqlalchemy.dialects.postgresql"},  # alembic knows all dialects
    "check": set(),
    "import table.csv": {"charset_normalizer", "tqdm"},
    "export table-again.csv": set(),
    "manifest": {"slack_bolt", "slack_sdk"},  # it tells what the listeners use
}
"""Heavy modules that each command imports on an existing record; ``run`` is above."""


def test_command_imports_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("Ref,Title,Group\nL-1,Wells,ngo\n", encoding="utf-8")

    def imported(command: str) -> set[str]:
        ran = run(tmp_path, command, DATABASE_URL=f"sqlite:///{tmp_path / 'aid.db'}")
        assert ran.returncode == 0, ran.stderr
        return set(ran.stdout.split())

    assert {command: HEAVY & imported(command) for command in NEEDED} == NEEDED
