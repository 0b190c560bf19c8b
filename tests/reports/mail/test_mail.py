"""A mail says the answer first, is whole in its text, lets nothing in and nothing out, and is the same each time."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from datetime import UTC, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from emrnetcheck.model.mail import MailKind, Own, Unsent
from emrnetcheck.reports import mail
from emrnetcheck.reports.mail.message import ATTACHED, MOST_ATTACHED_BYTES, MOST_BYTES, NO_ROOM, TOO_LONG
from emrnetcheck.reports.plots import Picture
from emrnetcheck.reports.week import for_mail, summarise
from emrnetcheck.reports.week.masked import NOT_NAMED
from emrnetcheck.reports.week.table import rows
from emrnetcheck.unattended.late import marked_late
from tests.checks.builders import OLD, PUBLIC
from tests.reports import golden
from tests.reports.mail.samples import (
    ALARM,
    CALM,
    ENVELOPE,
    ROWS,
    SAMPLES,
    SITE,
    WEEK,
    composed,
    of_week,
    page_of,
    pictures_of,
    read,
    text_of,
)
from tests.reports.test_html import read as well_formed
from tests.reports.week.rows import NOW, TWO_WEEKS, heard

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"]
PAGES = ("weekly", "alarm", "well_again", "test")


def head_of(message: EmailMessage) -> str:
    return "".join(f"{name}: {' '.join(str(value).split())}\n" for name, value in message.items())


@pytest.mark.parametrize("name", SAMPLES)
def test_the_head_and_the_text_are_as_read_before(name: str) -> None:
    message = read(composed(name))
    golden.same(f"mail/{name}.txt", f"{head_of(message)}\n{text_of(message)}")


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_read_before(name: str) -> None:
    golden.same(f"mail/{name}.html", golden.without_style(page_of(read(composed(name)))))


def test_a_week_has_its_text_first_then_its_page_with_its_pictures() -> None:
    message = read(of_week(attached="{}"))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
        "application/json",
    ]
    related = next(part for part in message.walk() if part.get_content_type() == "multipart/related")
    assert related.get_param("type") == "text/html"
    pictures = pictures_of(message)
    page = page_of(message)
    assert set(re.findall(r'src="cid:([^"]+)"', page)) == set(pictures)
    assert all(png.startswith(b"\x89PNG") for png in pictures.values())
    assert page.count("<img") == page.count('alt="') == len(pictures) == 2


@pytest.mark.parametrize("name", SAMPLES)
def test_a_mail_is_the_same_each_time_and_goes_over_any_server(name: str) -> None:
    made = composed(name)
    assert made == composed(name)
    assert b"\n" not in made.message.replace(b"\r\n", b"")
    assert b"\r" not in made.message.replace(b"\r\n", b"")
    assert made.message.isascii(), "no server has to know 8BITMIME"
    assert max(map(len, made.message.split(b"\r\n"))) <= 998
    assert len(made.message) <= MOST_BYTES


def words_of(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W_]+", text.lower()) if not word.isdecimal() or len(word) > 1}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_is_complete_by_itself(name: str) -> None:
    message = read(composed(name))
    text = text_of(message)
    reader = well_formed(page_of(message))
    alts = [attrs["alt"] or "" for tag, attrs in reader.tags if tag == "img"]
    on_page = words_of(" ".join(reader.text[1:] + alts))  # but for the title, which is the subject
    assert on_page <= words_of(text)
    lines = text.splitlines()
    assert max(len(line) for line in lines if not line.startswith("mailto:")) <= 72
    assert all(ord(character) >= 32 or character == "\n" for character in text)


def test_both_weeks_are_side_by_side_in_the_text() -> None:
    text = text_of(read(of_week()))
    for row in rows(WEEK):
        assert row.name in text
        assert " ".join(row.this.split()[:3]) in text


def test_no_public_address_and_no_open_port_is_in_a_mail_unless_wanted() -> None:
    opened = replace(
        ALARM,
        code="exposure.dangerous_open",
        summary=f"Open to everybody: MariaDB (3306) at {PUBLIC}",
        advice="Close port 3306 on the router",
        say="Close port 3306",
    )
    stale = replace(
        ALARM,
        code="ddns.stale",
        summary=f"The name leads to {OLD}, not {PUBLIC}",
        advice=f"Set {PUBLIC}",
        say=f"It is {PUBLIC}",
    )
    made = {
        "week": of_week(),
        "alarm": mail.notice([opened, stale], envelope=ENVELOPE),
        "over": mail.notice([replace(opened, kind=MailKind.RECOVERY, until=NOW)], envelope=ENVELOPE),
    }
    for each in made.values():
        message = read(each)
        for shown in (text_of(message), page_of(message), each.subject):
            assert not any(secret in shown for secret in (PUBLIC, OLD, "3306"))
    assert NOT_NAMED in " ".join(text_of(read(made["alarm"])).split())
    assert composed("alarms").subject == f"[emrnetcheck] {SITE}: ALARM - upload too slow, and 1 more"
    assert made["alarm"].subject == f"[emrnetcheck] {SITE}: ALARM - a door is open that must be shut, and 1 more"
    open_alarm = text_of(read(mail.notice([opened], envelope=replace(ENVELOPE, with_addresses=True))))
    assert PUBLIC in open_alarm
    assert "3306" in open_alarm
    assert PUBLIC in text_of(read(of_week(envelope=replace(ENVELOPE, with_addresses=True))))


def test_no_name_that_is_made_of_the_offices_address_is_in_a_mail() -> None:
    hex_name, named = "ip-cb007109.dyn.isp.net", "cpe-203-0-113-9.isp.net"
    own = Own(addresses=("203.0.113.9",), names=("emr.elmstreet.example",))
    said = f"emr.elmstreet.example leads to {hex_name} ({named})"
    notice_ = replace(ALARM, code="ddns.stale", summary=said, advice=f"Ask about {named}", say=f"I am {hex_name}")
    envelope = replace(ENVELOPE, own=own)
    standing = replace(CALM, unsent=Unsent(failed=1, why={"a@b.example": f"550 Hello {hex_name} [203.0.113.9]"}))
    told = heard(TWO_WEEKS[-1])
    told = replace(told, causes=(replace(told.causes[0], summary=said),))
    week = summarise(ROWS, ROWS, now=NOW, reports={TWO_WEEKS[-1].id: told})
    assert week.latest is not None
    for each in (mail.notice([notice_], envelope=envelope), of_week(week, envelope=envelope, standing=standing)):
        for shown in (text_of(read(each)), page_of(read(each)), each.subject):
            assert not [secret for secret in (hex_name, named, "203.0.113.9") if secret in shown]
        assert "emr.elmstreet.example leads to (a host name) ((a host name))" in " ".join(text_of(read(each)).split())
    of_row = f"ip-{ipaddress.ip_address(PUBLIC).packed.hex()}.isp.net"
    known = for_mail(replace(week, latest=replace(week.latest, headline=of_row)))
    assert known.latest is not None
    assert known.latest.headline == "(a host name)", "the week itself knows its addresses"


def test_what_is_attached_is_read_again_and_said() -> None:
    message = read(of_week(attached='{"verdict": "ready é"}\n'))
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == ATTACHED
    assert attachment.get_payload(decode=True) == '{"verdict": "ready é"}\n'.encode()
    assert "Attached: the whole report as JSON" in text_of(message)
    assert "ttached" not in text_of(read(of_week()))


def test_why_nothing_is_attached_is_said() -> None:
    assert "not attached: it could not be redacted." in text_of(
        read(of_week(why_not_attached="it could not be redacted"))
    )
    too_long = read(of_week(attached="é" * (MOST_ATTACHED_BYTES // 2 + 1)))
    assert not list(too_long.iter_attachments())
    assert f"not attached: {TOO_LONG}." in text_of(too_long)
    assert list(read(of_week(attached="x" * MOST_ATTACHED_BYTES)).iter_attachments())


def test_no_mail_is_too_long_whatever_is_put_into_it() -> None:
    pictures = [Picture(f"p{number}", "Large", "Words for it.", bytes(55_000), 520, 300) for number in range(2)]
    made = mail.weekly(WEEK, pictures, envelope=ENVELOPE, attached="x" * MOST_ATTACHED_BYTES)
    message = read(made)
    assert len(made.message) <= MOST_BYTES
    assert f"not attached: {NO_ROOM}." in text_of(message)
    assert len(pictures_of(message)) == 2, "the pictures go last"
    larger = mail.weekly(WEEK, pictures * 2, envelope=ENVELOPE)
    assert len(larger.message) <= MOST_BYTES
    assert pictures_of(read(larger)) == {}
    assert "<img" not in page_of(read(larger))
    assert "Large: Words for it." in text_of(read(larger)), "they are told in words, still"


class Styles(HTMLParser):
    """Which properties stand on the elements."""

    def __init__(self) -> None:
        super().__init__()
        self.properties: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        style = dict(attrs).get("style") or ""
        self.properties |= {each.partition(":")[0].strip() for each in style.split(";") if each.strip()}


KNOWN_EVERYWHERE = re.compile(
    r"(background-color|border(-(left|top|bottom))?(-(color|width|collapse))?|color|font-(family|size|weight)|line-height"
    r"|margin(-top)?|padding(-top)?|text-align|vertical-align|width|height|max-width|display|word-break|overflow-wrap)"
)
"""Those that Outlook's Word, Gmail and Apple Mail know, or pass over without harm (max-width, overflow-wrap)."""


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_needs_nothing_that_a_mail_program_takes_away(name: str) -> None:
    page = page_of(read(composed(name)))
    styles = Styles()
    styles.feed(page)
    assert {each for each in styles.properties if not KNOWN_EVERYWHERE.fullmatch(each)} == set()
    assert {"color", "background-color", "font-family", "padding"} <= styles.properties
    tags = {tag for tag, _ in well_formed(page).tags}
    assert not tags & {"script", "link", "iframe", "object", "form", "svg", "video", "input", "base", "picture", "dl"}
    assert re.findall(r"(?:https?:|//)[^\s\"<]*", page) == []
    assert "url(" not in page
    assert "@import" not in page
    assert len(page.encode()) < 102_000, "Gmail cuts a page behind that"


def test_the_largest_week_that_a_clinic_can_get_fits() -> None:
    from tests.bench_mail import worst

    made = worst()
    message = read(made)
    assert len(made.message) < MOST_BYTES * 0.8
    assert len(pictures_of(message)) == 2
    assert list(message.iter_attachments())
    assert PUBLIC not in text_of(message)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_mail_that_had_to_wait_can_say_so(name: str) -> None:
    made = composed(name)
    late = replace(made, message=marked_late(made.message, NOW, NOW + timedelta(days=3), UTC))
    message = read(late)
    assert text_of(message).startswith("Delayed: this mail was written on Thursday 26 November 2026 at 07:00")
    assert text_of(message).endswith(text_of(read(made)))
    page = page_of(message)
    assert page.index("Delayed: this mail") > page.index('role="main"'), "in the sheet, and not beside it"
    assert page.index("Delayed: this mail") < page.index("<h1")
    assert message["Message-ID"] == made.message_id
    assert message["Subject"] == made.subject
    assert pictures_of(message) == pictures_of(read(made))
    well_formed(page_of(message))
