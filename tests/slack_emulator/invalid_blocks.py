"""Broken blocks, elements and views, each with what Slack says of it."""

from typing import Any

from tests.slack_emulator.block_samples import CONFIRM, OPTIONS, actions, asked, block, cells, chart, element, series
from tests.slack_emulator.sample_app import Json, button, modal, option, plain, section


def long(count: int) -> Json:
    return plain("x" * count)


BROKEN_BLOCKS: list[tuple[Any, str]] = [
    ({}, "missing required field: type [0]"),
    ("text", "must provide an object [0]"),
    ({"type": "section"}, "must define either `text` or `fields` [0]"),
    (section("x", accesory={}), "invalid additional property: accesory [0]"),
    (section("x" * 3001), "failed to match all allowed schemas [0/text]"),
    (section(""), "must be more than 0 characters [0/text/text]"),
    (section("x", block_id="b" * 256), "must be less than 256 characters [0/block_id]"),
    (block("header", text={"type": "mrkdwn", "text": "x"}), "must be a valid enum value [0/text/type]"),
    (block("context", elements=[plain("x")] * 11), "no more than 10 items allowed [0/elements]"),
    (actions(button("a", "x"), button("b", "x")), '`action_id` "x" already exists [0/elements/1/action_id]'),
    ({"type": "image", "alt_text": "x"}, "unsupported type: image [0/type]"),
    (block("data_table", rows=[cells("a")]), "must provide at least 2 items [0/rows]"),
    (block("data_table", rows=[cells("a"), cells("a", "b")]), "all rows must have the same number of cells [0/rows]"),
    (
        block("data_table", rows=[[{"type": "rich_text"}], cells("a")]),
        "unsupported type: rich_text [0/rows/0/0/type]",
    ),
    (block("data_table", rows=[cells("x" * 10_001)] * 2), "must be less than 20001 characters [0/rows]"),
    (block("data_visualization", chart={"type": "radar"}), "unsupported type: radar [0/chart/type]"),
    (chart("bar", series("a", "Tue")), "must have one point for every category [0/chart/series/0/data]"),
    (chart("bar", *[series("a", "Mon")] * 2), "must be unique in the chart [0/chart/series/1/name]"),
    (chart("bar", *[series(str(n), "Mon") for n in range(13)]), "no more than 12 items allowed [0/chart/series]"),
]

BROKEN_ELEMENTS: list[tuple[Json, str]] = [
    (element("button", value="x" * 2001), "must be less than 2001 characters [value]"),
    (element("button", style="default"), "must be a valid enum value [style]"),
    (element("button", wide=True), "invalid additional property: wide []"),
    (
        element("button", confirm={**CONFIRM, "title": long(101)}),
        "must be less than 101 characters [confirm/title/text]",
    ),
    ({"type": "static_select"}, "must define either `options` or `option_groups` []"),
    (
        element("static_select", option_groups=[{"label": plain("g"), **OPTIONS}]),
        "cannot define both `options` and `option_groups` []",
    ),
    (element("static_select", initial_option=option("C")), "must match one of the options [initial_option]"),
    (element("checkboxes", initial_options=[option("C")]), "must match one of the options [initial_options/0]"),
    (element("checkboxes", options=[option(str(n)) for n in range(11)]), "no more than 10 items allowed [options]"),
    (element("multi_static_select", max_selected_items=0), "must be between 1 and 1000 [max_selected_items]"),
    (element("datepicker", initial_date="2026-02-30"), "must be a date such as 2026-02-07 [initial_date]"),
    (element("plain_text_input", max_length=3001), "must be between 1 and 3000 [max_length]"),
    (element("file_input", max_files=11), "must be between 1 and 10 [max_files]"),
]


HOME: Json = {"type": "home", "blocks": []}

BROKEN_VIEWS: list[tuple[Json, str]] = [
    ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
    ({"type": "modal", "title": plain("x")}, "missing required field: blocks [json-pointer:/view]"),
    ({"type": "card", "title": plain("x"), "blocks": []}, "must be a valid enum value [json-pointer:/view/type]"),
    (modal("x", [], submit_disabled=True), "invalid additional property: submit_disabled [json-pointer:/view]"),
    (
        {"type": "modal", "title": plain("x"), "blocks": [{"type": "divider"}, asked("datepicker")]},
        "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]",
    ),
    (
        modal("x", [section("x", block_id="b"), section("x", block_id="b")]),
        '`block_id` "b" already exists [json-pointer:/view/blocks/1/block_id]',
    ),
    (
        modal("x", [{"type": "input", "element": element("datepicker")}]),
        "missing required field: label [json-pointer:/view/blocks/0]",
    ),
    (
        modal("x", [{**asked("file_input"), "dispatch_action": True}]),
        "unsupported type: file_input [json-pointer:/view/blocks/0/element/type]",
    ),
    (modal("x", [{"type": "alert"}]), "unsupported type: alert [json-pointer:/view/blocks/0/type]"),
    ({**HOME, "title": plain("x")}, "invalid additional property: title [json-pointer:/view]"),
]
