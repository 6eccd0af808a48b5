"""`rich_text` blocks and table cells as HTML. Everything from the bot is escaped here."""

import html
from collections.abc import Callable

from bot.loopback.emoji_names import EMOJI
from bot.loopback.model import Json
from bot.loopback.mrkdwn import Reader, to_html, whole

_STYLE_TAGS = {"bold": "strong", "italic": "em", "strike": "s", "code": "code", "underline": "u", "highlight": "mark"}


def rich_to_html(block: Json, reader: Reader) -> str:
    """The whole block."""
    return "".join(_group(element, reader) for element in block["elements"])


def cell_to_html(cell: Json, reader: Reader) -> str:
    """A cell of a table: `raw_text`, `raw_number` or `rich_text`."""
    if cell["type"] == "rich_text":
        return rich_to_html(cell, reader).replace("<p>", "").replace("</p>", "")
    return whole(html.escape(str(cell.get("text", cell.get("value", "")))))


def _group(element: Json, reader: Reader) -> str:
    kind = element.get("type")
    if kind == "rich_text_list":
        return _list(element, reader)
    inner = _inline(element, reader)
    bordered = ' class="bordered"' if element.get("border") else ""
    if kind == "rich_text_preformatted":
        return f"<pre{bordered}>{inner}</pre>"
    return f"<blockquote>{inner}</blockquote>" if kind == "rich_text_quote" else f"<p>{inner}</p>"


def _list(element: Json, reader: Reader) -> str:
    tag = "ol" if element.get("style") == "ordered" else "ul"
    first = f' start="{int(element["offset"]) + 1}"' if tag == "ol" and element.get("offset") else ""
    look = " ".join(
        [f"indent{int(element.get('indent') or 0)}", *(["bordered"] if element.get("border") else [])],
    )
    items = "".join(f"<li>{_inline(entry, reader)}</li>" for entry in element["elements"])
    return f'<{tag} class="{look}"{first}>{items}</{tag}>'


def _inline(element: Json, reader: Reader) -> str:
    return "".join(_piece(piece, reader) for piece in element.get("elements", ()))


def _piece(piece: Json, reader: Reader) -> str:
    markup = _PIECES.get(piece.get("type", ""), _text)(piece, reader)
    for style, tag in _STYLE_TAGS.items():
        if piece.get("style", {}).get(style):
            markup = f"<{tag}>{markup}</{tag}>"
    return markup


def _text(piece: Json, _reader: Reader) -> str:
    return html.escape(str(piece.get("text", ""))).replace("\n", "<br>")


def _link(piece: Json, _reader: Reader) -> str:
    return _linked(piece["url"], html.escape(piece.get("text") or piece["url"]))


def _linked(url: str, shown: str) -> str:
    if not url.lower().startswith(("https://", "http://", "mailto:", "tel:")):
        return shown
    return f'<a href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _date(piece: Json, reader: Reader) -> str:
    words = str(piece.get("fallback", "")).translate({ord(sign): None for sign in "<>|"})
    shown = to_html(f"<!date^{piece['timestamp']}^{piece['format']}|{words}>", reader)
    return _linked(piece["url"], shown) if piece.get("url") else shown


def _colour(piece: Json, _reader: Reader) -> str:
    value = html.escape(str(piece["value"]))
    return f'<svg class="swatch" viewBox="0 0 8 8" aria-hidden="true"><path fill="{value}" d="M0 0h8v8H0z"/></svg>{value}'


_PIECES: dict[str, Callable[[Json, Reader], str]] = {
    "link": _link,
    "date": _date,
    "color": _colour,
    "user": lambda piece, reader: to_html(f"<@{piece['user_id']}>", reader),
    "channel": lambda piece, reader: to_html(f"<#{piece['channel_id']}>", reader),
    "broadcast": lambda piece, reader: to_html(f"<!{piece['range']}>", reader),
    "usergroup": lambda piece, reader: to_html(f"<!subteam^{piece['usergroup_id']}>", reader),
    "team": lambda piece, _: f'<span class="mention">{html.escape(piece["team_id"])}</span>',
    "emoji": lambda piece, _: html.escape(EMOJI.get(piece["name"], f":{piece['name']}:")),
}
