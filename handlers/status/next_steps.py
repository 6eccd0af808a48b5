"""The "what comes next" of a project and who acts, in sentences of what is on record (docs/field.md, section 14)."""

from db.domain.dates import UNKNOWN
from db.domain.enums import ClearanceOutcome, Headline, UpdateKind
from db.domain.project_status import ProjectStatus, Round, Statement
from db.errors import N_
from handlers.i18n.translator import Translator

BY_HEADLINE = {
    Headline.NO_RECORD: N_("No request is on record. An applicant submits one, through a member state or directly."),
    Headline.SUBMITTED: N_(
        "As of {date}, the request is submitted and no circulation is on record. The Committee's Chair circulates a "
        "proposed letter."
    ),
    Headline.UNDER_REVIEW: N_(
        "As of {date}, no decision is on record. The Committee decides by consensus of its 15 members, so that one hold "
        "stops it; the Chair's letter follows."
    ),
    Headline.ON_HOLD: N_(
        "As of {date}, a hold is open, and one hold stops the request. The member behind it can lift it; how long a "
        "hold can last is not known."
    ),
    Headline.APPROVAL_REPORTED: N_(
        "As of {date}, approval is reported and no letter is on record. Next is the Chair's letter: find it and "
        "record it."
    ),
    Headline.APPROVED: N_(
        "An exemption in force is on record. Clearances, a way to pay and acceptance by the DPRK are separate from it."
    ),
    Headline.APPROVED_END_UNKNOWN: N_(
        "An exemption is on record, its end is not. The letter gives it: find it and record it with "
        "`/aid-update #{letter} differ until:DATE`."
    ),
    Headline.EXTENSION_PENDING: N_("No exemption in force is on record. The Committee decides on the extension."),
    Headline.EXPIRED: N_(
        "No exemption in force is on record. More time is for the applicant to ask; the Committee has extended an "
        "exemption after its end before."
    ),
    Headline.DELIVERED: N_("All is delivered on record. Record `closed` when the project is over."),
    Headline.CLOSED: N_("Nothing: the project is closed."),
    Headline.WITHDRAWN: N_("Nothing: the request was withdrawn. A new request is a project of its own."),
    Headline.REJECTED: N_("Nothing: the request was rejected. A new request is a project of its own."),
    Headline.LAPSED: N_("Nothing: the request lapsed. A new request is a project of its own."),
}
BY_ROUND = {
    UpdateKind.EXTENSION_REQUESTED: N_("An extension is asked for (#{number}), and no decision on it is on record."),
    UpdateKind.AMENDMENT_REQUESTED: N_("An amendment is asked for (#{number}), and no decision on it is on record."),
}
BY_OUTCOME = {
    ClearanceOutcome.REFUSED: N_("Clearance refused: {authorities}."),
    ClearanceOutcome.ASKED: N_("Clearance asked for, to be decided by {authorities}."),
}
_OVER = frozenset({Headline.CLOSED, Headline.WITHDRAWN, Headline.REJECTED, Headline.LAPSED})


def next_steps(translator: Translator, standing: ProjectStatus, stated: Statement) -> str:
    """Render what is on record and who acts next, with pending rounds and open or refused clearances, as mrkdwn."""
    letter = standing.governing_letter
    sentences = [
        translator.mrkdwn(
            BY_HEADLINE[stated.headline], date=stated.as_of or UNKNOWN, letter=letter.number if letter else None
        )
    ]
    if stated.headline in _OVER:
        return sentences[0]
    sentences += [
        translator.mrkdwn(BY_ROUND[each.kind], number=each.requested.number)
        for each in standing.pending_rounds
        if not _said(each, stated.headline)
    ]
    for outcome, text in BY_OUTCOME.items():
        authorities = [each.authority or "" for each in standing.latest_clearances if each.outcome is outcome]
        if authorities:
            sentences.append(translator.mrkdwn(text, authorities=", ".join(authorities)))
    return " ".join(sentences)


def _said(pending: Round, headline: Headline) -> bool:
    """Return True if the headline's own sentence speaks of the round."""
    return headline is Headline.EXTENSION_PENDING and pending.kind is UpdateKind.EXTENSION_REQUESTED
