"""Records as the JSON that Slack's methods and payloads carry."""

from collections.abc import Sequence

from bot.slack_emulator.models import Channel, ChannelKind, Json, Message, Team, User, View
from bot.slack_emulator.state.installation import Installation


def team_json(team: Team) -> Json:
    return {"id": team.id, "domain": team.domain}


def user_json(user: User, team: Team, *, met: bool) -> Json:
    """Return a user as `users.info` and the events of people tell: little of who is deactivated or of another workspace.

    `met`: they share a channel with the app; a stranger of another workspace does not.
    """
    shape: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "profile": {"real_name": user.real_name, "display_name": user.real_name, "team": user.team_id},
        "is_bot": user.is_bot,
        "is_app_user": False,
    }
    if user.deleted:
        return shape
    shape |= {"real_name": user.real_name, "tz": user.tz, "locale": user.locale}
    shape |= {"is_restricted": user.is_guest, "is_ultra_restricted": False}
    if user.team_id == team.id:
        return {**shape, "is_admin": user.is_admin, "is_owner": False, "is_primary_owner": False}
    return {**shape, "is_stranger": not met}


def actor_json(user: User) -> Json:
    """Return a user in an interaction's payload."""
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}


def channel_json(channel: Channel, bot_user: str) -> Json:
    """Return a conversation as `conversations.info` tells."""
    common = {
        "id": channel.id,
        "is_im": channel.is_im,
        "is_archived": channel.archived,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "is_org_shared": False,
    }
    if channel.is_im:
        return {**common, "user": channel.partner}
    return {
        **common,
        "name": channel.name,
        "is_channel": channel.kind is ChannelKind.PUBLIC,
        "is_group": channel.kind is ChannelKind.PRIVATE,
        "is_private": channel.kind is not ChannelKind.PUBLIC,
        "is_general": channel.name == "general",
        "is_member": bot_user in channel.members,
    }


def message_json(message: Message, app: Installation, team_id: str, *, metadata: bool = False) -> Json:
    """Return a message as history tells, without thread counts."""
    shape: Json = {"type": "message", "ts": message.ts, "text": message.text, "user": message.user, "team": team_id}
    lists = {"blocks": message.blocks, "files": message.files}
    shape |= {name: list(held) for name, held in lists.items() if held}
    if message.bot_id:
        shape |= {"bot_id": message.bot_id, "app_id": app.app_id}
    for name in ("thread_ts", "subtype"):
        if getattr(message, name):
            shape[name] = getattr(message, name)
    if message.edited:
        shape["edited"] = {"user": message.user, "ts": message.edited}
    if message.pinned:
        shape["pinned_to"] = [message.channel]
    if metadata and message.metadata:
        shape["metadata"] = message.metadata
    return shape


def thread_json(replies: Sequence[Message]) -> Json:
    """Return the fields of a parent message about its replies; empty without any."""
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": replies[0].thread_ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users,
        "latest_reply": replies[-1].ts,
    }


def view_json(view: View, app: Installation, team: Team) -> Json:
    source = view.source
    return {
        "id": view.id,
        "team_id": team.id,
        "type": view.type,
        "blocks": list(view.blocks),
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": view.state},
        "hash": view.hash,
        "title": source.get("title"),
        "submit": source.get("submit"),
        "close": source.get("close"),
        "clear_on_close": bool(source.get("clear_on_close")),
        "notify_on_close": bool(source.get("notify_on_close")),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": app.app_id,
        "app_installed_team_id": team.id,
        "bot_id": app.bot_id,
    }
