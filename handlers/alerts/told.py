"""/aid-admin told: which messages about a project had reached which channel by the end of a day in New York."""

from collections.abc import Mapping

from db.domain.updates import Update
from db.errors import N_, BadInput
from db.outbox.deliveries import DeliveryKind
from db.outbox.log import ToldMessage, deliveries_begin, told_about
from db.projects.queries import ids_of_refs
from db.updates.history import load_updates
from handlers.alerts.delivery_log import KINDS
from handlers.alerts.notice_message import place
from handlers.blocks import formatting
from handlers.blocks.as_of import split_as_of
from handlers.blocks.blockkit import Block, fit, sections
from handlers.context import Request
from handlers.i18n.translator import Translator


def answer(request: Request, text: str) -> list[Block]:
    ref, _, day = text.strip().partition(" ")
    if not ref:
        raise BadInput("Which project, and which day? `/aid-admin told GG-1 2026-02-10`.")
    ((ref, project_id),) = ids_of_refs(request.session, [ref]).items()
    _, point = split_as_of(f"known:{day.replace(' ', '') or request.today}", request.now)
    until = point.known if point and point.known else request.now
    team_id, translator = request.actor.team_id, request.translator
    told = told_about(request.session, team_id, project_id, until)
    if told:
        title = translator.plural(
            "*{ref}: {number} message sent by {day} (end of the day, New York)*",
            "*{ref}: {number} messages sent by {day} (end of the day, New York)*",
            len(told),
            ref=ref,
            day=point.day if point else request.today,
        )
        numbers = {each.update_id for message in told for each in (message.row, *message.edits) if each.update_id}
        updates = load_updates(request.session, numbers)
        lines = [title, *(_line(translator, message, updates) for message in told)]
    else:
        lines = [translator.mrkdwn("No message about {ref} had been sent by then.", ref=ref)]
        begins = deliveries_begin(request.session, team_id)
        lines.append(
            translator.mrkdwn("The delivery record begins:") + f" {translator.time(begins)}"
            if begins
            else translator.mrkdwn("The delivery record is empty.")
        )
    return fit(translator, sections("\n".join(lines)))


def _line(translator: Translator, message: ToldMessage, updates: Mapping[int, Update]) -> str:
    row = message.row
    kind = translator.mrkdwn(KINDS[DeliveryKind(row.kind)])
    parts = [f"• {translator.time(message.sent_at)}", place(translator, row.channel_id), kind]
    if row.update_id:
        parts.append(f"`#{row.update_id}` {formatting.head(translator, updates[row.update_id])}")
    for edit in (updates[edit.update_id] for edit in message.edits if edit.update_id):
        text = N_("retracted since: #{number}") if edit.retracts else N_("edited since: #{number}")
        parts.append(translator.mrkdwn(text, number=edit.number))
    return " · ".join(parts)
