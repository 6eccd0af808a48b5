"""Authorization: a Bolt app that checks every listener against the permission table before it runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.listener_matcher import ListenerMatcher
from slack_bolt.listener_matcher.builtins import BuiltinListenerMatcher
from slack_bolt.middleware import Middleware
from slack_sdk import WebClient

from db.people import is_admin
from handlers.auth.membership import MemberDirectory
from handlers.auth.permissions import MEMBERS, PERMISSIONS, SLACK, AccessLevel, name_of, permission_key, require
from handlers.context import Actor, AppContext, actor_of

# keys in a request's context: its permission key, the actor's access level, and its outcome if that was an error
ASKED, LEVEL, OUTCOME = "asked", "access_level", "outcome"

# prefixes of the permission keys of buttons and forms
FORMS = ("action ", "view ")

Before = Middleware | Callable[..., object]


@dataclass(frozen=True, slots=True)
class Authorizer:
    """Permission check for an actor: their membership and role against the table."""

    app_context: AppContext
    members: MemberDirectory

    def check(self, entry: str, actor: Actor, client: WebClient) -> AccessLevel:
        """Return the actor's access level. Raises Refused if the table does not let them use ``entry``."""
        allowed = PERMISSIONS[entry].allowed
        if allowed == SLACK:
            return AccessLevel.UNKNOWN
        ask = self.members.at_once if AccessLevel.UNKNOWN in allowed else self.members.of
        member = ask(client, actor)
        level = self._access_level(entry, actor, member.access_level)
        require(entry, level, member.reason)
        return level

    def _access_level(self, entry: str, actor: Actor, level: AccessLevel) -> AccessLevel:
        # an admin who is a guest or deactivated loses the role meanwhile; queried only if the role decides
        if level is not AccessLevel.MEMBER or PERMISSIONS[entry].allowed >= MEMBERS:
            return level
        with self.app_context.database.reading() as session:
            admin = is_admin(session, actor.team_id, actor.user_id, listed=self.app_context.admins)
            return AccessLevel.ADMIN if admin else AccessLevel.MEMBER


def _checked(kind: str) -> Any:
    """Return Bolt's method that registers listeners of a kind, with the check before their own middleware."""

    def register(
        self: "AuthorizedApp", constraint: Any, matchers: Any = None, middleware: Any = None, *more: Any, **how: Any
    ) -> Any:
        first = self._first("" if kind == "command" else f"{kind} ", constraint, middleware)
        return getattr(App, kind)(self, constraint, matchers, first, *more, **how)

    return register


class AuthorizedApp(App):
    """A Bolt app whose listeners must be in the permission table and are checked against it before they run."""

    def __init__(self, gate: Authorizer, **how: Any) -> None:
        super().__init__(**how)
        self._gate = gate
        self.listed: list[str] = []  # names of the registered listeners, as in the table

    command, action, view, options = map(_checked, ("command", "action", "view", "options"))
    shortcut, event, function = map(_checked, ("shortcut", "event", "function"))

    def assert_all_listeners_listed(self) -> None:
        """Raise LookupError if a listener was registered by a method other than those above, and so unchecked."""
        if len(self._listeners) != len(self.listed):
            raise LookupError("a listener was registered without the table: use command, action, view, options, …")

    def sort_listeners(self) -> None:
        """Move the many buttons and forms to the end, since Bolt asks one listener after the other."""
        pairs = sorted(zip(self.listed, self._listeners, strict=True), key=lambda pair: pair[0].startswith(FORMS))
        self.listed[:], self._listeners[:] = [name for name, _ in pairs], [listener for _, listener in pairs]
        for listener in self._listeners:
            listener.matchers = [
                BodyMatcher(each.func) if isinstance(each, BuiltinListenerMatcher) else each
                for each in listener.matchers
            ]

    def _first(self, kind: str, constraint: object, middleware: Sequence[Before] | None) -> list[Before]:
        listener = f"{kind}{name_of(constraint)}"
        permission_key(listener)
        self.listed.append(listener)
        return [AuthorizationMiddleware(self._gate, listener, is_command=not kind), *(middleware or [])]


class BodyMatcher(ListenerMatcher):
    """Bolt's own matcher of one listener, asked at once: Bolt would collect all possible arguments for each of them."""

    def __init__(self, fits: Callable[..., object]) -> None:
        self._fits = fits

    def matches(self, req: BoltRequest, resp: BoltResponse) -> bool:  # noqa: ARG002  named by Bolt
        return bool(self._fits(req.body))


class AuthorizationMiddleware(Middleware):
    """Middleware that checks one listener. A class, since Bolt would collect all possible arguments for a function."""

    def __init__(self, gate: Authorizer, listener: str, *, is_command: bool) -> None:
        self._gate = gate
        self._listener = listener
        self._is_command = is_command

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002, ARG002  named by Bolt
        text = str(req.body.get("text") or "") if self._is_command else ""
        req.context[ASKED] = entry = permission_key(self._listener, text)
        event = req.body.get("event")
        if PERMISSIONS[entry].allowed != SLACK and isinstance(event, dict) and event.get("bot_id"):
            return BoltResponse(status=200)  # a message of this or another app, which may carry the name of a person
        req.context[LEVEL] = self._gate.check(entry, actor_of(req.body), req.context.client)
        return next()
