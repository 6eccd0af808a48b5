"""Reasons why a message waits or failed, in words that say what to do: Slack's error codes and the sender's own."""

import re

from db.alerts.alerts import RETRACTED_BEFORE_SENDING
from db.errors import N_
from db.outbox.deliveries import MAYBE_POSTED
from handlers.i18n.translator import Translator

_TOKEN = N_(
    "My token no longer works: who runs the bot installs the app again and, where its settings hold the token, puts the "
    "new one there and restarts it. Then what waited goes out."
)
_SCOPE = N_(
    "The app lacks a permission: who runs the bot compares its scopes with `python -m bot manifest`, "
    "installs it again and restarts it."
)
_CLOSED = N_("The organisation's administrators do not let me in: one of them has to approve the app.")
_RESTRICTED = N_("Only some people may post in the channel: who manages it has to let me.")
_FORM = N_("Slack took the message neither in its form nor as plain text.")

REASONS = {
    "not_in_channel": N_("I am not in the channel: invite me there (`/invite`)."),
    "channel_not_found": N_(
        "Slack does not show me the channel: it was deleted, or it is private and I have to be invited (`/invite`)."
    ),
    "is_archived": N_("The channel is archived: unarchive it."),
    "restricted_action": _RESTRICTED,
    "restricted_action_read_only_channel": _RESTRICTED,
    "restricted_action_thread_only_channel": N_("The channel takes replies in threads only."),
    "restricted_action_non_threadable_channel": N_("The channel takes no replies in threads."),
    "restricted_action_thread_locked": N_("The thread is locked."),
    "user_disabled": N_("That account is deactivated."),
    "user_not_found": N_("Slack knows no such person here."),
    "cannot_dm_bot": N_("That is a bot, and bots take no direct messages."),
    "messages_tab_disabled": N_(
        "Direct messages to me are switched off: who runs the bot turns on the Messages Tab of the app."
    ),
    "account_inactive": _TOKEN,
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "token_expired": _TOKEN,
    "token_revoked": _TOKEN,
    "missing_scope": _SCOPE,
    "no_permission": _SCOPE,
    "ekm_access_denied": _CLOSED,
    "org_login_required": _CLOSED,
    "team_access_not_granted": _CLOSED,
    "invalid_blocks": _FORM,
    "invalid_blocks_format": _FORM,
    "msg_blocks_too_long": _FORM,
    "msg_too_long": _FORM,
    "ratelimited": N_("Slack asked to wait a moment."),
    RETRACTED_BEFORE_SENDING: N_("What it told of was taken back before it was sent."),
}

_CODE = re.compile(r"[a-z][a-z0-9_]*")


def why(translator: Translator, reason: str) -> str:
    """Return a reason that the outbox kept, as one or two sentences; what is not known is shown as it is."""
    if known := REASONS.get(reason):
        return translator.mrkdwn(known)
    if reason.startswith(MAYBE_POSTED):
        return translator.mrkdwn(
            "Slack did not say whether it arrived, and the channel's history could not be read (`{reason}`).",
            reason=reason.removeprefix(MAYBE_POSTED).strip("; "),
        )
    if _CODE.fullmatch(reason):
        return translator.mrkdwn("Slack says `{reason}`.", reason=reason)
    return translator.mrkdwn("What went wrong: `{reason}`.", reason=reason)
