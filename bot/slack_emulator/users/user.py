"""User actions in Slack. Each returns when the bot has acknowledged, or failed to."""

import re
from collections.abc import Mapping, Sequence

from bot.slack_emulator.block_kit.state_values import UserActionError, find_part, find_parts
from bot.slack_emulator.models import ApiError, Json, Message, View
from bot.slack_emulator.payloads.interactions import mention_event
from bot.slack_emulator.users.client import Surface, UserClient
from bot.slack_emulator.users.input_values import escaped, input_value
from bot.slack_emulator.users.results import ActionResult, SubmitResult
from bot.slack_emulator.users.slash_commands import BUILTIN_COMMANDS, run_builtin_command
from bot.slack_emulator.users.text_view import message_lines, threaded, view_text
from bot.slack_emulator.users.uploads import FileRefused, LocalFile, share_picked


class SimulatedUser(UserClient):
    """One person at their client. Get one with `slack.person(user_id)`."""

    # -- talk -------------------------------------------------------------------------------------

    def command(self, name: str, text: str = "", *, channel: str, thread: str = "") -> ActionResult:
        """Type a slash command in a conversation (id or name): one of the app's, or Slack's own `/invite`, `/remove`."""
        place = self._place(channel)
        declared = self._slack.app.command(name)
        if thread:
            sentence = self._say("{name} is not supported in threads. Sorry!").format(name=name)
            return self._failed(place, sentence, "not_in_threads")
        if name in BUILTIN_COMMANDS:
            refusal = run_builtin_command(self._slack, self.user, place, name, text)
            return self._failed(place, refusal, "refused") if refusal else ActionResult(self._slack, self.id, "", None)
        if declared is None:
            return self._failed(place, self._say("{name} is not a valid command.").format(name=name), "invalid_command")
        sent = escaped(text.strip(), self._world) if declared.should_escape else text.strip()
        response_id = self._slack.site.tickets.response(self.id, place.id)
        payload = self._slack.payloads.command(self.user, place, name, sent, response_id)
        ack = self._slack.deliver("slash_commands", payload)
        if not ack.acked:
            return self._failed(place, self._failure(name, ack.problem), ack.problem, response_id, ack)
        if ack.payload:
            try:
                self._slack.replies.from_ack(response_id, self.id, place.id, ack.payload, f"{name} {text}".strip())
            except ApiError as refusal:
                error = "invalid_command_response"
                sentence = " ".join([self._failure(name, error), f"({refusal.code})", *refusal.messages])
                return self._failed(place, sentence, error, response_id, ack)
        return ActionResult(self._slack, self.id, response_id, ack)

    def say(self, channel: str, text: str, *, thread: str = "", files: Sequence[LocalFile] = ()) -> Message:
        """Write a message (in a thread: with the parent's ts); the bot hears if it is mentioned."""
        place = self._place(channel)
        if place.archived:
            raise UserActionError(f"#{place.name} is archived")
        sent = re.sub(r"(<@\w+)\|[^>]*>", r"\1>", escaped(text, self._world))
        if files:
            message = share_picked(self._slack, self.user, place, sent, files, thread)
        else:
            message = self._world.post(place.id, self.id, text=sent, thread_ts=thread or None)
        event = mention_event(self._slack.site, message)
        if event is not None:
            self._slack.event(event)
        return message

    def mention(self, channel: str, text: str, *, thread: str = "") -> Message:
        return self.say(channel, f"@{self._bot.name} {text}", thread=thread)

    def open_home(self, tab: str = "home") -> View | None:
        """Open the bot's App Home; what it has published then."""
        channel = self._world.direct_message(self.id)
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": channel.id, "tab": tab}
        home = self.home
        if home is not None and tab == "home":
            event["view"] = self._slack.payloads.view(home)
        self._slack.event(event)
        return self.home

    def shortcut(self, message: Message, callback_id: str) -> ActionResult:
        response_id = self._slack.site.tickets.response(self.id, message.channel, (message.channel, message.ts))
        payload = self._slack.payloads.shortcut(self.user, callback_id, message, response_id)
        return self._sent(payload, response_id, message)

    # -- press, choose, fill in -------------------------------------------------------------------

    def press(self, surface: Surface, name: str, *, value: str | None = None, stale: bool = False) -> ActionResult:
        """Press a button by its text or action id, or an entry of an overflow menu by its text.

        `value` tells equal ones apart.

        A button that is gone meanwhile cannot be pressed, unless the person's screen is `stale`: then
        the surface as given is what they see.
        """
        current = surface if stale else self.refresh(surface)
        blocks: list[Json] = list(current.blocks)
        if value is not None:
            parts = [part for part in find_parts(blocks) if part.element.get("value") == value]
            blocks = [
                {**part.block, "type": "actions", "elements": [part.element], "accessory": None} for part in parts
            ]
        for part in find_parts(blocks):
            for option in part.element["options"] if part.kind == "overflow" else ():
                if option["text"]["text"] == name:
                    return self.dispatch_action(current, part, option)
        part = find_part(blocks, name)
        if part.kind != "button":
            raise UserActionError(f"{name!r} is no button but a {part.kind}")
        return self.dispatch_action(current, part, None)

    def choose(self, view: View, name: str, value: object) -> ActionResult:
        """Choose or type a value in an element, by action id, block id or label; see `input_value` for values.

        A file input takes `LocalFile` files, and ids of those that it holds and that are to stay.
        The bot hears of it at once if the element stands in a section or actions block, or its input
        block has `dispatch_action`.
        """
        current = self.current_view(view)
        part = find_part(current.blocks, name)
        if part.kind == "file_input":
            self.hold_files(current, part, list(value) if isinstance(value, list | tuple) else [value] if value else [])
            return ActionResult(self._slack, self.id, "", None)
        held = input_value(part, value, self._offers(current, part, value))
        current = self.set_value(current, part, held)
        if not part.dispatches:
            return ActionResult(self._slack, self.id, "", None)
        return self.dispatch_action(current, part, held)

    def options(self, view: View, name: str, query: str) -> list[Json]:
        """Return an external select's options for a query; too short a one does not reach the bot."""
        current = self.current_view(view)
        return self.suggest(current, find_part(current.blocks, name), query)

    def fill(self, view: View, values: Mapping[str, object]) -> View:
        """Fill in inputs by action id, block id or label, one after the other; the view afterwards."""
        for name, value in values.items():
            self.choose(view, name, value)
        return self.current_view(view)

    def submit(self, view: View | None = None, values: Mapping[str, object] | None = None) -> SubmitResult:
        """Submit a modal (the one on top), filling in `values` first."""
        view = self._on_top(view)
        try:
            return self._submit(self.fill(view, values or {}))
        except FileRefused:  # the client holds it back, with the error at the block
            view = self.current_view(view)
            return SubmitResult(None, closed=False, errors=dict(view.errors), view=view)

    def close(self, view: View | None = None, *, every: bool = False) -> None:
        """Close a modal (the one on top), or all."""
        view = self._on_top(view)
        if every or view.source.get("clear_on_close"):
            self._slack.views.clear(self.id)
        else:
            self._slack.views.close(self.current_view(view))

    # -- see --------------------------------------------------------------------------------------

    @property
    def modal(self) -> View | None:
        return self._slack.views.top(self.id)

    @property
    def home(self) -> View | None:
        """Return what the bot has published on this person's App Home."""
        return self._slack.views.home(self.id)

    def messages(self, channel: str) -> list[Message]:
        """Return the messages that this user sees in a conversation, own ephemeral ones included, oldest first."""
        return self._world.messages(self._place(channel).id, self.id)

    def screen(self, channel: str) -> str:
        """Return a conversation as text, one message after the other."""
        return "\n".join(message_lines(message, self.reader) for message in threaded(self.messages(channel)))

    def read(self, view: View | None = None) -> str:
        """Return a view (the modal on top) as text."""
        return view_text(self._on_top(view), self.reader)

    # -- inside -----------------------------------------------------------------------------------

    def _failure(self, command: str, error: str) -> str:
        return self._say('{name} failed with the error "{error}"').format(name=command, error=error)

    def _on_top(self, view: View | None) -> View:
        found = view or self.modal
        if found is None:
            raise UserActionError("no modal is open")
        return found
