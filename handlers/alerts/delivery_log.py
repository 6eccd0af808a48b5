"""/aid-admin delivery and told: the messages of each channel, *Send again*, and what had been told by a day."""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta

from slack_bolt import App

from db.alerts.resend import may_be_duplicate, may_resend, resend
from db.domain.updates import Update
from db.errors import N_, BadInput, NotFound
from db.models import Delivery
from db.outbox.deliveries import DeliveryKind, DeliveryState
from db.outbox.log import ChannelLine, ChannelLog, ToldMessage, channel_log, channels_page, deliveries_begin, told_about
from db.paging import Page
from db.projects.queries import ids_of_refs
from db.updates.history import load_updates
from handlers.alerts.failure_reasons import explain
from handlers.alerts.notice_message import RESUME, RESUME_QUEUE, place
from handlers.blocks import formatting
from handlers.blocks.as_of import split_as_of
from handlers.blocks.blockkit import Block, button, context, fit, paragraph, plain, sections
from handlers.blocks.project_buttons import page_action, page_actions, subject_and_number, with_page_number
from handlers.blocks.respond import changing, replacing
from handlers.context import AppContext, Request
from handlers.i18n.translator import Translator
from handlers.slack.command_text import mentioned_user, parse_channel
from handlers.slack.mrkdwn import lined
from handlers.slack.payloads import is_number, stamp

PAGE = re.compile(r"[0-9]{1,6}")
TURN = "delivery_turn"
SHOW = "delivery_show"
AGAIN = "delivery_again"
SOON = timedelta(minutes=1)
"""What waits longer than this from the beginning, such as for the end of quiet hours, is told until when."""

COUNTS = {
    DeliveryState.SENT: N_("{number} sent"),
    DeliveryState.IN_DIGEST: N_("{number} sent in digests"),
    DeliveryState.GATHERED: N_("{number} for the next digest"),
    DeliveryState.PENDING: N_("{number} waiting"),
    DeliveryState.SENDING: N_("{number} being sent"),
    DeliveryState.UNCERTAIN: N_("{number} being checked"),
    DeliveryState.BLOCKED: N_("*{number} paused*"),
    DeliveryState.FAILED: N_("*{number} failed*"),
    DeliveryState.CANCELLED: N_("{number} cancelled"),
}
STATES = {
    DeliveryState.SENT: N_(":white_check_mark: sent"),
    DeliveryState.IN_DIGEST: N_(":white_check_mark: sent in a digest"),
    DeliveryState.GATHERED: N_(":hourglass: waiting for the next digest"),
    DeliveryState.PENDING: N_(":hourglass: waiting"),
    DeliveryState.SENDING: N_(":hourglass: sending"),
    DeliveryState.UNCERTAIN: N_(":grey_question: may have arrived; checking"),
    DeliveryState.BLOCKED: N_(":no_entry: paused"),
    DeliveryState.FAILED: N_(":warning: failed"),
    DeliveryState.CANCELLED: N_(":heavy_minus_sign: cancelled"),
}
KINDS = {
    DeliveryKind.ALERT: N_("Alert"),
    DeliveryKind.EDIT: N_("Message edit"),
    DeliveryKind.THREAD_NOTE: N_("Thread reply"),
    DeliveryKind.DIGEST: N_("Digest"),
    DeliveryKind.REMINDER: N_("Reminder"),
    DeliveryKind.TEST: N_("Test"),
    DeliveryKind.NOTICE: N_("Notice"),
    DeliveryKind.BOARD: N_("Board"),
}
EXPLAINED = frozenset({DeliveryState.PENDING, DeliveryState.UNCERTAIN, DeliveryState.BLOCKED, DeliveryState.FAILED})


def register(app: App, app_context: AppContext) -> None:
    turn = replacing(app_context, lambda request, value: answer(request, subject_and_number(value)))
    app.action(page_action(TURN))(turn)
    app.action(SHOW)(replacing(app_context, answer))
    app.action(AGAIN)(changing(app_context, _send_again))


def _send_again(request: Request, value: str) -> list[Block]:
    number = request.own(value)
    if not is_number(number):
        raise NotFound("There is no message {delivery} in the delivery log.", delivery=number[:20])
    return _confirm_resend(request.translator, resend(request.session, int(number), request.editor))


def answer(request: Request, text: str) -> list[Block]:
    """List all channels, or the messages of a channel or person. ``text`` names it and may end in a page number."""
    recipient, _, number = text.strip().rpartition(" ")
    if not PAGE.fullmatch(number):
        recipient, number = text.strip(), "1"
    session, team_id = request.session, request.actor.team_id
    if not recipient.strip():
        return _channels(request.translator, channels_page(session, team_id, int(number)), request.epoch)
    log = channel_log(session, team_id, _recipient_id(recipient), int(number))
    resendable = {row.id for row in log.page.rows if may_resend(session, row)}
    return _channel(request.translator, log, resendable, request.epoch)


def _recipient_id(text: str) -> str:
    recipient = parse_channel(text) or mentioned_user(text)
    if recipient is None:
        raise BadInput(
            "I can't find the channel “{typed}”. Type # and pick a channel from Slack's list, or @ and a "
            "person: `/aid-admin delivery #channel`.",
            typed=text[:100],
        )
    return recipient


def _channels(translator: Translator, page: Page[ChannelLine], epoch: str) -> list[Block]:
    if not page.total:
        return paragraph(translator, "No messages yet. Type `/aid-alerts on` in a channel to start alerts there.")
    head = translator.plural("*Messages of {number} channel*", "*Messages of {number} channels*", page.total)
    blocks = sections(with_page_number(translator, head, page))
    for line in page.rows:
        accessory = _resume(translator, line, epoch) or button(translator.plain("View messages"), SHOW, line.channel)
        blocks += sections(_line(translator, line), accessory=accessory)
    blocks.append(context(translator.mrkdwn("`/aid-admin delivery #channel` shows one channel's last messages.")))
    return fit(translator, [*blocks, *page_actions(translator, page, TURN)])


def _channel(translator: Translator, log: ChannelLog, resendable: Collection[int], epoch: str) -> list[Block]:
    """Return a channel's figures and its last messages, those ``resendable`` by id with *Send again*."""
    blocks = sections(_line(translator, log.line), accessory=_resume(translator, log.line, epoch))
    if not log.page.rows:
        return [*blocks, *paragraph(translator, "No messages there yet.")]
    blocks += sections(with_page_number(translator, translator.mrkdwn("*Recent messages*"), log.page))
    for row in log.page.rows:
        refs = log.refs.get(row.update_id or 0, ())
        again = _again_button(translator, row, epoch) if row.id in resendable else None
        blocks += sections(_row(translator, row, list(refs)), accessory=again)
    return fit(translator, [*blocks, *page_actions(translator, log.page, TURN, log.line.channel)])


def _confirm_resend(translator: Translator, row: Delivery) -> list[Block]:
    where = place(translator, row.channel_id)
    if row.state == DeliveryState.UNCERTAIN:
        text = translator.mrkdwn(
            "I'll check the channel for message {delivery} first and send it if it is missing. If I can't "
            "check, I'll mark it as a possible duplicate.",
            delivery=row.id,
        )
    elif row.state == DeliveryState.BLOCKED:
        text = translator.mrkdwn(
            "Message {delivery} waits with the others of its channel until you press *Resume*.", delivery=row.id
        )
    else:
        text = translator.mrkdwn("Sending message {delivery} again now.", delivery=row.id)
    return sections(f"{where}: {text}")


def _line(translator: Translator, line: ChannelLine) -> str:
    counted = ((text, line.counts[state]) for state, text in COUNTS.items() if state in line.counts)
    figures = [translator.mrkdwn(text, number=number) for text, number in counted]
    rows = [f"*{place(translator, line.channel)}*", " · ".join(figures)]
    if line.last_sent:
        rows.append(translator.mrkdwn("Last sent") + " " + translator.time(line.last_sent))
    if line.oldest_waiting:
        rows.append(translator.mrkdwn("Oldest waiting since") + " " + translator.time(line.oldest_waiting))
    if line.stopped:
        rows.append(translator.mrkdwn(":no_entry: Paused:") + " " + explain(translator, line.stopped))
    if line.failed:
        rows.append(translator.mrkdwn(":warning: Last failure:") + " " + explain(translator, line.failed))
    return lined(*rows)


def _row(translator: Translator, row: Delivery, refs: list[str]) -> str:
    parts = [f"*{row.id}*", translator.mrkdwn(KINDS[DeliveryKind(row.kind)])]
    if row.update_id:
        parts.append(f"#{row.update_id}")
    if refs:
        parts.append(formatting.refs(refs))
    state = DeliveryState(row.state)
    parts.append(f"{translator.mrkdwn(STATES[state])} {translator.time(row.sent_at or row.created_at)}")
    if state is DeliveryState.PENDING and row.due_at > row.created_at + SOON:
        parts.append(translator.mrkdwn("scheduled for") + " " + translator.time(row.due_at))
    explained = f"\n{explain(translator, row.reason)}" if row.reason and state in EXPLAINED else ""
    return " · ".join(parts) + explained


def _resume(translator: Translator, line: ChannelLine, epoch: str) -> Block | None:
    if not line.stopped:
        return None
    value: object
    action, value = (RESUME, line.subscription) if line.subscription else (RESUME_QUEUE, line.channel)
    return button(translator.plain("Resume"), action, stamp(value, epoch), style="primary")


def _again_button(translator: Translator, row: Delivery, epoch: str) -> Block:
    confirm: Block = {
        "title": plain(translator.plain("Send a possible duplicate?"), 100),
        "text": plain(
            translator.plain(
                "It is not clear whether this message arrived. I'll check the channel first; if I can't, I'll "
                "mark it as a possible duplicate."
            ),
            300,
        ),
        "confirm": plain(translator.plain("Send again"), 30),
        "deny": plain(translator.plain("Don't send"), 30),
    }
    asked = confirm if may_be_duplicate(row) else None
    return button(translator.plain("Send again"), AGAIN, stamp(row.id, epoch), confirm=asked)


def told(request: Request, text: str) -> list[Block]:
    ref, _, day = text.strip().partition(" ")
    if not ref:
        raise BadInput("Which project, and which day? `/aid-admin told GG-1 2026-02-10`.")
    ((ref, project_id),) = ids_of_refs(request.session, [ref]).items()
    _, point = split_as_of(f"known:{day.replace(' ', '') or request.today}", request.now)
    until = point.known if point and point.known else request.now
    team_id, translator = request.actor.team_id, request.translator
    sent = told_about(request.session, team_id, project_id, until)
    if sent:
        title = translator.plural(
            "*{ref}: {number} message sent by {day} (end of the day, New York)*",
            "*{ref}: {number} messages sent by {day} (end of the day, New York)*",
            len(sent),
            ref=ref,
            day=point.day if point else request.today,
        )
        numbers = {each.update_id for message in sent for each in (message.row, *message.edits) if each.update_id}
        updates = load_updates(request.session, numbers)
        lines = [title, *(_told_line(translator, message, updates) for message in sent)]
    else:
        lines = [translator.mrkdwn("No message about {ref} had been sent by then.", ref=ref)]
        begins = deliveries_begin(request.session, team_id)
        lines.append(
            translator.mrkdwn("The delivery record begins:") + f" {translator.time(begins)}"
            if begins
            else translator.mrkdwn("The delivery record is empty.")
        )
    return fit(translator, sections("\n".join(lines)))


def _told_line(translator: Translator, message: ToldMessage, updates: Mapping[int, Update]) -> str:
    row = message.row
    kind = translator.mrkdwn(KINDS[DeliveryKind(row.kind)])
    parts = [f"• {translator.time(message.sent_at)}", place(translator, row.channel_id), kind]
    if row.update_id:
        parts.append(f"`#{row.update_id}` {formatting.head(translator, updates[row.update_id])}")
    for edit in (updates[edit.update_id] for edit in message.edits if edit.update_id):
        text = N_("retracted since: #{number}") if edit.retracts else N_("edited since: #{number}")
        parts.append(translator.mrkdwn(text, number=edit.number))
    return " · ".join(parts)
