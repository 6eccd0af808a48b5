"""*Resume* sends what waits for a channel; after the response Slack is asked whether the bot can post there now."""

from collections.abc import Callable
from functools import partial

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from db.errors import N_, AidError
from db.models import Subscription
from db.outbox.deliveries import DeliveryState, resume
from db.outbox.log import channel_line
from db.subscriptions.subscriptions import active_in, subscription_of
from handlers.alerts import blocks as messages
from handlers.alerts.notice_message import RESUME, RESUME_QUEUE
from handlers.blocks.blockkit import Block
from handlers.context import AppContext, Request
from handlers.errors import answer_later
from handlers.slack.channel_access import ASKED_NOTHING, ensure_can_post_there
from handlers.slack.payloads import Action, Body, is_number, slack_id

BOT_NAME = "aid-status"  # for invitations, if Slack did not report the bot's own name

GONE = N_("This subscription no longer exists. `/aid-alerts list` shows the current ones.")

ChannelLookup = Callable[[Request], str]
"""Returns the channel to resume. Raises AidError if its subscription has ended, NotAllowed if the actor may not."""


def register(app: App, app_context: AppContext) -> None:
    def resuming(lookup: Callable[[Request, str], str]) -> Callable[..., None]:
        def listener(
            ack: Ack, body: Body, action: Action, client: WebClient, context: BoltContext, respond: Respond
        ) -> None:
            def channel(request: Request) -> str:
                return lookup(request, request.own(action.get("value", "")))

            ack()
            work = partial(_resume, app_context, body, channel, client, bot_name(context))
            answer_later(app_context, body, respond, work)

        return listener

    app.action(RESUME)(resuming(_subscribed_channel))
    app.action(RESUME_QUEUE)(resuming(_queue))


def bot_name(context: BoltContext) -> str:
    authorization = context.authorize_result
    return (authorization.user if authorization else None) or BOT_NAME


def _resume(app_context: AppContext, body: Body, lookup: ChannelLookup, client: WebClient, bot: str) -> list[Block]:
    with app_context.reading(body) as request:
        channel = lookup(request)
        if not _has_blocked(request, channel):
            return messages.explain_not_blocked(request.translator, channel)
    ensure_can_post_there(client, channel, bot)
    with app_context.writing(body) as request:
        channel = lookup(request)
        blocked = _has_blocked(request, channel)
        waiting = resume(request.session, request.actor.team_id, channel, request.now)
        translator = request.translator
        blocks = (
            messages.confirm_resume(translator, channel, waiting)
            if blocked
            else messages.explain_not_blocked(translator, channel)
        )
    app_context.notify_sender()
    return blocks


def _queue(request: Request, value: str) -> str:
    """Return the recipient: a person, or a channel that is still subscribed. Raises AidError for any other."""
    team_id, recipient = request.actor.team_id, slack_id(value)
    if not recipient.startswith(ASKED_NOTHING) and not active_in(request.session, team_id, recipient):
        raise AidError(
            "<#{channel}> is no longer subscribed, so nothing was sent. Type `/aid-alerts on` there to "
            "subscribe again and send the waiting messages.",
            channel=recipient,
        )
    return recipient


def _subscribed_channel(request: Request, value: str) -> str:
    subscription = current_subscription(request, int(value) if is_number(value) else 0)
    request.require_owner(subscription, N_("Only <@{user}>, who made this subscription, or an admin can resume it."))
    return subscription.channel_id


def current_subscription(request: Request, subscription_id: int) -> Subscription:
    """Return the subscription of the button, or the one that replaced it in its channel."""
    pressed = request.session.get(Subscription, subscription_id)
    if pressed is None or pressed.team_id != request.actor.team_id:
        raise AidError(GONE)
    current = subscription_of(request.session, pressed.team_id, pressed.channel_id, board=pressed.board)
    if current is None and pressed.ended_by is None:
        raise AidError(GONE)
    if current is None:
        raise AidError(
            "<@{user}> turned off the alerts of <#{channel}>, so nothing was sent. Type `/aid-alerts on` "
            "there to start again and send the waiting messages.",
            user=pressed.ended_by,
            channel=pressed.channel_id,
        )
    return current


def _has_blocked(request: Request, channel: str) -> bool:
    team_id = request.actor.team_id
    if any(row.blocked for row in active_in(request.session, team_id, channel)):
        return True
    return bool(channel_line(request.session, team_id, channel).counts.get(DeliveryState.BLOCKED))
