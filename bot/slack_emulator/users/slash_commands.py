"""Slack's own slash commands, those that let people and the app into a channel and out of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.slack_emulator.formatting.translations import Translate, language_of, translator
from bot.slack_emulator.models import Channel, User
from bot.slack_emulator.users.input_values import escaped
from bot.slack_emulator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CommandCall:
    """A command of Slack's own as somebody has typed it in a conversation."""

    slack: Workspace
    person: User
    channel: Channel
    name: str
    text: str

    @property
    def say(self) -> Translate:
        return translator(language_of(self.person.locale))

    @property
    def named(self) -> list[User]:
        """Return the people that it names, without those who are deactivated."""
        named = re.findall(r"<@(\w+)", escaped(self.text, self.slack.store))
        return [user for each in named if not (user := self.slack.store.users[each]).deleted]

    def leave_a_line(self, user: User, words: str) -> None:
        """Let the channel see that somebody came or went; `words` take `{channel}` and `{who}`."""
        kind = "channel_leave" if user.id not in self.slack.channel(self.channel.id).members else "channel_join"
        text = self.say(words).format(channel=f"<#{self.channel.id}>", who=f"<@{self.person.id}>")
        self.slack.store.post(self.channel.id, user.id, text=text, subtype=kind)


def run_builtin_command(typed: CommandCall) -> str:
    """Do what a command of `OWN` asks; gives the sentence of why not, empty where it was done."""
    if typed.channel.is_im or typed.channel.archived:
        return typed.say("{name} does not work here.").format(name=typed.name)
    if typed.person.is_guest:
        return typed.say("Guests let nobody in or out.")
    if not typed.named:
        return typed.say("Whom? Type {name} @name").format(name=typed.name)
    return BUILTIN_COMMANDS[typed.name].does(typed)


def _invite(typed: CommandCall) -> str:
    for user in typed.named:
        if user.id in typed.channel.members:
            return typed.say("{who} is in this channel already.").format(who=user.real_name)
        typed.slack.invite(typed.channel.id, user.id)
        typed.leave_a_line(user, "was added to {channel} by {who}.")
    return ""


def _remove(typed: CommandCall) -> str:
    for user in typed.named:
        if user.id not in typed.channel.members:
            return typed.say("{who} is not in this channel.").format(who=user.real_name)
        typed.slack.kick(typed.channel.id, user.id)
        typed.leave_a_line(user, "was removed from {channel} by {who}.")
    return ""


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """One of them: what it is for, in English, and what it does; that gives the sentence of why not."""

    about: str
    does: Callable[[CommandCall], str]


BUILTIN_COMMANDS = {
    "/invite": OwnCommand("Let somebody, or the app, into this channel", _invite),
    "/remove": OwnCommand("Put somebody, or the app, out of this channel", _remove),
}
