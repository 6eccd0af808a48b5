"""Who there is: people by id, address or profile, user groups, the workspace."""

from bot.loopback.calls import Call, Method
from bot.loopback.model import ApiError, Json, User, UserGroup
from bot.loopback.shapes import email_of, profile_json, user_json


def lookup_by_email(call: Call) -> Json:
    """`users.lookupByEmail`; nobody who was deactivated, and no bot."""
    wanted = call.required("email").lower()
    found = [each for each in call.world.users.values() if email_of(each) == wanted and not each.is_bot]
    if not found or found[0].deleted:
        raise ApiError("users_not_found")
    return {"user": user_json(found[0])}


def profile_get(call: Call) -> Json:
    """`users.profile.get`: the bot's own unless `user` is given."""
    return {"profile": profile_json(_user(call, call.text("user") or call.site.app.bot_user))}


def usergroups_list(call: Call) -> Json:
    """`usergroups.list`."""
    known = [each for each in call.world.usergroups.values() if call.flag("include_disabled") or not each.disabled]
    return {"usergroups": [_group(call, each) for each in known]}


def usergroups_users_list(call: Call) -> Json:
    """`usergroups.users.list`."""
    group = call.world.usergroups.get(call.required("usergroup"))
    if group is None:
        raise ApiError("no_such_subteam")
    if group.disabled and not call.flag("include_disabled"):
        raise ApiError("subteam_disabled")
    return {"users": list(group.users)}


def team_info(call: Call) -> Json:
    """`team.info` of the app's own workspace."""
    team = call.world.team
    if call.text("team") not in ("", team.id):
        raise ApiError("team_not_found")
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}


def _user(call: Call, user_id: str) -> User:
    if user_id not in call.world.users:
        raise ApiError("user_not_found")
    return call.world.users[user_id]


def _group(call: Call, group: UserGroup) -> Json:
    shape = {
        "id": group.id,
        "team_id": call.world.team.id,
        "is_usergroup": True,
        "is_external": False,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "date_delete": int(group.disabled),
        "prefs": {"channels": [], "groups": []},
    }
    if call.flag("include_users"):
        shape["users"] = list(group.users)
    if call.flag("include_count"):
        shape["user_count"] = len(group.users)
    return shape


METHODS: dict[str, Method] = {
    "users.lookupByEmail": lookup_by_email,
    "users.profile.get": profile_get,
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroups_users_list,
    "team.info": team_info,
}
