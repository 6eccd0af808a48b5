"""Events about channels and people: subscriptions follow them. Without the events the next call's error does as much."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from slack_bolt import App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.errors import AidError
from db.subscriptions.channels import drop, go_on, is_closed, move, rest
from db.subscriptions.recipients import ARCHIVED, LEFT
from handlers.alerts.resume import bot_name
from handlers.context import Actor, AppContext, actor_of
from handlers.slack.channel_access import ensure_can_post_there
from handlers.slack.payloads import Body, slack_id

FollowPerson = Callable[[Actor, Mapping[str, object], datetime], None]


def register(app: App, app_context: AppContext, follow: FollowPerson) -> None:
    """Register the listeners; ``follow`` changes what is kept of a person, so that it counts at once."""

    def changing(change: Callable[..., object]) -> Callable[[Body], None]:
        def listener(body: Body) -> None:
            with app_context.database.writing() as session:
                change(session, actor_of(body).team_id, slack_id(body["event"].get("channel")), now=app_context.clock())
            app_context.notify_sender()

        return listener

    def unarchived(body: Body, client: WebClient, context: BoltContext) -> None:
        team_id, channel = actor_of(body).team_id, slack_id(body["event"].get("channel"))
        with app_context.database.reading() as session:
            closed = is_closed(session, team_id, channel)
        if closed:
            app_context.run_after_response(partial(reopen, client, bot_name(context), team_id, channel))

    def reopen(client: WebClient, bot: str, team_id: str, channel: str) -> None:
        """Go on where the bot is in, or can join; else the owner is told to invite it."""
        change: Callable[[Session], object] = partial(
            go_on, team_id=team_id, channel_id=channel, now=app_context.clock()
        )
        try:
            ensure_can_post_there(client, channel, bot)
        except AidError:
            change = partial(rest, team_id=team_id, channel_id=channel, reason=LEFT, now=app_context.clock())
        with app_context.database.writing() as session:
            change(session)
        app_context.notify_sender()

    for kind in ("channel", "group"):
        app.event(f"{kind}_archive")(changing(partial(rest, reason=ARCHIVED)))
        app.event(f"{kind}_left")(changing(partial(rest, reason=LEFT)))
        app.event(f"{kind}_deleted")(changing(drop))
        app.event(f"{kind}_unarchive")(unarchived)

    @app.event("channel_id_changed")
    def moved(body: Body) -> None:
        old, new = (slack_id(body["event"].get(name)) for name in ("old_channel_id", "new_channel_id"))
        with app_context.database.writing() as session:
            move(session, actor_of(body).team_id, old, new, app_context.clock())

    def changed(body: Body) -> None:
        told_at = datetime.fromtimestamp(int(body.get("event_time") or 0), UTC)
        follow(actor_of(body), body["event"]["user"], told_at)

    app.event("user_change")(changed)
    app.event("team_join")(changed)
