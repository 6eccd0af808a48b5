"""Suggestions on the demo's page: commands to try, and the words that may come next in each command."""

from collections.abc import Sequence

from db.domain.enums import Group, Headline, UpdateKind
from db.recording.proposal import OPTIONS
from db.search.filter import KEYS
from handlers.auth.permissions import PERMISSIONS

HELP = "help"
BATCH = "/aid-update GG-1,GG-2,GG-3 approval-reported on:2026-02-05 source:https://example.org/a"
ABOUT = {
    "en": "Ask where the 17 aid projects stand with the UN 1718 Committee. Click one to send it:",
    "ko": "17개 대북 지원 사업의 1718위원회 진행 상황을 물어보세요. 누르면 보내집니다:",
}
# by language: commands for a newcomer to try, each with what it shows
TRIES = {
    "en": [
        ("/aid-status What changed lately?", "a question in your own words"),
        ("/aid-status Who holds the UNICEF project?", "about one project, by its name or its ref"),
        ("/aid-status", "the status of all 17 projects"),
        ("/aid-status GG-1", "one project: status, timeline, sources"),
        ("/aid-status GG-1 export:png", "its timeline as a picture, in a direct message"),
        (BATCH, "admins: preview first; Record posts to #aid-alerts, Undo retracts it"),
        ("/aid-update", "admins: the same in a form"),
        ("/aid-alerts on group:gyeonggi", "get these alerts in this channel too"),
    ],
    "ko": [
        ("/aid-status 최근에 뭐가 바뀌었나요?", "평소 쓰는 말로 묻기"),
        ("/aid-status 유니세프 사업은 누가 보류했나요?", "이름이나 사업 번호로 한 사업에 대해 묻기"),
        ("/aid-status", "사업 17건 전체 현황"),
        ("/aid-status GG-1", "사업 하나: 상태, 경과, 출처"),
        ("/aid-status GG-1 export:png", "경과를 그림으로, 다이렉트 메시지로 받기"),
        (BATCH, "관리자: 미리보기 후 기록하면 #aid-alerts에 알리고, 되돌릴 수 있음"),
        ("/aid-update", "관리자: 같은 일을 양식으로"),
        ("/aid-alerts on group:gyeonggi", "이 채널에서도 알림 받기"),
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
