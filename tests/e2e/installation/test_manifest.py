"""Manifest: equal to the registered listeners, with exactly the scopes that calls need, in Slack's schema."""

import ast
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
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
        assert form["settings"]["org_deploy_enabled"] is name.endswith("the step")


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

ASKED_ABOUT = ("channels", "groups")
"""Conversations whose ``info`` is asked for; of a direct message it needs none."""

OF_LISTENERS = {"commands", "app_mentions:read"}
NEED_NONE = {"auth.test", "views.open", "views.update", "views.publish", "views.push", "apps.connections.open"}
NEED_NONE |= {"functions.completeSuccess", "functions.completeError"}
NEED_NONE |= {"apps.manifest.validate", "blocks.validate"}


def calls() -> set[str]:
    """Return every Web API method that the code names, as Slack names it."""
    attributes = set()
    for room in (bot, handlers):
        for path in Path(room.__path__[0]).rglob("*.py"):
            if "slack_emulator" not in path.parts:
                tree = ast.parse(path.read_text(encoding="utf-8"))
                attributes |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & METHODS
    return {name for each in attributes for name in UPLOADS.get(each, (each.replace("_", "."),))}


def needed_scopes(method: str) -> set[str]:
    """Return the scopes that a method needs for the bot's conversations."""
    if method == "conversations.open":
        return {"im:write"}
    _, scope = slack_scopes.METHODS.get(method, (None, ""))
    kinds = ASKED_ABOUT if scope == "*:read" else KINDS
    return {scope.replace("*", kind) for kind in kinds} if scope else set()


def test_scopes_are_exactly_those_of_the_calls() -> None:
    methods = calls()
    assert {"chat.postMessage", "users.info", "conversations.history", "views.open"} <= methods
    assert {scope for method in methods for scope in needed_scopes(method)} | OF_LISTENERS == set(SCOPES)


def test_scope_table_knows_every_call() -> None:
    assert {method for method in calls() if not needed_scopes(method)} <= NEED_NONE


# -- Slack's published schema of manifests ---------------------------------------------------------------------------

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "manifest.schema.json").read_text(encoding="utf-8")))


def test_manifest_matches_slacks_schema() -> None:
    for form in FORMS.values():
        SCHEMA.validate(form)
