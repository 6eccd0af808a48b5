"""Buttons and texts of *Follow* and *Stop following*."""

from handlers.blocks.blockkit import Block, actions, button, sections
from handlers.i18n.translator import Translator

FOLLOW = "follow_on"
UNFOLLOW = "follow_off"


def follow_button(words: Translator, ref: str) -> Block:
    return button(words.plain("Follow"), FOLLOW, ref)


def stop_button(words: Translator, ref: str) -> Block:
    return button(words.plain("Stop following"), UNFOLLOW, ref)


def following(words: Translator, ref: str) -> list[Block]:
    text = words.mrkdwn(
        "You follow {ref}: what happens to it, and its deadlines, come to you by direct message from me.", ref=ref
    )
    return [*sections(text), actions([stop_button(words, ref)])]


def not_following(words: Translator, ref: str) -> list[Block]:
    text = words.mrkdwn("You do not follow {ref} any more. What a channel is told of it stays as it was.", ref=ref)
    return [*sections(text), actions([follow_button(words, ref)])]
