"""Figures over many projects as blocks: each with how many it rests on and how many were not known."""

from db.reports.statistics import UNKNOWN_YEAR, Days, Figures, HoldFigures, Median, Share
from db.search.filter import Filter
from handlers.blocks.blockkit import Block, bar_chart, context, divider, fit, header, sections
from handlers.blocks.formatting import left_out
from handlers.i18n.translator import Words

MOST_HOLDERS = 10
FEWEST_BARS, MOST_BARS = 2, 20


def figures(words: Words, found: Figures, wanted: Filter) -> list[Block]:
    """The answer to ``/aid-status figures``."""
    blocks = [header(words.count("Figures over {number} project", "Figures over {number} projects", found.projects))]
    if wanted.text:
        blocks.append(context(words.say("Filter: `{filter}`", filter=wanted.text)))
    blocks += sections(_decision(words, found))
    blocks += _decision_chart(words, found)
    blocks.append(divider())
    blocks += sections(_holds(words, found))
    blocks.append(divider())
    blocks += sections(_expired(words, found))
    blocks.append(context(_footer(words, found)))
    return fit(blocks, left_out(words))


def _decision(words: Words, found: Figures) -> str:
    lines = [words.say("*From the request to the letter* (median)"), _median(words, found.decision)]
    lines += [f"• {words.group(group)}: {_median(words, one)}" for group, one in found.decision_by_group]
    lines += [f"• {_year(words, year)}: {_median(words, one)}" for year, one in found.decision_by_year]
    return "\n".join(lines)


def _decision_chart(words: Words, found: Figures) -> list[Block]:
    """The medians by year as Slack draws them, where there is more than one year."""
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


def _holds(words: Words, found: Figures) -> str:
    lines = [words.say("*How long holds last*")]
    lines += [_holder(words, one) for one in found.holds[:MOST_HOLDERS]]
    if not found.holds:
        lines.append(words.say("No hold is on record."))
    if len(found.holds) > MOST_HOLDERS:
        lines.append(words.say("… and {count} more holders", count=len(found.holds) - MOST_HOLDERS))
    return "\n".join(lines)


def _holder(words: Words, one: HoldFigures) -> str:
    rests = words.say("official") if one.official else words.say("reported, not confirmed")
    parts = []
    if one.lifted.n or one.lifted.unknown:
        parts.append(words.say("lifted: {median}", median=_median(words, one.lifted)))
    if one.open and one.longest is not None:
        still = words.count("{number} still open", "{number} still open", one.open)
        parts.append(words.say("{still}, the oldest for at least {days} days", still=still, days=one.longest))
    elif one.open:
        parts.append(words.count("{number} still open", "{number} still open", one.open))
    if one.lift_reported:
        parts.append(
            words.count("for {number} a lift is reported", "for {number} a lift is reported", one.lift_reported)
        )
    return f"• *{words.holder(one.holder)}* ({rests}): " + "; ".join(parts)


def _expired(words: Words, found: Figures) -> str:
    lines = [words.say("*Expired with no delivery on record*"), _share(words, found.expired)]
    lines += [f"• {words.group(group)}: {_share(words, one)}" for group, one in found.expired_by_group]
    lines += [f"• {_year(words, year)}: {_share(words, one)}" for year, one in found.expired_by_year]
    if found.expired.unknown:
        lines.append(
            words.count(
                "_{number} exemption whose end is not known is not counted_",
                "_{number} exemptions whose end is not known are not counted_",
                found.expired.unknown,
            )
        )
    return "\n".join(lines)


def _median(words: Words, one: Median) -> str:
    if one.days is None and not one.unknown:
        return words.say("nothing to count yet")
    if one.days is None:
        return words.count(
            "not known (dates are missing for {number})", "not known (dates are missing for {number})", one.unknown
        )
    text = words.say("{days} (n = {n})", days=days(words, one.days), n=one.n)
    if one.unknown:
        text += " · " + words.count("{number} not known", "{number} not known", one.unknown)
    return text


def _share(words: Words, one: Share) -> str:
    if not one.n:
        return words.say("nothing to count yet")
    return words.say("{part} of {n}", part=one.undelivered, n=one.n)


def days(words: Words, span: Days) -> str:
    """Days, or a range of days where a date is not exact."""
    if span.low == span.high:
        return words.count("{number} day", "{number} days", span.low)
    return words.say("{low} to {high} days", low=span.low, high=span.high)


def _year(words: Words, year: str) -> str:
    return words.say("year not known") if year == UNKNOWN_YEAR else year


def _footer(words: Words, found: Figures) -> str:
    as_of = words.date(found.as_of) if found.as_of else words.say("date not known")
    return words.say(
        "From the updates on record as of {as_of}, counted on {today} in New York. A date that is not exact gives a range. "
        "No delivery on record does not mean that nothing arrived.",
        as_of=as_of,
        today=words.date(found.today),
    )
