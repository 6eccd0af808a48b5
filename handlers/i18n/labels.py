"""English words for the record's vocabulary; the catalogues translate them (docs/field.md, section 10)."""

from db.domain.enums import DeliveryStatus, Group, Headline, Response, UpdateKind
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
    UpdateKind.NOTE: N_("Note"),
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
    DeliveryStatus.DELIVERED: N_("delivered"),
    DeliveryStatus.CLOSED: N_("closed"),
}
BASES = frozenset({N_("press estimate")})
"""What the amounts of the data that ships rest on; other words are shown as they were typed."""
