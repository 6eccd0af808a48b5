"""``/aid-status … export:xlsx``: what the filter finds as a file, in the person's direct message with the bot."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient

from db.errors import BadInput, sentence
from db.search.filter import Filter, parse_filter
from handlers.blocks.blockkit import Block, sections
from handlers.context import Services, person_of
from handlers.errors import worded
from handlers.exports.writers import KINDS, write_export
from handlers.i18n.translator import Words
from handlers.slack.command_text import tidy, unescape
from handlers.slack.file_upload import Parcel, send_to

_WISH = re.compile(r"(?:^|\s)(?:export|내보내기):(?P<kind>\S*)(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported: the ending of the file's name, such as ``.xlsx``, and a filter."""

    kind: str
    wanted: Filter


def wish_in(typed: str) -> Wish | None:
    """The export that a line asks for; None where it asks for none. Raises BadInput."""
    text = tidy(unescape(typed))
    match = _WISH.search(text)
    if match is None:
        return None
    kind = f".{match['kind'].lower().lstrip('.')}"
    if kind not in KINDS:
        raise BadInput(
            sentence("I cannot write “{typed}”. There are {kinds}."),
            field="filter",
            typed=match["kind"],
            kinds=", ".join(f"`export:{each.lstrip('.')}`" for each in KINDS),
        )
    return Wish(kind, parse_filter(text[: match.start()] + " " + text[match.end() :]))


def announced(words: Words) -> list[Block]:
    """What is said at once; the file takes a moment."""
    return sections(words.say("The file comes to you in a direct message."))


def send_export(
    services: Services, wish: Wish, words: Words, client: WebClient, respond: Respond, body: dict[str, Any]
) -> None:
    """Write the file and send it to who asked; what goes wrong is said under the command."""
    try:
        with TemporaryDirectory(prefix="aid-export-") as folder:
            today = services.today()
            path = Path(folder) / f"aid-projects-{today}{wish.kind}"
            said, alt = _write(services, wish, words, path, today, services.clock())
            send_to(client, person_of(body).user_id, Parcel(path, path.name, said, alt))
    except Exception as error:  # noqa: BLE001  the funnel words it and logs what it does not know
        text, _ = worded(error, body, words)
        respond(text=text, replace_original=False)


def _write(services: Services, wish: Wish, words: Words, path: Path, today: date, now: datetime) -> tuple[str, str]:
    """What is said beside the file, and what it shows where it is a picture."""
    with services.database.reading() as session:
        written = write_export(session, path, wish.kind, wish.wanted, today, now, words)
    said = [words.count("{number} project, as of {day}", "{number} projects, as of {day}", written.projects, day=today)]
    if wish.wanted.text:
        said.append(words.say("Filter: `{filter}`", filter=wish.wanted.text))
    if written.left_out:
        said.append(
            words.say("Left out are {count}, of which no day is known that the form asks for.", count=written.left_out)
        )
    return "\n".join(said), written.said
