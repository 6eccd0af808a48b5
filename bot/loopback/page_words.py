"""The page's own words in Korean; English stands in the templates and scripts. The inspector speaks English only."""

from collections.abc import Callable
from datetime import datetime

KOREAN = {
    "Skip to the message field": "메시지 입력란으로 건너뛰기",
    "Show the list of channels": "채널 목록 보기",
    "Channels": "채널",
    "App": "앱",
    "Apps": "앱",
    "Home": "홈",
    "Messages": "메시지",
    "Conversation": "대화",
    "members": "명",
    "the bot is not in here": "봇이 없는 채널",
    "archived": "보관됨",
    "App Home": "앱 홈",
    "The app has put nothing on its Home yet.": "앱이 아직 홈에 아무것도 올리지 않았습니다.",
    "Nothing has been said here yet.": "아직 대화가 없습니다.",
    "Thread": "스레드",
    "Close the thread": "스레드 닫기",
    "Workspace": "워크스페이스",
    "Close": "닫기",
    "Cancel": "취소",
    "Yes": "예",
    "unread": "개 읽지 않음",
    "You are": "나는",
    "deactivated": "비활성",
    "other organisation": "다른 조직",
    "admin": "관리자",
    "guest": "게스트",
    "member": "멤버",
    "Inspector": "인스펙터",
    "Gallery": "갤러리",
    "Start over": "처음부터",
    "Only visible to you": "나만 볼 수 있음",
    "edited": "편집됨",
    "reply": "개의 댓글",
    "replies": "개의 댓글",
    "Reply in thread": "스레드에 댓글",
    "More actions": "추가 작업",
    "More": "더 보기",
    "Suggestions": "제안",
    "Reply": "댓글",
    "Reply…": "댓글…",
    "Message": "메시지",
    "Message {name} or /command": "{name} 에 메시지 또는 /명령",
    "Send": "보내기",
    "optional": "선택 사항",
    "Choose…": "선택…",
    "Apply": "적용",
    "Find": "찾기",
    "Find…": "찾기…",
    "Press Enter to send": "Enter 키로 보내기",
    "Cards": "카드",
    "This file was deleted.": "삭제된 파일입니다.",
    "download": "내려받기",
    "Download": "내려받기",
    "more lines": "줄 더 있음",
    "Attach files": "파일 첨부",
    "Files to send": "보낼 파일",
    "Remove": "삭제:",
    "Leave out": "빼기:",
    "Type at least {n} characters": "{n}자 이상 입력하십시오",
    "Nothing found": "찾은 것이 없습니다",
    "‹ Previous": "‹ 이전",
    "Next ›": "다음 ›",
    "of": "/",
    "Bold": "굵게",
    "Italic": "기울임",
    "Struck through": "취소선",
    "Code": "코드",
    "The page could not reach the server:": "페이지가 서버에 닿지 못했습니다:",
}
IN_SCRIPTS = (
    "Suggestions",
    "Remove",
    "Leave out",
    "Type at least {n} characters",
    "Nothing found",
    "‹ Previous",
    "Next ›",
    "of",
    "Bold",
    "Italic",
    "Struck through",
    "Code",
    "The page could not reach the server:",
)
_DAYS = "월화수목금토일"

Translate = Callable[[str], str]


def language_of(locale: str) -> str:
    """The page's language for somebody whose Slack has this locale."""
    return "ko" if locale.startswith("ko") else "en"


def translator(language: str) -> Translate:
    """Gives the page's words in a language. The result raises KeyError for a word that has no Korean."""
    return KOREAN.__getitem__ if language == "ko" else str


def for_scripts(language: str) -> dict[str, str]:
    """The words that the page's scripts show."""
    say = translator(language)
    return {word: say(word) for word in IN_SCRIPTS}


def day_title(day: datetime, language: str) -> str:
    """A day as it stands between messages."""
    if language == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일 {_DAYS[day.weekday()]}요일"
    return day.strftime("%A, %d %B %Y")
