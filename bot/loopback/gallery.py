"""One of every block and element, for developers: what they look like and what the bot hears of them."""

from typing import Any

from bot.loopback.model import Channel, Json
from bot.loopback.slack import Slack

CHANNEL = "C0GALLERY"


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def _section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": _mrkdwn(text), **more}


def _option(text: str, about: str = "") -> Json:
    return {"text": _plain(text), "value": text.lower(), **({"description": _plain(about)} if about else {})}


def _button(text: str, **more: Any) -> Json:
    return {"type": "button", "text": _plain(text), "value": text.lower(), **more}


def _menu(kind: str, words: str, **more: Any) -> Json:
    return {"type": kind, "placeholder": _plain(words), **more}


def _asked(label: str, kind: str, **more: Any) -> Json:
    return {"type": "input", "label": _plain(label), "element": {"type": kind, **more}, "optional": True}


def _rich(*pieces: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(pieces)}]}


def _said(text: str, **style: bool) -> Json:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _series(name: str, *values: int) -> Json:
    return {"name": name, "data": [{"label": year, "value": value} for year, value in zip(_YEARS, values, strict=True)]}


def _chart(kind: str, title: str, counted: str, *series: Json) -> Json:
    axes = {"categories": list(_YEARS), "x_label": "Year", "y_label": counted}
    chart = {"type": kind, "series": list(series), "axis_config": axes}
    return {"type": "data_visualization", "title": title, "chart": chart}


def _cells(*cells: str | int) -> list[Json]:
    return [
        {"type": "raw_number", "value": cell, "text": str(cell)}
        if isinstance(cell, int)
        else {"type": "raw_text", "text": cell}
        for cell in cells
    ]


_YEARS = ("2022", "2023", "2024", "2025")
_KINDS = {"options": [_option("Letter", "Signed by the chair"), _option("Notice"), _option("Press")]}
_GROUPS = {
    "option_groups": [
        {"label": _plain("Official"), "options": [_option("Letter"), _option("Notice")]},
        {"label": _plain("Reported"), "options": [_option("Press")]},
    ],
}
_MARKED = {"options": [{"text": _mrkdwn("*Health*"), "value": "h"}, {"text": _mrkdwn("Water"), "value": "w"}]}
_SURE = {"title": _plain("Withdraw it?"), "text": _mrkdwn("*GG-1* goes off the list."), "style": "danger"}
_PICTURE = {"type": "image", "image_url": "https://example.org/map.png", "alt_text": "Map of the province"}
_TABLE = [_cells("Ref", "Applicant", "Items")] + [
    _cells(f"GG-{number}", f"Organisation {chr(64 + number)}", number * number * 7 % 50) for number in range(1, 9)
]
_WORKFLOW = {"trigger": {"url": "https://slack.com/shortcuts/Ft0/x"}}
_CARD = {
    "type": "card",
    "hero_image": _PICTURE,
    "slack_icon": {"type": "icon", "name": "flag"},
    "title": _mrkdwn("*GG-1* Winter supplies"),
    "subtitle": _plain("Gyeonggi Province"),
    "body": _mrkdwn("Approved by letter; in force for _91 days_."),
    "subtext": _plain("as of 2026-02-07"),
    "actions": [_button("Open"), _button("Withdraw", style="danger", confirm=_SURE)],
}

MENUS: list[Json] = [
    _menu("static_select", "One of three", **_KINDS),
    _menu("multi_static_select", "Several, in groups", **_GROUPS, max_selected_items=2),
    _menu("external_select", "Ask the app", min_query_length=1),
    _menu("multi_external_select", "Ask for several", min_query_length=1),
    _menu("users_select", "A person"),
    _menu("multi_users_select", "People"),
    _menu("conversations_select", "A conversation", filter={"include": ["public", "private"]}),
    _menu("multi_conversations_select", "Conversations"),
    _menu("channels_select", "A channel"),
    _menu("multi_channels_select", "Channels"),
]
PICKERS: list[Json] = [
    {"type": "datepicker", "initial_date": "2026-02-07"},
    {"type": "timepicker", "initial_time": "09:30", "timezone": "America/New_York"},
    {"type": "datetimepicker", "initial_date_time": 1_770_422_400},
    {"type": "checkboxes", **_MARKED, "initial_options": _MARKED["options"][:1]},
    {"type": "radio_buttons", **_KINDS},
]
INPUTS: list[Json] = [
    {**_asked("Plain text", "plain_text_input", placeholder=_plain("A line")), "hint": _plain("It goes by Enter"),
     "dispatch_action": True},
    _asked("Several lines", "plain_text_input", multiline=True, initial_value="First\nSecond"),
    _asked("Number", "number_input", is_decimal_allowed=True, min_value="0", initial_value="1.5"),
    _asked("Address", "url_text_input", placeholder=_plain("https://…")),
    _asked("E-mail", "email_text_input"),
    _asked("Formatted text", "rich_text_input", initial_value=_rich(_said("Held "), _said("twice", bold=True))),
    _asked("Files", "file_input", filetypes=["pdf", "png"], max_files=3),
]  # fmt: skip

MESSAGES: list[list[Json]] = [
    [
        {"type": "header", "text": _plain("Texts"), "level": 1},
        _section("*Bold*, _italic_, ~struck~, `code` and <https://example.org|a link>."),
        {"type": "section", "fields": [_mrkdwn("*Holder*\nUnited States"), _mrkdwn("*Since*\n2025-H1")]},
        _section("An image beside it", accessory=_PICTURE),
        {"type": "context", "elements": [_PICTURE, _mrkdwn("as of *2026-02-07*"), _plain("Dong-A Ilbo")]},
        {"type": "divider"},
        {"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [
                _said("Rich text: "), _said("struck", strike=True), _said(" and "), _said("underlined", underline=True),
                {"type": "link", "url": "https://example.org", "text": " a > b "}, {"type": "color", "value": "#17665f"},
                {"type": "usergroup", "usergroup_id": "S0DESK"}, {"type": "emoji", "name": "ship"},
                {"type": "date", "timestamp": 1770422400, "format": " {date_num}", "url": "https://example.org"}]},
            {"type": "rich_text_list", "style": "ordered", "elements": [_rich(_said(w))["elements"][0] for w in "ab"]},
            {"type": "rich_text_quote", "elements": [_said("No objection was received.")]},
            {"type": "rich_text_preformatted", "elements": [_said("S/2026/12")]},
        ]},
        {"type": "markdown", "text": "**Markdown** with a [link](https://example.org)\n- one\n- two"},
        {**_PICTURE, "title": _plain("An image block")},
    ],
    [
        {"type": "header", "text": _plain("Buttons and menus")},
        {"type": "actions", "elements": [
            _button("Plain"), _button("Primary", style="primary"), _button("Danger", style="danger", confirm=_SURE),
            _button("Link", url="https://example.org"),
            {"type": "workflow_button", "text": _plain("Workflow"), "workflow": _WORKFLOW},
            {"type": "overflow", "options": [_option("Timeline"), {**_option("Letter"), "url": "https://example.org"}]},
        ]},
        *({"type": "actions", "elements": MENUS[place : place + 5]} for place in (0, 5)),
        {"type": "actions", "elements": PICKERS},
        {"type": "actions", "elements": [{"type": "rich_text_input", "placeholder": _plain("Formatted text")}]},
        _section("Beside a section", accessory={"type": "checkboxes", **_MARKED}),
        {"type": "context_actions", "elements": [
            {"type": "feedback_buttons", "positive_button": {"text": _plain("Helpful"), "value": "good"},
             "negative_button": {"text": _plain("Not helpful"), "value": "bad"}},
            {"type": "icon_button", "icon": "trash", "text": _plain("Delete"), "value": "gone"},
        ]},
    ],
    [{"type": "header", "text": _plain("Inputs")}, *INPUTS[:6]],
    [
        {"type": "header", "text": _plain("Cards and frames"), "level": 3},
        _CARD,
        {"type": "carousel", "elements": [
            {**_CARD, "title": _plain(f"GG-{place}"), "actions": [_button(f"Open {place}")]} for place in (1, 2, 3)
        ]},
        {"type": "container", "title": _plain("Two holds"), "subtitle": _mrkdwn("_both_ open"), "is_collapsible": True,
         "child_blocks": [_section("United States"), {"type": "divider"},
                          {"type": "actions", "elements": [_button("Lift")]}]},
        {"type": "container", "title": _plain("A frame that stays open"), "has_header_divider": True, "icon": _PICTURE,
         "child_blocks": [{"type": "context", "elements": [_plain("with a line below its title")]}]},
        {"type": "plan", "title": "Three steps", "tasks": [
            {"task_id": "1", "title": "Read the letter", "status": "complete", "output": _rich(_said("6 pages"))},
            {"task_id": "2", "title": "Compare it", "status": "in_progress"},
            {"task_id": "3", "title": "Tell the circle", "status": "pending"},
        ]},
        {"type": "task_card", "task_id": "4", "title": "Look for sources", "status": "error",
         "details": _rich(_said("One failed")),
         "sources": [{"type": "url", "url": "https://example.org", "text": "example.org"}]},
        {"type": "video", "title": _plain("How the Committee decides"), "alt_text": "A talk",
         "video_url": "https://example.org/v", "thumbnail_url": "https://example.org/t.png",
         "title_url": "https://example.org/w", "author_name": "Secretariat", "provider_name": "example.org",
         "description": _plain("Twelve minutes")},
        {"type": "file", "external_id": "letter-2026-12", "source": "remote"},
    ],
    [
        {"type": "header", "text": _plain("Data"), "level": 4},
        {"type": "data_table", "caption": "Consignments", "rows": _TABLE, "page_size": 5},
        _chart("bar", "Requests a year", "Requests", _series("Asked", 21, 17, 25, 31), _series("Granted", 18, 15, 9, 12)),
        {"type": "data_visualization", "title": "By sector", "chart": {"type": "pie", "segments": [
            {"label": "Health", "value": 9}, {"label": "Water", "value": 5}, {"label": "Nutrition", "value": 3}]}},
    ],
    [
        {"type": "table", "rows": _TABLE[:4], "column_settings": [{"is_wrapped": True}, None, {"align": "right"}]},
        _chart("line", "Until a decision", "Days", _series("Median", 40, 35, 61, 58), _series("Longest", 190, 80, 240, 260)),
        _chart("area", "Open requests", "Requests", _series("Open", 12, 9, 21, 26)),
    ],
]  # fmt: skip
"""Together they hold every block that a message may carry, and every element."""

MODAL: Json = {
    "type": "modal",
    "callback_id": "gallery",
    "title": _plain("Every input"),
    "submit": _plain("Send"),
    "blocks": [
        *({"type": "alert", "text": _plain(f"This is {level}."), "level": level}
          for level in ("default", "info", "warning", "error", "success")),
        *INPUTS,
        *({"type": "input", "label": menu["placeholder"], "element": menu, "optional": True} for menu in MENUS),
        *({"type": "input", "label": _plain(f"A {each['type']}"), "element": each, "optional": True} for each in PICKERS),
    ],
}  # fmt: skip


def show(slack: Slack, user_id: str, view: str) -> str:
    """Have the gallery's channel there, with the modal open over it if `view` is `modal`; the channel's id."""
    with slack.world.lock:
        if CHANNEL not in slack.world.channels:
            slack.world.put_channel(Channel(CHANNEL, "gallery", members=frozenset({slack.app.bot_user})))
            for blocks in MESSAGES:
                slack.call("chat.postMessage", {"channel": CHANNEL, "blocks": blocks}, slack.app.bot_token)
        slack.invite(CHANNEL, user_id)
        if view == "modal":
            slack.views.open(user_id, MODAL, CHANNEL)
    return CHANNEL
