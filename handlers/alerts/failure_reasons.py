"""Reasons why a message waits or failed, in words that say what to do: Slack's error codes and the sender's own."""

import re

from db.alerts.alerts import RETRACTED_BEFORE_SENDING
from db.errors import N_
from db.outbox.deliveries import MAYBE_POSTED
from db.subscriptions.recipients import ARCHIVED, LEFT
from handlers.i18n.translator import Translator

_TOKEN = N_(
    "My Slack token no longer works. The person who runs the bot must reinstall the app and, if the token is "
    "kept in its settings, replace it and restart the bot. Waiting messages are then sent."
)
_SCOPE = N_(
    "The app is missing a permission. The person who runs the bot must compare its scopes with `python -m bot "
    "manifest`, reinstall the app and restart the bot."
)
_CLOSED = N_("Your organization has not approved this app. One of its Slack admins must approve it.")
_RESTRICTED = N_("Posting in this channel is restricted. A channel manager must allow me to post.")
_FORM = N_("Slack rejected the message, both formatted and as plain text.")

REASONS = {
    "not_in_channel": N_("I'm not in the channel. Invite me with `/invite`."),
    "channel_not_found": N_(
        "I can't see the channel. It was deleted, or it is private and you need to invite me (`/invite`)."
    ),
    ARCHIVED: N_("The channel was archived. Alerts go on when it is unarchived; nothing is sent for the time between."),
    LEFT: N_("I was removed from the channel. Invite me with `/invite`; nothing is sent for the time between."),
    "is_archived": N_("The channel is archived. Unarchive it."),
    "restricted_action": _RESTRICTED,
    "restricted_action_read_only_channel": _RESTRICTED,
    "restricted_action_thread_only_channel": N_("This channel accepts thread replies only."),
    "restricted_action_non_threadable_channel": N_("This channel does not accept thread replies."),
    "restricted_action_thread_locked": N_("The thread is locked."),
    "user_disabled": N_("That account is deactivated."),
    "user_not_found": N_("Slack can't find that person."),
    "cannot_dm_bot": N_("That is a bot; bots can't receive direct messages."),
    "messages_tab_disabled": N_(
        "Direct messages to me are turned off. The person who runs the bot must turn on the app's Messages Tab."
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
    "ratelimited": N_("Slack's rate limit was reached; I'll try again shortly."),
    RETRACTED_BEFORE_SENDING: N_("The update was retracted before this message was sent."),
}

_CODE = re.compile(r"[a-z][a-z0-9_]*")


def explain(translator: Translator, reason: str) -> str:
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
