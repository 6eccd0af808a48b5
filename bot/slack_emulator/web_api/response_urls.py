"""Answers of a bot by its ack or a response_url, as messages."""

from bot.slack_emulator.models import ApiError, Json, Message
from bot.slack_emulator.state.context import Call, WorkspaceContext
from bot.slack_emulator.web_api.methods.chat import message_content

GONE = {"no_such_url", "used_url", "expired_url", "message_not_found"}


class Replies:
    """Makes messages of answers and remembers which answer made which."""

    def __init__(self, site: WorkspaceContext) -> None:
        self._site = site
        self._made: dict[str, dict[tuple[str, str], None]] = {}

    def made(self, response_id: str) -> list[Message]:
        world = self._site.store
        with world.lock:
            found = [world.message(*place) for place in self._made.get(response_id, ())]
        return [message for message in found if message is not None]

    def post(self, response_id: str, user: str, channel: str, payload: Json) -> None:
        """Post what the ack of a command or a response_url carries, for the user alone unless it says otherwise."""
        app, reader = self._site.app, None if payload.get("response_type") == "in_channel" else user
        fields = {**self._content(payload), "thread_ts": payload.get("thread_ts"), "ephemeral_for": reader}
        self._note(response_id, self._site.store.post(channel, app.bot_user, bot_id=app.bot_id, **fields))

    def to_url(self, response_id: str, payload: Json) -> tuple[int, str]:
        try:
            ticket = self._site.tickets.use_response(response_id)
            if payload.get("replace_original") and ticket.origin:
                self._replace(response_id, ticket.origin, payload)
            else:
                self.post(response_id, ticket.user, ticket.channel, payload)
        except ApiError as refusal:
            return (404 if refusal.code in GONE else 400), refusal.code
        return 200, "ok"

    def _replace(self, response_id: str, origin: tuple[str, str], payload: Json) -> None:
        original = self._site.store.message(*origin)
        if original is None:
            raise ApiError("message_not_found")
        fields = self._content(payload)
        edited = None if original.ephemeral_for else self._site.store.next_ts(original.channel)
        self._note(response_id, self._site.store.edit(original, **fields, edited=edited))

    def _content(self, payload: Json) -> Json:
        return message_content(Call(self._site, "response_url", payload))

    def _note(self, response_id: str, message: Message) -> None:
        with self._site.store.lock:
            self._made.setdefault(response_id, {})[message.channel, message.ts] = None
        self._site.store.changed()
