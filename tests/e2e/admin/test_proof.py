"""/aid-admin proof: the heads that Slack keeps with the alerts bear witness of the record."""

from sqlalchemy import select

from db.chain import Head, link_earlier_rows
from db.models import ChainLink, UpdateRow
from tests.integration.test_check import damage
from tests.support.harness import BotHarness

HOLD = "/aid-update GG-1 hold by:US on:2026-02-06 as:government source:https://example.org/statement"


def proof(harness: BotHarness) -> str:
    before = harness.admin.person.screen("#general").count("Head, to keep")
    answer = harness.admin.types("/aid-admin proof")
    assert answer.text == "Rebuilding the record from its first entry. The result follows here."
    harness.wait(lambda: harness.admin.person.screen("#general").count("Head, to keep") > before)
    return harness.admin.person.screen("#general").rpartition(answer.text)[2]


def test_proof_compares_the_record_with_what_slack_keeps(harness: BotHarness) -> None:
    harness.admin.types(HOLD)
    (alert,) = [message for message in harness.alerts() if message.metadata]
    with harness.database.reading() as session:
        number, act = session.execute(select(UpdateRow.id, UpdateRow.act_id).order_by(UpdateRow.id.desc())).first()
        link = session.scalars(select(ChainLink).where(ChainLink.act_id == act)).one()
    head = str(Head(link.number, link.head))
    assert alert.metadata["event_payload"].keys() == {"delivery", "update", "head", "epoch"}
    assert alert.metadata["event_payload"]["head"] == head
    assert "The record is as it was recorded." in proof(harness)
    assert "1 head that Slack keeps with the alerts agrees with it." in proof(harness)

    harness.admin.types(f"/aid-update #{number} correct note:checked")
    harness.alerts()
    (edited, *_) = [message for message in harness.alerts() if message.metadata]
    assert edited.metadata == alert.metadata  # an edit keeps the head that its message was posted with

    damage(harness.database, f"UPDATE updates SET holder = 'FR' WHERE id = {number}", "DELETE FROM chain")
    harness.writing(link_earlier_rows)
    text = proof(harness)
    assert "The record was changed behind the bot's back." in text
    assert f"link {link.number} of the chain has another head than was kept" in text
