"""Does each reply of a mail server that was seen somewhere, or that an RFC has, mean to a person what it should?"""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.mailing import (
    PROVIDERS,
    RULES,
    Fate,
    Rule,
    meaning_of,
    provider_of,
    provider_of_mailbox,
    takes_no_password,
)
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.model.mail import MailServer, Outcome, Reply, Security

OWN, GMAIL, M365 = "mail.clinic.example", "smtp.gmail.com", "smtp.office365.com"
SENDER = "reports@clinic.example"


def server(host: str = OWN, port: int = 587) -> MailServer:
    return MailServer(host, port, Security.STARTTLS, "office@clinic.example", "clinic.example")


def meant(reply: Reply, host: str = OWN, port: int = 587) -> str:
    return meaning_of(reply, server(host, port), sender=SENDER, fate=Fate.WAITS).id


def said(code: int, text: str, stage: str) -> Reply:
    return Reply(Outcome.REFUSED if code >= 500 else Outcome.DEFERRED, code, text, stage)


FILE = Path(__file__).with_name("replies.txt")
SEEN = [line.split(" | ") for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(("rule", "host", "stage", "reply"), SEEN, ids=[f"{s[0]}-{s[3][:3]}" for s in SEEN])
def test_what_servers_say(rule: str, host: str, stage: str, reply: str) -> None:
    code, _, text = reply.partition(" ")
    assert meant(said(int(code), text, stage), host) == rule


def failed(kind: FailureKind, stage: str, detail: str = "", *, outcome: Outcome = Outcome.DEFERRED) -> Reply:
    return Reply(outcome, None, "", stage, Failure(kind, stage, "mail.clinic.example:587", detail))


NO = Outcome.REFUSED
FAILED = [
    (failed(FailureKind.NAME_NOT_FOUND, "connect"), "connect.no_such_name"),
    (failed(FailureKind.NAME_NO_ADDRESS, "connect"), "connect.no_such_name"),
    (failed(FailureKind.NAME_TIMEOUT, "connect"), "connect.no_name_server"),
    (failed(FailureKind.NAME_SERVER_FAILED, "connect"), "connect.no_name_server"),
    (failed(FailureKind.REFUSED, "connect"), "connect.nothing_listens"),
    (failed(FailureKind.TIMEOUT, "connect"), "connect.unreachable"),
    (failed(FailureKind.HOST_UNREACHABLE, "connect"), "connect.unreachable"),
    (failed(FailureKind.NO_ROUTE, "connect"), "connect.unreachable"),
    (failed(FailureKind.RESET, "connect"), "connect.cut"),
    (failed(FailureKind.MALFORMED, "connect", "no reply of a mail server: SSH-2.0"), "connect.no_mail_server"),
    (failed(FailureKind.NOT_CONFIGURED, "connect", "this computer only", outcome=NO), "connect.not_here"),
    (failed(FailureKind.NOT_TLS, "tls", "the server offers no STARTTLS"), "tls.stripped"),
    (failed(FailureKind.TLS_PROTOCOL, "tls", "the answer is no TLS"), "tls.not_at_once"),
    (failed(FailureKind.TLS_PROTOCOL, "tls", "no common TLS version"), "tls.too_old"),
    (failed(FailureKind.TLS_EXPIRED, "tls"), "tls.expired"),
    (failed(FailureKind.TLS_NAME_MISMATCH, "tls"), "tls.other_name"),
    (failed(FailureKind.TLS_UNTRUSTED, "tls", "self-signed certificate"), "tls.untrusted"),
    (failed(FailureKind.TLS_PROTOCOL, "tls", "no certificate or crl found"), "tls.ca_file"),
    (failed(FailureKind.OTHER, "tls", "No such file or directory"), "tls.ca_file"),
    (failed(FailureKind.RESET, "tls"), "tls.not_now"),
    (failed(FailureKind.TIMEOUT, "tls"), "tls.not_now"),
    (
        failed(FailureKind.NOT_CONFIGURED, "auth", "a connection that is not encrypted", outcome=NO),
        "auth.not_over_plain",
    ),
    (failed(FailureKind.NOT_CONFIGURED, "auth", "there is no password", outcome=NO), "auth.no_password"),
    (failed(FailureKind.NOT_CONFIGURED, "auth", "it cannot be read: x", outcome=NO), "auth.password_unreadable"),
    (failed(FailureKind.UNSUPPORTED, "auth", "it offers: NTLM", outcome=NO), "auth.no_common_way"),
    (failed(FailureKind.RESET, "auth"), "auth.not_now"),
    (failed(FailureKind.UNSUPPORTED, "from", "the mail needs 8BITMIME", outcome=NO), "letter.cannot_be_told"),
    (failed(FailureKind.RESET, "data"), "letter.cut"),
    (failed(FailureKind.TIMEOUT, "to"), "letter.cut"),
    (failed(FailureKind.RESET, "end", outcome=Outcome.UNCONFIRMED), "letter.unconfirmed"),
]


@pytest.mark.parametrize(("reply", "rule"), FAILED, ids=[f"{case[1]}-{number}" for number, case in enumerate(FAILED)])
def test_what_goes_wrong_without_a_word(reply: Reply, rule: str) -> None:
    assert meant(reply) == rule


def test_port_25_has_words_of_its_own() -> None:
    assert meant(failed(FailureKind.TIMEOUT, "connect"), port=25) == "connect.port_25"


def test_a_mail_that_was_taken() -> None:
    found = meaning_of(Reply(Outcome.SENT, 250, "Ok", "end"), server(), sender=SENDER, fate=Fate.WAITS)
    assert found.id == "sent"
    assert "spam" in found.do


@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize(
    "reply",
    [
        said(550, "5.4.5 Daily user sending limit exceeded.", "end"),
        said(451, "4.7.1 Greylisted", "to"),
        failed(FailureKind.RESET, "end", outcome=Outcome.UNCONFIRMED),
    ],
    ids=["too many", "greylisted", "unconfirmed"],
)
def test_only_of_a_mail_that_waits_is_said_that_it_goes_again(fate: Fate, reply: Reply) -> None:
    do = meaning_of(reply, server(GMAIL), sender=SENDER, fate=fate).do
    assert ("is tried again" in do or "is sent once more" in do) is (fate is Fate.WAITS)
    assert ("does not go again by itself" in do) is (fate is Fate.GIVEN_UP)


def test_every_rule_is_met_by_some_case() -> None:
    met = {case[0] for case in SEEN} | {rule for _, rule in FAILED} | {"connect.port_25"}
    assert {rule.id for rule in RULES} == met


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_can_be_read_and_has_a_source(rule: Rule) -> None:
    assert rule.source
    for sentence in (rule.what, rule.do):
        assert sentence.endswith((".", "{how}", "{later}", "{twice}"))
        holes = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert holes <= {"host", "port", "sender", "provider", "how", "later", "twice", "command"}
        words = max(len(part.split()) for part in re.split(r"[.:;]\s", sentence))
        assert words <= 32, sentence
    assert len(rule.what) <= 200


def test_ids_are_each_others_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


TEXTS = st.one_of(st.just(""), st.text(max_size=200), st.sampled_from([case[3][4:] for case in SEEN]))


@given(
    outcome=st.sampled_from(Outcome),
    code=st.one_of(st.none(), st.integers(400, 599)),
    text=TEXTS,
    stage=st.sampled_from(["connect", "tls", "auth", "from", "to", "data", "end"]),
    kind=st.one_of(st.none(), st.sampled_from(FailureKind)),
    host=st.sampled_from([OWN, GMAIL, M365, "{host}", "smtp.{x}.example"]),
)
def test_whatever_comes_means_something(
    outcome: Outcome, code: int | None, text: str, stage: str, kind: FailureKind | None, host: str
) -> None:
    failure = None if kind is None else Failure(kind, stage, host, text[:100])
    found = meaning_of(Reply(outcome, code, text, stage, failure), server(host), sender=SENDER, fate=Fate.WAITS)
    assert found.what
    assert found.do
    if outcome in (Outcome.SENT, Outcome.UNCONFIRMED) and stage == "end":
        assert (found.id == "sent") == (outcome is Outcome.SENT)


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("smtp.gmail.com", "google"),
        ("SMTP.GMAIL.COM.", "google"),
        ("smtp-relay.gmail.com", "google"),
        ("notgmail.com", None),
        ("gmail.com.evil.example", None),
        ("clinic-example.mail.protection.outlook.com", "microsoft"),
        ("me.com", "apple"),
        ("home.example", None),
    ],
)
def test_whose_server_it_is(host: str, provider: str | None) -> None:
    found = provider_of(host)
    assert (found.id if found else None) == provider


@pytest.mark.parametrize(
    ("address", "provider", "shut"),
    [
        ("office@gmail.com", "google", False),
        ("office@GMAIL.com", "google", False),
        ("elm.ca@yahoo.ca", "yahoo", False),
        ("office@clinic.onmicrosoft.com", "microsoft", False),
        ("office@hotmail.com", "microsoft", True),
        ("gmail.com@elm.example", None, False),
        ("office@notgmail.com", None, False),
        ("office@home.example", None, False),
    ],
)
def test_whose_mailbox_it_is(address: str, provider: str | None, *, shut: bool) -> None:
    found = provider_of_mailbox(address)
    assert (found.id if found else None) == provider
    assert takes_no_password(address) is shut


def test_each_provider_knows_its_own_server_and_port() -> None:
    for each in PROVIDERS:
        assert provider_of(each.host) is each
        assert (each.port == 465) == (each.security is Security.TLS)
        assert each.source
