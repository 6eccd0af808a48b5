"""Actions of the page's forms, done through a simulated user."""

from pathlib import PureWindowsPath

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from bot.slack_emulator.block_kit.state_values import (
    EXTERNAL,
    MANY,
    STATELESS,
    Chosen,
    Part,
    UserActionError,
    chosen,
    find_parts,
)
from bot.slack_emulator.models import Json, Message, View
from bot.slack_emulator.state.files import MEBIBYTE
from bot.slack_emulator.users.inputs import FileRefused, LocalFile, input_value
from bot.slack_emulator.users.user import SimulatedUser, SlackEmulator
from bot.slack_emulator.web.rendering import part_id

LARGEST_FORM = 64 * MEBIBYTE
Form = MultiDictProxy[str | LocalFile]  # texts, and `LocalFile` for files


async def read_form(request: web.Request) -> Form:
    """Return a form's fields; a file field in which nothing was picked is left out."""
    form: MultiDict[str | LocalFile] = MultiDict()
    for name, value in (await request.clone(client_max_size=LARGEST_FORM).post()).items():
        if isinstance(value, web.FileField):
            form.add(name, LocalFile(PureWindowsPath(value.filename).name, value.file.read()))
            value.file.close()
        elif isinstance(value, str):
            form.add(name, value)
    return MultiDictProxy(form)


class FormActions:
    """Reads forms. A form names its surface, the fields it holds (`has`) and what to `do`."""

    def __init__(self, slack: SlackEmulator) -> None:
        self._slack = slack
        self._offers: dict[tuple[str, str], list[Json]] = {}  # of external selects, by view and element

    def send(self, person: SimulatedUser, form: Form) -> None:
        channel, thread = str(form["channel"]), str(form.get("thread", ""))
        text = str(form.get("text", "")).replace("\r\n", "\n").strip()
        if text.startswith("/"):
            name, _, rest = text.partition(" ")
            person.command(name, rest, channel=channel, thread=thread)
        elif text:
            person.say(channel, text, thread=thread)

    def shortcut(self, person: SimulatedUser, form: Form) -> None:
        person.shortcut(person.refresh(*str(form["surface"]).split("/")), str(form["callback_id"]))

    def dismiss(self, person: SimulatedUser, form: Form) -> None:
        message = person.refresh(*str(form["surface"]).split("/"))
        if message.ephemeral_for != person.id:
            raise UserActionError("Others can see this message")
        self._slack.store.remove(message)

    def act(self, person: SimulatedUser, form: Form) -> None:
        surface_id = str(form["surface"])
        verb, _, name = str(form.get("do", "")).partition("!")
        if verb == "close-all":
            person.close(every=True)
        elif "/" in surface_id:
            message = person.refresh(*surface_id.split("/"))
            person.dispatch_action(message, *_pressed(message, name))
        else:
            self._act_in_view(person, self._view(person, surface_id), form, verb, name)

    def offer(self, person: SimulatedUser, view_id: str, name: str, query: str) -> list[Json]:
        """Ask the bot what an external select offers, and remember it for when one is chosen."""
        view = self._view(person, view_id)
        options = person.suggest(view, _part(view, name), query)
        with self._slack.store.lock:
            self._offers.setdefault((view_id, name), []).extend(options)
        return options

    def _act_in_view(self, person: SimulatedUser, view: View, form: Form, verb: str, name: str) -> None:
        view, refused = self._absorb(person, view, form)
        if refused:
            return  # it stands at its block
        if verb == "submit":
            person.submit(view)
        elif verb == "close":
            person.close(view)
        elif verb == "press":
            person.dispatch_action(view, *_pressed(view, name))
        elif verb == "choose":
            part = _part(view, name)
            person.dispatch_action(view, part, chosen(part, view.state))

    def _absorb(self, person: SimulatedUser, view: View, form: Form) -> tuple[View, bool]:
        """Let what the form holds stand in the view, without telling the bot; return True, too, if a file was refused."""
        refused = False
        held = {str(name) for name in form.getall("has", ())}
        for part in find_parts(view.blocks):
            name = part_id(part)
            if name not in held or part.kind in STATELESS:
                continue
            given = form.getall(f"v!{name}", ())
            if part.kind == "file_input":
                try:
                    view = person.hold_files(view, part, given)
                except FileRefused:
                    view, refused = person.current_view(view), True
            else:
                values = [str(value).replace("\r\n", "\n") for value in given if value]
                view = person.set_value(view, part, self._typed(view, part, values))
        return view, refused

    def _typed(self, view: View, part: Part, values: list[str]) -> Chosen:
        """Return what was typed or picked, None for what is not on offer; an external select offered it before."""
        now = chosen(part, view.state) if part.kind in EXTERNAL else None
        current = now if isinstance(now, list) else [now] if isinstance(now, dict) else []
        with self._slack.store.lock:
            offered = [*current, *self._offers.get((view.id, part_id(part)), ())]
        try:
            return input_value(part, values if part.kind in MANY else next(iter(values), None), offered)
        except UserActionError:
            return None

    def _view(self, person: SimulatedUser, view_id: str) -> View:
        found = self._slack.views.find(view_id)
        if found is None or found.user != person.id:
            raise UserActionError("This window is already closed")
        return found


def _pressed(surface: Message | View, name: str) -> tuple[Part, Chosen]:
    """Return the button, or the overflow menu and its option, of a pressed name (`part!number` for an option)."""
    part, _, number = name.partition("!")
    found = _part(surface, part)
    return found, found.element["options"][int(number)] if number else None


def _part(surface: Message | View, name: str) -> Part:
    for part in find_parts(surface.blocks):
        if part_id(part) == name:
            return part
    raise UserActionError("This button or field no longer exists")
