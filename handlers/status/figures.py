"""Figures over many projects as blocks: each with how many it rests on and how many were not known."""

from db.reports.statistics import UNKNOWN_YEAR, DayRange, HoldFigures, MedianRange, Statistics, UndeliveredShare
from db.search.filter import Filter
from handlers.blocks.blockkit import Block, bar_chart, context, divider, fit, header, sections
from handlers.blocks.formatting import overflow_note
from handlers.i18n.translator import Translator

MOST_HOLDERS = 10
FEWEST_BARS, MOST_BARS = 2, 20


def figures(words: Translator, found: Statistics, wanted: Filter) -> list[Block]:
    """Return the answer to ``/aid-status figures``."""
    blocks = [header(words.plural("Figures over {number} project", "Figures over {number} projects", found.projects))]
    if wanted.text:
        blocks.append(context(words.mrkdwn("Filter: `{filter}`", filter=wanted.text)))
    blocks += sections(_decision(words, found))
    blocks += _decision_chart(words, found)
    blocks.append(divider())
    blocks += sections(_holds(words, found))
    blocks.append(divider())
    blocks += sections(_expired(words, found))
    blocks.append(context(_footer(words, found)))
    return fit(blocks, overflow_note(words))


def _decision(words: Translator, found: Statistics) -> str:
    lines = [words.mrkdwn("*From the request to the letter* (median)"), _median(words, found.decision)]
    lines += [f"• {words.group(group)}: {_median(words, one)}" for group, one in found.decision_by_group]
    lines += [f"• {_year(words, year)}: {_median(words, one)}" for year, one in found.decision_by_year]
    return "\n".join(lines)


def _decision_chart(words: Translator, found: Statistics) -> list[Block]:
    """Return the medians by year as Slack draws them, where there is more than one year."""
    years = [(year, one.days) for year, one in found.decision_by_year if year != UNKNOWN_YEAR and one.days]
    if len(years) < FEWEST_BARS:
        return []
    shown = years[-MOST_BARS:]
    return bar_chart(
        words.plain("Median days from request to letter"),
        {
            words.plain("at least"): {year: one.low for year, one in shown},
            words.plain("at most"): {year: one.high for year, one in shown},
        },
        (words.plain("Year of the letter"), words.plain("Days")),
    )


def _holds(words: Translator, found: Statistics) -> str:
    lines = [words.mrkdwn("*How long holds last*")]
    lines += [_holder(words, one) for one in found.holds[:MOST_HOLDERS]]
    if not found.holds:
        lines.append(words.mrkdwn("No hold is on record."))
    if len(found.holds) > MOST_HOLDERS:
        lines.append(words.mrkdwn("… and {count} more holders", count=len(found.holds) - MOST_HOLDERS))
    return "\n".join(lines)


def _holder(words: Translator, one: HoldFigures) -> str:
    rests = words.mrkdwn("official") if one.official else words.mrkdwn("reported, not confirmed")
    parts = []
    if one.lifted.n or one.lifted.unknown:
        parts.append(words.mrkdwn("lifted: {median}", median=_median(words, one.lifted)))
    if one.open and one.longest is not None:
        still = words.plural("{number} still open", "{number} still open", one.open)
        parts.append(words.mrkdwn("{still}, the oldest for at least {days} days", still=still, days=one.longest))
    elif one.open:
        parts.append(words.plural("{number} still open", "{number} still open", one.open))
    if one.lift_reported:
        parts.append(
            words.plural("for {number} a lift is reported", "for {number} a lift is reported", one.lift_reported)
        )
    return f"• *{words.holder(one.holder)}* ({rests}): " + "; ".join(parts)


def _expired(words: Translator, found: Statistics) -> str:
    lines = [words.mrkdwn("*Expired with no delivery on record*"), _share(words, found.expired)]
    lines += [f"• {words.group(group)}: {_share(words, one)}" for group, one in found.expired_by_group]
    lines += [f"• {_year(words, year)}: {_share(words, one)}" for year, one in found.expired_by_year]
    if found.expired.unknown:
        lines.append(
            words.plural(
                "_{number} exemption whose end is not known is not counted_",
                "_{number} exemptions whose end is not known are not counted_",
                found.expired.unknown,
            )
        )
    return "\n".join(lines)


def _median(words: Translator, one: MedianRange) -> str:
    if one.days is None and not one.unknown:
        return words.mrkdwn("nothing to count yet")
    if one.days is None:
        return words.plural(
            "not known (dates are missing for {number})", "not known (dates are missing for {number})", one.unknown
        )
    text = words.mrkdwn("{days} (n = {n})", days=days(words, one.days), n=one.n)
    if one.unknown:
        text += " · " + words.plural("{number} not known", "{number} not known", one.unknown)
    return text


def _share(words: Translator, one: UndeliveredShare) -> str:
    if not one.n:
        return words.mrkdwn("nothing to count yet")
    return words.mrkdwn("{part} of {n}", part=one.undelivered, n=one.n)


def days(words: Translator, span: DayRange) -> str:
    """Render days, or a range of days if a date is not exact."""
    if span.low == span.high:
        return words.plural("{number} day", "{number} days", span.low)
    return words.mrkdwn("{low} to {high} days", low=span.low, high=span.high)


def _year(words: Translator, year: str) -> str:
    return words.mrkdwn("year not known") if year == UNKNOWN_YEAR else year


def _footer(words: Translator, found: Statistics) -> str:
    as_of = words.date(found.as_of) if found.as_of else words.mrkdwn("date not known")
    return words.mrkdwn(
        "From the updates on record as of {as_of}, counted on {today} in New York. A date that is not exact gives a range. "
        "No delivery on record does not mean that nothing arrived.",
        as_of=as_of,
        today=words.date(found.today),
    )
