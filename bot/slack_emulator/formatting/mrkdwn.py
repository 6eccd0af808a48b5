"""Slack's mrkdwn, with its emoji and dates, as safe HTML and as the plain text that a person reads."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot.slack_emulator.formatting.translations import language_of
from bot.slack_emulator.models import ChannelKind
from bot.slack_emulator.state.store import Store

EMOJI = {
    "white_check_mark": "✅", "warning": "⚠️", "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "calendar": "📆",
    "information_source": "ℹ️", "question": "❓", "grey_question": "❔", "no_entry": "⛔", "no_entry_sign": "🚫",
    "leftwards_arrow_with_hook": "↩️", "repeat": "🔁", "sparkles": "✨", "heavy_minus_sign": "➖", "eyes": "👀", "tada": "🎉",
}  # fmt: skip
"""Those that the bot writes, and one for who tries the page."""
_HALF_YEAR = timedelta(days=182)
_NEAR = {"en": {-1: "yesterday", 0: "today", 1: "tomorrow"}, "ko": {-1: "어제", 0: "오늘", 1: "내일"}}
_PATTERNS = {
    "en": {"short": "MMM d", "short+": "MMM d, yyyy", "time": "h:mm a"},
    "ko": {"short": "M월 d일", "short+": "yyyy년 M월 d일", "time": "aaaa h:mm"},
}
_SAFE = re.compile(r"(https?://|mailto:|tel:)", re.IGNORECASE)
_TOKEN = re.compile(r"<([^<>\n]+)>")
_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
_PRE = re.compile(r"(?<![\w\u034f])```\n?(.+?)\n?```", re.DOTALL)
_CODE = re.compile(r"(?<![\w\u034f`])`([^`\n]+)`")
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_AROUND_PRE = re.compile(r"<br>(?=<pre>)|(?<=</pre>)<br>")
_WHOLE = re.compile(r"(?<![A-Za-z0-9-])[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,4}){1,2}(?![A-Za-z0-9-])")
_STYLES = (("*", "strong"), ("_", "em"), ("~", "s"))
# Beside which Slack's own client lets a mark of style begin or end, in plain words: not beside letters or what combines.
_NO_EDGE = r"\w\u034f"


@dataclass(frozen=True, slots=True)
class RenderContext:
    """Context of rendering for one reader: names of ids, zone and locale, `now` (seconds since 1970) for "today".

    `channels` are those that the person may know of, `hidden` are drawn as private ones. `me` is the person.
    """

    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"
    locale: str = "en-US"
    now: float | None = None
    me: str = ""
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of(cls, world: Store, user_id: str) -> "RenderContext":
        with world.lock:
            me = world.users[user_id]
            at_home = set() if me.is_guest else {c.id for c in world.channels.values() if c.kind is ChannelKind.PUBLIC}
            known = {c.id: c.name for c in world.channels.values() if user_id in c.members or c.id in at_home}
            names = {user.id: user.real_name for user in world.users.values()}
            hidden = frozenset(world.channels) - known.keys()
            return cls(names, known, me.tz, me.locale, world.clock(), user_id, hidden)


def to_html(text: str, reader: RenderContext) -> str:
    """HTML with nothing in it that the text could have smuggled."""
    held: list[str] = []

    def hold(fragment: str) -> str:
        held.append(fragment)
        return f"\ue000{len(held) - 1}\ue001"

    def verbatim(tag: str, inner: str) -> str:
        linked = _TOKEN.sub(lambda m: hold(_token(m[1], reader)), inner)
        return hold(f"<{tag}>{_text(linked)}</{tag}>")

    text = text.replace("\ue000", "").replace("\ue001", "")
    text = _PRE.sub(lambda m: verbatim("pre", m[1]), text)
    text = _CODE.sub(lambda m: verbatim("code", m[1]), text)
    text = _TOKEN.sub(lambda m: hold(_token(m[1], reader)), text)
    lines = [_line(whole(_styled(_emoji(_text(line))))) for line in text.split("\n")]
    joined = re.sub(r"(</div>|</blockquote>)<br>", r"\1", "<br>".join(lines))
    joined = joined.replace("</blockquote><blockquote>", "<br>").replace("<br><blockquote>", "<blockquote>")
    while _PLACEHOLDER.search(joined):
        joined = _PLACEHOLDER.sub(lambda m: held[int(m[1])], joined)
    return _AROUND_PRE.sub("", joined)


def text_html(node: Mapping[str, str], reader: RenderContext) -> str:
    return to_html(node["text"], reader) if node["type"] == "mrkdwn" else plain_to_html(node["text"])


def strip(markup: str) -> str:
    broken = re.sub(r"</?(?:div|blockquote|p|pre|li|ul|ol)\b[^>]*>", "\x00", markup.replace("<br>", "\n"))
    return re.sub(r"\x00+", "\n", html.unescape(re.sub(r"<[^>]+>", "", broken))).strip("\n")


def plain_to_html(text: str) -> str:
    return whole(_emoji(html.escape(text))).replace("\n", "<br>")


def _text(raw: str) -> str:
    plain = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return html.escape(plain)


def _emoji(escaped: str) -> str:
    return _EMOJI.sub(lambda m: EMOJI.get(m[1], m[0]), escaped)


def whole(markup: str) -> str:
    """Refs and dates (GG-1, 2026-02-05, 2025-H1) are not broken at their hyphens; `markup` has no attributes yet."""
    return _WHOLE.sub(lambda m: f'<span class="whole">{m[0]}</span>' if re.search(r"\d", m[0]) else m[0], markup)


def _styled(escaped: str) -> str:
    for mark, tag in _STYLES:
        sign = re.escape(mark)
        pattern = rf"(?<![{_NO_EDGE}{sign}]){sign}(?=\S)([^{sign}\n]*?\S){sign}(?![{_NO_EDGE}{sign}])"
        escaped = re.sub(pattern, rf"<{tag}>\1</{tag}>", escaped)
    return escaped


def _line(markup: str) -> str:
    if markup.startswith("&gt;"):
        return f"<blockquote>{markup.removeprefix('&gt;').lstrip()}</blockquote>"
    item = re.match(r"(\s*)(•|◦|-|\d+\.) +(.*)", markup)
    if item:
        return f'<div class="item">{item[2]} {item[3]}</div>'
    return markup


def _token(inner: str, reader: RenderContext) -> str:
    """Return a mention, a date or a link; anything else in angle brackets as text."""
    target, _, label = inner.partition("|")
    kind, name = target[:1], target[1:]
    if kind == "@":
        return _mention(f"@{reader.users.get(name) or label or name}", me=bool(name) and name == reader.me)
    if kind == "#" and name in reader.hidden:
        return _mention("🔒 비공개 채널" if reader.locale.startswith("ko") else "🔒 private channel")
    if kind == "#":
        return _mention(f"#{reader.channels.get(name) or label or name}")
    if kind == "!":
        word, _, date = name.partition("^")
        return _date(date, label, reader) if word == "date" else _mention(f"@{label or word}")
    if not _SAFE.match(target):
        return _text(f"<{inner}>")
    shown = _emoji(_text(label or target.removeprefix("mailto:")))
    return f'<a href="{_text(target)}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _mention(shown: str, *, me: bool = False) -> str:
    return f'<span class="mention{" me" if me else ""}">{_text(shown)}</span>'


def _date(command: str, fallback: str, reader: RenderContext) -> str:
    """`timestamp^token string` on the reader's clock; the fallback where that cannot be."""
    stamp, _, form = command.partition("^")
    if not stamp.isdecimal():
        return _text(fallback)
    zone = ZoneInfo(reader.zone)
    moment = datetime.fromtimestamp(int(stamp), zone)
    now = None if reader.now is None else datetime.fromtimestamp(reader.now, zone)
    shown = _text(filled(form, moment, now, reader.locale))
    return f'<time datetime="{moment.isoformat()}" title="{moment:%Y-%m-%d %H:%M:%S %Z}">{shown}</time>'


def written(pattern: str, moment: datetime, locale: str) -> str:
    language = language_of(locale)
    return str(format_datetime(moment, _PATTERNS[language][pattern], locale=language))


def filled(form: str, moment: datetime, now: datetime | None, locale: str) -> str:
    """Return Slack's token string with `{date_short_pretty}` and `{time}`, which the bot uses, filled in.

    `now`, in the same zone, is what "today" is measured from: yesterday, today and tomorrow go by name, another day
    without the year within half a year of it.
    """
    name = _NEAR[language_of(locale)].get((moment.date() - now.date()).days) if now else None
    near = now is not None and abs(moment - now) < _HALF_YEAR
    day = name or written("short" if near else "short+", moment, locale)
    shown = form.replace("{date_short_pretty}", day).replace("{time}", written("time", moment, locale))
    return shown[:1].upper() + shown[1:] if form.startswith("{") else shown
