"""What a person does with messages and channels; the bot has heard of it when a method returns."""

from bot.loopback import events
from bot.loopback.client import Client
from bot.loopback.model import TOMBSTONE, Channel, ChannelKind, Message
from bot.loopback.typing_in import escaped
from bot.loopback.values import CannotDo


class Deeds(Client):
    """The part of a person's client that needs no element to press."""

    def edit(self, message: Message, text: str) -> Message:
        """Write one's own message anew."""
        old = self._own(message)
        stamp = self._world.next_ts(old.channel)
        new = self._world.edit(old, text=escaped(text, self._world), edited=stamp)
        self._slack.event(events.changed(self._slack.site, old, new))
        return new

    def delete(self, message: Message) -> None:
        """Delete one's own message; one of the bot's only an admin may."""
        old = self._own(message)
        self._world.remove(old)
        self._slack.event(events.deleted(self._slack.site, old))

    def react(self, message: Message, name: str) -> Message:
        """Put an emoji below a message, or take one's own away."""
        old = self._there(message)
        added = self.id not in old.reactions.get(name, ())
        new = (self._world.react if added else self._world.unreact)(old, self.id, name)
        self._slack.event(events.reacted(new, self.id, name, added=added))
        return new

    def join(self, channel: str) -> Channel:
        """Come into a public channel."""
        found = self._world.find_channel(channel)
        if found is None or found.kind is not ChannelKind.PUBLIC:
            raise CannotDo(f"there is no channel {channel!r} to join")
        if self.user.is_guest or self.user.team_id != self._world.team.id:
            raise CannotDo("guests and people of other organisations have to be invited")
        return self._slack.invite(found.id, self.id)

    def leave(self, channel: str) -> Channel:
        """Go out of a channel."""
        return self._slack.kick(self._place(channel).id, self.id)

    def _there(self, message: Message) -> Message:
        found = self._world.message(message.channel, message.ts)
        if found is None or found.ephemeral_for or found.subtype == TOMBSTONE:
            raise CannotDo("this message is not there (any more)")
        self._place(found.channel)
        return found

    def _own(self, message: Message) -> Message:
        found = self._there(message)
        admins = self.user.is_admin and found.user == self._bot.id
        if found.user != self.id and not admins:
            raise CannotDo("this is not one's own message")
        return found
