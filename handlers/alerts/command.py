"""/aid-alerts: which channels are told of what. Any member may subscribe a channel; who did, or an admin, ends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.alerts.preview import preview
from db.errors import N_, AidError, BadInput, NotAllowed
from db.models import Subscription
from db.outbox.deliveries import resume
from db.reminders.delivery import already_due
from db.search.filter import Filter, parse_filter
from db.subscriptions.settings import OPTIONS, NotificationSettings, settings_of, with_options
from db.subscriptions.subscriptions import end, queue_test, subscribe, subscription_of, subscriptions_of
from handlers.alerts import blocks as messages
from handlers.alerts.resume import bot_name, may_manage
from handlers.blocks.blockkit import Block, fallback_text
from handlers.context import Actor, AppContext, actor_of
from handlers.i18n.translator import LANGUAGES, Translator
from handlers.slack.channel_access import ensure_can_post
from handlers.slack.command_text import extract_options, split_subcommand

FILTER_LENGTH = 500


@dataclass(frozen=True, slots=True)
class AlertsRequest:
    """An /aid-alerts request: who asks, where, the text after the verb; ``joined`` if the bot has just joined."""

    person: Actor
    channel: str
    rest: str
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """Arguments of ``on``: the filter, the language (empty if none), notification settings."""

    wanted: Filter
    language: str
    options: Mapping[str, str]


Answer = Callable[[Session, AppContext, Translator, AlertsRequest], list[Block]]


def register(app: App, app_context: AppContext) -> None:
    """Register the command; its *Resume* button is in ``handlers.alerts.resume``."""

    @app.command("/aid-alerts")
    def ask(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        verb, rest = split_subcommand(body.get("text", ""))
        asked = AlertsRequest(actor_of(body), body["channel_id"], rest)
        if verb == "on":
            asked = _let_in(asked, client, bot_name(context))
        blocks = _change(app_context, _CHANGES[verb], asked) if verb in _CHANGES else _look(app_context, verb, asked)
        ack(text=fallback_text(blocks), blocks=blocks)


def _let_in(asked: AlertsRequest, client: WebClient, bot_name: str) -> AlertsRequest:
    """Read what was typed first, so that a mistake in it is told before the bot joins anything."""
    _read(asked.rest)
    joined = ensure_can_post(client, asked.channel, asked.person.user_id, bot_name)
    return replace(asked, joined=joined)


def _change(app_context: AppContext, answer: Answer, asked: AlertsRequest) -> list[Block]:
    with app_context.database.writing() as session:
        blocks = answer(session, app_context, app_context.translator_for(session, asked.person), asked)
    app_context.notify_sender()
    return blocks


def _look(app_context: AppContext, verb: str, asked: AlertsRequest) -> list[Block]:
    with app_context.database.reading() as session:
        words = app_context.translator_for(session, asked.person)
        if verb == "list":
            return _list(session, app_context, words, asked)
        here = subscription_of(session, asked.person.team_id, asked.channel)
        return messages.help_text(words, here, unknown="" if verb in {"", "help"} else verb)


def _on(session: Session, app_context: AppContext, words: Translator, asked: AlertsRequest) -> list[Block]:
    typed = _read(asked.rest)
    team, now = asked.person.team_id, app_context.clock()
    old = subscription_of(session, team, asked.channel)
    new, _ = _subscribe(session, app_context, asked, typed, old)
    waiting = resume(session, team, asked.channel, now)
    sample = preview(session, typed.wanted, now=now)
    going = already_due(session, typed.wanted, app_context.today()) if new.reminders else {}
    return messages.subscribed(words, new, old, sample, going, joined=asked.joined, waiting=waiting)


def _set(session: Session, app_context: AppContext, words: Translator, asked: AlertsRequest) -> list[Block]:
    """Change how the channel is told; its filter stays."""
    old, typed = _here(session, asked), _read(asked.rest)
    if typed.wanted.terms or not (typed.options or typed.language):
        raise BadInput(
            N_(
                "`/aid-alerts set` takes settings only, such as `threading:thread digest:daily@09:00 "
                "quiet:22:00-07:00`. The filter is set with `/aid-alerts on`."
            )
        )
    new, _ = _subscribe(session, app_context, asked, replace(typed, wanted=parse_filter(old.filter)), old)
    return messages.settings_changed(words, new)


def _subscribe(
    session: Session, app_context: AppContext, asked: AlertsRequest, typed: Typed, old: Subscription | None
) -> tuple[Subscription, Subscription | None]:
    return subscribe(
        session,
        asked.person.team_id,
        asked.channel,
        asked.person.user_id,
        typed.wanted.text,
        typed.language or (old.language if old else app_context.language),
        now=app_context.clock(),
        how=with_options(settings_of(old) if old else NotificationSettings(), typed.options, zone=app_context.zone),
    )


def _off(session: Session, app_context: AppContext, words: Translator, asked: AlertsRequest) -> list[Block]:
    subscription = _here(session, asked)
    if not may_manage(session, app_context, asked.person, subscription):
        raise NotAllowed(
            N_(
                "Only <@{user}>, who subscribed this channel, or an admin may end it. It stays as it "
                "was; `/aid-admin people` lists the admins."
            ),
            user=subscription.created_by,
        )
    end(session, subscription, asked.person.user_id, now=app_context.clock())
    return messages.ended(words, subscription)


def _test(session: Session, app_context: AppContext, words: Translator, asked: AlertsRequest) -> list[Block]:
    subscription = _here(session, asked)
    if subscription.blocked:
        raise AidError(
            N_(
                "Messages for this channel are waiting: Slack says `{reason}`. Put that right, then "
                "press *Resume* in `/aid-alerts list` or type `/aid-alerts on` again."
            ),
            reason=subscription.blocked,
        )
    queue_test(session, subscription, asked.person.user_id, now=app_context.clock())
    return messages.test_queued(words)


def _list(session: Session, app_context: AppContext, words: Translator, asked: AlertsRequest) -> list[Block]:
    rows = subscriptions_of(session, asked.person.team_id)
    rows.sort(key=lambda row: row.channel_id != asked.channel)
    admin = app_context.may_record(session, asked.person)
    mine = {row.id for row in rows if admin or row.created_by == asked.person.user_id}
    return messages.listing(words, rows, here=asked.channel, may_resume=mine)


_CHANGES: dict[str, Answer] = {"on": _on, "off": _off, "set": _set, "test": _test}


def _here(session: Session, asked: AlertsRequest) -> Subscription:
    found = subscription_of(session, asked.person.team_id, asked.channel)
    if found is None:
        raise AidError(
            N_(
                "This channel has no subscription. `/aid-alerts on` makes one, `/aid-alerts on "
                "group:io` one for some projects only."
            )
        )
    return found


def _read(text: str) -> Typed:
    text, options = extract_options(text, ("lang", *OPTIONS))
    language = options.pop("lang", "").lower()
    if language and language not in LANGUAGES:
        raise BadInput(
            N_("“{typed}” is not a language I write. There are: {allowed}."),
            field="lang",
            typed=language,
            allowed=", ".join(f"`lang:{each}`" for each in LANGUAGES),
        )
    if len(text) > FILTER_LENGTH:
        raise BadInput(
            N_("That filter is too long: {limit} characters are the most."), field="filter", limit=FILTER_LENGTH
        )
    with_options(NotificationSettings(), options, zone="UTC")  # what cannot be read is told before anything is done
    return Typed(parse_filter(text), language, options)
