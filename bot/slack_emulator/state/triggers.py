"""Trigger ids and response_urls: what they may be used for, how often and how long."""

from dataclasses import dataclass, fields

from bot.slack_emulator.models import ApiError, ResponseUrl, Trigger
from bot.slack_emulator.state.store import Store


@dataclass(slots=True)
class Limits:
    """Slack's time limits in seconds, and its switches.

    `pace`: refuse a second message to a channel within a second (429).
    """

    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    response_seconds: float = 1800.0
    response_uses: int = 5
    pace: bool = False

    def reset(self) -> None:
        """As at the start."""
        for each in fields(self):
            setattr(self, each.name, each.default)


class TriggerIds:
    """Hands out trigger ids and response_urls and takes them back."""

    def __init__(self, world: Store, settings: Limits) -> None:
        self._world = world
        self._settings = settings
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}

    def trigger(self, user_id: str, view_id: str | None = None, channel: str = "") -> str:
        """Return a new trigger id for something that a person did just now."""
        with self._world.lock:
            trigger_id = f"{self._world.number()}.{self._world.number()}.{self._world.number():032x}"
            self._triggers[trigger_id] = Trigger(trigger_id, user_id, self._world.clock(), view_id, channel=channel)
            return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        """Use a trigger id up. Raises ApiError when it is unknown, used or too old."""
        with self._world.lock:
            trigger = self._triggers.get(trigger_id)
            if trigger is None:
                raise ApiError("invalid_trigger_id")
            if trigger.used:
                raise ApiError("exchanged_trigger_id")
            if self._world.clock() - trigger.created > self._settings.trigger_seconds:
                raise ApiError("expired_trigger_id")
            trigger.used = True
            return trigger

    def response(self, user_id: str, channel_id: str, origin: tuple[str, str] | None = None) -> str:
        """Return a new response id; the response_url ends in it."""
        with self._world.lock:
            response_id = f"R{self._world.number():08d}"
            self._responses[response_id] = ResponseUrl(
                response_id,
                user_id,
                channel_id,
                self._world.clock(),
                origin,
            )
            return response_id

    def use_response(self, response_id: str) -> ResponseUrl:
        """Count one use of a response_url. Raises ApiError when it is used up or too old."""
        with self._world.lock:
            found = self._responses.get(response_id)
            if found is None:
                raise ApiError("no_such_url")
            if self._world.clock() - found.created > self._settings.response_seconds:
                raise ApiError("expired_url")
            if found.uses >= self._settings.response_uses:
                raise ApiError("used_url")
            found.uses += 1
            return found
