"""Templates of the page, and what they call."""

import asyncio
import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bot.slack_emulator.block_kit.state_values import VALUE_KEYS, Part, chosen, find_parts
from bot.slack_emulator.formatting.mrkdwn import RenderContext, plain_to_html, to_html, whole, written
from bot.slack_emulator.formatting.translations import day_title, for_scripts, translator
from bot.slack_emulator.models import Json, Message, User
from bot.slack_emulator.state.files import PICTURE
from bot.slack_emulator.users.inputs import endings, most_files
from bot.slack_emulator.users.text_view import numbers

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every page and stream."""
_HUES = 8
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Surface:
    """A message or view as a template draws it: its address in forms, and how the person has filled it in."""

    id: str
    base: str
    back: str
    reader: RenderContext
    state: Mapping[str, Json] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    modal: bool = False


def part_id(part: Part) -> str:
    """Return an element's name in forms; `split_id` takes it apart."""
    return f"{quote(part.block_id, safe='')}:{quote(part.action_id, safe='')}"


def split_id(name: str) -> tuple[str, str]:
    """Block id and action id of a form's name."""
    block_id, _, action_id = name.partition(":")
    return unquote(block_id), unquote(action_id)


def environment(language: str = "en") -> Environment:
    """Jinja with autoescape, for readers of a language; what the filters give is escaped by them."""
    loader = FileSystemLoader(HERE / "templates")
    env = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    env.filters |= {
        "words": words,
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
        "for_scripts": for_scripts(language),
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


def words(node: Json, reader: RenderContext) -> Markup:
    shown = to_html(node["text"], reader) if node["type"] == "mrkdwn" else plain_to_html(node["text"])
    return Markup(shown)  # noqa: S704 - both escape


def held_files(state: Mapping[str, Json]) -> list[str]:
    """Return the ids of the files that stand in inputs."""
    entries = [entry for block in state.values() for entry in block.values()]
    return [file["id"] for entry in entries for file in entry.get("files", ())]


def option_values(value: object) -> list[str]:
    """Return the values of a chosen option or of several."""
    options = value if isinstance(value, list) else [value]
    return [option["value"] for option in options if isinstance(option, Mapping)]


def local_time(message: Message, user: User) -> datetime:
    """When a message was written, on the reader's clock."""
    return datetime.fromtimestamp(float(message.ts), ZoneInfo(user.tz))


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
