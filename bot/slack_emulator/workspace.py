"""The emulated workspace as one object: state, API, delivery, people."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.slack_emulator.faults import Faults
from bot.slack_emulator.models import Channel, ChannelKind, Json, Message, Team, User
from bot.slack_emulator.payloads import Payloads, is_subscribed, user_json
from bot.slack_emulator.state.context import StepRun, WorkspaceContext, executed
from bot.slack_emulator.state.installation import Installation
from bot.slack_emulator.state.observable import Clock
from bot.slack_emulator.state.store import Store
from bot.slack_emulator.state.triggers import Limits, TriggerIds
from bot.slack_emulator.state.views import Views
from bot.slack_emulator.traffic_log import ApiCall, TrafficLog
from bot.slack_emulator.traffic_log import DeliveryRecord as Delivered
from bot.slack_emulator.transport.delivery import FAILED, Ack, Envelope, Transport
from bot.slack_emulator.web_api.response_urls import Replies
from bot.slack_emulator.web_api.router import ApiAnswer, WebApi

SLACKBOT = User("USLACKBOT", "slackbot", "Slackbot", is_bot=True)


class Workspace(WorkspaceContext):
    """A small Slack with one installed app.

    `delivery` is how payloads reach the bot; set it once the bot is there. For the page: `following` names the words
    that may follow a command, place by place (the last place repeats), `about` says by language (`en`, `ko`) to a
    newcomer what this is, `tries` are lines to try, each with what it shows, and `start_over` begins anew.
    """

    def __init__(
        self,
        *,
        clock: Clock = time.time,
        team: Team | None = None,
        app: Installation | None = None,
        faults: Faults | None = None,
    ) -> None:
        app, limits = app or Installation(), Limits()
        store = Store(clock, team or Team(), app.bot_user)
        super().__init__(store, Views(store), TriggerIds(store, limits), limits, app)
        self.faults = faults or Faults()
        self.traffic_log = TrafficLog()
        self.api = WebApi(self, self.faults, self.traffic_log)
        self.replies = Replies(self)
        self.payloads = Payloads(self)
        self.delivery: Transport | None = None
        self.following: dict[str, list[list[str]]] = {}
        self.about: dict[str, str] = {}
        self.tries: dict[str, list[tuple[str, str]]] = {}
        self.start_over: Callable[[], None] | None = None
        self.store.add_user(SLACKBOT)

    def clear(self) -> None:
        """Forget everything that was said and done; people and channels are put in anew afterwards."""
        self.faults.clear()
        self.traffic_log.clear()
        self.limits.reset()
        self.views.clear()
        self.store.clear()
        self.store.add_user(SLACKBOT)

    def install(self, manifest: Json) -> None:
        self.app = self.app.with_manifest(manifest)

    def messages(self, channel: str, *, viewer: str | None = None) -> list[Message]:
        return self.store.messages(self.channel(channel).id, viewer)

    def channel(self, ref: str) -> Channel:
        found = self.store.find_channel(ref)
        if found is None:
            raise KeyError(ref)
        return found

    def direct_messages(self, user_id: str) -> list[Message]:
        return self.store.messages(self.store.direct_message(user_id).id, user_id)

    def invite(self, channel: str, user_id: str = "") -> Channel:
        found = self.channel(channel)
        return self.store.edit_channel(found.id, members=found.members | {user_id or self.app.bot_user})

    def kick(self, channel: str, user_id: str = "") -> Channel:
        found, left = self.channel(channel), user_id or self.app.bot_user
        changed = self.store.edit_channel(found.id, members=found.members - {left})
        if left == self.app.bot_user and left in found.members:
            self._channel_event("left", found)
        return changed

    def archive(self, channel: str, *, archived: bool = True) -> Channel:
        changed = self.store.edit_channel(self.channel(channel).id, archived=archived)
        self._channel_event("archive" if archived else "unarchive", changed)
        return changed

    def rename(self, channel: str, name: str) -> Channel:
        return self.store.edit_channel(self.channel(channel).id, name=name)

    def delete_channel(self, channel: str) -> None:
        found = self.channel(channel)
        self.store.drop_channel(found.id)
        self._channel_event("deleted", found)

    def change_channel_id(self, channel: str, new_id: str) -> Channel:
        """Give a conversation another id, as Slack does when it is shared or turned into a private one."""
        found = self.channel(channel)
        self.store.drop_channel(found.id, new_id)
        self.event({"type": "channel_id_changed", "old_channel_id": found.id, "new_channel_id": new_id})
        return self.channel(new_id)

    def edit_user(self, user_id: str, **changes: Any) -> User:
        return self._user_event("user_change", self.store.add_user(replace(self.store.users[user_id], **changes)))

    def add_user(self, user: User) -> User:
        return self._user_event("team_join", self.store.add_user(user))

    def _user_event(self, kind: str, user: User) -> User:
        self.event({"type": kind, "user": user_json(user, self.store.team, met=self.store.meets_bot(user.id))})
        return user

    def _channel_event(self, what: str, channel: Channel) -> None:
        """Tell the app what happened to a channel; of a private one only while it is (or just was) in there."""
        private = channel.kind is ChannelKind.PRIVATE
        if not private or self.app.bot_user in channel.members:
            self.event({"type": f"{'group' if private else 'channel'}_{what}", "channel": channel.id})

    def calls(self, method: str = "") -> list[ApiCall]:
        """Return the Web API calls kept (2,000), of one method or of all; POSTs to a response_url are `response_url`."""
        return self.traffic_log.calls(method)

    @property
    def counts(self) -> Counter[str]:
        return Counter(call.method for call in self.calls())

    def wait_for(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not self.store.wait_for(condition, min(0.05, seconds)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {seconds} s in vain")

    def call(self, method: str, args: Mapping[str, object], token: str = "") -> ApiAnswer:
        return self.api.call(method, args, token)

    def respond(self, response_id: str, payload: Json) -> tuple[int, str]:
        status, body = self.replies.to_url(response_id, payload)
        error = "" if body == "ok" else body
        answer: Json = {"ok": not error, "error": error}
        self.traffic_log.add(ApiCall(self.store.clock(), "response_url", payload, status, answer, error))
        return status, body

    def deliver(self, kind: str, payload: Json) -> Ack:
        return self._send(Envelope(kind, payload))

    def redeliver(self, delivered: Delivered, retry: int = 1, reason: str = "timeout") -> Ack:
        """Send what was sent before once more, unchanged, as Slack does when it heard no ack."""
        return self._send(Envelope(delivered.kind, delivered.payload, retry, reason, delivered.envelope_id))

    def _send(self, envelope: Envelope) -> Ack:
        at = self.store.clock()
        begin = time.perf_counter()
        ack = self.delivery.send(envelope, self.limits.ack_seconds) if self.delivery else Ack(problem=FAILED)
        seconds, about = time.perf_counter() - begin, summary(envelope.payload)
        told = (envelope.kind, about, envelope.payload, ack.acked, ack.status, ack.payload, seconds, ack.problem)
        self.traffic_log.add(Delivered(at, *told, envelope.retry, envelope.id))
        self.store.changed()
        return ack

    def run_step(self, callback_id: str, inputs: Mapping[str, object]) -> StepRun:
        """Run a step of a workflow, a function of the manifest; its outcome comes by and by."""
        if callback_id not in self.app.functions:
            raise KeyError(callback_id)
        run = self.steps.begin(callback_id, inputs)
        self.event(executed(run, self.app.bot_token))
        return run

    def event(self, event: Json) -> Ack | None:
        if not is_subscribed(self, event):
            return None
        return self.deliver("events_api", self.payloads.event(event))


def summary(payload: Json) -> str:
    """Return a payload in a few words, for the inspector."""
    if "command" in payload:
        return f"{payload['command']} {payload['text']}".strip()
    if "event" in payload:
        return str(payload["event"]["type"])
    actions = ", ".join(action["action_id"] for action in payload.get("actions", ()))
    callback = payload.get("callback_id") or payload.get("view", {}).get("callback_id", "")
    return " ".join(word for word in (payload.get("type", ""), actions or payload.get("action_id") or callback) if word)
