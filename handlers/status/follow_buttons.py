"""Answers to *Follow* and *Stop following*."""

from handlers.blocks.blockkit import Block, actions, sections
from handlers.blocks.project_buttons import follow_button, stop_button
from handlers.i18n.translator import Translator


def following(translator: Translator, ref: str) -> list[Block]:
    text = translator.mrkdwn(
        "You're following {ref}. I'll send you its updates and deadlines by direct message.", ref=ref
    )
    return [*sections(text), actions([stop_button(translator, ref)])]


def not_following(translator: Translator, ref: str) -> list[Block]:
    text = translator.mrkdwn("You no longer follow {ref}. Channel alerts are not affected.", ref=ref)
    return [*sections(text), actions([follow_button(translator, ref)])]
