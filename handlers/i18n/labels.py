"""English words for the record's vocabulary; the catalogues translate them (docs/field.md, section 10)."""

from db.domain.enums import Delivery, Group, Headline, Response, UpdateKind
from db.errors import sentence

HEADLINES = {
    Headline.WITHDRAWN: sentence("Withdrawn"),
    Headline.REJECTED: sentence("Rejected"),
    Headline.LAPSED: sentence("Lapsed"),
    Headline.CLOSED: sentence("Closed"),
    Headline.DELIVERED: sentence("Delivered"),
    Headline.ON_HOLD: sentence("On hold"),
    Headline.APPROVAL_REPORTED: sentence("Approval reported, letter not seen"),
    Headline.EXTENSION_PENDING: sentence("Expired, extension pending"),
    Headline.APPROVED: sentence("Approved"),
    Headline.EXPIRED: sentence("Expired"),
    Headline.UNDER_REVIEW: sentence("Under review"),
    Headline.SUBMITTED: sentence("Submitted"),
    Headline.NO_RECORD: sentence("Nothing on record"),
}
KINDS = {
    UpdateKind.SUBMITTED: sentence("Request submitted"),
    UpdateKind.CIRCULATED: sentence("Circulated (no-objection procedure)"),
    UpdateKind.HOLD: sentence("Hold"),
    UpdateKind.HOLD_LIFTED: sentence("Hold lifted"),
    UpdateKind.APPROVAL_REPORTED: sentence("Approval reported"),
    UpdateKind.APPROVED: sentence("Exemption approved"),
    UpdateKind.EXTENSION_REQUESTED: sentence("Extension requested"),
    UpdateKind.EXTENDED: sentence("Exemption extended"),
    UpdateKind.AMENDED: sentence("Exemption amended"),
    UpdateKind.REJECTED: sentence("Request rejected"),
    UpdateKind.WITHDRAWN: sentence("Request withdrawn"),
    UpdateKind.LAPSED: sentence("Request lapsed"),
    UpdateKind.NOTIFIED: sentence("Implementing agency notified"),
    UpdateKind.CLEARANCE: sentence("Clearance"),
    UpdateKind.SHIPPED: sentence("Consignment shipped"),
    UpdateKind.DELIVERED: sentence("Consignment delivered"),
    UpdateKind.CLOSED: sentence("Project closed"),
    UpdateKind.ACCEPTED: sentence("Accepted by the DPRK"),
    UpdateKind.DECLINED: sentence("Declined by the DPRK"),
    UpdateKind.NO_RESPONSE: sentence("No response from the DPRK"),
    UpdateKind.NOTE: sentence("Note"),
}
GROUPS = {
    Group.GYEONGGI: sentence("Gyeonggi Province"),
    Group.KR_PRIVATE: sentence("South Korean private organisations"),
    Group.IO: sentence("International organisations"),
    Group.NGO: sentence("NGOs of other countries"),
}
RESPONSES = {
    Response.UNKNOWN: sentence("not known"),
    Response.NO_RESPONSE: sentence("no response"),
    Response.ACCEPTED: sentence("accepted"),
    Response.DECLINED: sentence("declined"),
}
DELIVERY = {
    Delivery.NOT_STARTED: sentence("nothing shipped on record"),
    Delivery.SHIPPED: sentence("shipped"),
    Delivery.DELIVERED: sentence("delivered"),
    Delivery.CLOSED: sentence("closed"),
}
BASES = frozenset({sentence("press estimate")})
"""What the amounts of the data that ships rest on; other words are shown as they were typed."""
