"""``python -m bot init``: the settings of a first installation, asked for or given, in a file for its owner alone."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from bot.config import BadSettings, load_settings

# settings of an installation with one workspace and Socket Mode, each with where to find it
QUESTIONS = {
    "SLACK_BOT_TOKEN": "Bot token (“OAuth & Permissions”, begins with xoxb-)",
    "SLACK_APP_TOKEN": "App token (“Basic Information”, App-Level Tokens, scope connections:write, begins with xapp-)",
    "AID_ADMINS": "User ids of those who may record (profile, ⋮, “Copy member ID”, begin with U)",
    "AID_LANGUAGE": "Language of answers and alerts, en or ko (empty: en)",
    "AID_TIMEZONE": "Time zone of scheduled messages, such as Asia/Seoul (empty: UTC)",
}


def app_link() -> str:
    from bot.installation.manifest import manifest  # noqa: PLC0415  it takes what the listeners take

    return f"https://api.slack.com/apps?new_app=1&manifest_json={quote(json.dumps(manifest(), separators=(',', ':')))}"


def complete(given: Mapping[str, str], ask: Callable[[str], str] | None, say: Callable[[str], None]) -> dict[str, str]:
    """Return all settings, with ``ask`` for those not given; an unsuitable one is asked for again. Raises BadSettings."""
    values = {name: given[name] for name in QUESTIONS if given.get(name)}
    for name, about in QUESTIONS.items():
        while ask and (name not in values or (problems := _problems(name, values[name]))):
            if name in values:
                say("\n".join(problems))
            values[name] = ask(f"{about}: ").strip()
    load_settings(values, slack=True)
    return values


def write_settings(path: Path, values: Mapping[str, str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items() if value)


def _problems(name: str, value: str) -> list[str]:
    try:
        load_settings({name: value}, slack=True)
    except BadSettings as error:
        return [problem for problem in error.problems if name in problem]
    return []
