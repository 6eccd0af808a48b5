"""mrkdwn as HTML and as text."""

import pytest

from bot.loopback.mrkdwn import Reader, from_markdown, to_html, to_plain

NEW_TAB = 'target="_blank" rel="noopener noreferrer"'
READER = Reader({"U1": "Mina Lee"}, {"C1": "general"}, "Asia/Seoul")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*bold* _it_ ~no~ `a*b*`", "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code>"),
        ("2*3*4 snake_case_word", "2*3*4 snake_case_word"),
        ("<@U1> <#C1>", '<span class="mention">@Mina Lee</span> <span class="mention">#general</span>'),
        ("<!here>", '<span class="mention">@here</span>'),
        ("<https://x.org/a?b=1&amp;c=2|*x*>", f'<a href="https://x.org/a?b=1&amp;c=2" {NEW_TAB}>*x*</a>'),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("a &lt;b&gt; &amp;amp;", "a &lt;b&gt; &amp;amp;"),
        ("&gt; one\n&gt; two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("• one\n• two", '<div class="item">• one</div><div class="item">• two</div>'),
        ("```\nx < *y*\n```", "<pre>x &lt; *y*</pre>"),
        ("<!date^1770422400^{date_num} {time}|then>", '<time title="then">2026-02-07 09:00</time>'),
        ("<!date^never^{date}|then>", "then"),
        (":warning: :nope:", "⚠️ :nope:"),
    ],
)  # fmt: skip
def test_mrkdwn(text: str, expected: str) -> None:
    assert to_html(text, READER) == expected


def test_plain_text_and_markdown() -> None:
    assert (
        to_plain("*GG-1*: held by <@U1> &amp; others\n&gt; quoted", READER)
        == "GG-1: held by @Mina Lee & others\nquoted"
    )
    assert from_markdown("# Head\n**b** *i* [t](https://x.org) <x>") == "*Head*\n*b* _i_ <https://x.org|t> &lt;x&gt;"
