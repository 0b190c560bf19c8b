"""Whatever a name, a sentence or a mail server's reply holds: no header of its own, no markup, no control character."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from emrnetcheck.model import Verdict
from emrnetcheck.model.mail import Composed, MailKind, Unsent
from emrnetcheck.reports import mail
from emrnetcheck.reports.week import Told, Week, summarise
from emrnetcheck.reports.week.told import Problem
from emrnetcheck.reports.wording import clean
from tests.reports.mail.samples import ALARM, ALERTS, ENVELOPE, OPEN, page_of, read, text_of
from tests.reports.samples import HOSTILE
from tests.reports.test_html import read as well_formed
from tests.reports.week.rows import NOW, row

HEADERS = ["\r\nBcc: x@y.example\r\n", "\r\n\r\n", "\n.\n", "=?utf-8?q?=41?=", "x" * 90]
MARKUP = ["<script>", "</style>", "{{ x }}", "&lt;", '"', "%s", "[bold]", "<!--", "]]>"]
LETTERS = ["\u202e", "\u2066", "שלום", "اختبار", "\x1b[31m", "\x00", "\ud800", "é", "診療所", "🏥"]
PIECES = st.sampled_from(HEADERS + MARKUP + LETTERS)
FOREIGN = st.lists(st.one_of(st.text(max_size=40), PIECES), max_size=12).map("".join) | st.text("a", max_size=2000)
NAMES = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version"}
NAMES |= {"Content-Type", "List-Unsubscribe", "References"}
QUICK = settings(max_examples=20, deadline=None)
"""A mail takes some milliseconds to compose; how many depends on the machine."""
OURS = {"html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "th", "div", "h1", "h2", "p"}
OURS |= {"ol", "ul", "li", "strong", "br", "a", "img"}


def harmless(made: Composed) -> None:
    assert b"\n" not in made.message.replace(b"\r\n", b"")
    assert b"\r" not in made.message.replace(b"\r\n", b"")
    assert made.message.isascii()
    assert max(map(len, made.message.split(b"\r\n"))) <= 998
    message = read(made)
    assert set(message.keys()) <= NAMES
    assert len(message.keys()) == len(set(message.keys()))
    assert message["Subject"] == made.subject == clean(made.subject)
    assert message.get_all("To") == [", ".join(ENVELOPE.to)]
    for shown in (text_of(message), page_of(message)):
        assert not {unicodedata.category(each) for each in set(shown) - {"\n"}} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert {tag for tag, _ in well_formed(page_of(message)).tags} <= OURS


def week_with(text: str) -> Week:
    problem = Problem("upload.marginal", "upload", text, "warn", text, True)  # type: ignore[arg-type]
    told = Told(Verdict.READY, text, (), (problem, replace(problem, code="emr.slow", accepted=False)), {"emr": text})
    rows = [row(1, site=text, headline=text), row(2, failed=("emr",)), row(9)]
    return summarise(rows, rows, now=NOW, reports={"run-1": told, "run-9": replace(told, problems=())})


@QUICK
@example(HOSTILE)
@given(FOREIGN)
def test_a_week(text: str) -> None:
    told = replace(ALERTS, open=(replace(OPEN, code=text, summary=text),), suspects=((text, text),))
    standing = mail.standing_of(told, Unsent(1, 1, {text: text}, 1))
    envelope = replace(ENVELOPE, site=text)
    harmless(mail.weekly(week_with(text), envelope=envelope, standing=standing, command=text))


@QUICK
@example(HOSTILE)
@given(FOREIGN)
def test_an_alarm_and_its_end(text: str) -> None:
    alarm = replace(
        ALARM, code=text, incident_id=text, summary=text, advice=text, say=text, before=text, follows=(text,)
    )
    envelope = replace(ENVELOPE, site=text)
    harmless(mail.notice([alarm], envelope=envelope))
    harmless(mail.notice([replace(alarm, kind=MailKind.RECOVERY), alarm], envelope=envelope))


@QUICK
@given(FOREIGN)
def test_a_test_mail(text: str) -> None:
    harmless(mail.test(replace(ENVELOPE, site=text, origin=text)))
