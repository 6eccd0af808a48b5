"""/aid-admin proof: rebuild the record's chain, and compare it with the heads that Slack keeps with the alerts."""

from collections.abc import Iterable, Iterator

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from db.chain import Head
from db.errors import AidError
from db.integrity.proof import Proof, parse_heads, prove
from db.subscriptions.subscriptions import active_in
from handlers.blocks.blockkit import Block, fallback_text, fit, sections
from handlers.context import Actor, AppContext
from handlers.i18n.translator import Translator

MOST_CHANNELS = 20
MESSAGES = 200  # of each channel, the newest: one call a channel


def send_proof(app_context: AppContext, actor: Actor, bot_user: str, client: WebClient, respond: Respond) -> None:
    """Prove the record, which may take many seconds, and send the outcome for ``actor`` alone."""
    with app_context.database.reading() as session:
        rows = active_in(session, actor.team_id)
        channels = list(dict.fromkeys(row.channel_id for row in rows))[:MOST_CHANNELS]
        translator = app_context.translator_for(session, actor)
    kept, unread = list[Head](), list[str]()
    for channel in channels:
        try:
            kept += _heads(client, channel, bot_user)
        except SlackClientError:
            unread.append(channel)
    with app_context.database.reading() as session:
        blocks = proof_blocks(translator, prove(session, kept), unread)
    respond(text=fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=False)


def proof_blocks(translator: Translator, proof: Proof, unread: Iterable[str]) -> list[Block]:
    lines = []
    if proof.findings:
        lines.append(
            translator.mrkdwn(
                "*⚠️ The record was changed behind the bot's back.* Keep a copy of the database, compare it with a backup, "
                "and do not rely on the answers until you know what happened. Found:"
            )
        )
        lines += [translator.mrkdwn("• {finding}", finding=finding) for finding in proof.findings]
    else:
        lines.append(
            translator.plural(
                "*The record is as it was recorded.* Its chain of {number} link was rebuilt and agrees.",
                "*The record is as it was recorded.* Its chain of {number} links was rebuilt and agrees.",
                proof.head.number,
            )
        )
    lines.append(
        translator.plural(
            "{number} head that Slack keeps with the alerts agrees with it.",
            "{number} heads that Slack keeps with the alerts agree with it.",
            proof.agreed,
        )
    )
    if channels := " ".join(f"<#{channel}>" for channel in unread):
        lines.append(translator.mrkdwn("Not read, for the bot may not read them:") + f" {channels}")
    if proof.head.number:
        lines.append(translator.mrkdwn("Head, to keep outside the bot: `{head}`", head=str(proof.head)))
    return fit(translator, sections("\n".join(lines)))


def _heads(client: WebClient, channel: str, bot_user: str) -> Iterator[Head]:
    """Yield the heads in the metadata of the bot's own newest messages of a channel: others may write what they like."""
    response = client.conversations_history(channel=channel, limit=MESSAGES, include_all_metadata=True)
    for message in response.get("messages") or []:
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if message.get("user") == bot_user and isinstance(payload.get("head"), str):
            try:
                yield from parse_heads(payload["head"])
            except AidError:
                continue
