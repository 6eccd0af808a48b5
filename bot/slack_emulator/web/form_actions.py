"""Actions of the page's forms, done through a simulated user."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack_emulator.block_kit.state_values import (
    EXTERNAL,
    MANY,
    STATELESS,
    Part,
    UserActionError,
    chosen,
    find_parts,
)
from bot.slack_emulator.emulator import SlackEmulator
from bot.slack_emulator.models import Json, Message, View
from bot.slack_emulator.users.input_values import input_value
from bot.slack_emulator.users.uploads import FileRefused, LocalFile
from bot.slack_emulator.users.user import SimulatedUser
from bot.slack_emulator.web.form_data import Form
from bot.slack_emulator.web.page_context import OptionCache
from bot.slack_emulator.web.rendering import part_id, split_id

KEPT_SURFACES = 200


class FormActions:
    """Reads forms. A form names its surface, the fields it holds (`has`) and what to `do`."""

    def __init__(self, slack: SlackEmulator, offers: OptionCache) -> None:
        self._slack = slack
        self._offers = offers

    def send(
        self, person: SimulatedUser, channel: str, text: str, thread: str, files: Sequence[LocalFile] = ()
    ) -> None:
        """Send a line from the composer: a slash command or a message, with files or without."""
        if files and text.startswith("/"):
            raise UserActionError("a command takes no files")
        if text.startswith("/"):
            name, _, rest = text.partition(" ")
            person.command(name, rest, channel=channel, thread=thread)
        elif text or files:
            person.say(channel, text, thread=thread, files=files)

    def shortcut(self, person: SimulatedUser, form: Form) -> None:
        """Use a message shortcut."""
        surface = self._surface(person, str(form["surface"]))
        if not isinstance(surface, Message):
            raise UserActionError("a shortcut needs a message")
        person.shortcut(surface, str(form["callback_id"]))

    def dismiss(self, person: SimulatedUser, surface_id: str) -> None:
        """Take away what only this person sees; nobody hears of it."""
        surface = self._surface(person, surface_id)
        if not isinstance(surface, Message) or surface.ephemeral_for != person.id:
            raise UserActionError("this message is for others, too")
        self._slack.store.remove(surface)

    def asks(self, person: SimulatedUser, form: Form) -> Json | None:
        """Return the confirm dialog that comes first, if the element used has one and it was not answered yet."""
        verb, _, name = str(form.get("do", "")).partition("!")
        if verb not in ("press", "pick", "choose") or "confirmed" in form:
            return None
        part = _part(self._surface(person, str(form["surface"])), *split_id(name.partition("!")[0]))
        dialog: Json | None = part.element.get("confirm")
        return dialog

    def act(self, person: SimulatedUser, form: Form) -> None:
        """Take the form's fields over, then press, choose, find, submit or close."""
        surface = self._surface(person, str(form["surface"]))
        verb, _, name = str(form.get("do", "")).partition("!")
        if verb == "close-all":
            person.close(every=True)
            return
        try:
            surface = self._absorb(person, surface, form)
        except FileRefused:
            if isinstance(surface, Message):
                raise
            return  # it stands at its block
        if verb != "keep":
            self._use(person, surface, verb, name, form)

    def _use(self, person: SimulatedUser, surface: Message | View, verb: str, name: str, form: Form) -> None:
        if verb in ("submit", "close"):
            if not isinstance(surface, View):
                raise UserActionError("only a view has such a button")
            (person.submit if verb == "submit" else person.close)(surface)
            return
        name, _, option = name.partition("!")
        part = _part(surface, *split_id(name))
        if verb == "find":
            self.offer(person, str(form["surface"]), part.block_id, part.action_id, str(form.get(f"q!{name}", "")))
        elif verb == "press":
            person.dispatch_action(surface, part, None)
        elif verb == "pick":
            person.dispatch_action(surface, part, input_value(part, option, ()))
        elif verb == "choose":
            person.dispatch_action(surface, part, chosen(part, self._state(person, surface)))
        else:
            raise UserActionError(f"there is nothing called {verb!r} to do")

    def offer(self, person: SimulatedUser, surface_id: str, block_id: str, action_id: str, query: str) -> list[Json]:
        """Ask the bot what an external select offers, and remember it for when one is chosen."""
        surface = self._surface(person, surface_id)
        part = _part(surface, block_id, action_id)
        options = person.suggest(surface, part, query)
        with self._slack.store.lock:
            while len(self._offers) > KEPT_SURFACES:
                del self._offers[next(iter(self._offers))]
            self._offers.setdefault((person.id, surface_id), {}).setdefault(part_id(part), []).extend(options)
        return options

    def _absorb(self, person: SimulatedUser, surface: Message | View, form: Form) -> Message | View:
        """Let what the form holds stand in the surface, without telling the bot. Raises FileRefused at the end."""
        refused: FileRefused | None = None
        held = {str(name) for name in form.getall("has", ())}
        for part in find_parts(surface.blocks):
            name = part_id(part)
            if name in held and part.kind == "file_input":
                try:
                    surface = person.hold_files(surface, part, form.getall(f"v!{name}", ()))
                except FileRefused as refusal:
                    surface, refused = person.refresh(surface), refusal
            elif name in held and part.kind not in STATELESS:
                values = [str(value) for value in form.getall(f"v!{name}", ()) if value]
                surface = person.set_value(
                    surface, part, self._typed(person, str(form["surface"]), surface, part, values)
                )
        if refused:
            raise refused
        return surface

    def _typed(
        self, person: SimulatedUser, surface_id: str, surface: Message | View, part: Part, values: list[str]
    ) -> Any:
        raw: Any = values if part.kind in MANY else (values[0] if values else None)
        if isinstance(raw, str):
            raw = raw.replace("\r\n", "\n")
        try:
            return input_value(part, raw, self._known(person, surface_id, surface, part))
        except UserActionError:
            return None

    def _known(self, person: SimulatedUser, surface_id: str, surface: Message | View, part: Part) -> list[Json]:
        """Return the options that an external select has offered or holds."""
        if part.kind not in EXTERNAL:
            return []
        now = chosen(part, self._state(person, surface))
        current = now if isinstance(now, list) else [now] if now else []
        with self._slack.store.lock:
            return [*current, *self._offers.get((person.id, surface_id), {}).get(part_id(part), ())]

    def _state(self, person: SimulatedUser, surface: Message | View) -> Mapping[str, Json]:
        return surface.state if isinstance(surface, View) else self._slack.store.message_state(surface, person.id)

    def _surface(self, person: SimulatedUser, surface_id: str) -> Message | View:
        channel, _, ts = surface_id.partition("/")
        found = self._slack.store.message(channel, ts) if ts else self._slack.views.find(surface_id)
        if found is None or (isinstance(found, View) and found.user != person.id):
            raise UserActionError("this is not there any more")
        return person.refresh(found)


def _part(surface: Message | View, block_id: str, action_id: str) -> Part:
    for part in find_parts(surface.blocks):
        if (part.block_id, part.action_id) == (block_id, action_id):
            return part
    raise UserActionError("this button or field is not there any more")
