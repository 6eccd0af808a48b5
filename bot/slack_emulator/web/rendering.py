"""Templates of the page, what they call, and one person's view of the workspace for them."""

import asyncio
import html
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bot.slack_emulator.block_kit.state_values import VALUE_KEYS, Part, chosen, find_parts
from bot.slack_emulator.formatting.mrkdwn import RenderContext, text_html, to_html, whole, written
from bot.slack_emulator.formatting.translations import KOREAN, day_title, translator
from bot.slack_emulator.models import ChannelKind, Json, Message, User, View
from bot.slack_emulator.state.files import PICTURE
from bot.slack_emulator.state.store import Store
from bot.slack_emulator.users.inputs import endings, most_files
from bot.slack_emulator.users.text_view import numbers
from bot.slack_emulator.users.user import INVITE, SimulatedUser, SlackEmulator
from bot.slack_emulator.workspace import SLACKBOT

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HUES = 8
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Location:
    """Location on the page: as whom, in which conversation (empty: App Home), with which thread open."""

    user: str
    channel: str = ""
    thread: str = ""

    @property
    def base(self) -> str:
        return f"/as/{self.user}"

    @property
    def path(self) -> str:
        return f"{self.base}/c/{self.channel}" if self.channel else f"{self.base}/home"

    @property
    def address(self) -> str:
        return f"{self.path}?{urlencode({'thread': self.thread})}" if self.thread else self.path


@dataclass(frozen=True, slots=True)
class Surface:
    """A message or view as a template draws it: its name in forms, where it stands, how the person has filled it in."""

    id: str
    place: Location
    reader: RenderContext
    state: Mapping[str, Json] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    modal: bool = False


def part_id(part: Part) -> str:
    return f"{quote(part.block_id, safe='')}:{quote(part.action_id, safe='')}"


def environment(language: str = "en") -> Environment:
    """Jinja with autoescape, for readers of a language; what the filters give is escaped by them."""
    loader = FileSystemLoader(HERE / "templates")
    env = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    env.filters |= {
        "words": lambda node, reader: Markup(text_html(node, reader)),  # noqa: S704 - escaped where it is made
        "mrkdwn": lambda text, reader: Markup(to_html(text, reader)),  # noqa: S704 - escaped where it is made
        "cell": lambda cell: Markup(whole(html.escape(cell["text"]))),  # noqa: S704 - escaped here
        "numbers": numbers,
        "most": lambda rows: max(float(cell) for row in rows for cell in row[1:]) or 1,
        "day_title": lambda at: day_title(at, language),
        "clock": lambda at, reader: written("time", at, reader.locale),
        "hue": lambda text: sum(map(ord, text)) % _HUES,
        "initials": lambda name: "".join(word[0] for word in name.replace("-", " ").split()[:2]).upper(),
    }
    env.globals |= {
        "t": translator(language),
        "language": language,
        "for_scripts": KOREAN if language == "ko" else {},
        "parts": find_parts,
        "part_id": part_id,
        "chosen": lambda part, state: chosen(part, state) if part.kind in VALUE_KEYS else None,
        "option_values": option_values,
        "PICTURE": PICTURE,
        "endings": endings,
        "most_files": most_files,
        "held_files": held_files,
    }
    return env


def held_files(state: Mapping[str, Json]) -> list[str]:
    entries = [entry for block in state.values() for entry in block.values()]
    return [file["id"] for entry in entries for file in entry.get("files", ())]


def option_values(value: object) -> list[str]:
    options = value if isinstance(value, list) else [value]
    return [option["value"] for option in options if isinstance(option, Mapping)]


async def stream(
    request: web.Request, ending: asyncio.Event, now: Callable[[], object], told: object = None
) -> web.StreamResponse:
    """Send a server-sent event, `news`, with what is so `now` whenever it is other than what was told before."""
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
    await response.prepare(request)
    while not ending.is_set() and request.transport is not None:
        if (seen := now()) != told:
            try:
                await response.write(f"event: news\ndata: {json.dumps(seen)}\n\n".encode())
            except ConnectionError:
                break
            told = seen
        await asyncio.sleep(LOOK_SECONDS)
    return response


def first_channel(world: Store, user_id: str) -> str:
    with world.lock:
        return next((c.id for c in world.channels.values() if user_id in c.members), "")


class PageContext:
    def __init__(self, slack: SlackEmulator, place: Location) -> None:
        self._slack = slack
        self.place = place
        self.person: SimulatedUser = slack.person(place.user)
        self.reader = self.person.reader
        with slack.store.lock:
            humans = [user for user in slack.store.users.values() if not user.is_bot]
            channels = [c for c in slack.store.channels.values() if place.user in c.members]
        self.humans = [(user, self._where(user)) for user in humans]
        self.channels = sorted((c for c in channels if not c.is_im), key=lambda c: c.name)
        self.direct = slack.store.direct_message(place.user)

    def page(self, note: str) -> dict[str, object]:
        channel, home = self._slack.store.channels.get(self.place.channel), self.person.home
        messages = self._slack.store.messages(channel.id, self.place.user) if channel else []
        return {
            "place": self.place,
            "team": self._slack.store.team,
            "me": self.person.user,
            "bot": self._slack.store.users[self._slack.app.bot_user],
            "humans": self.humans,
            "channels": [(c, self._slack.store.unread(self.place.user, c.id)) for c in self.channels],
            "direct": (self.direct, self._slack.store.unread(self.place.user, self.direct.id)),
            "channel": channel,
            "private": channel is not None and channel.kind is ChannelKind.PRIVATE,
            "in_channel": channel is not None and self._slack.app.bot_user in channel.members,
            "items": self._items(messages),
            "pins": [self._item(message) for message in messages if message.pinned],
            "thread": [self._item(m) for m in messages if self.place.thread in (m.ts, m.thread_ts)],
            "modals": [(view, self._view(view)) for view in self._slack.views.stack(self.place.user)],
            "home": (home, self._view(home)) if home else None,
            "has_home": "app_home_opened" in self._slack.app.events or home is not None,
            "names": self._names(),
            "tries": self._tries(messages),
            "about": self._slack.about.get(self.person.language, ""),
            "shortcuts": self._slack.app.shortcuts,
            "note": note,
            "can_start_over": self._slack.start_over is not None,
        }

    def _names(self) -> dict[str, object]:
        say = translator(self.person.language)
        about = say("Add people or the app to this channel")
        invite = {"command": INVITE, "usage_hint": "[@name]", "description": about}
        commands = [
            {"insert": each["command"], "hint": each.get("usage_hint", ""), "about": each["description"]}
            for each in (*(self._slack.app.commands or ()), invite)
        ]
        people = [
            {"insert": f"@{user.real_name}", "label": user.real_name, "about": f"@{user.name}"}
            for user in self._slack.store.users.values()
            if not user.deleted and user.id != SLACKBOT.id
        ]
        channels = [{"insert": f"#{each.name}"} for each in self.channels]
        return {"commands": commands, "people": people, "channels": channels, "following": self._slack.following}

    def _tries(self, messages: Sequence[Message]) -> Sequence[tuple[str, str]]:
        if messages and self.place.channel != first_channel(self._slack.store, self.place.user):
            return ()
        return self._slack.tries.get(self.person.language, ())

    def _where(self, user: User) -> str:
        """Return the path to act as a user: this channel if they are in it, their first, App Home; empty if deactivated."""
        if user.deleted:
            return ""
        channels = sorted(self._slack.store.channels.values(), key=lambda c: (c.id != self.place.channel, c.name))
        theirs = [c for c in channels if user.id in c.members and not c.is_im]
        return Location(user.id, theirs[0].id if theirs else "").path

    def _items(self, every: Sequence[Message]) -> list[Json]:
        replies = Counter(message.thread_ts for message in every if message.is_reply)
        tops = [m for m in every if not m.is_reply or m.subtype == "thread_broadcast" or m.ephemeral_for]
        items = [self._item(message, replies[message.ts]) for message in tops]
        for before, item in zip([None, *items], items, strict=False):
            item["new_day"] = before is None or before["at"].date() != item["at"].date()
        return items

    def _item(self, message: Message, replies: int = 0) -> Json:
        author, zone = self._slack.store.users[message.user], ZoneInfo(self.person.user.tz)
        at = datetime.fromtimestamp(float(message.ts), zone)
        surface = Surface(f"{message.channel}/{message.ts}", self.place, self.reader)
        return {"message": message, "author": author, "at": at, "replies": replies, "surface": surface}

    def _view(self, view: View) -> Surface:
        return Surface(view.id, self.place, self.reader, view.state, view.errors, modal=view.type == "modal")
