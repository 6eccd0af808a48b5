"""Parts of the portfolio, which an answer and the board of a channel share."""

from datetime import date

from db.domain.enums import Headline
from db.reports.portfolio import NeedsAttention, Portfolio
from db.updates.history import RecentChange
from handlers.blocks import formatting
from handlers.blocks.blockkit import LIMITS, Block, context, fields, header, sections
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import Markup, escape

WITHOUT_LETTER = frozenset(
    {Headline.NO_RECORD, Headline.SUBMITTED, Headline.UNDER_REVIEW, Headline.ON_HOLD, Headline.APPROVAL_REPORTED}
)
"""Headlines of requests that are not decided."""


def title(translator: Translator, whole: Portfolio) -> Block:
    return header(
        translator.plural(
            "{number} aid project · 1718 Committee exemptions",
            "{number} aid projects · 1718 Committee exemptions",
            whole.total,
        )
    )


def summary(translator: Translator, whole: Portfolio) -> list[Block]:
    return [
        context(_basis(translator, whole)),
        *sections(_bottom_line(translator, whole)),
        *fields(_counts(translator, whole)),
    ]


def activity(translator: Translator, whole: Portfolio) -> list[Block]:
    latest = [_latest(translator, each, whole) for each in whole.latest]
    title = [translator.mrkdwn("*Latest changes*")] if latest else []
    return [*sections("\n".join(_attention(translator, whole))), *sections("\n".join([*title, *latest]))]


def _bottom_line(translator: Translator, whole: Portfolio) -> str:
    most = sorted(whole.by_headline, key=lambda each: -each[1])[:2]
    said = [
        translator.mrkdwn("{number} {headline}", number=number, headline=translator.headline(headline).lower())
        for headline, number in most
    ]
    if len(whole.by_headline) == 1:
        rows = [translator.mrkdwn("*All {counted}.*", counted=said[0])]
    else:
        rows = [translator.mrkdwn("*Of {total}: {counted}.*", total=whole.total, counted=", ".join(said))]
    if whole.lift_reported == whole.total:
        rows.append(translator.mrkdwn("For all, a lift of the hold is reported, not confirmed."))
    elif whole.lift_reported:
        text = translator.mrkdwn(
            "Projects for which a lift of the hold is reported, not confirmed: {number}.", number=whole.lift_reported
        )
        rows.append(text)
    if all(headline in WITHOUT_LETTER for headline, _ in whole.by_headline):
        rows.append(translator.mrkdwn("No letter of approval is on record."))
    return " ".join(rows)


def _counts(translator: Translator, whole: Portfolio) -> list[str]:
    rows = [
        f"{formatting.mark(headline)} {translator.headline(headline)} *{count}*"
        for headline, count in whole.by_headline
    ]
    if whole.ending_soon:
        rows.append(translator.mrkdwn("⏳ Expire within 90 days *{number}*", number=whole.ending_soon))
    title = translator.mrkdwn("DPRK response:")
    responses = [f"{title} {translator.response(each)} *{count}*" for each, count in whole.by_response]
    return [*rows[: LIMITS["fields"] - len(responses)], *responses]


def _attention(translator: Translator, whole: Portfolio) -> list[str]:
    if not whole.attention:
        return []
    rows = [f"• *{escape(each.ref)}* {_waits(translator, each, whole.today)}" for each in whole.attention]
    return [translator.mrkdwn("*Needs attention*"), *rows]


def _waits(translator: Translator, each: NeedsAttention, today: date) -> str:
    if each.valid_until is None and each.reported is None:
        return translator.mrkdwn("approval reported, no letter on record")
    if each.reported:
        days = max(0, (today - each.reported).days)
        return translator.plural(
            "approval reported {number} day ago, no letter on record",
            "approval reported {number} days ago, no letter on record",
            days,
        )
    text = formatting.validity(translator, each.valid_until, today)
    return text if each.shipped else translator.mrkdwn("{end}, no shipment on record", end=Markup(text))


def _latest(translator: Translator, each: RecentChange, whole: Portfolio) -> str:
    update = each.update
    parts = [
        formatting.head(translator, update),
        formatting.concerned(translator, each, whole.total),
        formatting.confidence(translator, update),
        f"`#{update.number}`",
    ]
    return "• " + " · ".join(parts)


def _basis(translator: Translator, whole: Portfolio) -> str:
    named = ", ".join(formatting.dated_source(translator, each) for each in whole.sources)
    parts = [formatting.as_of(translator, whole.as_of, whole.today), named or translator.mrkdwn("no source given")]
    return " · ".join([*parts, *([translator.mrkdwn("press, not confirmed")] if whole.press else [])])
