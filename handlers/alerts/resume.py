"""*Resume*: what waits for a channel goes out again, from the notice, from lists and from the delivery log.

For who made the subscription and for admins. Slack is asked first whether the bot can post there now.
"""

from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.errors import N_, AidError, NotAllowed
from db.models import Subscription
from db.outbox.deliveries import DeliveryState, resume
from db.outbox.log import channel_line
from db.subscriptions.subscriptions import subscription_of
from handlers.alerts import blocks as messages
from handlers.alerts.notice_message import RESUME, RESUME_QUEUE
from handlers.blocks.blockkit import Block, fallback_text
from handlers.context import Actor, AppContext, actor_of
from handlers.slack.channel_access import ASKED_NOTHING, ensure_can_post_there
from handlers.slack.payloads import is_number, slack_id

BOT_NAME = "aid-status"
"""What to invite where Slack has not told the bot its own name."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press on *Resume*: by whom, and the subscription (id) or channel or person (Slack's id) to resume."""

    person: Actor
    subscription: int = 0
    queue: str = ""


def register(app: App, app_context: AppContext) -> None:
    """Register *Resume* of a subscription and, in the delivery log, of channels without one."""

    @app.action(RESUME)
    def of_subscription(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        client: WebClient,
        context: BoltContext,
        respond: Respond,
    ) -> None:
        key = str(action.get("value", ""))
        number = int(key) if is_number(key) else 0
        press(ack, Pressed(actor_of(body), subscription=number), client, context, respond)

    @app.action(RESUME_QUEUE)
    def of_queue(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        client: WebClient,
        context: BoltContext,
        respond: Respond,
    ) -> None:
        press(ack, Pressed(actor_of(body), queue=slack_id(action.get("value"))), client, context, respond)

    def press(ack: Ack, pressed: Pressed, client: WebClient, context: BoltContext, respond: Respond) -> None:
        blocks = _resume(app_context, pressed, client, bot_name(context))
        ack()
        app_context.run_after_response(
            lambda: respond(
                text=fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=False
            )
        )


def bot_name(context: BoltContext) -> str:
    """Return how people address the bot to invite it."""
    known = context.authorize_result
    return (known.user if known else None) or BOT_NAME


def may_manage(session: Session, app_context: AppContext, person: Actor, subscription: Subscription) -> bool:
    """Return True if the person made the subscription or is an admin."""
    return subscription.created_by == person.user_id or app_context.may_record(session, person)


def _resume(app_context: AppContext, pressed: Pressed, client: WebClient, bot: str) -> list[Block]:
    with app_context.database.reading() as session:
        channel = _channel(session, app_context, pressed)
        if not _waits(session, pressed.person.team_id, channel):
            return messages.not_blocked(app_context.translator_for(session, pressed.person), channel)
    ensure_can_post_there(client, channel, bot)
    with app_context.database.writing() as session:
        channel = _channel(session, app_context, pressed)
        still = _waits(session, pressed.person.team_id, channel)
        waiting = resume(session, pressed.person.team_id, channel, app_context.clock())
        words = app_context.translator_for(session, pressed.person)
        blocks = messages.resumed(words, channel, waiting) if still else messages.not_blocked(words, channel)
    app_context.notify_sender()
    return blocks


def _channel(session: Session, app_context: AppContext, pressed: Pressed) -> str:
    """Return the channel that is to go on. Raises AidError where it has ended, NotAllowed for who may not decide that."""
    if pressed.queue:
        return _queue(session, pressed)
    subscription = _subscription(session, pressed)
    if not may_manage(session, app_context, pressed.person, subscription):
        raise NotAllowed(
            N_("Only <@{user}>, who made this subscription, or an admin may resume it."),
            user=subscription.created_by,
        )
    return subscription.channel_id


def _queue(session: Session, pressed: Pressed) -> str:
    """Return a person, or a channel that is still subscribed."""
    team = pressed.person.team_id
    if not pressed.queue.startswith(ASKED_NOTHING) and subscription_of(session, team, pressed.queue) is None:
        raise AidError(
            N_(
                "<#{channel}> is not subscribed any more, so nothing was sent. `/aid-alerts on` there "
                "subscribes it again and sends what waits."
            ),
            channel=pressed.queue,
        )
    return pressed.queue


def _subscription(session: Session, pressed: Pressed) -> Subscription:
    """Return the subscription of the button, or the one that its channel has now."""
    found = session.get(Subscription, pressed.subscription)
    if found is None or found.team_id != pressed.person.team_id:
        raise AidError(N_("This subscription is not there any more. `/aid-alerts list` shows those that are."))
    present = subscription_of(session, found.team_id, found.channel_id)
    if present is None:
        raise AidError(
            N_(
                "<@{user}> ended the alerts of <#{channel}>, so nothing was sent. `/aid-alerts on` there "
                "begins anew and sends what waits."
            ),
            user=found.ended_by,
            channel=found.channel_id,
        )
    return present


def _waits(session: Session, team_id: str, channel: str) -> bool:
    """Return True if there is anything to resume."""
    present = subscription_of(session, team_id, channel)
    return bool(present and present.blocked) or bool(
        channel_line(session, team_id, channel).counts.get(DeliveryState.BLOCKED)
    )
