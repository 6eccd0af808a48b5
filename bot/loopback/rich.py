"""`rich_text`: sections, lists, quotes and preformatted text, and what stands in them."""

from bot.loopback.composition import ID, URL
from bot.loopback.schema import (
    Check,
    Field,
    anything,
    array,
    boolean,
    integer,
    matching,
    may,
    need,
    one_of,
    string,
    table,
    typed,
)

LONGEST = 12_000
PIECES = 1000

_STYLE = table(
    {
        name: may(boolean)
        for name in ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
    },
)


def _piece(**fields: Field) -> Check:
    return table({"type": need(anything), "style": may(_STYLE), **fields})


_TEXT = _piece(text=need(string(LONGEST, 1)))
_LINK = _piece(url=need(URL), text=may(string(LONGEST)), unsafe=may(boolean))
_PIECES = {
    "text": _TEXT,
    "link": _LINK,
    "user": _piece(user_id=need(ID)),
    "usergroup": _piece(usergroup_id=need(ID)),
    "team": _piece(team_id=need(ID)),
    "channel": _piece(channel_id=need(ID)),
    "broadcast": _piece(range=need(one_of("here", "channel", "everyone"))),
    "emoji": _piece(
        name=need(string(255, 1)),
        unicode=may(string(100)),
        url=may(URL),
        skin_tone=may(integer(1, 6)),
    ),
    "color": _piece(value=need(matching(r"#[0-9a-fA-F]{6}", "a colour such as #17665f"))),
    "date": _piece(
        timestamp=need(integer(0, 9_999_999_999)),
        format=need(string(255, 1)),
        url=may(URL),
        fallback=may(string(LONGEST)),
    ),
}


def _group(piece: Check, **fields: Field) -> Check:
    return table({"type": need(anything), "elements": need(array(piece, PIECES, fewest=0)), **fields})


_BORDER = may(integer(0, 1))
_ANY = typed(_PIECES)
_SECTION = _group(_ANY)
_GROUPS = {
    "rich_text_section": _SECTION,
    "rich_text_list": _group(
        typed({"rich_text_section": _SECTION}),
        style=need(one_of("bullet", "ordered")),
        indent=may(integer(0, 8)),
        offset=may(integer(0, 1_000_000)),
        border=_BORDER,
    ),
    "rich_text_quote": _group(_ANY, border=_BORDER),
    "rich_text_preformatted": _group(
        typed({"text": _TEXT, "link": _LINK}), border=_BORDER, language=may(string(100, 1))
    ),
}
RICH_ELEMENTS = array(typed(_GROUPS), PIECES)
RICH_TEXT = table({"type": need(one_of("rich_text")), "block_id": may(ID), "elements": need(RICH_ELEMENTS)})
