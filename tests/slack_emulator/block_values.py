"""What stands in `state.values` and in an action, element by element."""

from datetime import date
from typing import Any

from tests.slack_emulator.block_samples import element
from tests.slack_emulator.sample_app import Json, option

A, B = option("A"), option("B")
# the element with fields of its own, what a person gives, what stands in `state.values`
GIVEN: list[tuple[Json, Any, Json]] = [
    (element("static_select"), "B", {"selected_option": B}),
    (element("multi_static_select"), ["B", "A", "B"], {"selected_options": [B, A]}),
    (element("external_select"), "Alpha", {"selected_option": option("Alpha", "a")}),
    (element("multi_external_select"), ["Alpha"], {"selected_options": [option("Alpha", "a")]}),
    (element("datepicker"), date(2026, 2, 7), {"selected_date": "2026-02-07"}),
    (element("checkboxes"), ["B"], {"selected_options": [B]}),
    (element("radio_buttons"), "A", {"selected_option": A}),
    (element("plain_text_input", multiline=True), "two\nlines", {"value": "two\nlines"}),
]
INITIAL: list[tuple[Json, Json]] = [
    (element("static_select", initial_option=B), {"selected_option": B}),
    (element("static_select"), {"selected_option": None}),
    (element("multi_static_select", initial_options=[A]), {"selected_options": [A]}),
    (element("multi_static_select"), {"selected_options": []}),
    (element("external_select", initial_option=B), {"selected_option": B}),
    (element("multi_external_select", initial_options=[B]), {"selected_options": [B]}),
    (element("datepicker", initial_date="2026-02-07"), {"selected_date": "2026-02-07"}),
    (element("checkboxes", initial_options=[A, B]), {"selected_options": [A, B]}),
    (element("radio_buttons", initial_option=A), {"selected_option": A}),
    (element("plain_text_input", initial_value="x"), {"value": "x"}),
    (element("plain_text_input"), {"value": None}),
    (element("file_input"), {"files": []}),
]
IN_ACTIONS = [
    (asking, given, held) for asking, given, held in GIVEN if asking["type"] in ("static_select", "checkboxes")
]
