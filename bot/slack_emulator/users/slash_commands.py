"""Slack's own slash commands, those that let people and the app into a channel and out of it."""

import re
from dataclasses import dataclass

from bot.slack_emulator.formatting.translations import language_of, translator
from bot.slack_emulator.models import Channel, User
from bot.slack_emulator.users.input_values import escaped
from bot.slack_emulator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """One of them: what it is for, whether it lets people in or out, and its sentences, all in English.

    `already` takes `{who}`, the line left in the channel, `done`, takes `{channel}` and `{who}`.
    """

    about: str
    lets_in: bool
    already: str
    done: str


BUILTIN_COMMANDS = {
    "/invite": OwnCommand(
        "Add people or the app to this channel",
        lets_in=True,
        already="{who} is already in this channel.",
        done="was added to {channel} by {who}.",
    ),
    "/remove": OwnCommand(
        "Remove people or the app from this channel",
        lets_in=False,
        already="{who} is not in this channel.",
        done="was removed from {channel} by {who}.",
    ),
}


def run_builtin_command(slack: Workspace, person: User, channel: Channel, name: str, text: str) -> str:
    """Do what a command asks; return the sentence of why not, in the person's language, empty where it was done."""
    own, say = BUILTIN_COMMANDS[name], translator(language_of(person.locale))
    if channel.is_im or channel.archived:
        return say("{name} does not work here.").format(name=name)
    if person.is_guest:
        return say("Guests can't add or remove people.")
    named = [slack.store.users[user_id] for user_id in re.findall(r"<@(\w+)", escaped(text, slack.store))]
    there = [user for user in named if not user.deleted]
    for user in there:
        if (user.id in channel.members) is own.lets_in:
            return say(own.already).format(who=user.real_name)
        (slack.invite if own.lets_in else slack.kick)(channel.id, user.id)
        line = say(own.done).format(channel=f"<#{channel.id}>", who=f"<@{person.id}>")
        slack.store.post(channel.id, user.id, text=line, subtype="channel_join" if own.lets_in else "channel_leave")
    return "" if there else say("Who? Type {name} @name").format(name=name)
