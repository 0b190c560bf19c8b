"""Postfix with Dovecot in the lab's Internet: does the clinic's mail arrive, and is each refusal told as what it is?"""

from __future__ import annotations

import email
import email.policy
import os
import re

import pytest

from tests.lab.conftest import Trial
from tests.lab.internet.mail import PASSWORD, USER

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        os.geteuid() != 0, reason="Postfix becomes other users, which in a user namespace there are none"
    ),
]

TOLD = {
    "starttls": (0, "SENT smtp.example.org has taken the mail."),
    "tls": (0, "SENT smtp.example.org has taken the mail."),
    "cram_md5": (0, f"{USER}, by CRAM-MD5: 235"),
    "other_certificate": (1, "has a certificate for another name, so nothing was sent."),
    "expired": (1, "has expired, so nothing was sent."),
    "own_authorities": (1, "nobody whom this computer trusts vouches for its certificate. Nothing was sent."),
    "stripped": (1, "offers no encryption at port 3587, so neither the password nor the mail was sent."),
    "greylisting": (1, "does not know this sender yet and asks to come back in some minutes."),
    "wrong_password": (1, "does not take this user name with this password."),
    "no_password": (1, "takes mail from reports@clinic.example only from somebody who has logged in."),
    "another_sender": (1, "lets this account not send as boss@clinic.example."),
    "nobody": (1, "The recipient's address does not exist."),
    "deferred": (1, "WAITS 1. [emrnetcheck] Elm Street Clinic"),
    "later": (0, "SENT 1. [emrnetcheck] Elm Street Clinic"),
}


def test_mail_from_the_clinic_to_a_real_server(trial: Trial) -> None:
    facts = trial("mailed", timeout_s=280.0)
    tried = facts["tried"]
    for name, (status, told) in TOLD.items():
        said = " ".join(tried[name]["said"].split())
        assert (tried[name]["status"], told in said) == (status, True), (name, tried[name]["said"])
        assert PASSWORD not in said
    # What the server saw: only those mails, from a name that is not the computer's, each log-in once.
    arrived = [email.message_from_string(text, policy=email.policy.default) for text in facts["arrived"]]
    assert len(arrived) == 3
    assert len({mail["Message-ID"] for mail in arrived}) == 3
    for mail in arrived:
        assert mail["To"] == "doctor@clinic.example"
        assert str(mail["Received"]).startswith("from clinic.example ")
        assert "with ESMTPSA" in str(mail["Received"])
    assert len(facts["arrived_later"]) == 1
    assert "tried once" in " ".join(facts["waiting"].split())
    log = facts["log"]
    assert len(re.findall(r"SASL \S+ authentication failed", log)) == 1
    assert not re.search(r"helo=<(?!clinic\.example>)", log)
    assert PASSWORD not in log
