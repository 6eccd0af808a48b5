"""What a running bot imports: nothing that only the demo needs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = """
import sys
from bot.command_line import main
code = main(["run"])
print("\\n".join(sorted({name.split(".")[0] if not name.startswith("bot.") else name for name in sys.modules})))
sys.exit(code)
"""


def test_run_imports_nothing_of_the_demo(tmp_path: Path) -> None:
    """It comes as far as the call to Slack, which nobody answers."""
    environment = {
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "secret",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "PORT": "0",
    }
    ran = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    imported = set(ran.stdout.split())

    assert ran.returncode == 1
    assert "\nSlack did not accept the bot: " in ran.stderr, ran.stderr
    assert {"bot.serving", "bot.wiring", "bot.sender", "slack_bolt", "waitress"} <= imported
    assert not {name for name in imported if name.startswith("bot.loopback")}
    assert not {"aiohttp", "jinja2", "bot.demo", "pytest", "hypothesis"} & imported
    assert not {"cryptography", "bot.installed", "bot.token_store", "bot.install_pages"} & imported


def test_a_command_imports_only_what_it_needs(tmp_path: Path) -> None:
    """A record that is there already is checked without Slack and without what migrates."""
    environment = {"PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{tmp_path / 'aid.db'}"}
    heavy = {"slack_bolt", "slack_sdk", "alembic", "waitress", "matplotlib", "openpyxl", "aiohttp", "psycopg"}

    def imported(command: str) -> set[str]:
        code = RUN.replace('main(["run"])', f'main(["{command}"])')
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return set(ran.stdout.split())

    assert "alembic" in imported("migrate")
    for command in ("migrate", "check"):
        assert not heavy & imported(command), command
