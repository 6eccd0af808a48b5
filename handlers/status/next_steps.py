"""Next step of a project and who acts, by its status (docs/field.md, sections 2 to 5)."""

from db.domain.enums import Headline
from db.errors import N_

_STEPS = {
    Headline.NO_RECORD: N_("nothing is known of a request; the applicant submits one to the Committee."),
    Headline.SUBMITTED: N_("the Committee's Chair circulates the request under the no-objection procedure."),
    Headline.UNDER_REVIEW: N_(
        "unanimous approval by the Council's 15 members is still to come, any of whom may "
        "place a hold; then the Chair's letter, and notice to the implementing agency."
    ),
    Headline.ON_HOLD: N_("every holder has to lift its hold; no reason has to be given and no end is fixed."),
    Headline.APPROVAL_REPORTED: N_("the Chair's letter. Until it is seen, nothing is confirmed and nothing may ship."),
    Headline.APPROVED: N_(
        "the applicant ships before the end. National clearances, a payment route and "
        "Pyongyang's consent are separate from this approval."
    ),
    Headline.EXTENSION_PENDING: N_("the Committee decides on the extension; nothing may ship in the gap."),
    Headline.EXPIRED: N_("nothing may ship. The applicant may ask for an extension, also after the end."),
    Headline.DELIVERED: N_("the applicant reports and closes the project."),
    Headline.CLOSED: N_("nothing; the project is closed."),
    Headline.WITHDRAWN: N_("nothing; what comes after a withdrawal is a new request."),
    Headline.REJECTED: N_("nothing; what comes after a rejection is a new request."),
    Headline.LAPSED: N_("nothing; what comes after a lapse is a new request."),
}


def next_step(headline: Headline) -> str:
    """Return the English sentence for what comes next."""
    return _STEPS[headline]
