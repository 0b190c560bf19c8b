"""What setup says is as plain as the first page of a report."""

from __future__ import annotations

import pytest

from emrnetcheck.cli.setup.mail_questions import SMTP_HOST
from emrnetcheck.cli.setup.question import Question
from emrnetcheck.cli.setup.questions import QUESTIONS
from emrnetcheck.cli.setup.words import asked_anyway, beforehand, found_out, greeting, mail_steps
from emrnetcheck.mailing import PROVIDERS, Provider
from emrnetcheck.model import Site
from emrnetcheck.model.mail import MailServer
from emrnetcheck.model.mail_settings import MailSettings
from emrnetcheck.probes.surroundings import KeptName, Surroundings
from emrnetcheck.reports.wording import sentence
from tests.readability import grade, sentences, words_in
from tests.test_readability import MOST_GRADE, MOST_WORDS

AROUND = Surroundings(
    address="192.168.1.10",
    interface="eth0",
    gateway="192.168.1.1",
    vpn=True,
    listening=(443,),
    names=(KeptName("emr.dyn.example.org", "ddclient"),),
    unread=("inadyn",),
    peers=("192.168.1.20",),
)


def said(question: Question) -> list[str]:
    choices = [text for _, text in question.choices]
    before = [line for line in beforehand(question.key, Site(), AROUND, {}) if asked_anyway(Site())[0] not in line]
    return [sentence(each) for each in (*before, question.ask, *choices, question.explain, question.comment)]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.flag)
def test_no_sentence_is_long(question: Question) -> None:
    long = [each for text in said(question) for each in sentences(text) if words_in(each) > MOST_WORDS]
    assert long == []


def test_the_whole_of_it_is_understood_in_the_eighth_year_of_school() -> None:
    texts = [text for question in QUESTIONS for text in said(question)]
    texts += [sentence(line) for line in (*greeting(is_new=False), *found_out(AROUND)) if line]
    assert grade(" ".join(texts)) <= MOST_GRADE


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.id)
def test_what_is_left_to_do_for_the_mails_is_in_short_sentences(provider: Provider) -> None:
    server = MailServer(provider.host, provider.port, provider.security, "office@elm.example", "elm.example")
    mail = MailSettings(server, "office@elm.example", ("doctor@elm.example",), "keyring")
    steps = list(mail_steps(mail, [SMTP_HOST]))
    assert provider.how in steps[0][1]
    for _, what in steps:
        assert [each for each in sentences(what) if words_in(each) > MOST_WORDS] == []


def test_everybody_who_is_asked_anyway_is_named() -> None:
    site = Site(stun=("stun.own.example:3478",), whoami=("a@ns.own.example",), dns_over_https=("https://doh.own/q",))
    named = asked_anyway(site)
    assert {"stun.own.example", "ns.own.example", "doh.own", "1.1.1.1", "api.ipify.org"} <= set(named)
    (line,) = [each for each in beforehand(("upload", "servers"), site, AROUND, {}) if "doh.own" in each]
    assert all(host in line for host in named)


def test_a_service_of_ones_own_is_named_without_its_pin() -> None:
    own = Site(outside_services=("responder+https://203.0.113.9:8444#sha256=" + "ab" * 32,))
    text = " ".join(beforehand(("outside", "consent"), own, AROUND, {}))
    assert "responder+https://203.0.113.9:8444." in text
    assert "Globalping" not in text
