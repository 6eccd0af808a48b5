"""Answers of /aid-admin: people, the Council, visibility, the audit."""

from collections.abc import Collection, Sequence
from datetime import date

from db.domain.council import MEMBERS, Council, Membership
from db.domain.dates import PartialDate
from handlers.blocks.blockkit import Block, fit, paragraph, sections
from handlers.i18n.translator import Translator


def help_text(translator: Translator, *, unknown: str = "") -> list[Block]:
    hint = translator.mrkdwn("I don't know `{typed}`. You can use:", typed=unknown[:100]) + "\n" if unknown else ""
    return sections(
        hint
        + translator.mrkdwn(
            "*Manage the record* (admins only; anyone can list admins and Council members)\n"
            "`/aid-admin people` lists who can record updates\n"
            "`/aid-admin grant @name`, `/aid-admin revoke @name` make someone an admin, or remove them\n"
            "`/aid-admin council` lists today's Council members; `/aid-admin council 2025` those of a year or date\n"
            "`/aid-admin council add CODE from:2027-01-01 to:2028-12-31`, `/aid-admin council end CODE to:2028-12-31`, "
            "`/aid-admin council remove CODE from:2027-01-01` change them\n"
            "`/aid-admin project add`, `/aid-admin project edit GG-1` open a form\n"
            "`/aid-admin import` imports a CSV or XLSX file, after a preview\n"
            "`/aid-admin withhold GG-1`, `/aid-admin show GG-1` hide or show a project's name\n"
            "`/aid-admin delivery` shows delivery by channel; `/aid-admin delivery #channel` recent messages of one "
            "channel\n"
            "`/aid-admin reminders` shows when reminders are sent\n"
            "`/aid-admin audit` shows who recorded and who changed what; `/aid-admin audit @name GG-1 since:2026-01 "
            "retracted` part of it, `export:csv` behind it sends a file\n"
            "`/aid-admin told GG-1 2026-02-10` shows which alerts about a project had been sent by the end of a day\n"
            "`/aid-admin proof` shows if anything was changed behind the bot's back"
        )
        + "\n"
        + translator.mrkdwn(
            "`/aid-admin suggestions` shows what members handed in; `/aid-admin suggestions #channel` posts it there too"
        )
    )


def people(translator: Translator, admins: Sequence[str], configured: Collection[str]) -> list[Block]:
    if not admins:
        return paragraph(
            translator,
            "There are no admins yet. Add a Slack user ID to the AID_ADMINS setting and restart the bot; "
            "that person can add others.",
        )
    rows = [translator.mrkdwn("*Admins* can record updates and use `/aid-admin`:")]
    for user in admins:
        how = translator.mrkdwn("set in AID_ADMINS") if user in configured else translator.mrkdwn("added by an admin")
        rows.append("• " + translator.mrkdwn("<@{user}>", user=user) + f" · {how}")
    return fit(translator, sections("\n".join(rows)))


def council(translator: Translator, when: PartialDate, rows: Sequence[Membership]) -> list[Block]:
    """Return the members of a day or a longer time, and where not all are on record, how many."""
    if not rows:
        return paragraph(
            translator,
            "No Council members are on record for {when}. Holds from that time are accepted and marked "
            "“membership not checked”.",
            when=when,
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
            seat=seat(translator, row.since, row.until),
        )
        for row in ordered
    ]
    return fit(translator, sections("\n".join(lines)))


def confirm_membership(
    translator: Translator, code: str, before: Membership | None, since: date, until: date | None
) -> list[Block]:
    params = {"state": translator.holder(code), "code": code, "seat": seat(translator, since, until)}
    if before is None:
        return paragraph(translator, "{state} (`{code}`) is recorded as a member {seat}.", **params)
    if before.until == until:
        return paragraph(translator, "No change: {state} (`{code}`) is already recorded as a member {seat}.", **params)
    return paragraph(
        translator,
        "{state} (`{code}`): was a member {was}, now {seat}.",
        was=seat(translator, before.since, before.until),
        **params,
    )


def confirm_membership_removal(translator: Translator, row: Membership) -> list[Block]:
    return paragraph(
        translator,
        "Removed: {state} (`{code}`) {seat}.",
        state=translator.holder(row.code),
        code=row.code,
        seat=seat(translator, row.since, row.until),
    )


def visibility(translator: Translator, refs: Sequence[str], changed: Sequence[str], *, withheld: bool) -> list[Block]:
    if not changed:
        return paragraph(translator, "No change: {refs} already had this setting.", refs=", ".join(refs))
    if withheld:
        return paragraph(
            translator,
            "The name of {refs} is withheld: title, organisations, amount and notes are shown to nobody, except to "
            "admins in `/aid-admin project edit`. Messages sent before keep what they say.",
            refs=", ".join(changed),
        )
    return paragraph(translator, "The name of {refs} is shown again.", refs=", ".join(changed))


def seat(translator: Translator, since: date, until: date | None) -> str:
    if until is None:
        return translator.plain("from {since}, end not known", since=since)
    return translator.plain("from {since} to {until}", since=since, until=until)
