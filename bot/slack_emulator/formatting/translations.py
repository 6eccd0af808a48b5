"""Korean translations of the page and of Slack's own sentences. The inspector speaks English only."""

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
    "The bot is not in this channel": "봇이 없는 채널",
    "archived": "보관됨",
    "Pinned": "고정된 메시지",
    "App Home": "앱 홈",
    "Nothing on the app's Home yet.": "아직 앱 홈에 표시할 내용이 없습니다.",
    "This is the start of {name}.": "{name} 대화가 여기서 시작됩니다.",
    "Try one (click to send):": "눌러서 보내 보세요:",
    "Thread": "스레드",
    "Close the thread": "스레드 닫기",
    "Workspace": "워크스페이스",
    "Close": "닫기",
    "Cancel": "취소",
    "Yes": "예",
    "unread": "개 읽지 않음",
    "You are": "현재 사용자",
    "deactivated": "비활성",
    "external": "외부",
    "admin": "관리자",
    "guest": "게스트",
    "member": "멤버",
    "Inspector": "인스펙터",
    "Start over": "처음부터",
    "Only visible to you": "나만 볼 수 있음",
    "Dismiss": "메시지 닫기",
    "Others can see this message": "다른 사람도 보는 메시지입니다",
    "edited": "편집됨",
    "reply": "개의 댓글",
    "replies": "개의 댓글",
    "Reply in thread": "스레드에 댓글",
    "Suggestions": "제안",
    "Reply": "댓글",
    "Reply…": "댓글…",
    "Message": "메시지",
    "Message {name} or /command": "{name}에 메시지 또는 /명령",
    "Send": "보내기",
    "optional": "선택 사항",
    "Choose…": "선택…",
    "More actions": "추가 작업",
    "download": "다운로드",
    "Download": "다운로드",
    "Remove": "삭제:",
    "Type at least {n} characters": "{n}자 이상 입력하십시오",
    "No results": "결과 없음",
    "Can't reach the server:": "서버에 연결할 수 없습니다:",
    "Please complete this required field.": "필수 항목입니다. 입력하십시오.",
    "Please enter a valid URL.": "올바른 URL을 입력하십시오.",
    "Please enter no more than {n} characters.": "{n}자 이하로 입력하십시오.",
    "{name} is of a type that is not accepted here; accepted: {types}.": "{name}: 받지 않는 형식입니다. 받는 형식: {types}.",
    "Please choose no more files than {n}.": "파일을 {n}개까지만 고르십시오.",
    "We had some trouble connecting. Try again?": "연결에 문제가 있었습니다. 다시 시도하시겠습니까?",
    "The app did not respond correctly:": "앱이 제대로 응답하지 않았습니다:",
    "{name} is not supported in threads. Sorry!": "{name} 명령은 스레드에서 쓸 수 없습니다.",
    "{name} is not a valid command.": "{name} 명령은 없습니다.",
    '{name} failed with the error "{error}"': '{name} 명령이 "{error}" 오류로 실패했습니다',
    "{name} does not work here.": "여기서는 {name} 명령을 쓸 수 없습니다.",
    "Who? Type {name} @name": "대상을 지정하세요: {name} @이름",
    "{who} is already in this channel.": "{who} 님은 이미 이 채널에 있습니다.",
    "was added to {channel} by {who}.": "{who} 님의 초대로 {channel} 채널에 들어왔습니다.",
    "Add people or the app to this channel": "사람이나 앱을 이 채널에 초대",
    "This button or field no longer exists": "이 버튼이나 입력란은 더 이상 없습니다",
    "This message doesn't exist or was deleted": "이 메시지는 (더 이상) 없습니다",
    "This window is already closed": "이 창은 이미 닫혔습니다",
}
_DAYS = "월화수목금토일"

Translate = Callable[[str], str]


def language_of(locale: str) -> str:
    return "ko" if locale.startswith("ko") else "en"


def translator(language: str) -> Translate:
    return (lambda text: KOREAN.get(text, text)) if language == "ko" else str


def day_title(day: datetime, language: str) -> str:
    if language == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일 {_DAYS[day.weekday()]}요일"
    return day.strftime("%A, %d %B %Y")
