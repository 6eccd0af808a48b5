"""The one place where listeners ask whether somebody may: a Bolt app that puts the table before every listener."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware
from slack_sdk import WebClient

from handlers.auth.membership import MemberCache
from handlers.auth.permissions import MEMBERS, PERMISSIONS, SLACK, AccessLevel, name_of, permission_key, require
from handlers.context import Actor, AppContext, actor_of

ASKED, OUTCOME = "asked", "outcome"
"""In a request's context: the table's entry that it is for, and what came of it where that was an error."""

FORMS = ("action ", "view ")
"""How the table names what people press and fill in."""

Before = Middleware | Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Authorizer:
    """Knows what somebody is and what the table says to that."""

    app_context: AppContext
    standings: MemberCache

    def check(self, entry: str, person: Actor, client: WebClient) -> None:
        """Raise Refused where the table does not let the person use an entry of it."""
        if PERMISSIONS[entry].allowed == SLACK:
            return
        standing = self.standings.of(client, person)
        require(entry, self._role(entry, person, standing.who), standing.reason)

    def _role(self, entry: str, person: Actor, who: AccessLevel) -> AccessLevel:
        """Return the access level; an admin who is a guest or deactivated has no role for as long as that lasts.

        The record is asked only where the role decides.
        """
        if who is not AccessLevel.MEMBER or PERMISSIONS[entry].allowed >= MEMBERS:
            return who
        with self.app_context.database.reading() as session:
            return AccessLevel.ADMIN if self.app_context.may_record(session, person) else AccessLevel.MEMBER


class AuthorizedApp(App):
    """A Bolt app whose listeners have to be in the table, and are checked against it before they run."""

    def __init__(self, gate: Authorizer, **how: Any) -> None:
        super().__init__(**how)
        self._gate = gate
        self.listed: list[str] = []
        """The listeners registered, as the table names them."""

    def command(self, command: Any, matchers: Any = None, middleware: Any = None) -> Any:
        return super().command(command, matchers, self._first("", command, middleware))

    def action(self, constraints: Any, matchers: Any = None, middleware: Any = None) -> Any:
        return super().action(constraints, matchers, self._first("action ", constraints, middleware))

    def view(self, constraints: Any, matchers: Any = None, middleware: Any = None) -> Any:
        return super().view(constraints, matchers, self._first("view ", constraints, middleware))

    def options(self, constraints: Any, matchers: Any = None, middleware: Any = None) -> Any:
        return super().options(constraints, matchers, self._first("options ", constraints, middleware))

    def shortcut(self, constraints: Any, matchers: Any = None, middleware: Any = None) -> Any:
        return super().shortcut(constraints, matchers, self._first("shortcut ", constraints, middleware))

    def event(self, event: Any, matchers: Any = None, middleware: Any = None) -> Any:
        return super().event(event, matchers, self._first("event ", event, middleware))

    def function(self, callback_id: Any, matchers: Any = None, middleware: Any = None, *more: Any, **how: Any) -> Any:
        return super().function(callback_id, matchers, self._first("function ", callback_id, middleware), *more, **how)

    def assert_all_listeners_listed(self) -> None:
        """Raise LookupError where a listener came in by another way than those above, and so unchecked."""
        if len(self._listeners) != len(self.listed):
            raise LookupError("a listener was registered without the table: use command, action, view, options, …")

    def sort_listeners(self) -> None:
        """Bolt asks one listener after the other whether a request is for it; of buttons and forms there are many."""
        pairs = sorted(zip(self.listed, self._listeners, strict=True), key=lambda pair: pair[0].startswith(FORMS))
        self.listed[:], self._listeners[:] = [name for name, _ in pairs], [listener for _, listener in pairs]

    def _first(self, kind: str, constraint: object, middleware: Sequence[Before] | None) -> list[Before]:
        listener = f"{kind}{name_of(constraint)}"
        permission_key(listener)
        self.listed.append(listener)
        return [AuthorizationMiddleware(self._gate, listener, typed=not kind), *(middleware or [])]


class AuthorizationMiddleware(Middleware):
    """Stands before a listener. A function would do, but for it Bolt gathers all that it could ask for."""

    def __init__(self, gate: Authorizer, listener: str, *, typed: bool) -> None:
        self._gate = gate
        self._listener = listener
        self._typed = typed

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002, ARG002  named by Bolt
        text = str(req.body.get("text") or "") if self._typed else ""
        req.context[ASKED] = entry = permission_key(self._listener, text)
        self._gate.check(entry, actor_of(req.body), req.context.client)
        return next()
