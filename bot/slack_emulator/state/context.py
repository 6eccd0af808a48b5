"""Context of a Web API call: the workspace and the call's arguments."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.slack_emulator.models import ApiError, Channel, ChannelKind, Json, User
from bot.slack_emulator.state.installation import Installation
from bot.slack_emulator.state.store import Store
from bot.slack_emulator.state.triggers import Limits, TriggerIds
from bot.slack_emulator.state.views import Views

RUNNING, COMPLETED, FAILED = "running", "completed", "failed"


@dataclass(slots=True)
class StepRun:
    """One run of a step: ``outputs`` once it is completed, ``error`` once it has failed."""

    id: str
    callback_id: str
    inputs: Mapping[str, object]
    state: str = RUNNING
    outputs: Mapping[str, object] = field(default_factory=dict)
    error: str = ""


class StepRuns(dict[str, StepRun]):
    def begin(self, callback_id: str, inputs: Mapping[str, object]) -> StepRun:
        run = StepRun(f"Fx{len(self) + 1:010}", callback_id, dict(inputs))
        self[run.id] = run
        return run


def executed(run: StepRun, token: str) -> Json:
    return {
        "type": "function_executed",
        "function": {"callback_id": run.callback_id, "type": "app"},
        "inputs": dict(run.inputs),
        "function_execution_id": run.id,
        "bot_access_token": token,
    }


@dataclass(slots=True)
class WorkspaceContext:
    store: Store
    views: Views
    tickets: TriggerIds
    limits: Limits
    app: Installation
    base_url: str = ""
    steps: StepRuns = field(default_factory=StepRuns)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its method's name, its arguments as they came (form or JSON)."""

    site: WorkspaceContext
    method: str
    args: Mapping[str, object]

    @property
    def world(self) -> Store:
        return self.site.store

    def text(self, name: str) -> str:
        value = self.args.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        return int(str(self.args.get(name) or default))

    def json(self, name: str) -> Any:
        """Return an argument that is JSON, sent as such or as a string; None if missing."""
        value = self.args.get(name)
        return json.loads(value or "null") if isinstance(value, str) else value

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise ApiError("invalid_arguments", f"[ERROR] missing required field: {name} [json-pointer:/{name}]")
        return value

    def user(self, name: str) -> User:
        found = self.world.users.get(self.required(name))
        if found is None:
            raise ApiError("user_not_found")
        return found

    def channel(self, name: str = "channel") -> Channel:
        found = self.world.find_channel(self.text(name))
        if found is None or (found.kind is not ChannelKind.PUBLIC and not self.is_member(found)):
            raise ApiError("channel_not_found")
        return found

    def own_channel(self, name: str = "channel") -> Channel:
        found = self.channel(name)
        if not self.is_member(found):
            raise ApiError("not_in_channel")
        return found

    def is_member(self, channel: Channel) -> bool:
        return self.site.app.bot_user in channel.members


Method = Callable[[Call], Json]
