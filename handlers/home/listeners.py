"""The App Home: published when somebody opens it, and again after every button in it."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.outbox.deliveries import open_counts
from db.people import preferences_of, set_preference
from db.reports.home import home_overview, mark_seen
from handlers.admin import projects
from handlers.blocks.blockkit import Block
from handlers.context import Actor, AppContext, actor_of
from handlers.home import view as messages
from handlers.home.publisher import HomePublisher
from handlers.i18n.translator import LANGUAGES
from handlers.slack.client import open_form
from handlers.slack.payloads import parse_id
from handlers.updates import form


def register(app: App, app_context: AppContext) -> None:
    """Register the tab and its buttons."""

    def read_and_publish(client: WebClient, person: Actor, page: int) -> None:
        with app_context.database.reading() as session:
            view = shown(session, app_context, person, page=page)
        client.views_publish(user_id=person.user_id, view=view)

    publish = HomePublisher(read_and_publish).publish

    @app.event("app_home_opened")
    def opened(body: dict[str, Any], event: dict[str, Any], client: WebClient) -> None:
        if event.get("tab") == "home":
            app_context.run_after_response(lambda: publish(client, actor_of(body)))

    def changing(change: Callable[[Session, Actor, dict[str, Any]], None]) -> Callable[..., None]:
        def listener(ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient) -> None:
            person = actor_of(body)
            with app_context.database.writing() as session:
                change(session, person, action)
            ack()
            app_context.run_after_response(lambda: publish(client, person))

        return listener

    app.action(messages.SEEN)(
        changing(
            lambda session, person, _action: mark_seen(session, person.team_id, person.user_id, now=app_context.clock())
        )
    )
    app.action(messages.LANGUAGE)(changing(_choose_language))
    app.action(messages.TABLES)(changing(_choose_tables))

    @app.action(re.compile(f"{messages.TURN}:(back|on)"))
    def turn(ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient) -> None:
        ack()
        page = parse_id(action["value"])
        app_context.run_after_response(lambda: publish(client, actor_of(body), page))

    @app.action(messages.RECORD)
    def record(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        with app_context.database.reading() as session:
            view = form.empty(session, app_context, app_context.translator_for(session, actor_of(body)))
        open_form(client, body["trigger_id"], view)
        ack()

    @app.action(messages.ADD_PROJECT)
    def add_project(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        with app_context.database.reading() as session:
            view = projects.first_view(session, app_context.translator_for(session, actor_of(body)), "add")
        open_form(client, body["trigger_id"], view)
        ack()


def shown(session: Session, app_context: AppContext, person: Actor, *, page: int = 1) -> Block:
    """Return the tab as the person sees it now."""
    chosen = preferences_of(session, person.team_id, person.user_id)
    words = app_context.translator_in(person, chosen.language)
    own = messages.Own(
        language=chosen.language,
        tables=chosen.tables,
        outbox=open_counts(session) if app_context.may_record(session, person) else None,
    )
    seen = home_overview(
        session, person.team_id, person.user_id, app_context.today(), now=app_context.clock(), page=page
    )
    return messages.view(words, seen, own)


def _choose_language(session: Session, person: Actor, action: dict[str, Any]) -> None:
    chosen = (action.get("selected_option") or {}).get("value")
    set_preference(session, person.team_id, person.user_id, language=chosen if chosen in LANGUAGES else None)


def _choose_tables(session: Session, person: Actor, action: dict[str, Any]) -> None:
    set_preference(session, person.team_id, person.user_id, data_table=bool(action.get("selected_options")))
