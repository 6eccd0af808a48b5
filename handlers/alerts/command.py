"""/aid-alerts: subscriptions of channels. Any member may make one; its maker or an admin may end it."""

from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from db.alerts.preview import preview
from db.domain.text import Literals
from db.errors import N_, AidError, BadInput, NotAllowed
from db.models import Subscription
from db.outbox.deliveries import resume
from db.reminders.delivery import already_due
from db.search.filter import Filter, parse_filter
from db.subscriptions.settings import OPTIONS, NotificationSettings, settings_of, with_options
from db.subscriptions.subscriptions import end, queue_test, subscribe, subscription_of, subscriptions_of
from handlers.alerts import blocks as messages
from handlers.alerts.resume import bot_name, may_manage
from handlers.blocks.blockkit import Block
from handlers.blocks.respond import answer_command
from handlers.context import AppContext, Request, actor_of
from handlers.i18n.translator import LANGUAGES
from handlers.slack.channel_access import ensure_can_post
from handlers.slack.command_text import extract_options, split_subcommand
from handlers.slack.payloads import CommandBody

FILTER_LENGTH = 500


@dataclass(frozen=True, slots=True)
class SubscriptionOptions:
    """Arguments of ``on`` and ``set``: the filter, the language (empty if not given) and notification settings."""

    filter: Filter
    language: str
    settings: Mapping[str, str]


def register(app: App, app_context: AppContext) -> None:
    """Register the command; its *Resume* button is in ``handlers.alerts.resume``."""

    @app.command("/aid-alerts")
    def alerts(ack: Ack, body: CommandBody, client: WebClient, context: BoltContext) -> None:
        verb, rest = split_subcommand(body.get("text", ""))
        joined = False
        if verb == "on":
            _read(rest)  # raises before the bot joins anything
            joined = ensure_can_post(client, body["channel_id"], actor_of(body).user_id, bot_name(context))
        changes = verb in {"on", "off", "set", "test"}
        with app_context.writing(body) if changes else app_context.reading(body) as request:
            blocks = _subscribe_channel(request, rest, joined=joined) if verb == "on" else _answer(request, verb, rest)
        if changes:
            app_context.notify_sender()
        answer_command(ack, blocks)


def _answer(request: Request, verb: str, rest: str) -> list[Block]:
    match verb:
        case "set":
            return _change_settings(request, rest)
        case "off":
            return _unsubscribe(request)
        case "test":
            return _send_test(request)
        case "list":
            return _list(request)
    subscription = subscription_of(request.session, request.actor.team_id, request.channel)
    return messages.help_text(request.translator, subscription, unknown="" if verb in {"", "help"} else verb)


def _subscribe_channel(request: Request, rest: str, *, joined: bool) -> list[Block]:
    session, team_id, channel, now = request.session, request.actor.team_id, request.channel, request.now
    options = _read(rest)
    old = subscription_of(session, team_id, channel)
    new = _store(request, options, options.filter, old)
    waiting = resume(session, team_id, channel, now)
    sample = preview(session, options.filter, now=now)
    due = already_due(session, options.filter, request.today) if new.reminders else {}
    return messages.confirm_subscription(request.translator, new, old, sample, due, joined=joined, waiting=waiting)


def _change_settings(request: Request, rest: str) -> list[Block]:
    """Change the settings of the channel's subscription; its filter stays."""
    old, options = _subscription_here(request), _read(rest)
    if options.filter.terms or not (options.settings or options.language):
        raise BadInput(
            N_(
                "`/aid-alerts set` takes settings only, such as `threading:thread digest:daily@09:00 "
                "quiet:22:00-07:00`. The filter is set with `/aid-alerts on`."
            )
        )
    return messages.confirm_settings(request.translator, _store(request, options, parse_filter(old.filter), old))


def _store(request: Request, options: SubscriptionOptions, query: Filter, old: Subscription | None) -> Subscription:
    app_context = request.app_context
    settings = settings_of(old) if old else NotificationSettings()
    new, _ = subscribe(
        request.session,
        request.actor.team_id,
        request.channel,
        request.actor.user_id,
        query.text,
        options.language or (old.language if old else app_context.language),
        now=request.now,
        settings=with_options(settings, options.settings, zone=app_context.zone),
    )
    return new


def _unsubscribe(request: Request) -> list[Block]:
    subscription = _subscription_here(request)
    if not may_manage(request, subscription):
        raise NotAllowed(
            N_(
                "Only <@{user}>, who subscribed this channel, or an admin can end the subscription. Nothing "
                "was changed; `/aid-admin people` lists the admins."
            ),
            user=subscription.created_by,
        )
    end(request.session, subscription, request.actor.user_id, now=request.now)
    return messages.confirm_end(request.translator, subscription)


def _send_test(request: Request) -> list[Block]:
    subscription = _subscription_here(request)
    if subscription.blocked:
        raise AidError(
            N_(
                "Alerts for this channel are paused: Slack says `{reason}`. Fix that, then press *Resume* in "
                "`/aid-alerts list` or type `/aid-alerts on` again."
            ),
            reason=subscription.blocked,
        )
    queue_test(request.session, subscription, request.actor.user_id, now=request.now)
    return messages.confirm_test(request.translator)


def _list(request: Request) -> list[Block]:
    rows = subscriptions_of(request.session, request.actor.team_id)
    rows.sort(key=lambda row: row.channel_id != request.channel)
    admin = request.may_record()
    resumable = {row.id for row in rows if admin or row.created_by == request.actor.user_id}
    return messages.listing(request.translator, rows, here=request.channel, may_resume=resumable)


def _subscription_here(request: Request) -> Subscription:
    subscription = subscription_of(request.session, request.actor.team_id, request.channel)
    if subscription is None:
        raise AidError(
            N_(
                "This channel gets no alerts. Type `/aid-alerts on` for all projects, or `/aid-alerts on "
                "group:io` for some."
            )
        )
    return subscription


def _read(text: str) -> SubscriptionOptions:
    text, options = extract_options(text, ("lang", *OPTIONS))
    language = options.pop("lang", "").lower()
    if language and language not in LANGUAGES:
        raise BadInput(
            N_("I don't support the language “{typed}”. Use one of: {allowed}."),
            field="lang",
            typed=language,
            allowed=Literals(f"lang:{code}" for code in LANGUAGES),
        )
    if len(text) > FILTER_LENGTH:
        raise BadInput(N_("That filter is too long (maximum {limit} characters)."), field="filter", limit=FILTER_LENGTH)
    with_options(NotificationSettings(), options, zone="UTC")  # raises for bad values before anything is changed
    return SubscriptionOptions(parse_filter(text), language, options)
