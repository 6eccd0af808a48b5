"""The tables. Updates are append-only: triggers of the migration refuse to change or delete them.

Where a row belongs to a workspace it carries the workspace's id (``team_id``); the record of projects and
updates is shared by all workspaces that use one database.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, validates

from db.column_types import FieldDateText, UtcTime
from db.domain.dates import PartialDate
from db.domain.text import normalize
from db.installation_tables import add_workspace_tables

TEAM = String(32)
SLACK_ID = String(32)
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is sorted byte by byte, as SQLite always does, so that an index finds what begins alike."""


class Base(DeclarativeBase):
    """All tables, with constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcTime(),
        PartialDate: FieldDateText(),
        date: Date(),
        dict[str, Any]: JSON(),
    }


def fold_names(*names: str | None) -> str:
    """Return an organisation's names as a filter compares them."""
    return normalize(" ".join(name or "" for name in names))


class Organisation(Base):
    """An organisation; ``type_code`` is IATI's organisation type, ``country`` an ISO alpha-2 code if stated.

    ``aliases`` are further names by which it is known. ``names_folded`` follows all names and is what filters look
    in: databases fold case each in its own way.
    """

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name_en: Mapped[str | None] = mapped_column(Text)
    name_ko: Mapped[str | None] = mapped_column(Text)
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    names_folded: Mapped[str] = mapped_column(Text, default="")
    type_code: Mapped[str | None] = mapped_column(String(3))
    country: Mapped[str | None] = mapped_column(String(2))

    @validates("name_en", "name_ko", "aliases")
    def _keep_folded(self, name: str, value: Any) -> Any:
        names = {"name_en": self.name_en, "name_ko": self.name_ko, "aliases": self.aliases, name: value}
        self.names_folded = fold_names(names["name_en"], names["name_ko"], *(names["aliases"] or ()))
        return value


class Project(Base):
    """One request to the Committee. What is typed here may be edited; each edit is kept in ``audit``.

    ``organisation_id`` is the organisation named first, in the role ``organisation_role``; others are in
    ``project_roles``. ``same_as_id`` is the leading record of the same request: lists and counts show that one.
    """

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(24), unique=True)
    title_en: Mapped[str | None] = mapped_column(Text)
    title_ko: Mapped[str | None] = mapped_column(Text)
    organisation_id: Mapped[int | None] = mapped_column("applicant_id", ForeignKey("organisations.id"), index=True)
    organisation_role: Mapped[str] = mapped_column(String(12), default="applicant", server_default="applicant")
    group: Mapped[str] = mapped_column(String(16), index=True)
    amount_low: Mapped[str | None] = mapped_column(String(24))
    amount_high: Mapped[str | None] = mapped_column(String(24))
    currency: Mapped[str | None] = mapped_column(String(3))
    amount_basis: Mapped[str | None] = mapped_column(String(64))
    visibility: Mapped[str] = mapped_column(String(10), default="public")
    predecessor_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    predecessor_unidentified: Mapped[bool] = mapped_column(default=False)
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    notes: Mapped[str] = mapped_column(Text, default="")
    notes_ko: Mapped[str] = mapped_column(Text, default="", server_default="")
    data_set: Mapped[str | None] = mapped_column(String(64))
    search_text: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(SLACK_ID)

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    predecessor: Mapped["Project | None"] = relationship(
        remote_side="Project.id", foreign_keys="Project.predecessor_id", lazy="raise_on_sql"
    )
    sectors: Mapped[list["ProjectSector"]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ProjectSector.code"
    )
    standing: Mapped["ProjectStatusRow | None"] = relationship(lazy="raise_on_sql", viewonly=True)


class ProjectRole(Base):
    """Role of an organisation in a project, beside the one named first; an organisation may have several."""

    __tablename__ = "project_roles"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(12), primary_key=True)


class ProjectSector(Base):
    """A sector (OECD CRS purpose code) of a project; no row where it is not stated."""

    __tablename__ = "project_sectors"
    __table_args__ = (Index(None, "code", "project_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(5), primary_key=True)


class ChangeSet(Base):
    """Updates that one person recorded together, by one command, form or import.

    ``key`` makes it idempotent (one command, form or draft records once); ``fingerprint`` recognises the same
    person, command and text within a minute.
    """

    __tablename__ = "acts"
    __table_args__ = (Index(None, "fingerprint", "recorded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    team_id: Mapped[str] = mapped_column(TEAM)
    user_id: Mapped[str] = mapped_column(SLACK_ID)
    origin: Mapped[str] = mapped_column(String(16))
    recorded_at: Mapped[datetime]


class UpdateRow(Base):
    """One thing that happened. ``effective_day`` is the day whose place it takes in the record.

    ``consignment`` is the number of one of ``consignments``; ``whole`` says that all were delivered, and is empty in
    updates recorded before consignments existed, which count as whole.
    """

    __tablename__ = "updates"
    __table_args__ = (
        CheckConstraint("corrects IS NULL OR retracts IS NULL", name="one_target"),
        Index(None, "recorded_at"),
        Index(None, "effective_day", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("acts.id"), index=True)
    team_id: Mapped[str] = mapped_column(TEAM)
    kind: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(16))
    happened: Mapped[PartialDate]
    reported: Mapped[date | None]
    effective_day: Mapped[date]
    confidence: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    note_ko: Mapped[str] = mapped_column(Text, default="", server_default="")
    holder: Mapped[str | None] = mapped_column(String(16))
    lift_all: Mapped[bool] = mapped_column(default=False)
    stance: Mapped[str | None] = mapped_column(String(12))
    length: Mapped[str | None] = mapped_column(String(8))
    letter_date: Mapped[date | None] = mapped_column(index=True)
    valid_until: Mapped[PartialDate | None]
    period: Mapped[str | None] = mapped_column(String(8))
    paragraph: Mapped[str | None] = mapped_column(String(64))
    item_count: Mapped[int | None]
    value: Mapped[str | None] = mapped_column(String(24))
    currency: Mapped[str | None] = mapped_column(String(3))
    shipment_limit: Mapped[int | None]
    consignment: Mapped[int | None]
    consignments: Mapped[int | None]
    contents: Mapped[str | None] = mapped_column(Text)
    origin: Mapped[str | None] = mapped_column(Text)
    destination: Mapped[str | None] = mapped_column(Text)
    whole: Mapped[bool | None]
    deadline: Mapped[date | None]
    deadline_hour: Mapped[str | None] = mapped_column(String(5))
    authority: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(String(12))
    extends: Mapped[str | None] = mapped_column(String(24))
    corrects: Mapped[int | None] = mapped_column(ForeignKey("updates.id"), index=True)
    retracts: Mapped[int | None] = mapped_column(ForeignKey("updates.id"), index=True)
    confirms: Mapped[int | None] = mapped_column(ForeignKey("updates.id"), index=True)
    differs: Mapped[int | None] = mapped_column(ForeignKey("updates.id"), index=True)
    recorded_by: Mapped[str] = mapped_column(SLACK_ID)
    recorded_at: Mapped[datetime]

    sources: Mapped[list["SourceRow"]] = relationship(lazy="raise_on_sql", order_by="SourceRow.position")
    touches: Mapped[list["UpdateProject"]] = relationship(lazy="raise_on_sql")


class UpdateProject(Base):
    """Link from an update to a project, with the headline before and after it was recorded."""

    __tablename__ = "update_projects"
    __table_args__ = (Index(None, "project_id", "update_id"),)

    update_id: Mapped[int] = mapped_column(ForeignKey("updates.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True, index=True)
    headline_before: Mapped[str] = mapped_column(String(24))
    headline_after: Mapped[str] = mapped_column(String(24))


class SourceRow(Base):
    """One source of an update."""

    __tablename__ = "update_sources"

    update_id: Mapped[int] = mapped_column(ForeignKey("updates.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str | None] = mapped_column(Text)
    publisher: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    published: Mapped[date | None]
    attributed_to: Mapped[str | None] = mapped_column(Text)


class ProjectStatusRow(Base):
    """A project's standing as a cache, rebuilt from its updates at every recording.

    The headline depends on the day, so both are kept: the one while the exemption runs and the one once
    ``ends_on`` (the last day that its end may mean) has passed.
    """

    __tablename__ = "standings"
    __table_args__ = (
        Index(None, "headline", "ends_on"),
        Index(None, "headline", "ends_first"),
        Index(None, "headline_after_end", "ends_on"),
        Index(None, "as_of"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    headline: Mapped[str] = mapped_column(String(24), index=True)
    headline_after_end: Mapped[str] = mapped_column(String(24))
    ends_first: Mapped[date | None]
    ends_on: Mapped[date | None] = mapped_column(index=True)
    valid_until: Mapped[PartialDate | None]
    response: Mapped[str] = mapped_column(String(16), index=True)
    delivery: Mapped[str] = mapped_column(String(16), index=True)
    lift_reported: Mapped[bool]
    as_of: Mapped[date | None]
    last_day: Mapped[date | None] = mapped_column(index=True)
    governing_update_id: Mapped[int | None] = mapped_column(ForeignKey("updates.id"))


class StandingKind(Base):
    """Kind of an effective update of a project: part of the cache, for the filter ``kind:``."""

    __tablename__ = "standing_kinds"

    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True, index=True)


class HoldRow(Base):
    """A hold of a project in the cache; ``placed_day`` is its update's effective day, None where no date is known."""

    __tablename__ = "holds"
    __table_args__ = (Index(None, "holder", "pending", "placed_day"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    placed_id: Mapped[int] = mapped_column(ForeignKey("updates.id"), primary_key=True)
    placed_day: Mapped[date | None]
    holder: Mapped[str] = mapped_column(String(16), index=True)
    pending: Mapped[bool]
    lifted_id: Mapped[int | None] = mapped_column(ForeignKey("updates.id"))
    flagged: Mapped[bool]


class CounterRow(Base):
    """Counter of projects by dimension, maintained so that answers need not count (db.updates.counters).

    ``later`` and ``month`` (2026-05) are set where the exemption's end in that month turns ``value`` into ``later``.
    """

    __tablename__ = "tallies"
    __table_args__ = (Index(None, "axis", "number", "value"),)

    axis: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[str] = mapped_column(String(64), primary_key=True)
    later: Mapped[str] = mapped_column(String(24), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    number: Mapped[int]


class DayCounter(Base):
    """Change of a counter in a ``period``: a day, or a month or year that sums up its days, as ``level`` says."""

    __tablename__ = "tallies_by_day"

    axis: Mapped[str] = mapped_column(String(12), primary_key=True)
    level: Mapped[str] = mapped_column(String(5), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int]


class WordSuffix(Base):
    """An ending of a word that projects are searched by, the whole word included (db.search.index)."""

    __tablename__ = "word_endings"

    ending: Mapped[str] = mapped_column(BYTEWISE, primary_key=True)
    word: Mapped[str] = mapped_column(BYTEWISE, primary_key=True, index=True)


class ProjectWord(Base):
    """Word of a project's search text."""

    __tablename__ = "project_words"

    word: Mapped[str] = mapped_column(BYTEWISE, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True, index=True)


class CouncilMember(Base):
    """A state's time on the Security Council; ``until`` is empty while no end is known."""

    __tablename__ = "council_members"
    __table_args__ = (UniqueConstraint("code", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(2))
    since: Mapped[date]
    until: Mapped[date | None]


class Person(Base):
    """A person of a workspace: role and language where they differ from the default."""

    __tablename__ = "people"

    team_id: Mapped[str] = mapped_column(TEAM, primary_key=True)
    user_id: Mapped[str] = mapped_column(SLACK_ID, primary_key=True)
    role: Mapped[str] = mapped_column(String(8), default="member")
    language: Mapped[str | None] = mapped_column(String(5))
    looked_at: Mapped[datetime | None]
    data_table: Mapped[bool | None]


class Subscription(Base):
    """A channel's wish to be told. ``filter`` is the text as typed; ended ones stay, with who ended them.

    ``digest`` is ``daily``, ``mo-fr`` or ``weekly``; its time of day, its weekday (0 is Monday) and the quiet hours are by
    the clock of ``zone`` (an IANA name, db.subscriptions.schedule), ``digest_next`` is in UTC. ``digest_kinds`` are the
    kinds of update that wait for the digest, None all of them. In a person's direct message the settings are also those
    of the projects that they follow; with ``followed_only`` they get no others, and the filter is empty. With ``board``
    the row is no wish to be told but the channel's board: one message that shows how the projects of the filter stand.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index(
            "one_subscription_a_channel",
            "team_id",
            "channel_id",
            "board",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),  # on PostgreSQL too, as its migration says: see LEASED
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[str] = mapped_column(TEAM)
    channel_id: Mapped[str] = mapped_column(SLACK_ID)
    filter: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(5))
    created_by: Mapped[str] = mapped_column(SLACK_ID)
    created_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(SLACK_ID)
    ended_at: Mapped[datetime | None]
    blocked: Mapped[str | None] = mapped_column(String(64))
    blocked_at: Mapped[datetime | None]
    threading: Mapped[str] = mapped_column(String(9), default="flat", server_default="flat")
    digest: Mapped[str | None] = mapped_column(String(6))
    digest_at: Mapped[str | None] = mapped_column(String(5))
    digest_day: Mapped[int | None]
    digest_empty: Mapped[bool] = mapped_column(default=False, server_default=false())
    digest_kinds: Mapped[list[str] | None] = mapped_column(JSON)
    digest_next: Mapped[datetime | None] = mapped_column(UtcTime(), index=True)
    zone: Mapped[str | None] = mapped_column(String(64))
    quiet: Mapped[str | None] = mapped_column(String(11))
    reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    data_table: Mapped[bool] = mapped_column(default=False, server_default=false())
    followed_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    board: Mapped[bool] = mapped_column(default=False, server_default=false())


LEASED = text("leased_until IS NOT NULL")
"""On both databases; to say so for PostgreSQL here would import its dialect where SQLite is used."""
"""Rows of the outbox that a sender has in hand: few, whatever was sent and cancelled before."""


class Delivery(Base):
    """One message to send, or one edit of a message sent: the outbox.

    ``ts`` is Slack's message id, kept as text. ``about`` is what words it beside the update (db.outbox.deliveries): ids of
    ``reminders``, ``how`` a digest comes (daily, weekly), who ``asked_by`` a test.
    ``project_id`` is set where the message is about one project only: its thread is the place for what follows.
    ``changes_id`` is the message that a row edits or answers, or the digest that it was told in.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "team_id", "channel_id", "id"),
        Index(None, "team_id", "attempted_at"),
        Index(None, "team_id", "channel_id", "project_id"),
        Index(None, "leased_until", sqlite_where=LEASED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[str] = mapped_column(TEAM)
    channel_id: Mapped[str] = mapped_column(SLACK_ID)
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("acts.id"), index=True)
    update_id: Mapped[int | None] = mapped_column(ForeignKey("updates.id"), index=True)
    changes_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"))
    project_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(5))
    about: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
    plain: Mapped[bool] = mapped_column(default=False)
    ts: Mapped[str | None] = mapped_column(String(32))
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Follow(Base):
    """A person who follows a project and gets its news by direct message."""

    __tablename__ = "follows"

    team_id: Mapped[str] = mapped_column(TEAM, primary_key=True)
    user_id: Mapped[str] = mapped_column(SLACK_ID, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True, index=True)
    language: Mapped[str] = mapped_column(String(5))
    since: Mapped[datetime]


class Reminder(Base):
    """One reminder of a project (db.reminders.rules); ``key`` keeps the same end, recorded again, from reminding again."""

    __tablename__ = "reminders"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "kind", "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    days: Mapped[int]
    day: Mapped[date]
    update_id: Mapped[int | None] = mapped_column(ForeignKey("updates.id"))
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    settled_at: Mapped[datetime | None]


class Preference(Base):
    """A setting that admins changed; what nobody changed is as it ships."""

    __tablename__ = "preferences"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_by: Mapped[str] = mapped_column(SLACK_ID)
    changed_at: Mapped[datetime]


class Notice(Base):
    """Notice sent once; ``key`` says which."""

    __tablename__ = "notices"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    team_id: Mapped[str] = mapped_column(TEAM)
    told_at: Mapped[datetime]


class Suggestion(Base):
    """News that people handed in, for an admin to record or to decline.

    ``authors`` are pairs of a user id and their language, the first one first. ``link`` is the address of the message
    that it is from, ``source`` what is named in it. ``posted_id`` is the delivery in the admins' channel.
    """

    __tablename__ = "suggestions"
    __table_args__ = (Index(None, "team_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[str] = mapped_column(TEAM)
    authors: Mapped[list[list[str]]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    refs: Mapped[list[str]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    posted_id: Mapped[int | None]
    settled_by: Mapped[str | None] = mapped_column(SLACK_ID)
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("acts.id"))


class Draft(Base):
    """An update that waits for its author's *Record*; valid once."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    team_id: Mapped[str] = mapped_column(TEAM)
    user_id: Mapped[str] = mapped_column(SLACK_ID)
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("acts.id"))


class ProcessedRequest(Base):
    """A request of Slack that was acted on, so that its redelivery does nothing."""

    __tablename__ = "inbox"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    team_id: Mapped[str] = mapped_column(TEAM)
    received_at: Mapped[datetime]


class Epoch(Base):
    """The epoch of this copy of the record (db.epoch): one row, which no export carries."""

    __tablename__ = "epochs"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    began_at: Mapped[datetime]


class AuditEntry(Base):
    """Change by an admin outside the updates, with the values before and after."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "action", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[str] = mapped_column(TEAM)
    user_id: Mapped[str] = mapped_column(SLACK_ID)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)


add_workspace_tables(Base.metadata)


class ChainLink(Base):
    """One link of the chain: ``number`` counts from 1 without gaps, ``head`` is a SHA-256 of a row and of all before it."""

    __tablename__ = "chain"
    __table_args__ = (CheckConstraint("(act_id IS NULL) <> (audit_id IS NULL)", name="one_row"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("acts.id"), unique=True)
    audit_id: Mapped[int | None] = mapped_column(ForeignKey("audit.id"), unique=True)
    head: Mapped[str] = mapped_column(String(64))


_STOOD = ("from_day", "to_day", "since", "until", "project_id")
_BY_DAY = {
    "standings": {
        "newest": ("as_of", "governing_update_id", *_STOOD),
        "ends": ("headline", "ends_on", *_STOOD),
        "from_day": ("from_day",),
        "to_day": ("to_day",),
    }
}
"""Indexes that answer about a day without the rows that stood on others (db.updates.counters, db.reports.portfolio)."""


def _known() -> tuple[Column[datetime], Column[datetime]]:
    return Column("since", UtcTime(), primary_key=True), Column("until", UtcTime(), nullable=False)


def _versions_of(model: type[Base], *, by_day: bool = False) -> Table:
    """Return the table of the versions of a table's rows: each was known from ``since`` until before ``until``.

    Those ``by_day`` stood from ``from_day`` until before ``to_day``, as it was known.
    """
    own = Base.metadata.tables[model.__tablename__]
    longer = _BY_DAY.get(own.name, {})
    indexes = {tuple(column.name for column in index.columns) for index in own.indexes}
    indexes = {names for names in indexes if not any(each[: len(names)] == names for each in longer.values())}
    return Table(
        f"{own.name}_versions",
        Base.metadata,
        *(
            Column(each.name, each.type, primary_key=each.primary_key, nullable=each.nullable, autoincrement=False)
            for each in own.c
            if each.name not in {"search_text", "version"}  # of today: what finds a project and guards its edits
        ),
        *((Column("from_day", Date, primary_key=True), Column("to_day", Date, nullable=False)) if by_day else ()),
        *_known(),
        *(Index(None, *names) for names in sorted(indexes | {(each.name,) for each in own.c if each.unique})),
        *(Index(f"ix_{own.name}_versions_{name}", *names) for name, names in longer.items()),
    )


VERSIONS = {
    **{model.__tablename__: _versions_of(model) for model in (Project, ProjectRole, ProjectSector)},
    **{model.__tablename__: _versions_of(model, by_day=True) for model in (ProjectStatusRow, HoldRow, StandingKind)},
}
"""By the table whose rows they were, the present ones among them; derived from the updates and the audit."""
COUNTED = Table(
    "update_projects_versions",
    Base.metadata,
    Column("update_id", Integer, primary_key=True, autoincrement=False),
    Column("project_id", Integer, primary_key=True, autoincrement=False, index=True),
    Column("from_day", Date, nullable=False),
    *_known(),
)
"""The day from which each update counts, as it was known; ``date.max`` for one that counts on none."""


class CounterVersion(Base):
    """Counters as they were after a change: the counts on ``day`` by dimension and value (db.updates.counters)."""

    __tablename__ = "tallies_versions"

    since: Mapped[datetime] = mapped_column(primary_key=True)
    day: Mapped[date]
    counts: Mapped[dict[str, Any]]
