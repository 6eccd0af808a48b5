"""The answers of /aid-update: the preview of a batch, the receipt, what an undo did, help."""

from collections.abc import Callable, Sequence

from db.domain.enums import UpdateKind
from db.domain.rules import RuleWarning
from db.domain.updates import Update
from db.errors import N_, Refusals
from db.recording.duplicates import Duplicate, Likeness
from db.recording.proposal import OPTIONS, Proposal
from db.recording.receipts import HeadlineChange, Receipt
from db.subscriptions.recipients import Audience
from db.updates.history import RecentChange
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, actions, button, context, fit, header, paragraph, sections
from handlers.blocks.formatting import code_list
from handlers.blocks.forms import modal
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import Markup, escape
from handlers.slack.payloads import stamp
from handlers.updates.form_values import NOTE
from handlers.updates.form_view import name_fields
from handlers.updates.line_parser import write_line
from handlers.updates.service import Preview, Recorded

RECORD = "update_record"
AGAIN = "update_again"
CANCEL = "update_cancel"
UNDO = "update_undo"
CORRECT = "update_correct"
OPEN_FORM = "update_open"
PREVIEW_FORM = "update_preview"
RECEIPT_FORM = "update_receipt"
TOUCHED_SHOWN = 40
CHANNELS_SHOWN = 10
_MISSING = {
    "as": N_("No kind of source is given: add `as:` if you know it."),
    "on": N_("No date is given: add `on:` or `reported:` if you know it."),
}


def outcome(translator: Translator, result: Preview | Recorded) -> list[Block]:
    if isinstance(result, Recorded):
        if all(update.retracts for update in result.receipt.updates):
            return confirm_undo(translator, result.receipt)
        return receipt(translator, result.receipt, draft=result.draft)
    return fit(translator, [*_preview_body(translator, result), _record_or_cancel(translator, result.draft)])


def _record_or_cancel(translator: Translator, draft: str) -> Block:
    return actions(
        [
            button(translator.plain("Record"), RECORD, draft, style="primary"),
            button(translator.plain("Cancel"), CANCEL, draft),
        ]
    )


def retraction_preview(translator: Translator, update: Update, refs: Sequence[str], draft: str) -> list[Block]:
    """Render what the retraction of an update of several projects would take back, with the button that records it."""
    title = translator.plain("Retract #{number} for {count} projects?", number=update.number, count=len(refs))
    told = translator.mrkdwn("Alerts that were sent are marked as retracted.")
    yet = translator.mrkdwn("Nothing is recorded yet.")
    return [
        header(title),
        *sections(f"{formatting.head(translator, update)}\n{formatting.refs(list(refs))}"),
        context(f"{told} {yet}"),
        _record_or_cancel(translator, draft),
    ]


def outcome_form(translator: Translator, result: Preview | Recorded) -> Block:
    if isinstance(result, Recorded):
        return receipt_form(translator, result.receipt, draft=result.draft)
    return modal(
        translator,
        PREVIEW_FORM,
        translator.plain("Review and record"),
        _preview_body(translator, result, name_fields),
        close=translator.plain("Back"),
        submit=translator.plain("Record"),
        private_metadata=result.draft,
    )


def _preview_body(
    translator: Translator, shown: Preview, worded: Callable[[str, str], str] = lambda sentence, _language: sentence
) -> list[Block]:
    """Render a preview; ``worded`` makes of a sentence and its language what its surface says."""
    plan, language = shown.plan, translator.language
    missing = [f":grey_question: {translator.mrkdwn(_MISSING[name])}" for name in shown.missing]
    blocks = [
        *render_news(translator, shown.news),
        header(
            translator.plural(
                "Record this for {number} project?", "Record this for {number} projects?", len(plan.touched)
            )
        ),
    ]
    for update, ids in plan.parts:
        count = translator.plural("{number} project", "{number} projects", len(ids))
        blocks += sections(formatting.entry(translator, update) + (f"\n{count}" if len(plan.parts) > 1 else ""))
    blocks += [
        *sections(_touched(translator, plan.touched)),
        *sections(worded(_left_out(translator, shown.left_out), language)),
        *sections(worded("\n".join(missing), language)),
        *_duplicates(translator, plan.duplicates),
        *sections(worded(_warnings(translator, plan.warnings), language)),
    ]
    told, yet = _told(translator, shown.told), translator.mrkdwn("Nothing is recorded yet.")
    return [*blocks, context(f"{told} {yet}")]


def _left_out(translator: Translator, refusals: Refusals) -> str:
    if not refusals:
        return ""
    count = translator.plural("Left out: {number} project", "Left out: {number} projects", len(refusals))
    return "\n".join([f":no_entry_sign: {count}", *translator.reasons(refusals)])


def _told(translator: Translator, told: Audience) -> str:
    more = len(told.channels) - CHANNELS_SHOWN
    places = [f"<#{channel}>" for channel in told.channels[:CHANNELS_SHOWN]]
    if more > 0:
        places.append(translator.plural("{number} more channel", "{number} more channels", more))
    if told.elsewhere:
        places.append(
            translator.plural(
                "{number} channel of another workspace", "{number} channels of other workspaces", told.elsewhere
            )
        )
    if told.people:
        places.append(translator.plural("{number} follower", "{number} followers", told.people))
    if not places:
        return translator.mrkdwn("Nobody follows this, so no alert goes out.")
    return translator.mrkdwn("Alerts go to {places}.", places=Markup(", ".join(places)))


def render_news(translator: Translator, news: Sequence[RecentChange]) -> list[Block]:
    if not news:
        return []
    rows = [
        f"• *{formatting.refs(concurrent.refs)}* · {formatting.head(translator, concurrent.update)} "
        f"({formatting.recorded(translator, concurrent.update)})"
        for concurrent in news
    ]
    title = translator.mrkdwn(
        ":eyes: *Someone else recorded updates since you opened this.* Your entry is kept but not recorded "
        "yet. Check that it is still right, then press the button again."
    )
    return sections("\n".join([title, *rows]))


def receipt(translator: Translator, done: Receipt, *, draft: str | None = None) -> list[Block]:
    """Render a receipt with *Undo* and *Correct*, or one of an earlier recording with *Record again*."""
    buttons = [
        button(translator.plain("Undo"), UNDO, stamp(done.act, done.epoch)),
        button(translator.plain("Correct entry"), CORRECT, stamp(done.main.number, done.epoch)),
    ]
    if draft:
        buttons.append(button(translator.plain("Record anyway"), AGAIN, draft))
    return fit(translator, [*receipt_body(translator, done), actions(buttons)])


def receipt_form(translator: Translator, done: Receipt, *, draft: str | None = None) -> Block:
    """Return the receipt as a view; closing it closes the form below it too."""
    return {
        **modal(translator, RECEIPT_FORM, translator.plain("Recorded"), receipt(translator, done, draft=draft)),
        "clear_on_close": True,
    }


def receipt_body(translator: Translator, done: Receipt) -> list[Block]:
    numbers = ", ".join(f"#{each.number}" for each in done.updates)
    title = translator.plain(
        N_("Already recorded as {numbers}") if done.already else N_("Recorded as {numbers}"), numbers=numbers
    )
    blocks = [header(title)]
    for update in done.updates:
        blocks += sections(formatting.entry(translator, update))
    return [
        *blocks,
        *sections(_touched(translator, done.touched)),
        *sections(_warnings(translator, done.warnings)),
        context(
            translator.mrkdwn("Recorded by <@{user}>", user=done.main.recorded_by)
            + f" {translator.time(done.recorded_at)}"
        ),
    ]


def confirm_undo(translator: Translator, done: Receipt) -> list[Block]:
    targets = ", ".join(f"#{each.retracts}" for each in done.updates if each.retracts)
    title = (
        translator.plain("Already retracted")
        if done.already
        else translator.plain("Retracted: {numbers}", numbers=targets)
    )
    own = ", ".join(f"#{each.number}" for each in done.updates)
    return fit(
        translator,
        [
            header(title),
            *sections(_touched(translator, done.touched)),
            context(
                translator.mrkdwn(
                    "Recorded as {numbers}. Both entries stay on record; messages already sent are edited and marked.",
                    numbers=own,
                )
            ),
        ],
    )


def form_button(translator: Translator, line: str) -> Block:
    return button(translator.plain("Open the form"), OPEN_FORM, line)


def read_back(translator: Translator, told: Proposal) -> list[Block]:
    values = {**told.options, **({NOTE: told.note} if told.note else {})}
    options = (f"`{name}:{escape(value.replace('`', ''))}`" for name, value in values.items())
    understood = " · ".join([f"*{', '.join(told.refs)}*: `{told.kind}`", *options])
    return [
        *paragraph(translator, "Nothing is recorded yet. I understood:"),
        *sections(name_fields(understood, translator.language)),
        actions([form_button(translator, write_line(told))]),
    ]


def help_text(translator: Translator) -> list[Block]:
    return sections(
        translator.mrkdwn(
            "*Record what happened* (admins)\n"
            "`/aid-update` opens a form.\n"
            "`/aid-update GG-1 hold by:US on:2025-H1 as:press source:https://… note` one project, recorded at once\n"
            "`/aid-update GG-1,GG-2 approval-reported on:2026-02-05 as:press` several, with a preview; also "
            "`group:gyeonggi` or `status:on-hold`\n"
            "`/aid-update GG-1 approved as:letter on:2026-02-06 until:2027-02-06 lift:all` the letter, lifting all holds\n"
            "`/aid-update GG-1 position by:US stance:opposes on:2026-02 as:press` what a member says, which is not a hold\n"
            "`/aid-update GG-1 clearance authority:OFAC outcome:refused on:2026-03-01 as:government` what an authority "
            "decided\n"
            "`/aid-update GG-1 delivered consignment:1/3 contents:tents on:2026-03-01 as:applicant` one of three\n"
            "`/aid-update #12 confirm as:government source:https://…` another source of #12 · `/aid-update #12 differ "
            "until:2026-10-21 as:press` a source with another value\n"
            "`/aid-update #12 retract why` takes #12 back · `/aid-update #12 correct` opens it in a form\n"
            "*Kinds*: {kinds}\n"
            "*Options*, anywhere after the kind: {options}. The rest is the note; in quotes nothing is an option.",
            kinds=code_list(UpdateKind),
            options=code_list(f"{name}:" for name in OPTIONS),
        )
        + "\n"
        + translator.mrkdwn("Members hand in news with `/aid-update`; an admin records it or says why not.")
    )


def _touched(translator: Translator, changes: Sequence[HeadlineChange]) -> str:
    rows = [
        f"*{escape(change.ref)}*  {formatting.move(translator, change.before, change.after)}"
        for change in changes[:TOUCHED_SHOWN]
    ]
    if len(changes) > TOUCHED_SHOWN:
        rows.append(translator.plural("and {number} more", "and {number} more", len(changes) - TOUCHED_SHOWN))
    return "\n".join(rows)


def _warnings(translator: Translator, warnings: Sequence[tuple[str, RuleWarning]]) -> str:
    return "\n".join(f":warning: *{escape(ref)}* {translator.error(warn)}" for ref, warn in warnings)


def _duplicates(translator: Translator, duplicates: Sequence[Duplicate]) -> list[Block]:
    rows = []
    for duplicate in duplicates:
        text = (
            N_("has the same value and number of items")
            if duplicate.likeness is Likeness.VALUE_AND_ITEMS
            else N_("is dated a year apart to the day")
        )
        rows.append(
            translator.mrkdwn(
                ":warning: This may be a letter reported twice: #{number} of *{ref}* ",
                ref=duplicate.ref,
                number=duplicate.earlier.number,
            )
            + translator.mrkdwn(text)
            + f" — {formatting.entry(translator, duplicate.earlier)}"
        )
    return sections("\n".join(rows)) if rows else []
