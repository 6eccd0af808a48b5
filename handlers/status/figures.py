"""Figures over many projects as blocks: each with how many it rests on and how many were not known."""

from db.reports.statistics import UNKNOWN_YEAR, DayRange, HoldFigures, MedianRange, Statistics, UndeliveredShare
from db.search.filter import Filter
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, bar_chart, context, divider, fit, header, sections
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import Markup

MOST_HOLDERS = 10
FEWEST_BARS, MOST_BARS = 3, 20


def figures(translator: Translator, statistics: Statistics, project_filter: Filter) -> list[Block]:
    number = statistics.projects
    blocks = [
        header(translator.plural("Figures for {number} project", "Figures for {number} projects", number)),
        *([context(formatting.filter_echo(translator, project_filter))] if project_filter.text else []),
        *sections(_decision(translator, statistics)),
        *_decision_chart(translator, statistics),
        divider(),
        *sections(_holds(translator, statistics)),
        divider(),
        *sections(_expired(translator, statistics)),
        context(_footer(translator, statistics)),
    ]
    return fit(translator, blocks)


def _decision(translator: Translator, statistics: Statistics) -> str:
    lines = [translator.mrkdwn("*Time from request to letter* (median)"), _median(translator, statistics.decision)]
    groups = [(translator.group(group), _median(translator, one)) for group, one in statistics.decision_by_group]
    years = [(_year(translator, year), _median(translator, one)) for year, one in statistics.decision_by_year]
    return "\n".join([*lines, *_by(translator, groups, years)])


def _by(translator: Translator, groups: list[tuple[str, str]], years: list[tuple[str, str]]) -> list[str]:
    return [
        line
        for heading, rows in (
            (translator.mrkdwn("_By group_"), groups),
            (translator.mrkdwn("_By year of the letter_"), years),
        )
        if rows
        for line in (heading, *(f"• {name}: {figure}" for name, figure in rows))
    ]


def _decision_chart(translator: Translator, statistics: Statistics) -> list[Block]:
    """Return the medians by year as Slack draws them, where there are some; one bar each where no date is inexact."""
    years = [(year, one.days) for year, one in statistics.decision_by_year if year != UNKNOWN_YEAR and one.days]
    if len(years) < FEWEST_BARS:
        return []
    shown = years[-MOST_BARS:]
    least, most = ({year: getattr(one, end) for year, one in shown} for end in ("low", "high"))
    bars = {translator.plain("at least"): least, translator.plain("at most"): most}
    return bar_chart(
        translator.plain("Median days from request to letter"),
        {translator.plain("Days"): least} if least == most else bars,
        (translator.plain("Year of the letter"), translator.plain("Days")),
    )


def _holds(translator: Translator, statistics: Statistics) -> str:
    lines = [translator.mrkdwn("*How long holds last*")]
    lines += [_holder(translator, one) for one in statistics.holds[:MOST_HOLDERS]]
    if not statistics.holds:
        lines.append(translator.mrkdwn("No hold is on record."))
    if len(statistics.holds) > MOST_HOLDERS:
        lines.append(translator.mrkdwn("… and {count} more holders", count=len(statistics.holds) - MOST_HOLDERS))
    return "\n".join(lines)


def _holder(translator: Translator, one: HoldFigures) -> str:
    rests = translator.mrkdwn("official") if one.official else translator.mrkdwn("reported, not confirmed")
    parts = []
    if one.lifted.n or one.lifted.unknown:
        parts.append(translator.mrkdwn("time to lift: {median}", median=_median(translator, one.lifted)))
    if one.open:
        still = translator.plural("{number} still open", "{number} still open", one.open)
        text = translator.mrkdwn("{still}, the oldest for at least {days} days", still=still, days=one.longest)
        parts.append(still if one.longest is None else text)
    if one.lift_reported:
        parts.append(
            translator.plural("for {number} a lift is reported", "for {number} a lift is reported", one.lift_reported)
        )
    return f"• *{translator.holder(one.holder)}* ({rests}): " + "; ".join(parts)


def _expired(translator: Translator, statistics: Statistics) -> str:
    lines = [translator.mrkdwn("*Expired without a delivery on record*"), _share(translator, statistics.expired)]
    groups = [(translator.group(group), _share(translator, one)) for group, one in statistics.expired_by_group]
    years = [(_year(translator, year), _share(translator, one)) for year, one in statistics.expired_by_year]
    lines += _by(translator, groups, years)
    if statistics.expired.unknown:
        lines.append(
            translator.plural(
                "_{number} exemption whose end is not known is not counted_",
                "_{number} exemptions whose end is not known are not counted_",
                statistics.expired.unknown,
            )
        )
    return "\n".join(lines)


def _median(translator: Translator, one: MedianRange) -> str:
    if one.days is None and not one.unknown:
        return translator.mrkdwn("nothing to count yet")
    if one.days is None:
        return translator.plural(
            "not known (dates are missing for {number})", "not known (dates are missing for {number})", one.unknown
        )
    text = translator.plural(
        "{days} (from {number} request)",
        "{days} (from {number} requests)",
        one.n,
        days=Markup(days(translator, one.days)),
    )
    if one.unknown:
        text += " · " + translator.plural("{number} not known", "{number} not known", one.unknown)
    return text


def _share(translator: Translator, one: UndeliveredShare) -> str:
    if not one.n:
        return translator.mrkdwn("nothing to count yet")
    return translator.mrkdwn("{part} of {n}", part=one.undelivered, n=one.n)


def days(translator: Translator, span: DayRange) -> str:
    if span.low == span.high:
        return translator.plural("{number} day", "{number} days", span.low)
    return translator.mrkdwn("{low} to {high} days", low=span.low, high=span.high)


def _year(translator: Translator, year: str) -> str:
    return translator.mrkdwn("year not known") if year == UNKNOWN_YEAR else year


def _footer(translator: Translator, statistics: Statistics) -> str:
    as_of = translator.date(statistics.as_of) if statistics.as_of else translator.mrkdwn("date not known")
    return translator.mrkdwn(
        "Based on updates recorded as of {as_of}; counted {today} (New York). Inexact dates give ranges. “No "
        "delivery on record” does not mean that nothing arrived.",
        as_of=as_of,
        today=translator.date(statistics.today),
    )
