"""Generator of docs/reference.md from the code: ``python -m tests.tools.reference_page``."""

import argparse
from pathlib import Path

from bot.cli import command_parser
from bot.installation.manifest import COMMANDS, EVENTS, SCOPES
from bot.server.health import FIGURES
from db.domain.code_lists import code_lists
from db.outbox.deliveries import DeliveryKind, DeliveryState
from db.recording.proposal import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference.md"
HEAD = """# Reference

`python -m tests.tools.reference_page` writes this page from the code, and a test compares the two. See also
[permissions.md](permissions.md) (who may do what) and [field.md](field.md) (the words of the field).

"""


def page() -> str:
    """Return the page's text."""
    parts = {
        "Command line: `python -m bot …`": _table("command", _command_line()),
        "Settings, from the environment or `.env`": _table("setting", _settings()),
        "Commands in Slack": _table(
            "command", {name: f"{about}: `{usage}`" for name, (about, usage) in COMMANDS.items()}
        ),
        "Kinds of update": _table("kind", _labels("kind")),
        "Headlines, the values of `status:`": _table("headline", _labels("headline")),
        "Options of `/aid-update`": " ".join(f"`{name}:`" for name in OPTIONS),
        "Scopes": _table("scope", SCOPES),
        "Events": " ".join(f"`{name}`" for name in EVENTS),
        "Metrics, served at `/metrics`": _table("metric", FIGURES),
        "States of a message": " ".join(f"`{each.value}`" for each in DeliveryState),
        "Kinds of message": " ".join(f"`{each.value}`" for each in DeliveryKind),
    }
    return HEAD + "\n\n".join(f"## {title}\n\n{text}" for title, text in parts.items()) + "\n"


def _labels(kind: str) -> dict[str, str]:
    return {code: names["en"] for code, names in code_lists()[kind].items()}


def _command_line() -> dict[str, str]:
    commands = next(each for each in command_parser()._actions if isinstance(each, argparse._SubParsersAction))
    return {each.dest: str(each.help) for each in commands._choices_actions}


def _settings() -> dict[str, str]:
    """Return the comment of each setting in ``.env.example``."""
    settings, comment = {}, []
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if line.startswith("# ") and not line.startswith("# ---"):
            comment.append(line[2:])
        elif "=" in line:
            settings[line.partition("=")[0]] = " ".join(comment) or "(see the setting above)"
            comment = []
        else:
            comment = []
    return settings


def _table(name: str, rows: dict[str, str]) -> str:
    lines = [f"| `{key}` | {text.replace('|', chr(92) + '|')} |" for key, text in rows.items()]
    return "\n".join([f"| {name} | |", "| --- | --- |", *lines])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
