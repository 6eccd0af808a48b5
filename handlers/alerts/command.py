"""/aid-alerts: subscriptions of channels. Any member may make one; its maker or an admin may change or end it."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from db.alerts.preview import preview
from db.domain.text import Literals
from db.errors import N_, AidError, BadInput
from db.models import Subscription
from db.outbox.deliveries import resume
from db.reminders.delivery import already_due
from db.search.filter import Filter, parse_filter
from db.subscriptions.recipients import DIRECT_MESSAGE
from db.subscriptions.schedule import join_times
from db.subscriptions.settings import OPTIONS, NotificationSettings, settings_of, with_options
from db.subscriptions.subscriptions import active_in, end, queue_test, subscribe, subscription_of
from handlers.alerts import blocks as messages
from handlers.alerts import form
from handlers.alerts.resume import bot_name, current_subscription
from handlers.auth.authorization import LEVEL
from handlers.auth.permissions import PERMISSIONS
from handlers.blocks.blockkit import Block, fallback_text, paragraph, sections
from handlers.blocks.deferred_view import respond_with_view
from handlers.blocks.respond import answer_command, changing, reject_fields
from handlers.context import AppContext, Request, actor_of, channel_of
from handlers.errors import answer_later, guarded, view_with_error
from handlers.i18n.translator import LANGUAGES
from handlers.slack.channel_access import GROUP, GROUP_NAME, ensure_can_post
from handlers.slack.client import open_form
from handlers.slack.command_text import extract_options, parse_channel, split_subcommand
from handlers.slack.payloads import Body, SlackView, parse_id, slack_id

BOARD, BOARD_ON, BOARD_OFF = "board", "board on", "board off"
NO_BOARD = N_("This channel has no board. Type `/aid-alerts board on` to post one.")
NO_ALERTS = N_(
    "This channel gets no alerts. Type `/aid-alerts on` for all projects, or `/aid-alerts on group:io` for some."
)
NOT_YOUR_BOARD = N_("Only <@{user}>, who set up this board, or an admin can change it. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class SubscriptionOptions:
    """Arguments of ``on`` and ``set``: the filter, the language (empty if not given) and notification settings."""

    filter: Filter
    language: str
    settings: Mapping[str, str]
    followed_only: bool = False


def register(app: App, app_context: AppContext) -> None:
    @app.command("/aid-alerts")
    def alerts(ack: Ack, body: Body, client: WebClient, context: BoltContext, respond: Respond) -> None:
        verb, rest = split_subcommand(body.get("text", ""))
        if verb == BOARD:
            word, rest = split_subcommand(rest)
            verb = f"{BOARD} {word}".rstrip()
        if verb in {"", "on", BOARD_ON} and body.get("channel_name", "").startswith(GROUP_NAME):
            raise AidError(GROUP)
        if not verb and context[LEVEL] in PERMISSIONS["/aid-alerts on"].allowed:
            with app_context.reading(body) as request:
                shown = _filled_form(request)
            if shown:
                open_form(client, body["trigger_id"], shown)
                ack()
                return
        if verb in {"on", BOARD_ON} or (verb == "set" and body["channel_id"].startswith(DIRECT_MESSAGE)):
            options = _read(rest)
            ack()
            answer_later(app_context, body, respond, lambda: _change(app_context, body, client, context, verb, options))
            return
        changes = verb in {"off", "set", "test", BOARD_OFF}
        with app_context.writing(body) if changes else app_context.reading(body) as request:
            blocks = _answer(request, verb, rest)
        if changes:
            app_context.notify_sender()
        answer_command(ack, blocks)

    app.action(messages.TURN_OFF)(
        changing(
            app_context, lambda request, row: _end(request, current_subscription(request, parse_id(request.own(row))))
        )
    )

    @app.action(form.COUNT)
    def count(ack: Ack, body: Body, client: WebClient) -> None:
        ack()
        opened = body["view"]
        with app_context.reading(_typed_in(body, opened)) as request:
            shown = _form(request, form.of_view(opened))
        app_context.run_after_response(lambda: client.views_update(view_id=opened["id"], view=shown))

    @app.view(form.FORM)
    def save(ack: Ack, body: Body, view: SlackView, client: WebClient, context: BoltContext) -> None:
        _save(app_context, ack, body, view, client, context)


def _save(
    app_context: AppContext, ack: Ack, body: Body, view: SlackView, client: WebClient, context: BoltContext
) -> None:
    filled, there = form.of_view(view), _typed_in(body, view)
    with app_context.reading(there) as request:
        translator = request.translator
    try:
        options = replace(_read(filled.line), followed_only=filled.followed_only)
    except BadInput as error:
        reject_fields(ack, translator, {form.FIELD + form.WORDS: error})
        return

    def change() -> Block:
        blocks, error = guarded(app_context, body, lambda: _change(app_context, there, client, context, "on", options))
        return form.done(translator, blocks) if blocks else view_with_error(view, sections(error))

    checking = paragraph(translator, "Asking Slack whether I can post there …")
    waiting = view_with_error(view, checking)
    respond_with_view(app_context, ack, client, body, waiting, change, lambda shown: fallback_text(shown["blocks"]))


def _typed_in(body: Body, view: SlackView) -> dict[str, object]:
    """Return the request as if it came from the channel that the form is about."""
    return {**body, "channel_id": slack_id(view.get("private_metadata"))}


def _change(
    app_context: AppContext,
    body: Mapping[str, object],
    client: WebClient,
    context: BoltContext,
    verb: str,
    options: SubscriptionOptions,
) -> list[Block]:
    joined = ensure_can_post(client, channel_of(body), actor_of(body).user_id, bot_name(context))
    with app_context.writing(body) as request:
        if verb == BOARD_ON:
            blocks = _set_board(request, options, joined=joined)
        elif verb == "set":
            blocks = _change_settings(request, options)
        else:
            blocks = _subscribe_channel(request, options, joined=joined)
    app_context.notify_sender()
    return blocks


def _answer(request: Request, verb: str, rest: str) -> list[Block]:
    match verb:
        case "set":
            return _change_settings(request, _read(rest))
        case "off":
            return _end(request, _subscription_of(request, rest) if rest else _here(request, NO_ALERTS))
        case "board off":
            return _end(request, _here(request, NO_BOARD, board=True))
        case "test":
            return _send_test(request)
        case "list":
            return _list(request)
    here = active_in(request.session, request.actor.team_id, request.channel)
    return messages.help_text(request.translator, here, unknown="" if verb in {"", "help", BOARD} else verb)


def _filled_form(request: Request) -> Block | None:
    """Render the form with what the channel has; None for who may not change that."""
    subscription = subscription_of(request.session, request.actor.team_id, request.channel)
    if subscription and not request.may_change(subscription):
        return None
    return _form(request, form.of_subscription(subscription, request.channel, _language(request, subscription)))


def _form(request: Request, filled: form.AlertForm) -> Block:
    """Render the form with what its filter would have sent, or why it cannot be read."""
    subscription = subscription_of(request.session, request.actor.team_id, request.channel)
    zone = (subscription and subscription.zone) or request.app_context.zone
    try:
        sample = preview(request.session, parse_filter(filled.filter), now=request.now)
        text = "" if filled.followed_only else messages.preview_text(request.translator, sample)
    except BadInput as error:
        text = f":warning: {request.translator.error(error)}"
    return form.view(request.translator, filled, request.channel, zone, text)


def _subscribe_channel(request: Request, options: SubscriptionOptions, *, joined: bool) -> list[Block]:
    session, team_id, channel, now = request.session, request.actor.team_id, request.channel, request.now
    old = subscription_of(session, team_id, channel)
    new = _store(request, options, old)
    waiting = resume(session, team_id, channel, now)
    if new.followed_only:
        return messages.confirm_settings(request.translator, new)
    sample = preview(session, options.filter, now=now)
    due = already_due(session, options.filter, request.today) if new.reminders else {}
    return messages.confirm_subscription(request.translator, new, old, sample, due, joined=joined, waiting=waiting)


def _set_board(request: Request, options: SubscriptionOptions, *, joined: bool) -> list[Block]:
    session, team_id, channel = request.session, request.actor.team_id, request.channel
    if options.settings:
        raise BadInput(
            "A board takes a filter and `lang:` only. Settings of alerts are changed with `/aid-alerts set`."
        )
    old = subscription_of(session, team_id, channel, board=True)
    if old:
        request.require_owner(old, NOT_YOUR_BOARD)
    new = _subscribe(request, options, old, board=True)
    resume(session, team_id, channel, request.now)
    return messages.confirm_board(request.translator, new, joined=joined)


def _change_settings(request: Request, options: SubscriptionOptions) -> list[Block]:
    """Change the settings of the channel's subscription; its filter stays. A person has them for what they follow too."""
    if request.channel.startswith(DIRECT_MESSAGE):
        old = subscription_of(request.session, request.actor.team_id, request.channel)
    else:
        old = _here(request, NO_ALERTS)
    if options.filter.terms or not (options.settings or options.language):
        raise BadInput(
            "`/aid-alerts set` takes settings only, such as `threading:thread digest:daily@09:00 "
            "quiet:22:00-07:00`. The filter is set with `/aid-alerts on`."
        )
    kept = replace(options, filter=parse_filter(old.filter if old else ""), followed_only=not old or old.followed_only)
    return messages.confirm_settings(request.translator, _store(request, kept, old))


def _store(request: Request, options: SubscriptionOptions, old: Subscription | None) -> Subscription:
    app_context = request.app_context
    if old:
        request.require_owner(
            old,
            N_("Only <@{user}>, who subscribed this channel, or an admin can change its alerts. Nothing was changed."),
        )
    settings = with_options(
        settings_of(old) if old else NotificationSettings(), options.settings, zone=app_context.zone
    )
    return _subscribe(request, options, old, settings=settings, followed_only=options.followed_only)


def _subscribe(request: Request, options: SubscriptionOptions, old: Subscription | None, **more: Any) -> Subscription:
    team_id, user_id, language = *astuple(request.actor), options.language or _language(request, old)
    filter_text, session = options.filter.text, request.session
    new, _ = subscribe(session, team_id, request.channel, user_id, filter_text, language, now=request.now, **more)
    return new


def _language(request: Request, old: Subscription | None) -> str:
    """Return the language of the alerts where none is named: as before, else a person's own or the bot's."""
    own = request.channel.startswith(DIRECT_MESSAGE)
    return old.language if old else request.translator.language if own else request.app_context.language


def _end(request: Request, subscription: Subscription) -> list[Block]:
    request.require_owner(
        subscription,
        NOT_YOUR_BOARD
        if subscription.board
        else N_(
            "Only <@{user}>, who subscribed this channel, or an admin can end the subscription. Nothing "
            "was changed; `/aid-admin people` lists the admins."
        ),
    )
    end(request.session, subscription, request.actor.user_id, now=request.now)
    return messages.confirm_end(request.translator, subscription, here=subscription.channel_id == request.channel)


def _send_test(request: Request) -> list[Block]:
    subscription = _here(request, NO_ALERTS)
    if subscription.blocked:
        raise AidError(
            "Alerts for this channel are paused: Slack says `{reason}`. Fix that, then press *Resume* in "
            "`/aid-alerts list` or type `/aid-alerts on` again.",
            reason=subscription.blocked,
        )
    queue_test(request.session, subscription, request.actor.user_id, now=request.now)
    text = N_(
        "A test message is on its way, as alerts are sent. It should appear here within seconds; if not, tell an admin."
    )
    return paragraph(request.translator, text)


def _list(request: Request) -> list[Block]:
    rows = active_in(request.session, request.actor.team_id)
    rows = sorted(rows, key=lambda row: row.channel_id != request.channel)
    own = {row.id for row in rows if request.may_change(row)}
    return messages.listing(
        request.translator,
        [row for row in rows if row.id in own or _may_see(request, row)],
        here=request.channel,
        own=own,
        epoch=request.epoch,
    )


def _may_see(request: Request, row: Subscription) -> bool:
    """Return True for the channel here; members see other channels too, and nobody others' direct messages."""
    return row.channel_id == request.channel or (request.is_member and not row.channel_id.startswith(DIRECT_MESSAGE))


def _subscription_of(request: Request, text: str) -> Subscription:
    """Return the subscription of the channel named; one that the actor may neither see nor end is as none."""
    row = subscription_of(request.session, request.actor.team_id, parse_channel(text) or "")
    if row is None or not (request.may_change(row) or _may_see(request, row)):
        raise AidError(
            "“{typed}” gets no alerts. `/aid-alerts list` shows what you can turn off, with a button.", typed=text[:100]
        )
    return row


def _here(request: Request, refusal: str, *, board: bool = False) -> Subscription:
    found = subscription_of(request.session, request.actor.team_id, request.channel, board=board)
    if found is None:
        raise AidError(refusal)
    return found


def _read(text: str) -> SubscriptionOptions:
    text, options = extract_options(join_times(text), ("lang", "language", *OPTIONS))
    language = options.pop("language", options.pop("lang", "")).lower()
    if language and language not in LANGUAGES:
        raise BadInput(
            "I don't support the language “{typed}”. Use one of: {allowed}.",
            field="lang",
            typed=language,
            allowed=Literals(f"lang:{code}" for code in LANGUAGES),
        )
    with_options(NotificationSettings(), options, zone="UTC")  # raises for bad values before anything is changed
    return SubscriptionOptions(parse_filter(text), language, options)
