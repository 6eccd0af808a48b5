"""English words for the record's vocabulary; the catalogues translate them (docs/field.md, section 10)."""

from db.domain.enums import (
    ClearanceOutcome,
    DeliveryStatus,
    Group,
    Headline,
    OrganisationRole,
    Response,
    Stance,
    UpdateKind,
)
from db.errors import N_

HEADLINES = {
    Headline.WITHDRAWN: N_("Withdrawn"),
    Headline.REJECTED: N_("Rejected"),
    Headline.LAPSED: N_("Lapsed"),
    Headline.CLOSED: N_("Closed"),
    Headline.DELIVERED: N_("Delivered"),
    Headline.ON_HOLD: N_("On hold"),
    Headline.APPROVAL_REPORTED: N_("Approval reported, letter not seen"),
    Headline.EXTENSION_PENDING: N_("Expired, extension pending"),
    Headline.APPROVED: N_("Approved"),
    Headline.APPROVED_END_UNKNOWN: N_("Approved, end not known"),
    Headline.EXPIRED: N_("Expired"),
    Headline.UNDER_REVIEW: N_("Under review"),
    Headline.SUBMITTED: N_("Submitted"),
    Headline.NO_RECORD: N_("Nothing on record"),
}
KINDS = {
    UpdateKind.SUBMITTED: N_("Request submitted"),
    UpdateKind.CIRCULATED: N_("Circulated (no-objection procedure)"),
    UpdateKind.HOLD: N_("Hold"),
    UpdateKind.HOLD_LIFTED: N_("Hold lifted"),
    UpdateKind.APPROVAL_REPORTED: N_("Approval reported"),
    UpdateKind.APPROVED: N_("Exemption approved"),
    UpdateKind.EXTENSION_REQUESTED: N_("Extension requested"),
    UpdateKind.EXTENDED: N_("Exemption extended"),
    UpdateKind.AMENDMENT_REQUESTED: N_("Amendment requested"),
    UpdateKind.AMENDED: N_("Exemption amended"),
    UpdateKind.REJECTED: N_("Request rejected"),
    UpdateKind.WITHDRAWN: N_("Request withdrawn"),
    UpdateKind.LAPSED: N_("Request lapsed"),
    UpdateKind.NOTIFIED: N_("Implementing agency notified"),
    UpdateKind.CLEARANCE: N_("Clearance"),
    UpdateKind.SHIPPED: N_("Consignment shipped"),
    UpdateKind.DELIVERED: N_("Consignment delivered"),
    UpdateKind.CLOSED: N_("Project closed"),
    UpdateKind.ACCEPTED: N_("Accepted by the DPRK"),
    UpdateKind.DECLINED: N_("Declined by the DPRK"),
    UpdateKind.NO_RESPONSE: N_("No response from the DPRK"),
    UpdateKind.POSITION: N_("Position of a member"),
    UpdateKind.NOTE: N_("Note"),
}
STANCES = {
    Stance.OPPOSES: N_("opposes"),
    Stance.ASKS_TIME: N_("asks for time"),
    Stance.NO_OBJECTION: N_("does not object"),
    Stance.SUPPORTS: N_("supports"),
}
OUTCOMES = {
    ClearanceOutcome.ASKED: N_("asked for"),
    ClearanceOutcome.GRANTED: N_("granted"),
    ClearanceOutcome.REFUSED: N_("refused"),
    ClearanceOutcome.NOT_NEEDED: N_("not needed"),
    None: N_("outcome not stated"),
}
ROLES = {
    OrganisationRole.IMPLEMENTER: N_("Implementer"),
    OrganisationRole.APPLICANT: N_("Applicant"),
    OrganisationRole.SUBMITTER: N_("Submitter"),
    OrganisationRole.FUNDER: N_("Funder"),
    OrganisationRole.PARTNER: N_("Partner"),
}
GROUPS = {
    Group.GYEONGGI: N_("Gyeonggi Province"),
    Group.KR_PRIVATE: N_("South Korean private organisations"),
    Group.IO: N_("International organisations"),
    Group.NGO: N_("NGOs of other countries"),
}
RESPONSES = {
    Response.UNKNOWN: N_("not known"),
    Response.NO_RESPONSE: N_("no response"),
    Response.ACCEPTED: N_("accepted"),
    Response.DECLINED: N_("declined"),
}
DELIVERY = {
    DeliveryStatus.NOT_STARTED: N_("nothing shipped on record"),
    DeliveryStatus.SHIPPED: N_("shipped"),
    DeliveryStatus.PARTLY_DELIVERED: N_("partly delivered"),
    DeliveryStatus.DELIVERED: N_("delivered"),
    DeliveryStatus.CLOSED: N_("closed"),
}
BASES = frozenset({N_("press estimate")})
"""What the amounts of the data that ships rest on; other words are shown as they were typed."""
