"""/aid-status: where projects stand. Answers are for the person who asks, with a button to share them."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, Respond
from sqlalchemy.orm import Session

from db.case import case, recorded
from db.drafts import first_time
from db.errors import BadInput, NotFound, sentence
from db.filters import WORDS, parse_filter
from db.portfolio import list_page, portfolio
from db.projects import near_misses
from handlers.messages import card as cards
from handlers.messages import status as messages
from handlers.messages.blockkit import Block
from handlers.services import Services, person_of
from handlers.typed import tidy, unescape
from handlers.words import Words

REF = re.compile(r"[A-Za-z]{1,6}-?\d{1,4}")
NUMBER = re.compile(r"#(\d{1,9})")
QUERY_LENGTH = 500


def register(app: App, services: Services) -> None:
    """The command and its buttons."""

    @app.command("/aid-status")
    def ask(ack: Ack, body: dict[str, Any]) -> None:
        with services.database.reading() as session:
            words = services.words(session, person_of(body))
            blocks = answer(session, services, words, body.get("text", ""))
        ack(text=fallback(blocks), blocks=blocks)

    @app.action(messages.SHARE)
    def share(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
        ack()
        person = person_of(body)
        key = f"share:{body['trigger_id']}"
        with services.database.writing() as session:
            new = first_time(session, key, person.team_id, now=services.clock())
            words = services.words(session, person)
            blocks = [
                *_again(session, services, words, action["value"])[:-1],
                messages.shared_by(words, person.user_id),
            ]
        if new:
            services.later(
                lambda: respond(
                    text=fallback(blocks), blocks=blocks, response_type="in_channel", replace_original=False
                )
            )

    def replacing(show: Callable[[Session, Words, str], list[Block]]) -> Callable[..., None]:
        def listener(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
            ack()
            with services.database.reading() as session:
                blocks = show(session, services.words(session, person_of(body)), action["value"])
            services.later(lambda: respond(text=fallback(blocks), blocks=blocks, replace_original=True))

        return listener

    app.action(re.compile(f"{messages.TURN}:(back|on)"))(
        replacing(lambda session, words, value: _page(session, services, words, value))
    )
    app.action(cards.WHOLE_TIMELINE)(
        replacing(lambda session, words, value: cards.card(words, case(session, value, services.today()), whole=True))
    )


def answer(session: Session, services: Services, words: Words, typed: str) -> list[Block]:
    """What ``/aid-status`` says to the text typed after it."""
    text = tidy(unescape(typed)).strip()
    if len(text) > QUERY_LENGTH:
        raise BadInput(sentence("That is too long to look up: {limit} characters are the most."), limit=QUERY_LENGTH)
    if not text:
        return messages.portfolio(words, portfolio(session, services.today()))
    if text.lower() == "help":
        return messages.help_text(words)
    if match := NUMBER.fullmatch(text):
        return cards.update_card(words, recorded(session, int(match[1])))
    if REF.fullmatch(text):
        return cards.card(words, case(session, text, services.today()))
    return _found(session, services, words, text)


def fallback(blocks: list[Block]) -> str:
    """The text that notifications and screen readers get: the first line of the answer."""
    first = blocks[0].get("text", {}) if blocks else {}
    return str(first.get("text", ""))[:300] or "…"


def _found(session: Session, services: Services, words: Words, text: str) -> list[Block]:
    """A list; the card itself where plain words find one project; near misses where they find none."""
    wanted = parse_filter(text)
    page = list_page(session, wanted, services.today(), number=1, size=messages.PAGE_SIZE)
    only_words = all(term.key == WORDS and not term.exclude for term in wanted.terms)
    if only_words and page.total == 1:
        return cards.card(words, case(session, page.lines[0].project.ref, services.today()))
    near = near_misses(session, text, limit=3) if only_words and not page.total else []
    if near:
        raise NotFound(sentence("There is no project “{ref}”. Did you mean {near}?"), near=tuple(near), ref=text)
    return messages.listing(words, wanted, page, services.today())


def _again(session: Session, services: Services, words: Words, value: str) -> list[Block]:
    """The answer that a share button stands under, as it is now."""
    kind, _, rest = value.partition(" ")
    if kind == "one":
        return cards.card(words, case(session, rest, services.today()))
    if kind == "list":
        return _page(session, services, words, rest)
    return messages.portfolio(words, portfolio(session, services.today()))


def _page(session: Session, services: Services, words: Words, value: str) -> list[Block]:
    number, _, text = value.partition(" ")
    wanted = parse_filter(text)
    page = list_page(session, wanted, services.today(), number=int(number), size=messages.PAGE_SIZE)
    return messages.listing(words, wanted, page, services.today())
