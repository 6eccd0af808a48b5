"""What stands in `state.values` and in an action, element by element."""

from datetime import UTC, date, datetime, time
from typing import Any

from block_samples import ELEMENTS, element
from loopback_sample import Json, option, plain

A, B = option("A"), option("B")
RICH: Json = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Held by "},
                {"type": "text", "text": "one", "style": {"bold": True}},
                {"type": "text", "text": " & "},
                {"type": "user", "user_id": "U0MEMBER"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 0,
            "border": 0,
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "first"}]}],
        },
    ],
}

# the element with fields of its own, what a person gives, what stands in `state.values`
GIVEN: list[tuple[Json, Any, Json]] = [
    (element("static_select"), "B", {"selected_option": B}),
    (element("multi_static_select"), ["B", "A", "B"], {"selected_options": [B, A]}),
    (element("external_select"), "Alpha", {"selected_option": option("Alpha", "a")}),
    (element("multi_external_select"), ["Alpha"], {"selected_options": [option("Alpha", "a")]}),
    (element("users_select"), "@mina.lee", {"selected_user": "U0MEMBER"}),
    (element("multi_users_select"), ["Mina Lee", "U0ADMIN"], {"selected_users": ["U0MEMBER", "U0ADMIN"]}),
    (element("conversations_select"), "#ministry-desk", {"selected_conversation": "G0MINISTRY"}),
    (element("multi_conversations_select"), ["general"], {"selected_conversations": ["C0GENERAL"]}),
    (element("channels_select"), "#general", {"selected_channel": "C0GENERAL"}),
    (element("multi_channels_select"), ["#gyeonggi"], {"selected_channels": ["C0GYEONGGI"]}),
    (element("datepicker"), date(2026, 2, 7), {"selected_date": "2026-02-07"}),
    (element("timepicker"), time(9, 5), {"selected_time": "09:05"}),
    (
        element("timepicker", timezone="America/New_York"),
        "18:00",
        {"selected_time": "18:00", "timezone": "America/New_York"},
    ),
    (element("datetimepicker"), datetime(2026, 2, 7, tzinfo=UTC), {"selected_date_time": 1_770_422_400}),
    (element("datetimepicker"), "2026-02-07T09:00", {"selected_date_time": 1_770_422_400}),  # the person is in Seoul
    (element("checkboxes"), ["B"], {"selected_options": [B]}),
    (element("radio_buttons"), "A", {"selected_option": A}),
    (element("plain_text_input", multiline=True), "two\nlines", {"value": "two\nlines"}),
    (element("number_input"), 17, {"value": "17"}),
    (element("url_text_input"), "https://un.org/a", {"value": "https://un.org/a"}),
    (element("email_text_input"), "a@un.org", {"value": "a@un.org"}),
    (element("rich_text_input"), "Held by *one* & @mina.lee\n- first", {"rich_text_value": RICH}),
]
INITIAL: list[tuple[Json, Json]] = [
    (element("static_select", initial_option=B), {"selected_option": B}),
    (element("static_select"), {"selected_option": None}),
    (element("multi_static_select", initial_options=[A]), {"selected_options": [A]}),
    (element("multi_static_select"), {"selected_options": []}),
    (element("external_select", initial_option=B), {"selected_option": B}),
    (element("multi_external_select", initial_options=[B]), {"selected_options": [B]}),
    (element("users_select", initial_user="U0ADMIN"), {"selected_user": "U0ADMIN"}),
    (element("multi_users_select", initial_users=["U0ADMIN"]), {"selected_users": ["U0ADMIN"]}),
    (element("conversations_select", initial_conversation="C1"), {"selected_conversation": "C1"}),
    (element("multi_conversations_select", initial_conversations=["C1"]), {"selected_conversations": ["C1"]}),
    (element("channels_select", initial_channel="C1"), {"selected_channel": "C1"}),
    (element("multi_channels_select", initial_channels=["C1"]), {"selected_channels": ["C1"]}),
    (element("datepicker", initial_date="2026-02-07"), {"selected_date": "2026-02-07"}),
    (element("timepicker", initial_time="09:30"), {"selected_time": "09:30"}),
    (element("datetimepicker", initial_date_time=1628633820), {"selected_date_time": 1628633820}),
    (element("checkboxes", initial_options=[A, B]), {"selected_options": [A, B]}),
    (element("radio_buttons", initial_option=A), {"selected_option": A}),
    (element("plain_text_input", initial_value="x"), {"value": "x"}),
    (element("plain_text_input"), {"value": None}),
    (element("number_input", initial_value="7"), {"value": "7"}),
    (element("url_text_input", initial_value="https://un.org"), {"value": "https://un.org"}),
    (element("email_text_input", initial_value="a@un.org"), {"value": "a@un.org"}),
    (element("rich_text_input", initial_value=RICH), {"rich_text_value": RICH}),
    (element("rich_text_input"), {"rich_text_value": None}),
    (element("file_input"), {"files": []}),
]
PRESSED: list[tuple[Json, str, Json]] = [
    (
        element("button", value="v", style="danger", url="https://un.org", action_id="x"),
        "Press",
        {"text": plain("Press"), "value": "v", "style": "danger", "url": "https://un.org"},
    ),
    (
        element("workflow_button"),
        "Run",
        {"text": plain("Run"), "workflow": ELEMENTS["workflow_button"]["workflow"]},
    ),
    (element("icon_button"), "Delete", {"text": plain("Delete"), "value": "gone", "icon": "trash"}),
    (element("feedback_buttons"), "Bad", {"text": plain("Bad"), "value": "bad"}),
]

ACTIONABLE = [
    (asking, given, held)
    for asking, given, held in GIVEN
    if not asking["type"].endswith("text_input") and asking["type"] not in ("number_input", "file_input")
]
