"""A mail that had to wait says so in its first line, in both of its texts, and is the same mail otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.unattended.late import HEADER, marked_late

ZONE = ZoneInfo("America/Toronto")
WRITTEN = datetime(2026, 3, 2, 7, 0, tzinfo=ZONE)
NOW = WRITTEN + timedelta(days=3, hours=2)
NOTE = (
    "Delayed: this mail was written on Monday 02 March 2026 at 07:00 and could not be sent before "
    "Thursday 05 March, 09:00."
)


def a_mail(text: str, page: str, subject: str = "week") -> EmailMessage:
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["To"], made["Subject"] = "emr@clinic.example", "doctor@clinic.example", subject
    made["Message-ID"] = "<weekly.0123456789abcdef0123456789abcdef@a-long-domain-name-of-a-clinic.example.org>"
    made.set_content(text)
    made.add_alternative(page, subtype="html")
    page_part = list(made.iter_parts())[1]
    assert isinstance(page_part, EmailMessage)
    page_part.add_related(b"\x89PNG\x00\xff" * 90, "image", "png", cid="<upload@clinic.example>")
    made.add_attachment(b'{"id": 1}\n', "application", "json", filename="report.json")
    made.add_attachment("notes of somebody", filename="notes.txt")
    return made


def late(made: EmailMessage) -> EmailMessage:
    changed = marked_late(made.as_bytes(), WRITTEN, NOW, ZONE)
    assert b"\n" not in changed.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in changed.split(b"\r\n"))
    read = message_from_bytes(changed, policy=policy.SMTP)
    assert isinstance(read, EmailMessage)
    assert read.defects == []
    return read


def text_of(made: EmailMessage, kind: str) -> str:
    body = made.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def content_of(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.replace(b"\r\n", b"\n")


def test_what_may_have_arrived_before_says_that_it_comes_again() -> None:
    made = a_mail("READY to host the EMR.\n", "<html><body><p>READY</p></body></html>")
    again = message_from_bytes(marked_late(made.as_bytes(), WRITTEN, NOW, ZONE, may_be_double=True), policy=policy.SMTP)
    assert isinstance(again, EmailMessage)
    note = (
        "Sent again, since nobody knows whether it arrived before: "
        "this mail was written on Monday 02 March 2026 at 07:00."
    )
    assert text_of(again, "plain") == f"{note}\n\nREADY to host the EMR.\n"
    assert note in text_of(again, "html")
    assert "could not be sent" not in text_of(again, "html")


def test_both_texts_begin_with_it() -> None:
    changed = late(a_mail("READY to host the EMR.\n", "<html><body class='x'><p>READY</p></body></html>"))
    assert text_of(changed, "plain") == f"{NOTE}\n\nREADY to host the EMR.\n"
    page = text_of(changed, "html")
    assert page.startswith("<html><body class='x'>\n<p style=")
    assert NOTE in page
    assert page.endswith("</p><p>READY</p></body></html>\n")
    assert changed[HEADER] == "2026-03-02T07:00-05:00"


def test_the_rest_is_as_it_was() -> None:
    subject = "Élm Street Clinic: NOT READY - upload too slow (2 weeks) and much more than fits into one line of a mail"
    made = a_mail("as it was", "<p>as it was</p>", subject)
    changed = late(made)
    del changed[HEADER]
    assert [(name, str(value)) for name, value in changed.items()] == [
        (name, str(value)) for name, value in made.items()
    ]
    raw = marked_late(made.as_bytes(), WRITTEN, NOW, ZONE)
    for name in ("Subject", "Message-ID"):
        was = made.as_bytes().split(f"{name}: ".encode())[1].split(b"\r\n")[0]
        assert f"{name}: ".encode() + was in raw, "not folded anew"
    kinds = [part.get_content_type() for part in made.walk()]
    assert [part.get_content_type() for part in changed.walk()] == kinds
    for before, after in zip(made.walk(), changed.walk(), strict=True):
        if before.get_content_type() in ("image/png", "application/json") or before.get_filename():
            assert content_of(after) == content_of(before)
            assert after["Content-ID"] == before["Content-ID"]


def test_a_mail_that_is_only_text_gets_it_too() -> None:
    made = EmailMessage(policy=policy.SMTP)
    made["Subject"] = "x"
    made.set_content("Grüße\n")
    assert text_of(late(made), "plain") == f"{NOTE}\n\nGrüße\n"


@pytest.mark.parametrize("message", [b"", b"no mail at all", b"Content-Type: text/plain; charset=moon\r\n\r\n\xff\xfe"])
def test_what_is_no_mail_of_ours_is_not_broken(message: bytes) -> None:
    assert HEADER.encode() in marked_late(message, WRITTEN, NOW, ZONE)


def test_marked_twice_it_says_so_once() -> None:
    made = a_mail("x", "<body>x</body>")
    once = marked_late(made.as_bytes(), WRITTEN, NOW, ZONE)
    assert marked_late(once, WRITTEN, NOW, ZONE).count(HEADER.encode()) == 1


words = st.text(st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cc", "Cs", "Zl", "Zp"]))


@given(words, words)
def test_any_text_comes_through_whole(text: str, page: str) -> None:
    changed = late(a_mail(text, f"<html><body>{page}</body></html>"))
    assert text_of(changed, "plain") == f"{NOTE}\n\n{text}\n"
    assert text_of(changed, "html").endswith(f"</p>{page}</body></html>\n")
