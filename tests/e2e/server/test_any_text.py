"""Any text that people type: answered in words that Slack accepts, without live mentions or links."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.slack_emulator import View
from bot.slack_emulator.block_kit.state_values import find_parts
from bot.slack_emulator.formatting.mrkdwn import RenderContext, plain_to_html, to_html
from db.domain.enums import SourceKind, UpdateKind
from db.models import Project
from db.updates.status_cache import store_search_texts
from handlers.slack.mrkdwn import INERT
from tests.support.harness import BotHarness, UserDriver
from tests.support.proposals import problems

COMMANDS = ("/aid-status", "/aid-update", "/aid-alerts", "/aid-admin")
NASTY = (
    "<!channel>", "<!here|here>", "<@U0MEMBER>", "<#C0GENERAL|x>", "<https://live.example|your bank>",
    "&lt;!channel&gt;", "&amp;lt;!here&amp;gt;", "@channel", "*", "_", "~", "`", "```", ">", "“", "”", "’", "—",
    "\u202e", "\u200b", "\0", "\t", "{number}", "{0}", "{", "%s", "'; DROP TABLE updates; --", "<", "&", "|", ":",
    ",", "-", '"', "#", "a" * 200,
)  # fmt: skip
WORDS = (
    "GG-1", "GG-2,KR-1", "IO-1", "GG-99", "group:gyeonggi", "status:under-review", "-group:io", "expiring:90d",
    "since:2026-01", "#1", "#2", "#9999", "on:2026-02-05", "on:unknown", "on:“2025-H1”", "by:US", "by:undisclosed",
    "until:unknown", "lift:all", "source:https://source.example/a", "authority:customs", "deadline:2026-02-20",
    "extends:GG-2", "retract", "correct", "help", "on", "off", "list", "test", "people", "grant", "revoke",
    "project", "add", "edit", "withhold", "council", "2026", "lang:ko", "payload",
    *(f"as:{each}" for each in SourceKind), *UpdateKind,
)  # fmt: skip
VERBS = ("council add ", "council end ", "council remove ", "project add ", "project edit ", "on lang:")
anything = st.text(max_size=60)
line_texts = st.one_of(
    anything,
    st.tuples(st.sampled_from(VERBS), anything).map("".join),
    st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(NASTY), anything), max_size=8).map(" ".join),
    st.tuples(
        st.sampled_from(["GG-1", "GG-2,IO-3", "group:kr-private"]),
        st.sampled_from(list(UpdateKind)),
        st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
        st.lists(st.one_of(st.sampled_from(NASTY), anything), max_size=5).map(" ".join),
    ).map(" ".join),
)
TOKEN = re.compile(r"<([^<>]*)>")
ARTICLE = "https://www.donga.com/"  # the source of the 17
PEOPLE = ("@U0ADMIN", "@U0MEMBER", "@U0SECOND")
"""People whom answers may mention: those who recorded or asked."""


def texts(node: Any, kind: str) -> Iterator[str]:
    """Yield the texts of one kind (mrkdwn, plain_text) in blocks."""
    if isinstance(node, dict):
        if node.get("type") == kind:
            yield str(node["text"])
        for value in node.values():
            yield from texts(value, kind)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from texts(child, kind)


def tokens(text: str) -> list[str]:
    """Return the parts of a text that Slack would render as a link or mention."""
    return TOKEN.findall(text)


def assert_tame(blocks: Any, mentions: tuple[str, ...] = PEOPLE) -> None:
    for text in texts(list(blocks), "mrkdwn"):
        assert "<" not in TOKEN.sub("", text), text
        for token in tokens(text):
            harmless = token.startswith(("!date^", "https://source.example/", ARTICLE, "#C0", "#G0"))
            assert harmless or token.partition("|")[0] in mentions, text


def assert_answered(somebody: UserDriver, line: str) -> None:
    answer = somebody.types(line)
    assert not answer.error, answer.text  # acknowledged in time, and with blocks that Slack accepts
    assert "Something went wrong" not in answer.text, line
    if answer.view is not None:
        assert_tame(answer.view.blocks)
        somebody.person.close(every=True)
        return
    assert answer.messages, line
    for message in answer.messages:
        assert_tame(message.blocks)
        assert "<!" not in message.text.replace("<!date^", "")


@given(who=st.sampled_from(["U0ADMIN", "U0ADMIN", "U0MEMBER"]), text=line_texts)
@pytest.mark.parametrize("command", COMMANDS)
def test_any_text_after_a_command_is_answered(
    busy: BotHarness, cases: Counter[str], command: str, who: str, text: str
) -> None:
    cases[command] += 1
    assert_answered(UserDriver(busy.slack, who), f"{command} {text}")


FIELDS = {
    "plain_text_input": st.one_of(
        anything,
        st.sampled_from([*NASTY, *WORDS, "\ud800"]),
        st.sampled_from(["2026-02-05", "2025-H1", "unknown", "GG-2", "12", "63000", "USD", "https://source.example/a"]),
    ),
    "url_text_input": st.sampled_from(
        ["https://source.example/a", "https://[", "https://source.example/" + "a" * 1000]
    ),
    "datepicker": st.sampled_from(["2026-02-05", "2026-12-31", "1990-01-01", "0001-01-01"]),
}


def fill_in(somebody: UserDriver, view: View, data: st.DataObject) -> None:
    for part in find_parts(view.blocks):
        longest = part.element.get("max_length", 3000)
        if part.kind in FIELDS and data.draw(st.booleans(), label=f"fill {part.block_id}"):
            value = data.draw(FIELDS[part.kind], label=part.block_id)[:longest]
            somebody.person.choose(view, part.block_id, value)
        elif part.block_id in {"by", "as"}:
            choices = [each["value"] for each in part.element["options"]]
            somebody.person.choose(view, part.block_id, data.draw(st.sampled_from(choices), label=part.block_id))


@given(
    data=st.data(),
    kind=st.sampled_from(list(UpdateKind)),
    refs=st.sets(st.sampled_from(["GG-3", "KR-2", "IO-5"]), min_size=1),
)
def test_any_text_in_any_form_field_is_answered(
    busy: BotHarness, cases: Counter[str], data: st.DataObject, kind: UpdateKind, refs: set[str]
) -> None:
    cases["form"] += 1
    admin = busy.admin
    view = admin.types("/aid-update").view
    assert view is not None
    admin.person.choose(view, "refs", sorted(refs))
    admin.person.choose(view, "kind", kind)
    busy.slack.wait_for(lambda: any(block["block_id"] == "note" for block in admin.person.modal.blocks))  # type: ignore[union-attr]
    fill_in(admin, admin.person.modal, data)  # type: ignore[arg-type]

    for _ in range(2):  # the form, and the preview where there is one
        outcome = admin.person.submit()
        assert not outcome.problem, outcome.problem
        assert "Something went wrong" not in str(outcome.errors)
        assert outcome.view is not None
        assert_tame(outcome.view.blocks)
        if outcome.view.callback_id != "update_preview":
            break
    admin.person.close(every=True)


def test_alerts_of_any_text_are_tame(busy: BotHarness) -> None:
    """Alerts about everything recorded above have no live mention; the record is sound."""
    for text in (
        "note on:2026-02-05 " + " ".join(NASTY),
        "clearance authority:<!channel> on:2026-02-05 <https://live.example|x>",
    ):
        busy.admin.types(f"/aid-update GG-1 {text}")
    for message in busy.alerts():
        assert_tame(message.blocks)
        assert "<!" not in message.text
    assert problems(busy.database) == []


MARKS = ("*x*", "_x_", "~x~", "`x`", "```x```", "*", ">", "3:+1:1", ":tada:", "<!here>", "&amp;", "&", "word")


def give_title(session: Session, ref: str, title: str) -> None:
    project = session.scalars(select(Project).where(Project.ref == ref)).one()
    project.title_en = project.notes = title
    store_search_texts(session, [project])


@settings(max_examples=20)
@given(middle=st.lists(st.sampled_from(MARKS), min_size=1, max_size=4).map(" ".join))
def test_any_text_is_shown_as_written(busy: BotHarness, cases: Counter[str], middle: str) -> None:
    """In a card, a list, an alert, a form, a preview and App Home, and in the texts of messages."""
    cases["written"] += 1
    mark = f"zzq{cases['written']}q"  # texts of other examples stand on the card too
    written = f"{mark}{middle}qzz"
    busy.writing(lambda session: give_title(session, "NGO-4", written))
    receipt = busy.admin.types(f'/aid-update NGO-4 clearance authority:"{written}" outcome:asked as:press {written}')
    receipt = busy.admin.presses(receipt, "Record")
    number = re.findall(r"#\d+", receipt.text)[0]
    shown = [receipt.message, busy.alerts()[-1]]
    shown += [busy.admin.types(f"/aid-status {asked}").message for asked in ("NGO-4", number, "group:ngo", "")]
    shown += [busy.admin.types("/aid-update NGO-4,NGO-3 note " + written).message]
    views = [busy.admin.types(f"/aid-update {line}").view for line in ("NGO-4", f"{number} correct")]
    busy.admin.person.close(every=True)
    busy.admin.sees_home(mark)
    surfaces = [*shown, *views, busy.admin.person.home]
    busy.admin.presses(receipt, "Undo")

    drawn = [to_html(message.text, RenderContext()) for message in shown]
    for surface in surfaces:
        blocks = list(surface.blocks)  # type: ignore[union-attr]
        drawn += [to_html(text, RenderContext()) for text in texts(blocks, "mrkdwn")]
        drawn += [plain_to_html(text) for text in texts(blocks, "plain_text")]
    seen = [part for markup in drawn for part in re.findall(rf"{mark}(.*?)qzz", markup, re.DOTALL)]
    assert len(seen) > 10
    assert {html.unescape(part).replace(INERT, "") for part in seen} == {middle}
