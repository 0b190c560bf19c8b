"""From a fault in the clinic to the letter box, with nothing in between that is not the real one, but the clock."""

from __future__ import annotations

import email
import email.policy
import os
from email.message import EmailMessage
from typing import Any

import pytest

from tests.lab.conftest import Trial
from tests.lab.trial_alarm import ELSEWHERE, SITE

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(620),
    pytest.mark.skipif(
        os.geteuid() != 0, reason="Postfix becomes other users, which in a user namespace there are none"
    ),
]


def test_a_fault_is_in_the_letter_box_after_two_looks_and_its_end_after_two(trial: Trial) -> None:
    facts = trial("alarmed", timeout_s=600.0)
    assert (arrived(facts, "well"), said(facts, "well")) == ([0], "")
    assert arrived(facts, "broken") == [0, 1, 1], "nothing more while it lasts"
    assert arrived(facts, "mended") == [1, 2]
    assert [each["arrived"] for each in facts["said"]][-2:] == [2, 3]
    alarm, recovery, weekly = mails(facts)
    assert alarm["Subject"] == f"[emrnetcheck] {SITE}: ALARM - nobody outside gets in"
    assert first_line(alarm) == "ALARM: nobody outside gets in."
    assert "emrnetcheck explain port.not_forwarded" in text_of(alarm)
    assert "References" not in alarm
    assert recovery["Subject"] == f'[emrnetcheck] {SITE}: WELL AGAIN - no longer "nobody outside gets in"'
    assert first_line(recovery) == 'WELL AGAIN: no longer "nobody outside gets in".'
    assert recovery["In-Reply-To"] == recovery["References"] == alarm["Message-ID"]
    assert weekly["References"] not in (None, alarm["Message-ID"])
    assert "Over: Nobody outside gets in" in " ".join(text_of(weekly).split())
    heads_are_right(facts)


def test_a_fault_from_before_mail_was_set_up_is_in_the_letter_box_once(trial: Trial) -> None:
    facts = trial("alarmed_late", timeout_s=600.0)
    assert arrived(facts, "nobody told") == [0, 0]
    assert said(facts, "nobody told").count("ALARM: ") == 1, "in the log, for who reads it"
    assert arrived(facts, "broken") == [1, 1]
    assert arrived(facts, "mended") == [1, 2]
    alarm, recovery = mails(facts)
    assert alarm["Subject"] == f"[emrnetcheck] {SITE}: ALARM - the EMR's name leads elsewhere"
    assert first_line(alarm) == "ALARM: the EMR's name leads elsewhere."
    assert "emrnetcheck explain ddns.stale" in text_of(alarm)
    assert recovery["In-Reply-To"] == recovery["References"] == alarm["Message-ID"]
    heads_are_right(facts)


def arrived(facts: dict[str, Any], when: str) -> list[int]:
    """How many mails there were after each look of that time; in between cron starts us, and nothing is looked at."""
    return [each["arrived"] for each in facts["said"] if each["when"] == when and each["measured"]]


def said(facts: dict[str, Any], when: str) -> str:
    return "".join(each["said"] for each in facts["said"] if each["when"] == when)


def mails(facts: dict[str, Any]) -> list[EmailMessage]:
    return [email.message_from_string(text, policy=email.policy.default) for text in facts["mails"]]


def heads_are_right(facts: dict[str, Any]) -> None:
    """Of all of them; and no public address is in any, in the text or the page."""
    found = mails(facts)
    assert len({each["Message-ID"] for each in found}) == len(found)
    for each in found:
        assert each["From"] == "emrnetcheck <reports@clinic.example>"
        assert each["To"] == "doctor@clinic.example"
        assert each["Auto-Submitted"] == "auto-generated"
        assert each["Message-ID"].endswith("@clinic.example>")
        assert str(each["Received"]).startswith("from clinic.example ")
        for part in (text_of(each), text_of(each, "html")):
            assert facts["public"] not in part
            assert ELSEWHERE not in part


def first_line(mail: EmailMessage) -> str:
    return text_of(mail).splitlines()[0]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())
