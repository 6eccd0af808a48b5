"""The field's words that the record stores and people type: kinds of update, headlines, groups, kinds of source."""

from enum import StrEnum


class UpdateKind(StrEnum):
    SUBMITTED = "submitted"
    CIRCULATED = "circulated"
    HOLD = "hold"
    HOLD_LIFTED = "hold-lifted"
    APPROVAL_REPORTED = "approval-reported"
    APPROVED = "approved"
    EXTENSION_REQUESTED = "extension-requested"
    EXTENDED = "extended"
    AMENDMENT_REQUESTED = "amendment-requested"
    AMENDED = "amended"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    NOTIFIED = "notified"
    CLEARANCE = "clearance"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CLOSED = "closed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NO_RESPONSE = "no-response"
    POSITION = "position"
    NOTE = "note"


class Headline(StrEnum):
    """Status of a project in one word; the first in this order that applies is taken."""

    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    CLOSED = "closed"
    DELIVERED = "delivered"
    ON_HOLD = "on-hold"
    APPROVAL_REPORTED = "approval-reported"
    EXTENSION_PENDING = "extension-pending"
    APPROVED = "approved"
    APPROVED_END_UNKNOWN = "approved-end-unknown"
    EXPIRED = "expired"
    UNDER_REVIEW = "under-review"
    SUBMITTED = "submitted"
    NO_RECORD = "no-record"


class Group(StrEnum):
    """The circles that the projects belong to."""

    GYEONGGI = "gyeonggi"
    KR_PRIVATE = "kr-private"
    IO = "io"
    NGO = "ngo"


class SourceKind(StrEnum):
    """Kind of source behind a statement, strongest first (rule 1)."""

    LETTER = "letter"
    GOVERNMENT = "government"
    REPORTED_LETTER = "reported-letter"
    APPLICANT = "applicant"
    PRESS = "press"
    ANONYMOUS = "anonymous"
    NOT_STATED = "not-stated"


class Stance(StrEnum):
    """Position of a member of the Council on a request; it opens and closes nothing (rule 3)."""

    OPPOSES = "opposes"
    ASKS_TIME = "asks-time"
    NO_OBJECTION = "no-objection"
    SUPPORTS = "supports"


class ClearanceOutcome(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    NOT_NEEDED = "not-needed"


class OrganisationRole(StrEnum):
    IMPLEMENTER = "implementer"
    APPLICANT = "applicant"
    SUBMITTER = "submitter"
    FUNDER = "funder"
    PARTNER = "partner"


class ActingParty(StrEnum):
    COMMITTEE = "committee"
    MEMBER = "member"
    APPLICANT = "applicant"
    DPRK = "dprk"
    AUTHORITY = "authority"
    UNSTATED = "unstated"


class Response(StrEnum):
    """Answer of the DPRK; unknown until something is recorded."""

    UNKNOWN = "unknown"
    NO_RESPONSE = "no-response"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class DeliveryStatus(StrEnum):
    """Progress of the goods."""

    NOT_STARTED = "not-started"
    SHIPPED = "shipped"
    PARTLY_DELIVERED = "partly-delivered"
    DELIVERED = "delivered"
    CLOSED = "closed"


class Visibility(StrEnum):
    PUBLIC = "public"
    WITHHELD = "withheld"


class Role(StrEnum):
    MEMBER = "member"
    ADMIN = "admin"


UNDISCLOSED = "undisclosed"  # the holder when no Council member is named

UNIDENTIFIED = "unidentified"  # the predecessor when one exists but is not known

# Headlines under which the end of an exemption is a deadline: until the project is closed (rule 8).
WITH_DEADLINE = frozenset({Headline.APPROVED, Headline.DELIVERED})
ENDINGS = frozenset({UpdateKind.REJECTED, UpdateKind.WITHDRAWN, UpdateKind.LAPSED})
LETTERS = frozenset({UpdateKind.APPROVED, UpdateKind.EXTENDED, UpdateKind.AMENDED})
DECISIONS = LETTERS | {UpdateKind.REJECTED}
ROUND_REQUESTS = frozenset({UpdateKind.EXTENSION_REQUESTED, UpdateKind.AMENDMENT_REQUESTED})
CONSIGNMENT_KINDS = frozenset({UpdateKind.SHIPPED, UpdateKind.DELIVERED})
# What the applicant does itself; its own word is official for these only (rule 1).
APPLICANT_KINDS = ROUND_REQUESTS | CONSIGNMENT_KINDS | {UpdateKind.SUBMITTED, UpdateKind.WITHDRAWN, UpdateKind.CLOSED}
OF_A_MEMBER = frozenset({UpdateKind.HOLD, UpdateKind.HOLD_LIFTED, UpdateKind.POSITION})
STEPS_OF_A_ROUND = frozenset({UpdateKind.CIRCULATED, UpdateKind.HOLD, UpdateKind.APPROVAL_REPORTED, *ENDINGS})
# The steps that rest on each; where dates leave their order open, what was recorded first came first.
LEADS_TO: dict[UpdateKind, frozenset[UpdateKind]] = {
    UpdateKind.CIRCULATED: LETTERS,
    UpdateKind.HOLD: LETTERS | {UpdateKind.HOLD_LIFTED, UpdateKind.APPROVAL_REPORTED},
    UpdateKind.HOLD_LIFTED: LETTERS,
    UpdateKind.APPROVAL_REPORTED: LETTERS,
    UpdateKind.APPROVED: ROUND_REQUESTS | {UpdateKind.EXTENDED, UpdateKind.AMENDED},
    UpdateKind.EXTENSION_REQUESTED: STEPS_OF_A_ROUND | {UpdateKind.EXTENDED},
    UpdateKind.AMENDMENT_REQUESTED: STEPS_OF_A_ROUND | {UpdateKind.AMENDED},
}

RESPONSES = {
    UpdateKind.ACCEPTED: Response.ACCEPTED,
    UpdateKind.DECLINED: Response.DECLINED,
    UpdateKind.NO_RESPONSE: Response.NO_RESPONSE,
}
_ACTS = {
    ActingParty.APPLICANT: APPLICANT_KINDS,
    ActingParty.COMMITTEE: DECISIONS
    | {UpdateKind.CIRCULATED, UpdateKind.APPROVAL_REPORTED, UpdateKind.LAPSED, UpdateKind.NOTIFIED},
    ActingParty.MEMBER: OF_A_MEMBER,
    ActingParty.DPRK: RESPONSES.keys(),
    ActingParty.AUTHORITY: {UpdateKind.CLEARANCE},
    ActingParty.UNSTATED: {UpdateKind.NOTE},
}
ACTORS = {kind: actor for actor, kinds in _ACTS.items() for kind in kinds}
