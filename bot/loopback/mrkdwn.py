"""Slack's mrkdwn as safe HTML, and as the plain text that a person reads."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.loopback.world import World

EMOJI = {
    "white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "warning": "⚠️", "bell": "🔔", "no_bell": "🔕",
    "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "calendar": "📆", "date": "📅", "package": "📦",
    "ship": "🚢", "lock": "🔒", "unlock": "🔓", "memo": "📝", "pencil2": "✏️", "information_source": "ℹ️",
    "question": "❓", "exclamation": "❗", "no_entry": "⛔", "no_entry_sign": "🚫", "arrow_right": "➡️",
    "arrow_left": "⬅️", "leftwards_arrow_with_hook": "↩️", "repeat": "🔁",
    "large_green_circle": "🟢", "large_yellow_circle": "🟡", "large_orange_circle": "🟠",
    "red_circle": "🔴", "white_circle": "⚪", "black_circle": "⚫", "large_blue_circle": "🔵", "wave": "👋",
    "scroll": "📜", "link": "🔗", "mag": "🔍", "gear": "⚙️", "tada": "🎉", "eyes": "👀", "+1": "👍",
}  # fmt: skip
_SAFE = re.compile(r"(https?://|mailto:|tel:)", re.IGNORECASE)
_TOKEN = re.compile(r"<([^<>\n]+)>")
_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
_STYLES = (("*", "strong"), ("_", "em"), ("~", "s"))
_DATE_WORDS = {
    "date_num": "{0:%Y-%m-%d}", "date": "{0:%B} {0.day}, {0.year}", "date_short": "{0:%b} {0.day}, {0.year}",
    "date_long": "{0:%A}, {0:%B} {0.day}, {0.year}", "date_pretty": "{0:%B} {0.day}, {0.year}",
    "date_short_pretty": "{0:%b} {0.day}, {0.year}", "date_long_pretty": "{0:%A}, {0:%B} {0.day}, {0.year}",
    "time": "{0:%H:%M}", "time_secs": "{0:%H:%M:%S}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the names that ids stand for, and the zone for times."""

    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"

    @classmethod
    def of(cls, world: World, user_id: str) -> "Reader":
        """The reader that a person of this world is."""
        with world.lock:
            users = {user.id: user.real_name for user in world.users.values()}
            channels = {channel.id: channel.name for channel in world.channels.values()}
            return cls(users, channels, world.users[user_id].tz)


def to_html(text: str, reader: Reader) -> str:
    """HTML with nothing in it that the text could have smuggled."""
    held: list[str] = []

    def hold(fragment: str) -> str:
        held.append(fragment)
        return f"\ue000{len(held) - 1}\ue001"

    text = text.replace("\ue000", "").replace("\ue001", "")
    text = re.sub(r"```\n?(.+?)\n?```", lambda m: hold(f"<pre>{_text(m[1])}</pre>"), text, flags=re.DOTALL)
    text = re.sub(r"`([^`\n]+)`", lambda m: hold(f"<code>{_text(m[1])}</code>"), text)
    text = _TOKEN.sub(lambda m: hold(_token(m[1], reader)), text)
    lines = [_line(_styled(_emoji(_text(line)))) for line in text.split("\n")]
    joined = re.sub(r"(</div>|</blockquote>)<br>", r"\1", "<br>".join(lines))
    joined = joined.replace("</blockquote><blockquote>", "<br>").replace("<br><blockquote>", "<blockquote>")
    return _fill(joined, held)


def to_plain(text: str, reader: Reader) -> str:
    """What a person reads, without marks of style."""
    return strip(to_html(text, reader))


def strip(markup: str) -> str:
    """Plain text of HTML made here."""
    broken = re.sub(r"</?(?:div|blockquote|p|pre|li|ul|ol)\b[^>]*>", "\x00", markup.replace("<br>", "\n"))
    return re.sub(r"\x00+", "\n", html.unescape(re.sub(r"<[^>]+>", "", broken))).strip("\n")


def plain_to_html(text: str) -> str:
    """A `plain_text` object's text: emoji and line ends, no styles."""
    return _emoji(html.escape(text)).replace("\n", "<br>")


def from_markdown(text: str) -> str:
    """Markdown, as the `markdown` block holds it, in mrkdwn; the commonest of it."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"^&gt;", ">", text, flags=re.MULTILINE)
    text = re.sub(r"^#{1,6} +(.+)$", r"**\1**", text, flags=re.MULTILINE)
    text = re.sub(r"^(\s*)[*+-] +", r"\1• ", text, flags=re.MULTILINE)
    text = re.sub(r"(?<!\*)\*(?!\*)([^*\n]+)\*(?!\*)", r"_\1_", text)
    text = re.sub(r"\*\*([^\n]+?)\*\*", r"*\1*", text)
    text = re.sub(r"~~([^\n]+?)~~", r"~\1~", text)
    return re.sub(r"\[([^\]\n]+)\]\(([^)\s]+)\)", r"<\2|\1>", text)


def _fill(markup: str, held: list[str]) -> str:
    while _PLACEHOLDER.search(markup):
        markup = _PLACEHOLDER.sub(lambda m: held[int(m[1])], markup)
    return markup


def _text(raw: str) -> str:
    """Escaped text; Slack's own three escapes mean their characters."""
    plain = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return html.escape(plain)


def _emoji(escaped: str) -> str:
    return re.sub(r":([a-z0-9_+-]+):", lambda m: EMOJI.get(m[1], m[0]), escaped)


def _styled(escaped: str) -> str:
    for mark, tag in _STYLES:
        sign = re.escape(mark)
        pattern = rf"(?<![\w{sign}]){sign}(?=\S)([^{sign}\n]*?\S){sign}(?![\w{sign}])"
        escaped = re.sub(pattern, rf"<{tag}>\1</{tag}>", escaped)
    return escaped


def _line(markup: str) -> str:
    if markup.startswith("&gt;"):
        return f"<blockquote>{markup.removeprefix('&gt;').lstrip()}</blockquote>"
    item = re.match(r"(\s*)(•|◦|-|\d+\.) +(.*)", markup)
    if item:
        return f'<div class="item">{item[2]} {item[3]}</div>'
    return markup


def _token(inner: str, reader: Reader) -> str:
    target, _, label = inner.partition("|")
    kinds: dict[str, Callable[[str, str, Reader], str]] = {"@": _user, "#": _channel, "!": _special}
    if target[:1] in kinds:
        return kinds[target[0]](target[1:], label, reader)
    if not _SAFE.match(target):
        return _text(f"<{inner}>")
    shown = _emoji(_text(label or target.removeprefix("mailto:")))
    return f'<a href="{_text(target)}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _user(user_id: str, label: str, reader: Reader) -> str:
    return f'<span class="mention">@{_text(reader.users.get(user_id) or label or user_id)}</span>'


def _channel(channel_id: str, label: str, reader: Reader) -> str:
    return f'<span class="mention">#{_text(reader.channels.get(channel_id) or label or channel_id)}</span>'


def _special(command: str, label: str, reader: Reader) -> str:
    if command.startswith("date^"):
        return _date(command, label, reader)
    return f'<span class="mention">@{_text(label or command.partition("^")[0])}</span>'


def _date(command: str, fallback: str, reader: Reader) -> str:
    _, stamp, form, *link = command.split("^")
    try:
        moment = datetime.fromtimestamp(int(stamp), ZoneInfo(reader.zone))
    except (ValueError, OverflowError, OSError):
        return _text(fallback)
    words = _DATE_WORDS.items()
    shown = _text(re.sub(r"\{(\w+)\}", lambda m: dict(words).get(m[1], m[0]).format(moment), form))
    if link and _SAFE.match(link[0]):
        shown = f'<a href="{_text(link[0])}" target="_blank" rel="noopener noreferrer">{shown}</a>'
    return f'<time title="{_text(fallback)}">{shown}</time>'
