"""mrkdwn as HTML."""

import pytest

from bot.slack_emulator.formatting.mrkdwn import RenderContext, to_html

NEW_TAB = 'target="_blank" rel="noopener noreferrer"'
READER = RenderContext({"U1": "Mina Lee"}, {"C1": "general"}, "Asia/Seoul", hidden=frozenset({"G9"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*bold* _it_ ~no~ `a*b*`", "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code>"),
        ("2*3*4 snake_case_word", "2*3*4 snake_case_word"),
        ("<@U1> <#C1>", '<span class="mention">@Mina Lee</span> <span class="mention">#general</span>'),
        ("<#G9>", '<span class="mention">🔒 private channel</span>'),
        ("<https://x.org/a?b=1&amp;c=2|*x*>", f'<a href="https://x.org/a?b=1&amp;c=2" {NEW_TAB}>*x*</a>'),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("a &lt;b&gt; &amp;amp;", "a &lt;b&gt; &amp;amp;"),
        ("&gt; one\n&gt; two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("• one\n• two", '<div class="item">• one</div><div class="item">• two</div>'),
        ("```\nx < *y*\n```", "<pre>x &lt; *y*</pre>"),
        (
            "<!date^1770422400^{date_short_pretty} {time}|then>",
            ('<time datetime="2026-02-07T09:00:00+09:00" title="2026-02-07 09:00:00 KST">'
            "Feb 7, 2026 9:00 AM</time>"),
        ),
        ("<!date^never^{time}|then>", "then"),
        (":warning: :nope:", "⚠️ :nope:"),
    ],
)  # fmt: skip
def test_mrkdwn(text: str, expected: str) -> None:
    assert to_html(text, READER) == expected
