"""User actions in Slack. Each returns when the bot has acknowledged, or failed to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.slack_emulator.block_kit.blocks import check_options
from bot.slack_emulator.block_kit.state_values import (
    EXTERNAL,
    Chosen,
    Part,
    UserActionError,
    chosen,
    entry,
    find_part,
    find_parts,
)
from bot.slack_emulator.formatting.mrkdwn import RenderContext
from bot.slack_emulator.formatting.translations import Translate, language_of, translator
from bot.slack_emulator.models import ApiError, Channel, Json, Message, User, View
from bot.slack_emulator.payloads import mention_event, view_json
from bot.slack_emulator.transport.delivery import Ack
from bot.slack_emulator.users.inputs import FileRefused, escaped, held_files, input_problem, input_value
from bot.slack_emulator.users.text_view import message_body, message_lines, threaded, view_text
from bot.slack_emulator.workspace import Workspace

Surface = Message | View  # where elements stand: a message, a modal, a home view
INVITE = "/invite"
ASK_FROM = 3
GENERIC = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, slots=True)
class ActionResult:
    """Result of a command, a press, a choice, a shortcut or a mention.

    `ack` is None when nothing was sent. `error` is empty or Slack's word for what failed
    (`operation_timeout`, `dispatch_failed`, `invalid_command` …).
    """

    slack: Workspace = field(repr=False)
    user: str
    response_id: str
    ack: Ack | None
    error: str = ""
    said: str = ""

    @property
    def messages(self) -> list[Message]:
        return self.slack.replies.made(self.response_id)

    @property
    def message(self) -> Message:
        """Return the last of them. Raises UserActionError when there is none."""
        found = self.messages
        if not found:
            raise UserActionError(f"the bot answered with no message; {self.error or 'no error either'}")
        return found[-1]

    @property
    def view(self) -> View | None:
        return self.slack.views.top(self.user)

    @property
    def text(self) -> str:
        reader = RenderContext.of(self.slack.store, self.user)
        return self.said or "\n".join(message_body(message, reader) for message in self.messages)

    def wait(self, seconds: float = 10.0) -> "ActionResult":
        """Wait for a first message, for answers that come after the ack. Raises TimeoutError."""
        self.slack.wait_for(lambda: bool(self.messages), seconds)
        return self


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """Result of a submit. `errors` go by block id; `problem` is what Slack says when the bot fails.

    `ack` is None when Slack's client did not even send it. `view` is the modal on top afterwards.
    """

    ack: Ack | None
    closed: bool
    errors: dict[str, str]
    view: View | None
    problem: str = ""

    def text(self, reader: RenderContext) -> str:
        return view_text(self.view, reader) if self.view else ""


class SimulatedUser:
    """One person at their client. Get one with `slack.person(user_id)`."""

    def __init__(self, slack: Workspace, user_id: str) -> None:
        self._slack = slack
        self._world = slack.store
        self.id = user_id

    @property
    def user(self) -> User:
        return self._world.users[self.id]

    @property
    def language(self) -> str:
        return language_of(self.user.locale)

    # -- talk -------------------------------------------------------------------------------------

    def command(self, name: str, text: str = "", *, channel: str, thread: str = "") -> ActionResult:
        """Type a slash command in a conversation (id or name): one of the app's, or Slack's own `/invite`."""
        place = self._place(channel)
        declared = self._slack.app.command(name)
        if thread:
            sentence = self._say("{name} is not supported in threads. Sorry!").format(name=name)
            return self._failed(place, sentence, "not_in_threads")
        if name == INVITE:
            refusal = self._invite(place, text)
            return self._failed(place, refusal, "refused") if refusal else ActionResult(self._slack, self.id, "", None)
        if declared is None:
            return self._failed(place, self._say("{name} is not a valid command.").format(name=name), "invalid_command")
        sent = escaped(text.strip(), self._world) if declared.get("should_escape") else text.strip()
        response_id = self._slack.tickets.response(self.id, place.id)
        payload = self._slack.payloads.command(self.user, place, name, sent, response_id)
        ack = self._slack.deliver("slash_commands", payload)
        if not ack.acked:
            return self._failed(place, self._failure(name, ack.problem), ack.problem, response_id, ack)
        if ack.payload:
            try:
                self._slack.replies.post(response_id, self.id, place.id, ack.payload)
            except ApiError as refusal:
                error = "invalid_command_response"
                sentence = " ".join([self._failure(name, error), f"({refusal.code})", *refusal.messages])
                return self._failed(place, sentence, error, response_id, ack)
        return ActionResult(self._slack, self.id, response_id, ack)

    def say(self, channel: str, text: str, *, thread: str = "") -> Message:
        """Write a message (in a thread: with the parent's ts); the bot hears if it is mentioned."""
        place = self._place(channel)
        if place.archived:
            raise UserActionError(f"#{place.name} is archived")
        sent = re.sub(r"(<@\w+)\|[^>]*>", r"\1>", escaped(text, self._world))
        message = self._world.post(place.id, self.id, text=sent, thread_ts=thread or None)
        event = mention_event(self._slack, message)
        if event is not None:
            self._slack.event(event)
        return message

    def mention(self, channel: str, text: str, *, thread: str = "") -> Message:
        return self.say(channel, f"@{self._world.users[self._slack.app.bot_user].name} {text}", thread=thread)

    def open_home(self, tab: str = "home") -> View | None:
        channel = self._world.direct_message(self.id)
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": channel.id, "tab": tab}
        home = self.home
        if home is not None and tab == "home":
            event["view"] = view_json(self._slack, home)
        self._slack.event(event)
        return self.home

    def shortcut(self, message: Message, callback_id: str) -> ActionResult:
        response_id = self._slack.tickets.response(self.id, message.channel, (message.channel, message.ts))
        payload = self._slack.payloads.shortcut(self.user, callback_id, message, response_id)
        return self._sent(payload, response_id, message)

    # -- press, choose, fill in -------------------------------------------------------------------

    def press(self, surface: Surface, name: str, *, value: str | None = None, stale: bool = False) -> ActionResult:
        """Press a button by its text or action id, or an entry of an overflow menu by its text.

        `value` tells equal ones apart. A button that is gone meanwhile cannot be pressed, unless the person's screen is
        `stale`: then the surface as given is what they see.
        """
        current = surface if stale else self._as_it_is(surface)
        for part in find_parts(current.blocks):
            for option in part.element["options"] if part.kind == "overflow" else ():
                if option["text"]["text"] == name:
                    return self.dispatch_action(current, part, option)
        part = find_part(current.blocks, name, value)
        if part.kind != "button":
            raise UserActionError(f"{name!r} is no button but a {part.kind}")
        return self.dispatch_action(current, part, None)

    def choose(self, view: View, name: str, value: object) -> ActionResult:
        """Choose or type a value in an element, by action id, block id or label; see `input_value` for values.

        A file input takes `LocalFile` files. The bot hears of it at once if the element stands in a section or actions
        block, or its input block has `dispatch_action`.
        """
        current = self.current_view(view)
        part = find_part(current.blocks, name)
        values = [*value] if isinstance(value, list | tuple) else [value] if value else []
        if part.kind == "file_input":
            self.hold_files(current, part, values)
            return ActionResult(self._slack, self.id, "", None)
        asked = [word for word in values if part.kind in EXTERNAL and isinstance(word, str)]
        held = input_value(part, value, [option for word in asked for option in self.suggest(current, part, word)])
        current = self.set_value(current, part, held)
        if not part.dispatches:
            return ActionResult(self._slack, self.id, "", None)
        return self.dispatch_action(current, part, held)

    def options(self, view: View, name: str, query: str) -> list[Json]:
        current = self.current_view(view)
        return self.suggest(current, find_part(current.blocks, name), query)

    def fill(self, view: View, values: Mapping[str, object]) -> View:
        for name, value in values.items():
            self.choose(view, name, value)
        return self.current_view(view)

    def submit(self, view: View | None = None, values: Mapping[str, object] | None = None) -> SubmitResult:
        """Submit a modal (the one on top), filling in `values` first, unless the client sees that something is missing."""
        view = self._on_top(view)
        try:
            view = self.fill(view, values or {})
        except FileRefused:
            return self._held_back(view, None, dict(self.current_view(view).errors))
        if not view.source.get("submit"):
            raise UserActionError(f"{view.title!r} has no submit button")
        inputs = [part for part in find_parts(view.blocks) if part.block["type"] == "input"]
        problems = {part.block_id: input_problem(part, chosen(part, view.state), self._say) for part in inputs}
        errors = {block_id: problem for block_id, problem in problems.items() if problem}
        if errors:
            return self._held_back(view, None, errors)
        ack = self._slack.deliver("interactive", self._slack.payloads.submission(self.user, view))
        if not ack.acked:
            return self._held_back(view, ack, {}, f"{self._say(GENERIC)} ({ack.problem})")
        try:
            return self._obey(view, ack)
        except ApiError as refusal:
            problem = " ".join([self._say(GENERIC), f"({refusal.code})", *refusal.messages])
            return self._held_back(view, ack, {}, problem)

    def close(self, view: View | None = None, *, every: bool = False) -> None:
        view = self.current_view(self._on_top(view))
        every = every or bool(view.source.get("clear_on_close"))
        self._slack.views.close(self._slack.views.stack(self.id)[0] if every else view)

    # -- see --------------------------------------------------------------------------------------

    @property
    def reader(self) -> RenderContext:
        return RenderContext.of(self._world, self.id)

    @property
    def modal(self) -> View | None:
        return self._slack.views.top(self.id)

    @property
    def home(self) -> View | None:
        return self._slack.views.home(self.id)

    def messages(self, channel: str) -> list[Message]:
        return self._world.messages(self._place(channel).id, self.id)

    def screen(self, channel: str) -> str:
        return "\n".join(message_lines(message, self.reader) for message in threaded(self.messages(channel)))

    def read(self, view: View | None = None) -> str:
        return view_text(self._on_top(view), self.reader)

    # -- elements in hand, for the page ------------------------------------------------------------

    def current_view(self, view: View) -> View:
        try:
            return self._slack.views.current(view.id)
        except ApiError as error:
            raise UserActionError("This window is already closed") from error

    def _as_it_is(self, surface: Surface) -> Surface:
        if isinstance(surface, View):
            return self.current_view(surface)
        return self.refresh(surface.channel, surface.ts)

    def set_value(self, view: View, part: Part, value: Chosen) -> View:
        """Write a value into the view's state and take the error off its block; the bot does not hear of it."""
        with self._world.lock:
            view = self.current_view(view)
            block = {**view.state.get(part.block_id, {}), part.action_id: entry(part.element, value)}
            errors = {key: text for key, text in view.errors.items() if key != part.block_id}
            state = {**view.state, part.block_id: block}
            return self._slack.views.put(replace(view, state=state, errors=errors, problem=""))

    def refresh(self, channel: str, ts: str) -> Message:
        message = self._world.message(channel, ts)
        if message is None or message.ephemeral_for not in (None, self.id):
            raise UserActionError("This message doesn't exist or was deleted")
        return message

    def hold_files(self, view: View, part: Part, values: Sequence[object]) -> View:
        """Leave files in a file input; see `held_files`. What is refused stands at its block, too."""
        try:
            held = held_files(self._slack, self.user, part, view.state, values)
        except FileRefused as refusal:
            view = self.current_view(view)
            self._slack.views.put(replace(view, errors={**view.errors, part.block_id: str(refusal)}, problem=""))
            raise
        return self.set_value(view, part, held)

    def dispatch_action(self, surface: Surface, part: Part, value: Chosen) -> ActionResult:
        """Tell the bot of an element used; `value` as `state.values` writes it, None for a button."""
        if isinstance(surface, View):
            return self._sent(self._slack.payloads.view_action(self.user, surface, part, value), "", surface)
        origin = (surface.channel, surface.ts)
        response_id = self._slack.tickets.response(self.id, surface.channel, origin)
        payload = self._slack.payloads.message_action(self.user, surface, part, value, response_id)
        return self._sent(payload, response_id, surface)

    def suggest(self, view: View, part: Part, query: str) -> list[Json]:
        if len(query) < part.element.get("min_query_length", ASK_FROM):
            return []
        payload = self._slack.payloads.suggestion(self.user, view, part, query)
        ack = self._slack.deliver("interactive", payload)
        return list(ack.payload.get("options") or ()) if ack.payload and not check_options(ack.payload) else []

    def _invite(self, channel: Channel, text: str) -> str:
        """Let people or the app into a channel; return the sentence of why not, empty where it was done."""
        if channel.is_im or channel.archived or self.user.is_guest:
            return self._say("{name} does not work here.").format(name=INVITE)
        named = [self._world.users[user_id] for user_id in re.findall(r"<@(\w+)", escaped(text, self._world))]
        there = [user for user in named if not user.deleted]
        for user in there:
            if user.id in channel.members:
                return self._say("{who} is already in this channel.").format(who=user.real_name)
            self._slack.invite(channel.id, user.id)
            line = self._say("was added to {channel} by {who}.").format(channel=f"<#{channel.id}>", who=f"<@{self.id}>")
            self._world.post(channel.id, user.id, text=line, subtype="channel_join")
        return "" if there else self._say("Who? Type {name} @name").format(name=INVITE)

    def _failure(self, command: str, error: str) -> str:
        return self._say('{name} failed with the error "{error}"').format(name=command, error=error)

    def _on_top(self, view: View | None) -> View:
        found = view or self.modal
        if found is None:
            raise UserActionError("no modal is open")
        return found

    def _place(self, ref: str) -> Channel:
        found = self._slack.channel(ref)
        if self.id not in found.members:
            raise UserActionError(f"{self.user.real_name} is not in {found.name!r}")
        return found

    def _sent(self, payload: Json, response_id: str, surface: Surface) -> ActionResult:
        ack = self._slack.deliver("interactive", payload)
        if ack.acked:
            return ActionResult(self._slack, self.id, response_id, ack)
        said = self._say("The app did not respond correctly:") + f' "{ack.problem}"'
        if isinstance(surface, Message):
            return self._failed(self._world.channels[surface.channel], said, ack.problem, response_id, ack)
        held = self._slack.views.find(surface.id)
        if held is not None:
            self._slack.views.put(replace(held, problem=said))
        return ActionResult(self._slack, self.id, response_id, ack, ack.problem, said)

    def _failed(
        self, place: Channel, sentence: str, error: str, response_id: str = "", ack: Ack | None = None
    ) -> ActionResult:
        self._world.post(place.id, "USLACKBOT", text=sentence, ephemeral_for=self.id)
        return ActionResult(self._slack, self.id, response_id, ack, error, sentence)

    @property
    def _say(self) -> Translate:
        return translator(self.language)

    def _held_back(self, view: View, ack: Ack | None, errors: dict[str, str], problem: str = "") -> SubmitResult:
        views = self._slack.views
        held = views.find(view.id)
        if held is not None:
            views.put(replace(held, errors=errors, problem=problem))
        return SubmitResult(ack, closed=held is None, errors=errors, view=views.top(self.id), problem=problem)

    def _obey(self, view: View, ack: Ack) -> SubmitResult:
        """Do what the ack's `response_action` says. Raises ApiError when Slack would not."""
        answer: Json = ack.payload or {}
        action, errors, views = answer.get("response_action"), answer.get("errors", {}), self._slack.views
        if action == "errors":
            inputs = {block["block_id"] for block in views.current(view.id).blocks if block["type"] == "input"}
            unknown = ", ".join(sorted(errors.keys() - inputs))
            if unknown or not errors:
                raise ApiError("invalid_errors", f"no input block is called {unknown}")
            return self._held_back(view, ack, dict(errors))
        if action == "update":
            views.update(views.current(view.id), answer.get("view"))
        elif action == "push":
            views.push(self.id, answer.get("view"))
        else:
            views.close(view)
        return SubmitResult(ack, closed=views.find(view.id) is None, errors={}, view=views.top(self.id))


class SlackEmulator(Workspace):
    def person(self, user_id: str) -> SimulatedUser:
        if user_id not in self.store.users:
            raise KeyError(user_id)
        return SimulatedUser(self, user_id)
