"""An approval reported, denied, confirmed: what is asked a month later, and what the record said on each day."""

from tests.support.harness import BotHarness

SOURCE = "source:https://example.org"


def tell(harness: BotHarness, **how: int) -> None:
    harness.clock.forward(**how)


def test_show(harness: BotHarness) -> None:
    admin, member = harness.admin, harness.member
    tell(harness, days=2)
    print(admin.types(f"/aid-update GG-1 approval-reported on:2026-02-11 as:press {SOURCE}/1").text)
    tell(harness, days=4)
    print(admin.types(f"/aid-update #6 retract the ministry denied it").text)
    tell(harness, days=6)
    print(admin.types(f"/aid-update GG-1 approved on:2026-02-20 until:2027-02-20 as:letter {SOURCE}/3").text)
    tell(harness, days=30)
    for q in (
        "GG-1",
        "GG-1 known:2026-02-13",
        "GG-1 known:2026-02-17",
        "GG-1 known:2026-02-23",
        "GG-1 on:2026-02-19",
        "GG-1 on:2026-02-21",
        "known:2026-02-13",
        "known:2026-02-13 on:2026-02-10",
        "status:approved on:2026-02-21",
        "figures known:2026-02-13",
        "known:2025-01-01 GG-1",
        "known:2029-01-01",
        "on:foo",
        "GG-1 known:2026-02-13T10:00+09:00",
    ):
        a = member.types("/aid-status " + q)
        print("=====", q)
        print(a.text)
        print(
            [
                (e.get("action_id"), e.get("value"))
                for b in a.message.blocks
                for e in [*b.get("elements", []), b.get("accessory", {})]
                if isinstance(e, dict) and e.get("action_id")
            ]
        )
