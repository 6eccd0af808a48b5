"""Answers to *Follow* and *Stop following*."""

from handlers.blocks.blockkit import Block, actions, sections
from handlers.blocks.project_buttons import follow_button, stop_button
from handlers.i18n.translator import Translator


def following(translator: Translator, ref: str) -> list[Block]:
    text = translator.mrkdwn(
        "You follow {ref}: what happens to it, and its deadlines, come to you by direct message from me.", ref=ref
    )
    return [*sections(text), actions([stop_button(translator, ref)])]


def not_following(translator: Translator, ref: str) -> list[Block]:
    text = translator.mrkdwn("You do not follow {ref} any more. What a channel is told of it stays as it was.", ref=ref)
    return [*sections(text), actions([follow_button(translator, ref)])]
