"""App Home listeners: the tab is published when opened and again after every button in it."""

import logging
from collections.abc import Callable
from threading import Lock

from slack_bolt import Ack, App
from slack_sdk import WebClient

from db.outbox.deliveries import open_counts
from db.people import set_preference
from db.recording.suggestions import open_suggestions
from db.reports.home import home_overview
from db.subscriptions.subscriptions import speak_in_direct_messages
from handlers.admin import import_form, projects
from handlers.blocks.blockkit import Block
from handlers.blocks.project_buttons import page_action
from handlers.blocks.respond import opening
from handlers.context import Actor, AppContext, Request, actor_of
from handlers.home import view as messages
from handlers.i18n.translator import LANGUAGES
from handlers.slack.payloads import Action, Body, SlackEvent, parse_id
from handlers.updates import form

LOG = logging.getLogger(__name__)

Publish = Callable[[WebClient, Actor, int], None]  # reads and publishes the given page of an actor's App Home


class HomePublisher:
    """Publisher that several threads share; none waits for another, and of one person the latest request wins."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._lock = Lock()
        self._pending: dict[Actor, tuple[WebClient, int] | None] = {}

    def publish(self, client: WebClient, actor: Actor, page: int = 1) -> None:
        """Publish the actor's tab, or have the thread that is publishing it do so again. Errors are logged."""
        with self._lock:
            in_progress = actor in self._pending
            self._pending[actor] = client, page
        while not in_progress and (pending := self._next(actor)):
            try:
                self._publish(pending[0], actor, pending[1])
            except Exception:
                LOG.exception("an App Home was not published")

    def _next(self, actor: Actor) -> tuple[WebClient, int] | None:
        with self._lock:
            pending = self._pending.pop(actor)
            if pending:
                self._pending[actor] = None
            return pending


def register(app: App, app_context: AppContext) -> None:
    def read_and_publish(client: WebClient, actor: Actor, page: int) -> None:
        with app_context.reading({"team_id": actor.team_id, "user_id": actor.user_id}) as request:
            view = home_view(request, page=page)
        client.views_publish(user_id=actor.user_id, view=view)

    publish = HomePublisher(read_and_publish).publish

    @app.event("app_home_opened")
    def opened(body: Body, event: SlackEvent, client: WebClient) -> None:
        if event.get("tab") == "home":
            app_context.run_after_response(lambda: publish(client, actor_of(body)))

    def changing(change: Callable[[Request, Action], None]) -> Callable[..., None]:
        def listener(ack: Ack, body: Body, action: Action, client: WebClient) -> None:
            with app_context.writing(body) as request:
                change(request, action)
            ack()
            app_context.run_after_response(lambda: publish(client, request.actor))

        return listener

    app.action(messages.SEEN)(changing(lambda request, _: _prefer(request, looked_at=request.now)))
    app.action(messages.LANGUAGE)(changing(_choose_language))
    app.action(messages.TABLES)(
        changing(lambda request, action: _prefer(request, data_table=bool(action.get("selected_options"))))
    )

    @app.action(page_action(messages.TURN))
    def turn(ack: Ack, body: Body, action: Action, client: WebClient) -> None:
        ack()
        page = parse_id(action["value"])
        app_context.run_after_response(lambda: publish(client, actor_of(body), page))

    app.action(messages.RECORD)(opening(app_context, lambda request, _: form.empty(request)))
    app.action(messages.ADD_PROJECT)(opening(app_context, lambda request, _: projects.first_view(request, "add")))
    app.action(messages.IMPORT)(opening(app_context, lambda request, _: import_form.ask(request.translator)))


def home_view(request: Request, *, page: int = 1) -> Block:
    session, actor = request.session, request.actor
    admin = request.may_record()
    overview = home_overview(session, actor.team_id, actor.user_id, request.today, now=request.now, page=page)
    return messages.view(
        request.translator,
        overview,
        request.preferences,
        outbox=open_counts(session, actor.team_id) if admin else None,
        waiting=open_suggestions(session, actor.team_id) if admin else (),
        epoch=request.epoch,
    )


def _choose_language(request: Request, action: Action) -> None:
    option = action.get("selected_option")
    language = option["value"] if option and option["value"] in LANGUAGES else None
    _prefer(request, language=language)
    if language:
        actor = request.actor
        speak_in_direct_messages(request.session, actor.team_id, actor.user_id, language, now=request.now)


def _prefer(request: Request, **chosen: object) -> None:
    set_preference(request.session, request.actor.team_id, request.actor.user_id, **chosen)
