"""Manifest: equal to the registered listeners, with exactly the scopes that calls need, in Slack's schema."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

import bot
import handlers
from bot.installation.manifest import COMMANDS, EVENTS, SCOPES, manifest
from bot.slack_emulator.web_api import router as slack_scopes
from tests.support.harness import BotHarness

URL = "https://bot.example.org"
FORMS = {
    "Socket Mode": manifest(),
    "Socket Mode, with the step": manifest(workflow_step=True),
    "HTTP": manifest(URL),
    "HTTP, with the step": manifest(URL, workflow_step=True),
    "Socket Mode, several workspaces": manifest(install_at=URL),
    "HTTP, several workspaces": manifest(URL, install_at=f"{URL}/"),
}


def registered(busy: BotHarness, kind: str) -> set[str]:
    """Return the names of the registered listeners of one kind."""
    app: Any = busy.bot.app
    return {each.removeprefix(kind) for each in app.listed if each.startswith(kind)}


# -- both ways -------------------------------------------------------------------------------------------------------


def test_manifest_lists_every_listener(busy: BotHarness) -> None:
    assert registered(busy, "/") == {name.removeprefix("/") for name in COMMANDS}
    assert registered(busy, "event ") == {event.partition(".")[0] for event in EVENTS}
    for name, form in FORMS.items():
        has_step = name.endswith("the step")
        events = {*EVENTS, "function_executed"} if has_step else {*EVENTS}
        assert [each["command"] for each in form["features"]["slash_commands"]] == list(COMMANDS)
        assert {each["callback_id"] for each in form["features"]["shortcuts"]} == registered(busy, "shortcut ")
        assert set(form["settings"]["event_subscriptions"]["bot_events"]) == events
        assert set(form.get("functions", {})) == (registered(busy, "function ") if has_step else set())


def test_manifest_redirect_url_is_the_page_served() -> None:
    for name, form in FORMS.items():
        several = name.endswith("workspaces")
        assert form["oauth_config"].get("redirect_urls") == ([f"{URL}/slack/oauth_redirect"] if several else None)
        assert not (several and form["settings"]["org_deploy_enabled"])


def test_manifest_enables_interactivity(busy: BotHarness) -> None:
    assert all(registered(busy, kind) for kind in ("action ", "view ", "options "))
    for name, form in FORMS.items():
        reached = form["settings"]["interactivity"]
        assert reached["is_enabled"]
        addresses = {"request_url", "message_menu_options_url"} if name.startswith("HTTP") else set()
        assert set(reached) - {"is_enabled"} == addresses


# -- scopes ----------------------------------------------------------------------------------------------------------

OTHERS = {"api_call", "base_url", "retry_handlers"}
METHODS = {name for name in dir(WebClient) if "_" in name and not name.startswith("_")} - OTHERS
UPLOADS = {"files_upload_v2": ("files.getUploadURLExternal", "files.completeUploadExternal")}
KINDS = ("channels", "groups", "im")
"""The bot speaks and reads in public and private channels and direct messages, and in no other conversation."""

TELLS_OF_PEOPLE_AND_CHANNELS = {"channels", "groups"}
"""Conversations whose ``info`` is asked for; of a direct message it needs none."""

OF_LISTENERS = {"commands", "app_mentions:read"}
NEED_NONE = {"auth.test", "views.open", "views.update", "views.publish", "views.push", "apps.connections.open"}
NEED_NONE |= {"chat.getPermalink", "functions.completeSuccess", "functions.completeError"}
NEED_NONE |= {"apps.manifest.validate", "blocks.validate"}


def calls() -> set[str]:
    """Return every Web API method that the code names, as Slack names it."""
    attributes = set()
    for room in (bot, handlers):
        for path in Path(room.__path__[0]).rglob("*.py"):
            if "slack_emulator" not in path.parts:
                tree = ast.parse(path.read_text(encoding="utf-8"))
                attributes |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & METHODS
    return {name for each in attributes for name in UPLOADS.get(each, (_dotted(each),))}


def _dotted(name: str) -> str:
    """Convert chat_postMessage to chat.postMessage; apps_connections_open has two dots."""
    return name.replace("_", ".")


def needed_scopes(method: str) -> set[str]:
    """Return the scopes that a method needs for the bot's conversations."""
    if method == "conversations.open":
        return {"im:write"}
    family = slack_scopes.OF_A_KIND.get(method)
    if family == slack_scopes.READ:
        return {f"{kind}:read" for kind in KINDS if kind in TELLS_OF_PEOPLE_AND_CHANNELS}
    if family:
        return {f"{kind}:{family}" for kind in KINDS}
    return slack_scopes.SCOPES.get(method, set())


def test_scopes_are_exactly_those_of_the_calls() -> None:
    methods = calls()
    assert {"chat.postMessage", "users.info", "conversations.history", "views.open"} <= methods
    assert {scope for method in methods for scope in needed_scopes(method)} | OF_LISTENERS == set(SCOPES)


def test_scope_table_knows_every_call() -> None:
    assert {method for method in calls() if not needed_scopes(method)} <= NEED_NONE


# -- Slack's published schema of manifests ---------------------------------------------------------------------------

ADDRESS = re.compile(r"https?://.{1,3490}")


def text(least: int, most: int, pattern: str = r"(?s).*") -> Any:
    return lambda value: isinstance(value, str) and least <= len(value) <= most and re.fullmatch(pattern, value)


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def many(least: int, most: int, each: Any) -> Any:
    def check(value: Any) -> bool:
        return isinstance(value, list) and least <= len(value) <= most and all(fits(item, each) for item in value)

    return check


def any_keys(each: Any) -> Any:
    """Return a check of an object with free keys."""
    return lambda value: isinstance(value, dict) and len(value) <= 50 and all(fits(one, each) for one in value.values())


def fits(value: Any, shape: Any) -> bool:
    """Return True if a value matches the schema; keys that end with ! are required, others than those named refused."""
    if not isinstance(shape, dict):
        return bool(shape(value))
    allowed = {name.rstrip("!"): part for name, part in shape.items()}
    must = {name.rstrip("!") for name in shape if name.endswith("!")}
    return must <= set(value) <= set(allowed) and all(fits(part, allowed[name]) for name, part in value.items())


PARAMETERS = any_keys(
    {"type!": text(1, 100), "is_required": flag, **{key: text(1, 255) for key in ("title", "description", "name")}}
)
SHORTCUT = {
    "name!": text(1, 24), "type!": text(1, 10, "message|global"), "callback_id!": text(1, 255), "description!": text(1, 150),
}  # fmt: skip
COMMAND = {
    "command!": text(2, 32, "/.*"), "description!": text(1, 2000), "usage_hint": text(1, 1000), "should_escape": flag,
    "url": ADDRESS.fullmatch,
}  # fmt: skip
SCHEMA: dict[str, Any] = {
    "display_information!": {
        "name!": text(1, 35),
        "description": text(1, 140),
        "long_description": text(175, 4000),
        "background_color": text(4, 7, "#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?"),
    },
    "features": {
        "app_home": {"home_tab_enabled": flag, "messages_tab_enabled": flag, "messages_tab_read_only_enabled": flag},
        "bot_user": {"display_name!": text(1, 80), "always_online": flag},
        "shortcuts": many(1, 10, SHORTCUT),
        "slash_commands": many(1, 50, COMMAND),
    },
    "oauth_config": {
        "scopes": dict.fromkeys(("bot", "user", "bot_optional", "user_optional"), many(0, 255, text(1, 50))),
        "redirect_urls": many(0, 1000, text(1, 2500)),
    },
    "settings": {
        "event_subscriptions": {"request_url": ADDRESS.fullmatch, "bot_events": many(0, 100, text(1, 50))},
        "interactivity": {
            "is_enabled!": flag,
            "request_url": ADDRESS.fullmatch,
            "message_menu_options_url": ADDRESS.fullmatch,
        },
        "org_deploy_enabled": flag,
        "socket_mode_enabled": flag,
        "token_rotation_enabled": flag,
        "function_runtime": text(1, 50),
    },
    "functions": any_keys(
        {
            "title!": text(1, 255),
            "description!": text(1, 255),
            "input_parameters!": PARAMETERS,
            "output_parameters!": PARAMETERS,
        }
    ),
}


def test_manifest_matches_slacks_schema() -> None:
    for name, form in FORMS.items():
        for part, value in form.items():
            assert fits(value, SCHEMA[part if part in SCHEMA else f"{part}!"]), (name, part)
        assert fits(form, SCHEMA)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda form: form.update(colour="red"),
        lambda form: form.pop("display_information"),
        lambda form: form["display_information"].update(name="x" * 36),
        lambda form: form["features"]["shortcuts"][0].update(name="x" * 25),
        lambda form: form["features"]["slash_commands"][0].update(command="aid"),
        lambda form: form["settings"]["interactivity"].update(is_enabled="yes"),
    ],
)
def test_schema_check_rejects_an_invalid_manifest(spoil: Any) -> None:
    form = manifest()
    spoil(form)
    assert not fits(form, SCHEMA)
