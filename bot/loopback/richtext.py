"""`rich_text` blocks and table cells as HTML. Everything from the bot is escaped here."""

import html

from bot.loopback.model import Json
from bot.loopback.mrkdwn import EMOJI, Reader, to_html

_STYLE_TAGS = {"bold": "strong", "italic": "em", "strike": "s", "code": "code"}


def rich_to_html(block: Json, reader: Reader) -> str:
    """The whole block."""
    return "".join(_group(element, reader) for element in block["elements"])


def cell_to_html(cell: Json, reader: Reader) -> str:
    """A cell of a table: `raw_text`, `raw_number` or `rich_text`."""
    if cell["type"] == "rich_text":
        return rich_to_html(cell, reader).replace("<p>", "").replace("</p>", "")
    return html.escape(str(cell.get("text", cell.get("value", ""))))


def _group(element: Json, reader: Reader) -> str:
    kind = element.get("type")
    if kind == "rich_text_list":
        tag = "ol" if element.get("style") == "ordered" else "ul"
        items = "".join(f"<li>{_inline(entry, reader)}</li>" for entry in element["elements"])
        return f"<{tag}>{items}</{tag}>"
    inner = _inline(element, reader)
    if kind == "rich_text_preformatted":
        return f"<pre>{inner}</pre>"
    return f"<blockquote>{inner}</blockquote>" if kind == "rich_text_quote" else f"<p>{inner}</p>"


def _inline(element: Json, reader: Reader) -> str:
    return "".join(_piece(piece, reader) for piece in element.get("elements", ()))


def _piece(piece: Json, reader: Reader) -> str:
    kind = piece.get("type")
    if kind == "link":
        label = f"|{piece['text']}" if piece.get("text") else ""
        markup = to_html(f"<{piece['url']}{label}>", reader)
    elif kind == "user":
        markup = to_html(f"<@{piece['user_id']}>", reader)
    elif kind == "channel":
        markup = to_html(f"<#{piece['channel_id']}>", reader)
    elif kind == "emoji":
        markup = html.escape(EMOJI.get(piece["name"], f":{piece['name']}:"))
    elif kind == "broadcast":
        markup = to_html(f"<!{piece['range']}>", reader)
    elif kind == "date":
        markup = to_html(f"<!date^{piece['timestamp']}^{piece['format']}|{piece.get('fallback', '')}>", reader)
    else:
        markup = html.escape(str(piece.get("text", ""))).replace("\n", "<br>")
    for style, tag in _STYLE_TAGS.items():
        if piece.get("style", {}).get(style):
            markup = f"<{tag}>{markup}</{tag}>"
    return markup
