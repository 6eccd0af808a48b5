"""The field's words that the record stores: kinds of update, headlines, groups, kinds of source.

Every value is the word that people type (docs/field.md tells what each means).
"""

from enum import StrEnum


class UpdateKind(StrEnum):
    """One kind of thing that happens to a request."""

    SUBMITTED = "submitted"
    CIRCULATED = "circulated"
    HOLD = "hold"
    HOLD_LIFTED = "hold-lifted"
    APPROVAL_REPORTED = "approval-reported"
    APPROVED = "approved"
    EXTENSION_REQUESTED = "extension-requested"
    EXTENDED = "extended"
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
    """Kind of source behind a statement, strongest first (rule R1)."""

    LETTER = "letter"
    GOVERNMENT = "government"
    REPORTED_LETTER = "reported-letter"
    PRESS = "press"
    ANONYMOUS = "anonymous"

    @property
    def strength(self) -> int:
        """Return the rank of a source; a greater one is stronger."""
        return -list(SourceKind).index(self)

    @property
    def official(self) -> bool:
        """Return True for letters, notices, and letters as reported; the rest is only reported."""
        return self in {SourceKind.LETTER, SourceKind.GOVERNMENT, SourceKind.REPORTED_LETTER}


class ActingParty(StrEnum):
    """Party that acted in what an update records."""

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
    DELIVERED = "delivered"
    CLOSED = "closed"


class Visibility(StrEnum):
    """Visibility of a project's name."""

    PUBLIC = "public"
    WITHHELD = "withheld"


class Role(StrEnum):
    """Role of a person."""

    MEMBER = "member"
    ADMIN = "admin"


UNDISCLOSED = "undisclosed"
"""The holder when no Council member is named."""

UNIDENTIFIED = "unidentified"
"""The predecessor when one exists but is not known."""

ENDINGS = frozenset({UpdateKind.REJECTED, UpdateKind.WITHDRAWN, UpdateKind.LAPSED})
LETTERS = frozenset({UpdateKind.APPROVED, UpdateKind.EXTENDED, UpdateKind.AMENDED})
DECISIONS = frozenset({UpdateKind.APPROVED, UpdateKind.EXTENDED, UpdateKind.AMENDED, UpdateKind.REJECTED})
LEADS_TO: dict[UpdateKind, frozenset[UpdateKind]] = {
    UpdateKind.CIRCULATED: frozenset({UpdateKind.APPROVED, UpdateKind.EXTENDED}),
    UpdateKind.HOLD: frozenset(
        {UpdateKind.HOLD_LIFTED, UpdateKind.APPROVAL_REPORTED, UpdateKind.APPROVED, UpdateKind.EXTENDED}
    ),
    UpdateKind.HOLD_LIFTED: frozenset({UpdateKind.APPROVED, UpdateKind.EXTENDED}),
    UpdateKind.APPROVAL_REPORTED: frozenset({UpdateKind.APPROVED, UpdateKind.EXTENDED}),
    UpdateKind.APPROVED: frozenset({UpdateKind.EXTENSION_REQUESTED, UpdateKind.EXTENDED, UpdateKind.AMENDED}),
    UpdateKind.EXTENSION_REQUESTED: frozenset(
        {UpdateKind.CIRCULATED, UpdateKind.HOLD, UpdateKind.APPROVAL_REPORTED, UpdateKind.EXTENDED, *ENDINGS}
    ),
}
"""Which steps before the Committee rest on which: where the dates leave it open, what was recorded first came first."""

RESPONSES = {
    UpdateKind.ACCEPTED: Response.ACCEPTED,
    UpdateKind.DECLINED: Response.DECLINED,
    UpdateKind.NO_RESPONSE: Response.NO_RESPONSE,
}
ACTORS = {
    UpdateKind.SUBMITTED: ActingParty.APPLICANT,
    UpdateKind.CIRCULATED: ActingParty.COMMITTEE,
    UpdateKind.HOLD: ActingParty.MEMBER,
    UpdateKind.HOLD_LIFTED: ActingParty.MEMBER,
    UpdateKind.APPROVAL_REPORTED: ActingParty.COMMITTEE,
    UpdateKind.APPROVED: ActingParty.COMMITTEE,
    UpdateKind.EXTENSION_REQUESTED: ActingParty.APPLICANT,
    UpdateKind.EXTENDED: ActingParty.COMMITTEE,
    UpdateKind.AMENDED: ActingParty.COMMITTEE,
    UpdateKind.REJECTED: ActingParty.COMMITTEE,
    UpdateKind.WITHDRAWN: ActingParty.APPLICANT,
    UpdateKind.LAPSED: ActingParty.COMMITTEE,
    UpdateKind.NOTIFIED: ActingParty.COMMITTEE,
    UpdateKind.CLEARANCE: ActingParty.AUTHORITY,
    UpdateKind.SHIPPED: ActingParty.APPLICANT,
    UpdateKind.DELIVERED: ActingParty.APPLICANT,
    UpdateKind.CLOSED: ActingParty.APPLICANT,
    UpdateKind.ACCEPTED: ActingParty.DPRK,
    UpdateKind.DECLINED: ActingParty.DPRK,
    UpdateKind.NO_RESPONSE: ActingParty.DPRK,
    UpdateKind.NOTE: ActingParty.UNSTATED,
}
