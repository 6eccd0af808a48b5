"""What comes next for a project and who acts, by where it stands (docs/field.md, sections 2 to 5)."""

from db.domain.enums import Headline
from db.errors import sentence

_STEPS = {
    Headline.NO_RECORD: sentence("nothing is known of a request; the applicant submits one to the Committee."),
    Headline.SUBMITTED: sentence("the Committee's Chair circulates the request under the no-objection procedure."),
    Headline.UNDER_REVIEW: sentence(
        "unanimous approval by the Council's 15 members is still to come, any of whom may "
        "place a hold; then the Chair's letter, and notice to the implementing agency."
    ),
    Headline.ON_HOLD: sentence("every holder has to lift its hold; no reason has to be given and no end is fixed."),
    Headline.APPROVAL_REPORTED: sentence(
        "the Chair's letter. Until it is seen, nothing is confirmed and nothing may ship."
    ),
    Headline.APPROVED: sentence(
        "the applicant ships before the end. National clearances, a payment route and "
        "Pyongyang's consent are separate from this approval."
    ),
    Headline.EXTENSION_PENDING: sentence("the Committee decides on the extension; nothing may ship in the gap."),
    Headline.EXPIRED: sentence("nothing may ship. The applicant may ask for an extension, also after the end."),
    Headline.DELIVERED: sentence("the applicant reports and closes the project."),
    Headline.CLOSED: sentence("nothing; the project is closed."),
    Headline.WITHDRAWN: sentence("nothing; what comes after a withdrawal is a new request."),
    Headline.REJECTED: sentence("nothing; what comes after a rejection is a new request."),
    Headline.LAPSED: sentence("nothing; what comes after a lapse is a new request."),
}


def next_step(headline: Headline) -> str:
    """The English sentence for what comes next."""
    return _STEPS[headline]
