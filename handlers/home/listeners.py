"""The App Home: published when somebody opens it, and again after every button in it."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.outbox.deliveries import open_counts
from db.people import habits, prefer
from db.reports.home import look, overview
from handlers.admin import projects
from handlers.blocks.blockkit import Block
from handlers.context import Person, Services, person_of
from handlers.home import view as messages
from handlers.home.publisher import Tabs
from handlers.i18n.translator import LANGUAGES
from handlers.slack.client import open_form
from handlers.slack.payloads import number
from handlers.updates import form


def register(app: App, services: Services) -> None:
    """The tab and what can be pressed in it."""

    def read_and_publish(client: WebClient, person: Person, page: int) -> None:
        with services.database.reading() as session:
            view = shown(session, services, person, page=page)
        client.views_publish(user_id=person.user_id, view=view)

    publish = Tabs(read_and_publish).publish

    @app.event("app_home_opened")
    def opened(body: dict[str, Any], event: dict[str, Any], client: WebClient) -> None:
        if event.get("tab") == "home":
            services.later(lambda: publish(client, person_of(body)))

    def changing(change: Callable[[Session, Person, dict[str, Any]], None]) -> Callable[..., None]:
        def listener(ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient) -> None:
            person = person_of(body)
            with services.database.writing() as session:
                change(session, person, action)
            ack()
            services.later(lambda: publish(client, person))

        return listener

    app.action(messages.SEEN)(
        changing(lambda session, person, _action: look(session, person.team_id, person.user_id, now=services.clock()))
    )
    app.action(messages.LANGUAGE)(changing(_choose_language))
    app.action(messages.TABLES)(changing(_choose_tables))

    @app.action(re.compile(f"{messages.TURN}:(back|on)"))
    def turn(ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient) -> None:
        ack()
        page = number(action["value"])
        services.later(lambda: publish(client, person_of(body), page))

    @app.action(messages.RECORD)
    def record(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        with services.database.reading() as session:
            view = form.empty(session, services, services.words(session, person_of(body)))
        open_form(client, body["trigger_id"], view)
        ack()

    @app.action(messages.ADD_PROJECT)
    def add_project(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        with services.database.reading() as session:
            view = projects.first_view(session, services.words(session, person_of(body)), "add")
        open_form(client, body["trigger_id"], view)
        ack()


def shown(session: Session, services: Services, person: Person, *, page: int = 1) -> Block:
    """The tab as the person sees it now."""
    chosen = habits(session, person.team_id, person.user_id)
    words = services.spoken(person, chosen.language)
    own = messages.Own(
        language=chosen.language,
        tables=chosen.tables,
        outbox=open_counts(session) if services.may_record(session, person) else None,
    )
    seen = overview(session, person.team_id, person.user_id, services.today(), now=services.clock(), page=page)
    return messages.view(words, seen, own)


def _choose_language(session: Session, person: Person, action: dict[str, Any]) -> None:
    chosen = (action.get("selected_option") or {}).get("value")
    prefer(session, person.team_id, person.user_id, language=chosen if chosen in LANGUAGES else None)


def _choose_tables(session: Session, person: Person, action: dict[str, Any]) -> None:
    prefer(session, person.team_id, person.user_id, data_table=bool(action.get("selected_options")))
