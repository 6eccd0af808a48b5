"""A person's client: what lies under the things that people do, and elements in hand for the page."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.slack_emulator.block_kit.elements import check_options
from bot.slack_emulator.block_kit.state_values import (
    EXTERNAL,
    STATELESS,
    VALUE_KEYS,
    Part,
    UserActionError,
    chosen,
    entry,
    merged,
    options_of,
)
from bot.slack_emulator.formatting.mrkdwn import RenderContext
from bot.slack_emulator.formatting.translations import language_of, translator
from bot.slack_emulator.models import Channel, Json, Message, User, View
from bot.slack_emulator.transport.delivery import Ack
from bot.slack_emulator.users.modals import Modals
from bot.slack_emulator.users.results import ActionResult
from bot.slack_emulator.users.uploads import FileRefused, Uploads
from bot.slack_emulator.workspace import Workspace

Surface = Message | View
"""Where elements stand: a message, a modal, a home view."""

ASK_FROM = 3


class UserClient:
    """One person's client."""

    def __init__(self, slack: Workspace, user_id: str) -> None:
        self._slack = slack
        self._world = slack.store
        self.id = user_id

    @property
    def user(self) -> User:
        """Return the user."""
        return self._world.users[self.id]

    @property
    def reader(self) -> RenderContext:
        """Names and time zone for showing text."""
        return RenderContext.of(self._world, self.id)

    def refresh(self, surface: Surface) -> Surface:
        """Return a message or view as it is now. Raises UserActionError when it is gone."""
        if isinstance(surface, View):
            return self._modals.current(surface)
        message = self._world.message(surface.channel, surface.ts)
        if message is None or message.ephemeral_for not in (None, self.id):
            raise UserActionError("this message is not there (any more)")
        return message

    def set_value(self, surface: Surface, part: Part, value: Any) -> Surface:
        """Let a value stand in an element without telling the bot."""
        if isinstance(surface, View):
            return self._modals.keep(surface, part, value)
        values = merged(surface.blocks, self._world.message_state(surface, self.id))
        values[part.block_id] = {**values.get(part.block_id, {}), part.action_id: entry(part.element, value)}
        self._world.keep_state(surface, self.id, values)
        return surface

    def hold_files(self, surface: Surface, part: Part, values: Sequence[Any]) -> Surface:
        """Leave files in a file input; see `Uploads.hold`. What is refused stands at the block of a view, too."""
        state = surface.state if isinstance(surface, View) else self._world.message_state(surface, self.id)
        try:
            held = Uploads(self._slack, self.user).hold(part, chosen(part, state), values)
        except FileRefused as refusal:
            if isinstance(surface, View):
                self._modals.refuse(surface, part, str(refusal))
            raise
        return self.set_value(surface, part, held)

    def dispatch_action(self, surface: Surface, part: Part, value: Any) -> ActionResult:
        """Tell the bot of an element used; `value` as `state.values` writes it, None for a button."""
        if isinstance(surface, View):
            return self._sent(self._slack.payloads.view_action(self.user, surface, part, value), "", surface)
        if part.kind in VALUE_KEYS and part.kind not in STATELESS:
            self._world.keep_state(
                surface,
                self.id,
                merged(surface.blocks, self._world.message_state(surface, self.id)),
            )
        origin = (surface.channel, surface.ts)
        response_id = self._slack.site.tickets.response(self.id, surface.channel, origin)
        payload = self._slack.payloads.message_action(self.user, surface, part, value, response_id)
        return self._sent(payload, response_id, surface)

    def suggest(self, surface: Surface, part: Part, query: str) -> list[Json]:
        """`options` for an element in hand; an external select asks the bot."""
        if part.kind not in EXTERNAL:
            return [o for o in options_of(part.element) if query.lower() in o["text"]["text"].lower()]
        if len(query) < part.element.get("min_query_length", ASK_FROM):
            return []
        payload = self._slack.payloads.suggestion(self.user, surface, part, query)
        ack = self._slack.deliver("interactive", payload)
        if not ack.acked or not ack.payload or check_options(ack.payload):
            return []
        return list(ack.payload.get("options") or ())

    @property
    def _bot(self) -> User:
        return self._world.users[self._slack.app.bot_user]

    def _say(self, text: str, **values: str) -> str:
        """Translate a sentence of Slack's own into the user's language."""
        return translator(language_of(self.user.locale))(text).format(**values)

    @property
    def _modals(self) -> Modals:
        return Modals(self._slack, self.user)

    def _place(self, ref: str) -> Channel:
        found = self._world.find_channel(ref)
        if found is None:
            raise UserActionError(f"there is no channel {ref!r}")
        if self.id not in found.members:
            raise UserActionError(f"{self.user.real_name} is not in {found.name!r}")
        return found

    def _offers(self, surface: Surface, part: Part, value: Any) -> list[Json]:
        if part.kind not in EXTERNAL or not value:
            return []
        words = [value] if isinstance(value, str | dict) else value
        asked = [word for word in words if isinstance(word, str)]
        return [option for word in asked for option in self.suggest(surface, part, word)]

    def _sent(self, payload: Json, response_id: str, surface: Surface | None) -> ActionResult:
        ack = self._slack.deliver("interactive", payload)
        if ack.acked:
            return ActionResult(self._slack, self.id, response_id, ack)
        said = self._say("This app did not respond as it should:") + f' "{ack.problem}"'
        if isinstance(surface, Message):
            return self._failed(self._world.channels[surface.channel], said, ack.problem, response_id, ack)
        if surface is not None:
            held = self._slack.views.find(surface.id)
            if held is not None:
                self._slack.views.put(replace(held, problem=said))
        return ActionResult(self._slack, self.id, response_id, ack, ack.problem, said)

    def _failed(
        self,
        place: Channel,
        sentence: str,
        error: str,
        response_id: str = "",
        ack: Ack | None = None,
    ) -> ActionResult:
        """Let Slackbot tell the person, and only them, what went wrong."""
        self._world.post(place.id, "USLACKBOT", text=sentence, ephemeral_for=self.id)
        return ActionResult(self._slack, self.id, response_id, ack, error, sentence)
