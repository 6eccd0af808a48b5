"""Context of a Web API call: the workspace and the call's arguments."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.slack_emulator.models import ApiError, Channel, ChannelKind, Json, User
from bot.slack_emulator.state.installation import Installation
from bot.slack_emulator.state.store import Store
from bot.slack_emulator.state.triggers import Limits, TriggerIds
from bot.slack_emulator.state.views import Views
from bot.slack_emulator.state.workflow_steps import StepRuns


@dataclass(slots=True)
class WorkspaceContext:
    """The parts of the workspace that methods work on."""

    store: Store
    views: Views
    tickets: TriggerIds
    settings: Limits
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
        try:
            return int(str(self.args.get(name) or default))
        except ValueError:
            raise ApiError("invalid_arguments", f"[ERROR] must be a number [json-pointer:/{name}]") from None

    def json(self, name: str, error: str) -> object:
        """Return an argument that is JSON, sent as such or as a string; None if missing. Raises ApiError(`error`)."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise ApiError(error) from None

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
