"""The head of a mail: it names what it has to and no more, one mail has one number, and nothing gets into it."""

from __future__ import annotations

import platform
import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from emrnetcheck.model.alerts import Posted
from emrnetcheck.model.mail import MailKind
from emrnetcheck.reports import mail
from tests.reports.mail.samples import DEAD, ENVELOPE, OVER, SAMPLES, SITE, composed, of_week, page_of, read, text_of
from tests.reports.week.rows import NOW

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_head_has_what_it_needs_and_nothing_else(name: str) -> None:
    made = composed(name)
    message = read(made)
    more = {"References", "In-Reply-To", "List-Unsubscribe", "MIME-Version", "Content-Type"}
    assert [each for each in message.keys() if each not in more] == HEADERS  # noqa: SIM118 - with those there twice
    assert message["Message-ID"] == made.message_id
    assert made.message_id.endswith("@elmstreet.example>")
    assert message["Subject"] == made.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].addr_spec == made.sender == "emr@elmstreet.example"
    assert tuple(each.addr_spec for each in message["To"].addresses) == made.recipients == ENVELOPE.to
    assert message["Date"].datetime == NOW
    assert (made.site, made.composed_at) == (SITE, NOW)


def test_this_computer_is_not_asked_for_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> str:
        pytest.fail("asked for the name of this computer")

    for module, name in ((socket, "gethostname"), (socket, "getfqdn"), (platform, "node"), (platform, "uname")):
        monkeypatch.setattr(module, name, asked)
    for name in SAMPLES:
        composed(name)


def test_keys_tell_mails_apart_and_so_do_their_message_ids() -> None:
    made = [
        composed(name)
        for name in SAMPLES
        if name not in ("weekly_good", "weekly_no_data", "weekly_alarm", "well_again_in_part")
    ]
    assert [each.key for each in made] == [
        f"weekly:{SITE}:2026-11-26",
        "alert:7f3a",
        "alert:7f3a+91c0+7f3a",
        "recovery:7f3a",
        f"test:{SITE}:2026-11-26T07:00:00.000000+00:00",
    ]
    assert len({each.message_id for each in made}) == len(made)
    assert [each.kind for each in made] == [
        MailKind.WEEKLY,
        MailKind.ALERT,
        MailKind.ALERT,
        MailKind.RECOVERY,
        MailKind.TEST,
    ]


def test_a_mail_that_is_composed_again_is_the_same_mail() -> None:
    first = of_week()
    again = of_week(envelope=replace(ENVELOPE, now=NOW + timedelta(days=2)), due=NOW.date())
    assert (again.key, again.message_id, again.subject) == (first.key, first.message_id, first.subject)
    assert read(again)["Date"].datetime == NOW + timedelta(days=2)


def test_two_clinics_of_one_name_have_mails_of_their_own() -> None:
    one, other = (of_week(envelope=replace(ENVELOPE, origin=each)) for each in ("a", "b"))
    assert one.message_id != other.message_id
    assert read(one)["References"] != read(other)["References"]


def test_weeks_are_one_thread_and_a_recovery_follows_its_alarm() -> None:
    later = of_week(envelope=replace(ENVELOPE, now=NOW + timedelta(days=7)))
    first = of_week()
    assert later.message_id != first.message_id
    assert read(later)["References"] == read(first)["References"]
    assert "In-Reply-To" not in read(first)
    alarm, over = composed("alarm"), read(composed("well_again"))
    assert over["In-Reply-To"] == over["References"] == alarm.message_id
    assert "References" not in read(alarm)


def test_what_follows_several_mails_answers_the_latest_and_refers_to_all() -> None:
    first, second = (
        Posted(NOW - timedelta(hours=9), "<first@a.example>"),
        Posted(NOW - timedelta(hours=3), "<2@a.example>"),
    )
    one, other = replace(OVER, mails=(second,)), replace(OVER, incident_id="91c0", mails=(first,))
    for notices in ([one, other], [other, one], [replace(DEAD, mails=(first, second))]):
        message = read(mail.notice(notices, envelope=ENVELOPE))
        assert message["In-Reply-To"] == "<2@a.example>"
        assert message["References"].split() == ["<first@a.example>", "<2@a.example>"]
    nothing = read(mail.notice([replace(OVER, mails=())], envelope=ENVELOPE))
    assert "References" not in nothing
    assert "In-Reply-To" not in nothing


def test_many_mails_before_make_no_line_that_is_too_long() -> None:
    before = tuple(Posted(NOW - timedelta(hours=each), f"<{each}@{'a' * 60}.example>") for each in range(99, 0, -1))
    made = mail.notice([replace(OVER, mails=before)], envelope=ENVELOPE)
    assert max(map(len, made.message.split(b"\r\n"))) <= 998
    references = read(made)["References"].split()
    assert references == [each.message_id for each in before[-20:]]


@pytest.mark.parametrize(
    ("wanted", "header", "one_click"),
    [
        ("mailto:help@it.example?subject=stop", "<mailto:help@it.example?subject=stop>", None),
        ("https://it.example/stop?id=3", "<https://it.example/stop?id=3>", "List-Unsubscribe=One-Click"),
        (None, None, None),
    ],
)
def test_how_to_end_it_is_told(wanted: str | None, header: str | None, one_click: str | None) -> None:
    message = read(mail.test(replace(ENVELOPE, unsubscribe=wanted)))
    assert message["List-Unsubscribe"] == header
    assert message["List-Unsubscribe-Post"] == one_click
    text, page = text_of(message), page_of(message)
    if wanted is None:
        assert "ask whoever looks after that computer" in " ".join(text.split())
    else:
        assert f"\n{wanted}\n" in text
        assert f'href="{wanted}"' in page


@pytest.mark.parametrize(
    "wanted",
    ["http://it.example/", "javascript:alert(1)", "https://a b", "https://x>\r\nBcc: a@b.example", "mailto:", ""],
)
def test_what_cannot_end_it_is_refused_in_words(wanted: str) -> None:
    with pytest.raises(ValueError, match="begins with https:// or mailto:"):
        mail.test(replace(ENVELOPE, unsubscribe=wanted))


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (" dr.lee@elm.example ", "dr.lee@elm.example"),
        ("a+b@mail.elm.example", "a+b@mail.elm.example"),
        ("dr@clínica.example", "dr@xn--clnica-4va.example"),
    ],
)
def test_addresses_are_written_as_every_server_takes_them(given: str, written: str) -> None:
    made = mail.test(replace(ENVELOPE, sender=given, to=(given,)))
    assert (made.sender, made.recipients) == (written, (written,))
    assert made.message_id.endswith(f"@{written.partition('@')[2]}>")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nobody",
        "a@",
        "@b.example",
        "a@b..example",
        "a b@c.example",
        "a@b.example\r\nBcc: x@y.example",
        "Dr Lee <a@b.example>",
        "a@b.example, c@d.example",
        "doktör@elm.example",
        f"{'a' * 250}@b.example",
        f"a@{'b' * 64}.example",
    ],
)
def test_what_is_no_address_is_refused_in_words(given: str) -> None:
    for envelope in (replace(ENVELOPE, sender=given), replace(ENVELOPE, to=("a@b.example", given))):
        with pytest.raises(ValueError, match="is no mail address"):
            mail.test(envelope)
    with pytest.raises(ValueError, match="nobody to write to"):
        mail.test(replace(ENVELOPE, to=()))


def test_many_long_addresses_are_all_read_again() -> None:
    to = tuple(f"{'x' * 60}{number}@{'y' * 60}.{'z' * 60}.{'w' * 40}.example" for number in range(30))
    made = mail.test(replace(ENVELOPE, to=to, sender=to[0]))
    message = read(made)
    assert tuple(each.addr_spec for each in message["To"].addresses) == to
    assert message["Message-ID"] == made.message_id
    assert max(map(len, made.message.split(b"\r\n"))) <= 998
