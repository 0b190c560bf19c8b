"""An alarm says what was seen, what to do and what follows; its end says so; and the week tells how they all stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from emrnetcheck.model.mail import Unsent
from emrnetcheck.reports import mail
from emrnetcheck.reports.week import summarise
from tests.checks.builders import PUBLIC
from tests.reports.mail.samples import ALARM, CALM, ENVELOPE, OVER, SITE, composed, of_week, page_of, read, text_of
from tests.reports.week.rows import NOW, row


def test_an_alarm_says_what_was_seen_what_to_do_and_what_follows() -> None:
    alarm, alarms = (" ".join(text_of(read(composed(name))).split()) for name in ("alarm", "alarms"))
    assert alarm.startswith("ALARM: upload too slow. ")
    for said in (
        "Seen: since 26 Nov 2026, 06:30 UTC (still fine 25 Nov 2026, 07:00 UTC), at 2 of 3 looks.",
        "Call: your internet provider, this week.",
        'Say: "I need at least 5 Mbps of upload.',
        "Also: upload too slow for all at once, the EMR's log-in page: that only follows from it",
    ):
        assert said in alarm
    for said in (
        "at 2 of 3 looks. It came and went 3 times in the last days.",
        "Look: so much failed at once that the computer that measures may itself be the reason.",
        'Note: you had a mail about "the EMR\'s server is slow": it is the same trouble, now known better.',
        "No mail: if it comes again before 27 Nov 2026, 00:00 UTC, the weekly report tells it.",
    ):
        assert said in alarms
        assert said not in alarm
    flapping = mail.notice([replace(ALARM, flapping=True)], envelope=ENVELOPE)
    assert "at 2 of 3 looks. It comes and goes many times a day" in " ".join(text_of(read(flapping)).split())


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.2, "less than an hour"), (1, "about 1 hour"), (7, "about 7 hours"), (49, "about 2 days"), (-1, "less than")],
)
def test_how_long_it_was_is_told(hours: float, said: str) -> None:
    over = replace(OVER, since=NOW - timedelta(hours=hours), until=NOW)
    assert f"({said}" in " ".join(text_of(read(mail.notice([over], envelope=ENVELOPE))).split())


def test_how_long_it_was_is_what_the_two_times_say() -> None:
    over = replace(OVER, since=NOW - timedelta(minutes=59, seconds=57), until=NOW + timedelta(seconds=2))
    assert "from 26 Nov 2026, 06:00 UTC to 26 Nov 2026, 07:00 UTC (about 1 hour)." in " ".join(
        text_of(read(mail.notice([over], envelope=ENVELOPE))).split()
    )


def test_an_end_says_what_is_still_wrong() -> None:
    said = composed("well_again_in_part")
    assert said.subject.endswith(
        'WELL AGAIN IN PART - no longer "upload too slow", but still "the EMR does not answer", and 1 more'
    )
    text = " ".join(text_of(read(said)).split())
    assert text.startswith(
        'WELL AGAIN IN PART: no longer "upload too slow", but still "the EMR does not answer", and 1'
    )
    assert "Still wrong: the EMR does not answer, the EMR's name leads elsewhere." in text
    assert "Nothing has to be done" not in text
    assert "Nothing has to be done" in text_of(read(composed("well_again")))
    alarm = mail.notice([ALARM], envelope=ENVELOPE, still_open=[ALARM.code])
    assert alarm.subject == composed("alarm").subject, "an alarm names its own"


def test_a_good_verdict_that_an_alarm_has_overtaken_is_not_the_first_line() -> None:
    said = composed("weekly_alarm")
    assert said.subject.endswith("READY - but an alarm is open: the EMR does not answer")
    assert text_of(read(said)).startswith("READY to host the EMR, but an alarm is open: the EMR does not answer.\n")


def test_a_week_of_looks_without_a_load_says_what_is_missing_and_why() -> None:
    rows = tuple(row(each, whole=False, goodput_mbps=None) for each in range(3))
    text = " ".join(text_of(read(of_week(summarise(rows, (), now=NOW)))).split())
    assert "It was looked 3 times in this week, and each time something was left out. How fast the line is" in text
    assert "Do: A check that comes by itself loads the line only while the clinic is closed." in text
    assert "No data is neither good nor bad" not in text
    assert "No data is neither good nor bad" in text_of(read(composed("weekly_no_data")))


def test_an_alarm_of_an_open_door_does_not_name_it() -> None:
    door = replace(ALARM, code="exposure.ssh_open", check="exposure", summary="SSH answers at port 22", follows=())
    said = mail.notice([door, replace(ALARM, incident_id="b")], envelope=ENVELOPE)
    for told in (said.subject, text_of(read(said)), page_of(read(said))):
        assert "ssh" not in told.lower()
        assert "port 22" not in told
    assert "explain upload.below_minimum" in text_of(read(said))
    told = text_of(read(mail.notice([door], envelope=replace(ENVELOPE, with_addresses=True))))
    assert "explain exposure.ssh_open" in told


def test_times_are_by_the_clock_of_the_clinic() -> None:
    here = replace(ENVELOPE, zone=ZoneInfo("America/Vancouver"))
    message = read(mail.notice([ALARM], envelope=here))
    assert "Seen: since 25 Nov 2026, 22:30 PST" in text_of(message)
    assert message["Date"] == "Wed, 25 Nov 2026 23:00:00 -0800"
    assert of_week(envelope=here).key.endswith(":2026-11-25")


def test_a_servers_words_on_a_mail_that_failed_name_no_address_of_the_clinic() -> None:
    why = {"a@b.example": f"550 blocked using a list, [{PUBLIC}]"}
    text = text_of(read(of_week(standing=replace(CALM, unsent=Unsent(failed=1, why=why)))))
    assert "To a@b.example: 550 blocked using a list, [(an address)]." in text
    assert PUBLIC not in text
    text = text_of(read(of_week(standing=replace(CALM, unsent=Unsent(waiting=3, tried=2, why=why)))))
    assert "2 mails could not be sent yet, and will be tried again.\nTo a@b.example: 550" in text
    assert "MAILS" not in text_of(read(of_week(standing=replace(CALM, unsent=Unsent(waiting=1))))), "this may be it"


def test_how_the_alarms_stand_is_told() -> None:
    text = " ".join(text_of(read(composed("weekly"))).split())
    for said in (
        "Open: Upload too slow (since 24 Nov 2026, 07:00 UTC).",
        "Over: The EMR's name leads elsewhere (since 24 Nov 2026, 07:00 UTC until 25 Nov 2026, 07:00 UTC).",
        "until 25 Nov 2026, 01:00 UTC, without a mail of its own).",
        "until 25 Nov 2026, 11:00 UTC, accepted by somebody).",
        "Suspect: The EMR's server is slow, seen too few times to be sure.",
        "No mail for 1 alarm: too soon after another, or mail was not set up.",
        "Came, and was gone at the next look: the office's name look-up is dead, the EMR answers with an error.",
        "2 findings raised none, because somebody accepted what was found.",
    ):
        assert said in text
    assert "ALARMS" not in text_of(read(of_week())), "nobody looked"
    assert "None is open." in text_of(read(composed("weekly_good")))
    assert "on another network than the clinic's" in " ".join(text_of(read(composed("weekly_no_data"))).split())
    many = mail.Standing(alarms=(mail.OpenAlarm("emr.error", NOW),) * 13)
    assert "Open: 3 more." in text_of(read(of_week(standing=many)))


def test_a_code_without_words_of_its_own_is_told_by_what_it_is_about() -> None:
    made = mail.notice([replace(ALARM, code="router.slow")], envelope=ENVELOPE)
    assert made.subject == f"[emrnetcheck] {SITE}: ALARM - trouble with the router"
