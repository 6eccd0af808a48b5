"""Trigger ids and response_urls: what they may be used for, how often and how long."""

import secrets
from dataclasses import dataclass, fields

from bot.slack_emulator.models import ApiError
from bot.slack_emulator.state.store import Store

RESPONSE_SECONDS, RESPONSE_USES = 1800.0, 5


@dataclass(slots=True)
class Limits:
    """Slack's time limits in seconds, and its switches.

    `pace`: refuse a second message to a channel within a second (429). `lost_threads_land`: post a reply to a message
    that is gone as a message of the channel, as Slack may do, instead of refusing it (`thread_not_found`).
    """

    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    pace: bool = False
    lost_threads_land: bool = False

    def reset(self) -> None:
        for each in fields(self):
            setattr(self, each.name, each.default)


@dataclass(slots=True)
class InteractionTicket:
    """A trigger id or a response_url: whose it is, made in which conversation; `origin` is the message pressed."""

    user: str
    created: float
    channel: str = ""
    origin: tuple[str, str] | None = None
    uses: int = 0


class TriggerIds:
    def __init__(self, world: Store, settings: Limits) -> None:
        self._world = world
        self._settings = settings
        self._tickets: dict[str, InteractionTicket] = {}

    def trigger(self, user_id: str, channel: str = "") -> str:
        return self._issue(f"{self._world.number()}.{secrets.token_hex(16)}", user_id, channel)

    def redeem(self, trigger_id: str) -> InteractionTicket:
        errors = ("invalid_trigger_id", "exchanged_trigger_id", "expired_trigger_id")
        return self._use(trigger_id, self._settings.trigger_seconds, 1, errors)

    def response(self, user_id: str, channel_id: str, origin: tuple[str, str] | None = None) -> str:
        return self._issue(self._world.new_id("R"), user_id, channel_id, origin)

    def use_response(self, response_id: str) -> InteractionTicket:
        return self._use(response_id, RESPONSE_SECONDS, RESPONSE_USES, ("no_such_url", "used_url", "expired_url"))

    def _issue(self, ticket_id: str, user_id: str, channel: str, origin: tuple[str, str] | None = None) -> str:
        with self._world.lock:
            self._tickets[ticket_id] = InteractionTicket(user_id, self._world.clock(), channel, origin)
        return ticket_id

    def _use(self, ticket_id: str, seconds: float, uses: int, errors: tuple[str, str, str]) -> InteractionTicket:
        """Count a use; `errors` are for an unknown ticket, one used up and one too old."""
        unknown, used, expired = errors
        with self._world.lock:
            ticket = self._tickets.get(ticket_id)
            if ticket is None:
                raise ApiError(unknown)
            if ticket.uses >= uses:
                raise ApiError(used)
            if self._world.clock() - ticket.created > seconds:
                raise ApiError(expired)
            ticket.uses += 1
            return ticket
