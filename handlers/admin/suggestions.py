"""/aid-admin suggestions: what waits, and the channel where suggestions are posted."""

from db.errors import BadInput
from db.recording.suggestions import channel_of_suggestions, open_suggestions, set_channel
from handlers.blocks.blockkit import Block, sections
from handlers.blocks.suggestion import suggestions
from handlers.context import Request
from handlers.slack.command_text import parse_channel

OFF = "off"


def answer(request: Request, rest: str) -> list[Block]:
    """Show what waits, after setting the channel if ``rest`` names one or is ``off``."""
    session, translator = request.session, request.translator
    if rest:
        channel = parse_channel(rest.split(maxsplit=1)[0])
        if channel is None and rest.lower() != OFF:
            raise BadInput("Type `/aid-admin suggestions #channel`, or `/aid-admin suggestions off`.")
        set_channel(session, request.editor, channel, translator.language)
    place = channel_of_suggestions(session, request.actor.team_id)
    where = (
        translator.mrkdwn("Suggestions are posted in <#{channel}>. Invite me there.", channel=place)
        if place
        else translator.mrkdwn("Suggestions wait in App Home. `/aid-admin suggestions #channel` posts them there too.")
    )
    waiting = open_suggestions(session, request.actor.team_id)
    count = translator.plural("{number} suggestion waits.", "{number} suggestions wait.", len(waiting))
    return [*sections(f"{where} {count}"), *suggestions(translator, waiting, request.epoch)]
