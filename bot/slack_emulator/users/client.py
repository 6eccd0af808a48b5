"""A person's client: what lies under the things that people do, and elements in hand for the page."""

from collections.abc import Sequence
from dataclasses import replace

from bot.slack_emulator.block_kit.blocks import check_options
from bot.slack_emulator.block_kit.state_values import EXTERNAL, Chosen, Part, UserActionError
from bot.slack_emulator.formatting.mrkdwn import RenderContext
from bot.slack_emulator.models import Channel, Json, Message, User, View
from bot.slack_emulator.transport.delivery import Ack
from bot.slack_emulator.users.modals import Modals
from bot.slack_emulator.users.results import ActionResult
from bot.slack_emulator.users.uploads import FileRefused, held_files

Surface = Message | View
"""Where elements stand: a message, a modal, a home view."""

ASK_FROM = 3


class UserClient(Modals):
    """One person's client."""

    @property
    def reader(self) -> RenderContext:
        """Names and time zone for showing text."""
        return RenderContext.of(self._world, self.id)

    def refresh(self, surface: Surface) -> Surface:
        """Return a message or view as it is now. Raises UserActionError when it is gone."""
        if isinstance(surface, View):
            return self.current_view(surface)
        message = self._world.message(surface.channel, surface.ts)
        if message is None or message.ephemeral_for not in (None, self.id):
            raise UserActionError("This message doesn't exist or was deleted")
        return message

    def hold_files(self, view: View, part: Part, values: Sequence[object]) -> View:
        """Leave files in a file input; see `held_files`. What is refused stands at its block, too."""
        try:
            held = held_files(self._slack, self.user, part, view.state, values)
        except FileRefused as refusal:
            self._refuse(view, part, str(refusal))
            raise
        return self.set_value(view, part, held)

    def dispatch_action(self, surface: Surface, part: Part, value: Chosen) -> ActionResult:
        """Tell the bot of an element used; `value` as `state.values` writes it, None for a button."""
        if isinstance(surface, View):
            return self._sent(self._slack.payloads.view_action(self.user, surface, part, value), "", surface)
        origin = (surface.channel, surface.ts)
        response_id = self._slack.site.tickets.response(self.id, surface.channel, origin)
        payload = self._slack.payloads.message_action(self.user, surface, part, value, response_id)
        return self._sent(payload, response_id, surface)

    def suggest(self, view: View, part: Part, query: str) -> list[Json]:
        """Ask the bot for an external select's options; too short a query does not reach it."""
        if len(query) < part.element.get("min_query_length", ASK_FROM):
            return []
        payload = self._slack.payloads.suggestion(self.user, view, part, query)
        ack = self._slack.deliver("interactive", payload)
        if not ack.acked or not ack.payload or check_options(ack.payload):
            return []
        return list(ack.payload.get("options") or ())

    @property
    def _bot(self) -> User:
        return self._world.users[self._slack.app.bot_user]

    def _place(self, ref: str) -> Channel:
        found = self._world.find_channel(ref)
        if found is None:
            raise UserActionError(f"there is no channel {ref!r}")
        if self.id not in found.members:
            raise UserActionError(f"{self.user.real_name} is not in {found.name!r}")
        return found

    def _offers(self, view: View, part: Part, value: object) -> list[Json]:
        if part.kind not in EXTERNAL or not value:
            return []
        words = value if isinstance(value, list | tuple) else [value]
        asked = [word for word in words if isinstance(word, str)]
        return [option for word in asked for option in self.suggest(view, part, word)]

    def _sent(self, payload: Json, response_id: str, surface: Surface | None) -> ActionResult:
        ack = self._slack.deliver("interactive", payload)
        if ack.acked:
            return ActionResult(self._slack, self.id, response_id, ack)
        said = self._say("The app did not respond correctly:") + f' "{ack.problem}"'
        if isinstance(surface, Message):
            return self._failed(self._world.channels[surface.channel], said, ack.problem, response_id, ack)
        if surface is not None:
            held = self._slack.views.find(surface.id)
            if held is not None:
                self._slack.views.put(replace(held, problem=said))
        return ActionResult(self._slack, self.id, response_id, ack, ack.problem, said)

    def _failed(
        self, place: Channel, sentence: str, error: str, response_id: str = "", ack: Ack | None = None
    ) -> ActionResult:
        """Let Slackbot tell the person, and only them, what went wrong."""
        self._world.post(place.id, "USLACKBOT", text=sentence, ephemeral_for=self.id)
        return ActionResult(self._slack, self.id, response_id, ack, error, sentence)
