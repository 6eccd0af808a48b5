"""Answers of /aid-admin: people, the Council, visibility, the audit."""

from collections.abc import Collection, Sequence
from datetime import date

from db.domain.council import MEMBERS, Council, Membership
from db.domain.dates import PartialDate
from db.errors import N_
from db.models import AuditEntry
from db.paging import Page
from db.people import EVERY_WORKSPACE
from handlers.admin.project_form import label
from handlers.alerts.notice_message import place
from handlers.blocks.blockkit import Block, fit, sections
from handlers.blocks.formatting import overflow_note
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import Markup, escape

ACTIONS = {
    "grant": N_("made <@{subject}> an admin"),
    "revoke": N_("removed <@{subject}> as admin"),
    "council-add": N_("Council: {subject} {seat}"),
    "council-end": N_("Council: changed the end date of {subject}: {seat}"),
    "council-remove": N_("Council: removed {subject} {was}"),
    "project-add": N_("added project {subject}"),
    "project-edit": N_("edited {subject}: {fields}"),
    "project-withhold": N_("withheld the name of {subject}"),
    "project-show": N_("made the name of {subject} visible again"),
    "organisation-aliases": N_("changed the other names of an organisation"),
    "reminders": N_("changed reminder timing: {subject}"),
    "subscription-on": N_("turned on alerts: {place}"),
    "subscription-set": N_("changed alerts ({fields}): {place}"),
    "subscription-off": N_("turned off alerts: {place}"),
    "delivery-again": N_("sent message {subject} again"),
}
OTHER_ACTION = N_("{action} {subject}")


def help_text(translator: Translator, *, unknown: str = "") -> list[Block]:
    """Render the help of the command, after a hint if a word was not understood."""
    hint = translator.mrkdwn("I don't know `{typed}`. You can use:", typed=unknown[:100]) + "\n" if unknown else ""
    return sections(
        hint
        + translator.mrkdwn(
            "*Manage the record* (admins only; anyone can list admins and Council members)\n"
            "`/aid-admin people` lists who can record updates\n"
            "`/aid-admin grant @name`, `/aid-admin revoke @name` make someone an admin, or remove them\n"
            "`/aid-admin council` lists today's Council members; `/aid-admin council 2025` those of a year or "
            "date\n"
            "`/aid-admin council add CODE from:2027-01-01 to:2028-12-31`, `/aid-admin council end CODE "
            "to:2028-12-31`, `/aid-admin council remove CODE from:2027-01-01` change them\n"
            "`/aid-admin project add`, `/aid-admin project edit GG-1` open a form\n"
            "`/aid-admin import` imports a CSV or XLSX file, after a preview\n"
            "`/aid-admin withhold GG-1`, `/aid-admin show GG-1` hide or show a project's name\n"
            "`/aid-admin delivery` shows delivery by channel; `/aid-admin delivery #channel` recent messages "
            "of one channel\n"
            "`/aid-admin reminders` shows when reminders are sent\n"
            "`/aid-admin audit` shows who changed what; `/aid-admin audit 2` older entries"
        )
    )


def people(translator: Translator, admins: Sequence[str], configured: Collection[str]) -> list[Block]:
    """Return all admins, and where each has the role from."""
    if not admins:
        return sections(
            translator.mrkdwn(
                "There are no admins yet. Add a Slack user ID to the AID_ADMINS setting and restart the bot; "
                "that person can add others."
            )
        )
    rows = [translator.mrkdwn("*Admins* can record updates and use `/aid-admin`:")]
    for user in admins:
        how = translator.mrkdwn("set in AID_ADMINS") if user in configured else translator.mrkdwn("added by an admin")
        rows.append("• " + translator.mrkdwn("<@{user}>", user=user) + f" · {how}")
    return fit(sections("\n".join(rows)), overflow_note(translator))


def confirm_grant(translator: Translator, user: str, *, new: bool) -> list[Block]:
    if new:
        return sections(translator.mrkdwn("<@{user}> is now an admin and can record updates.", user=user))
    return sections(translator.mrkdwn("No change: <@{user}> is already an admin.", user=user))


def confirm_revoke(translator: Translator, user: str, *, new: bool) -> list[Block]:
    if new:
        return sections(
            translator.mrkdwn("<@{user}> is no longer an admin. Updates they recorded stay on record.", user=user)
        )
    return sections(translator.mrkdwn("No change: <@{user}> is not an admin.", user=user))


def council(translator: Translator, when: PartialDate, rows: Sequence[Membership]) -> list[Block]:
    """Return the members of a day or a longer time, with from and to as they are on record.

    Where fewer than all members are on record for some day, a line says how many and what follows for holds.
    """
    if not rows:
        return sections(
            translator.mrkdwn(
                "No Council members are on record for {when}. Holds from that time are accepted and marked "
                "“membership not checked”.",
                when=when,
            )
        )
    codes = {row.code for row in rows}
    lines = [
        translator.plural(
            "*Security Council, {when}: {number} member on record*",
            "*Security Council, {when}: {number} members on record*",
            len(codes),
            when=when,
        )
    ]
    fewest = Council(tuple(rows)).on_record(when.first or date.min, when.last or date.max)
    if fewest < MEMBERS:
        lines.append(
            translator.mrkdwn(
                "Not complete: {number} of {all} members are on record. A hold by another state is accepted and "
                "marked unchecked.",
                number=fewest,
                all=MEMBERS,
            )
        )
    ordered = sorted(rows, key=lambda row: (translator.holder(row.code), row.since))
    # "On record": the first day of a row may be that of the record, as for the permanent members.
    lines += [
        translator.mrkdwn(
            "• {state} (`{code}`), on record {seat}",
            state=translator.holder(row.code),
            code=row.code,
            seat=_seat(translator, row.since, row.until),
        )
        for row in ordered
    ]
    return fit(sections("\n".join(lines)), overflow_note(translator))


def confirm_membership(
    translator: Translator, code: str, before: Membership | None, since: date, until: date | None
) -> list[Block]:
    """Render a membership as it is now, and as it was if it was on record."""
    params = {"state": translator.holder(code), "code": code, "seat": _seat(translator, since, until)}
    if before is None:
        return sections(translator.mrkdwn("{state} (`{code}`) is recorded as a member {seat}.", **params))
    if before.until == until:
        return sections(
            translator.mrkdwn("No change: {state} (`{code}`) is already recorded as a member {seat}.", **params)
        )
    return sections(
        translator.mrkdwn(
            "{state} (`{code}`): was a member {was}, now {seat}.",
            was=_seat(translator, before.since, before.until),
            **params,
        )
    )


def confirm_membership_end(translator: Translator, before: Membership, after: Membership) -> list[Block]:
    return confirm_membership(translator, after.code, before, after.since, after.until)


def confirm_membership_removal(translator: Translator, row: Membership) -> list[Block]:
    return sections(
        translator.mrkdwn(
            "Removed: {state} (`{code}`) {seat}.",
            state=translator.holder(row.code),
            code=row.code,
            seat=_seat(translator, row.since, row.until),
        )
    )


def visibility(translator: Translator, refs: Sequence[str], changed: Sequence[str], *, withheld: bool) -> list[Block]:
    """Render the projects whose name is shown or withheld now."""
    if not changed:
        return sections(translator.mrkdwn("No change: {refs} already had this setting.", refs=", ".join(refs)))
    if withheld:
        return sections(
            translator.mrkdwn(
                "The name of {refs} is withheld: title, organisations, amount and notes are shown to "
                "nobody, except to admins in `/aid-admin project edit`. Messages sent before keep "
                "what they say.",
                refs=", ".join(changed),
            )
        )
    return sections(translator.mrkdwn("The name of {refs} is shown again.", refs=", ".join(changed)))


def audit(translator: Translator, page: Page[AuditEntry], team_id: str) -> list[Block]:
    """Render what was changed, newest first. A project's values are left out: its name may be withheld."""
    if not page.rows:
        return sections(
            translator.mrkdwn(
                "No changes yet. Updates are not listed here; `/aid-status GG-1` shows who recorded them."
            )
        )
    lines = [translator.plural("*{number} change*", "*{number} changes*", page.total)]
    if page.pages > 1:
        lines[0] += " · " + translator.mrkdwn(
            "Page {page} of {pages}. Older entries: `/aid-admin audit 2` and so on.",
            page=page.number,
            pages=page.pages,
        )
    lines += [
        f"• {translator.time(row.at)} · {_editor(translator, row, team_id)} {_entry(translator, row)}"
        for row in page.rows
    ]
    return fit(sections("\n".join(lines)), overflow_note(translator))


def _editor(translator: Translator, row: AuditEntry, team_id: str) -> str:
    """Render who it was; Slack shows nobody else's people."""
    if row.team_id == team_id:
        return translator.mrkdwn("<@{user}>", user=row.user_id)
    if row.team_id == EVERY_WORKSPACE:
        return escape(row.user_id)  # the command line
    return translator.mrkdwn("{user} of workspace {team}", user=row.user_id, team=row.team_id)


def _entry(translator: Translator, row: AuditEntry) -> str:
    text = ACTIONS.get(row.action, OTHER_ACTION)
    changed = [name for name in row.after or {} if name != "version"]
    return translator.mrkdwn(
        text,
        subject=row.subject,
        place=Markup(place(translator, row.subject)),
        action=row.action,
        fields=", ".join(label(translator, name) for name in changed),
        seat=_stored_seat(translator, row.after),
        was=_stored_seat(translator, row.before),
    )


def _stored_seat(translator: Translator, kept: dict[str, str | None] | None) -> str:
    if not kept or not kept.get("from"):
        return ""
    until = kept.get("to")
    return _seat(translator, date.fromisoformat(str(kept["from"])), date.fromisoformat(until) if until else None)


def _seat(translator: Translator, since: date, until: date | None) -> str:
    if until is None:
        return translator.plain("from {since}, end not known", since=since)
    return translator.plain("from {since} to {until}", since=since, until=until)
