"""User actions on messages and channels. Each returns after the app has received the event."""

from bot.slack_emulator.block_kit.state_values import UserActionError
from bot.slack_emulator.models import TOMBSTONE, Channel, Message
from bot.slack_emulator.payloads import events
from bot.slack_emulator.users.client import UserClient


class MessageActions(UserClient):
    """The part of a person's client that needs no element to press."""

    def delete(self, message: Message) -> None:
        """Delete one's own message; one of the bot's only an admin may."""
        old = self._own(message)
        self._world.remove(old)
        self._slack.event(events.message_deleted_event(self._slack.site, old))

    def leave(self, channel: str) -> Channel:
        """Go out of a channel."""
        return self._slack.kick(self._place(channel).id, self.id)

    def _own(self, message: Message) -> Message:
        found = self._world.message(message.channel, message.ts)
        if found is None or found.ephemeral_for or found.subtype == TOMBSTONE:
            raise UserActionError("this message is not there (any more)")
        self._place(found.channel)
        admins = self.user.is_admin and found.user == self._bot.id
        if found.user != self.id and not admins:
            raise UserActionError("this is not one's own message")
        return found
