"""What a person types into a rich text input, as `rich_text`, and back."""

import html
import re
from collections.abc import Iterator

from bot.loopback.model import Json
from bot.loopback.mrkdwn import Reader

_PIECE = re.compile(
    r"`(?P<code>[^`\n]+)`|(?<!\w)\*(?P<bold>[^*\n]+)\*(?!\w)|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)"
    r"|(?<!\w)~(?P<strike>[^~\n]+)~(?!\w)|<@(?P<user>\w+)[^>]*>|<#(?P<channel>\w+)[^>]*>|<(?P<url>[^<>|\s]+)>"
    r"|(?<!\w)@(?P<range>here|channel|everyone)\b|:(?P<emoji>[a-z0-9_+-]+):",
)
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_STYLES = {"code": "`", "bold": "*", "italic": "_", "strike": "~"}
_NAMES = {"user": "user_id", "channel": "channel_id", "url": "url", "range": "range", "emoji": "name"}
_TYPES = {"url": "link", "range": "broadcast"}
_LINES = (
    (re.compile(r"(?:&gt;|>) ?(.*)"), "rich_text_quote", None),
    (re.compile(r"[-•] (.*)"), "rich_text_list", "bullet"),
    (re.compile(r"\d+[.)] (.*)"), "rich_text_list", "ordered"),
    (re.compile(r"(.*)"), "rich_text_section", None),
)


def as_rich(text: str) -> Json:
    """A `rich_text` of a text as the client sends it (`escaped`), with its `*bold*`, lists, quotes and fences."""
    groups: list[Json] = []
    for place, part in enumerate(_FENCE.split(text)):
        if place % 2:
            groups.append({"type": "rich_text_preformatted", "elements": [_text(part)], "border": 0})
        elif part.strip("\n"):
            groups += _groups(part.strip("\n"))
    return {"type": "rich_text", "elements": groups}


def _groups(text: str) -> list[Json]:
    groups: list[Json] = []
    for line in text.split("\n"):
        pattern, kind, style = next(entry for entry in _LINES if entry[0].fullmatch(line))
        found = pattern.fullmatch(line)
        pieces = list(_pieces(found[1] if found else line))
        last = groups[-1] if groups else {}
        same = last.get("type") == kind and last.get("style") == style
        if kind == "rich_text_list":
            item = {"type": "rich_text_section", "elements": pieces}
            if same:
                last["elements"].append(item)
            else:
                groups.append({"type": kind, "style": style, "indent": 0, "border": 0, "elements": [item]})
        elif same:
            last["elements"] += [{"type": "text", "text": "\n"}, *pieces]
        else:
            groups.append({"type": kind, "elements": pieces})
    return groups


def _pieces(line: str) -> Iterator[Json]:
    end = 0
    for found in _PIECE.finditer(line):
        if found.start() > end:
            yield _text(line[end : found.start()])
        yield _piece(str(found.lastgroup), str(found[str(found.lastgroup)]))
        end = found.end()
    if end < len(line):
        yield _text(line[end:])


def _piece(kind: str, value: str) -> Json:
    if kind in _STYLES:
        return {**_text(value), "style": {kind: True}}
    return {"type": _TYPES.get(kind, kind), _NAMES[kind]: html.unescape(value)}


def _text(escaped: str) -> Json:
    return {"type": "text", "text": html.unescape(escaped)}


def as_typed(block: Json | None, reader: Reader) -> str:
    """What a person would type for a `rich_text`; `as_rich` reads it again."""
    return "\n".join(_group_typed(group, reader) for group in (block or {}).get("elements", ()))


def _group_typed(group: Json, reader: Reader) -> str:
    kind = group["type"]
    if kind == "rich_text_list":
        marks = (f"{place}. " if group["style"] == "ordered" else "- " for place in range(1, len(group["elements"]) + 1))
        return "\n".join(mark + _group_typed(item, reader) for mark, item in zip(marks, group["elements"], strict=True))
    inner = "".join(_piece_typed(piece, reader) for piece in group["elements"])
    if kind == "rich_text_preformatted":
        return f"```\n{inner}\n```"
    return "\n".join(f"> {line}" for line in inner.split("\n")) if kind == "rich_text_quote" else inner


def _piece_typed(piece: Json, reader: Reader) -> str:
    kind = piece["type"]
    if kind == "user":
        return f"@{reader.users.get(piece['user_id'], piece['user_id'])}"
    if kind == "channel":
        return f"#{reader.channels.get(piece['channel_id'], piece['channel_id'])}"
    if kind == "broadcast":
        return f"@{piece['range']}"
    if kind == "emoji":
        return f":{piece['name']}:"
    text = str(piece.get("url") if kind == "link" else piece.get("text", ""))
    for style, mark in _STYLES.items():
        if piece.get("style", {}).get(style):
            text = f"{mark}{text}{mark}"
    return text
