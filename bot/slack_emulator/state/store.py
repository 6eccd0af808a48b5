"""The state of the workspace: people, conversations, messages. Thread safe; the clock is injected."""

from dataclasses import replace
from typing import Any

from bot.slack_emulator.models import Channel, ChannelKind, Message, Team, User
from bot.slack_emulator.state.files import File, Files
from bot.slack_emulator.state.observable import Clock, Observable


class Store(Observable):
    """Everything that exists, in memory, behind one lock, in frozen records; a change tells those who `wait_for` it."""

    def __init__(self, clock: Clock, team: Team, bot_user: str) -> None:
        super().__init__(clock)
        self.team = team
        self.bot_user = bot_user
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files = Files(self)
        self._messages: dict[str, dict[str, Message]] = {}
        self._read: dict[tuple[str, str], str] = {}
        self._last_micro: dict[str, int] = {}

    def clear(self) -> None:
        with self.lock:
            for kept in (self.users, self.channels, self._messages, self._read, self.files.uploads, self.files.files):
                kept.clear()
        self.changed()

    def add_user(self, user: User) -> User:
        with self.lock:
            self.users[user.id] = user
        self.changed()
        return user

    def put_channel(self, channel: Channel) -> Channel:
        with self.lock:
            self.channels[channel.id] = channel
            self._messages.setdefault(channel.id, {})
        self.changed()
        return channel

    def edit_channel(self, channel_id: str, **changes: Any) -> Channel:
        with self.lock:
            return self.put_channel(replace(self.channels[channel_id], **changes))

    def drop_channel(self, channel_id: str, new_id: str = "") -> None:
        """Forget a conversation and its messages; with `new_id` they stay, under that id."""
        with self.lock:
            channel, messages = self.channels.pop(channel_id), self._messages.pop(channel_id)
            if new_id:
                self._messages[new_id] = {ts: replace(message, channel=new_id) for ts, message in messages.items()}
                self.put_channel(replace(channel, id=new_id))
        self.changed()

    def meets_bot(self, user_id: str) -> bool:
        with self.lock:
            return any(c.members >= {user_id, self.bot_user} for c in self.channels.values() if not c.is_im)

    def find_channel(self, ref: str) -> Channel | None:
        with self.lock:
            found = self.channels.get(ref)
            name = ref.removeprefix("#")
            return found or next((c for c in self.channels.values() if not c.is_im and c.name == name), None)

    def direct_message(self, user_id: str) -> Channel:
        with self.lock:
            channel_id, members = "D" + user_id.removeprefix("U"), frozenset({user_id, self.bot_user})
            new = Channel(channel_id, "directmessage", ChannelKind.IM, members, partner=user_id)
            return self.channels.get(channel_id) or self.put_channel(new)

    def next_ts(self, channel_id: str) -> str:
        """Return a ts of now, above every earlier one of the conversation."""
        with self.lock:
            micro = max(round(self.clock() * 1_000_000), self._last_micro.get(channel_id, 0) + 1)
            self._last_micro[channel_id] = micro
            return f"{micro // 1_000_000}.{micro % 1_000_000:06d}"

    def post(self, channel_id: str, user_id: str, **fields: Any) -> Message:
        with self.lock:
            message = Message(channel_id, self.next_ts(channel_id), user_id, **fields)
            self._messages[channel_id][message.ts] = message
            if user_id != self.bot_user:
                self._read[user_id, channel_id] = message.ts
        self.changed()
        return message

    def message(self, channel_id: str, ts: str) -> Message | None:
        with self.lock:
            return self._messages.get(channel_id, {}).get(ts)

    def edit(self, message: Message, **changes: Any) -> Message:
        with self.lock:
            new = replace(message, **changes)
            self._messages[message.channel][message.ts] = new
        self.changed()
        return new

    def remove(self, message: Message) -> None:
        with self.lock:
            self._messages[message.channel].pop(message.ts, None)
        self.changed()

    def messages(self, channel_id: str, viewer: str | None = None) -> list[Message]:
        with self.lock:
            found = [m for m in self._messages[channel_id].values() if m.ephemeral_for in (None, viewer)]
        return sorted(found, key=lambda message: float(message.ts))

    def can_see_file(self, user: str, file: File) -> bool:
        if user == file.user or (file.for_bot and user == self.bot_user):
            return True
        return bool(file.channel) and user in self.channels[file.channel].members

    def mark_read(self, user_id: str, channel_id: str) -> None:
        """Note that a person has seen all of a conversation; tells nobody."""
        for message in self.messages(channel_id, user_id)[-1:]:
            self._read[user_id, channel_id] = message.ts

    def unread(self, user_id: str, channel_id: str) -> int:
        read = float(self._read.get((user_id, channel_id), "0"))
        return sum(float(message.ts) > read for message in self.messages(channel_id, user_id))
