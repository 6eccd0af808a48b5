"""Suggestions on the demo's page: commands to try, and the words that may come next in each command."""

from collections.abc import Sequence

from db.domain.enums import Group, Headline, UpdateKind
from db.recording.proposal import OPTIONS
from db.search.filter import KEYS
from handlers.auth.permissions import PERMISSIONS

HELP = "help"
_BATCH = "/aid-update GG-1,GG-2,GG-3 approval-reported on:2026-02-05 source:https://example.org/a"
# by language: commands for a newcomer to try, each with what it shows
TRIES = {
    "en": [
        ("/aid-status", "where all 17 projects stand"),
        ("/aid-status GG-1", "one project: standing, timeline, sources"),
        ("/aid-status GG-1 export:png", "its timeline as a picture, in a direct message"),
        (_BATCH, "admins: a preview; Record tells #aid-alerts, Undo takes it back"),
        ("/aid-update", "admins: the same in a form"),
        ("/aid-alerts on group:gyeonggi", "this channel is told, too"),
    ],
    "ko": [
        ("/aid-status", "17개 사업 전체 현황"),
        ("/aid-status GG-1", "사업 하나: 상태, 경과, 출처"),
        ("/aid-status GG-1 export:png", "경과를 그림으로, 다이렉트 메시지로 받기"),
        (_BATCH, "관리자: 미리보기 후 기록하면 #aid-alerts에 알리고, 되돌릴 수 있음"),
        ("/aid-update", "관리자: 같은 일을 양식으로"),
        ("/aid-alerts on group:gyeonggi", "이 채널에도 알림"),
    ],
}


def following(refs: Sequence[str]) -> dict[str, list[list[str]]]:
    """Return, for each command, the words at each position; the last position repeats. ``refs`` are the projects'."""
    keys = [f"{key}:" for key in KEYS]
    groups = [f"group:{group}" for group in Group]
    statuses = [f"status:{headline}" for headline in Headline]
    options = [f"{option}:" for option in OPTIONS]
    filters = [*groups, *statuses, *keys]
    return {
        "/aid-status": [[*refs, HELP, *filters], filters],
        "/aid-update": [[*refs, HELP, *groups, *statuses], list(UpdateKind), options],
        "/aid-alerts": [_verbs("/aid-alerts"), filters],
        "/aid-admin": [_verbs("/aid-admin"), []],
    }


def _verbs(command: str) -> list[str]:
    verbs = [
        rest.split()[0]
        for each in PERMISSIONS
        if (rest := each.removeprefix(command).strip()) and each.startswith(command)
    ]
    return [*dict.fromkeys(verbs), HELP]
